"""What a trunk that may be anywhere costs: a few challenges to each address, and no more."""

import contextlib

import wire
from gateway import CALLER_HOST, LINE_HOST, STRANGER_HOST, Failure
from party import Party, digest

OURS = "+33199007002"


def check(gateway, line):
    with Party(STRANGER_HOST, gateway.sip) as scanner:
        for method in ("OPTIONS", "REGISTER", "SUBSCRIBE"):
            scanner.request(method, f"sip:100@{CALLER_HOST}").hears_no((100, 699), 0.2)
        for number in ("100", "101", OURS):
            leg = scanner.invite(number)
            leg.ack(leg.hear(401))
        scanner.invite(OURS).hears_no((100, 699))
    with contextlib.suppress(OSError), wire.tcp(gateway, STRANGER_HOST) as stream:
        stream.sendall(wire.request("INVITE", OURS, STRANGER_HOST, "TCP").encode())
        stream.settimeout(1)
        if heard := stream.recv(2000):
            raise Failure(f"a silenced scanner is answered over TCP: {heard[:80]!r}")

    with Party(CALLER_HOST, gateway.sip) as pbx, Party(LINE_HOST, port=line.port) as shop:
        asked = pbx.invite(OURS)
        heard = asked.hear(401)
        asked.ack(heard)
        challenge, count = heard.all("www-authenticate")[0], 0

        def dial(number):
            nonlocal count
            count += 1
            uri = f"sip:{number}@{CALLER_HOST}:{gateway.sip_port}"
            proof = digest(challenge, "INVITE", uri, "pbx", "swordfish", count)
            return pbx.invite(number, f"Authorization: {proof}")

        # One number that is gone, dialled again and again, is one miss.
        for number in ("0199008001", "0199008001", "0199008001", "0199008001", "0199008002", "0199008003"):
            leg = dial(number)
            leg.ack(leg.hear(404))
        dial("0199008004").hears_no((100, 699), 1)
        leg = dial(OURS)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(486)
        leg.ack(leg.hear(486))

    listed = {one["address"]: one for one in gateway.get("strangers")["items"]}
    scanner, pbx = listed[STRANGER_HOST], listed[CALLER_HOST]
    if (scanner["unanswered"], scanner["trunk"], scanner["silent_until"] is None) != (3, None, False):
        raise Failure(f"the scanner is listed so: {scanner}")
    if (pbx["numbers"], pbx["trunk"], pbx["silent_until"] is None) != (4, "roaming", False):
        raise Failure(f"the trunk that tries numbers is listed so: {pbx}")
    told = gateway.command("strangers", "--key", gateway.key)
    if STRANGER_HOST not in told or "3 without a login" not in told or "as roaming" not in told:
        raise Failure(f"whence strangers says {told!r}")
    _, page = gateway.ask("GET", "/metrics")
    for line_of_page in (b"whence_sip_challenges_total 4", b"whence_sip_silenced_total 3"):
        if line_of_page not in page:
            raise Failure(f"/metrics lacks {line_of_page!r}")
