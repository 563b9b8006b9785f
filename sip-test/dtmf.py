"""Keys as tones (ITU-T Q.23), in PCMU."""

import math
import time

from recorded import mulaw

LOW, HIGH = (697, 770, 852, 941), (1_209, 1_336, 1_477, 1_633)
KEYS = "123A456B789C*0#D"


def silence(ms):
    return bytes([0xFF]) * (8 * ms)


def tone(key, ms=100):
    low, high = LOW[KEYS.index(key) // 4], HIGH[KEYS.index(key) % 4]
    turns = (2 * math.pi * n / 8_000 for n in range(8 * ms))
    return bytes(mulaw(int(6_000 * (math.sin(low * turn) + math.sin(high * turn)))) for turn in turns)


def press(sound, to, key):
    """Plays a key by way of a `Sound`, a packet each 20 ms, and gives the packets."""
    payloads = tone(key) + silence(60)
    packets = []
    for at in range(0, len(payloads), 160):
        packets.append(sound.says(to, payload=payloads[at:at + 160], kind=0))
        time.sleep(0.02)
    return packets
