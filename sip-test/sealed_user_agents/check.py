"""A telephone that encrypts (RFC 4568, RFC 3711) talks to a line that does not.

What linphonec sends is opened by the gateway, or the line would hear noise and the recording hold
it; what the line says is sealed, or linphonec would drop it.
"""

import contextlib
import pathlib
import tempfile
import time

from converted_user_agents.check import holds
from gateway import LINE_HOST, Failure, free_port, wait_until
from recorded import Tracks, audio, recording_of
from user_agents.check import start_baresip, start_linphone, talk, write_tone

ADA, DESK = 440, 1_000
TALK_S = 3


def check(gateway, line):
    talks(gateway, line, "srtp", b"RTP/SAVP")


def talks(gateway, line, encryption, proto, prepare=lambda folder: None):
    control = free_port(LINE_HOST)
    ada, desk = (pathlib.Path(tempfile.mkdtemp(prefix=f"whence-sealed-{name}-")) for name in ("ada", "desk"))
    write_tone(ada / "tone.wav", ADA)
    write_tone(desk / "tone.wav", DESK)
    with contextlib.ExitStack() as cleanup:
        baresip = start_baresip(desk, line.port, control)
        cleanup.callback(baresip.end)
        baresip.says("baresip is ready")
        prepare(ada)
        linphone = start_linphone(ada, encryption)
        cleanup.callback(linphone.end)
        talk(gateway, line.number, linphone, baresip, ada / "heard.wav")
        time.sleep(TALK_S)
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
    # By then hands are shaken as well.
    holds(tracks, ADA, DESK, range(20, 40))
