//! Who hears what when consoles ring, decline, take, talk and go.

use super::*;
use crate::call::input::{MidCall, Payload, Status, Unreachable};
use crate::call::leg::LegId;

const CALL: CallId = CallId(uuid::Uuid::from_u128(7));
const RING: Ring = Ring { call: CALL, leg: 1 };

/// What a browser says, of its `n`-th session.
fn said(n: u8) -> BrowserDescription {
    BrowserDescription::read(format!(
        "v=0\r\no=- 1 {n} IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 8\r\nc=IN IP4 0.0.0.0\r\n\
         a=ice-ufrag:dImP\r\na=ice-pwd:rFInqADrmnT4afhtZUyvnJgk\r\na=fingerprint:sha-256 2A:33:9F:4C:70:16:F2:EA:17:\
         AD:51:86:D8:E1:2E:82:63:94:EE:89:2F:AF:89:F3:EA:36:9B:8A:9C:69:50:8F\r\na=setup:active\r\na=rtcp-mux\r\n"
    ))
    .expect("a browser says so")
}

fn ringing(ring: Ring) -> Ringing {
    Ringing {
        ring,
        destination: shop(),
        number: "+33199001000".parse().unwrap(),
        caller: None,
        is_from_page: false,
        offer: said(0),
    }
}

fn shop() -> DestinationId {
    "shop".parse().unwrap()
}

/// What is heard, in a word each: `1 rings`, `call 486`.
fn words(effects: Vec<Effect>) -> Vec<String> {
    let told = |told: Told| match told {
        Told::Ringing(it) => format!("rings {}", it.ring.leg),
        Told::Gone { is_taken: true, .. } => "taken".to_owned(),
        Told::Gone { is_taken: false, .. } => "gone".to_owned(),
        Told::Talking(_) => "talks".to_owned(),
        Told::Offered(_) => "offered".to_owned(),
        Told::Ended => "ended".to_owned(),
    };
    let happens = |input: Input| match input {
        Input::Progressed { status, .. } | Input::Refused { status, .. } => status.code.to_string(),
        Input::Answered { leg, .. } => format!("answered {}", leg.0),
        Input::Unreachable { why: Unreachable::Transport, .. } => "unreachable".to_owned(),
        Input::HungUp { .. } => "hung up".to_owned(),
        Input::Pressed { leg, key } => format!("pressed {} by {}", String::from(key), leg.0),
        Input::Replied { status, .. } => format!("replied {}", status.code),
        other => panic!("{other:?}"),
    };
    effects
        .into_iter()
        .map(|effect| match effect {
            Effect::Tell(id, it) => format!("{} {}", id.0, told(it)),
            Effect::Happens(_, input) => format!("call {}", happens(input)),
        })
        .collect()
}

/// What one does, in the words of [`does`].
fn does(room: &mut Room, what: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (who, verb) = what.split_once(' ').unwrap();
    let id = ConsoleId(who.parse().unwrap_or_default());
    match (who, verb) {
        ("call", "dials") => room.dials(ringing(RING), &mut out),
        ("call", "dials again") => room.dials(ringing(Ring { leg: 2, ..RING }), &mut out),
        ("call", "cancels") => room.is_withdrawn(RING, false, &mut out),
        ("call", "elsewhere") => room.is_withdrawn(RING, true, &mut out),
        ("call", "hangs up") => room.is_let_go(RING, &mut out),
        ("call", "asks") => {
            room.is_asked(RING, MidCall::Reinvite, &said(2).payload(), &mut out);
        }
        ("call", "aligns") => room.is_aligned(RING, &said(0).payload(), &mut out),
        ("call", "sends a key") => room.is_asked(RING, MidCall::Info, &Payload::default(), &mut out),
        (_, "opens") => {
            let entered = room.enters();
            assert_eq!(entered, id);
            room.answers_for(id, [shop()].into(), &mut out);
        }
        (_, "away") => room.answers_for(id, BTreeSet::new(), &mut out),
        (_, "elsewhere") => room.answers_for(id, ["other".parse().unwrap()].into(), &mut out),
        (_, "back") => room.answers_for(id, [shop()].into(), &mut out),
        (_, "takes") => room.takes(id, RING, said(1), &mut out),
        (_, "declines") => room.declines(id, RING, &mut out),
        (_, "accepts") => room.accepts(id, said(3), &mut out),
        (_, "presses 1") => room.presses(id, "1".parse().unwrap(), &mut out),
        (_, "hangs up") => room.hangs_up(id, &mut out),
        (_, "closes") => room.leaves(id, &mut out),
        _ => panic!("{what}"),
    }
    words(out)
}

#[test]
fn each_hears_what_concerns_it() {
    // What is done, and what is heard of it.
    let stories: [&[(&str, &[&str])]; 15] = [
        &[("call dials", &["call unreachable"])],
        &[("1 opens", &[]), ("1 elsewhere", &[]), ("call dials", &["call unreachable"])],
        &[("1 opens", &[]), ("1 closes", &[]), ("call dials", &["call unreachable"])],
        // The first to take it has it.
        &[
            ("1 opens", &[]),
            ("2 opens", &[]),
            ("call dials", &["call 180", "1 rings 1", "2 rings 1"]),
            ("2 takes", &["1 taken", "2 talks", "call answered 1"]),
            ("1 takes", &[]),
            ("1 declines", &[]),
            ("1 closes", &[]),
            ("2 hangs up", &["2 ended", "call hung up"]),
            ("call hangs up", &[]),
        ],
        // One declines and is rung no more; when all have, the line has refused.
        &[
            ("1 opens", &[]),
            ("2 opens", &[]),
            ("call dials", &["call 180", "1 rings 1", "2 rings 1"]),
            ("1 declines", &["1 gone"]),
            ("1 back", &[]),
            ("2 declines", &["2 gone", "call 486"]),
            ("2 takes", &[]),
        ],
        // Who goes while it rings has not taken it.
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("1 closes", &["1 gone", "call 480"]),
        ],
        &[("1 opens", &[]), ("call dials", &["call 180", "1 rings 1"]), ("1 away", &["1 gone", "call 480"])],
        &[
            ("1 opens", &[]),
            ("2 opens", &[]),
            ("call dials", &["call 180", "1 rings 1", "2 rings 1"]),
            ("1 declines", &["1 gone"]),
            ("2 closes", &["2 gone", "call 486"]),
        ],
        // Who talks is not rung, and is afterwards.
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("1 takes", &["1 talks", "call answered 1"]),
            ("call dials again", &["call 486"]),
            ("2 opens", &[]),
            ("call dials again", &["call 180", "2 rings 2"]),
            ("1 hangs up", &["1 ended", "call hung up", "1 rings 2"]),
        ],
        // Of two that ring, the one that is taken silences the other.
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("call dials again", &["call 180", "1 rings 2"]),
            ("1 takes", &["1 talks", "call answered 1", "1 gone", "call 486"]),
        ],
        // Whoever comes while it rings hears it.
        &[("1 opens", &[]), ("call dials", &["call 180", "1 rings 1"]), ("2 opens", &["2 rings 1"])],
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("call cancels", &["1 gone", "call 487"]),
            ("1 takes", &[]),
        ],
        // A telephone has taken it.
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("call elsewhere", &["1 taken", "call 487"]),
        ],
        // An answer that has crossed a withdrawal is the call's to see.
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("1 presses 1", &[]),
            ("1 takes", &["1 talks", "call answered 1"]),
            ("1 presses 1", &["call pressed 1 by 1"]),
            ("call cancels", &[]),
            ("call hangs up", &["1 ended"]),
        ],
        // In the talk.
        &[
            ("1 opens", &[]),
            ("call dials", &["call 180", "1 rings 1"]),
            ("1 takes", &["1 talks", "call answered 1"]),
            ("call aligns", &["call replied 200"]),
            ("call sends a key", &["call replied 405"]),
            ("call asks", &["1 offered"]),
            ("call asks", &["call replied 491"]),
            ("1 accepts", &["call replied 200"]),
            ("1 accepts", &[]),
            ("1 closes", &["1 ended", "call hung up"]),
        ],
    ];

    for story in stories {
        let mut room = Room::default();
        for (what, heard) in story {
            assert_eq!(does(&mut room, what), *heard, "{what} of {story:?}");
        }
    }
}

#[test]
fn the_browser_that_answers_is_the_leg() {
    let (mut room, mut out) = (Room::default(), Vec::new());
    let id = room.enters();
    room.answers_for(id, [shop()].into(), &mut out);
    room.dials(ringing(RING), &mut out);
    out.clear();

    room.takes(id, RING, said(1), &mut out);

    let answered = Input::Answered { leg: LegId(1), payload: said(1).payload() };
    assert_eq!(out[1], Effect::Happens(CALL, answered));
    room.is_asked(RING, MidCall::Update, &Payload::default(), &mut out);
    let (status, payload) = (Status::new(200, "OK"), said(1).payload());
    let replied = Input::Replied { leg: LegId(1), what: MidCall::Update, status, payload };
    assert_eq!(out[2], Effect::Happens(CALL, replied), "who brings no offer has the browser's");
}
