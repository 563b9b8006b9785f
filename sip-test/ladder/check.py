"""The line refuses with a reason; what was said is in the API, without the caller's password."""

import json
import shutil
import subprocess

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from party import Party


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        leg = caller.invite(line.number, 'Proxy-Authorization: Digest username="a", response="5ecre7"')
        ring = shop.answerer(shop.hear("INVITE"))
        ring.reply(180)
        leg.hear(180)
        ring.reply(486, 'Reason: Q.850;cause=17;text="User busy"', reason="Occupied")
        leg.ack(leg.hear(486))
        ring.hear("ACK")
    call = gateway.calls_to(line.number, 1)[0]
    path = f"/api/v1/calls/{call['id']}/ladder"
    key = {"Authorization": f"Bearer {gateway.key}"}

    def ask(form):
        return gateway.ask("GET", f"{path}?format={form}", headers=key)

    ladder = json.loads(wait_until(lambda: (answer := ask("json"))[0] == 200 and answer[1], 15, "there is no ladder"))
    expected = f'The line at {LINE_HOST}:{line.port} refused with 486 Occupied (Q.850;cause=17;text="User busy").'
    if ladder["why"] != {"kind": "refused", "sentence": expected}:
        raise Failure(f"the reason is {ladder['why']}")
    steps = [(message["leg"], message["direction"], message["first_line"].split(" sip:")[0]) for message in ladder["messages"]]
    for step in [(0, "in", "INVITE"), (0, "out", "SIP/2.0 100 Trying"), (1, "out", "INVITE"), (1, "in", "SIP/2.0 486 Occupied"),
                 (1, "out", "ACK"), (0, "out", "SIP/2.0 486 Occupied"), (0, "in", "ACK")]:
        if step not in steps:
            raise Failure(f"{step} is not in {steps}")
    if any("5ecre7" in message["text"] for message in ladder["messages"]):
        raise Failure("the ladder holds a password")

    text = ask("text")[1].decode()
    if f"{CALLER_HOST}:{gateway.sip_port} -> {LINE_HOST}:{line.port}\nINVITE sip:" not in text:
        raise Failure(f"the text is no text:\n{text[:500]}")
    capture = gateway.folder / "call.pcap"
    capture.write_bytes(ask("pcap")[1])
    if not shutil.which("tshark"):
        raise Failure("tshark is missing: apt install tshark")
    read = subprocess.run(
        ["tshark", "-r", str(capture), "-d", f"udp.port=={gateway.sip_port},sip", "-T", "fields", "-e", "ip.dst", "-e", "udp.dstport",
         "-e", "sip.CSeq.method", "-e", "sip.Status-Code", "-e", "ip.checksum.status"],
        capture_output=True, text=True, timeout=30, check=False,
    )
    lines = [line.split("\t") for line in read.stdout.splitlines()]
    if len(lines) != len(steps) or [LINE_HOST, str(line.port), "INVITE", ""] not in [found[:4] for found in lines]:
        raise Failure(f"tshark reads something else: {read.stderr}\n{read.stdout}")
