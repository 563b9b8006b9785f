"""Who answers hears the source and which key to press; the call is theirs only when they press it."""

import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from heard import empty, loudness
from held import ends
from party import Party
from sound import KEYS, Sound, place, receive

ASKED = "+33199009979"
ONE, TWO = bytes([1, 0x8a, 0, 160]), bytes([2, 0x8a, 0, 160])
# The prompt of the source, since its campaign has none ("en-again"), and "To take the call, press one.",
# one packet for each 20 ms.
WORDS = 115 + 120


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        leg = caller.invite(ASKED, body=ada.session("caller"))
        mobile, _ = answers(shop, bob, "mobile")
        leg.hear(180)
        words(bob)
        mobile.hear("BYE", within_s=5)
        mobile.reply(200)
        # Time for the database to have learned where it comes from.
        desk, to_caller = answers(shop, bob, "desk")
        words(bob)
        bob.says(to_caller, payload=TWO, kind=KEYS)
        leg.hears_no(200, for_s=0.3)
        bob.says(to_caller, payload=ONE, kind=KEYS)
        answer = leg.hear(200)
        leg.ack(answer)
        to_line = place(answer.body)
        empty(ada), empty(bob)
        bob.hears(ada.says(to_line), "the line")
        ada.hears(bob.says(to_caller), "the caller")
        sent_on(shop, leg, desk, ada)
        gives_up(caller, shop, ada, bob)
    taken, given_up = sorted(gateway.calls_to(ASKED, 2), key=lambda call: call["arrived_at"])
    if (taken["outcome"], given_up["outcome"], given_up["answered_at"]) != ("answered", "abandoned", None):
        raise Failure(f"the records tell {taken} and {given_up}")


def answers(shop, bob, where):
    ring = shop.answerer(shop.hear("INVITE"))
    if f"sip:{where}@" not in ring.asked.uri:
        raise Failure(f"{ring.asked.uri} rings, expected {where}")
    to_caller = place(ring.asked.body)
    ring.reply(180)
    time.sleep(0.3)
    ring.reply(200, body=bob.session("line"))
    ring.hear("ACK")
    return ring, to_caller


def words(bob):
    """Everything that is whispered, to its end."""
    packets = [receive(bob.rtp) for _ in range(WORDS)]
    kinds = {packet[1] & 0x7f for packet in packets}
    if kinds != {8} or loudness(b"".join(packet[12:] for packet in packets)) < 500:
        raise Failure(f"what is whispered cannot be heard: {kinds}")
    bob.hears_nothing("the line")


def sent_on(shop, leg, desk, ada):
    """The desk hands the talk to the mobile, which hears the same and has it by its key; they talk on until then."""
    with Sound(LINE_HOST, 11) as new:
        desk.send("REFER", f"Refer-To: <sip:mobile@{LINE_HOST}:{shop.port}>")
        desk.hear(202)
        mobile, to_gateway = answers(shop, new, "mobile")
        words(new)
        leg.hears_no("INVITE", for_s=0.3)
        new.says(to_gateway, payload=ONE, kind=KEYS)
        leg.hear("INVITE")
        leg.reply(200, body=ada.session("caller", version=2))
        leg.hear("ACK")
        for _ in range(3):
            desk.hear("NOTIFY")
            desk.reply(200)
        desk.hear("BYE")
        desk.reply(200)
        ends(leg, mobile)


def gives_up(caller, shop, ada, bob):
    leg = caller.invite(ASKED, body=ada.session("caller"))
    ring, _ = answers(shop, bob, "mobile")
    receive(bob.rtp)
    leg.send("CANCEL")
    leg.hear(487)
    ring.hear("BYE")
    ring.reply(200)
    empty(bob)
