"""Two real user agents talk through the gateway: nothing that we wrote stands at either end.

linphonec calls, baresip answers; the voice goes past the gateway. Both play a
tone from a file, linphonec records what it hears, and baresip tells how much
comes in.
"""

import array
import contextlib
import math
import pathlib
import re
import socket
import struct
import subprocess
import tempfile
import time
import wave

from gateway import CALLER_HOST, LINE_HOST, Failure, free_port, wait_until
from recorded import amplitude

BARESIP = """
poll_method epoll
sip_listen {host}:{port}
net_interface {host}
audio_source aufile,{folder}/tone.wav
audio_player aubridge,null
audio_alert aubridge,null
module_path {modules}
module g711.so
module aubridge.so
module aufile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen {host}:{control}
"""
LINPHONE = """
[sip]
sip_port={port}
sip_tcp_port=-1
sip_tls_port=-1
contact="Ada" <sip:+33639980001@{host}>
guess_hostname=0
media_encryption={encryption}
[rtp]
audio_rtp_port={rtp}
[sound]
echocancellation=0
"""


def write_tone(path, hz=440, rate=8000, channels=1, seconds=10):
    with wave.open(str(path), "wb") as tone:
        tone.setnchannels(channels)
        tone.setsampwidth(2)
        tone.setframerate(rate)
        samples = (int(8000 * math.sin(2 * math.pi * hz * n / rate)) for n in range(rate * seconds))
        tone.writeframes(b"".join(struct.pack("<h", sample) * channels for sample in samples))


class Agent:
    """A program that is told what to do line by line, and says what it does."""

    def __init__(self, folder, name, *words):
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(words, cwd=folder, stdin=subprocess.PIPE, stdout=log, stderr=log,
                                            env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"})

    def tell(self, line):
        self.process.stdin.write(f"{line}\n".encode())
        self.process.stdin.flush()

    def said(self, pattern, since=0):
        return re.search(pattern, self.log.read_text(errors="replace")[since:])

    def says(self, pattern, since=0, within_s=10):
        try:
            wait_until(lambda: self.said(pattern, since), within_s, "")
        except Failure:
            raise Failure(f"{self.log.stem} does not say {pattern!r}:\n{self.log.read_text(errors='replace')[-2000:]}") from None

    def heard(self):
        return len(self.log.read_text(errors="replace"))

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def modules():
    found = next(pathlib.Path("/usr/lib").glob("**/baresip/modules"), None)
    if found is None:
        raise Failure("baresip is missing: apt install baresip-core")
    return found


def start_baresip(folder, port, control, codec="PCMA/8000/1", user="line", more="", account=""):
    """`more` of its settings, and of its `account`'s."""
    home = folder / "baresip"
    home.mkdir()
    (home / "config").write_text(
        BARESIP.format(host=LINE_HOST, port=port, folder=folder, modules=modules(), control=control) + more)
    (home / "accounts").write_text(
        f"<sip:{user}@{LINE_HOST}:{port}>;regint=0;answermode=auto;audio_codecs={codec}{account}\n")
    (home / "contacts").write_text("")
    return Agent(folder, "baresip.out", "baresip", "-f", str(home))


def start_linphone(folder, encryption="none", port=None):
    """`encryption`: as linphonec names it; "srtp" is that with keys in the description, "dtls" that by a handshake."""
    for path in (".local/share/linphone", ".config/linphone"):
        (folder / path).mkdir(parents=True)
    settings = folder / "linphonerc"
    settings.write_text(
        LINPHONE.format(host=CALLER_HOST, port=port or free_port(), rtp=free_port(), encryption=encryption))
    agent = Agent(folder, "linphonec.out", "linphonec", "-c", str(settings), "-d", "0")
    for line in ("soundcard use files", "ipv6 disable"):
        agent.tell(line)
    agent.says("Using wav files")
    return agent


def command(control, words):
    """A command to baresip: JSON in a netstring."""
    text = '{"command":"%s"}' % words
    with socket.create_connection((LINE_HOST, control), 5) as connection:
        connection.sendall(f"{len(text)}:{text},".encode())
        connection.recv(4096)


def talk(gateway, number, linphone, baresip, recorded):
    """A call that is up, with the voice on its way in both directions."""
    since = baresip.heard()
    linphone.tell(f"record {recorded}")
    linphone.tell(f"call sip:{number}@{CALLER_HOST}:{gateway.sip_port}")
    baresip.says("Call established", since)
    linphone.tell(f"play {recorded.parent}/tone.wav")
    # Bits a second: out and in.
    baresip.says(r"audio=[1-9]\d*/[1-9]\d*", since)
    wait_until(lambda: recorded.exists() and recorded.stat().st_size > 16_000, 10,
               "linphonec does not hear a second of voice")
    return since


def kept(path):
    """What a telephone has kept so far of what it hears (16 bits, 8,000 Hz), whether it has written the head of the file or not."""
    data = path.read_bytes()[44:] if path.exists() else b""
    return array.array("h", data[:len(data) & ~1])


def loud(samples, tones):
    """Which of the tones it is in the last half second, and that alone."""
    last = samples[-4_000:]
    heard = [hz for hz in tones if len(last) and amplitude(last, 8_000, hz) > 2_000]
    return heard[0] if len(heard) == 1 else None


def check(gateway, line):
    control = free_port(LINE_HOST)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-agents-"))
    write_tone(folder / "tone.wav")
    with contextlib.ExitStack() as cleanup:
        baresip = start_baresip(folder, line.port, control)
        cleanup.callback(baresip.end)
        baresip.says("baresip is ready")
        linphone = start_linphone(folder)
        cleanup.callback(linphone.end)

        since = talk(gateway, line.number, linphone, baresip, folder / "first.wav")
        linphone.tell("terminate")
        baresip.says("terminated", since)
        first, = gateway.calls_to(line.number, 1)

        # What is left of the first call on either side would disturb the second.
        time.sleep(1)
        talk(gateway, line.number, linphone, baresip, folder / "second.wav")
        since = linphone.heard()
        command(control, "hangup")
        linphone.says("ended", since)
        calls = gateway.calls_to(line.number, 2)

    second, = (call for call in calls if call["id"] != first["id"])
    for call, by in ((first, "caller"), (second, "line")):
        if call["hung_up_by"] != by:
            raise Failure(f"the {by} hung up, and the record says {call['hung_up_by']}")
