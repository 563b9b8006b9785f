"""A line that shares nothing with the caller, and nothing that could be converted: 488.

One line says so itself; another answers with a codec that it was not offered, and is hung up.
"""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party
from sound import Sound

G729 = "RTP/AVP 18\r\na=rtpmap:18 G729/8000\r\n"


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        for answers in (False, True):
            leg = caller.invite(line.number, body=ada.session("caller"))
            ring = shop.answerer(shop.hear("INVITE"))
            if "RTP/AVP 8 101 96 97" not in ring.asked.body:
                raise Failure(f"the line is not offered Opus behind what the caller has:\n{ring.asked.body}")
            if answers:
                head, _ = bob.session("line").split("RTP/AVP")
                ring.reply(200, body=head + G729)
                ring.hear("ACK")
                ring.hear("BYE")
                ring.reply(200)
            else:
                ring.reply(488)
                ring.hear("ACK")
            leg.ack(leg.hear(488))
    for call in gateway.calls_to(line.number, 2):
        if (call["outcome"], call["sip_status"]) != ("failed", 488):
            raise Failure(f"the record tells {call}")
