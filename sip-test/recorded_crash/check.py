"""kill -9 in the middle of a call: what was said until a second before is kept and can be played."""

import struct
import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party
from recorded import Tone, audio, recording_of
from sound import Sound, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 1) as ada, Sound(LINE_HOST, 3) as desk,
          talk(caller, shop, line.number, ada, desk) as (_, _, to_ada, to_line),
          Tone(ada, to_line, 440), Tone(desk, to_ada, 1_000)):
        began = time.monotonic()
        time.sleep(4.3)
        call = gateway.get("live-calls")["items"][0]["id"]
        gateway.kill()
        said_s = time.monotonic() - began
    gateway.start()

    recording = recording_of(gateway, call)
    if recording["failure"] != "crashed":
        raise Failure(f"the recording is {recording}")
    kept_s = length_s(audio(gateway, recording))
    if not said_s - 1 < kept_s <= said_s + 0.1:
        raise Failure(f"{said_s:.2f} s were said, {kept_s:.2f} s are kept")


def length_s(ogg):
    """How much there is to play: the position of the last page (RFC 3533 §6), at 48,000 Hz."""
    at = position = 0
    while at < len(ogg):
        magic, position, segments = struct.unpack_from("<4s2xQ12xB", ogg, at)
        if magic != b"OggS":
            raise Failure(f"at {at} of {len(ogg)} there is no page of Ogg")
        at += 27 + segments + sum(ogg[at + 27:at + 27 + segments])
    return position / 48_000
