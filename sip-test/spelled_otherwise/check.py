"""What other products send, each as a call of its own (RFC 3261 §7.3, §25.1; RFC 2543; RFC 3966)."""

import re

from gateway import CALLER_HOST, LINE_HOST, Failure
from party import Party, sdp, tag_of


def compact(text):
    for long, short in (("Via", "v"), ("From", "f"), ("To", "t"), ("Call-ID", "i"), ("Contact", "m"),
                        ("Content-Type", "c"), ("Content-Length", "l")):
        text = re.sub(f"(?m)^{long}:", f"{short} :", text)
    return text


def folded(text):
    return re.sub("(?m)^(From|To|CSeq): ", r"\1:\r\n   ", text)


def no_length(text):
    return re.sub("(?m)^Content-Length: .*\r\n", "", text)


def latin1(text):
    return re.sub("(?m)^From: ", 'From: "Caf\xe9 \\"du\\" Nord, Lille" ', text)


def two_vias(text):
    return re.sub("(?m)^(Via: .*)\r\n", "\\1, SIP/2.0/CARRIER-PIGEON far.example;branch=z9hG4bK-far\r\n", text)


def no_from_tag(text):
    return re.sub("(?m)^(From: [^;]*);tag=.*\r\n", "\\1\r\n", text)


def old_branch(text):
    return text.replace("branch=z9hG4bK-", "branch=")


def tel(text):
    return re.sub(r"^INVITE sip:(\+\d+)@\S+", r"INVITE tel:\1", text)


def check(gateway, line):
    with Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop:
        for spelling in (compact, folded, no_length, latin1, two_vias, no_from_tag, old_branch, tel):
            call(caller, shop, line, spelling)


def call(caller, shop, line, spelling):
    name = spelling.__name__
    leg = caller.invite(line.number, "X-Kept: \xe9 %2B, \"as it is\" ; +", send=False)
    cancel_branch = leg.branch
    leg.sent = spelling(leg.sent)
    leg.repeat()
    ring = shop.answerer(shop.hear("INVITE"))
    invite = ring.asked
    if invite.body != sdp("caller"):
        raise Failure(f"{name}: the session does not arrive byte for byte:\n{invite}")
    if invite["x-kept"] != "\xe9 %2B, \"as it is\" ; +":
        raise Failure(f"{name}: an unknown header does not pass as it was: {invite['x-kept']!r}")
    if name == "latin1" and "Caf\xe9" not in invite["from"]:
        raise Failure(f"{name}: the display name does not pass as it was: {invite['from']!r}")
    ring.reply(180)
    rang = leg.hear(180)
    if name == "two_vias" and "CARRIER-PIGEON" not in ",".join(rang.all("via")):
        raise Failure("a response does not carry all the Vias of its request")
    if tag_of(rang["to"]) is None:
        raise Failure(f"{name}: the 180 has no To tag")
    leg.party.send(spelling(leg._text("CANCEL", cancel_branch, leg.cseq, uri=leg.invited[2])))
    leg.hear(200, of="CANCEL")
    cancel = ring.hear("CANCEL")
    ring.reply(200, to=cancel)
    ring.reply(487, to=invite)
    gone = leg.hear(487, of="INVITE")
    leg.party.send(spelling(leg._text("ACK", cancel_branch, leg.cseq, uri=leg.invited[2], to=gone["to"])))
