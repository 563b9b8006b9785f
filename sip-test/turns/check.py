"""Which line rings first, call after call: in turn, by weight, in order."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party

NUMBERS = {"+33199009001": "abab", "+33199009002": "aabaab", "+33199009003": "aaa"}


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=int(gateway.names["spare1"])) as a, \
            Party(LINE_HOST, port=int(gateway.names["spare2"])) as b:
        for number, expected in NUMBERS.items():
            for place, name in enumerate(expected):
                first, second = (a, b) if name == "a" else (b, a)
                leg = caller.invite(number)
                ring = first.answerer(first.hear("INVITE"))
                second.hears_no("INVITE", 0.1)
                ring.reply(486)
                ring.hear("ACK")
                # Who is busy gives way to the other one.
                ring = second.answerer(second.hear("INVITE"))
                ring.reply(480)
                ring.hear("ACK")
                refused = leg.hear((300, 699))
                leg.ack(refused)
                if refused.status != 486:
                    raise Failure(f"call {place + 1} to {number} gets {refused.status}, expected 486: it says most")
