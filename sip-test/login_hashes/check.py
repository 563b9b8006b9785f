"""One call with each hash; the first challenge of several is the strongest (RFC 8760)."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, digest

ALGORITHMS = ["SHA-512-256", "SHA-256", "MD5"]


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        for place, algorithm in enumerate(ALGORITHMS):
            leg = caller.invite(line.number)
            asked = leg.hear(401)
            leg.ack(asked)
            offered = asked.all("www-authenticate")
            if [word in challenge for word, challenge in zip(ALGORITHMS, offered)] != [True] * 3:
                raise Failure(f"the challenges are not in the order of their strength: {offered}")
            proof = digest(offered[place], "INVITE", leg.target, "pbx", "swordfish")

            leg.send("INVITE", f"Authorization: {proof}", "Content-Type: application/sdp", body="v=0\r\n")
            ring = shop.answerer(shop.hear("INVITE"))
            if ring.asked["authorization"]:
                raise Failure("the line is shown the trunk's login")
            ring.reply(180)
            leg.hear(180)
            ring.reply(200, body="v=0\r\n")
            leg.ack(leg.hear(200))
            ring.hear("ACK")
            leg.send("BYE")
            ring.hear("BYE")
            ring.reply(200)
            leg.hear(200, of="BYE")
