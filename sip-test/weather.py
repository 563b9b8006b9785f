"""A bad wire between two peers: UDP packets get lost, doubled, late and out of order, by a seed.

    caller ──▶ front │ one socket per client ──▶ target      and the same way back

A packet that is late overtakes nobody and is overtaken by all that come after
it, which is how packets change their order on a real wire.
"""

import heapq
import itertools
import random
import selectors
import socket
import threading
import time

LATE_S = 0.12


class Relay:
    """Carries packets between whoever writes to it and `target`, badly."""

    def __init__(self, host, target, *, seed, lost=0, doubled=0, late=0, port=0):
        """`lost`, `doubled` and `late` are per cent of the packets of each direction."""
        self.target, self.lost, self.doubled, self.late = target, lost, doubled, late
        self.host, self.chance = host, random.Random(seed)
        self.counts = {"carried": 0, "lost": 0, "doubled": 0, "late": 0}
        self.front = self._socket(port)
        self.port = self.front.getsockname()[1]
        # Who wrote from where, and the socket that stands for them before the target.
        self.towards_target, self.client_of = {}, {}
        self.waiting, self.order = [], itertools.count()
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.front, selectors.EVENT_READ)
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self._carry, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()
        for peer in (self.front, *self.towards_target.values()):
            peer.close()

    def _socket(self, port=0):
        new = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        new.bind((self.host, port))
        new.setblocking(False)
        return new

    def _carry(self):
        while not self.ends.is_set():
            due_in = self.waiting[0][0] - time.monotonic() if self.waiting else 0.1
            for key, _ in self.selector.select(min(max(due_in, 0), 0.1)):
                self._read(key.fileobj)
            while self.waiting and self.waiting[0][0] <= time.monotonic():
                _, _, by, data, to = heapq.heappop(self.waiting)
                try:
                    by.sendto(data, to)
                except OSError:
                    pass  # Nobody there: lost, as on a wire.

    def _read(self, peer):
        while True:
            try:
                data, sender = peer.recvfrom(65_535)
            except BlockingIOError:
                return
            except OSError:
                continue  # An ICMP error of an earlier packet.
            if peer is self.front:
                self._throw(self._for_client(sender), data, self.target)
            else:
                self._throw(self.front, data, self.client_of[peer])

    def _for_client(self, sender):
        if sender not in self.towards_target:
            new = self._socket()
            self.selector.register(new, selectors.EVENT_READ)
            self.towards_target[sender], self.client_of[new] = new, sender
        return self.towards_target[sender]

    def _throw(self, by, data, to):
        if self._happens(self.lost, "lost"):
            return
        copies = 2 if self._happens(self.doubled, "doubled") else 1
        for _ in range(copies):
            delay = LATE_S * self.chance.random() if self._happens(self.late, "late") else 0
            heapq.heappush(self.waiting, (time.monotonic() + delay, next(self.order), by, data, to))
            self.counts["carried"] += 1

    def _happens(self, percent, what):
        happens = self.chance.random() * 100 < percent
        self.counts[what] += happens
        return happens
