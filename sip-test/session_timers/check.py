"""Session timers (RFC 4028): asked for, refreshed, and what becomes of a call that nobody refreshes."""

import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp

# The least there is (§4), and the third of it that comes too early rather than too late (§10).
LEAST_S, MARGIN_S = 90, 30


def expect(message, **wanted):
    for name, words in wanted.items():
        name = name.replace("_", "-")
        if (found := message[name]) != words:
            raise Failure(f"{name} is {found!r}, expected {words!r}:\n{message}")


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        hasty = caller.invite(line.number, "Supported: timer", "Session-Expires: 30")
        refused = hasty.hear((200, 699))
        if refused.status != 422:
            raise Failure(f"a session of 30 seconds gets {refused.status}, expected 422")
        expect(refused, min_se=str(LEAST_S))
        hasty.ack(refused)

        leg = caller.invite(line.number, "Supported: timer", f"Session-Expires: {LEAST_S};refresher=uac")
        ring = shop.answerer(shop.hear("INVITE"))
        if "timer" not in ring.asked["supported"] or int(ring.asked["session-expires"]) < LEAST_S:
            raise Failure(f"the line is not told of timers:\n{ring.asked}")
        # It wants a longer one, and gets it.
        ring.reply(422, "Min-SE: 3600")
        ring.hear("ACK")
        ring = shop.answerer(shop.hear("INVITE"))
        expect(ring.asked, session_expires="3600", min_se="3600")
        ring.reply(180)
        leg.hear(180)
        allow = "Allow: INVITE, ACK, BYE, CANCEL, UPDATE"
        ring.reply(200, allow, "Supported: timer", "Require: timer", "Session-Expires: 3600;refresher=uas", body=sdp("line"))
        answer = leg.hear(200)
        expect(answer, session_expires=f"{LEAST_S};refresher=uac", require="timer")
        leg.ack(answer)
        ring.hear("ACK")

        # A refresh is for its leg alone.
        for asks, other, least, agreed in ((leg, ring, LEAST_S, f"{LEAST_S};refresher=uac"),
                                           (ring, leg, 3600, "3600;refresher=uac")):
            asks.send("UPDATE", "Supported: timer", f"Session-Expires: {agreed}", f"Min-SE: {least}")
            expect(asks.hear((200, 699), of="UPDATE"), session_expires=agreed)
            other.hears_no("UPDATE")
        refreshed = time.monotonic()
        # A hold goes through, and says how it stands with the timer of each leg.
        ring.send("INVITE", "Supported: timer", "Session-Expires: 3600;refresher=uac", "Min-SE: 3600",
                  body=sdp("line", mode="sendonly", version=2))
        held = leg.hear("INVITE")
        expect(held, session_expires=f"{LEAST_S};refresher=uas")
        leg.reply(200, "Supported: timer", "Require: timer", f"Session-Expires: {LEAST_S};refresher=uas",
                  body=sdp("caller", mode="recvonly", version=2))
        leg.hear("ACK")
        agreed = ring.hear(200, of="INVITE")
        expect(agreed, session_expires="3600;refresher=uac")
        ring.ack(agreed)

        # From here on the caller is gone, and its session with it.
        leg.hear("BYE", LEAST_S)
        lasted = time.monotonic() - refreshed
        if abs(lasted - (LEAST_S - MARGIN_S)) > 5:
            raise Failure(f"a session of {LEAST_S} s that nobody refreshes is ended after {lasted:.0f} s")
        leg.reply(200)
        ring.hear("BYE")
        ring.reply(200)
