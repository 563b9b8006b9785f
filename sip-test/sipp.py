"""SIPp as the caller and as the business line."""

import pathlib
import subprocess

from gateway import Failure, wait_until

TRANSPORTS = {"udp": "u1", "tcp": "t1"}
# Timer B of RFC 3261 is 32 s; nothing here should come near it.
PATIENCE_S = 30


class Sipp:
    """One SIPp that plays a scenario file."""

    def __init__(self, scenario, host, logs, port, *, calls=1, transport="udp", patience_s=PATIENCE_S, quiet=False, more=()):
        self.scenario = pathlib.Path(scenario)
        self.host, self.port, self.transport, self.patience_s = host, port, transport, patience_s
        self.logs = pathlib.Path(logs)
        name = self.scenario.stem
        self.errors = self.logs / f"{name}.errors"
        self.messages = self.logs / f"{name}.messages"
        self.words = [
            "sipp", "-sf", str(self.scenario), "-i", host, "-p", str(port), "-t", TRANSPORTS[transport],
            "-m", str(calls), "-nostdin", "-timeout", str(patience_s), "-timeout_error",
            "-trace_err", "-error_file", str(self.errors),
        ]
        # Under load the messages would fill the disk.
        if not quiet:
            self.words += ["-trace_msg", "-message_file", str(self.messages)]
        self.words += more
        self.screen = self.logs / f"{name}.screen"
        self.process = None

    def start(self):
        with self.screen.open("wb") as screen:
            self.process = subprocess.Popen(
                self.words, cwd=self.logs, stdin=subprocess.DEVNULL, stdout=screen, stderr=screen
            )
        return self

    def wait_until_listening(self):
        wait_until(self._listens, 10, f"SIPp does not listen on {self.host}:{self.port}")
        return self

    def _listens(self):
        if self.process.poll() is not None:
            raise Failure(f"SIPp did not start:\n{self.tail()}")
        table = pathlib.Path("/proc/net", self.transport).read_text()
        address = "".join(f"{int(part):02X}" for part in reversed(self.host.split(".")))
        return f" {address}:{self.port:04X} " in table

    def finish(self):
        """Waits for its end; a failure when a call did not go as the scenario says."""
        try:
            code = self.process.wait(self.patience_s + 10)
        except subprocess.TimeoutExpired:
            code = "never"
        if code != 0:
            raise Failure(f"{self.scenario.parent.name}/{self.scenario.name} failed (SIPp: {code})\n{self.tail()}")

    def kill(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def tail(self):
        """What helps to see why: the complaints, then the last messages."""
        parts = []
        for path, lines in ((self.errors, 15), (self.messages, 60)):
            if path.exists() and (text := path.read_text(errors="replace")):
                parts += [f"--- {path.name}", *text.splitlines()[-lines:]]
        if not parts and self.screen.exists():
            parts = self.screen.read_text(errors="replace").splitlines()[-15:]
        return "\n".join(parts)


def caller(scenario, number, target, logs, port, host="127.0.0.1", *, shown="+33639980001", rate=10, **more):
    """Calls `number` at `target` (host, port)."""
    words = ("-s", number, "-key", "caller", shown, "-r", str(rate), "-l", "1000", f"{target[0]}:{target[1]}")
    return Sipp(scenario, host, logs, port, more=words, **more)


def line(scenario, host, logs, port, *, contact_port=None, **more):
    """Waits for calls; `contact_port` is where others reach it when something stands between."""
    words = ("-key", "contact_port", str(contact_port or port))
    return Sipp(scenario, host, logs, port, more=words, **more)
