"""The sound of a telephone: a socket for RTP, the next for RTCP, and what it says of them."""

import contextlib
import socket
import struct

from gateway import Failure
from party import sdp

PCMA, KEYS = 8, 101


class Sound:
    """One stream; `host` is also how the description names it."""

    def __init__(self, host, ssrc):
        self.host, self.ssrc, self.sequence = host, ssrc, 0
        self.rtp, self.rtcp = pair(host)
        self.port = self.rtp.getsockname()[1]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.rtp.close()
        self.rtcp.close()

    def session(self, owner, mode="sendrecv", version=1, host=None):
        """A description; `host` stands in it in the place of where the sound is."""
        host = host or self.host
        family = "IN IP6" if ":" in host else "IN IP4"
        return sdp(owner, self.port, mode, version).replace("c=IN IP4 127.0.0.1", f"c={family} {host}")

    def packet(self, payload=b"sound", kind=PCMA, skip=0):
        self.sequence += 1 + skip
        return struct.pack("!BBHII", 0x80, kind, self.sequence, self.sequence * 160, self.ssrc) + payload

    def says(self, to, **more):
        """Sends a packet, and gives it."""
        packet = self.packet(**more)
        self.rtp.sendto(packet, to)
        return packet

    def hears(self, packet, of, within_s=5):
        """What comes next is this packet, byte for byte."""
        heard = receive(self.rtp, within_s)
        if heard != packet:
            raise Failure(f"{of} hears {heard!r}, expected {packet!r}")

    def hears_nothing(self, of, for_s=0.3):
        try:
            heard = receive(self.rtp, for_s)
        except Failure:
            return
        raise Failure(f"{of} hears what it must not: {heard!r}")

    def reports(self, to, bytes_):
        self.rtcp.sendto(bytes_, to)


def pair(host):
    """Two sockets side by side."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        first, second = socket.socket(family, socket.SOCK_DGRAM), socket.socket(family, socket.SOCK_DGRAM)
        first.bind((host, 0))
        port = first.getsockname()[1]
        with contextlib.suppress(OSError):
            second.bind((host, port + 1))
            return first, second
        first.close()
        second.close()


def receive(from_, within_s=5):
    from_.settimeout(within_s)
    try:
        return from_.recv(65_535)
    except TimeoutError:
        raise Failure(f"nothing is heard within {within_s} s") from None


def place(body):
    """Where a description says that its sound goes: RTP."""
    lines = dict(line.split("=", 1) for line in body.split("\r\n") if line[:2] in ("c=", "m="))
    return lines["c"].split()[2], int(lines["m"].split()[1])


def beside(to):
    """Where the reports go that belong to it."""
    return to[0], to[1] + 1


@contextlib.contextmanager
def talk(caller, shop, number, ada, bob, *, of_caller=None, of_line=None):
    """A call between two parties with their sounds; gives both legs and where each sends."""
    leg = caller.invite(number, body=of_caller or ada.session("caller"))
    ring = shop.answerer(shop.hear("INVITE"))
    to_caller = place(ring.asked.body)
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=of_line or bob.session("line"))
    answer = leg.hear(200)
    leg.ack(answer)
    ring.hear("ACK")
    yield leg, ring, to_caller, place(answer.body)


def streams_of(gateway, number):
    """How the streams of the one call to this number went, by leg."""
    call = gateway.calls_to(number, 1)[0]
    return {stream["leg"]: stream for stream in gateway.get(f"calls/{call['id']}")["streams"]}
