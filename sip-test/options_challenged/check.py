"""OPTIONS and logins, both ways (RFC 3261 §11, §22)."""

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from party import Party, digest


def is_up(gateway, trunk):
    return next(one["hops"][0]["up"] for one in gateway.get("trunks")["items"] if one["id"] == trunk)


def their_pings(gateway):
    with Party(CALLER_HOST, gateway.sip) as pbx:
        uri = f"sip:{CALLER_HOST}"
        asked = pbx.request("OPTIONS", uri).hear(401)
        challenge = asked.all("www-authenticate")[0]
        wrong = digest(challenge, "OPTIONS", uri, "pbx", "guess")
        pbx.request("OPTIONS", uri, f"Authorization: {wrong}").hear(401)
        right = digest(challenge, "OPTIONS", uri, "pbx", "swordfish", 2)
        answer = pbx.request("OPTIONS", uri, f"Authorization: {right}").hear(200)
        if "INVITE" not in (answer["allow"] or ""):
            raise Failure(f"the answer to a ping says what is allowed:\n{answer}")


def check(gateway, _line):
    their_pings(gateway)
    # Nobody is there at first.
    for trunk in ("pbx", "carrier"):
        wait_until(lambda trunk=trunk: not is_up(gateway, trunk), 10, f"{trunk} is not found dead")
    with Party(LINE_HOST, port=gateway.names["spare1"]) as pbx:
        leg = pbx.answerer(pbx.hear("OPTIONS", 15))
        leg.reply(407, 'Proxy-Authenticate: Digest realm="pbx", nonce="n", algorithm=MD5')
        wait_until(lambda: is_up(gateway, "pbx"), 2, "a hop that asks who we are does not count as living")
        # We have nothing to prove there.
        pbx.hears_no("OPTIONS", 0.3, where=lambda it: it["proxy-authorization"])
    with Party(LINE_HOST, port=gateway.names["spare2"]) as carrier:
        challenge = 'Digest realm="carrier", nonce="n", algorithm=SHA-256, qop="auth"'
        leg = carrier.answerer(carrier.hear("OPTIONS", 15))
        leg.reply(401, f"WWW-Authenticate: {challenge}")
        again = carrier.hear("OPTIONS", where=lambda it: it["authorization"])
        if 'username="us"' not in again["authorization"]:
            raise Failure(f"the ping does not say who we are:\n{again}")
        # Whatever it thinks of our answer: it lives.
        carrier.answerer(again).reply(401, f"WWW-Authenticate: {challenge}")
        wait_until(lambda: is_up(gateway, "carrier"), 2, "a hop that does not believe us does not count as living")
