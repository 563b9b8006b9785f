"""SIP by hand, for what SIPp would not send."""

import contextlib
import itertools
import re
import socket
import time

from gateway import CALLER_HOST, Failure

COUNT = itertools.count(1)
T1_S = 0.5


def request(method, number, host=CALLER_HOST, transport="UDP"):
    """A well-formed request of its own dialog; a test breaks it as it likes."""
    key = next(COUNT)
    target = f"{number}@{CALLER_HOST}" if number else CALLER_HOST
    return "\r\n".join([
        f"{method} sip:{target} SIP/2.0",
        f"Via: SIP/2.0/{transport} {host};branch=z9hG4bK-hand-{key};rport",
        f"From: <sip:+33639980001@{host}>;tag=hand{key}",
        f"To: <sip:{target}>",
        f"Call-ID: hand-{key}@{host}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:hand@{host}>",
        "Max-Forwards: 70",
        "Content-Length: 0",
        "", "",
    ])


def without(text, header):
    return re.sub(f"(?m)^{header}: .*\r\n", "", text)


class Udp:
    """A socket on `host` that talks to the gateway."""

    def __init__(self, gateway, host):
        self.gateway = (CALLER_HOST, gateway.sip_port)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, 0))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendto(data, self.gateway)

    def forget(self):
        """Drops the answers that are there already."""
        self.socket.setblocking(False)
        with contextlib.suppress(BlockingIOError):
            while True:
                self.socket.recv(65_535)

    def hears(self, within_s):
        """The next packet, or `None`."""
        self.socket.settimeout(within_s)
        with contextlib.suppress(socket.timeout):
            return self.socket.recv(65_535)

    def ask(self, text, within_s=5):
        """The final status to a request, repeated every T1 as RFC 3261 §17.1.2.1 wants."""
        branch = re.search("branch=([^;]+)", text)[1].encode()
        for _ in range(int(within_s / T1_S)):
            self.send(text.encode())
            repeat_at = time.monotonic() + T1_S
            while (left := repeat_at - time.monotonic()) > 0 and (answer := self.hears(left)):
                status = re.match(rb"SIP/2\.0 (\d{3}) ", answer)
                if status and branch in answer and int(status[1]) >= 200:
                    return int(status[1])
        raise Failure(f"no answer within {within_s} s to:\n{text}")


def tcp(gateway, host=CALLER_HOST):
    """A connection to the gateway, from `host`."""
    return socket.create_connection((CALLER_HOST, gateway.sip_port), timeout=5, source_address=(host, 0))
