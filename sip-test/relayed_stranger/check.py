"""Somebody else sends to the ports of a call: before either side has spoken, and after."""

from gateway import CALLER_HOST, LINE_HOST, STRANGER_HOST, Failure
from held import ends
from party import Party
from sound import Sound, streams_of, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob, Sound(STRANGER_HOST, 6) as mallory,
          talk(caller, shop, line.number, ada, bob) as (leg, ring, to_caller, to_line)):
        for _ in range(2):
            mallory.says(to_line)
            mallory.says(to_caller)
            bob.hears_nothing("the line")
            ada.hears(bob.says(to_caller), "the caller")
            bob.hears(ada.says(to_line), "the line")
        mallory.hears_nothing("the stranger")
        ends(leg, ring)
    streams = streams_of(gateway, line.number)
    found = {leg: (s["received"], s["sent"], s["strangers"]) for leg, s in streams.items()}
    if found != {0: (2, 2, 2), 1: (2, 2, 2)}:
        raise Failure(f"the record tells {streams}")
