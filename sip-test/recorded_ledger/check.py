"""Who refuses by key is asked once: the ledger has it, and their next calls are not recorded, unless they agree since."""

import json
import time

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from held import ends
from party import SHOWN, Party
from recorded import Tone, audio, recording_of
from sound import KEYS, Sound, place

RECORDED = "+33199009962"
OTHER = "+33639980002"
STAR = bytes([10, 0x8a, 0, 160])


def check(gateway, line):
    scopes = "calls:read,recordings:read,contacts:read,consents:read,consents:write"
    gateway.key = gateway.command("key", "create", "--name", "ledger", "--scopes", scopes).split()[-1]
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        # She says no by key; the next time she says nothing, and somebody else calls meanwhile.
        talks(caller, shop, ada, bob, SHOWN, refuses=True)
        contact = next(gateway.list("contacts", phone=SHOWN))["id"]
        lines = wait_until(lambda: list(gateway.list(f"contacts/{contact}/consents")), 5, "the ledger has no line of the call")
        told = [(it["channel"], it["purpose"], it["status"], it["method"], it["recorded_by"]) for it in lines]
        if told != [("call_recording", "quality", "refused", "spoken", "call")]:
            raise Failure(f"the ledger has {told}")
        talks(caller, shop, ada, bob, SHOWN)
        talks(caller, shop, ada, bob, OTHER)
        expect(gateway, [(SHOWN, 0), (SHOWN, 0), (OTHER, 1)])

        yes = {"channel": "call_recording", "purpose": "quality", "status": "granted", "method": "spoken", "source": "counter"}
        status, body = gateway.ask("POST", f"/api/v1/contacts/{contact}/consents", json.dumps(yes),
                                   {"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json"})
        if status != 201:
            raise Failure(f"a yes is answered with {status}: {body[:300]!r}")
        talks(caller, shop, ada, bob, SHOWN)
        last = expect(gateway, [(SHOWN, 0), (SHOWN, 0), (OTHER, 1), (SHOWN, 1)])[-1]
        recording = recording_of(gateway, last["id"])
        if recording["failure"] or not audio(gateway, recording):
            raise Failure(f"the recording is {recording}")
        if len(list(gateway.list(f"contacts/{contact}/consents"))) != 2:
            raise Failure("the ledger has more than a no and a yes")


def talks(caller, shop, ada, bob, shown, refuses=False):
    """A call of half a second; the line answers at once, as soon as it rings."""
    leg = caller.invite(RECORDED, body=ada.session("caller"), shown=shown)
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
        time.sleep(0.5)
    ends(leg, ring)


def expect(gateway, wanted):
    """So many recordings have the calls, in the order in which they came."""
    calls = sorted(gateway.calls_to(RECORDED, len(wanted)), key=lambda call: call["arrived_at"])
    found = [(call["caller"], len(gateway.get(f"calls/{call['id']}")["recordings"])) for call in calls]
    if found != wanted:
        raise Failure(f"callers and their recordings are {found}, expected {wanted}")
    return calls
