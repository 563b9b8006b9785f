"""WebSocket (RFC 7118): everything for a browser goes by the connection that it has opened."""

from gateway import LINE_HOST, Failure
from party import Party, sdp
from web import WebWire


def check(gateway, line):
    with Party(gateway=gateway.sip, wire=WebWire(gateway.sip)) as browser, Party(LINE_HOST, port=line.port) as shop:
        leg = browser.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        if "transport=ws" in ring.asked["contact"]:
            raise Failure(f"the line is on UDP, and is shown {ring.asked['contact']}")
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        answer = leg.hear(200)
        if ";transport=ws" not in answer["contact"]:
            raise Failure(f"a browser is to go on over WebSocket, not at {answer['contact']}")
        leg.ack(answer)
        ring.hear("ACK")

        ring.send("INVITE", body=sdp("line", mode="sendonly", version=2))
        leg.hear("INVITE")
        leg.reply(200, body=sdp("caller", mode="recvonly", version=2))
        leg.hear("ACK")
        ring.ack(ring.hear(200, of="INVITE"))

        ring.bye()
        leg.hear("BYE")
        leg.reply(200)
        if browser.wire.pings < 1:
            raise Failure("a ping between two fragments stays without its pong")
