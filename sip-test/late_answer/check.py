"""A 200 that crosses the CANCEL (RFC 3261 §9.1, §15)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        invite = ring.asked
        ring.reply(180)
        rang = leg.hear(180)

        leg.send("CANCEL")
        leg.hear(200, of="CANCEL")
        cancel = ring.hear("CANCEL")
        ring.reply(200, to=invite, body=sdp("line"))
        ring.reply(200, to=cancel)
        ring.hear("ACK")
        ring.hear("BYE")
        ring.reply(200)

        gone = leg.hear(487, of="INVITE")
        if gone.tag != rang.tag:
            raise Failure(f"the 487 has another To tag than the 180: {gone.tag} and {rang.tag}")
        # Nobody has said ACK yet, so it comes again.
        if caller.copies_of(gone, for_s=0.8) < 2:
            raise Failure("the 487 is not repeated while its ACK is missing")
        leg.ack(gone)
