"""REFER to a premium number, to another host, and by the caller."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")

        here = f"sip:204@{LINE_HOST}:{line.port}"
        for asks, target in (
            (ring, "sip:+881612345678@127.0.0.3"), (ring, "tel:+881612345678"), (leg, here),
        ):
            asks.send("REFER", f"Refer-To: <{target}>")
            answer = asks.hear((200, 699), of="REFER")
            if answer.status != 603:
                raise Failure(f"REFER to {target} gets {answer.status}, expected 603")
        shop.hears_no("INVITE", 0.3)
        leg.send("BYE")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")

    call = gateway.calls_to(line.number, 1)[0]
    found = gateway.get(f"calls/{call['id']}")
    # Asked for within one millisecond, they come in any order.
    outcomes = sorted((it["by"], it["outcome"]) for it in found["transfers"])
    if outcomes != [("caller", "refused"), ("line", "refused"), ("line", "refused")]:
        raise Failure(f"the refusals are not written down: {found['transfers']}")
