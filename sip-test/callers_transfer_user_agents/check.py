"""A real telephone that has called wants to go elsewhere with its call. It is refused, and the call stays where it is.

After each refusal both sides hum at other pitches: what is heard then was said then.
"""

import contextlib
import pathlib
import tempfile

from converted_user_agents.check import LINEAR, session
from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from heard import empty
from party import Party
from recorded import Tone, amplitude
from sound import Sound, place, receive
from user_agents.check import kept, loud, start_linphone, write_tone

# The caller's and the line's: before, after the first refusal, and after the second.
ADA, DESK = (440, 620, 850), (1_000, 1_300, 1_700)
COLLEAGUE = 2_100
TONES = (*ADA, *DESK, COLLEAGUE)


def check(gateway, line):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-callers-transfer-"))
    for hz in ADA:
        write_tone(folder / f"{hz}.wav", hz, seconds=1)
    with contextlib.ExitStack() as cleanup:
        shop = cleanup.enter_context(Party(LINE_HOST, port=line.port))
        desk, colleague = (cleanup.enter_context(Sound(LINE_HOST, ssrc)) for ssrc in (8, 9))
        ada = Ada(folder, cleanup, f"sip:{line.number}@{CALLER_HOST}:{gateway.sip_port}")

        ring = ada.calls(shop, desk)
        to = place(ring.asked.body)
        talk(ada, desk, to, 0)
        ada.agent.tell(f"transfer sip:204@{LINE_HOST}:{line.port}")
        refused(gateway, line, "blind")
        shop.hears_no("INVITE", 0.3)
        talk(ada, desk, to, 1)

        # Now as if she were the line: she holds it, asks another one, and lets go of both.
        ada.agent.tell("pause 1")
        ring.hear("INVITE")
        ring.reply(200, body=session(desk, "desk").replace("sendrecv", "recvonly"))
        ring.hear("ACK")
        question = ada.calls(shop, colleague)
        with Tone(colleague, place(question.asked.body), COLLEAGUE):
            wait_until(lambda: ada.hears() == COLLEAGUE, 10, "the caller does not hear the colleague")
            ada.agent.tell("transfer 1 --to-call 2")
            refused(gateway, line, "blind", "attended")
        shop.hears_no("INVITE", 0.3)
        ada.agent.tell("terminate 2")
        question.hear("BYE")
        question.reply(200)
        ada.agent.tell("resume 1")
        to = place(ring.hear("INVITE").body)
        ring.reply(200, body=session(desk, "desk"))
        ring.hear("ACK")
        talk(ada, desk, to, 2)
        ada.agent.tell("terminate 1")
        ring.hear("BYE")
        ring.reply(200)

    for call in gateway.calls_to(line.number, 2):
        streams = gateway.get(f"calls/{call['id']}")["streams"]
        if len(streams) != 2 or any(it["sent"] < 10 or it["received"] < 10 or it["strangers"] for it in streams):
            raise Failure(f"a fifth of a second each way, which is heard, and nobody else's, is expected here: {streams}")


class Ada:
    def __init__(self, folder, cleanup, number):
        self.folder, self.number, self.agent = folder, number, start_linphone(folder)
        cleanup.callback(self.agent.end)

    def calls(self, shop, sound):
        self.agent.tell(f"record {self.folder}/heard.wav")
        self.agent.tell(f"call {self.number}")
        ring = shop.answerer(shop.hear("INVITE"))
        invite = ring.asked
        ring.reply(200, body=session(sound, "line"))
        ring.hear("ACK")
        ring.asked = invite
        return ring

    def hums(self, hz):
        """Once, beside what it has played before, which it begins again and again."""
        self.agent.tell(f"play {self.folder}/{hz}.wav")

    def hears(self):
        return loud(kept(self.folder / "heard.wav"), TONES)


def talk(ada, desk, to, turn):
    with Tone(desk, to, DESK[turn]):
        wait_until(lambda: ada.hums(ADA[turn]) or hears(desk, ADA[turn]), 10, f"the desk does not hear the caller ({turn} refusals)")
        wait_until(lambda: ada.hears() == DESK[turn], 10, f"the caller does not hear the desk ({turn} refusals)")


def refused(gateway, line, *kinds):
    """These transfers, and no others, were asked for by the caller of the first call."""
    def told():
        calls = [gateway.get(f"calls/{call['id']}") for call in gateway.list("calls", number=line.number)]
        return [(it["by"], it["kind"], it["outcome"], it["sip_status"]) for call in calls for it in call["transfers"]]

    wait_until(lambda: told() == [("caller", kind, "refused", 603) for kind in kinds], 10,
               f"not refused: {kinds}")


def hears(sound, hz):
    empty(sound)
    return amplitude([LINEAR[byte] for _ in range(25) for byte in receive(sound.rtp)[12:]], 8_000, hz) > 2_000
