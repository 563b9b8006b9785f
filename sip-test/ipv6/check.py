"""Each family with its own listener: Via, Contact and From show peers an address that they can reach."""

import socket

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, StreamWire, sdp

SIX = "+33199009999"


def check(gateway, line):
    six, port = ("::1", gateway.sip_port), int(gateway.names["spare1"])
    # The same over a stream.
    stream = StreamWire(socket.create_connection(six, timeout=5))
    with Party(LINE_HOST, port=line.port) as shop, Party("::1", six) as caller, Party(gateway=six, wire=stream) as other:
        call(caller, line.number, shop, "[::1]", CALLER_HOST)
        call(other, line.number, shop, "[::1]", CALLER_HOST)
    with Party("::1", port=port) as shop, Party(CALLER_HOST, gateway.sip) as caller:
        call(caller, SIX, shop, CALLER_HOST, "[::1]")


def call(caller, number, shop, near, far):
    leg = caller.invite(number)
    ring = shop.answerer(shop.hear("INVITE"))
    for name in ("via", "contact", "from"):
        if far not in ring.asked[name]:
            raise Failure(f"the line is shown {ring.asked[name]!r}, and not {far}")
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=sdp("line"))
    answer = leg.hear(200)
    if near not in answer["contact"]:
        raise Failure(f"the caller is shown {answer['contact']!r}, and not {near}")
    leg.ack(answer)
    ring.hear("ACK")
    leg.send("BYE")
    ring.hear("BYE")
    ring.reply(200)
    leg.hear(200, of="BYE")
