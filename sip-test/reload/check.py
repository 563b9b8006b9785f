"""A second trunk is written into the settings while a call is up, then a mistake, and then another plan."""

import signal

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from held import ends, held_call, still_talks
from party import Party

NEW_HOST = "127.0.0.5"


def check(gateway, line):
    before = gateway.settings.read_text()
    with held_call(gateway, line) as (leg, ring), Party(NEW_HOST, gateway.sip) as new:
        new.request("OPTIONS", f"sip:{NEW_HOST}").hears_no((100, 699))

        gateway.settings.write_text(f'{before}\n[[trunk]]\nname = "second"\nfrom = ["{NEW_HOST}"]\ncountry = "FR"\n')
        gateway.process.send_signal(signal.SIGHUP)
        wait_until(lambda: "changed: trunks" in gateway.tail(), 5, "SIGHUP is not obeyed")
        if (status := new.options().status) != 200:
            raise Failure(f"the new trunk gets {status}")
        still_talks(leg, ring)

        gateway.settings.write_text(before.replace("[calls]", "[calls]\nlimt = 3"))
        status, body = gateway.ask("POST", "/api/v1/reload", headers={"Authorization": f"Bearer {gateway.key}"})
        if status != 422 or b"did you mean `limit`?" not in body:
            raise Failure(f"a mistake is answered {status}: {body!r}")
        if (status := new.options().status) != 200:
            raise Failure(f"after a mistake the new trunk gets {status}")

        gateway.settings.write_text(before)
        told = gateway.command("reload", "--key", gateway.key)
        if told != "changed: trunks\n":
            raise Failure(f"whence reload says {told!r}")
        new.request("OPTIONS", f"sip:{NEW_HOST}").hears_no((100, 699))
        still_talks(leg, ring)

        # The number leads elsewhere from now on, but not for who is talking.
        with Party(LINE_HOST) as other, Party(CALLER_HOST, gateway.sip) as caller:
            gateway.plan.write_text(gateway.plan.read_text().replace(f"{LINE_HOST}:{line.port}", f"{LINE_HOST}:{other.port}"))
            gateway.command("plan", "apply", str(gateway.plan))
            wait_until(lambda: "routes have changed" in gateway.tail(), 10, "the plan is not read again")
            second = caller.invite(line.number)
            ring_there = other.answerer(other.hear("INVITE"))
            ring_there.reply(486)
            ring_there.hear("ACK")
            second.ack(second.hear(486))
        still_talks(leg, ring)
        ends(leg, ring)

    found = sorted((call["outcome"], call["hung_up_by"]) for call in gateway.calls_to(line.number, 2))
    if found != [("answered", "caller"), ("busy", "line")]:
        raise Failure(f"the records say {found}")
