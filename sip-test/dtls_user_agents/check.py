"""A telephone that shakes hands for its keys (RFC 5763), without ICE, and one that has none, whoever calls.

linphonec has a handshake for packets and one for reports; its certificate is one of ECDSA.
"""

import array
import contextlib
import pathlib
import subprocess
import tempfile
import time

from converted_user_agents.check import LINEAR, session
from gateway import CALLER_HOST, Failure, wait_until
from heard import empty
from party import Party
from recorded import Tone, amplitude
from sealed_user_agents import check as sealed
from sound import Sound, place, receive
from user_agents.check import start_linphone, write_tone

ADA, DESK = TONES = 440, 1_000
AWAY = "+33199009990"
# There and by this name linphonec looks for what it shows; of itself it would make one of RSA.
CERTIFICATES, IDENTITY = ".linphone-usr-crt", "linphone-dtls-default-identity"


def check(gateway, line):
    sealed.talks(gateway, line, "dtls", b"UDP/TLS/RTP/SAVP", certificate)
    answers_over_the_trunk(gateway)
    metrics = gateway.ask("GET", "/metrics")[1].decode()
    if 'whence_media_handshakes_total{how="done"} 4' not in metrics:
        raise Failure("two handshakes a call are expected, for packets and for reports")
    if 'whence_media_packets_dropped_total{why="unauthentic"} 0' not in metrics:
        raise Failure("some packets cannot be opened")


def certificate(folder):
    path = folder / CERTIFICATES / f"{IDENTITY}.pem"
    path.parent.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "30", "-subj", f"/CN={IDENTITY}", "-keyout", folder / "key.txt", "-out", path],
                   check=True, capture_output=True)
    path.write_text(path.read_text() + (folder / "key.txt").read_text())


def answers_over_the_trunk(gateway):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-dtls-desk-"))
    write_tone(folder / "tone.wav", DESK)
    certificate(folder)
    with contextlib.ExitStack() as cleanup:
        desk = start_linphone(folder, "dtls", port=int(gateway.names["spare1"]))
        cleanup.callback(desk.end)
        desk.tell("autoanswer enable")
        desk.tell(f"record {folder}/heard.wav")
        caller = cleanup.enter_context(Party(CALLER_HOST, gateway.sip))
        ada = cleanup.enter_context(Sound(CALLER_HOST, 7))
        leg = caller.invite(AWAY, body=session(ada, "ada"))
        answer = leg.hear(200)
        leg.ack(answer)
        if " RTP/AVP " not in answer.body or "fingerprint" in answer.body:
            raise Failure(f"the caller is told of keys:\n{answer.body}")
        with Tone(ada, place(answer.body), ADA):
            desk.tell(f"play {folder}/tone.wav")
            wait_until(lambda: loud(hears(ada)) == DESK, 10, "the caller does not hear the desk")
            time.sleep(2)
        leg.send("BYE")
        leg.hear(200, of="BYE")
        wait_until(lambda: loud(kept(folder / "heard.wav")) == ADA, 10, "the desk does not hear the caller")


def hears(ada):
    empty(ada)
    return [LINEAR[byte] for _ in range(25) for byte in receive(ada.rtp)[12:]]


def kept(path):
    """The second before the last that linphonec has kept, whether it has written the head of the file or not."""
    data = path.read_bytes()[44:] if path.exists() else b""
    return array.array("h", data[:len(data) & ~1])[-16_000:-8_000]


def loud(samples):
    """Which of the tones it is, and that alone."""
    heard = [hz for hz in TONES if len(samples) and amplitude(samples, 8_000, hz) > 2_000]
    return heard[0] if len(heard) == 1 else None
