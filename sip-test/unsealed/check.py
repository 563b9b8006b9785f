"""Telephones that announce a handshake (RFC 5763) and come to no keys by it; OpenSSL shakes hands for one."""

import contextlib
import pathlib
import subprocess
import tempfile
import time

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp
from sound import Sound, place

# As the gateway has it.
LASTS_S = 40


def check(gateway, line):
    folder = pathlib.Path(tempfile.mkdtemp(prefix="whence-unsealed-"))
    with contextlib.ExitStack() as cleanup:
        caller = cleanup.enter_context(Party(CALLER_HOST, gateway.sip))
        shop = cleanup.enter_context(Party(LINE_HOST, port=line.port))
        silent, bob = (cleanup.enter_context(Sound(CALLER_HOST, ssrc)) for ssrc in (7, 8))
        fingerprint = certificate(folder)
        never = talk(caller, shop, line, silent, fingerprint)
        begun = time.monotonic()
        keyless = talk(caller, shop, line, bob, fingerprint)
        # Its socket is the handshake's.
        bob.rtp.close()
        host, port = place(keyless[2])
        shakes = subprocess.Popen(["openssl", "s_client", "-dtls1_2", "-connect", f"{host}:{port}", "-bind",
                                   f"{CALLER_HOST}:{bob.port}", "-cert", folder / "own.pem", "-key", folder / "own.key"],
                                  stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cleanup.callback(shakes.wait, 5)
        cleanup.callback(shakes.kill)
        is_ended(keyless, 5)
        if time.monotonic() - begun > LASTS_S / 2:
            raise Failure("it is not waited for the time that a handshake may take")
        is_ended(never, LASTS_S + 10)
        if time.monotonic() - begun < LASTS_S - 1:
            raise Failure(f"who does not begin is given up after {time.monotonic() - begun:.0f} s")
    told = [(call["outcome"], call["end_reason"], call["hung_up_by"]) for call in gateway.calls_to(line.number, 2)]
    if told != [("answered", "unsealed", "gateway")] * 2:
        raise Failure(f"the record tells {told}")


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "30", "-subj", "/CN=telephone", "-keyout", folder / "own.key", "-out", folder / "own.pem"],
                   check=True, capture_output=True)
    told = subprocess.run(["openssl", "x509", "-in", folder / "own.pem", "-noout", "-fingerprint", "-sha256"],
                          check=True, capture_output=True, text=True)
    return told.stdout.strip().split("=")[1]


def talk(caller, shop, line, sound, fingerprint):
    offer = sound.session("caller").replace("RTP/AVP", "UDP/TLS/RTP/SAVP")
    leg = caller.invite(line.number, body=f"{offer}a=rtcp-mux\r\na=setup:active\r\na=fingerprint:sha-256 {fingerprint}\r\n")
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(200, body=sdp("shop"))
    answer = leg.hear(200)
    leg.ack(answer)
    ring.hear("ACK")
    return leg, ring, answer.body


def is_ended(talk, within_s):
    for leg in talk[:2]:
        leg.hear("BYE", within_s)
        leg.reply(200)
