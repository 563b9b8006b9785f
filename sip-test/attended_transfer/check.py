"""REFER with Replaces (RFC 3891, RFC 5589 §7): here and elsewhere."""

import urllib.parse

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp, tag_of


def talk(caller, shop, line, name):
    leg = caller.invite(line.number, body=sdp(name))
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=sdp("desk"))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    return leg, ring


def replaces(call_id, to_tag, from_tag):
    return "Replaces=" + urllib.parse.quote(f"{call_id};to-tag={to_tag};from-tag={from_tag}", safe="")


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        ada, to_ada = talk(caller, shop, line, "ada")
        bob, to_bob = talk(caller, shop, line, "bob")

        # Whoever is to be dialled is the other end of the line's talk with Bob: the gateway.
        target = to_bob.target
        named = replaces(to_bob.call_id, tag_of(to_bob.remote), tag_of(to_bob.local))
        to_ada.send("REFER", f"Refer-To: <{target}?{named}>")
        to_ada.hear(202)
        to_bob.hear("BYE")
        to_bob.reply(200)
        offered = ada.hear("INVITE")
        if "o=bob" not in offered.body:
            raise Failure(f"Ada is not offered Bob's session:\n{offered}")
        ada.reply(200, body=sdp("ada", version=2))
        ada.hear("ACK")
        offered = bob.hear("INVITE")
        if "o=ada 1 2" not in offered.body:
            raise Failure(f"Bob is not offered Ada's session:\n{offered}")
        bob.reply(200, body=sdp("bob", version=2))
        bob.hear("ACK")
        for _ in range(2):
            to_ada.hear("NOTIFY")
            to_ada.reply(200)
        to_ada.hear("BYE")
        to_ada.reply(200)

        for asks, hears in ((ada, bob), (bob, ada)):
            asks.send("INFO", body="hello")
            hears.hear("INFO")
            hears.reply(200)
            asks.hear(200, of="INFO")
        bob.send("BYE")
        ada.hear("BYE")
        ada.reply(200)
        bob.hear(200, of="BYE")

        # The talk to be replaced is between the desk and its PBX.
        eve, to_eve = talk(caller, shop, line, "eve")
        target = f"sip:300@{LINE_HOST}:{line.port}"
        to_eve.send("REFER", f"Refer-To: <{target}?{replaces('inside@pbx', 'a', 'b')}>")
        to_eve.hear(202)
        new = shop.answerer(shop.hear("INVITE"))
        if new.asked["replaces"] != "inside@pbx;to-tag=a;from-tag=b" or new.asked.uri != target:
            raise Failure(f"the PBX is not told what is replaced:\n{new.asked}")
        new.reply(200, body=sdp("colleague"))
        new.hear("ACK")
        eve.hear("INVITE")
        eve.reply(200, body=sdp("eve", version=2))
        eve.hear("ACK")
        for _ in range(2):
            to_eve.hear("NOTIFY")
            to_eve.reply(200)
        to_eve.hear("BYE")
        to_eve.reply(200)
        new.send("BYE")
        eve.hear("BYE")
        eve.reply(200)
        new.hear(200, of="BYE")

    kinds = []
    for call in gateway.calls_to(line.number, 3):
        found = gateway.get(f"calls/{call['id']}")
        kinds += [(it["kind"], it["outcome"]) for it in found["transfers"]]
    if kinds != [("attended", "done")] * 3:
        raise Failure(f"both ends of the join and the third transfer are to be written down: {kinds}")
