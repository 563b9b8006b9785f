"""SIGTERM once, and nobody hangs up: when the time is over both ends of the call hear BYE."""

import signal
import time

from gateway import Failure
from held import held_call, still_talks

DRAIN_S = 2


def check(gateway, line):
    with held_call(gateway, line) as (leg, ring):
        started = time.monotonic()
        gateway.process.send_signal(signal.SIGTERM)
        still_talks(leg, ring)
        for end in (leg, ring):
            end.hear("BYE")
            end.reply(200)
        if not DRAIN_S <= time.monotonic() - started < DRAIN_S + 2:
            raise Failure(f"the call is ended after {time.monotonic() - started:.1f} s, expected {DRAIN_S} s")
        if (code := gateway.process.wait(10)) != 0:
            raise Failure(f"the gateway exits {code}")
    # It is asked for the record.
    gateway.start()
