"""Each side's tone is on its track from the answer to the end, through a pause and a transfer."""

import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party
from recorded import Tone, Tracks, audio, recording_of
from sound import Sound, place, talk

ADA, DESK, WORKSHOP = TONES = 440, 1_000, 1_700


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 1) as ada, Sound(LINE_HOST, 3) as desk, Sound(LINE_HOST, 4) as workshop,
          talk(caller, shop, line.number, ada, desk) as (leg, ring, to_ada, to_line)):
        began = time.monotonic()
        with Tone(ada, to_line, ADA):
            with Tone(desk, to_ada, DESK):
                time.sleep(2)
                call = live(gateway, line, "on")
                paused = control(gateway, call, "pause", began)
                time.sleep(1)
                resumed = control(gateway, call, "resume", began)
                live(gateway, line, "on")
                time.sleep(1)
            moved, to_ada = transfer(leg, ring, shop, line, ada, workshop)
            if moved != to_line:
                raise Failure("the caller is told another place after the transfer")
            with Tone(workshop, to_ada, WORKSHOP):
                transferred = time.monotonic() - began
                time.sleep(1.5)
                ended = time.monotonic() - began
        leg.send("BYE")
        leg.hear(200, of="BYE")

    recording = recording_of(gateway, call)
    if recording["failure"] or abs(recording["length_ms"] / 1_000 - ended) > 0.5:
        raise Failure(f"after {ended:.1f} s the recording is {recording}")
    [pause] = recording["paused"]
    if abs(pause["from_ms"] / 1_000 - paused) > 0.1 or abs(pause["to_ms"] / 1_000 - resumed) > 0.1:
        raise Failure(f"it was paused from {paused:.2f} s to {resumed:.2f} s; the recording has {pause}")
    tracks = Tracks(audio(gateway, recording))
    for from_s, to_s, left, right in (
        (0.3, paused - 0.1, ADA, DESK),
        (paused + 0.1, resumed - 0.1, None, None),
        (resumed + 0.1, resumed + 0.9, ADA, DESK),
        (transferred + 0.3, ended - 0.2, ADA, WORKSHOP),
    ):
        tracks.expect(from_s, to_s, left, right, TONES)


def live(gateway, line, state):
    """The live call to this number, which is recorded so."""
    [call] = [call for call in gateway.get("live-calls")["items"] if call["number"] == line.number]
    if call["recording"] != state:
        raise Failure(f"the live call is {call}")
    return call["id"]


def control(gateway, call, what, began):
    """Asks for it, and says when that was."""
    path = f"/api/v1/live-calls/{call}/recording/{what}"
    status, body = gateway.ask("POST", path, headers={"Authorization": f"Bearer {gateway.key}"})
    if status != 200:
        raise Failure(f"POST {path} answers {status}: {body[:300]!r}")
    return time.monotonic() - began


def transfer(leg, ring, shop, line, ada, workshop):
    """The desk sends the caller on; where each of the two sends their sound now."""
    ring.send("REFER", f"Refer-To: <sip:204@{LINE_HOST}:{line.port}>")
    ring.hear(202)
    new = shop.answerer(shop.hear("INVITE"))
    to_ada = place(new.asked.body)
    new.reply(200, body=workshop.session("workshop"))
    new.hear("ACK")
    moved = leg.hear("INVITE")
    leg.reply(200, body=ada.session("caller", version=2))
    leg.hear("ACK")
    for _ in range(2):
        ring.hear("NOTIFY")
        ring.reply(200)
    ring.hear("BYE")
    ring.reply(200)
    return place(moved.body), to_ada
