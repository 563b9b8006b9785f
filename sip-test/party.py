"""A user agent under a test's thumb: it sends what it is told, when it is told, and nothing else.

SIPp plays a fixed part; where a test must cross messages, answer twice or
break a rule at the right moment, a `Party` does it in a few lines:

    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        leg.send("CANCEL")
"""

import contextlib
import hashlib
import itertools
import queue
import re
import select
import socket
import ssl
import threading
import time

from gateway import CALLER_HOST, Failure

COUNT = itertools.count(1)
SHOWN = "+33639980001"
# The compact forms of RFC 3261 §7.3.3 and later.
LONG = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
        "c": "content-type", "s": "subject", "k": "supported", "r": "refer-to", "x": "session-expires"}


def sdp(owner, port=40000, mode="sendrecv", version=1):
    return "\r\n".join([
        "v=0", f"o={owner} 1 {version} IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0",
        f"m=audio {port} RTP/AVP 8 101", "a=rtpmap:8 PCMA/8000", "a=rtpmap:101 telephone-event/8000", f"a={mode}", "",
    ])


class Message:
    """What came in, read as simply as can be."""

    def __init__(self, data, sender=None):
        self.data, self.sender = data, sender
        head, _, body = data.partition(b"\r\n\r\n")
        self.body = body.decode("latin-1")
        self.start, *rest = re.sub(r"\r\n[ \t]+", " ", head.decode("latin-1")).split("\r\n")
        self.lines = []
        for line in rest:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            self.lines.append((LONG.get(name, name), value.strip()))
        words = self.start.split(" ", 2)
        self.status = int(words[1]) if words[0] == "SIP/2.0" else None
        self.reason = words[2] if self.status else None
        # Of a response, the method that it answers.
        self.method = (self["cseq"] or "0 ?").split()[1]
        self.uri = None if self.status else words[1]

    def __getitem__(self, name):
        return next(iter(self.all(name)), None)

    def all(self, name):
        return [value for found, value in self.lines if found == name.lower()]

    def fits(self, what):
        """`what` is a status, a pair of statuses (from, to) or, for requests, a method."""
        if isinstance(what, str):
            return self.status is None and self.method == what
        low, high = what if isinstance(what, tuple) else (what, what)
        return self.status is not None and low <= self.status <= high

    @property
    def tag(self):
        return tag_of(self["to"])

    def __str__(self):
        return self.data.decode("latin-1")


def tag_of(value):
    found = re.search(r";\s*tag=([^;>\s]+)", value or "")
    return found and found[1]


def uri_of(value):
    found = re.search(r"<([^>]*)>", value)
    return found[1] if found else value.split(";")[0]


class UdpWire:
    name, is_stream = "UDP", False

    def __init__(self, host, port):
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((host, port))
        self.address = self.socket.getsockname()

    def send(self, data, to):
        self.socket.sendto(data, to)

    def receive(self):
        return self.socket.recvfrom(65_535)

    def close(self):
        self.socket.close()


class StreamWire:
    """A connection, already made, TCP or TLS; cut into messages by Content-Length."""

    is_stream = True

    def __init__(self, connection):
        self.socket, self.name = connection, "TLS" if isinstance(connection, ssl.SSLSocket) else "TCP"
        self.address = connection.getsockname()
        self.rest = b""
        # OpenSSL bears one thread at a time; nobody waits while holding it.
        self.turn = threading.Lock()

    def send(self, data, to):
        with self.turn:
            self.socket.sendall(data)

    def receive(self):
        while True:
            head, end, after = self.rest.lstrip(b"\r\n").partition(b"\r\n\r\n")
            if end:
                length = re.search(rb"(?im)^(?:content-length|l)\s*:\s*(\d+)", head)
                length = int(length[1]) if length else 0
                if len(after) >= length:
                    self.rest = after[length:]
                    return head + end + after[:length], None
            select.select([self.socket], [], [])
            with self.turn:
                self.socket.settimeout(0)
                try:
                    more = self.socket.recv(65_535)
                except (ssl.SSLWantReadError, BlockingIOError):
                    # A part of a record.
                    continue
                finally:
                    self.socket.settimeout(5)
            if not more:
                raise OSError("closed")
            self.rest += more

    def close(self):
        with self.turn:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()


class Party:
    """One user agent; what it hears and nobody asked for yet waits in its inbox."""

    def __init__(self, host=CALLER_HOST, gateway=None, *, port=0, wire=None):
        self.wire = wire or UdpWire(host, port)
        # Where requests of our own go, whatever a Contact says.
        self.gateway = gateway
        host, self.port = self.wire.address[:2]
        # As it stands in a URI.
        self.host = f"[{host}]" if ":" in host else host
        self.inbox, self.seen, self.arriving = [], {}, queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    def _listen(self):
        with contextlib.suppress(OSError, ValueError):
            while True:
                data, sender = self.wire.receive()
                if data.strip(b"\r\n\0"):
                    self.arriving.put(Message(data, sender))

    @property
    def via(self):
        return f"SIP/2.0/{self.wire.name} {self.host}:{self.port};rport"

    @property
    def contact(self):
        kind = f";transport={self.wire.name.lower()}" if self.wire.is_stream else ""
        return f"<sip:party@{self.host}:{self.port}{kind}>"

    def send(self, text, to=None):
        data = text if isinstance(text, bytes) else text.encode("latin-1")
        self.wire.send(data, to or self.gateway)

    def hear(self, what, within_s=5, of=None, where=lambda message: True):
        """The next message that fits; of several copies only the first counts."""
        deadline = time.monotonic() + within_s
        while True:
            for message in self.inbox:
                if message.fits(what) and (of is None or message.method == of) and where(message):
                    self.inbox.remove(message)
                    return message
            try:
                message = self.arriving.get(timeout=max(deadline - time.monotonic(), 0))
            except queue.Empty:
                waiting = ", ".join(message.start for message in self.inbox) or "nothing else"
                raise Failure(f"{self.host}:{self.port} does not hear {what} within {within_s} s, but {waiting}") from None
            copies = self.seen.get(message.data, 0)
            self.seen[message.data] = copies + 1
            if not copies:
                self.inbox.append(message)

    def hears_no(self, what, for_s=0.5, **more):
        try:
            heard = self.hear(what, for_s, **more)
        except Failure:
            return
        raise Failure(f"{self.host}:{self.port} hears what it must not: {heard.start}")

    def copies_of(self, message, for_s=0):
        """How often a message came, the first time included."""
        with contextlib.suppress(Failure):
            self.hear("nothing", for_s)
        return self.seen.get(message.data, 0)

    def request(self, method, uri, *headers, to=None, body="", shown=SHOWN, send=True):
        """A request of a new dialog, sent; gives the leg that it opens."""
        leg = Leg(self, f"party-{next(COUNT)}-{self.port}@{self.host}",
                  f"<sip:{shown}@{self.host}>;tag=p{next(COUNT)}", to or f"<{uri}>", uri)
        leg.first(method, *headers, body=body, send=send)
        return leg

    def invite(self, number, *headers, body=None, user="", **more):
        host, port = self.gateway[:2]
        host = f"[{host}]" if ":" in host else host
        uri = f"sip:{number}@{host}:{port}{user}" if ":" not in number else number
        return self.request("INVITE", uri, *headers, body=sdp("caller") if body is None else body, **more)

    def answerer(self, invite, tag=None):
        """The called side of the dialog that an INVITE opens."""
        tag = tag or f"q{next(COUNT)}"
        leg = Leg(self, invite["call-id"], f"{invite['to']};tag={tag}", invite["from"],
                  uri_of(invite["contact"] or invite["from"]), list(invite.all("record-route")))
        leg.asked, leg.peer = invite, invite.sender
        return leg

    def options(self, within_s=5):
        """The status to a ping, asked as often as RFC 3261 §17.1.2.1 wants."""
        leg = self.request("OPTIONS", f"sip:{CALLER_HOST}")
        for _ in range(int(within_s / 0.5)):
            with contextlib.suppress(Failure):
                return leg.hear((200, 699), 0.5)
            leg.repeat()
        raise Failure(f"no answer to OPTIONS within {within_s} s")


class Leg:
    """One side of a dialog; `send` goes on in it, `reply` answers what was asked."""

    def __init__(self, party, call_id, local, remote, target, routes=()):
        self.party, self.call_id, self.local, self.remote = party, call_id, local, remote
        self.target, self.routes, self.cseq = target, list(routes), 0
        self.asked = self.peer = self.sent = self.invited = None

    def _text(self, method, branch, cseq, *headers, body="", uri=None, to=None):
        own = {header.split(":")[0].lower() for header in headers}
        lines = [f"{method} {uri or self.target} SIP/2.0",
                 f"Via: {self.party.via};branch={branch}",
                 f"From: {self.local}", f"To: {to or self.remote}", f"Call-ID: {self.call_id}", f"CSeq: {cseq} {method}",
                 *(f"Route: {route}" for route in self.routes)]
        if "contact" not in own and method not in ("BYE", "CANCEL", "ACK", "PRACK"):
            lines.append(f"Contact: {self.party.contact}")
        if "max-forwards" not in own:
            lines.append("Max-Forwards: 70")
        lines += headers
        if body and "content-type" not in own:
            lines.append("Content-Type: application/sdp")
        return "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])

    def first(self, method, *headers, body="", send=True):
        self.cseq += 1
        self.branch = f"z9hG4bK-party-{next(COUNT)}"
        self.sent = self._text(method, self.branch, self.cseq, *headers, body=body)
        if method == "INVITE":
            # What ACK and CANCEL repeat.
            self.invited = (self.branch, self.cseq, self.target, self.remote)
        if send:
            self.repeat()
        return self

    def repeat(self):
        self.party.send(self.sent, self.peer)

    def send(self, method, *headers, body=""):
        """A further request; CANCEL and ACK belong to the INVITE."""
        if method == "CANCEL":
            branch, cseq, target, remote = self.invited
            self.party.send(self._text("CANCEL", branch, cseq, *headers, uri=target, to=remote), self.peer)
            return self
        return self.first(method, *headers, body=body)

    def ack(self, answer, body=""):
        """To a 2xx by a transaction of its own, to a refusal within the INVITE's."""
        branch, cseq, target, _ = self.invited
        if answer.status < 300:
            self.joined(answer)
            self.party.send(self._text("ACK", f"z9hG4bK-party-{next(COUNT)}", cseq, body=body), self.peer)
        else:
            self.party.send(self._text("ACK", branch, cseq, uri=target, to=answer["to"]), self.peer)

    def joined(self, answer):
        """The dialog of this response is ours from here on."""
        self.remote = answer["to"]
        if answer["contact"]:
            self.target = uri_of(answer["contact"])
        self.routes = list(reversed(answer.all("record-route")))

    def hear(self, what, within_s=5, of=None):
        message = self.party.hear(what, within_s, of, lambda message: message["call-id"] == self.call_id)
        if message.status is None:
            self.asked, self.peer = message, message.sender
        return message

    def hears_no(self, what, for_s=0.5, of=None):
        self.party.hears_no(what, for_s, of=of, where=lambda message: message["call-id"] == self.call_id)

    def reply(self, status, *headers, body="", to=None, reason="Whatever", tag=True):
        """To the last request heard, or to `to`."""
        asked = to or self.asked
        their_to = asked["to"]
        if tag and not tag_of(their_to) and status > 100:
            their_to += f";tag={tag_of(self.local)}"
        lines = [f"SIP/2.0 {status} {reason}", *(f"Via: {via}" for via in asked.all("via")),
                 f"From: {asked['from']}", f"To: {their_to}", f"Call-ID: {self.call_id}", f"CSeq: {asked['cseq']}",
                 *(f"Record-Route: {route}" for route in asked.all("record-route"))]
        own = {header.split(":")[0].lower() for header in headers}
        if 100 < status < 300 and asked.method in ("INVITE", "UPDATE", "REFER", "SUBSCRIBE") and "contact" not in own:
            lines.append(f"Contact: {self.party.contact}")
        lines += headers
        if body and "content-type" not in own:
            lines.append("Content-Type: application/sdp")
        self.answer = "\r\n".join([*lines, f"Content-Length: {len(body)}", "", body])
        self.party.send(self.answer, asked.sender)

    def bye(self, within_s=5):
        self.send("BYE")
        return self.hear(200, within_s, of="BYE")


def digest(challenge, method, uri, user, password, count=1):
    """The Authorization value for one challenge (RFC 8760, qop auth where offered)."""
    fields = dict(re.findall(r'(\w+)="?([^",]+)"?', challenge.partition(" ")[2]))
    algorithm = fields.get("algorithm", "MD5")
    kind = {"MD5": "md5", "SHA-256": "sha256", "SHA-512-256": "sha512_256"}[algorithm]

    def hashed(text):
        return hashlib.new(kind, text.encode()).hexdigest()

    realm, nonce = fields["realm"], fields["nonce"]
    secret = hashed(f"{user}:{realm}:{password}")
    asked, nc, cnonce = hashed(f"{method}:{uri}"), f"{count:08x}", "0a4f113b"
    text = f'Digest username="{user}", realm="{realm}", nonce="{nonce}", uri="{uri}", algorithm={algorithm}'
    if "opaque" in fields:
        text += ', opaque="' + fields["opaque"] + '"'
    if "qop" in fields:
        proof = hashed(f"{secret}:{nonce}:{nc}:{cnonce}:auth:{asked}")
        return f'{text}, qop=auth, nc={nc}, cnonce="{cnonce}", response="{proof}"'
    proof = hashed(f"{secret}:{nonce}:{asked}")
    return f'{text}, response="{proof}"'
