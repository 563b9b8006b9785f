"""Whatever is not a fresh and right answer brings no call about."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, digest

# No number of ours, so that a login that is let in hears 404 and leaves no call behind.
NOBODY = "+33199009999"


def asked(leg):
    heard = leg.hear(401)
    leg.ack(heard)
    return heard.all("www-authenticate")[0]


def is_stale(challenge):
    return "stale=true" in challenge


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(NOBODY)
        challenge = asked(leg)

        def brings(challenge, password, count=1):
            proof = digest(challenge, "INVITE", leg.target, "pbx", password, count)
            leg.send("INVITE", f"Authorization: {proof}")

        brings(challenge, "swordfish")
        leg.ack(leg.hear(404))
        brings(challenge, "swordfish")
        if not is_stale(again := asked(leg)):
            raise Failure(f"an answer that was played again is not called stale: {again}")
        brings(challenge, "swordfish", count=2)
        leg.ack(leg.hear(404))
        old = challenge.replace('nonce="', 'nonce="A')
        brings(old, "swordfish")
        if not is_stale(fresh := asked(leg)):
            raise Failure(f"an old nonce is not called stale: {fresh}")
        brings(fresh, "swordfish")
        leg.ack(leg.hear(404))

        for guess in ("password", "123456", "swordfish1"):
            brings(fresh, guess, 2)
            if is_stale(fresh := asked(leg)):
                raise Failure("a wrong password is called stale")
        brings(fresh, "swordfish")
        leg.hears_no((200, 699))
        shop.hears_no("INVITE", 0.1)

    listed = gateway.get("strangers")["items"]
    if [(one["address"], one["wrong_logins"], one["trunk"]) for one in listed] != [(CALLER_HOST, 3, "carrier")]:
        raise Failure(f"whoever guesses is not listed: {listed}")
    _, page = gateway.ask("GET", "/metrics")
    if b"whence_sip_wrong_logins_total 3" not in page:
        raise Failure("the wrong logins are not counted")
