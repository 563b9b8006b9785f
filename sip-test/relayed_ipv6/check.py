"""Each side is told a place in its own family."""

from gateway import CALLER_HOST, Failure
from held import ends
from party import Party
from sound import Sound, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party("::1", port=int(gateway.names["spare1"])) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound("::1", 9) as bob,
          talk(caller, shop, "+33199009998", ada, bob) as (leg, ring, to_caller, to_line)):
        if (to_caller[0], to_line[0]) != ("::1", CALLER_HOST):
            raise Failure(f"the line is told {to_caller[0]}, the caller {to_line[0]}")
        bob.hears(ada.says(to_line), "the line")
        ada.hears(bob.says(to_caller), "the caller")
        ends(leg, ring)
