"""A name server on loopback that knows what a test tells it: addresses and servers."""

import contextlib
import socket
import struct
import threading

A, SRV, TTL_S = 1, 33, 3600


class NameServer:
    """`records`: names with an address, or with (priority, weight, port, target)."""

    def __init__(self, host, port, records):
        self.records, self.asked = {name.lower(): found for name, found in records.items()}, []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                question, sender = self.socket.recvfrom(4096)
                self.socket.sendto(self._answer(question), sender)

    def _answer(self, question):
        labels, place = [], 12
        while question[place]:
            labels.append(question[place + 1:place + 1 + question[place]].decode())
            place += 1 + question[place]
        kind, = struct.unpack(">H", question[place + 1:place + 3])
        name = ".".join(labels).lower()
        self.asked.append((name, kind))
        found = self.records.get(name)
        data = b""
        if isinstance(found, str) and kind == A:
            data = socket.inet_aton(found)
        if isinstance(found, tuple) and kind == SRV:
            data = struct.pack(">HHH", *found[:3]) + encoded(found[3])
        # Of a name that is known by another kind there is nothing, of any other no such name.
        flags, count = (0x8180 if found else 0x8183), 1 if data else 0
        answer = b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, TTL_S, len(data)) + data if data else b""
        return question[:2] + struct.pack(">HHHHH", flags, 1, count, 0, 0) + question[12:place + 5] + answer


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"
