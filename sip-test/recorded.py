"""Tones that are said and found again: what a recording holds on its two tracks."""

import array
import io
import math
import threading
import time
import wave

from gateway import Failure, wait_until
from held import ends
from sound import KEYS, place

FRAME_S = 0.02
LOUD = 8_000
# The star key, as an event that is over (RFC 4733).
STAR = bytes([10, 0x8a, 0, 160])


def mulaw(sample):
    """G.711 of one sample of 16 bits."""
    sign, sample = (0x80, -sample) if sample < 0 else (0, sample)
    sample = min(sample, 32_635) + 132
    exponent = max(sample.bit_length() - 8, 0)
    return ~(sign | exponent << 4 | sample >> exponent + 3 & 0x0F) & 0xFF


class Tone(threading.Thread):
    """Says a tone in PCMU, 20 ms at a time, until it is stopped."""

    def __init__(self, sound, to, hz):
        super().__init__(daemon=True)
        self.sound, self.to, self.hz, self.over = sound, to, hz, threading.Event()

    def run(self):
        begin = time.monotonic()
        for frame in range(100_000):
            samples = (int(LOUD * math.sin(2 * math.pi * self.hz * (frame * 160 + n) / 8_000)) for n in range(160))
            self.sound.says(self.to, payload=bytes(map(mulaw, samples)), kind=0)
            if self.over.wait(max(begin + (frame + 1) * FRAME_S - time.monotonic(), 0)):
                return

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def talk_after_notice(caller, shop, ada, bob, number, refuses=False, **more):
    """A caller hears that they are recorded, may refuse by key, and talks with the line for a second."""
    leg = caller.invite(number, body=ada.session("caller"), **more)
    answer = leg.hear(200)
    leg.ack(answer)
    to_line = place(answer.body)
    if refuses:
        ada.says(to_line, payload=STAR, kind=KEYS)
    ring = shop.answerer(shop.hear("INVITE", within_s=8))
    to_caller = place(ring.asked.body)
    ring.reply(200, body=bob.session("line"))
    ring.hear("ACK")
    with Tone(ada, to_line, 440), Tone(bob, to_caller, 1_000):
        time.sleep(1)
    ends(leg, ring)


def recording_of(gateway, call):
    """The one recording of a call, when it is over."""
    def ended():
        found = list(gateway.list("recordings", call=call))
        return len(found) == 1 and found[0]["ended_at"] and found

    return wait_until(ended, 10, "the recording of the call is not over")[0]


def audio(gateway, recording):
    path = f"/api/v1/recordings/{recording['id']}/audio"
    status, body = gateway.ask("GET", path, headers={"Authorization": f"Bearer {gateway.key}"})
    if status != 200:
        raise Failure(f"GET {path} answers {status}: {body[:300]!r}")
    return body


def amplitude(samples, rate, hz):
    """How loud a tone is in samples."""
    step = 2 * math.pi * hz / rate
    parts = (sum(sample * of(n * step) for n, sample in enumerate(samples)) for of in (math.cos, math.sin))
    return 2 * math.hypot(*parts) / len(samples)


class Tracks:
    """Left and right of a WAV file."""

    def __init__(self, wav):
        with wave.open(io.BytesIO(wav)) as file:
            self.rate = file.getframerate()
            samples = array.array("h", file.readframes(file.getnframes()))
        self.tracks = samples[0::2], samples[1::2]

    def amplitude(self, track, hz, from_s, to_s):
        """How loud a tone is on a track (0: left) in a stretch of time."""
        return amplitude(self.tracks[track][int(from_s * self.rate):int(to_s * self.rate)], self.rate, hz)

    def expect(self, from_s, to_s, left, right, among):
        """These tones and no others; `None`: none at all."""
        for track, wanted in enumerate((left, right)):
            for hz in among:
                found = self.amplitude(track, hz, from_s, to_s)
                if (found > LOUD / 2) != (hz == wanted) or LOUD / 50 < found < LOUD / 2:
                    side = ("left", "right")[track]
                    raise Failure(f"{side} has {hz} Hz at {found:.0f} from {from_s:.1f} s to {to_s:.1f} s; "
                                  f"expected {wanted} Hz alone")
