"""SIPp calls and plays a file, baresip answers and plays another: nobody of ours makes a packet.

baresip sends from another address of the machine than it names; the trunk's range holds both.
"""

import contextlib
import math
import pathlib
import tempfile

import sipp
from gateway import CALLER_HOST, LINE_HOST, Failure, free_port
from recorded import LOUD, Tracks, audio, mulaw, recording_of
from user_agents.check import start_baresip, write_tone

HERE = pathlib.Path(__file__).resolve().parent
ADA, DESK = TONES = 440, 1_000
TALK_S = 3


def check(gateway, line):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-recorded-"))
    samples = (int(LOUD * math.sin(2 * math.pi * ADA * n / 8_000)) for n in range(8_000))
    (folder / "tone.ul").write_bytes(bytes(map(mulaw, samples)))
    write_tone(folder / "tone.wav", DESK)
    with contextlib.ExitStack() as cleanup:
        baresip = start_baresip(folder, line.port, free_port(LINE_HOST), "PCMU/8000/1")
        cleanup.callback(baresip.end)
        baresip.says("baresip is ready")
        caller = sipp.caller(HERE / "plays.xml", line.number, (CALLER_HOST, gateway.sip_port), folder, free_port())
        cleanup.callback(caller.kill)
        caller.start().finish()
        call, = gateway.calls_to(line.number, 1)

    recording = recording_of(gateway, call["id"])
    if recording["failure"] or abs(recording["length_ms"] / 1_000 - TALK_S) > 0.5:
        raise Failure(f"after {TALK_S} s the recording is {recording}")
    tracks = Tracks(audio(gateway, recording))
    # SIPp slips a part of a packet now and then, so tones are looked for in short stretches.
    for fifth in range(5, 5 * TALK_S - 2):
        tracks.expect(fifth / 5, (fifth + 1) / 5, ADA, DESK, TONES)
