"""Nobody here knows events: SIPp plays 7 to a menu, the line takes the call by 1 and pauses its recording by 9."""

import contextlib
import pathlib
import tempfile
import time

import sipp
from dtmf import press, silence, tone
from gateway import CALLER_HOST, LINE_HOST, Failure, free_port, wait_until
from party import Party
from recorded import recording_of
from sound import Sound, place

HERE = pathlib.Path(__file__).resolve().parent
CHOICE = "+33199009976"


def check(gateway, line):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-tones-"))
    (folder / "seven.ul").write_bytes(silence(500) + tone("7") + silence(6_000))
    with (contextlib.ExitStack() as cleanup, Party(LINE_HOST, port=line.port) as shop, Sound(LINE_HOST, 9) as bob):
        caller = sipp.caller(HERE / "plays.xml", CHOICE, (CALLER_HOST, gateway.sip_port), folder, free_port())
        cleanup.callback(caller.kill)
        caller.start()
        ring = shop.answerer(shop.hear("INVITE", within_s=10))
        if "sip:sales@" not in ring.asked.uri or "telephone-event" in ring.asked.body:
            raise Failure(f"{ring.asked.uri} rings, expected sales, with {ring.asked.body}")
        to_caller = place(ring.asked.body)
        ring.reply(200, body=without_events(bob.session("line")))
        ring.hear("ACK")
        press(bob, to_caller, "1")
        recorded(gateway, "on")
        # As a tone and by INFO: it is one key, or the recording would go on.
        press(bob, to_caller, "9")
        ring.send("INFO", "Content-Type: application/dtmf-relay", body="Signal=9\r\nDuration=100\r\n")
        ring.hear(200, of="INFO")
        recorded(gateway, "paused")
        time.sleep(0.5)
        recorded(gateway, "paused")
        press(bob, to_caller, "9")
        recorded(gateway, "on")
        ring.hear("BYE", within_s=10)
        ring.reply(200)
        caller.finish()
    call, = gateway.calls_to(CHOICE, 1)
    recording = recording_of(gateway, call["id"])
    if (call["outcome"], call["answered_by"], len(recording["paused"])) != ("answered", "sales", 1):
        raise Failure(f"the records tell {call} and {recording}")


def without_events(body):
    body = body.replace("RTP/AVP 8 101", "RTP/AVP 0").replace("a=rtpmap:8 PCMA", "a=rtpmap:0 PCMU")
    return body.replace("a=rtpmap:101 telephone-event/8000\r\n", "")


def recorded(gateway, how):
    def is_so():
        calls = gateway.get("live-calls")["items"]
        return [call["recording"] for call in calls if call["number"] == CHOICE] == [how]

    wait_until(is_so, 5, f"the live call's recording is not {how}")
