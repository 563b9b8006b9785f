"""TLS both ways: who a certificate stands for, and one connection for all that goes to a peer."""

import contextlib
import pathlib
import socket
import ssl
import threading

from certificates import Authority
from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from names import NameServer
from party import Party, StreamWire, sdp

NUMBER = "+33199009998"


def prepare(names):
    authority = Authority(pathlib.Path(names["folder"]) / "tls")
    authority.issue("gateway", "DNS:gateway.example")
    names["authority"] = authority


class Line:
    """Waits on TLS; a party for each connection, with the names in the certificate that it was shown."""

    def __init__(self, context, host, port):
        self.listener, self.context, self.parties, self.shown = socket.create_server((host, port)), context, [], []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                # A handshake that fails is the other side's affair.
                with contextlib.suppress(ssl.SSLError):
                    secure = self.context.wrap_socket(connection, server_side=True)
                    self.shown.append([name for _, name in secure.getpeercert()["subjectAltName"]])
                    self.parties.append(Party(wire=StreamWire(secure)))

    def party(self):
        wait_until(lambda: self.parties, 5, "nobody calls the line over TLS")
        return self.parties[0]

    def close(self):
        # A thread that waits in it would keep it open.
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for party in self.parties:
            party.wire.close()


def caller(gateway, context):
    connection = socket.create_connection(gateway.sip, timeout=5)
    secure = context.wrap_socket(connection, server_hostname="gateway.example")
    secure.settimeout(None)
    return Party(gateway=gateway.sip, wire=StreamWire(secure))


def check(gateway, _):
    authority, port = gateway.names["authority"], int(gateway.names["spare1"])
    records = {"_sips._tcp.pbx.example": (10, 0, port, "one.pbx.example"), "one.pbx.example": LINE_HOST}
    carrier = authority.client(*authority.issue("carrier", "URI:sip:carrier.example"))
    with contextlib.ExitStack() as cleanup:
        names = cleanup.enter_context(NameServer(LINE_HOST, int(gateway.names["spare3"]), records))

        # Somebody else sits at the address of the line: nobody is called.
        impostor = Line(authority.server(*authority.issue("other", "DNS:other.example")), LINE_HOST, port)
        cleanup.callback(impostor.close)
        first = cleanup.enter_context(caller(gateway, carrier))
        leg = first.invite(NUMBER)
        refused = leg.hear((400, 699))
        leg.ack(refused)
        if impostor.parties:
            raise Failure("a peer that does not stand for pbx.example was sent a call")
        impostor.close()

        line = Line(authority.server(*authority.issue("pbx", "DNS:pbx.example")), LINE_HOST, port)
        cleanup.callback(line.close)
        second = cleanup.enter_context(caller(gateway, carrier))
        talks = [talk(first, line), talk(second, line)]
        for leg, ring in talks:
            leg.send("BYE")
            ring.hear("BYE")
            ring.reply(200)
            leg.hear(200, of="BYE")
        if len(line.parties) != 1:
            raise Failure(f"two calls to one peer open {len(line.parties)} connections")
        if line.shown != [["gateway.example"]]:
            raise Failure(f"the line is shown a certificate of {line.shown}")
        if ("_sips._tcp.pbx.example", 33) not in names.asked:
            raise Failure(f"no server of pbx.example was asked for, but {names.asked}")

        # Nobody else is the carrier, whatever it has.
        for shown in ((), authority.issue("stranger", "DNS:stranger.example")):
            with caller(gateway, authority.client(*shown)) as stranger:
                stranger.invite(NUMBER).hears_no((100, 699))
    # Without TLS's own word nobody gets further than the handshake.
    with contextlib.suppress(OSError), socket.create_connection(gateway.sip, timeout=5) as plain:
        plain.sendall(b"OPTIONS sip:a SIP/2.0\r\n\r\n")
        if plain.recv(100).startswith(b"SIP/2.0"):
            raise Failure("a listener for TLS answers in the clear")
    outcomes = sorted(call["outcome"] for call in gateway.calls_to(NUMBER, 3))
    if outcomes != ["answered", "answered", "failed"]:
        raise Failure(f"the outcomes are {outcomes}")


def talk(party, line):
    leg = party.invite(NUMBER)
    shop = line.party()
    ring = shop.answerer(shop.hear("INVITE"))
    for name, word in (("via", "SIP/2.0/TLS gateway.example:"), ("contact", "gateway.example:")):
        if word not in ring.asked[name]:
            raise Failure(f"the line is shown {ring.asked[name]!r} and not {word!r}")
    ring.reply(180)
    leg.hear(180)
    ring.reply(200, body=sdp("line"))
    answer = leg.hear(200)
    if ";transport=tls" not in answer["contact"]:
        raise Failure(f"a caller on TLS is to go on over TLS, not at {answer['contact']}")
    leg.ack(answer)
    ring.hear("ACK")
    return leg, ring
