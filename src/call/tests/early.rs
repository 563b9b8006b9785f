//! What the caller hears while several lines ring.

use super::*;

fn says(leg: u8, code: u16, session: &'static str) -> Input {
    let payload = Payload { body: session.into(), ..Payload::default() };
    Input::Progressed { leg: LegId(leg), status: Status::new(code, "Says"), payload }
}

/// Which leg was passed on to the caller, with which session.
fn heard(out: &[Output]) -> Vec<(u8, String)> {
    let progress = out.iter().filter_map(|output| match output {
        Output::Progress { leg, payload, .. } => {
            Some((leg.0, String::from_utf8_lossy(&payload.body).into_owned()))
        }
        _ => None,
    });
    progress.collect()
}

fn ask(leg: u8) -> Input {
    Input::Asked { leg: LegId(leg), what: MidCall::Update, payload: Payload::default() }
}

#[test]
fn all_that_ring_are_passed_on_until_one_speaks() {
    let (_, out) = run_on(
        way(&[3]),
        vec![(1, says(1, 180, "")), (1, says(2, 180, "")), (2, says(2, 183, "b")), (3, says(3, 183, "c"))],
    );

    assert_eq!(heard(&out), [(1, String::new()), (2, String::new()), (2, "b".into())]);
}

#[test]
fn when_the_one_that_spoke_is_gone_the_next_that_has_spoken_is_heard() {
    let (_, out) = run_on(
        way(&[3]),
        vec![
            (1, says(1, 183, "a")),
            (1, says(2, 180, "")),
            (2, says(3, 183, "c")),
            (3, on(1, says_busy)),
            (4, on(3, says_busy)),
        ],
    );

    assert_eq!(heard(&out), [(1, "a".into()), (3, "c".into()), (2, String::new())]);
}

#[test]
fn the_next_step_is_heard_from_its_first_word() {
    let (_, out) = run_on(
        way(&[1, 1]),
        vec![(1, says(1, 183, "a")), (30, Input::Woken), (31, says(1, 183, "late")), (32, says(2, 180, ""))],
    );

    assert_eq!(heard(&out), [(1, "a".into()), (2, String::new())]);
}

#[test]
fn only_the_line_that_is_heard_may_settle_its_session_with_the_caller() {
    let (_, out) = run_on(way(&[2]), vec![(1, says(2, 183, "b")), (2, ask(2)), (3, ask(0)), (4, ask(1))]);

    let asked: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::Ask { leg, .. } => Some(("ask", leg.0)),
            Output::Reply { leg, status, .. } if status.code == 491 => Some(("pending", leg.0)),
            _ => None,
        })
        .collect();
    assert_eq!(asked, [("ask", 0), ("ask", 2), ("pending", 1)]);
}

#[test]
fn a_caller_who_is_not_there_to_acknowledge_ends_the_call_with_504() {
    let gone = Input::Unreachable { leg: LegId::CALLER, why: Unreachable::Timeout };

    let (_, ringing) = run(vec![(1, rings()), (33, gone.clone())]);
    let (call, talking) = run(vec![(1, rings()), (5, answers()), (33, gone)]);

    assert_eq!((ended(&ringing).outcome, ended(&ringing).sip_status), (Outcome::Failed, 504));
    assert!(call.is_over());
    assert!(talking.contains(&Output::HangUp { leg: LegId::LINE }));
    assert!(talking.contains(&Output::HangUp { leg: LegId::CALLER }));
}
