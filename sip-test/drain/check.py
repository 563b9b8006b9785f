"""SIGTERM: no new calls, the one that is up goes on to its end, and then the gateway is gone."""

import signal

from gateway import CALLER_HOST, Failure, wait_until
from held import ends, held_call, refused, still_talks
from party import Party


def check(gateway, line):
    with held_call(gateway, line) as (leg, ring), Party(CALLER_HOST, gateway.sip) as other:
        if (status := other.options().status) != 200:
            raise Failure(f"OPTIONS gets {status} before the signal")
        gateway.process.send_signal(signal.SIGTERM)
        wait_until(lambda: other.options().status == 503, 5, "OPTIONS gets no 503")
        refused(other.request("OPTIONS", f"sip:{CALLER_HOST}"))
        refused(other.invite(line.number))
        still_talks(leg, ring)
        if gateway.process.poll() is not None:
            raise Failure("the gateway is gone while a call is up")
        ends(leg, ring)
        if (code := gateway.process.wait(10)) != 0:
            raise Failure(f"the gateway exits {code}")
    # It is asked for the record.
    gateway.start()
