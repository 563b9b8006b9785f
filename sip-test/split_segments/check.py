"""A stream has no borders (RFC 3261 §18.3): only Content-Length tells where a message ends."""

import socket
import time

from gateway import LINE_HOST, Failure
from party import Party, StreamWire, sdp

PIECE = 97


class Pieces(StreamWire):
    """Sends in small segments; what is held back leaves with the next message, in one."""

    def __init__(self, gateway):
        connection = socket.create_connection(gateway.sip, timeout=5)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(None)
        super().__init__(connection)
        self.held, self.holds = b"", False

    def send(self, data, to):
        self.held += data
        if self.holds:
            return
        data, self.held = self.held, b""
        for start in range(0, len(data), PIECE):
            self.socket.sendall(data[start:start + PIECE])
            # Long enough for the kernel to send a segment of its own.
            time.sleep(0.002)


def check(gateway, line):
    wire = Pieces(gateway)
    with Party(gateway=gateway.sip, wire=wire) as caller, Party(LINE_HOST, port=line.port) as shop:
        # A ping and loose line breaks before the first message.
        wire.socket.sendall(b"\r\n\r\n\r\n")
        leg = caller.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        if ring.asked.body != sdp("caller"):
            raise Failure(f"the body has suffered: {ring.asked.body!r}")
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        answer = leg.hear(200)

        # ACK, a ping and BYE in one go.
        wire.holds = True
        leg.ack(answer)
        wire.held += b"\r\n\r\n"
        wire.holds = False
        leg.send("BYE")
        ring.hear("ACK")
        ring.hear("BYE")
        ring.reply(200)
        leg.hear(200, of="BYE")
