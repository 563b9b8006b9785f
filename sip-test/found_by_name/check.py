"""RFC 3263 for the first request and for those that follow."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from names import SRV, A, NameServer
from party import Party, sdp

NUMBER = "+33199009997"


def check(gateway, _):
    port = int(gateway.names["spare1"])
    records = {
        "_sip._udp.shop.example": (10, 0, port, "one.shop.example"), "one.shop.example": LINE_HOST,
        "phone.example": CALLER_HOST,
    }
    with NameServer(LINE_HOST, int(gateway.names["spare3"]), records) as names, \
            Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=port) as shop:
        leg = caller.invite(NUMBER, f"Contact: <sip:me@phone.example:{caller.port}>")
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")

        ring.bye()
        bye = leg.hear("BYE")
        leg.reply(200)
        if bye.uri != f"sip:me@phone.example:{caller.port}":
            raise Failure(f"the caller's Contact has suffered: {bye.uri}")

        # What was answered is kept as long as it says.
        asked = len(names.asked)
        leg = caller.invite(NUMBER, f"Contact: <sip:me@phone.example:{caller.port}>")
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(486)
        leg.ack(leg.hear(486))
        ring.hear("ACK")
        if again := [question for question in names.asked[asked:] if question[1] in (A, SRV)]:
            raise Failure(f"asked again: {again}")
    outcomes = sorted(call["outcome"] for call in gateway.calls_to(NUMBER, 2))
    if outcomes != ["answered", "busy"]:
        raise Failure(f"the outcomes are {outcomes}")
