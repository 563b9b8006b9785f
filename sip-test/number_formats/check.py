"""Each way to write the number, the callers' numbers, and where the dialled one may stand."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import SHOWN, Party

NUMBER = "+33199007001"
WRITTEN = [
    ("0199007001", ""), ("33199007001", ""), ("0033199007001", ""), ("+33199007001", ""),
    ("+33199007001", ";user=phone"), ("+33-1.99.00.70.01", ";user=phone"), ("%2B33199007001", ""),
    ("+33199007001;npdi;rn=+33199009999", ";user=phone"), ("0199007001;phone-context=+33", ";user=phone"),
]
TEL = ["tel:+33199007001", "tel:0199007001;phone-context=+33", "tel:+33-1-99-00-70-01;npdi"]
# What the trunk says of the caller, and who that is.
CALLERS = [
    (SHOWN, [], SHOWN),
    ("0639980001", [], SHOWN),
    ("33639980001", [], SHOWN),
    ("0033639980001;cpc=ordinary", [], SHOWN),
    ("0639980009", [f"P-Asserted-Identity: <tel:{SHOWN}>"], SHOWN),
    ("anonymous", [f"P-Asserted-Identity: <tel:{SHOWN}>"], None),
    ("0639980009", [f"P-Asserted-Identity: <tel:{SHOWN}>", "Privacy: id"], None),
]
ELSEWHERE = [
    ("127.0.0.31", []),
    ("127.0.0.32", ["Diversion: <sip:0199007001@h>;reason=unconditional, <sip:0199009998@h>;reason=user-busy"]),
    ("127.0.0.33", ["History-Info: <sip:+33199007001@h>;index=1, <sip:us@h>;index=1.1"]),
]


def check(gateway, line):
    with Party(LINE_HOST, port=line.port) as shop:
        def rings(leg, what):
            try:
                ring = shop.answerer(shop.hear("INVITE", 3))
            except Failure as failure:
                raise Failure(f"{what} does not ring: {failure}") from None
            ring.reply(486)
            leg.ack(leg.hear(486))
            ring.hear("ACK")

        with Party(CALLER_HOST, gateway.sip) as carrier:
            for number, more in WRITTEN:
                rings(carrier.invite(number, user=more), number)
            for uri in TEL:
                rings(carrier.invite(uri), uri)
            for shown, headers, _ in CALLERS:
                rings(carrier.invite(NUMBER, *headers, shown=shown), f"a call from {shown}")
        for host, headers in ELSEWHERE:
            with Party(host, gateway.sip) as trunk:
                rings(trunk.invite("us", *headers, to="<sip:0199007001@h>"), f"from {host}")
        with Party("127.0.0.34", gateway.sip) as abroad:
            rings(abroad.invite("33199007001"), "E.164 without its plus from a trunk in Germany")
            leg = abroad.invite("0199007001")
            leg.ack(leg.hear(404))

    calls = gateway.calls_to(NUMBER, len(WRITTEN) + len(TEL) + len(CALLERS) + len(ELSEWHERE) + 1)
    calls.sort(key=lambda call: call["arrived_at"])
    of_callers = calls[len(WRITTEN) + len(TEL):][:len(CALLERS)]
    if (found := [call["caller"] for call in of_callers]) != [who for _, _, who in CALLERS]:
        raise Failure(f"the callers are {found}")
    if (trunks := [call["trunk"] for call in calls[-4:]]) != ["to", "diversion", "history", "abroad"]:
        raise Failure(f"the trunks are {trunks}")
