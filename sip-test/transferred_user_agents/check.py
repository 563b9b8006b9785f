"""A real telephone transfers as its people do: it holds the caller, asks a colleague, and lets go of both."""

import contextlib
import pathlib
import tempfile
import time

from converted_user_agents.check import ADA, DESK, LINEAR, TONES, session
from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from heard import empty
from party import Party
from recorded import Tone, amplitude
from sound import Sound, place, receive
from user_agents.check import start_linphone, write_tone

# At the usual port, since linphonec leaves the port out of what it refers to.
COLLEAGUE = "127.0.0.6"


def check(gateway, line):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-transferred-"))
    write_tone(folder / "tone.wav", DESK)
    with contextlib.ExitStack() as cleanup:
        desk = start_linphone(folder, "srtp", port=line.port)
        cleanup.callback(desk.end)
        desk.tell("autoanswer enable")
        caller = cleanup.enter_context(Party(CALLER_HOST, gateway.sip))
        pbx = cleanup.enter_context(Party(COLLEAGUE, port=5060))
        ada = cleanup.enter_context(Sound(CALLER_HOST, 7))
        asked, bob = (cleanup.enter_context(Sound(COLLEAGUE, ssrc)) for ssrc in (8, 9))

        leg = caller.invite(line.number, body=session(ada, "ada"))
        answer = leg.hear(200)
        leg.ack(answer)
        with Tone(ada, place(answer.body), ADA):
            desk.tell(f"play {folder}/tone.wav")
            wait_until(lambda: hears(ada) == DESK, 10, "the caller does not hear the desk")
        # It counts its calls.
        desk.tell("pause 1")
        hold = leg.hear("INVITE")
        if "a=sendonly" not in hold.body and "a=inactive" not in hold.body:
            raise Failure(f"the caller is not held:\n{hold.body}")
        leg.reply(200, body=session(ada, "ada").replace("sendrecv", "recvonly"))
        leg.hear("ACK")
        desk.tell(f"call sip:colleague@{COLLEAGUE}")
        question = pbx.answerer(pbx.hear("INVITE"))
        question.reply(200, body=answer_of(question.asked.body, asked))
        question.hear("ACK")
        desk.says("Call 2 with .* connected")
        desk.tell("transfer 1 --to-call 2")

        new = pbx.answerer(pbx.hear("INVITE", where=lambda invite: invite["call-id"] != question.call_id))
        offered = new.asked.body
        if not (new.asked["replaces"] or "").startswith(question.call_id):
            raise Failure(f"the colleague is not told what is replaced:\n{new.asked}")
        new.reply(200, body=session(bob, "colleague"))
        new.hear("ACK")
        # What is replaced ends (RFC 3891 §3).
        question.bye()
        moved = leg.hear("INVITE")
        leg.reply(200, body=session(ada, "ada"))
        leg.hear("ACK")
        with Tone(bob, place(offered), DESK), Tone(ada, place(moved.body), ADA):
            wait_until(lambda: hears(ada) == DESK, 5, "the caller does not hear the colleague")
            wait_until(lambda: hears(bob) == ADA, 5, "the colleague does not hear the caller")
        leg.send("BYE")
        leg.hear(200, of="BYE")
        new.hear("BYE")
        new.reply(200)
    call, = gateway.calls_to(line.number, 1)
    transfers = gateway.get(f"calls/{call['id']}")["transfers"]
    if [(it["kind"], it["outcome"]) for it in transfers] != [("attended", "done")]:
        raise Failure(f"the transfer is written down as {transfers}")


def answer_of(offer, sound):
    """What linphonec takes, which offers encryption here as well."""
    proto = "RTP/SAVP" if " RTP/SAVP " in offer else "RTP/AVP"
    keys = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n"
    return session(sound, "colleague").replace("RTP/AVP", proto) + (keys if proto == "RTP/SAVP" else "")


def hears(sound):
    """The one tone that is heard, if it is one."""
    empty(sound)
    samples = [LINEAR[byte] for _ in range(25) for byte in receive(sound.rtp)[12:]]
    loud = [hz for hz in TONES if amplitude(samples, 8_000, hz) > 3_000]
    return loud[0] if len(loud) == 1 else None
