"""A telephone that encrypts (RFC 4568, RFC 3711) talks to a line that does not.

What linphonec sends is opened by the gateway, or the line would hear noise and the recording hold
it; what the line says is sealed, or linphonec would drop it.
"""

import contextlib
import pathlib
import tempfile

from converted_user_agents.check import holds
from gateway import LINE_HOST, Failure, free_port, wait_until
from recorded import Tracks, audio, recording_of
from user_agents.check import kept, loud, start_baresip, start_linphone, talk, write_tone

ADA, DESK = TONES = 440, 1_000
TALK_S = 3
KEEPS = """
module sndfile.so
snd_path {folder}
"""


def check(gateway, line):
    talks(gateway, line, "srtp", b"RTP/SAVP")


def talks(gateway, line, encryption, proto, prepare=lambda folder: None):
    control = free_port(LINE_HOST)
    ada, desk = (pathlib.Path(tempfile.mkdtemp(prefix=f"whence-sealed-{name}-")) for name in ("ada", "desk"))
    write_tone(ada / "tone.wav", ADA)
    write_tone(desk / "tone.wav", DESK)
    with contextlib.ExitStack() as cleanup:
        baresip = start_baresip(desk, line.port, control, more=KEEPS.format(folder=desk))
        cleanup.callback(baresip.end)
        baresip.says("baresip is ready")
        prepare(ada)
        linphone = start_linphone(ada, encryption)
        cleanup.callback(linphone.end)
        talk(gateway, line.number, linphone, baresip, ada / "heard.wav")
        both_hear_each_other(ada / "heard.wav", next(desk.glob("dump-*-dec.wav")))
        linphone.tell("terminate")
        call, = gateway.calls_to(line.number, 1)

    streams = {stream["leg"]: stream for stream in gateway.get(f"calls/{call['id']}")["streams"]}
    for leg in (0, 1):
        if min(streams[leg]["received"], streams[leg]["sent"]) < 50 * TALK_S:
            raise Failure(f"{TALK_S} s of voice each way are expected: {streams[leg]}")
    path, key = f"/api/v1/calls/{call['id']}/ladder?format=text", {"Authorization": f"Bearer {gateway.key}"}
    ladder = wait_until(lambda: (told := gateway.ask("GET", path, headers=key))[0] == 200 and told[1], 15,
                        "there is no ladder")
    if proto not in ladder:
        raise Failure("linphonec did not ask for encryption, so nothing was tried")
    tracks = Tracks(audio(gateway, recording_of(gateway, call["id"])))
    # What is under way when somebody hangs up is not looked at.
    end = int(10 * len(tracks.tracks[0]) / tracks.rate)
    holds(tracks, ADA, DESK, range(end - 10 * TALK_S + 5, end - 3))


def both_hear_each_other(by_ada, by_desk):
    """For `TALK_S`, from when the keys are there on both sides."""
    wait_until(lambda: loud(kept(by_ada), TONES) == DESK, 15, "Ada does not hear the desk")
    wait_until(lambda: loud(kept(by_desk), TONES) == ADA, 15, "the desk does not hear Ada")
    enough = {path: len(kept(path)) + 8_000 * TALK_S for path in (by_ada, by_desk)}
    wait_until(lambda: all(len(kept(path)) >= length for path, length in enough.items()), 15,
               f"{TALK_S} s of sound are not kept")
