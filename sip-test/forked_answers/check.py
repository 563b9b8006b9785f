"""Forked 200s, and early media of two forks before them (RFC 3261 §13.2.2.4)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        invite = shop.hear("INVITE")
        desk, mobile = shop.answerer(invite, "desk"), shop.answerer(invite, "mobile")
        desk.reply(183, body=sdp("desk"))
        early = leg.hear(183)
        if "o=desk" not in early.body:
            raise Failure(f"the early media of the first fork does not reach the caller:\n{early}")
        mobile.reply(183, body=sdp("mobile", version=2))
        mobile.reply(200, body=sdp("mobile", version=3))
        desk.reply(200, body=sdp("desk", version=3))

        answer = leg.hear(200)
        if "o=mobile 1 3" not in answer.body:
            raise Failure(f"the caller does not get the first answer's session:\n{answer}")
        leg.ack(answer)
        leg.hears_no(200)

        acks = {shop.hear("ACK").tag, shop.hear("ACK").tag}
        if acks != {"desk", "mobile"}:
            raise Failure(f"each 200 wants its ACK; there are those of {acks}")
        over = shop.hear("BYE")
        if over.tag != "desk":
            raise Failure("the fork that has the call is hung up")
        desk.reply(200, to=over)

        leg.send("BYE")
        mobile.reply(200, to=shop.hear("BYE"))
        leg.hear(200, of="BYE")
