"""REFER, blind and attended, with sound: nobody hears anybody but whom they talk to."""

import urllib.parse

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, tag_of
from sound import Sound, place, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 1) as ada, Sound(CALLER_HOST, 2) as bob, Sound(LINE_HOST, 3) as desk,
          Sound(LINE_HOST, 4) as workshop):
        blind(line, caller, shop, ada, desk, workshop)
        attended(line, caller, shop, ada, bob, desk, workshop)


def blind(line, caller, shop, ada, desk, workshop):
    with talk(caller, shop, line.number, ada, desk) as (leg, ring, _, to_line):
        desk.hears(ada.says(to_line), "the desk")
        ring.send("REFER", f"Refer-To: <sip:204@{LINE_HOST}:{line.port}>")
        ring.hear(202)
        new = shop.answerer(shop.hear("INVITE"))
        to_ada = place(new.asked.body)
        # The talk goes on while the workshop's telephone rings.
        desk.hears(ada.says(to_line), "the desk")
        new.reply(200, body=workshop.session("workshop"))
        new.hear("ACK")
        moved = leg.hear("INVITE")
        leg.reply(200, body=ada.session("caller", version=2))
        leg.hear("ACK")
        for _ in range(2):
            ring.hear("NOTIFY")
            ring.reply(200)
        ring.hear("BYE")
        ring.reply(200)
        workshop.hears(ada.says(place(moved.body)), "the workshop")
        ada.hears(workshop.says(to_ada), "Ada")
        desk.hears_nothing("the desk")
        new.send("BYE")
        leg.hear("BYE")
        leg.reply(200)
        new.hear(200, of="BYE")


def attended(line, caller, shop, ada, bob, desk, workshop):
    """Two callers of the same business, each in a talk of their own, are brought together."""
    with (talk(caller, shop, line.number, ada, desk) as (of_ada, to_ada, _, from_ada),
          talk(caller, shop, line.number, bob, workshop) as (of_bob, to_bob, _, from_bob)):
        desk.hears(ada.says(from_ada), "the desk")
        workshop.hears(bob.says(from_bob), "the workshop")
        # Who has two callers holds one of them, who is so no more once the other has him.
        to_bob.send("INVITE", body=workshop.session("workshop", mode="sendonly", version=2))
        of_bob.hear("INVITE")
        of_bob.reply(200, body=bob.session("bob", mode="recvonly", version=2))
        to_bob.ack(to_bob.hear(200, of="INVITE"))
        of_bob.hear("ACK")
        named = f"{to_bob.call_id};to-tag={tag_of(to_bob.remote)};from-tag={tag_of(to_bob.local)}"
        to_ada.send("REFER", f"Refer-To: <{to_bob.target}?Replaces={urllib.parse.quote(named, safe='')}>")
        to_ada.hear(202)
        to_bob.hear("BYE")
        to_bob.reply(200)
        offered = of_ada.hear("INVITE").body
        free_of_hold(offered, "Ada")
        from_ada = place(offered)
        of_ada.reply(200, body=ada.session("ada", version=2))
        of_ada.hear("ACK")
        offered = of_bob.hear("INVITE").body
        free_of_hold(offered, "Bob")
        from_bob = place(offered)
        of_bob.reply(200, body=bob.session("bob", version=3))
        of_bob.hear("ACK")
        for _ in range(2):
            to_ada.hear("NOTIFY")
            to_ada.reply(200)
        to_ada.hear("BYE")
        to_ada.reply(200)
        for _ in range(2):
            bob.hears(ada.says(from_ada), "Bob")
            ada.hears(bob.says(from_bob), "Ada")
        of_bob.send("BYE")
        of_ada.hear("BYE")
        of_ada.reply(200)
        of_bob.hear(200, of="BYE")


def free_of_hold(offered, who):
    if any(f"a={mode}" in offered for mode in ("sendonly", "recvonly", "inactive")):
        raise Failure(f"{who} is offered a hold:\n{offered}")
