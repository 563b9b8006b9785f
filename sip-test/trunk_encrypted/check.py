"""A trunk with `sdes`: what leaves over it is encrypted, or does not leave; and so is all that is said there later."""

import contextlib
import pathlib
import tempfile

from converted_user_agents.check import DESK, heard_by_baresip, session, talks
from gateway import CALLER_HOST, LINE_HOST, Failure, free_port
from party import Party, sdp
from sound import Sound, place
from user_agents.check import start_baresip, write_tone

SETTINGS = """
module srtp.so
module sndfile.so
snd_path {folder}
"""
CALLED = "+33612345678"
KEY = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
SEALED = sdp("shop").replace("RTP/AVP", "RTP/SAVP") + KEY
# Neither can be relayed.
NINE_STREAMS = sdp("odd") + "m=audio 0 RTP/AVP 8\r\n" * 8
OF_PARTS = f"--x\r\nContent-Type: application/sdp\r\n\r\n{sdp('odd')}\r\n--x--\r\n"
MIXED = 'Content-Type: multipart/mixed;boundary="x"'


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller:
        talks_to_baresip(gateway, caller, line)
        with Party(LINE_HOST, port=line.port) as shop:
            is_not_called_without(caller, line, shop)
            is_refused_where_it_cannot_be_encrypted(caller, line, shop)
            is_hung_up_when_it_answers_in_the_clear(caller, line, shop)
            ends_when_it_agrees_in_the_clear(caller, line, shop)
    calls = gateway.calls_to(line.number, 6)
    told = [(call["outcome"], call["sip_status"], call["end_reason"]) for call in reversed(calls)]
    if told != [("answered", 200, None), ("failed", 488, None), ("failed", 488, "unsealed"), ("answered", 200, None),
                ("failed", 488, "unsealed"), ("answered", 200, "unsealed")]:
        raise Failure(f"the record tells {told}")


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


def is_not_called_without(caller, line, shop):
    leg = caller.invite(line.number)
    ring = shop.answerer(shop.hear("INVITE"))
    if " RTP/SAVP " not in ring.asked.body or "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" not in ring.asked.body:
        raise Failure(f"the trunk is not offered encryption:\n{ring.asked.body}")
    ring.reply(488)
    ring.hear("ACK")
    leg.ack(leg.hear(488))
    shop.hears_no("INVITE")
    leg = caller.invite(line.number, body=NINE_STREAMS)
    leg.ack(leg.hear(488))
    shop.hears_no("INVITE")


def is_refused_where_it_cannot_be_encrypted(caller, line, shop):
    """Whoever asks for it, and the talk goes on."""
    leg, ring = talk(caller, line, shop)
    for asker, other in ((leg, ring), (ring, leg)):
        for method in ("INVITE", "UPDATE"):
            for header, body in ((), NINE_STREAMS), ((MIXED,), OF_PARTS):
                asker.send(method, *header, body=body)
                refused = asker.hear(488, of=method)
                if method == "INVITE":
                    asker.ack(refused)
        other.hears_no("INVITE")
        other.hears_no("UPDATE", 0)
    # The trunk itself does not fall back to plain.
    ring.send("INVITE", body=sdp("shop"))
    ring.ack(ring.hear(488, of="INVITE"))
    leg.hears_no("INVITE")
    # What is answered so is refused to whoever has asked.
    for asker, other, asks in ((leg, ring, sdp("caller", mode="sendonly")), (ring, leg, SEALED + "a=sendonly\r\n")):
        asker.send("INVITE", body=asks)
        other.hear("INVITE")
        other.reply(200, body=NINE_STREAMS)
        other.hear("ACK")
        asker.ack(asker.hear(488, of="INVITE"))
    leg.bye()
    ring.hear("BYE")
    ring.reply(200)


def is_hung_up_when_it_answers_in_the_clear(caller, line, shop):
    leg = caller.invite(line.number)
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(183, body=sdp("shop"))
    if leg.hear(183).body:
        raise Failure("the caller is given a session in the clear")
    ring.reply(200, body=sdp("shop"))
    ring.hear("ACK")
    ring.hear("BYE")
    ring.reply(200)
    leg.ack(leg.hear(488))


def ends_when_it_agrees_in_the_clear(caller, line, shop):
    leg, ring = talk(caller, line, shop)
    leg.send("INVITE", body=sdp("caller", mode="sendonly"))
    ring.hear("INVITE")
    ring.reply(200, body=sdp("shop", mode="recvonly"))
    leg.ack(leg.hear(488, of="INVITE"))
    for one in (leg, ring):
        one.hear("BYE")
        one.reply(200)


def talk(caller, line, shop):
    leg = caller.invite(line.number)
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(200, body=SEALED)
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    return leg, ring
