"""`*7` by the line pauses its recording and resumes it; what it presses besides goes on to the caller."""

import time

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from heard import empty
from held import ends
from party import Party
from recorded import Tone, recording_of
from sound import KEYS, Sound, talk

STEERED = "+33199009978"
STAR, SEVEN, TWO = (bytes([key, 0x8a, 0, 160]) for key in (10, 7, 2))


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob,
          talk(caller, shop, STEERED, ada, bob) as (leg, ring, to_caller, to_line)):
        recorded(gateway, "on")
        for key in (STAR, SEVEN):
            bob.says(to_caller, payload=key, kind=KEYS)
        recorded(gateway, "paused")
        ada.hears_nothing("the caller")
        ada.hears(bob.says(to_caller, payload=TWO, kind=KEYS), "the caller")
        with Tone(ada, to_line, 440):
            time.sleep(0.5)
        # What the caller presses steers nothing, and goes on to the line.
        empty(bob)
        for key in (STAR, SEVEN):
            bob.hears(ada.says(to_line, payload=key, kind=KEYS), "the line")
        recorded(gateway, "paused")
        for key in "*7":
            ring.send("INFO", "Content-Type: application/dtmf-relay", body=f"Signal={key}\r\nDuration=160\r\n")
            ring.hear(200, of="INFO")
        recorded(gateway, "on")
        leg.hears_no("INFO")
        ends(leg, ring)
    recording = recording_of(gateway, gateway.calls_to(STEERED, 1)[0]["id"])
    if len(recording["paused"]) != 1 or recording["paused"][0]["to_ms"] - recording["paused"][0]["from_ms"] < 500:
        raise Failure(f"the recording is {recording}")


def recorded(gateway, how):
    def is_so():
        calls = gateway.get("live-calls")["items"]
        return [call["recording"] for call in calls if call["number"] == STEERED] == [how]

    wait_until(is_so, 5, f"the live call's recording is not {how}")
