"""Who refuses by key is asked once: the ledger has it, and their next calls are not recorded, unless they agree since."""

import json

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from party import SHOWN, Party
from recorded import audio, recording_of, talk_after_notice
from sound import Sound

RECORDED = "+33199009962"
OTHER = "+33639980002"


def check(gateway, line):
    scopes = "calls:read,recordings:read,contacts:read,consents:read,consents:write"
    gateway.key = gateway.command("key", "create", "--name", "ledger", "--scopes", scopes).split()[-1]
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        # She says no by key; the next time she says nothing, and somebody else calls meanwhile.
        talk_after_notice(caller, shop, ada, bob, RECORDED, shown=SHOWN, refuses=True)
        contact = next(gateway.list("contacts", phone=SHOWN))["id"]
        lines = wait_until(lambda: list(gateway.list(f"contacts/{contact}/consents")), 5, "the ledger has no line of the call")
        told = [(it["channel"], it["purpose"], it["status"], it["method"], it["recorded_by"]) for it in lines]
        if told != [("call_recording", "quality", "refused", "spoken", "call")]:
            raise Failure(f"the ledger has {told}")
        talk_after_notice(caller, shop, ada, bob, RECORDED, shown=SHOWN)
        talk_after_notice(caller, shop, ada, bob, RECORDED, shown=OTHER)
        expect(gateway, [(SHOWN, 0), (SHOWN, 0), (OTHER, 1)])

        yes = {"channel": "call_recording", "purpose": "quality", "status": "granted", "method": "spoken", "source": "counter"}
        status, body = gateway.ask("POST", f"/api/v1/contacts/{contact}/consents", json.dumps(yes),
                                   {"Authorization": f"Bearer {gateway.key}", "Content-Type": "application/json"})
        if status != 201:
            raise Failure(f"a yes is answered with {status}: {body[:300]!r}")
        talk_after_notice(caller, shop, ada, bob, RECORDED, shown=SHOWN)
        last = expect(gateway, [(SHOWN, 0), (SHOWN, 0), (OTHER, 1), (SHOWN, 1)])[-1]
        recording = recording_of(gateway, last["id"])
        if recording["failure"] or not audio(gateway, recording):
            raise Failure(f"the recording is {recording}")
        if len(list(gateway.list(f"contacts/{contact}/consents"))) != 2:
            raise Failure("the ledger has more than a no and a yes")


def expect(gateway, wanted):
    """So many recordings have the calls, in the order in which they came."""
    calls = sorted(gateway.calls_to(RECORDED, len(wanted)), key=lambda call: call["arrived_at"])
    found = [(call["caller"], len(gateway.get(f"calls/{call['id']}")["recordings"])) for call in calls]
    if found != wanted:
        raise Failure(f"callers and their recordings are {found}, expected {wanted}")
    return calls
