"""A burst of calls: a second's worth comes in, the rest hears when to come back, and later there is room again."""

import contextlib
import time

from gateway import CALLER_HOST, Failure
from held import ends, held_call, still_talks
from party import Party

BURST = 12


def check(gateway, line):
    with held_call(gateway, line) as (leg, ring), Party(CALLER_HOST, gateway.sip) as crowd:
        statuses = [answer.status for answer in burst(crowd, ring.party, line, BURST)]
        busy, turned_away = statuses.count(486), statuses.count(503)
        # A slow machine needs more than a moment for a burst.
        if busy + turned_away != BURST or not 1 <= busy <= 6:
            raise Failure(f"of a burst at 3 a second {busy} come in and {turned_away} are turned away: {statuses}")
        still_talks(leg, ring)
        time.sleep(1)
        if (late := burst(crowd, ring.party, line, 1)[0].status) != 486:
            raise Failure(f"a second later a call gets {late}")
        ends(leg, ring)


def burst(crowd, shop, line, count):
    """The answers to so many calls; the line is busy for each that comes through."""
    calls = [crowd.invite(line.number) for _ in range(count)]
    with contextlib.suppress(Failure):
        while invite := shop.hear("INVITE", 0.5):
            shop.answerer(invite).reply(486)
    answers = [call.hear((300, 699)) for call in calls]
    for call, answer in zip(calls, answers, strict=True):
        call.ack(answer)
        if answer.status == 503 and not (answer["retry-after"] or "").isdigit():
            raise Failure(f"503 without Retry-After:\n{answer}")
    return answers
