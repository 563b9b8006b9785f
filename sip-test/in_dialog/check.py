"""What two sides may say to each other within a call."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")

        for asks, hears in ((leg, ring), (ring, leg)):
            asks.send("OPTIONS")
            answer = asks.hear((200, 699), of="OPTIONS")
            if answer.status != 200 or "PRACK" not in answer["allow"] or "100rel" not in answer["supported"]:
                raise Failure(f"OPTIONS within the call:\n{answer}")

            # A package passes (RFC 6086), and so does its refusal.
            asks.send("INFO", "Info-Package: dtmf", "Content-Disposition: Info-Package",
                      "Content-Type: application/x-dtmf", body="5")
            asked = hears.hear("INFO")
            if asked["info-package"] != "dtmf" or asked["content-type"] != "application/x-dtmf":
                raise Failure(f"the INFO does not arrive as it was:\n{asked}")
            hears.reply(469, "Recv-Info: other")
            if asks.hear(469, of="INFO")["recv-info"] != "other":
                raise Failure("the refusal of a package does not come back as it was")
            asks.send("MESSAGE", "Content-Type: text/plain", body="hello")
            hears.hear("MESSAGE")
            hears.reply(200)
            asks.hear(200, of="MESSAGE")

            for mode, reply in (("sendonly", "recvonly"), ("inactive", "inactive"), ("sendrecv", "sendrecv")):
                asks.send("INVITE", body=sdp("asker", version=3, mode=mode))
                asked = hears.hear("INVITE")
                hears.reply(200, body=sdp("hearer", version=3, mode=reply))
                agreed = asks.hear(200, of="INVITE")
                if f"a={mode}" not in asked.body or f"a={reply}" not in agreed.body:
                    raise Failure(f"{mode} does not pass unchanged")
                asks.ack(agreed)
                hears.hear("ACK")

            # An offer in an UPDATE is no mere refresh: it passes, with its answer (RFC 3311).
            asks.send("UPDATE", body=sdp("asker", version=6, mode="sendonly"))
            asked = hears.hear("UPDATE")
            asks.send("UPDATE", body=sdp("asker", version=7))
            if (crossed := asks.hear((300, 699), of="UPDATE")).status not in (491, 500):
                raise Failure(f"a second offer before the answer to the first gets {crossed.status}")
            hears.reply(200, to=asked, body=sdp("hearer", version=6, mode="recvonly"))
            agreed = asks.hear(200, of="UPDATE")
            if "o=asker 1 6" not in asked.body or "o=hearer 1 6" not in agreed.body:
                raise Failure(f"an UPDATE with an offer does not pass unchanged:\n{asked}\n{agreed}")

            # The offer comes with the 200, its answer with the ACK (RFC 3264 §5).
            asks.send("INVITE")
            asked = hears.hear("INVITE")
            if asked.body:
                raise Failure(f"an offer is made up:\n{asked}")
            hears.reply(200, body=sdp("offer", version=4))
            offered = asks.hear(200, of="INVITE")
            hears.hears_no("ACK", 0.2)
            asks.ack(offered, body=sdp("answer", version=4))
            if "o=answer 1 4" not in hears.hear("ACK").body or "o=offer 1 4" not in offered.body:
                raise Failure("a delayed offer and its answer do not arrive")

            for method, status in (("DANCE", 501), ("REGISTER", 405), ("SUBSCRIBE", 489), ("NOTIFY", 481)):
                asks.send(method, "Event: presence")
                if (answer := asks.hear((200, 699), of=method)).status != status:
                    raise Failure(f"{method} gets {answer.status}, expected {status}")

            # While one of the two is asked something, another question may pass beside it.
            asks.send("INVITE", body=sdp("asker", version=5))
            asked = hears.hear("INVITE")
            hears.send("INFO", body="beside")
            beside = asks.hear("INFO")
            asks.reply(200, to=beside)
            hears.hear(200, of="INFO")
            hears.reply(200, to=asked, body=sdp("hearer", version=5))
            asks.ack(asks.hear(200, of="INVITE"))
            hears.hear("ACK")

        leg.send("BYE")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")
