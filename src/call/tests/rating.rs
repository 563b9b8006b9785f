//! What a line is asked once the caller has hung up.

use super::*;
use crate::domain::calling::handover;
use crate::domain::calling::key::Key;
use crate::domain::calling::qualification::Qualification;

/// One line that is asked for ten seconds.
fn rated() -> Way {
    let rating = handover::Rating { prompt: "fr-rating".parse().unwrap(), wait: Duration::from_secs(10) };
    let asked =
        Line { handover: Handover { rating: Some(rating), ..Handover::default() }, ..line("counter") };
    Way {
        steps: vec![Step::Ring { lines: vec![asked], ring: RING, music: None }],
        ..Way::nowhere(Otherwise::Closed)
    }
}

/// They talk, and the caller hangs up after a minute.
fn hung_up(after: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    let talk = vec![(1, rings()), (5, answers()), (60, Input::HungUp { leg: LegId::CALLER })];
    run_on(rated(), [talk, after].concat())
}

fn press(leg: LegId, key: u8) -> Input {
    Input::Pressed { leg, key: Key::new(key).unwrap() }
}

#[test]
fn the_record_is_closed_and_the_line_is_asked() {
    let (call, out) = hung_up(vec![]);

    assert!(!call.is_over());
    let (end, asked) = out.split_at(out.len() - 3);
    assert!(matches!(end.last(), Some(Output::RecordEnded(_))));
    assert_eq!(ended(&out).at, at(60));
    assert!(matches!(
        asked,
        [
            Output::HangUp { leg: LegId::CALLER },
            Output::Whisper { leg: LegId::LINE, .. },
            Output::HeedKeys { leg: LegId::LINE }
        ]
    ));
}

#[test]
fn a_key_says_what_the_call_was_also_while_it_is_asked_for() {
    use Qualification::*;
    for (key, is) in [(b'1', Lead), (b'2', NotALead), (b'3', Sale)] {
        for before in [vec![], vec![(66, Input::Said { leg: LegId::LINE }), (67, press(LegId::LINE, b'9'))]] {
            let (call, out) = hung_up([before, vec![(68, press(LegId::LINE, key))]].concat());

            assert!(call.is_over());
            let [.., Output::RecordQualified(said), Output::HangUp { leg: LegId::LINE }, Output::Done] =
                &out[..]
            else {
                panic!("{out:?}")
            };
            assert_eq!((said.qualification, said.at, said.by.as_str()), (is, at(68), "line:counter"));
        }
    }
}

#[test]
fn a_line_that_says_nothing_is_hung_up_in_time() {
    let (call, _) = hung_up(vec![(66, Input::Said { leg: LegId::LINE })]);
    assert_eq!(call.wake_at(), Some(at(76)));
    for end in [
        vec![(66, Input::Said { leg: LegId::LINE }), (76, Input::Woken)],
        vec![(60, Input::Mute { leg: LegId::LINE })],
        vec![(61, Input::Stopped)],
        vec![(360, Input::Woken)],
    ] {
        let (call, out) = hung_up(end);
        assert!(call.is_over());
        assert_eq!(out[out.len() - 2..], [Output::HangUp { leg: LegId::LINE }, Output::Done]);
    }
}

#[test]
fn a_line_that_hangs_up_is_asked_nothing() {
    let (call, out) = hung_up(vec![(62, Input::HungUp { leg: LegId::LINE })]);
    assert!(call.is_over());
    assert_eq!(out.last(), Some(&Output::Done));

    let (call, out) = run_on(rated(), vec![(5, answers()), (60, Input::HungUp { leg: LegId::LINE })]);
    assert!(call.is_over());
    assert!(!out.iter().any(|output| matches!(output, Output::Whisper { .. })));
}

#[test]
fn whatever_the_caller_presses_says_nothing_and_nobody_is_asked_unless_the_plan_says_so() {
    let (call, _) = hung_up(vec![(61, press(LegId::CALLER, b'1'))]);
    assert!(!call.is_over());

    let (call, _) = run(vec![(5, answers()), (60, Input::HungUp { leg: LegId::CALLER })]);
    assert!(call.is_over());
}
