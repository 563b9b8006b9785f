"""Who repeats what (RFC 3261 §13.3.1.4, §17)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        for _ in range(3):
            leg.repeat()
        ring = shop.answerer(shop.hear("INVITE"))
        shop.hears_no("INVITE", 0.3)
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        answer = leg.hear(200)
        copies = caller.copies_of(answer, for_s=3.8)
        if copies not in (4, 5):
            raise Failure(f"without an ACK the 200 came {copies} times in 3.8 s, expected at 0, 0.5, 1.5 and 3.5 s")
        leg.ack(answer)
        leg.ack(answer)
        ack = ring.hear("ACK")
        before = shop.copies_of(ack)
        shop.send(ring.answer, ring.peer)
        if shop.copies_of(ack, for_s=0.5) <= before:
            raise Failure("a repeated 200 gets no ACK")
        caller.copies_of(answer, for_s=0.2)
        settled = caller.copies_of(answer)
        if caller.copies_of(answer, for_s=2) > settled:
            raise Failure("the 200 is repeated after its ACK")
        ring.send("BYE")
        leg.hear("BYE")
        leg.reply(200)
        ring.hear(200, of="BYE")
