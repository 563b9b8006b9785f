"""A line that does not answer, and what callers do then."""

import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party
from recorded import Tone, audio, recording_of
from sound import KEYS, Sound, place, receive
from heard import share_of

AWAY = "+33199009984"
HASH = bytes([11, 0x8a, 0, 160])


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada):
        for leave in (hangs_up, presses_hash, says_more_than_fits, says_nothing):
            leg = caller.invite(AWAY, body=ada.session("caller"))
            invite = shop.hear("INVITE")
            ring = shop.answerer(invite)
            ring.reply(180)
            ring.reply(200, to=ring.hear("CANCEL"))
            ring.reply(487, to=invite)
            answer = leg.hear(200)
            leg.ack(answer)
            leave(leg, ada, place(answer.body))
    calls = sorted(gateway.calls_to(AWAY, 4), key=lambda call: call["arrived_at"])
    found = [(call["outcome"], call["hung_up_by"], call["answered_at"]) for call in calls]
    message = ("voicemail", "caller", None), ("voicemail", "gateway", None)
    if found != [message[0], message[1], message[1], ("missed", "caller", None)]:
        raise Failure(f"the records tell {found}")
    lengths = [recording_of(gateway, call["id"])["length_ms"] for call in calls[:3]]
    if not (2_300 <= lengths[0] <= 3_500 and 2_300 <= lengths[1] <= 3_500 and 4_800 <= lengths[2] <= 5_500):
        raise Failure(f"the messages are {lengths} ms long")
    if not audio(gateway, recording_of(gateway, calls[0]["id"])).startswith(b"OggS"):
        raise Failure("the message is no Ogg file")


def after_the_tone(ada):
    """Hears prompt and tone to their end."""
    heard, quiet = b"", 0
    while not quiet:
        try:
            heard += receive(ada.rtp, 0.5)[12:]
        except Failure:
            quiet = 1
    if share_of(1_000, heard[-2_400:]) < 0.9:
        raise Failure("no tone says when to begin")


def hangs_up(leg, ada, to_gateway):
    after_the_tone(ada)
    with Tone(ada, to_gateway, 440):
        time.sleep(2)
    leg.bye()


def presses_hash(leg, ada, to_gateway):
    after_the_tone(ada)
    with Tone(ada, to_gateway, 440):
        time.sleep(2)
    ada.says(to_gateway, payload=HASH, kind=KEYS)
    leg.hear("BYE")
    leg.reply(200)


def says_more_than_fits(leg, ada, to_gateway):
    after_the_tone(ada)
    with Tone(ada, to_gateway, 440):
        leg.hear("BYE", within_s=6)
    leg.reply(200)


def says_nothing(leg, ada, to_gateway):
    time.sleep(0.5)
    leg.bye()
