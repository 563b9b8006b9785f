"""The caller hangs up; the line is asked, presses 3, and is hung up. Another says nothing."""

import signal

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from heard import empty, loudness
from party import Party
from sound import KEYS, Sound, receive, talk

RATED = "+33199009977"
THREE = bytes([3, 0x8a, 0, 160])


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        for presses in (True, False):
            with talk(caller, shop, RATED, ada, bob) as (leg, ring, to_caller, _):
                empty(bob)
                leg.send("BYE")
                leg.hear(200, of="BYE")
                words = [receive(bob.rtp)[12:] for _ in range(100)]
                if loudness(b"".join(words)) < 500:
                    raise Failure("the question cannot be heard")
                # The seat of the line is taken until it is hung up.
                caller.invite(RATED, body=ada.session("caller")).hear(486)
                empty(ada)
                if presses:
                    bob.says(to_caller, payload=THREE, kind=KEYS)
                    ada.hears_nothing("the caller")
                ring.hear("BYE", within_s=12)
                ring.reply(200)
                empty(bob)

        asked_while_stopping(gateway, caller, shop, ada, bob)

    def qualified():
        calls = [call for call in gateway.calls_to(RATED, 5) if call["outcome"] == "answered"]
        said = [call["qualification"] and (call["qualification"]["is"], call["qualification"]["by"]) for call in calls]
        return sorted(said, key=str) == [("sale", "line:rated"), ("sale", "line:rated"), None]

    wait_until(qualified, 5, "the calls are not told to be two sales and nothing")


def asked_while_stopping(gateway, caller, shop, ada, bob):
    """A gateway that is stopping waits for the answer."""
    with talk(caller, shop, RATED, ada, bob) as (leg, ring, to_caller, _):
        empty(bob)
        leg.send("BYE")
        leg.hear(200, of="BYE")
        gateway.process.send_signal(signal.SIGTERM)
        ring.hears_no("BYE", for_s=1)
        bob.says(to_caller, payload=THREE, kind=KEYS)
        ring.hear("BYE")
        ring.reply(200)
    if (code := gateway.process.wait(10)) != 0:
        raise Failure(f"the gateway exits {code}")
    gateway.start()
