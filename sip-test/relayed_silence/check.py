"""Nothing is heard of either side for a second: on hold the call goes on, after it it ends."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party
from sound import Sound, talk


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob,
          talk(caller, shop, line.number, ada, bob) as (leg, ring, _, to_line)):
        bob.hears(ada.says(to_line), "the line")
        session(leg, ring, ada, bob, "sendonly", "recvonly", 2)
        ring.hears_no("BYE", for_s=2)
        session(leg, ring, ada, bob, "sendrecv", "sendrecv", 3)
        for side in (leg, ring):
            side.hear("BYE", within_s=3)
            side.reply(200)
    reason = gateway.calls_to(line.number, 1)[0]["end_reason"]
    if reason != "silence":
        raise Failure(f"the record says that it ended for {reason!r}")


def session(leg, ring, ada, bob, of_caller, of_line, version):
    leg.send("INVITE", body=ada.session("caller", of_caller, version))
    ring.hear("INVITE")
    ring.reply(200, body=bob.session("line", of_line, version))
    leg.ack(leg.hear(200, of="INVITE"))
    ring.hear("ACK")
