"""A browser's wire: SIP in WebSocket frames (RFC 6455, RFC 7118), written by hand."""

import base64
import contextlib
import hashlib
import itertools
import os
import select
import socket
import ssl
import struct
import threading

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
COUNT = itertools.count(1)


class WebWire:
    """A connection to a WebSocket listener, by TLS if there is a context and a name for the server. As a browser it
    has no address of its own to write into a Via."""

    is_stream = True

    def __init__(self, target, protocol="sip", context=None, server=None):
        self.socket, self.name = socket.create_connection(target, timeout=5), "WSS" if context else "WS"
        if context:
            self.socket = context.wrap_socket(self.socket, server_hostname=server)
        # OpenSSL bears one thread at a time; nobody waits while holding it.
        self.turn = threading.Lock()
        self.address = f"browser{next(COUNT)}.invalid", 0
        self.rest, self.pings = b"", 0
        key = base64.b64encode(os.urandom(16))
        self.socket.sendall(b"\r\n".join([
            b"GET /sip HTTP/1.1", b"Host: %s:%d" % (target[0].encode(), target[1]), b"Upgrade: websocket",
            b"Connection: Upgrade", b"Sec-WebSocket-Key: " + key, b"Sec-WebSocket-Version: 13",
            b"Sec-WebSocket-Protocol: " + protocol.encode(), b"", b"",
        ]))
        while b"\r\n\r\n" not in self.rest:
            self._more()
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        lines = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
        if b" 101 " not in head or lines[b"sec-websocket-accept"] != accept.lower() or lines[b"sec-websocket-protocol"] != b"sip":
            raise OSError(f"no WebSocket: {head!r}")

    def _more(self):
        more = None
        while more is None:
            select.select([self.socket], [], [])
            with self.turn:
                self.socket.settimeout(0)
                # A part of a record.
                with contextlib.suppress(ssl.SSLWantReadError, BlockingIOError):
                    more = self.socket.recv(65_535)
                self.socket.settimeout(5)
        if not more:
            raise OSError("closed")
        self.rest += more

    def _take(self, length):
        while len(self.rest) < length:
            self._more()
        taken, self.rest = self.rest[:length], self.rest[length:]
        return taken

    def _frame(self, kind, data, last=True):
        """A client masks what it sends (RFC 6455 §5.3)."""
        mask, length = os.urandom(4), len(data)
        size = bytes([0x80 | length]) if length < 126 else bytes([0x80 | 126]) + struct.pack(">H", length)
        masked = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        with self.turn:
            self.socket.sendall(bytes([(0x80 if last else 0) | kind]) + size + mask + masked)

    def send(self, data, to):
        """In two fragments, as RFC 6455 §5.4 allows, with a ping between them."""
        middle = len(data) // 2
        self._frame(TEXT, data[:middle], last=False)
        self._frame(PING, b"between")
        self._frame(0, data[middle:])

    def receive(self):
        while True:
            first, second = self._take(2)
            length = second & 0x7F
            if second & 0x80:
                raise OSError("a server masks nothing")
            if length == 126:
                length = struct.unpack(">H", self._take(2))[0]
            elif length == 127:
                length = struct.unpack(">Q", self._take(8))[0]
            data, kind = self._take(length), first & 0x0F
            if kind in (TEXT, BINARY):
                return data, None
            if kind == PING:
                self._frame(PONG, data)
            if kind == PONG:
                self.pings += 1
            if kind == CLOSE:
                raise OSError("closed")

    def close(self):
        with self.turn:
            with contextlib.suppress(OSError):
                self.socket.shutdown(socket.SHUT_RDWR)
            self.socket.close()
