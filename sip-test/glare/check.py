"""Re-INVITEs that cross (RFC 3261 §14.1), hold and resume, OPTIONS within the call, an old CSeq."""

import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        ring.reply(200, body=sdp("line"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")

        # The line's re-INVITE stands open at the caller when the caller's own comes.
        ring.send("INVITE", body=sdp("line", version=2, mode="sendonly"))
        asked = leg.hear("INVITE")
        leg.send("INVITE", body=sdp("caller", version=2))
        refused = leg.hear((300, 699), of="INVITE")
        if refused.status != 491:
            raise Failure(f"a crossing re-INVITE gets {refused.status}, expected 491")
        leg.ack(refused)
        leg.reply(491, to=asked, reason="Request Pending")
        refused = ring.hear(491, of="INVITE")
        ring.ack(refused)
        leg.hear("ACK")

        # Later both get through.
        time.sleep(0.2)
        for asks, hears, mode in ((ring, leg, "sendonly"), (leg, ring, "recvonly"), (ring, leg, "sendrecv")):
            asks.send("INVITE", body=sdp("asker", version=3, mode=mode))
            asked = hears.hear("INVITE")
            if f"a={mode}" not in asked.body or "o=asker 1 3" not in asked.body:
                raise Failure(f"the offer does not arrive as it was:\n{asked}")
            hears.reply(200, body=sdp("hearer", version=3))
            asks.ack(asks.hear(200, of="INVITE"))
            hears.hear("ACK")

        # Not older than what was said already (RFC 3261 §12.2.2).
        leg.cseq -= 2
        leg.send("OPTIONS")
        old = leg.hear((200, 699), of="OPTIONS")
        if old.status != 500:
            raise Failure(f"an old CSeq gets {old.status}, expected 500")
        leg.cseq += 5
        leg.send("OPTIONS")
        if (answer := leg.hear((200, 699), of="OPTIONS")).status != 200:
            # It goes end to end; the line says what it likes.
            raise Failure(f"OPTIONS within the call gets {answer.status}")
        leg.send("BYE")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")
