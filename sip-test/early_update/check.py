"""Offers and answers while it rings (RFC 3262 §5, RFC 3311)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number, "Supported: 100rel")
        ring = shop.answerer(shop.hear("INVITE"))
        invite = ring.asked
        ring.reply(183, "Require: 100rel", "RSeq: 1", body=sdp("line"))
        ring.hear("PRACK")
        ring.reply(200)
        early = leg.hear(183)
        leg.remote, leg.target = early["to"], early["contact"].strip("<>")

        # Too early: the caller has not acknowledged what it got.
        ring.send("UPDATE", body=sdp("line", version=2))
        if (refused := ring.hear((200, 699), of="UPDATE")).status != 491:
            raise Failure(f"an UPDATE before its time gets {refused.status}, expected 491")

        # The PRACK brings an offer, which the line hears as an UPDATE.
        leg.send("PRACK", f"RAck: {early['rseq']} 1 INVITE", body=sdp("caller", version=2))
        asked = ring.hear("UPDATE")
        if "o=caller 1 2" not in asked.body:
            raise Failure(f"the offer of the PRACK does not reach the line:\n{asked}")
        ring.reply(200, body=sdp("line", version=2))
        agreed = leg.hear(200, of="PRACK")
        if "o=line 1 2" not in agreed.body:
            raise Failure(f"the line's answer does not come back with the PRACK:\n{agreed}")

        for asks, hears, owner in ((ring, leg, "line"), (leg, ring, "caller")):
            asks.send("UPDATE", body=sdp(owner, version=3))
            asked = hears.hear("UPDATE")
            if f"o={owner} 1 3" not in asked.body:
                raise Failure(f"the UPDATE does not arrive as it was:\n{asked}")
            hears.reply(200, body=sdp("hearer", version=3))
            if "o=hearer 1 3" not in asks.hear(200, of="UPDATE").body:
                raise Failure("the answer to the UPDATE does not come back")

        ring.reply(200, to=invite)
        answer = leg.hear(200, of="INVITE")
        leg.ack(answer)
        ring.hear("ACK")
        leg.send("BYE")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")
