//! The life of a call, told as tables, and what holds for any order of events.

use super::input::{MidCall, Payload, Status, Unreachable};
use super::leg::LegId;
use super::*;
use crate::domain::calling::handover::Handover;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::record::Ended;
use crate::domain::calling::routing::{Line, Otherwise, Step, Target};

mod attending;
mod early;
mod music;
mod properties;
mod rating;
mod transfers;
mod whispered_transfers;
mod whispering;

const LIMITS: Limits = Limits { talk: Duration::from_secs(3_600), transfers: None };
const RING: Duration = Duration::from_secs(30);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_ms(seconds * 1_000)
}

fn line(name: &str) -> Line {
    Line {
        target: Target::Uri(format!("sip:{name}@192.0.2.1")),
        destination: name.parse().unwrap(),
        handover: Handover::default(),
    }
}

/// A way of steps, each with so many lines.
fn way(steps: &[usize]) -> Way {
    let step = |lines: &usize| Step::Ring { lines: vec![line("counter"); *lines], ring: RING, music: None };
    Way { steps: steps.iter().map(step).collect(), ..Way::nowhere(Otherwise::Closed) }
}

fn arrive(way: Way) -> (Call, Vec<Output>) {
    let mut out = vec![];
    let id = CallId(uuid::Uuid::nil());
    let call = Call::arrive(id, Some(way), LIMITS, Payload::default(), at(0), &mut out);
    (call, out)
}

/// Runs a call to one line through inputs at given seconds and gives all it wanted done.
fn run(script: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    run_on(way(&[1]), script)
}

fn run_on(way: Way, script: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    let (mut call, mut out) = arrive(way);
    for (seconds, input) in script {
        call.handle(input, at(seconds), &mut out);
    }
    (call, out)
}

fn ended(out: &[Output]) -> &Ended {
    let mut ends = out.iter().filter_map(|o| match o {
        Output::RecordEnded(ended) => Some(ended),
        _ => None,
    });
    let end = ends.next().expect("an end is recorded");
    assert!(ends.next().is_none(), "the end is recorded once");
    end
}

fn rings() -> Input {
    Input::Progressed { leg: LegId::LINE, status: Status::new(180, "Ringing"), payload: Payload::default() }
}

fn answers() -> Input {
    Input::Answered { leg: LegId::LINE, payload: Payload::default() }
}

fn refuses(code: u16) -> Input {
    Input::Refused { leg: LegId::LINE, status: Status::new(code, "Because"), payload: Payload::default() }
}

fn barred() -> Input {
    Input::Unreachable { leg: LegId::LINE, why: Unreachable::Barred }
}

fn unsealed() -> Input {
    Input::Unreachable { leg: LegId::LINE, why: Unreachable::Unsealed }
}

fn unreachable() -> Input {
    Input::Unreachable { leg: LegId::LINE, why: Unreachable::Timeout }
}

#[test]
fn a_call_that_failed_since_nobody_would_encrypt_tells_so() {
    let (_, out) = run(vec![(1, rings()), (2, unsealed())]);
    assert_eq!(ended(&out).reason, Some(EndReason::Unsealed));

    let (_, out) = run(vec![(1, rings()), (2, refuses(488))]);
    assert_eq!(ended(&out).reason, None);
}

#[test]
fn what_the_gateway_ends_has_a_reason_and_both_sides_are_hung_up() {
    for (at, input, why) in [
        (61, Input::Silent(EndReason::Silence), EndReason::Silence),
        (61, Input::Silent(EndReason::Unsealed), EndReason::Unsealed),
        (61, Input::Stopped, EndReason::Stopped),
        (3_601, Input::Woken, EndReason::TooLong),
    ] {
        let (_, out) = run(vec![(1, answers()), (at, input)]);

        assert_eq!(ended(&out).reason, Some(why));
        for leg in [LegId::CALLER, LegId::LINE] {
            assert!(out.contains(&Output::HangUp { leg }), "{why}: {leg}");
        }
    }
    let (_, out) = run(vec![(1, answers()), (9, Input::HungUp { leg: LegId::CALLER })]);
    assert_eq!(ended(&out).reason, None);
}

#[test]
fn each_way_a_call_can_go_ends_as_its_own_outcome() {
    use HungUpBy::*;
    use Outcome::*;
    let caller_hangs_up = || Input::HungUp { leg: LegId::CALLER };
    let line_hangs_up = || Input::HungUp { leg: LegId::LINE };
    let cases = vec![
        (
            "caller hangs up",
            vec![(1, rings()), (5, answers()), (60, caller_hangs_up())],
            Answered,
            200,
            Caller,
        ),
        ("line hangs up", vec![(1, rings()), (5, answers()), (60, line_hangs_up())], Answered, 200, Line),
        ("busy", vec![(1, refuses(486))], Busy, 486, Line),
        ("declined", vec![(1, rings()), (5, refuses(603))], Busy, 603, Line),
        ("nobody answers", vec![(1, rings()), (30, Input::Woken)], Missed, 480, Gateway),
        ("the line's PBX gives up", vec![(1, rings()), (20, refuses(480))], Missed, 480, Line),
        ("the line never rings", vec![(30, Input::Woken)], Failed, 480, Gateway),
        ("nobody is there", vec![(1, unreachable())], Failed, 480, Gateway),
        ("not allowed out", vec![(0, barred())], Failed, 403, Gateway),
        ("would not encrypt", vec![(1, rings()), (2, unsealed())], Failed, 488, Gateway),
        ("not registered", vec![(1, refuses(480))], Failed, 480, Line),
        ("the line's own error", vec![(1, refuses(500))], Failed, 500, Line),
        ("the line is overloaded", vec![(1, refuses(503))], Failed, 500, Line),
        ("caller gives up", vec![(1, rings()), (9, Input::Cancelled)], Abandoned, 487, Caller),
        ("gateway stops while it rings", vec![(1, rings()), (2, Input::Stopped)], Failed, 503, Gateway),
        ("gateway stops in a talk", vec![(1, answers()), (2, Input::Stopped)], Answered, 200, Gateway),
        (
            "nothing is heard any more",
            vec![(1, answers()), (61, Input::Silent(EndReason::Silence))],
            Answered,
            200,
            Gateway,
        ),
        (
            "silence before the answer",
            vec![(1, rings()), (2, Input::Silent(EndReason::Silence)), (3, refuses(486))],
            Busy,
            486,
            Line,
        ),
        ("nobody ever hangs up", vec![(1, answers()), (3_601, Input::Woken)], Answered, 200, Gateway),
    ];

    for (name, script, outcome, status, by) in cases {
        let (_, out) = run(script);

        let end = ended(&out);
        assert_eq!((end.outcome, end.sip_status, end.hung_up_by), (outcome, status, by), "{name}");
    }
}

#[test]
fn an_unknown_number_is_refused_and_recorded() {
    let mut out = vec![];
    let id = CallId(uuid::Uuid::nil());

    let call = Call::arrive(id, None, LIMITS, Payload::default(), at(0), &mut out);

    assert!(call.is_over());
    assert_eq!(ended(&out).sip_status, 404);
    assert_eq!(out[1], Output::NoSuchNumber);
}

#[test]
fn an_answer_that_crosses_the_cancel_is_hung_up() {
    let (call, out) = run(vec![(1, rings()), (9, Input::Cancelled), (9, answers())]);

    assert!(call.is_over());
    assert_eq!(ended(&out).outcome, Outcome::Abandoned);
    assert!(out.contains(&Output::HangUp { leg: LegId::LINE }));
}

#[test]
fn a_cancel_that_crosses_the_answer_hangs_the_line_up() {
    let (call, out) = run(vec![(1, rings()), (9, answers()), (9, Input::Cancelled)]);

    assert!(call.is_over());
    assert_eq!((ended(&out).outcome, ended(&out).sip_status), (Outcome::Abandoned, 487));
    assert!(out.contains(&Output::HangUp { leg: LegId::LINE }));
}

#[test]
fn a_redirect_or_a_challenge_is_never_shown_to_the_caller() {
    for code in [302, 401, 407] {
        let (_, out) = run(vec![(1, refuses(code))]);

        assert_eq!(ended(&out).sip_status, 480, "{code}");
    }
}

#[test]
fn a_request_in_the_dialog_goes_to_the_other_side_and_its_reply_back() {
    let hold = Payload { body: "v=0".into(), ..Payload::default() };
    let asked = Input::Asked { leg: LegId::LINE, what: MidCall::Reinvite, payload: hold.clone() };
    let replied = Input::Replied {
        leg: LegId::CALLER,
        what: MidCall::Reinvite,
        status: Status::new(200, "OK"),
        payload: hold.clone(),
    };

    let (_, out) = run(vec![(1, answers()), (2, asked), (2, replied)]);

    assert!(out.contains(&Output::Ask {
        leg: LegId::CALLER,
        what: MidCall::Reinvite,
        payload: hold.clone()
    }));
    assert!(out.contains(&Output::Reply {
        leg: LegId::LINE,
        what: MidCall::Reinvite,
        status: Status::new(200, "OK"),
        payload: hold,
    }));
}

#[test]
fn an_offer_that_came_with_the_answer_is_answered_in_the_ack() {
    let answer = Payload { body: "v=0".into(), ..Payload::default() };

    let (_, out) =
        run(vec![(1, answers()), (2, Input::Acked { leg: LegId::CALLER, payload: answer.clone() })]);

    assert!(out.contains(&Output::Ack { leg: LegId::LINE, payload: answer }));
}

#[test]
fn a_record_has_the_times_of_ringing_answer_and_end() {
    let (_, out) =
        run(vec![(1, rings()), (2, rings()), (5, answers()), (60, Input::HungUp { leg: LegId::LINE })]);

    let end = ended(&out);
    assert_eq!((end.ringing_at, end.answered_at, end.at), (Some(at(1)), Some(at(5)), at(60)));
}

fn on(leg: u8, input: fn(LegId) -> Input) -> Input {
    input(LegId(leg))
}

fn ringing(leg: LegId) -> Input {
    Input::Progressed { leg, status: Status::new(180, "Ringing"), payload: Payload::default() }
}

fn picks_up(leg: LegId) -> Input {
    Input::Answered { leg, payload: Payload::default() }
}

fn says_busy(leg: LegId) -> Input {
    Input::Refused { leg, status: Status::new(486, "Busy Here"), payload: Payload::default() }
}

fn fails(leg: LegId) -> Input {
    Input::Unreachable { leg, why: Unreachable::Timeout }
}

fn dialled(out: &[Output]) -> Vec<u8> {
    let legs = out.iter().filter_map(|o| if let Output::Dial { leg, .. } = o { Some(leg.0) } else { None });
    legs.collect()
}

#[test]
fn the_first_of_those_that_ring_at_once_has_the_call() {
    let (_, out) = run_on(
        way(&[3]),
        vec![
            (1, on(1, ringing)),
            (1, on(3, ringing)),
            (4, on(3, picks_up)),
            (9, Input::HungUp { leg: LegId::CALLER }),
        ],
    );

    assert_eq!(dialled(&out), [1, 2, 3]);
    for withdrawn in [1, 2] {
        assert!(out.contains(&Output::Cancel { leg: LegId(withdrawn) }));
    }
    assert!(out.contains(&Output::HangUp { leg: LegId(3) }));
    assert_eq!(ended(&out).outcome, Outcome::Answered);
}

#[test]
fn two_that_pick_up_at_the_same_time_do_not_both_have_the_call() {
    let (call, out) = run_on(way(&[2]), vec![(4, on(1, picks_up)), (4, on(2, picks_up))]);

    assert!(out.contains(&Output::HangUp { leg: LegId(2) }));
    assert_eq!(out.iter().filter(|o| matches!(o, Output::Answer { .. })).count(), 1);
    assert!(!call.is_over());
}

#[test]
fn the_next_step_begins_when_all_lines_of_one_have_refused_or_its_time_is_over() {
    let (_, refused) = run_on(way(&[2, 1]), vec![(1, on(1, says_busy)), (2, on(2, fails))]);
    let (_, waiting) = run_on(way(&[2, 1]), vec![(1, on(1, says_busy)), (2, on(2, ringing))]);
    let (_, over) = run_on(way(&[2, 1]), vec![(2, on(2, ringing)), (30, Input::Woken)]);

    assert_eq!(dialled(&refused), [1, 2, 3]);
    assert_eq!(dialled(&waiting), [1, 2]);
    assert_eq!(dialled(&over), [1, 2, 3]);
    assert!(over.contains(&Output::Cancel { leg: LegId(2) }));
}

#[test]
fn who_picks_up_when_the_next_step_has_begun_has_the_call_all_the_same() {
    let (_, out) = run_on(
        way(&[1, 1]),
        vec![
            (1, on(1, ringing)),
            (30, Input::Woken),
            (30, on(1, picks_up)),
            (40, Input::HungUp { leg: LegId(1) }),
        ],
    );

    assert!(out.contains(&Output::Cancel { leg: LegId(2) }));
    assert_eq!(ended(&out).outcome, Outcome::Answered);
}

#[test]
fn the_caller_hears_the_refusal_that_says_most() {
    let cases: [(&[Input], _, _); 4] = [
        (&[on(1, fails), on(2, says_busy)], Outcome::Busy, 486),
        (&[on(1, says_busy), on(2, fails)], Outcome::Busy, 486),
        (&[on(1, ringing), on(1, says_busy), on(2, says_busy)], Outcome::Busy, 486),
        (&[on(1, fails), on(2, fails)], Outcome::Failed, 480),
    ];

    for (inputs, outcome, status) in cases {
        let (_, out) = run_on(way(&[1, 1]), inputs.iter().map(|input| (1, input.clone())).collect());

        assert_eq!((ended(&out).outcome, ended(&out).sip_status), (outcome, status), "{inputs:?}");
    }
    let rings_in_vain = vec![(1, on(1, ringing)), (30, Input::Woken), (31, on(2, fails))];
    let (_, out) = run_on(way(&[1, 1]), rings_in_vain);
    assert_eq!(ended(&out).outcome, Outcome::Missed);
}

#[test]
fn a_way_without_a_step_says_what_it_was_told_to() {
    let full = Way::nowhere(Otherwise::Full);

    let (call, out) = arrive(full);

    assert!(call.is_over());
    assert_eq!((ended(&out).outcome, ended(&out).sip_status), (Outcome::Busy, 486));
}

#[test]
fn the_destination_that_answered_is_written_down() {
    let both = vec![line("counter"), line("workshop")];
    let way = Way { steps: vec![Step::Ring { lines: both, ring: RING, music: None }], ..way(&[]) };

    let (_, out) = run_on(way, vec![(1, on(2, picks_up))]);

    let by = out
        .iter()
        .find_map(|o| if let Output::RecordAnswered(fact) = o { fact.destination.clone() } else { None });
    assert_eq!(by, Some("workshop".parse().unwrap()));
}
