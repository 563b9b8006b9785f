"""Max-Forwards, merged requests, Require (RFC 3261 §8.2.2)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party


def expect(leg, status, what):
    refused = leg.hear((200, 699))
    if refused.status != status:
        raise Failure(f"{what} gets {refused.status}, expected {status}")
    if leg.invited:
        leg.ack(refused)
    return refused


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        expect(caller.invite(line.number, "Max-Forwards: 0"), 483, "an INVITE with Max-Forwards 0")
        refused = expect(caller.invite(line.number, "Require: teleportation"), 420, "an unknown Require")
        if "teleportation" not in (refused["unsupported"] or ""):
            raise Failure("the 420 does not say what is unsupported")
        expect(caller.request("FROBNICATE", f"sip:{line.number}@{CALLER_HOST}"), 501, "an unknown method")
        expect(caller.request("BYE", f"sip:{line.number}@{CALLER_HOST}", to=f"<sip:{line.number}@{CALLER_HOST}>;tag=no"),
               481, "a BYE of no call")

        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        hops = int(ring.asked["max-forwards"])
        if not 0 < hops < 70:
            raise Failure(f"Max-Forwards goes on as {hops}, expected less than 70")
        # The same request by another way: all the same but its branch.
        first = leg.branch
        leg.sent = leg.sent.replace(first, first + "-other")
        leg.repeat()
        merged = caller.hear(482)
        if "-other" not in merged["via"]:
            raise Failure("the wrong one of two merged requests is refused")
        shop.hears_no("INVITE")
        leg.send("CANCEL")
        leg.hear(200, of="CANCEL")
        ring.reply(100)
        cancel = ring.hear("CANCEL")
        ring.reply(200, to=cancel)
        ring.reply(487, to=ring_invite(ring, cancel))
        leg.ack(leg.hear(487, of="INVITE"))


def ring_invite(ring, cancel):
    """What the CANCEL withdraws: it has the INVITE's Via, and its CSeq but for the method."""
    invite = type(cancel)(cancel.data.replace(b"CANCEL", b"INVITE"), cancel.sender)
    return invite
