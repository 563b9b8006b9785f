"""Hold, REFER, the new extension answers (RFC 3515, RFC 5589 §6)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def told(ring, status, state):
    notify = ring.hear("NOTIFY")
    ring.reply(200)
    if not notify.body.startswith(f"SIP/2.0 {status} ") or not notify["subscription-state"].startswith(state):
        raise Failure(f"expected {status}, {state}:\n{notify}")


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("desk"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")
        ring.send("INVITE", body=sdp("desk", version=2, mode="sendonly"))
        leg.hear("INVITE")
        leg.reply(200, body=sdp("caller", version=2, mode="recvonly"))
        ring.ack(ring.hear(200, of="INVITE"))
        leg.hear("ACK")

        # First to somebody who is busy: the talk goes on as it was.
        target = f"sip:204@{LINE_HOST}:{line.port}"
        ring.send("REFER", f"Refer-To: <{target}>", f"Referred-By: <sip:desk@{LINE_HOST}>")
        ring.hear(202)
        told(ring, 100, "active")
        busy = shop.answerer(shop.hear("INVITE"))
        busy.reply(486)
        busy.hear("ACK")
        told(ring, 486, "terminated")
        ring.send("INFO", body="still here")
        leg.hear("INFO")
        leg.reply(200)
        ring.hear(200, of="INFO")

        ring.send("REFER", f"Refer-To: <{target}>", f"Referred-By: <sip:desk@{LINE_HOST}>")
        ring.hear(202)
        told(ring, 100, "active")
        new = shop.answerer(shop.hear("INVITE"))
        invite = new.asked
        if invite.uri != target or not invite["referred-by"]:
            raise Failure(f"the new line is not called as it was asked for:\n{invite}")
        if "o=caller" not in invite.body or "recvonly" in invite.body:
            raise Failure(f"the new line is not offered the caller's session without its hold:\n{invite}")
        new.reply(180)
        told(ring, 180, "active")
        new.reply(200, to=invite, body=sdp("workshop"))
        new.hear("ACK")
        moved = leg.hear("INVITE")
        if "o=workshop" not in moved.body or moved["call-id"] != leg.call_id:
            raise Failure(f"the caller is not given the new line's session in its own dialog:\n{moved}")
        leg.reply(200, body=sdp("caller", version=3))
        leg.hear("ACK")
        told(ring, 200, "terminated")
        ring.hear("BYE")
        ring.reply(200)

        leg.send("INFO", body="are you there")
        new.hear("INFO")
        new.reply(200)
        leg.hear(200, of="INFO")
        new.send("BYE")
        leg.hear("BYE")
        leg.reply(200)
        new.hear(200, of="BYE")

    call = gateway.calls_to(line.number, 1)[0]
    found = gateway.get(f"calls/{call['id']}")
    transfers = found["transfers"]
    outcomes = [(it["outcome"], it["sip_status"], it["kind"], it["to"]) for it in transfers]
    if outcomes != [("failed", 486, "blind", target), ("done", 200, "blind", target)]:
        raise Failure(f"the transfers are not written down: {transfers}")
