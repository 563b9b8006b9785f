#!/usr/bin/env python3
"""Writes what a target's search starts from: seeds.py TARGET FOLDER.

What is there already stays, with whatever earlier runs have found.
"""
import hashlib
import hmac
import pathlib
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
TORTURE = sorted((HERE / "../src/sip/message/torture").glob("*.sip"))
OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\na=crypto:1 X inline:k\r\na=ice-pwd:p\r\n"
CARRIER, LINE, STRANGER = range(3)


def message(start, *lines, body=b""):
    kind = [b"Content-Type: application/sdp"] if body else []
    lines = [line if isinstance(line, bytes) else line.encode() for line in (start, *lines)]
    lines += [*kind, b"Content-Length: %d" % len(body)]
    return b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body


def torture():
    return [path.read_bytes() for path in TORTURE]


def framer():
    for text in torture():
        for size in (1, 7, 255):
            yield bytes([size]) + text
    yield b"\x05\r\n\r\n" + message("BYE sip:a SIP/2.0") + b"\r\n"


def headers():
    yield b'Digest username="u", realm="r", nonce="n", uri="sip:h", qop=auth, nc=00000001, cnonce="c", response="0"'
    yield b'Digest realm="a,b", nonce="\\"", algorithm=SHA-512-256, qop="auth,auth-int", stale=true'
    yield b"SIP/2.0/TLS [2001:db8::1]:5061;branch=z9hG4bKx;rport=1;received=192.0.2.1"
    yield b'"Zo\\"e, \xe9" <sips:+33;x=y@h:1;transport=tcp?Subject=a%20b>;tag=1;q=0.5'
    yield b"tel:+33-1-99-00-10-00;phone-context=+33"
    yield b"sip:0033199001000@h;user=phone"
    yield b'{"fact":"answered","call":"00000000-0000-0000-0000-000000000000","ringing_at":null,"at":"2026-11-22T12:00:00.000Z"}'


def from_caller(method, cseq, *more, tag=b"", body=b""):
    to = b"To: <sip:0199001234@192.0.2.2>" + (b";tag=" + tag if tag else b"")
    return message(f"{method} sip:0199001234@192.0.2.2 SIP/2.0",
                   f"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK{cseq}{method}",
                   "From: <sip:+33612345678@h>;tag=f", to, "Call-ID: c", f"CSeq: {cseq} {method}",
                   "Contact: <sip:a@192.0.2.1>", "Max-Forwards: 70", "Supported: 100rel, timer", *more, body=body)


# 0xfe, 0xfd and 0xfc stand for what the gateway has told, see targets/endpoint.rs.
def of_line(status, method, cseq, *more, body=b""):
    return message(f"SIP/2.0 {status} x", b"Via: SIP/2.0/UDP 192.0.2.2:5060;branch=\xfd",
                   b"From: <sip:a@h>;tag=\xfe", "To: <sip:counter@h>;tag=l", b"Call-ID: \xfc",
                   f"CSeq: {cseq} {method}", "Contact: <sip:counter@192.0.2.3>", *more, body=body)


def by_line(method, cseq, *more):
    return message(f"{method} sip:whence@192.0.2.2 SIP/2.0", f"Via: SIP/2.0/UDP 192.0.2.3:5060;branch=z9hG4bKl{cseq}",
                   "From: <sip:counter@h>;tag=l", b"To: <sip:a@h>;tag=\xfe", b"Call-ID: \xfc", f"CSeq: {cseq} {method}",
                   "Contact: <sip:counter@192.0.2.3>", "Max-Forwards: 70", *more)


def turns(first, *rest):
    return first + b"".join(b"\xff" + bytes([tenths << 2 | who]) + said for who, tenths, said in rest)


def endpoint():
    invite = from_caller("INVITE", 1, body=OFFER)
    ringing, answer = of_line(180, "INVITE", 1), of_line(200, "INVITE", 1, body=OFFER)
    ack = (CARRIER, 1, from_caller("ACK", 1, tag=b"\xfe"))
    talking = [(LINE, 1, ringing), (LINE, 1, answer), ack]
    refer = ("Refer-To: <sip:0199001235@192.0.2.2?Replaces=x%3Bto-tag%3Da%3Bfrom-tag%3Db>", "Referred-By: <sip:c@h>")
    yield from torture()
    yield turns(invite, *talking, (CARRIER, 9, from_caller("BYE", 2, tag=b"\xfe")), (LINE, 1, of_line(200, "BYE", 2)))
    yield turns(invite, *talking, (LINE, 9, by_line("BYE", 1)), (CARRIER, 1, of_line(200, "BYE", 1)))
    yield turns(invite, (LINE, 1, ringing), (CARRIER, 5, from_caller("CANCEL", 1)), (LINE, 0, answer))
    yield turns(invite, (LINE, 1, of_line(486, "INVITE", 1)), (CARRIER, 1, from_caller("ACK", 1, tag=b"\xfe")))
    yield turns(invite, (LINE, 1, of_line(183, "INVITE", 1, "Require: 100rel", "RSeq: 1", body=OFFER)),
                (CARRIER, 1, from_caller("PRACK", 2, "RAck: 1 1 INVITE", tag=b"\xfe")), (LINE, 1, answer))
    for method, more in [("INVITE", ()), ("UPDATE", ()), ("INFO", ()), ("MESSAGE", ()), ("REFER", refer), ("OPTIONS", ())]:
        yield turns(invite, *talking, (LINE, 3, by_line(method, 1, *more)), (CARRIER, 1, of_line(200, method, 2)))
        yield turns(invite, *talking, (CARRIER, 3, from_caller(method, 2, *more, tag=b"\xfe")), (LINE, 1, of_line(491, method, 2)))
    yield turns(invite, *talking, (LINE, 1, of_line(200, "INVITE", 1)), (STRANGER, 1, invite))
    yield turns(invite, (LINE, 1, of_line(422, "INVITE", 1, "Min-SE: 90")), (LINE, 1, of_line(302, "INVITE", 1)))


def frame(opcode, content, fin=True):
    """A frame of a browser, masked with zeros."""
    size = struct.pack("!B", 0x80 | len(content)) if len(content) < 126 else struct.pack("!BH", 0xFE, len(content))
    return bytes([opcode | 0x80 * fin]) + size + bytes(4) + content


def web():
    said = message("OPTIONS sip:h SIP/2.0")
    yield b"\0" + frame(1, said) + frame(9, b"p") + frame(1, b"\r\n\r\n") + frame(8, struct.pack("!H", 1000))
    yield b"\0" + frame(2, said[:9], fin=False) + frame(10, b"") + frame(0, said[9:])
    yield (b"\x01GET /sip HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: sip, x\r\n\r\n")
    yield b"\x02" + said
    yield b"\x02Zo\xeb"


def passport():
    header = b'{"alg":"ES256","ppt":"shaken","typ":"passport","x5u":"https://c.example/c"}'
    claims = b'{"attest":"A","dest":{"tn":["33199002001"]},"iat":1795348800,"orig":{"tn":"33612345678"},"origid":"x"}'
    info = b"info=<https://c.example/c>;alg=ES256"
    yield b"\0".join([header, claims, b"s" * 64, info + b";ppt=shaken"])
    yield b"\0".join([header.replace(b'"ppt":"shaken",', b""), claims.replace(b'"attest":"A",', b""), b"s", info])
    yield b"\0".join([header.replace(b"shaken", b"div"), claims, b"s", info])
    yield b"..c2ln;" + info
    yield b'..c2ln;info=<https://c.example/"c\\;d>;alg="ES256"'


def tagged(tag, *content):
    content = b"".join(content)
    return bytes([tag, len(content)]) + content


def certificate():
    start, one = tagged(0x16, b"33199001000"), tagged(0x16, b"33199001234")
    numbers = tagged(0x30, tagged(0xA0, tagged(0x16, b"1234")), tagged(0xA2, one),
                     tagged(0xA1, tagged(0x30, start, tagged(2, b"\x64"))))
    yield numbers
    for more in ("subjectAltName=DNS:*.example.org,URI:sip:example.org,URI:sip:a@example.org,IP:192.0.2.1",
                 f"1.3.6.1.5.5.7.1.26=DER:{numbers.hex(':')}", "keyUsage=digitalSignature"):
        with tempfile.TemporaryDirectory() as folder:
            made = subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                   "-nodes", "-keyout", f"{folder}/key", "-subj", "/CN=Old.example", "-addext", more],
                                  check=True, capture_output=True).stdout
        yield made
        yield made * 2
        yield subprocess.run(["openssl", "x509", "-outform", "DER"], input=made, check=True, capture_output=True).stdout


def ladder():
    said = message("INVITE sip:a SIP/2.0", "Authorization: Digest x", " folded", "CSeq: 1 INVITE", body=OFFER)
    refused = message("SIP/2.0 486 Busy", "CSeq: 1 INVITE", "Reason: Q.850;cause=17")
    yield said
    rungs = [(0, "<", said), (1, ">", said), (1, "<", refused), (0, ">", refused)]
    yield b"ladder 1 0\n" + b"".join(
        f"{at} {leg} {way} UDP 192.0.2.2:5060 [2001:db8::1]:5061 {len(text)}\n".encode() + text + b"\n"
        for at, (leg, way, text) in enumerate(rungs))
    yield from torture()


def rtcp():
    sends = struct.pack("!BBHIIIIII", 0x80, 200, 6, 7, 0x1111, 0x22220000, 0, 4, 640)
    hears = struct.pack("!BBHIIIIIII", 0x81, 201, 7, 9, 7, 1, 4, 160, 0x11112222, 0)
    name = struct.pack("!BBHII", 0x81, 202, 2, 7, 0x01000000)
    yield from (sends, hears, sends + name, hears + name)


def rtp():
    packets = [struct.pack("!BBHII", 0x80, 0, number, number * 160, 7) for number in (1, 2, 65_535, 0)]
    reports = list(rtcp())
    for hows in ((0, 1), (4, 0), (2, 3)):
        yield b"".join(bytes([how, 20, len(packet)]) + packet for how in hows for packet in (*packets, *reports))


def track():
    for codec, ticks in enumerate((160, 160, 160, 960)):
        packets = [struct.pack("!BBHII", 0x80, 0, n, n * ticks, 7) + bytes([0x48, *range(n, n + 40)]) for n in range(30)]
        yield b"".join(bytes([codec, 20, len(packet)]) + packet for packet in packets)


def sdp():
    head = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    audio = b"m=audio 4000 RTP/AVP 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=rtcp:4001 IN IP4 192.0.2.1\r\na=sendonly\r\n"
    video = b"m=video 4002 RTP/SAVP 96\r\nc=IN IP6 2001:db8::1\r\na=candidate:1 1 UDP 1 192.0.2.1 4000 typ host\r\n"
    yield head + audio
    yield head + audio + video
    yield head.replace(b"192.0.2.1", b"0.0.0.0") + b"m=image 4000 udptl t38\r\n"
    yield (head + audio + b"m=audio 0 RTP/AVP 8\r\n").replace(b"\r\n", b"\n")


def keying():
    head = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    ice = b"a=ice-ufrag:dImP\r\na=ice-pwd:rFInqADrmnT4afhtZUyvnJgk\r\na=setup:actpass\r\na=rtcp-mux\r\n"
    ice += b"a=fingerprint:sha-256 " + b":".join(b"%02X" % n for n in range(32)) + b"\r\n"
    web = b"m=audio 9 UDP/TLS/RTP/SAVPF 111 63 8\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\na=rtpmap:63 red/48000/2\r\n" + ice
    video = b"m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:1\r\n" + ice
    key = b"WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz"
    sdes = b"m=audio 4000 RTP/SAVP 0\r\nc=IN IP4 192.0.2.1\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + key + b"|2^20\r\n"
    hands = sdes.split(b"a=crypto")[0].replace(b"RTP/SAVP", b"UDP/TLS/RTP/SAVP") + ice.split(b"\r\n", 2)[2]
    yield from (head + web, head + web + video, head + sdes, head + ice + b"m=audio 9 RTP/SAVPF 0\r\n", head + hands)


def stun():
    name = b"ours:them"
    attributes = struct.pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4)
    attributes += struct.pack("!HHIHH", 0x24, 4, 7, 0x25, 0)
    head = struct.pack("!HHI", 1, len(attributes) + 24, 0x2112A442) + bytes(range(12))
    tag = hmac.new(b"a password of 22 chars", head + attributes, hashlib.sha1).digest()
    yield head + attributes + struct.pack("!HH", 8, 20) + tag
    yield from rtcp()
    yield struct.pack("!BBHII", 0x80, 8, 1, 160, 7) + bytes(160)


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for seed in {"message": torture}.get(target, globals().get(target))():
        (folder / hashlib.sha1(seed).hexdigest()).write_bytes(seed)


main()
