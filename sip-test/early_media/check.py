"""The announcement of one phone, then the answer of another (RFC 3261 §13.2.2.4, RFC 6228)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        invite = shop.hear("INVITE")
        desk, mobile = shop.answerer(invite, "desk"), shop.answerer(invite, "mobile")
        desk.reply(180)
        rings = leg.hear(180)
        desk.reply(183, body=sdp("desk"))
        first = leg.hear(183)
        if first.tag != rings.tag:
            raise Failure("one phone has two To tags")
        mobile.reply(183, body=sdp("mobile"))
        second = leg.hear(183)
        if second.body:
            raise Failure(f"the caller hears two at once:\n{second}")
        # The desk stops, and the mobile may be heard.
        desk.reply(199)
        mobile.reply(183, body=sdp("mobile", version=2))
        third = leg.hear(183)
        if "o=mobile" not in third.body or third.tag == first.tag:
            raise Failure(f"the second phone is not heard in a dialog of its own:\n{third}")
        mobile.reply(200, body=sdp("mobile", version=2))
        answer = leg.hear(200)
        if answer.tag != third.tag:
            raise Failure("the answer is not in the dialog that was heard last")
        leg.ack(answer)
        mobile.hear("ACK")
        mobile.send("BYE")
        leg.hear("BYE")
        leg.reply(200)
        mobile.hear(200, of="BYE")
