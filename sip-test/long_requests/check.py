"""A line that takes TCP, and then does not any more (RFC 3261 §18.1.1)."""

import contextlib
import socket

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, StreamWire, sdp

LONG = sdp("caller") + "".join(f"a=x-candidate:{n} 1 udp 2122260223 192.0.2.{n} 50000 typ host\r\n" for n in range(30))


def talk(caller, leg, shop, kind):
    ring = shop.answerer(shop.hear("INVITE"))
    via = ring.asked["via"]
    if not via.startswith(f"SIP/2.0/{kind} ") or ring.asked.body != LONG or len(ring.asked.data) <= 1300:
        raise Failure(f"the whole session is expected by {kind}:\n{ring.asked}")
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=sdp("line"))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    leg.send("BYE")
    ring.hear("BYE")
    ring.reply(200)
    leg.hear(200, of="BYE")


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as packets:
        with contextlib.closing(socket.create_server((LINE_HOST, line.port))) as door:
            door.settimeout(5)
            leg = caller.invite(line.number, body=LONG)
            connection, _ = door.accept()
            connection.settimeout(5)
            with Party(wire=StreamWire(connection)) as stream:
                talk(caller, leg, stream, "TCP")
            packets.hears_no("INVITE", 0.1)
        leg = caller.invite(line.number, body=LONG)
        talk(caller, leg, packets, "UDP")

    calls = gateway.calls_to(line.number, 2)
    if any(call["outcome"] != "answered" for call in calls):
        raise Failure(f"the calls are written down so: {calls}")
