"""Who is told is recorded, who refuses is not, and who cannot be told is not; all of them are put through."""

from gateway import CALLER_HOST, LINE_HOST, Failure
from held import ends
from party import Party
from recorded import audio, recording_of, talk_after_notice
from sound import Sound

NOTICED = "+33199009985"


def check(gateway, line):
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        for refuses in (False, True):
            talk_after_notice(caller, shop, ada, bob, NOTICED, refuses=refuses)
        unheard(caller, shop, ada, bob)
    calls = sorted(gateway.calls_to(NOTICED, 3), key=lambda call: call["arrived_at"])
    recordings = [gateway.get(f"calls/{call['id']}")["recordings"] for call in calls]
    if [len(of) for of in recordings] != [1, 0, 0]:
        raise Failure(f"the recordings of the three calls are {recordings}")
    recording = recording_of(gateway, calls[0]["id"])
    if recording["failure"] or not audio(gateway, recording):
        raise Failure(f"the recording is {recording}")


def unheard(caller, shop, ada, bob):
    """A caller whose codec the gateway does not speak."""
    only = "RTP/AVP 18"
    leg = caller.invite(NOTICED, body=ada.session("caller").replace("RTP/AVP 8 101", only))
    ring = shop.answerer(shop.hear("INVITE"))
    ring.reply(200, body=bob.session("line").replace("RTP/AVP 8 101", only))
    leg.ack(leg.hear(200))
    ring.hear("ACK")
    ends(leg, ring)
