"""A greeting and music of one's own: brought while the gateway runs, and heard by callers."""

import array
import math
import wave

from gateway import CALLER_HOST, LINE_HOST, Failure, wait_until
from heard import empty, share_of
from held import ends
from party import Party
from sound import Sound, place, receive

OWN = "+33199009978"
IN_FORCE = "routes have changed"
# In Hz and seconds; the music is shorter than it is waited, so that it is heard again.
GREETING, MUSIC = (600, 1.0), (900, 0.5)


def check(gateway, line):
    for name, (hz, seconds), rate in (("our-greeting", GREETING, 44_100), ("our-music", MUSIC, 16_000)):
        file = gateway.folder / f"{name}.wav"
        tone(file, hz, seconds, rate)
        gateway.command("prompt", "add", name, str(file), "--title", name)
    says(gateway)
    with (Party(CALLER_HOST, gateway.sip) as caller, Party(LINE_HOST, port=line.port) as shop,
          Sound(CALLER_HOST, 7) as ada, Sound(LINE_HOST, 9) as bob):
        leg = caller.invite(OWN, body=ada.session("caller"))
        answer = leg.hear(200)
        leg.ack(answer)
        expect(ada, "the greeting", GREETING[0], 0.9)
        ring = shop.answerer(shop.hear("INVITE"))
        to_caller = place(ring.asked.body)
        ring.reply(180)
        empty(ada)
        expect(ada, "the music", MUSIC[0], 1.5)
        ring.reply(200, body=bob.session("line"))
        ring.hear("ACK")
        # What was on its way is heard; then only the line is.
        empty(ada)
        ada.hears(bob.says(to_caller), "the caller")
        bob.hears(ada.says(place(answer.body)), "the line")
        ends(leg, ring)


def tone(file, hz, seconds, rate):
    """A WAV file in stereo."""
    samples = [int(12_000 * math.sin(2 * math.pi * hz * n / rate)) for n in range(int(seconds * rate))]
    with wave.open(str(file), "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(rate)
        wav.writeframes(array.array("h", [sample for sample in samples for _ in range(2)]).tobytes())


def says(gateway):
    """The plan says both from now on."""
    in_force = gateway.tail(1_000).count(IN_FORCE)
    plan = gateway.plan.read_text()
    steps = 'steps = [{ say = "our-greeting" }, { sip = '
    changed = plan.replace('name = "Own"\nsteps = [{ sip = ', f'name = "Own"\nmusic = "our-music"\n{steps}')
    if changed == plan:
        raise Failure("the plan is not the one that was to be changed")
    gateway.plan.write_text(changed)
    gateway.command("plan", "apply", str(gateway.plan))
    wait_until(lambda: gateway.tail(1_000).count(IN_FORCE) > in_force, 10, "the plan is not read again")


def expect(ada, what, hz, for_s):
    heard = b"".join(receive(ada.rtp)[12:] for _ in range(int(for_s / 0.02)))
    if (share := share_of(hz, heard)) < 0.8:
        raise Failure(f"{what} is to hum at {hz} Hz; that is {share:.2f} of what is heard")
