"""Block lists on the wire: nothing rings for who is refused, and the record says why."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp

REFUSED = [
    # What the caller shows, further headers, the status, the rule.
    ("+33948001122", (), 607, "block_list"),
    ("0948001123", (), 607, "block_list"),
    ("+33612345678", ("Privacy: id",), 486, "block_list"),
    ("anonymous", (), 486, "block_list"),
    (None, (), 608, "own_number"),
]


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        for shown, headers, status, _ in REFUSED:
            leg = caller.invite(line.number, *headers, shown=shown or line.number)
            refused = leg.hear((300, 699))
            leg.ack(refused)
            if refused.status != status:
                raise Failure(f"{shown or 'the own number'} gets {refused.start}, expected {status}")
        shop.hears_no("INVITE")

        leg = caller.invite(line.number, shown="+33712345678")
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(200, body=sdp("line"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")
        leg.send("BYE")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")

    calls = gateway.calls_to(line.number, len(REFUSED) + 1)
    told = sorted((call["outcome"], call["sip_status"], call["screening"]["verdict"], call["screening"]["rule"])
                  for call in calls)
    expected = [("blocked", status, "refused", rule) for _, _, status, rule in REFUSED]
    expected.append(("answered", 200, "marked", "block_list"))
    if told != sorted(expected):
        raise Failure(f"the records say {told}")
    if any(call["contact"] for call in calls if call["outcome"] == "blocked"):
        raise Failure("a refused caller has become a contact")
