"""A caller behind NAT names an address that nobody reaches; the sound goes to where theirs comes from."""

from gateway import CALLER_HOST, LINE_HOST
from held import ends
from party import Party
from sound import Sound, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob,
          talk(caller, shop, line.number, ada, bob,
               of_caller=ada.session("caller", host="192.0.2.77")) as (leg, ring, to_caller, to_line)):
        bob.hears(ada.says(to_line), "the line")
        ada.hears(bob.says(to_caller), "the caller")
        ends(leg, ring)
