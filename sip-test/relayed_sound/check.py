"""Sound, keys and reports pass both ways unchanged; neither side learns where the other is."""

import struct

from gateway import CALLER_HOST, LINE_HOST, Failure
from held import ends
from party import Party
from sound import KEYS, Sound, beside, place, receive, streams_of, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob,
          talk(caller, shop, line.number, ada, bob) as (leg, ring, to_caller, to_line)):
        if ada.port in (to_caller[1], to_line[1]) or bob.port in (to_caller[1], to_line[1]):
            raise Failure("one side is told where the other is")
        bob.hears(ada.says(to_line), "the line")
        ada.hears(bob.says(to_caller), "the caller")
        bob.hears(ada.says(to_line, payload=b"\x05\x0a\x00\xa0", kind=KEYS), "the line")
        bob.hears(ada.says(to_line, skip=1), "the line")
        report = struct.pack("!BBHIIIIII", 0x80, 200, 6, 7, 0x1111, 0x22220000, 0, 4, 640)
        ada.reports(beside(to_line), report)
        if (heard := receive(bob.rtcp)) != report:
            raise Failure(f"the line is reported {heard!r}")
        back = struct.pack("!BBHIIIIIII", 0x81, 201, 7, 9, 7, 1, 4, 160, 0x11112222, 0)
        bob.reports(beside(to_caller), back)
        if (heard := receive(ada.rtcp)) != back:
            raise Failure(f"the caller is reported {heard!r}")

        holds(leg, ring, ada, bob, to_caller, to_line)
        ends(leg, ring)
    streams = streams_of(gateway, line.number)
    found = {leg: (s["received"], s["lost"], s["sent"], s["strangers"]) for leg, s in streams.items()}
    if found != {0: (4, 1, 3, 0), 1: (4, 0, 4, 0)}:
        raise Failure(f"the record tells {streams}")
    heard = streams[1]["heard"]
    if heard["lost"] != 1 or heard["jitter_us"] != 20_000 or heard["round_trip_us"] is None:
        raise Failure(f"the line had reported a loss of 1 and a jitter of 20 ms; the record tells {heard}")


def holds(leg, ring, ada, bob, to_caller, to_line):
    """Hold and back, by direction and by an address of noughts (RFC 3264 §8.4)."""
    for version, mode, host, is_heard in ((2, "sendonly", None, True), (3, "sendrecv", "0.0.0.0", False)):
        leg.send("INVITE", body=ada.session("caller", mode, version, host))
        held = ring.hear("INVITE").body
        if f"a={mode}" not in held or (host and f"c=IN IP4 {host}" not in held):
            raise Failure(f"the line is not put on hold:\n{held}")
        ring.reply(200, body=bob.session("line", version=version))
        leg.ack(leg.hear(200, of="INVITE"))
        ring.hear("ACK")
        packet = bob.says(to_caller)
        if is_heard:
            ada.hears(packet, "the caller")
        else:
            ada.hears_nothing("the caller")
    leg.send("INVITE", body=ada.session("caller", version=4))
    if place(ring.hear("INVITE").body) != to_caller:
        raise Failure("the line is told another place after the hold")
    ring.reply(200, body=bob.session("line", version=4))
    leg.ack(leg.hear(200, of="INVITE"))
    ring.hear("ACK")
    ada.hears(bob.says(to_caller), "the caller")
    bob.hears(ada.says(to_line), "the line")
