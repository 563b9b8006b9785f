"""What a caller hears whom the gateway speaks to: A-law, and what is in it."""

import contextlib
import math

from gateway import Failure
from sound import receive


def empty(sound):
    """What was under way is heard no more."""
    with contextlib.suppress(Failure):
        while True:
            receive(sound.rtp, 0.002)


def samples(alaw):
    return [decoded(byte) for byte in alaw]


def decoded(byte):
    """G.711, A-law."""
    byte ^= 0x55
    step, sign = byte & 0x0f, 1 if byte & 0x80 else -1
    segment = (byte & 0x70) >> 4
    value = (step << 4) + (8 if segment == 0 else 0x108)
    return sign * (value if segment < 2 else value << (segment - 1))


def loudness(alaw):
    values = samples(alaw)
    return math.sqrt(sum(value * value for value in values) / len(values))


def share_of(hertz, alaw):
    """How much of the power is at this frequency: the samples against a sine and a cosine."""
    values = samples(alaw)
    turn = [2 * math.pi * hertz * at / 8_000 for at in range(len(values))]
    sine = sum(value * math.sin(angle) for value, angle in zip(values, turn))
    cosine = sum(value * math.cos(angle) for value, angle in zip(values, turn))
    power = sum(value * value for value in values)
    return 2 * (sine * sine + cosine * cosine) / len(values) / power if power else 0
