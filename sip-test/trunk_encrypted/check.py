"""A trunk with `sdes`: what leaves over it is encrypted, or does not leave."""

import contextlib
import pathlib
import tempfile

from converted_user_agents.check import DESK, heard_by_baresip, session, talks
from gateway import CALLER_HOST, LINE_HOST, Failure, free_port
from party import Party
from sound import Sound, place
from user_agents.check import start_baresip, write_tone

SETTINGS = """
module srtp.so
module sndfile.so
snd_path {folder}
"""
CALLED = "+33612345678"


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller:
        talks_to_baresip(gateway, caller, line)
        is_not_called_without(caller, line)
    calls = gateway.calls_to(line.number, 2)
    if sorted((call["outcome"], call["sip_status"]) for call in calls) != [("answered", 200), ("failed", 488)]:
        raise Failure(f"the record tells {calls}")


def talks_to_baresip(gateway, caller, line):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-encrypted-"))
    write_tone(folder / "tone.wav", DESK)
    with contextlib.ExitStack() as cleanup:
        baresip = start_baresip(folder, line.port, free_port(LINE_HOST), "PCMU/8000/1", user=CALLED,
                                more=SETTINGS.format(folder=folder), account=";mediaenc=srtp-mand")
        cleanup.callback(baresip.end)
        baresip.says("baresip is ready")
        with Sound(CALLER_HOST, 7) as ada:
            leg = caller.invite(line.number, body=session(ada, "ada"))
            answer = leg.hear(200)
            leg.ack(answer)
            if "RTP/SAVP" in answer.body or "crypto" in answer.body:
                raise Failure(f"the caller is told of keys:\n{answer.body}")
            talks(ada, place(answer.body), baresip)
            leg.send("BYE")
            leg.hear(200, of="BYE")
    heard_by_baresip(folder)


def is_not_called_without(caller, line):
    with Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        if " RTP/SAVP " not in ring.asked.body or "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" not in ring.asked.body:
            raise Failure(f"the trunk is not offered encryption:\n{ring.asked.body}")
        ring.reply(488)
        ring.hear("ACK")
        leg.ack(leg.hear(488))
        shop.hears_no("INVITE")
