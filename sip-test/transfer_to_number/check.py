"""REFER to a mobile number; the caller's port moves meanwhile (RFC 3725 §4.4); the second one of the day is refused."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def talk(caller, shop, line):
    leg = caller.invite(line.number)
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(200, body=sdp("desk"))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    return leg, ring


def told(ring, status, state):
    notify = ring.hear("NOTIFY")
    ring.reply(200)
    if not notify.body.startswith(f"SIP/2.0 {status} ") or not notify["subscription-state"].startswith(state):
        raise Failure(f"expected {status}, {state}:\n{notify}")


def expect_session(message, owner, port):
    if f"o={owner} " not in message.body or f"m=audio {port} " not in message.body:
        raise Failure(f"the session of {owner} at port {port} is expected:\n{message}")


def check(gateway, line):
    asked = f"sip:0612345678@{CALLER_HOST}:{gateway.sip_port}"
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop, \
            Party(LINE_HOST, port=gateway.names["spare1"]) as carrier:
        leg, ring = talk(caller, shop, line)
        # No prefix allows that one.
        ring.send("REFER", f"Refer-To: <sip:0712345678@{CALLER_HOST}>")
        ring.hear(603, of="REFER")

        ring.send("REFER", f"Refer-To: <{asked}>")
        ring.hear(202)
        told(ring, 100, "active")
        new = carrier.answerer(carrier.hear("INVITE"))
        invite = new.asked
        if invite.uri != f"sip:+33612345678@{LINE_HOST}:{gateway.names['spare1']};user=phone":
            raise Failure(f"the number is dialled as {invite.uri}")
        expect_session(invite, "caller", 40000)
        new.reply(200, body=sdp("mobile", port=50000))
        new.hear("ACK")

        # The caller answers the new line's session from another port, and the new line that from another of its own.
        expect_session(leg.hear("INVITE"), "mobile", 50000)
        leg.reply(200, body=sdp("caller", port=40010, version=2))
        leg.hear("ACK")
        expect_session(new.hear("INVITE"), "caller", 40010)
        new.reply(200, body=sdp("mobile", port=50010, version=2))
        new.hear("ACK")
        expect_session(leg.hear("INVITE"), "mobile", 50010)
        leg.reply(200, body=sdp("caller", port=40010, version=3))
        leg.hear("ACK")
        new.hears_no("INVITE", 0.2)
        told(ring, 200, "terminated")
        ring.hear("BYE")
        ring.reply(200)

        # What either asks from now on reaches the other.
        leg.send("UPDATE", body=sdp("caller", port=40020, version=4))
        expect_session(new.hear("UPDATE"), "caller", 40020)
        new.reply(200, body=sdp("mobile", port=50010, version=3))
        expect_session(leg.hear(200, of="UPDATE"), "mobile", 50010)
        new.send("INVITE", body=sdp("mobile", port=50020, version=4))
        expect_session(leg.hear("INVITE"), "mobile", 50020)
        leg.reply(200, body=sdp("caller", port=40030, version=5))
        answer = new.hear(200, of="INVITE")
        expect_session(answer, "caller", 40030)
        new.ack(answer)
        leg.hear("ACK")
        leg.send("BYE")
        new.hear("BYE")
        new.reply(200)
        leg.hear(200, of="BYE")

        # The one call of the day is spent: the talk goes on, and nothing leaves.
        leg, ring = talk(caller, shop, line)
        ring.send("REFER", f"Refer-To: <{asked}>")
        ring.hear(202)
        told(ring, 100, "active")
        told(ring, 603, "terminated")
        carrier.hears_no("INVITE", 0.3)
        leg.send("BYE")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")

    transfers = []
    for call in sorted(gateway.calls_to(line.number, 2), key=lambda call: call["arrived_at"]):
        found = gateway.get(f"calls/{call['id']}")
        transfers.append([(it["outcome"], it["sip_status"]) for it in found["transfers"]])
    if transfers != [[("refused", 603), ("done", 200)], [("refused", 603)]]:
        raise Failure(f"the transfers are not written down: {transfers}")
    spent = gateway.get("trunks")["items"][0]["calls_today"]
    if spent != 1:
        raise Failure(f"{spent} calls have left today")
