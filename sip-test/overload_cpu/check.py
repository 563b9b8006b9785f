"""A flood of OPTIONS keeps the gateway busy: new calls hear when to come back, the one that is up goes on."""

import contextlib
import socket
import threading
import time

from gateway import CALLER_HOST, Failure
from held import ends, held_call, still_talks
from party import Party

PATIENCE_S = 30


def check(gateway, line):
    with held_call(gateway, line) as (leg, ring), Party(CALLER_HOST, gateway.sip) as crowd:
        if (calm := knock(crowd, ring.party, line)) != 486:
            raise Failure(f"before the flood a call gets {calm}")
        with flood(gateway.sip):
            until(503, crowd, ring.party, line)
            still_talks(leg, ring)
        until(486, crowd, ring.party, line)
        still_talks(leg, ring)
        ends(leg, ring)


def until(status, crowd, shop, line):
    """Calls until one gets this status."""
    heard, deadline = [], time.monotonic() + PATIENCE_S
    while status not in heard:
        if time.monotonic() > deadline:
            raise Failure(f"no call gets {status}: {heard}")
        heard.append(knock(crowd, shop, line))
        time.sleep(0.5)


def knock(crowd, shop, line):
    """What one call gets; the line is busy."""
    call, answer, deadline = crowd.invite(line.number), None, time.monotonic() + PATIENCE_S
    while not answer:
        with contextlib.suppress(Failure):
            shop.answerer(shop.hear("INVITE", 0.1)).reply(486)
        with contextlib.suppress(Failure):
            answer = call.hear((300, 699), 0.1)
        if time.monotonic() > deadline:
            raise Failure("a call is not answered")
    call.ack(answer)
    if answer.status == 503 and not (answer["retry-after"] or "").isdigit():
        raise Failure(f"503 without Retry-After:\n{answer}")
    return answer.status


@contextlib.contextmanager
def flood(target):
    """OPTIONS as fast as they are answered, a few at a time."""
    over = threading.Event()
    thread = threading.Thread(target=ask, args=(target, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def ask(target, over, at_once=32):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind((CALLER_HOST, 0))
        wire.settimeout(0.2)
        host, port = wire.getsockname()
        number = 0
        while not over.is_set():
            for number in range(number + 1, number + 1 + at_once):
                wire.sendto((
                    f"OPTIONS sip:{target[0]}:{target[1]} SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-flood-{number};rport\r\n"
                    f"From: <sip:flood@{host}>;tag=f\r\nTo: <sip:{target[0]}>\r\nCall-ID: flood-{number}@{host}\r\n"
                    "CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n").encode(), target)
            with contextlib.suppress(TimeoutError):
                for _ in range(at_once):
                    wire.recv(65_535)
