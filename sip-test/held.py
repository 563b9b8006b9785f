"""A call that is up while a test does something to the gateway."""

import contextlib

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


@contextlib.contextmanager
def held_call(gateway, line, host=CALLER_HOST):
    """The caller's leg and the line's, talking."""
    with Party(host, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")
        yield leg, ring


def still_talks(leg, ring):
    """Hold goes from one end to the other and back."""
    leg.send("INVITE", body=sdp("caller", version=2, mode="sendonly"))
    ring.hear("INVITE")
    ring.reply(200, body=sdp("line", version=2))
    leg.ack(leg.hear(200, of="INVITE"))
    ring.hear("ACK")


def ends(leg, ring):
    """The caller hangs up."""
    leg.send("BYE")
    ring.hear("BYE")
    ring.reply(200)
    leg.hear(200, of="BYE")


def refused(leg, status=503):
    """A request that gets this status; a 503 says when to come back."""
    answer = leg.hear((200, 699))
    if answer.status != status:
        raise Failure(f"{leg.sent.split()[0]} gets {answer.status}, expected {status}")
    if leg.invited:
        leg.ack(answer)
    if status == 503 and not (answer["retry-after"] or "").isdigit():
        raise Failure(f"503 without Retry-After:\n{answer}")
