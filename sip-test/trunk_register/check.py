"""A registrar by hand: 401, 423, a refresh before its time, a metric that tells, de-registration at the end (RFC 3261 §10)."""

import hashlib
import re

from gateway import LINE_HOST, STRANGER_HOST, Failure, wait_until
from party import Party, sdp, uri_of

USER, PASSWORD = "trunk-1", "sesame"
# The gateway was started before the registrar: what it asked first was not heard.
PATIENCE_S = 20


class Registrar(Party):
    """Hears REGISTERs; the last one that went through is the binding."""

    def hear_register(self, within_s=PATIENCE_S):
        leg = self.answerer(self.hear("REGISTER", within_s))
        return leg, leg.asked

    def challenge(self, leg, nonce, algorithm="SHA-256"):
        leg.reply(401, f'WWW-Authenticate: Digest realm="carrier", nonce="{nonce}", qop="auth", algorithm={algorithm}',
                  f'WWW-Authenticate: Digest realm="carrier", nonce="{nonce}", qop="auth"')


def field(value, name):
    found = re.search(rf'\b{name}="?([^",]+)', value)
    return found and found[1]


def expect_proof(request, nonce, count):
    value = request["authorization"]
    if not value:
        raise Failure(f"the REGISTER proves nothing:\n{request}")
    cnonce, response = field(value, "cnonce"), field(value, "response")
    def hashed(text):
        return hashlib.sha256(text.encode()).hexdigest()

    secret, asked = hashed(f"{USER}:carrier:{PASSWORD}"), hashed(f"REGISTER:{field(value, 'uri')}")
    expected = hashed(f"{secret}:{nonce}:{count:08x}:{cnonce}:auth:{asked}")
    if (response, field(value, "nc"), field(value, "algorithm")) != (expected, f"{count:08x}", "SHA-256"):
        raise Failure(f"the proof is wrong (expected {expected}):\n{request}")


def metric(gateway, line):
    return line in gateway.ask("GET", "/metrics")[1].decode().splitlines()


def a_call_comes(registrar, gateway, line, binding):
    """Where the binding leads, from an address that `from` does not have; whom it is for stands in To."""
    to = f"<sip:0{line.number.removeprefix('+33')}@carrier.example>"
    with Party(STRANGER_HOST, gateway.sip) as stranger, Party(LINE_HOST, port=line.port) as shop:
        scan = stranger.invite(binding, to=to)
        leg = registrar.invite(binding, to=to)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(200, body=sdp("desk"))
        leg.ack(leg.hear(200))
        ring.hear("ACK")
        ring.send("BYE")
        leg.hear("BYE")
        leg.reply(200)
        ring.hear(200, of="BYE")
        scan.hears_no((100, 699), 0.1)
        shop.hears_no("INVITE", 0.1)


def check(gateway, line):
    with Registrar(LINE_HOST, port=gateway.names["spare1"]) as registrar:
        leg, first = registrar.hear_register()
        registrar.gateway = gateway.sip
        early = registrar.invite(line.number)
        if not metric(gateway, 'whence_trunk_registered{trunk="carrier"} 0'):
            raise Failure("the metric does not say that the trunk is not registered")
        early.hears_no((100, 699), 0.3)
        registrar.challenge(leg, "one")
        leg, again = registrar.hear_register()
        expect_proof(again, "one", 1)
        if again["call-id"] != first["call-id"] or int(again["cseq"].split()[0]) <= int(first["cseq"].split()[0]):
            raise Failure(f"a REGISTER that answers a challenge keeps its Call-ID and counts on:\n{again}")

        leg.reply(423, "Min-Expires: 60")
        leg, longer = registrar.hear_register()
        if longer["expires"] != "60":
            raise Failure(f"423 with Min-Expires 60 is followed by Expires: {longer['expires']}")
        expect_proof(longer, "one", 2)

        # Granted for less than was asked: what the registrar says counts.
        leg.reply(200, f"Contact: {longer['contact']};expires=3")
        wait_until(lambda: metric(gateway, 'whence_trunk_registered{trunk="carrier"} 1'), 2, "the metric does not rise")
        leg, refresh = registrar.hear_register(3)
        leg.reply(200, f"Contact: {refresh['contact']};expires=60")

        binding = uri_of(refresh["contact"])
        if not binding.startswith(f"sip:{USER}@"):
            raise Failure(f"the Contact is {refresh['contact']}")
        a_call_comes(registrar, gateway, line, binding)

        gateway.process.terminate()
        leg, last = registrar.hear_register(5)
        if last["expires"] != "0":
            raise Failure(f"at the end a REGISTER with Expires: 0 is expected, not {last['expires']}")
        leg.reply(200)
        if (code := gateway.process.wait(10)) != 0:
            raise Failure(f"the gateway exits {code}")
    # Whoever comes after this looks into its records.
    gateway.start()
