"""Load by SIPp, and what it costs whom."""

import contextlib
import csv
import os
import pathlib
import re
import socket
import statistics
import struct
import time

import sipp
from gateway import CALLER_HOST, LINE_HOST, Failure, free_port

# Of linux/socket.h; Python does not name it.
SO_TIMESTAMPNS = 35
OFFER = ("v=0\r\no=probe 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
         "m=audio 40000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")
HERE = pathlib.Path(__file__).resolve().parent
TICKS = os.sysconf("SC_CLK_TCK")
# Statistics of SIPp are written once a second.
COUNTS = {"made": "TotalCallCreated", "well": "SuccessfulCall(C)", "failed": "FailedCall(C)",
          "repeated": "Retransmissions(C)", "lasted": "ElapsedTime(C)"}


def cpu_s(pid):
    """User and system time of a process, all threads, and of its children, alive or gone."""
    total = 0
    for process in (pid, *pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = pathlib.Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            total += sum(map(int, fields[11:15]))
    return total / TICKS


def cpu_of_ended_s():
    """User and system time of all programs that were started here and have ended."""
    times = os.times()
    return times.children_user + times.children_system


def memory_kib(pid):
    """Resident memory: (all, that of its own and no file's)."""
    words = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(words["VmRSS"].split()[0]), int(words["RssAnon"].split()[0])


class Load:
    """Calls at a rate, each by number and caller of `dialled`; `before` stand before the SIPps' commands."""

    def __init__(self, target, line_port, dialled, logs, rate, calls, talk_s=1.0, before=()):
        self.logs, self.rate, self.calls = pathlib.Path(logs), rate, calls
        self.logs.mkdir(parents=True)
        patience_s = int(calls / rate + talk_s + 60)
        common = {"calls": calls, "patience_s": patience_s, "quiet": True}
        limit = ("-l", "15000", "-r", str(rate))
        self.line = sipp.line(HERE / "cost.d/line.xml", LINE_HOST, self.logs, line_port, **common)
        self.caller = sipp.Sipp(
            HERE / "cost.d/caller.xml", CALLER_HOST, self.logs, free_port(), **common,
            more=(*limit, "-inf", str(dialled), "-d", str(int(talk_s * 1000)), "-trace_stat", "-fd", "1",
                  "-stf", str(self.logs / "caller.csv"), f"{target[0]}:{target[1]}"))
        for each in (self.line, self.caller):
            each.words = [*before, *each.words]

    def __enter__(self):
        self.line.start().wait_until_listening()
        self.caller.start()
        return self

    def __exit__(self, *_):
        self.caller.kill()
        self.line.kill()

    def counts(self):
        """SIPp's latest word."""
        path = self.logs / "caller.csv"
        rows = list(csv.reader(path.open(), delimiter=";")) if path.exists() else []
        if len(rows) < 2:
            return dict.fromkeys(COUNTS, 0) | {"lasted": 0.0}
        row = dict(zip(rows[0], rows[-1]))
        found = {name: row[column] for name, column in COUNTS.items()}
        hours, minutes, seconds = found.pop("lasted").split(":")[:3]
        lasted = int(hours) * 3600 + int(minutes) * 60 + float(seconds)
        return {name: int(value) for name, value in found.items()} | {"lasted": lasted}

    def finish(self):
        """Waits for the last call; a call that failed is a count, not an error."""
        try:
            self.caller.finish()
        except Failure:
            pass
        return self.counts()


def wait_for_calls(load, count, within_s):
    """Until so many calls have been made."""
    deadline = time.monotonic() + within_s
    while load.counts()["made"] < count:
        if time.monotonic() > deadline or load.caller.process.poll() is not None:
            raise Failure(f"only {load.counts()} of {count} calls were made")
        time.sleep(0.1)


class Probe:
    """How long an INVITE takes from the caller to the line, through what stands between.

    The kernel notes when it reaches the line, so a busy machine does not blur
    the figure (SIPp's own clock ticks every four milliseconds). The line is
    busy, and the call is over.
    """

    def __init__(self, target, number, line_port):
        self.target, self.number = target, number
        self.caller, self.line = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self.caller.bind((CALLER_HOST, 0))
        self.line.bind((LINE_HOST, line_port))
        self.line.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.caller.settimeout(2)
        self.line.settimeout(2)
        self.times_ms, self.sent = [], 0

    def close(self):
        self.caller.close()
        self.line.close()

    def call(self):
        """One INVITE, its arrival, 486 and ACK."""
        self.sent += 1
        host, port = self.caller.getsockname()
        uri = f"sip:{self.number}@{self.target[0]}:{self.target[1]}"
        head = (f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bK-probe-{port}-{self.sent};rport\r\n"
                f"From: <sip:+33799{self.sent:06}@{host}>;tag=p{self.sent}\r\n"
                f"Call-ID: probe-{port}-{self.sent}@{host}\r\nMax-Forwards: 70\r\n")
        invite = (f"INVITE {uri} SIP/2.0\r\n{head}To: <{uri}>\r\nCSeq: 1 INVITE\r\n"
                  f"Contact: <sip:probe@{host}:{port}>\r\nContent-Type: application/sdp\r\n"
                  f"Content-Length: {len(OFFER)}\r\n\r\n{OFFER}").encode()
        started = time.time_ns()
        self.caller.sendto(invite, self.target)
        while True:
            heard, notes, _, sender = self.line.recvmsg(65_535, 128)
            if heard.startswith(b"INVITE"):
                break
        seconds, nanoseconds = struct.unpack("qq", notes[0][2][:16])
        self.times_ms.append((seconds * 1_000_000_000 + nanoseconds - started) / 1e6)
        self._refuse(heard.decode("latin-1"), sender)
        while True:
            answer = self.caller.recv(65_535).decode("latin-1")
            if answer.startswith("SIP/2.0 486"):
                break
        to = re.search(r"(?im)^To:.*?$", answer)[0].strip()
        self.caller.sendto(f"ACK {uri} SIP/2.0\r\n{head}{to}\r\nCSeq: 1 ACK\r\nContent-Length: 0\r\n\r\n".encode(),
                           self.target)

    def _refuse(self, invite, sender):
        lines = [line for line in invite.split("\r\n") if re.match(r"(?i)(via|from|call-id|cseq|record-route)\s*:", line)]
        to = re.search(r"(?im)^To:.*?$", invite)[0].strip()
        answer = "\r\n".join(["SIP/2.0 486 Busy Here", *lines, f"{to};tag=busy{self.sent}", "Content-Length: 0", "", ""])
        self.line.sendto(answer.encode(), sender)

    def run(self, seconds, a_second=50):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            next_at = time.monotonic() + 1 / a_second
            self.call()
            time.sleep(max(next_at - time.monotonic(), 0))
        return quantiles(self.times_ms)


def quantiles(times):
    """Median and 99th percentile."""
    return statistics.median(times), statistics.quantiles(times, n=100)[98]
