"""What the gateway says itself, and how the caller goes on to the line from there."""

import contextlib
import struct
import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from held import ends
from party import Party
from sound import Sound, place, receive
from heard import empty, loudness, share_of

SPOKEN, CLOSED = "+33199009988", "+33199009987"
PCMU = 0


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        alike(caller, shop, ada, bob)
        not_alike(caller, shop, ada, bob)
        closed(caller, ada)
        no_common_word(caller, shop, ada, bob)
    calls = {number: gateway.calls_to(number, count) for number, count in ((SPOKEN, 3), (CLOSED, 1))}
    found = [(call["outcome"], call["sip_status"], call["answered_at"] is not None) for call in calls[SPOKEN]]
    if found != [("answered", 200, True)] * 3:
        raise Failure(f"the records tell {found}")
    (over,) = calls[CLOSED]
    if (over["outcome"], over["sip_status"], over["answered_at"]) != ("failed", 200, None):
        raise Failure(f"nobody took the call out of hours; the record tells {over}")


def attended(caller, ada, number):
    """A call that the gateway answers at once; gives the leg and where the caller sends."""
    leg = caller.invite(number, body=ada.session("caller"))
    answer = leg.hear(200)
    leg.ack(answer)
    if "m=audio" not in answer.body or "RTP/AVP 8 101\r\n" not in answer.body:
        raise Failure(f"the gateway answers\n{answer.body}")
    return leg, place(answer.body)


def heard(ada, for_s):
    """The packets of a while: their sequence is whole, and they come every 20 ms."""
    packets, end = [], time.monotonic() + for_s
    while (left := end - time.monotonic()) > 0:
        with contextlib.suppress(Failure):
            packets.append(receive(ada.rtp, left))
    if len(packets) < for_s / 0.02 * 0.8:
        raise Failure(f"{len(packets)} packets are heard in {for_s} s")
    headers = [struct.unpack("!BBHII", packet[:12]) for packet in packets]
    first = headers[0]
    for at, (_, kind, sequence, timestamp, source) in enumerate(headers):
        due = ((first[2] + at) & 0xffff, (first[3] + 160 * at) & 0xffffffff, first[4])
        if kind & 0x7f != 8 or (sequence, timestamp, source) != due:
            raise Failure(f"packet {at} is {headers[at]}, expected {due}")
    return b"".join(packet[12:] for packet in packets)


def alike(caller, shop, ada, bob):
    leg, to_line = attended(caller, ada, SPOKEN)
    words = heard(ada, 1)
    if loudness(words) < 500:
        raise Failure("what is said is not loud enough to be heard")
    ring = shop.answerer(shop.hear("INVITE"))
    if "RTP/AVP 8 101" not in ring.asked.body:
        raise Failure(f"the line is offered\n{ring.asked.body}")
    to_caller = place(ring.asked.body)
    ring.reply(180)
    empty(ada)
    tone = heard(ada, 1)
    if share_of(440, tone) < 0.9:
        raise Failure(f"only {share_of(440, tone):.2f} of what is heard is a ringing tone")
    ring.reply(200, body=bob.session("line"))
    ring.hear("ACK")
    joined(ada, to_line, bob)
    bob.hears(ada.says(to_line), "the line")
    empty(ada)
    ada.hears(bob.says(to_caller), "the caller")
    # Both speak the same: there is nothing to agree on anew.
    leg.hears_no("INVITE")
    ends(leg, ring)


def not_alike(caller, shop, ada, bob):
    """The line speaks µ-law only: the caller is offered that."""
    leg, to_line = attended(caller, ada, SPOKEN)
    ring = shop.answerer(shop.hear("INVITE"))
    to_caller = place(ring.asked.body)
    ring.reply(200, body=bob.session("line").replace("RTP/AVP 8 101", "RTP/AVP 0"))
    ring.hear("ACK")
    offered = leg.hear("INVITE").body
    if "RTP/AVP 0" not in offered or place(offered) != to_line:
        raise Failure(f"the caller is offered\n{offered}")
    leg.reply(200, body=ada.session("caller", version=2).replace("RTP/AVP 8 101", "RTP/AVP 0"))
    leg.hear("ACK")
    # The line is given what the caller has agreed to.
    again = ring.hear("INVITE")
    ring.reply(200, body=bob.session("line", version=2).replace("RTP/AVP 8 101", "RTP/AVP 0"))
    ring.hear("ACK")
    if place(again.body) != to_caller:
        raise Failure(f"the line is told another place\n{again.body}")
    bob.hears(ada.says(to_line, kind=PCMU), "the line")
    empty(ada)
    ada.hears(bob.says(to_caller, kind=PCMU), "the caller")
    ends(leg, ring)


def closed(caller, ada):
    leg, _ = attended(caller, ada, CLOSED)
    if loudness(heard(ada, 1)) < 500:
        raise Failure("what is said is not loud enough to be heard")
    leg.hear("BYE")
    leg.reply(200)


def no_common_word(caller, shop, ada, bob):
    """A caller of a codec that we do not speak is carried without a word."""
    offer = ada.session("caller").replace("RTP/AVP 8 101", "RTP/AVP 18 101")
    leg = caller.invite(SPOKEN, body=offer)
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=bob.session("line").replace("RTP/AVP 8 101", "RTP/AVP 18 101"))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    ends(leg, ring)


def joined(ada, to_line, bob):
    """The wire confirms the line's answer a moment before the sounds are joined."""
    for _ in range(50):
        ada.says(to_line)
        with contextlib.suppress(Failure):
            receive(bob.rtp, 0.02)
            return empty(bob)
    raise Failure("the line does not hear the caller")
