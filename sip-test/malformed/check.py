"""Rubbish from a known trunk: over UDP, then over TCP."""

import random

import wire
from gateway import CALLER_HOST, Failure


def broken_requests():
    """Name, text and the statuses that will do; each can be answered, since its Via can be read."""
    good = wire.request("INVITE", "+33199009999")
    yield "no CSeq", wire.without(good, "CSeq"), {400}
    yield "no Call-ID", wire.without(good, "Call-ID"), {400}
    yield "no To", wire.without(good, "To"), {400}
    yield "a CSeq of another method", good.replace("1 INVITE", "1 BYE"), {400}
    yield "a CSeq that is no number", good.replace("1 INVITE", "one INVITE"), {400}
    yield "less body than Content-Length says", good.replace("Content-Length: 0", "Content-Length: 500"), {400}
    yield "a negative Content-Length", good.replace("Content-Length: 0", "Content-Length: -1"), {400}
    yield "a version from the future", good.replace("SIP/2.0\r\n", "SIP/7.0\r\n", 1), {400, 505}


def rubbish():
    """Bytes that nobody could answer."""
    chance = random.Random(3261)
    yield b""
    yield b"\r\n\r\n"
    yield b"\x00" * 40
    yield b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    yield b"INVITE"
    yield b"INVITE sip:a@b SIP/2.0\r\nVia: \xff\xfe\r\n"
    yield b"SIP/2.0 200 OK\r\n\r\n"
    yield b"SIP/2.0 99999999999999999999 OK\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKx\r\n\r\n"
    yield b"A" * 60_000
    yield b"INVITE sip:a@b SIP/2.0\r\n" + b"X: y\r\n" * 9_000 + b"\r\n"
    for length in (1, 7, 64, 512, 1400):
        for _ in range(40):
            yield chance.randbytes(length)
    whole = wire.request("INVITE", "+33199009999").encode()
    for length in range(0, len(whole), 7):
        yield whole[:length]


def check(gateway, line):
    with wire.Udp(gateway, CALLER_HOST) as udp:
        for name, text, statuses in broken_requests():
            status = udp.ask(text)
            if status not in statuses:
                raise Failure(f"{name}: answered with {status}, expected {sorted(statuses)}")
            expect_alive(udp, name)
        for bytes_ in rubbish():
            udp.send(bytes_)
        udp.forget()
        expect_alive(udp, "rubbish")

    for bytes_ in rubbish():
        with wire.tcp(gateway) as stream:
            try:
                stream.sendall(bytes_)
            except OSError:
                pass  # Closed on us, as it may.
    with wire.tcp(gateway) as stream:
        stream.sendall(wire.request("OPTIONS", None, transport="TCP").encode())
        stream.settimeout(5)
        answer = stream.recv(2000)
        if not answer.startswith(b"SIP/2.0 200"):
            raise Failure(f"over TCP after rubbish: {answer[:80]!r}")


def expect_alive(udp, after):
    try:
        status = udp.ask(wire.request("OPTIONS", None))
    except Failure:
        raise Failure(f"the listener is dead after: {after}") from None
    if status != 200:
        raise Failure(f"OPTIONS answers {status} after: {after}")
