"""WebSocket by TLS: the same, and the name that the certificate stands for is the one that is shown."""

import contextlib
import pathlib
import socket
import ssl

from certificates import Authority
from gateway import LINE_HOST, Failure
from party import Party, sdp
from web import WebWire


def prepare(names):
    authority = Authority(pathlib.Path(names["folder"]) / "tls")
    authority.issue("gateway", "DNS:gateway.example")
    names["authority"] = authority


def check(gateway, line):
    context = gateway.names["authority"].client()
    wire = WebWire(gateway.sip, context=context, server="gateway.example")
    with Party(gateway=gateway.sip, wire=wire) as browser, Party(LINE_HOST, port=line.port) as shop:
        leg = browser.invite(line.number)
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(200, body=sdp("line"))
        answer = leg.hear(200)
        if "gateway.example" not in answer["contact"] or "SIP/2.0/WSS" not in answer["via"]:
            raise Failure(f"a browser on WSS is to go on at the name that it knows:\n{answer}")
        leg.ack(answer)
        ring.hear("ACK")

        # What others say comes on the connection that the browser has opened.
        ring.send("INFO", body="still there")
        leg.hear("INFO")
        leg.reply(200)
        ring.hear(200, of="INFO")
        ring.send("BYE")
        leg.hear("BYE")
        leg.reply(200)
        ring.hear(200, of="BYE")

    # In the clear nobody gets as far as a handshake.
    with contextlib.suppress(OSError):
        WebWire(gateway.sip)
        raise Failure("a listener for WSS shakes hands in the clear")
    with contextlib.suppress(ssl.SSLError), socket.create_connection(gateway.sip, timeout=5) as plain:
        context.wrap_socket(plain, server_hostname="other.example")
        raise Failure("the certificate stands for any name")
