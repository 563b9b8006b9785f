"""Each side reliable or not, and what one cannot do the gateway makes up for (RFC 3262)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def rack(response):
    return f"RAck: {response['rseq']} {response['cseq'].split()[0]} INVITE"


def call(caller, shop, line, *, caller_knows, line_does):
    leg = caller.invite(line.number, *(["Supported: 100rel"] if caller_knows else []))
    ring = shop.answerer(shop.hear("INVITE"))
    invite = ring.asked
    if "100rel" not in ", ".join(invite.all("supported")):
        raise Failure(f"the line is not told that the gateway knows 100rel:\n{invite}")

    reliable = ["Require: 100rel", "RSeq: 41"] if line_does else []
    ring.reply(183, *reliable, body=sdp("line"))
    early = leg.hear(183)
    if line_does:
        prack = ring.hear("PRACK")
        if prack["rack"] != "41 1 INVITE":
            raise Failure(f"the PRACK is for something else:\n{prack}")
        ring.reply(200)
    if (early["rseq"] is not None) != caller_knows:
        raise Failure(f"the caller {'knows' if caller_knows else 'does not know'} 100rel and gets\n{early}")

    # A line whose early session was acknowledged need not repeat it.
    ring.reply(200, to=invite, body="" if line_does else sdp("line"))
    if caller_knows:
        leg.hears_no(200, 0.3, of="INVITE")
        if caller.copies_of(early, for_s=0.5) < 2:
            raise Failure("the early session is not repeated while its PRACK is missing")
        leg.remote, leg.target = early["to"], early["contact"].strip("<>")
        leg.send("PRACK", rack(early))
        leg.hear(200, of="PRACK")
    answer = leg.hear(200, of="INVITE")
    if answer.tag != early.tag:
        raise Failure("the answer is in another dialog than its own ringing")
    if not caller_knows and "o=line" not in answer.body:
        raise Failure(f"a caller without 100rel has no session in its answer:\n{answer}")
    # Its CSeq has gone on, the ACK's is that of the INVITE.
    leg.ack(answer)
    ring.hear("ACK")
    leg.send("BYE")
    ring.hear("BYE")
    ring.reply(200)
    leg.hear(200, of="BYE")


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        for caller_knows, line_does in ((True, True), (True, False), (False, True)):
            call(caller, shop, line, caller_knows=caller_knows, line_does=line_does)
