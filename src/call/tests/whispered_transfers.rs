//! A talk is handed on to a line that hears something before it has a call.

use super::transfers::{ALLOWED, NEW, hung_up, limits_with, refers, replied, talk_within, written};
use super::*;
use crate::call::input::Replaces;
use crate::domain::calling::handover::Accept;
use crate::domain::calling::key::Key;
use crate::domain::calling::transfer::TransferOutcome;

const WHISPERED: &str = "sip:counter@192.0.2.1";

/// A blind transfer to a line that has to press 1 within 10 s of what it hears, and then this.
fn whispered(accept: bool, script: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    let key = Accept { key: Key::new(b'1').unwrap(), within: Duration::from_secs(10) };
    let whisper = vec!["en-accept".parse().unwrap()];
    let handover = Handover { whisper, accept: accept.then_some(key), ..Handover::default() };
    let begin = vec![(10, refers(LegId::LINE, WHISPERED, None)), (15, on(2, picks_up))];
    talk_within(limits_with(handover), [begin, script].concat())
}

fn caller_is_asked(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::Ask { leg: LegId::CALLER, .. }))
}

fn press(key: u8) -> Input {
    Input::Pressed { leg: NEW, key: Key::new(key).unwrap() }
}

#[test]
fn a_line_that_is_whispered_to_has_a_transferred_talk_once_it_has_taken_it() {
    let said = Input::Said { leg: NEW };
    for (accept, script, has_it) in [
        (true, vec![], false),
        (true, vec![(17, said.clone())], false),
        (true, vec![(17, said.clone()), (18, press(b'2'))], false),
        (true, vec![(17, said.clone()), (18, press(b'1'))], true),
        (true, vec![(16, press(b'1'))], true),
        (false, vec![(16, press(b'1'))], false),
        (false, vec![(17, said.clone())], true),
        (true, vec![(15, Input::Mute { leg: NEW })], true),
    ] {
        let (_, out) = whispered(accept, script.clone());

        assert!(matches!(out[3], Output::Whisper { leg: NEW, .. }), "{out:?}");
        assert_eq!(caller_is_asked(&out), has_it, "{accept} {script:?}");
    }
    let (_, out) = whispered(true, vec![(18, press(b'1')), (19, replied(LegId::CALLER, 200))]);
    assert_eq!(written(&out)[0].outcome, TransferOutcome::Done);
}

#[test]
fn who_does_not_take_a_transferred_talk_is_hung_up_and_the_talk_goes_on() {
    for end in
        [vec![(17, Input::Said { leg: NEW }), (27, Input::Woken)], vec![(17, Input::HungUp { leg: NEW })]]
    {
        let (call, out) = whispered(true, end);

        assert_eq!((hung_up(&out, NEW), caller_is_asked(&out)), (1, false));
        assert_eq!(written(&out)[0].outcome, TransferOutcome::Failed);
        assert!(!call.is_over());
    }
    let asked = Input::Asked { leg: LegId::LINE, what: MidCall::Reinvite, payload: Payload::default() };
    let (_, out) = whispered(true, vec![(16, asked)]);
    assert!(caller_is_asked(&out), "caller and old line talk on meanwhile");
}

#[test]
fn another_extension_and_whoever_the_line_has_asked_hear_nothing_first() {
    let handover = Handover { whisper: vec!["en-accept".parse().unwrap()], ..Handover::default() };
    for (uri, replaces) in [(ALLOWED, None), (WHISPERED, Some(Replaces::There))] {
        let script = vec![(10, refers(LegId::LINE, uri, replaces)), (15, on(2, picks_up))];
        let (_, out) = talk_within(limits_with(handover.clone()), script);

        assert!(caller_is_asked(&out), "{uri}");
    }
}
