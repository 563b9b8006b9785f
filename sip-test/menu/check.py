"""Who presses 1 rings at sales, who presses # (by INFO) in the workshop, who presses nothing at the desk."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from held import ends
from party import Party
from sound import KEYS, Sound, place

CHOICE = "+33199009986"


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        for how, where in ((event, "sales"), (info, "workshop"), (nothing, "desk")):
            leg = caller.invite(CHOICE, body=ada.session("caller"))
            answer = leg.hear(200)
            leg.ack(answer)
            how(leg, ada, place(answer.body))
            ring = shop.answerer(shop.hear("INVITE", within_s=8))
            if f"sip:{where}@" not in ring.asked.uri:
                raise Failure(f"{ring.asked.uri} rings, expected {where}")
            ring.reply(200, body=bob.session("line"))
            ring.hear("ACK")
            ends(leg, ring)
    calls = gateway.calls_to(CHOICE, 3)
    found = sorted((call["outcome"], call["answered_by"]) for call in calls)
    if found != [("answered", "choice"), ("answered", "sales"), ("answered", "workshop")]:
        raise Failure(f"the records tell {found}")


def event(leg, ada, to_gateway):
    """One key, its end repeated as RFC 4733 §2.5.1.4 says."""
    for length, end in ((160, 0), (320, 0), (480, 0x80), (480, 0x80), (480, 0x80)):
        payload = bytes([1, 0x0a | end]) + length.to_bytes(2, "big")
        packet = bytearray(ada.packet(payload=payload, kind=KEYS))
        # All of them have the time at which the key went down.
        packet[4:8] = (1_600).to_bytes(4, "big")
        ada.rtp.sendto(bytes(packet), to_gateway)


def info(leg, ada, to_gateway):
    leg.send("INFO", "Content-Type: application/dtmf-relay", body="Signal=#\r\nDuration=160\r\n")
    leg.hear(200, of="INFO")


def nothing(leg, ada, to_gateway):
    """The menu is said, and its time goes by."""
