"""OPTIONS and logins, both ways (RFC 3261 §11, §22)."""

import contextlib

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


def refuse_until(is_enough, party, status, challenge):
    """The pings that came until then. What is heard first may be the last copy of a ping
    that the gateway has given up: its answer counts for nothing, that to the next one does."""
    pings = []
    for _ in range(4):
        pings.append(party.hear("OPTIONS", 15))
        party.answerer(pings[-1]).reply(status, challenge)
        with contextlib.suppress(Failure):
            wait_until(lambda: is_enough(pings[-1]), 1, "not yet")
            return pings
    raise Failure(f"{len(pings)} refused pings lead to nothing:\n{pings[-1]}")


def check(gateway, _line):
    their_pings(gateway)
    # Nobody is there at first.
    for trunk in ("pbx", "carrier"):
        wait_until(lambda trunk=trunk: not is_up(gateway, trunk), 10, f"{trunk} is not found dead")
    with Party(LINE_HOST, port=gateway.names["spare1"]) as pbx:
        refused = 'Proxy-Authenticate: Digest realm="pbx", nonce="n", algorithm=MD5'
        pings = refuse_until(lambda _: is_up(gateway, "pbx"), pbx, 407, refused)
        # We have nothing to prove there.
        if any(it["proxy-authorization"] for it in pings):
            raise Failure("a ping answers a challenge that is not for us")
    with Party(LINE_HOST, port=gateway.names["spare2"]) as carrier:
        refused = 'WWW-Authenticate: Digest realm="carrier", nonce="n", algorithm=SHA-256, qop="auth"'
        again = refuse_until(lambda it: it["authorization"], carrier, 401, refused)[-1]
        if 'username="us"' not in again["authorization"]:
            raise Failure(f"the ping does not say who we are:\n{again}")
        # Whatever it thinks of our answer: it lives.
        wait_until(lambda: is_up(gateway, "carrier"), 2, "a hop that does not believe us does not count as living")
