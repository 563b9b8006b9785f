#!/usr/bin/env python3
"""What was acknowledged is on disk: kill -9 under load, then count.

    sip-test/kill9.py [--binary target/release/whence] [--rounds 3]

Each round starts the gateway on the same data, lets visitors open pages and
callers call at once, kills it in the middle, and starts it again. Then every
visit that was answered with 201 must be in the API, every call whose caller
heard 200 must be there, every call whose BYE got its 200 must be there as
answered and ended well, and no call may be left open. The last line is
`N passed, N failed`.
"""

import argparse
import http.client
import json
import pathlib
import random
import re
import shutil
import sys
import tempfile
import threading
import time

import sipp
from gateway import CALLER_HOST, LINE_HOST, SITE_ORIGIN, Failure, Gateway, Line, free_port

HERE = pathlib.Path(__file__).resolve().parent
VISITORS = 8
CALLS_A_SECOND = 20
# More than are made before the kill: neither side ends by itself.
CALLS = 100_000


class Visitors:
    """Browsers that open pages until nobody answers; keeps what was acknowledged."""

    def __init__(self, gateway):
        self.gateway = gateway
        self.acknowledged = []
        self.refused = []
        self.threads = [threading.Thread(target=self._browse, args=(number,)) for number in range(VISITORS)]

    def start(self):
        for thread in self.threads:
            thread.start()

    def join(self):
        for thread in self.threads:
            thread.join()

    def _browse(self, number):
        connection = http.client.HTTPConnection(CALLER_HOST, self.gateway.http_port, timeout=10)
        headers = {"Origin": SITE_ORIGIN, "Content-Type": "application/json"}
        page = f"{SITE_ORIGIN}/?utm_source=test&utm_medium=cpc&utm_campaign=c{number}"
        body = json.dumps({"site": "website", "page": page, "consent": True})
        while True:
            try:
                connection.request("POST", "/api/v1/visits", body, headers)
                answer = connection.getresponse()
                text = answer.read()
            except (OSError, http.client.HTTPException):
                return
            if answer.status == 201:
                self.acknowledged.append(json.loads(text)["visit"])
            else:
                self.refused.append((answer.status, text[:200]))
                return


def heard_ok(messages, method):
    """The Call-IDs of the calls whose `method` got its 200, from the caller's message log."""
    heard = set()
    for block in re.split(r"^-{20,}.*$", messages.read_text(errors="replace"), flags=re.MULTILINE):
        if " message received" in block and "SIP/2.0 200" in block and re.search(rf"(?m)^CSeq: *\d+ {method}", block):
            heard.add(re.search(r"(?m)^Call-ID: *(\S+)", block)[1])
    return heard


class Acknowledged:
    """What the gateway said yes to, over all rounds."""

    def __init__(self):
        self.visits, self.answers, self.ends = set(), set(), set()

    def add(self, visitors, messages):
        self.visits |= set(visitors.acknowledged)
        self.answers |= heard_ok(messages, "INVITE")
        self.ends |= heard_ok(messages, "BYE")


def play_round(gateway, line, logs, chance, acknowledged):
    """Load, kill; adds what was acknowledged before it."""
    gateway.start()
    visitors = Visitors(gateway)
    answers = sipp.line(HERE / "kill9/line.xml", LINE_HOST, logs, line.port, calls=CALLS, patience_s=120)
    calls = sipp.caller(
        HERE / "kill9/caller.xml", line.number, (CALLER_HOST, gateway.sip_port), logs, free_port(),
        rate=CALLS_A_SECOND, calls=CALLS, patience_s=120,
    )
    try:
        answers.start().wait_until_listening()
        calls.start()
        visitors.start()
        time.sleep(chance.uniform(2.0, 4.0))
        gateway.kill()
        visitors.join()
    finally:
        gateway.kill()
        calls.kill()
        answers.kill()
    if visitors.refused:
        raise Failure(f"a visit was refused: {visitors.refused[0]}")
    acknowledged.add(visitors, calls.messages)


def check(gateway, acknowledged):
    """Each promise, and what breaks it in the restarted gateway."""
    visits = {visit["id"] for visit in gateway.list("visits")}
    calls = {call["sip_call_id"]: call for call in gateway.list("calls")}
    well = {key for key, call in calls.items() if call["outcome"] == "answered" and not call["interrupted"]}
    left_open = [call["id"] for call in calls.values() if not call["ended_at"] or not call["outcome"]]
    counts = len(acknowledged.visits), len(acknowledged.answers), len(acknowledged.ends)
    yield f"{counts[0]} acknowledged visits are there", acknowledged.visits - visits
    yield f"{counts[1]} answered calls are there", acknowledged.answers - calls.keys()
    yield f"{counts[2]} calls that ended before are there as answered", acknowledged.ends - well
    yield f"none of {len(calls)} calls is left open", left_open
    yield "the load was a load", [] if min(counts) > 5 else [f"only {counts} happened"]


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--binary", default=HERE.parent / "target/release/whence", type=pathlib.Path)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    options = options.parse_args()
    chance = random.Random(options.seed)

    logs = pathlib.Path(tempfile.mkdtemp(prefix="whence-kill9-"))
    line = Line("line", "+33199001001")
    pool = [f"+3319900{number}" for number in range(2000, 2050)]
    passed = failed = 0
    gateway = None
    try:
        gateway = Gateway(options.binary.resolve(), logs, [line], pool)
        acknowledged = Acknowledged()
        for round_ in range(1, options.rounds + 1):
            folder = logs / f"round-{round_}"
            folder.mkdir()
            play_round(gateway, line, folder, chance, acknowledged)
            gateway.start()
            for promise, broken in check(gateway, acknowledged):
                broken = sorted(broken)
                passed, failed = (passed, failed + 1) if broken else (passed + 1, failed)
                verdict = f"FAILED  round {round_}: {len(broken)} broke: " if broken else f"passed  round {round_}: "
                print(verdict + promise + (f" (for instance {broken[:3]})" if broken else ""), flush=True)
            gateway.kill()
    except (Failure, OSError) as failure:
        failed += 1
        print(f"FAILED  {failure}\n{gateway.tail() if gateway else ''}")
    finally:
        if gateway:
            gateway.kill()
    if failed:
        print(f"the seed was {options.seed}, the logs are in {logs}")
    else:
        shutil.rmtree(logs)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
