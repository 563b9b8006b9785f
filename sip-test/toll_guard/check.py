"""Everybody who would telephone at somebody else's cost, and what the gateway lets out."""

import contextlib

from gateway import CALLER_HOST, LINE_HOST, STRANGER_HOST, Failure
from party import Party, sdp

OURS, MOBILE = "+33199009005", "+33612345678"
# A satellite telephone, a premium number, and the number that the plan does name.
WANTED = ("+881612345678", "+33899123456", "00881612345678", MOBILE)


def refused(caller, carrier, number, status):
    leg = caller.invite(number)
    answer = leg.hear((300, 699))
    leg.ack(answer)
    if answer.status != status:
        raise Failure(f"a call to {number} gets {answer.status}, expected {status}")
    carrier.hears_no("INVITE", 0.2)


def talk(caller, carrier):
    leg = caller.invite(OURS)
    ring = carrier.answerer(carrier.hear("INVITE"))
    ring.reply(200, body=sdp("carrier"))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    leg.send("BYE")
    ring.hear("BYE")
    ring.reply(200)
    leg.hear(200, of="BYE")


def barred(gateway, why):
    page = gateway.ask("GET", "/metrics")[1].decode()
    counted = [line.split()[-1] for line in page.splitlines() if line.startswith(f'whence_calls_barred_total{{why="{why}"}}')]
    return int(counted[0]) if counted else 0


def leaves_today(gateway):
    return gateway.get("trunks")["items"][0]["calls_today"]


def with_prefix(gateway, old, new):
    gateway.settings.write_text(gateway.settings.read_text().replace(f'prefixes = ["{old}"]', f'prefixes = ["{new}"]'))


def check(gateway, _line):
    with Party(STRANGER_HOST, gateway.sip) as scanner, Party(CALLER_HOST, gateway.sip) as caller, \
            Party(LINE_HOST, port=gateway.names["spare1"]) as carrier:
        scans = [scanner.invite(number) for number in WANTED]
        # A trunk may call our numbers, and nothing through us.
        for number in WANTED:
            refused(caller, carrier, number, 404)
        for scan in scans:
            scan.hears_no((100, 699), 0.05)

        # A plan cannot name what no prefix allows, and one of earlier settings does not lead out any more.
        plan = gateway.plan.read_text()
        gateway.plan.write_text(plan.replace(MOBILE, WANTED[1]))
        with contextlib.suppress(Failure):
            gateway.command("plan", "apply", str(gateway.plan))
            raise SystemError("a plan with a premium number is applied")
        gateway.plan.write_text(plan)
        with_prefix(gateway, "+336", "+337")
        gateway.command("reload", "--key", gateway.key)
        refused(caller, carrier, OURS, 403)
        if (barred(gateway, "prefix"), leaves_today(gateway)) != (1, 0):
            raise Failure("what no prefix allows is to be counted as barred, and not as a call of the day")
        with_prefix(gateway, "+337", "+336")
        gateway.command("reload", "--key", gateway.key)

        talk(caller, carrier)
        refused(caller, carrier, OURS, 403)
        if barred(gateway, "calls_per_day") != 1:
            raise Failure("a call above those of the day is to be counted as barred")

        # A restart gives nothing back.
        gateway.stop()
        gateway.start()
        if leaves_today(gateway) != 1:
            raise Failure(f"after a restart {leaves_today(gateway)} calls have left today, expected 1")
        refused(caller, carrier, OURS, 403)

    ends = sorted((call["outcome"], call["sip_status"]) for call in gateway.calls_to(OURS, 4))
    if ends != [("answered", 200), ("failed", 403), ("failed", 403), ("failed", 403)]:
        raise Failure(f"the calls are written down so: {ends}")
