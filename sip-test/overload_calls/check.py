"""Two calls are up and no more may be: the third gets 503 until one of the two ends."""

from gateway import CALLER_HOST, Failure
from held import ends, held_call, refused, still_talks
from party import Party


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as other:
        with held_call(gateway, line) as (leg, ring):
            # The second rings; its line is the first one's.
            second = other.invite(line.number)
            invite = ring.party.hear("INVITE")
            waiting = ring.party.answerer(invite)
            waiting.reply(180)
            second.hear(180)

            refused(other.invite(line.number))
            still_talks(leg, ring)
            metrics = gateway.ask("GET", "/metrics")[1].decode()
            for series in ("whence_calls_live 2", "whence_calls_live_max 2", 'whence_calls_refused_total{why="full"} 1',
                           'whence_limit{of="strangers"} 4096', 'whence_queue_max{queue="facts"} 65536'):
                if series not in metrics.splitlines():
                    raise Failure(f"{series!r} is not in /metrics:\n{metrics}")

            second.send("CANCEL")
            second.ack(second.hear(487, of="INVITE"))
            waiting.hear("CANCEL")
            waiting.reply(200)
            waiting.reply(487, to=invite)
            ends(leg, ring)
        third = other.invite(line.number)
        third.hear((100, 199))
        third.send("CANCEL")
