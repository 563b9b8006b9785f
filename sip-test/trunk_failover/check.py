"""One trunk with three hops: nobody, one that refuses, one that works."""

import contextlib
import threading
import time

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from party import Party, sdp

NUMBER = "+33199009001"
HOP_TIMEOUT_S = 0.7


class Carrier(Party):
    """A hop that answers pings by itself."""

    def __init__(self, port):
        super().__init__(LINE_HOST, port=port)
        self.pings, self.stopping, self.turn = 0, False, threading.Lock()
        threading.Thread(target=self._answer, daemon=True).start()

    def hear(self, what, within_s=5, *more, **others):
        """In short turns: whoever answers pings may have taken what this one waits for into the inbox."""
        deadline = time.monotonic() + within_s
        while True:
            with self.turn:
                try:
                    return super().hear(what, 0.02, *more, **others)
                except Failure:
                    if time.monotonic() > deadline:
                        raise
            # The other one's turn.
            time.sleep(0.001)

    def _answer(self):
        while not self.stopping:
            with contextlib.suppress(Failure, OSError):
                leg = self.answerer(self.hear("OPTIONS", 0.1))
                leg.reply(200)
                self.pings += 1

    def __exit__(self, *more):
        self.stopping = True
        super().__exit__(*more)


def talk(caller, carrier, refusing=None, earlier=None):
    """A call that `carrier` answers; how long it took to ring, and the INVITE.

    The INVITE of an earlier call is still repeated to a hop that was silent.
    """
    began = time.monotonic()
    leg = caller.invite(NUMBER)
    if refusing:
        refused = refusing.answerer(refusing.hear("INVITE"))
        refused.reply(503, "Retry-After: 60")
        refused.hear("ACK")
    invite = carrier.hear("INVITE", where=lambda it: not earlier or it["call-id"] != earlier["call-id"])
    took = time.monotonic() - began
    ring = carrier.answerer(invite)
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=sdp("carrier"))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    leg.send("BYE")
    ring.hear("BYE")
    ring.reply(200)
    leg.hear(200, of="BYE")
    return took, invite


def check(gateway, line):
    names = gateway.names
    with Party(CALLER_HOST, gateway.sip) as caller, Carrier(names["spare2"]) as refusing, \
            Carrier(names["spare3"]) as carrier:
        took, invite = talk(caller, carrier, refusing)
        if took < HOP_TIMEOUT_S:
            raise Failure(f"the silent hop was left after {took:.2f} s")
        expected = f"sip:+33612345678@{LINE_HOST}:{names['spare3']};user=phone"
        if invite.uri != expected:
            raise Failure(f"the number is dialled as {invite.uri}, expected {expected}")

        took, _ = talk(caller, carrier)
        if took > HOP_TIMEOUT_S / 2:
            raise Failure(f"the second call took {took:.2f} s: the dead hops were not skipped")

        with Carrier(names["spare1"]) as back:
            wait_until(lambda: back.pings, 10, "the hop that was dead is not asked whether it lives")
            # Its answer to the ping is with the gateway before a call that comes later.
            talk(caller, back, earlier=invite)

    calls = gateway.calls_to(NUMBER, 3)
    wrong = [call for call in calls if call["outcome"] != "answered" or call["destination"] != "mobile"]
    if wrong:
        raise Failure(f"the records are wrong: {wrong}")
