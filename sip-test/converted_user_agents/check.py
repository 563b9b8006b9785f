"""A telephone with G.711 alone and one with Opus alone (baresip, by libopus) hear each other, whoever calls.

baresip keeps what it hears in a file; keys go to it as events.
"""

import array
import contextlib
import pathlib
import tempfile
import time
import wave

from gateway import CALLER_HOST, LINE_HOST, Failure, free_port, wait_until
from heard import empty
from party import Party
from recorded import Tone, Tracks, amplitude, audio, mulaw, recording_of
from sound import KEYS, Sound, place, receive
from user_agents.check import command, start_baresip, write_tone

ADA, DESK = TONES = 440, 1_000
TALK_S = 3
# Nothing is said by two bytes.
LINEAR = {0x7F: 0} | {mulaw(sample): sample for sample in range(-32_768, 32_768, 4)}
SETTINGS = """
module opus.so
module sndfile.so
snd_path {folder}
"""
OFFER = "m=audio {port} RTP/AVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"


def check(gateway, line):
    known = set()
    for caller, says in ((ada_calls, (ADA, DESK)), (desk_calls, (DESK, ADA))):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-converted-"))
        control, port = free_port(LINE_HOST), line.port if caller is ada_calls else free_port(LINE_HOST)
        write_tone(folder / "tone.wav", DESK, 48_000, 2)
        with contextlib.ExitStack() as cleanup:
            baresip = start_baresip(folder, port, control, "opus/48000/2",
                                    more=SETTINGS.format(folder=folder))
            cleanup.callback(baresip.end)
            baresip.says("baresip is ready")
            caller(gateway, line, baresip, control)
        heard_by_baresip(folder)
        call, = (call for call in gateway.calls_to(line.number, len(known) + 1) if call["id"] not in known)
        known.add(call["id"])
        tracks = Tracks(audio(gateway, recording_of(gateway, call["id"])))
        holds(tracks, *says)
    for codec in ("opus", "pcmu"):
        if f'whence_media_converted_total{{codec="{codec}"}} 2' not in gateway.ask("GET", "/metrics")[1].decode():
            raise Failure(f"two streams were converted to {codec}; the metrics do not say so")


def holds(tracks, left, right, tenths=range(10, 10 * TALK_S - 5)):
    """In short stretches: a recording makes up for a clock that goes otherwise by a sample a packet, and a packet may come late."""
    failures = []
    for tenth in tenths:
        try:
            tracks.expect(tenth / 10, (tenth + 1) / 10, left, right, TONES)
        except Failure as failure:
            failures.append(failure)
    if len(failures) > 3:
        raise failures[0]


def session(sound, owner):
    head, media = sound.session(owner).split("m=")
    return head + OFFER.format(port=sound.port)


def ada_calls(gateway, line, baresip, control):
    with Party(CALLER_HOST, gateway.sip) as caller, Sound(CALLER_HOST, 7) as ada:
        leg = caller.invite(line.number, body=session(ada, "ada"))
        answer = leg.hear(200)
        leg.ack(answer)
        if "RTP/AVP 0 101" not in answer.body or "opus" in answer.body.lower():
            raise Failure(f"the caller is answered with what it does not have:\n{answer.body}")
        talks(ada, place(answer.body), baresip)
        leg.send("BYE")
        leg.hear(200, of="BYE")


def desk_calls(gateway, line, baresip, control):
    with Party(LINE_HOST, port=line.port) as shop, Sound(LINE_HOST, 9) as ada:
        command(control, f"dial sip:{line.number}@{CALLER_HOST}:{gateway.sip_port}")
        ring = shop.answerer(shop.hear("INVITE"))
        if "PCMU" not in ring.asked.body.upper() or "opus" not in ring.asked.body:
            raise Failure(f"the line is not offered what it has:\n{ring.asked.body}")
        to = place(ring.asked.body)
        ring.reply(200, body=session(ada, "line"))
        ring.hear("ACK")
        talks(ada, to, baresip)
        command(control, "hangup")
        ring.hear("BYE")
        ring.reply(200)


def talks(ada, to, baresip):
    with Tone(ada, to, ADA):
        time.sleep(TALK_S)
        empty(ada)
        packets = [receive(ada.rtp) for _ in range(25)]
        ada.says(to, payload=b"\x05\x0a\x00\xa0", kind=KEYS)
        baresip.says("event: '5'")
    if any(packet[1] & 0x7F != 0 or len(packet) != 172 for packet in packets):
        raise Failure(f"PCMU of 20 ms is expected: {packets[0]!r}")
    samples = [LINEAR[byte] for packet in packets for byte in packet[12:]]
    loud = {hz: amplitude(samples, 8_000, hz) for hz in TONES}
    if loud[DESK] < 3_000 or loud[ADA] > 500:
        raise Failure(f"the telephone with G.711 hears {loud}")


def heard_by_baresip(folder):
    path = wait_until(lambda: next(folder.glob("dump-*-dec.wav"), None), 5, "baresip keeps nothing")
    with wave.open(str(path)) as file:
        rate, channels = file.getframerate(), file.getnchannels()
        samples = array.array("h", file.readframes(file.getnframes()))[::channels]
    second = samples[rate:2 * rate]
    loud = {hz: amplitude(second, rate, hz) for hz in TONES}
    if loud[ADA] < 3_000 or loud[DESK] > 500:
        raise Failure(f"the telephone with Opus hears {loud}")
