"""SIGTERM twice: both ends of the call hear BYE."""

import signal

from gateway import CALLER_HOST, Failure, wait_until
from held import held_call
from party import Party


def check(gateway, line):
    with held_call(gateway, line) as (leg, ring), Party(CALLER_HOST, gateway.sip) as other:
        gateway.process.send_signal(signal.SIGTERM)
        wait_until(lambda: other.options().status == 503, 5, "the gateway does not drain")
        leg.hears_no("BYE")
        gateway.process.send_signal(signal.SIGTERM)
        for end in (leg, ring):
            end.hear("BYE")
            end.reply(200)
        if (code := gateway.process.wait(10)) != 0:
            raise Failure(f"the gateway exits {code}")
    # It is asked for the record.
    gateway.start()
