"""A stranger at 127.0.0.9 tries every door."""

import contextlib

import wire
from gateway import CALLER_HOST, STRANGER_HOST, Failure


def check(gateway, line):
    with wire.Udp(gateway, STRANGER_HOST) as stranger, wire.Udp(gateway, CALLER_HOST) as known:
        for method in ("INVITE", "OPTIONS", "REGISTER", "BYE", "CANCEL", "NONSENSE"):
            stranger.send(wire.request(method, line.number, STRANGER_HOST).encode())
        stranger.send(wire.without(wire.request("INVITE", line.number, STRANGER_HOST), "CSeq").encode())
        # One socket takes all packets in turn: when this is answered, those above have been read.
        if known.ask(wire.request("OPTIONS", None)) != 200:
            raise Failure("the trunk gets no service either")
        if heard := stranger.hears(within_s=1):
            raise Failure(f"a stranger is answered: {heard[:80]!r}")

    with contextlib.suppress(OSError), wire.tcp(gateway, STRANGER_HOST) as stream:
        stream.sendall(wire.request("OPTIONS", None, STRANGER_HOST, "TCP").encode())
        stream.settimeout(1)
        if heard := stream.recv(2000):
            raise Failure(f"a stranger is answered over TCP: {heard[:80]!r}")
