"""The release binary as an operator runs it: settings, plan and data in a folder of its own.

The caller sits at 127.0.0.1, inside the trunk's range; the business lines sit
at 127.0.0.2, outside it, as a PBX that is no carrier does.
"""

import contextlib
import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

CALLER_HOST = "127.0.0.1"
LINE_HOST = "127.0.0.2"
STRANGER_HOST = "127.0.0.9"
SITE_ORIGIN = "https://shop.example"
SWAP_TARGET = "+33199000000"

# Ports are handed out before they are bound, to scenarios that run side by side.
TAKEN, TAKEN_LOCK = set(), threading.Lock()


class Failure(Exception):
    """What a check found wrong."""


def free_port(host=CALLER_HOST):
    """A port that is free on UDP and TCP alike, and that nobody else here was given."""
    while True:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((host, 0))
            port = udp.getsockname()[1]
            with contextlib.suppress(OSError):
                tcp.bind((host, port))
                with TAKEN_LOCK:
                    if (host, port) not in TAKEN:
                        TAKEN.add((host, port))
                        return port


def wait_until(happens, within_s, what):
    """The first true value of `happens`, or a failure that names `what`."""
    deadline = time.monotonic() + within_s
    while True:
        value = happens()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failure(f"{what} within {within_s} s")
        time.sleep(0.02)


class Line:
    """A tracking number and the business line behind it."""

    def __init__(self, name, number, ring_s=20, transport="udp", media="past", recorded=None):
        """`recorded`: the format in which its calls are kept."""
        self.name, self.number, self.ring_s, self.transport, self.media = name, number, ring_s, transport, media
        self.recorded = recorded
        self.port = free_port(LINE_HOST)
        # Where the gateway reaches it; not its own port when something stands between.
        self.public_port = self.port

    @property
    def uri(self):
        transport = "" if self.transport == "udp" else f";transport={self.transport}"
        return f"sip:line@{LINE_HOST}:{self.public_port}{transport}"


class Gateway:
    """Starts, asks and stops one `whence serve`."""

    def __init__(self, binary, folder, lines, pool=(), *, sip_port=None, settings=None, plan="", database=None,
                 before=()):
        """`settings` stand in place of our listeners, trunk and limits; `before`
        are the words that stand before the server's command, for instance `taskset`."""
        self.binary, self.before = str(binary), list(before)
        self.folder = pathlib.Path(folder)
        self.sip_port, self.http_port = sip_port or free_port(), free_port()
        self.settings = self.folder / "whence.toml"
        self.log = self.folder / "gateway.log"
        self.database = database or f"sqlite:{self.folder}/whence.db"
        self.process = None
        self.settings.write_text(self._settings(settings))
        self.plan = self.folder / "plan.toml"
        self.plan.write_text(plan_of(lines, pool) + plan)
        self.command("plan", "apply", str(self.plan))
        scopes = "calls:read,calls:control,visits:read,numbers:read,gateway:control,recordings:read"
        self.key = self.command("key", "create", "--name", "sip-test", "--scopes", scopes).split()[-1]

    @property
    def sip(self):
        return CALLER_HOST, self.sip_port

    def _settings(self, own):
        usual = f"""
[sip]
listen = ["udp:{CALLER_HOST}:{self.sip_port}", "tcp:{CALLER_HOST}:{self.sip_port}"]
[[trunk]]
name = "carrier"
from = ["{CALLER_HOST}"]
country = "FR"
[calls]
spool = "{self.folder}/spool"
"""
        return f"""
[http]
listen = "{CALLER_HOST}:{self.http_port}"
public_url = "http://{CALLER_HOST}:{self.http_port}"
[database]
url = "{self.database}"
[vault]
folder = "{self.folder}/recordings"
keys = "{self.folder}/vault.keys"
[imports]
folder = "{self.folder}/imports"
{usual if own is None else own}
"""

    def command(self, *words):
        """What a command of the binary prints; a failure when it fails."""
        done = subprocess.run(
            [self.binary, *words, "--config", str(self.settings)],
            env=clean_environment(), capture_output=True, text=True, timeout=30, check=False,
        )
        if done.returncode != 0:
            raise Failure(f"whence {' '.join(words)} exits {done.returncode}: {done.stderr.strip()}")
        return done.stdout

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*self.before, self.binary, "serve", "--config", str(self.settings)],
                env=clean_environment(), stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )
        wait_until(self._is_ready, 20, "the gateway is not ready")

    def _is_ready(self):
        if self.process.poll() is not None:
            raise Failure(f"whence serve exits {self.process.returncode}:\n{self.tail()}")
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/readyz")[0] == 200
        return False

    def stop(self):
        """Asks it to end, as a service manager does."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Failure("whence serve did not stop within 20 s of SIGTERM") from None
        if code != 0:
            raise Failure(f"whence serve exits {code} on SIGTERM:\n{self.tail()}")

    def kill(self):
        """Ends it without a word (kill -9)."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def tail(self, lines=20):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def ask(self, method, path, body=None, headers=None):
        """Status and body of one HTTP exchange."""
        connection = http.client.HTTPConnection(CALLER_HOST, self.http_port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()

    def get(self, path, **query):
        """One JSON answer of the API; a failure when it is no 200."""
        query = urllib.parse.urlencode({name: value for name, value in query.items() if value is not None})
        status, body = self.ask("GET", f"/api/v1/{path}?{query}", headers={"Authorization": f"Bearer {self.key}"})
        if status != 200:
            raise Failure(f"GET /api/v1/{path} answers {status}: {body[:300]!r}")
        return json.loads(body)

    def list(self, path, **query):
        """Every item of a paged list."""
        cursor = None
        while True:
            page = self.get(path, limit=200, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def calls_to(self, number, count, within_s=10):
        """The calls to `number`, when there are `count` and all are over."""

        def all_over():
            calls = list(self.list("calls", number=number))
            return len(calls) >= count and all(call["ended_at"] for call in calls) and [calls]

        try:
            calls = wait_until(all_over, within_s, "")[0]
        except Failure:
            calls = list(self.list("calls", number=number))
            still = sum(call["ended_at"] is None for call in calls)
            raise Failure(f"{count} call(s) expected, {len(calls)} recorded, {still} of them not over") from None
        if len(calls) != count:
            raise Failure(f"{count} call(s) expected, {len(calls)} recorded")
        return calls


def clean_environment():
    """Without settings of whoever runs the tests."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("WHENCE_", "RUST_LOG"))}


def plan_of(lines, pool):
    """The plan: a static number for each line, and a pool in front of the first."""
    text = f"""
[[outlets]]
id = "shop"
name = "Shop"

[[sites]]
id = "website"
outlet = "shop"
name = "Website"
origins = ["{SITE_ORIGIN}"]
"""
    for line in lines:
        text += f"""
[[destinations]]
id = "{line.name}"
outlet = "shop"
name = "{line.name}"
line = "{line.uri}"
ring_s = {line.ring_s}
media = "{line.media}"

[[numbers]]
e164 = "{line.number}"
outlet = "shop"
destination = "{line.name}"
label = "{line.name}"
channel = "Offline"
source = "{line.name}"
medium = "test"
"""
        if line.recorded:
            text += f"""
[numbers.recording]
purpose = "testing"
informed_by = "the test"
format = "{line.recorded}"
"""
    if pool:
        numbers = ", ".join(f'"{number}"' for number in pool)
        text += f"""
[[pools]]
id = "web"
site = "website"
destination = "{lines[0].name}"
target = "{SWAP_TARGET}"
keep_alive_s = 120
quarantine_s = 60
numbers = [{numbers}]
"""
    return text
