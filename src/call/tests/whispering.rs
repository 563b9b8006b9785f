//! What a line hears before it has the call, and how it takes it.

use super::*;
use crate::call::input::MidCall;
use crate::domain::calling::handover::Accept;
use crate::domain::calling::key::Key;

const SECOND: LegId = LegId(2);

/// So many lines ring at once, each of which has to press 1 within 10 s; then one rings that
/// hears nothing.
fn asked(lines: usize) -> Way {
    let accept = Accept { key: Key::new(b'1').unwrap(), within: Duration::from_secs(10) };
    whispered(lines, Some(accept))
}

fn whispered(lines: usize, accept: Option<Accept>) -> Way {
    let whisper = vec!["fr-channel".parse().unwrap(), "fr-accept".parse().unwrap()];
    let told = Line { handover: Handover { whisper, accept, ..Handover::default() }, ..line("mobile") };
    let mut way = way(&[0, 1]);
    way.steps[0] = Step::Ring { lines: vec![told; lines], ring: RING, music: None };
    way
}

fn answer(leg: LegId) -> Input {
    Input::Answered { leg, payload: Payload { body: "session".into(), ..Payload::default() } }
}

fn said(leg: LegId) -> Input {
    Input::Said { leg }
}

fn press(leg: LegId, key: u8) -> Input {
    Input::Pressed { leg, key: Key::new(key).unwrap() }
}

fn is_answered(out: &[Output]) -> bool {
    out.iter().any(|output| matches!(output, Output::RecordAnswered(_)))
}

/// Whose answer the caller was given.
fn taken_by(out: &[Output]) -> Option<LegId> {
    out.iter().find_map(|output| match output {
        Output::Answer { leg, .. } => Some(*leg),
        _ => None,
    })
}

#[test]
fn who_answers_hears_the_whisper_and_has_the_call_once_it_is_said() {
    let (_, before) = run_on(whispered(1, None), vec![(1, rings()), (5, answer(LegId::LINE))]);
    assert!(!is_answered(&before) && taken_by(&before).is_none());
    assert!(
        matches!(before.last(), Some(Output::Whisper { leg: LegId::LINE, prompts, .. }) if prompts.len() == 2),
        "and no key is waited for"
    );

    let script = vec![(1, rings()), (5, answer(LegId::LINE)), (8, said(LegId::LINE))];
    let (_, out) = run_on(whispered(1, None), script);

    assert_eq!(taken_by(&out), Some(LegId::LINE));
    let answered = out.iter().find_map(|output| match output {
        Output::RecordAnswered(fact) => Some(fact.at),
        _ => None,
    });
    assert_eq!(answered, Some(at(8)), "it is answered when the caller is");
}

#[test]
fn who_is_asked_has_the_call_by_its_key_also_while_it_is_whispered_to() {
    for (before, pressed) in [
        (vec![(7, said(LegId::LINE))], b'1'),
        (vec![], b'1'),
        (vec![(7, said(LegId::LINE)), (7, press(LegId::LINE, b'2'))], b'1'),
    ] {
        let script = [vec![(5, answer(LegId::LINE))], before, vec![(8, press(LegId::LINE, pressed))]];
        assert_eq!(taken_by(&run_on(asked(1), script.concat()).1), Some(LegId::LINE));
    }
    let others =
        vec![(5, answer(LegId::LINE)), (8, press(LegId::CALLER, b'1')), (9, press(LegId::LINE, b'2'))];
    assert_eq!(taken_by(&run_on(asked(1), others).1), None);
}

#[test]
fn who_presses_nothing_is_hung_up_and_the_next_rings() {
    let script = vec![(5, answer(LegId::LINE)), (8, said(LegId::LINE)), (18, Input::Woken)];
    let (call, out) = run_on(asked(1), script.clone());

    let end = out.iter().position(|output| *output == Output::HangUp { leg: LegId::LINE }).unwrap();
    assert!(matches!(&out[end + 1..], [Output::Dial { leg: SECOND, .. }]));
    assert_eq!(call.wake_at(), Some(at(48)));
    let (_, out) = run_on(asked(1), [script, vec![(48, Input::Woken)]].concat());
    assert_eq!((ended(&out).outcome, ended(&out).answered_at), (Outcome::Missed, None));
}

#[test]
fn a_line_that_hangs_up_meanwhile_does_not_have_the_call() {
    let script = vec![(5, answer(LegId::LINE)), (6, Input::HungUp { leg: LegId::LINE })];
    let (_, out) = run_on(asked(1), script);

    assert!(matches!(out.last(), Some(Output::Dial { leg: SECOND, .. })));
    assert!(out.contains(&Output::HangUp { leg: LegId::LINE }), "its goodbye is answered, its seat is free");
    assert!(!is_answered(&out));
}

#[test]
fn a_caller_who_gives_up_meanwhile_has_abandoned_the_call_and_the_line_is_hung_up() {
    let (call, out) = run_on(asked(1), vec![(5, answer(LegId::LINE)), (6, Input::Cancelled)]);

    assert!(call.is_over());
    assert!(out.contains(&Output::HangUp { leg: LegId::LINE }));
    assert_eq!((ended(&out).outcome, ended(&out).answered_at), (Outcome::Abandoned, None));
}

#[test]
fn of_several_the_first_to_take_it_has_the_call() {
    let script = vec![
        (4, answer(LegId::LINE)),
        (5, answer(SECOND)),
        (8, said(LegId::LINE)),
        (9, said(SECOND)),
        (10, press(SECOND, b'1')),
        (11, press(LegId::LINE, b'1')),
    ];
    let (_, out) = run_on(asked(3), script);

    assert_eq!(taken_by(&out), Some(SECOND));
    assert!(out.contains(&Output::HangUp { leg: LegId::LINE }));
    assert!(out.contains(&Output::Cancel { leg: LegId(3) }));
}

#[test]
fn others_ring_on_and_who_has_answered_outlives_their_time() {
    let script = vec![(29, answer(LegId::LINE)), (30, Input::Woken), (33, said(LegId::LINE))];
    let (call, out) = run_on(asked(2), script.clone());

    assert!(
        out.contains(&Output::Cancel { leg: SECOND }) && !out.contains(&Output::HangUp { leg: LegId::LINE })
    );
    assert_eq!(call.wake_at(), Some(at(43)));
    let (_, out) = run_on(asked(2), [script, vec![(40, press(LegId::LINE, b'1'))]].concat());
    assert_eq!(taken_by(&out), Some(LegId::LINE));
}

#[test]
fn who_cannot_be_spoken_to_has_the_call_at_once() {
    let script = vec![(5, answer(LegId::LINE)), (5, Input::Mute { leg: LegId::LINE })];

    assert_eq!(taken_by(&run_on(asked(1), script).1), Some(LegId::LINE));
}

#[test]
fn the_caller_hears_that_it_rings_and_never_what_the_line_says_before_it_has_the_call() {
    let early = Payload { body: "early".into(), ..Payload::default() };
    let progress =
        Input::Progressed { leg: LegId::LINE, status: Status::new(183, "Session Progress"), payload: early };
    let bare = Input::Answered { leg: LegId::LINE, payload: Payload::default() };
    let script = vec![(1, progress), (5, bare), (8, said(LegId::LINE))];
    let (_, out) = run_on(whispered(1, None), script);

    let told = out.iter().find_map(|output| match output {
        Output::Progress { status, payload, .. } => Some((status.code, payload.body.len())),
        _ => None,
    });
    assert_eq!(told, Some((180, 0)));
    let given = out.iter().find_map(|output| match output {
        Output::Answer { payload, .. } => Some(payload.body.clone()),
        _ => None,
    });
    assert_eq!(given.unwrap(), "early", "the answer had come with what rang");

    let (_, out) = run_on(whispered(1, None), vec![(5, answer(LegId::LINE))]);
    assert!(matches!(&out[1], Output::Progress { leg: LegId::CALLER, status, .. } if status.code == 180));
}

#[test]
fn what_the_line_asks_meanwhile_is_settled_with_us() {
    for (what, code) in [(MidCall::Reinvite, 491), (MidCall::Info, 200)] {
        let ask = Input::Asked { leg: LegId::LINE, what, payload: Payload::default() };
        let (_, out) = run_on(asked(1), vec![(5, answer(LegId::LINE)), (6, ask)]);

        assert!(matches!(out.last(), Some(Output::Reply { status, .. }) if status.code == code), "{out:?}");
    }
}

#[test]
fn a_withdrawn_line_whose_answer_crosses_may_still_take_the_call() {
    let late = vec![(30, Input::Woken), (30, answer(LegId::LINE)), (33, said(LegId::LINE))];
    let (_, out) = run_on(asked(1), [late.clone(), vec![(34, press(LegId::LINE, b'1'))]].concat());
    assert_eq!(taken_by(&out), Some(LegId::LINE));

    // Whoever rings meanwhile is not given up for it.
    let (_, out) = run_on(asked(1), [late, vec![(43, Input::Woken)]].concat());
    assert_eq!(out.last(), Some(&Output::HangUp { leg: LegId::LINE }));
}
