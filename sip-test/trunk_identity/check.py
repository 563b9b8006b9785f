"""Caller id, P-Asserted-Identity, Privacy, Diversion, History-Info, Identity (RFC 3323, 3325, 5806, 7044, 8224)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import SHOWN, Party

ASSERTED = f"P-Asserted-Identity: <sip:{SHOWN}@carrier.example;user=phone>"
SIGNED = "Identity: eyJ.eyJ.c2ln;info=<https://cert.example/c.pem>;alg=ES256;ppt=shaken"
OURS = "+33199009000"


def carried_on(caller, carrier, number, *headers, shown=SHOWN):
    """The INVITE that the carrier gets for a call to `number`."""
    leg = caller.invite(number, *headers, shown=shown)
    ring = carrier.answerer(carrier.hear("INVITE"))
    invite = ring.asked
    ring.reply(486)
    ring.hear("ACK")
    leg.ack(leg.hear(486))
    return invite


def expect(invite, what, **wanted):
    """A header holds all of the words given for it, or is missing where there are none."""
    for name, words in wanted.items():
        name = name.replace("_", "-")
        values = ", ".join(invite.all(name))
        for word in words:
            if word not in values:
                raise Failure(f"{what}: {name} lacks {word!r}:\n{invite}")
        if not words and values:
            raise Failure(f"{what}: {name} must not be there:\n{invite}")


def hides(invite, what):
    if SHOWN.strip("+") in str(invite).partition("\r\n\r\n")[0]:
        raise Failure(f"{what}: the caller's number is told:\n{invite}")


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as carrier:
        passed = carried_on(caller, carrier, "+33199009001", ASSERTED, SIGNED)
        expect(passed, "pass", **{
            "from": [f"sip:{SHOWN}@"], "p_asserted_identity": [f"sip:{SHOWN}@"], "privacy": [],
            "identity": ["ppt=shaken"],
            "diversion": ["sip:+33199009001@", "reason=unconditional"],
            "history_info": ["sip:+33199009001@", "index=1,", "sip:+33612345678@", "cause=302", "index=1.1;mp=1"],
        })
        withheld = carried_on(caller, carrier, "+33199009001", ASSERTED, SIGNED, "Privacy: id", shown="anonymous")
        hides(withheld, "a caller who withholds")
        expect(withheld, "a caller who withholds", **{
            "from": ["sip:anonymous@anonymous.invalid"], "privacy": ["id"],
            "p_asserted_identity": ["sip:+33199009001@"], "identity": [],
        })

        signed = carried_on(caller, carrier, "+33199009002", SIGNED)
        expect(signed, "signed", **{"from": [f"sip:{SHOWN}@"], "identity": ["ppt=shaken"], "privacy": [],
                                    "p_asserted_identity": []})
        unsigned = carried_on(caller, carrier, "+33199009002", ASSERTED)
        hides(unsigned, "a number without signature")
        expect(unsigned, "a number without signature", **{"from": ["anonymous.invalid"], "privacy": ["id"]})

        ours = carried_on(caller, carrier, "+33199009003", ASSERTED, SIGNED)
        hides(ours, "a number of ours")
        expect(ours, "a number of ours", **{
            "from": [f"sip:{OURS}@"], "p_asserted_identity": [f"sip:{OURS}@"], "privacy": [], "identity": [],
        })

        nobody = carried_on(caller, carrier, "+33199009004", ASSERTED, SIGNED,
                            "Diversion: <sip:+33155550000@elsewhere.example>;reason=user-busy",
                            "History-Info: <sip:+33155550000@elsewhere.example>;index=1, <sip:+33199009004@h>;index=1.1")
        hides(nobody, "withheld")
        expect(nobody, "withheld", **{
            "from": ["anonymous.invalid"], "privacy": ["id"], "p_asserted_identity": [],
            "diversion": ["sip:+33199009004@", "+33155550000"],
            "history_info": ["index=1,", "index=1.1", "index=1.1.1;mp=1.1"],
        })
        if "+33199009004" not in nobody["diversion"]:
            raise Failure(f"the latest Diversion stands first (RFC 5806 §5.1):\n{nobody}")
