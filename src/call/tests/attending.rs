//! Calls on whose way the gateway says something itself.

use super::*;

/// The gateway says something, then one line rings.
fn spoken() -> Way {
    let mut way = way(&[1]);
    way.steps.insert(0, Step::Say("fr-welcome".parse().unwrap()));
    way
}

fn answer(leg: LegId) -> Input {
    Input::Answered { leg, payload: Payload { body: "answer".into(), ..Payload::default() } }
}

#[test]
fn a_caller_is_answered_told_something_and_given_to_the_line() {
    let (_, out) = run_on(spoken(), vec![(4, Input::Said), (9, answer(LegId::LINE))]);

    let [
        Output::Attend,
        Output::Say { .. },
        Output::Dial { leg: LegId::LINE, .. },
        Output::Ring,
        Output::RecordAnswered(answered),
        Output::Align { leg: LegId::CALLER, payload },
    ] = &out[..]
    else {
        panic!("{out:?}")
    };
    assert_eq!((answered.at, &payload.body[..]), (at(9), &b"answer"[..]));
}

#[test]
fn who_cannot_be_spoken_to_is_carried_as_if_nothing_were_to_be_said() {
    let (_, out) = run_on(spoken(), vec![(0, Input::Mute), (9, answer(LegId::LINE))]);

    assert!(matches!(
        out[2..],
        [Output::Dial { .. }, Output::RecordAnswered(_), Output::Answer { leg: LegId::LINE, .. }]
    ));
}

#[test]
fn who_hangs_up_while_they_are_told_something_has_abandoned_the_call() {
    let (call, out) = run_on(spoken(), vec![(2, Input::HungUp { leg: LegId::CALLER })]);

    assert!(call.is_over());
    let ended = ended(&out);
    assert_eq!((ended.outcome, ended.sip_status, ended.answered_at), (Outcome::Abandoned, 200, None));
}

#[test]
fn who_was_answered_hears_no_refusal_and_is_hung_up() {
    let busy = Input::Refused {
        leg: LegId::LINE,
        status: Status::new(486, "Busy Here"),
        payload: Payload::default(),
    };
    let (_, out) = run_on(spoken(), vec![(4, Input::Said), (6, busy)]);

    let ended = ended(&out);
    assert_eq!((ended.outcome, ended.sip_status, ended.answered_at), (Outcome::Busy, 200, None));
    assert!(out.contains(&Output::HangUp { leg: LegId::CALLER }));
    assert!(!out.iter().any(|output| matches!(output, Output::Refuse { .. })));
}

#[test]
fn a_way_of_words_alone_ends_when_they_are_said() {
    let only = Way { steps: vec![Step::Say("fr-closed".parse().unwrap())], otherwise: Otherwise::Closed };

    let (call, out) = run_on(only, vec![(5, Input::Said)]);

    assert!(call.is_over());
    assert_eq!((ended(&out).outcome, ended(&out).sip_status), (Outcome::Failed, 200));
}

#[test]
fn what_the_caller_asks_meanwhile_is_settled_with_us() {
    let ask = Input::Asked { leg: LegId::CALLER, what: MidCall::Reinvite, payload: Payload::default() };
    let (_, out) = run_on(spoken(), vec![(1, ask)]);

    let Some(Output::Reply { leg: LegId::CALLER, what: MidCall::Reinvite, status, .. }) = out.last() else {
        panic!("{out:?}")
    };
    assert_eq!(status.code, 200);
}

#[test]
fn a_line_that_rings_is_heard_through_us_and_its_early_media_are_not() {
    let (status, payload) =
        (Status::new(183, "Session Progress"), Payload { body: "early".into(), ..Payload::default() });
    let progress = Input::Progressed { leg: LegId::LINE, status, payload };
    let (_, out) = run_on(spoken(), vec![(4, Input::Said), (5, progress)]);

    assert!(!out.iter().any(|output| matches!(output, Output::Progress { .. })));
}

#[test]
fn words_between_two_lines_are_said_once_the_first_is_gone() {
    let way = Way {
        steps: vec![
            Step::Ring { lines: vec![line("counter")], ring: RING },
            Step::Say("fr-busy".parse().unwrap()),
            Step::Ring { lines: vec![line("office")], ring: RING },
        ],
        otherwise: Otherwise::Closed,
    };
    let (_, out) = run_on(way, vec![(30, Input::Woken), (34, Input::Said)]);

    assert!(matches!(
        out[..],
        [
            Output::Dial { leg: LegId(1), .. },
            Output::Cancel { leg: LegId(1) },
            Output::Attend,
            Output::Say { .. },
            Output::Dial { leg: LegId(2), .. },
            Output::Ring
        ]
    ));
}

#[test]
fn what_is_never_heard_to_be_said_holds_the_caller_for_a_while_only() {
    let (_, out) = run_on(spoken(), vec![(300, Input::Woken), (301, Input::Said)]);

    assert_eq!(out.iter().filter(|output| matches!(output, Output::Dial { .. })).count(), 1);
}
