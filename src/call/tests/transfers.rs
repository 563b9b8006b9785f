//! The line asks that the talk be carried on elsewhere.

use std::sync::Arc;

use super::*;
use crate::call::input::{Referral, Replaces};
use crate::domain::calling::destination::{Destination, RingPlan};
use crate::domain::calling::tolls::Exit;
use crate::domain::calling::transfer::{TransferOutcome, TransferTargets, Transferred, Transfers};

pub const NEW: LegId = LegId(2);
pub const ALLOWED: &str = "sip:204@192.0.2.1";

/// Calls may be carried on at the host of the one line that there is, and to
/// numbers that begin with +336.
pub fn limits() -> Limits {
    limits_with(Handover::default())
}

/// The same, where the line is given calls so.
pub fn limits_with(handover: Handover) -> Limits {
    let mut ring_plan = RingPlan::of_line("sip:counter@192.0.2.1".into(), RING);
    ring_plan.handover = handover;
    let destination = Destination {
        id: "counter".parse().unwrap(),
        outlet: "lyon".parse().unwrap(),
        name: "Counter".into(),
        ring_plan,
        media: Default::default(),
    };
    let exit = Exit {
        trunk: "carrier".parse().unwrap(),
        leads_out: true,
        prefixes: vec!["+336".into()],
        calls_per_day: None,
    };
    let plan = Arc::new(TransferTargets::of([&destination]));
    Limits { transfers: Some(Transfers { plan, exits: [exit].into() }), ..LIMITS }
}

pub fn refers(leg: LegId, uri: &str, replaces: Option<Replaces>) -> Input {
    let to = Referral { uri: uri.into(), number: None, replaces, headers: "Referred-By: <sip:x>\r\n".into() };
    Input::Referred { leg, to }
}

pub fn replied(leg: LegId, code: u16) -> Input {
    let payload = Payload { body: "v=0 caller".into(), ..Payload::default() };
    Input::Replied { leg, what: MidCall::Reinvite, status: Status::new(code, "Says"), payload }
}

/// A talk that began in second 5, and then this.
fn talk(script: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    talk_within(limits(), script)
}

pub fn talk_within(limits: Limits, script: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    let mut out = vec![];
    let id = CallId(uuid::Uuid::from_u128(3));
    let mut call = Call::arrive(id, Some(way(&[1])), limits, Payload::default(), at(0), &mut out);
    call.handle(answers(), at(5), &mut out);
    out.clear();
    for (seconds, input) in script {
        call.handle(input, at(seconds), &mut out);
    }
    (call, out)
}

pub fn written(out: &[Output]) -> Vec<&Transferred> {
    let facts =
        out.iter().filter_map(|o| if let Output::RecordTransferred(fact) = o { Some(fact) } else { None });
    facts.collect()
}

/// The statuses that the line was told, and whether each was the last word.
fn told(out: &[Output]) -> Vec<(u16, bool)> {
    let told = out.iter().filter_map(|output| match output {
        Output::Notify { leg: LegId::LINE, status, is_last } => Some((status.code, *is_last)),
        _ => None,
    });
    told.collect()
}

fn refer_status(out: &[Output]) -> Option<u16> {
    out.iter().find_map(|output| match output {
        Output::Reply { what: MidCall::Refer, status, .. } => Some(status.code),
        _ => None,
    })
}

pub fn hung_up(out: &[Output], leg: LegId) -> usize {
    out.iter().filter(|output| **output == Output::HangUp { leg }).count()
}

#[test]
fn a_blind_transfer_moves_the_caller_to_the_new_line_and_hangs_the_old_one_up() {
    let (call, out) = talk(vec![
        (10, refers(LegId::LINE, ALLOWED, None)),
        (11, on(2, ringing)),
        (12, on(2, ringing)),
        (15, on(2, picks_up)),
        (15, replied(LegId::CALLER, 200)),
        (60, Input::HungUp { leg: NEW }),
    ]);

    assert_eq!(refer_status(&out), Some(202));
    assert_eq!(told(&out), [(100, false), (180, false), (200, true)]);
    let dialled = out.iter().any(|output| {
        matches!(output, Output::Redial { leg: NEW, instead_of: LegId::LINE, headers, .. }
            if headers.starts_with(b"Referred-By"))
    });
    assert!(dialled);
    assert_eq!(hung_up(&out, LegId::LINE), 1);
    let fact = written(&out)[0];
    assert_eq!((fact.outcome, fact.sip_status, &fact.to[..]), (TransferOutcome::Done, 200, ALLOWED));
    assert_eq!((fact.asked_at, fact.settled_at), (at(10), at(15)));
    assert_eq!(fact.destination, Some("counter".parse().unwrap()));
    assert_eq!((ended(&out).outcome, ended(&out).hung_up_by), (Outcome::Answered, HungUpBy::Line));
    assert!(call.is_over());
}

#[test]
fn the_talk_goes_on_when_the_new_line_does_not_take_it() {
    let ends = [
        ("busy", vec![(11, on(2, says_busy))], 486, 0),
        ("nobody there", vec![(11, on(2, fails))], 503, 0),
        ("no answer", vec![(11, on(2, ringing)), (70, Input::Woken)], 408, 0),
        (
            "the caller refuses its session",
            vec![(11, on(2, picks_up)), (12, replied(LegId::CALLER, 488))],
            488,
            1,
        ),
        ("it lets go at once", vec![(11, on(2, picks_up)), (11, on(2, hangs_up))], 487, 0),
    ];
    for (name, script, status, hung_up_again) in ends {
        let mut all = vec![(10, refers(LegId::LINE, ALLOWED, None))];
        all.extend(script);
        if name == "it lets go at once" {
            // Before the caller was asked: it still owes the line another reply.
            all.insert(0, (9, asks_line()));
        }
        let (mut call, mut out) = talk(all);

        assert_eq!(told(&out).last(), Some(&(status, true)), "{name}");
        assert_eq!(written(&out)[0].outcome, TransferOutcome::Failed, "{name}");
        assert!(hung_up(&out, NEW) >= hung_up_again, "{name}");
        assert!(!call.is_over(), "{name}");
        assert_eq!(hung_up(&out, LegId::LINE), 0, "{name}");
        call.handle(Input::HungUp { leg: LegId::CALLER }, at(80), &mut out);
        assert_eq!(hung_up(&out, LegId::LINE), 1, "{name}");
    }
}

fn hangs_up(leg: LegId) -> Input {
    Input::HungUp { leg }
}

fn asks_line() -> Input {
    Input::Asked { leg: LegId::LINE, what: MidCall::Reinvite, payload: Payload::default() }
}

#[test]
fn only_the_line_may_ask_and_only_for_where_a_call_may_go() {
    for (leg, uri) in [
        (LegId::CALLER, ALLOWED),
        (LegId::LINE, "sip:204@evil.example"),
        (LegId::LINE, "tel:+881612345678"),
        (LegId(7), ALLOWED),
    ] {
        let (call, out) = talk(vec![(10, refers(leg, uri, None))]);

        assert_eq!(refer_status(&out), Some(603), "{leg} {uri}");
        assert_eq!((written(&out)[0].outcome, written(&out)[0].sip_status), (TransferOutcome::Refused, 603));
        assert!(!out.iter().any(|output| matches!(output, Output::Redial { .. })));
        assert!(!call.is_over());
    }
}

#[test]
fn an_old_line_that_does_not_wait_may_hang_up_and_the_caller_stays() {
    let begun = || vec![(10, refers(LegId::LINE, ALLOWED, None)), (11, hangs_up(LegId::LINE))];

    let (done, out) =
        talk([begun(), vec![(12, on(2, picks_up)), (13, replied(LegId::CALLER, 200))]].concat());
    assert!(!done.is_over());
    assert_eq!(hung_up(&out, LegId::LINE), 1, "its BYE is answered, and that is all");
    assert_eq!(told(&out), [(100, false)]);

    let (failed, out) = talk([begun(), vec![(12, on(2, says_busy))]].concat());
    assert!(failed.is_over());
    assert_eq!((ended(&out).outcome, ended(&out).hung_up_by), (Outcome::Answered, HungUpBy::Line));
    assert_eq!(hung_up(&out, LegId::CALLER), 1);
}

/// RFC 3261 §14.1.
#[test]
fn a_request_of_the_caller_that_crosses_the_move_makes_it_come_again() {
    let (mut call, mut out) = talk(vec![
        (10, refers(LegId::LINE, ALLOWED, None)),
        (11, on(2, picks_up)),
        (11, replied(LegId::CALLER, 491)),
    ]);

    let again = call.wake_at().unwrap();
    assert!(again <= at(13));
    call.handle(Input::Woken, again, &mut out);
    call.handle(replied(LegId::CALLER, 200), again, &mut out);

    assert_eq!(told(&out).last(), Some(&(200, true)));
}

#[test]
fn what_the_caller_still_owes_the_old_line_comes_first() {
    let (_, out) = talk(vec![
        (9, asks_line()),
        (10, refers(LegId::LINE, ALLOWED, None)),
        (11, on(2, picks_up)),
        (12, replied(LegId::CALLER, 200)),
        (13, replied(LegId::CALLER, 200)),
    ]);

    let order: Vec<_> = out
        .iter()
        .filter_map(|output| match output {
            Output::Ask { leg: LegId::CALLER, .. } => Some("asked"),
            Output::Reply { leg: LegId::LINE, what: MidCall::Reinvite, .. } => Some("replied"),
            Output::HangUp { leg: LegId::LINE } => Some("moved"),
            _ => None,
        })
        .collect();
    assert_eq!(order, ["asked", "replied", "asked", "moved"]);
}

#[test]
fn the_caller_of_another_call_of_ours_is_joined_and_hears_the_callers_session() {
    let other = CallId(uuid::Uuid::from_u128(9));
    let here = Some(Replaces::Here { call: other, leg: LegId::LINE });

    let (call, out) = talk(vec![
        (10, refers(LegId::LINE, "sip:192.0.2.99", here)),
        (10, on(2, picks_up)),
        (10, replied(LegId::CALLER, 200)),
    ]);

    assert!(out.contains(&Output::Join { leg: NEW, call: other, other: LegId::LINE }));
    let session = Payload { body: "v=0 caller".into(), ..Payload::default() };
    assert!(out.contains(&Output::Align { leg: NEW, payload: session }));
    assert_eq!(hung_up(&out, LegId::LINE), 1);
    assert!(!call.is_over());
}

#[test]
fn a_call_whose_caller_was_taken_over_ends_and_says_by_which() {
    let by = CallId(uuid::Uuid::from_u128(9));

    let (call, out) = talk(vec![(10, Input::Taken { by })]);

    assert!(call.is_over());
    assert_eq!((ended(&out).outcome, ended(&out).hung_up_by), (Outcome::Answered, HungUpBy::Line));
    assert_eq!(hung_up(&out, LegId::LINE), 1);
    assert_eq!(hung_up(&out, LegId::CALLER), 0);
    assert_eq!(written(&out)[0].to, format!("call {by}"));
}

#[test]
fn a_caller_who_hangs_up_meanwhile_ends_everything() {
    for (name, script) in
        [("it rings", vec![(11, on(2, ringing))]), ("it has answered", vec![(11, on(2, picks_up))])]
    {
        let begun = vec![(10, refers(LegId::LINE, ALLOWED, None))];
        let (_, out) = talk([begun, script, vec![(12, hangs_up(LegId::CALLER))]].concat());

        let new_is_ended = out.contains(&Output::Cancel { leg: NEW }) || hung_up(&out, NEW) == 1;
        assert!(new_is_ended && hung_up(&out, LegId::LINE) == 1, "{name}");
        assert_eq!(ended(&out).hung_up_by, HungUpBy::Caller, "{name}");
        assert_eq!(written(&out)[0].outcome, TransferOutcome::Failed, "{name}");
    }
}

#[test]
fn no_call_is_passed_round_for_ever() {
    let tries: Vec<_> = (0..40).map(|n| (10 + n, refers(LegId::LINE, "sip:x@evil.example", None))).collect();

    let (_, out) = talk(tries);

    assert_eq!(written(&out).len(), 16);
}

/// A talk that was transferred in second 12, and then this.
fn moved(script: Vec<(i64, Input)>) -> (Call, Vec<Output>) {
    let begun = vec![
        (10, refers(LegId::LINE, ALLOWED, None)),
        (11, on(2, picks_up)),
        (12, replied(LegId::CALLER, 200)),
    ];
    talk([begun, script].concat())
}

fn aligned(out: &[Output]) -> Vec<LegId> {
    let legs = out.iter().filter_map(|o| if let Output::Align { leg, .. } = o { Some(*leg) } else { None });
    legs.collect()
}

fn has_it(leg: LegId) -> Input {
    let status = Status::new(200, "OK");
    Input::Replied { leg, what: MidCall::Reinvite, status, payload: Payload::default() }
}

#[test]
fn the_new_line_is_given_what_the_caller_has_answered_and_the_other_way_round() {
    let (_, out) = moved(vec![(12, replied(NEW, 200)), (12, has_it(LegId::CALLER))]);
    assert_eq!(aligned(&out), [NEW, LegId::CALLER]);

    let (_, out) = moved(vec![(12, has_it(NEW)), (13, asks_line())]);
    assert_eq!(aligned(&out), [NEW]);

    // Two that never agree are not asked for ever, and talk all the same.
    let quarrel = (0..20).map(|n| (12, replied(if n % 2 == 0 { NEW } else { LegId::CALLER }, 200)));
    let (call, out) = moved(quarrel.collect());
    assert_eq!(aligned(&out).len(), 5);
    assert!(!call.is_over());
}

#[test]
fn while_sessions_are_aligned_a_change_waits_and_one_that_crosses_makes_it_come_again() {
    let asks = |leg| Input::Asked { leg, what: MidCall::Update, payload: Payload::default() };
    let (mut call, mut out) = moved(vec![(12, asks(LegId::CALLER)), (12, replied(NEW, 491))]);

    assert!(out.iter().any(|o| {
        matches!(o, Output::Reply { leg: LegId::CALLER, what: MidCall::Update, status, .. } if status.code == 491)
    }));
    let again = call.wake_at().unwrap();
    assert!(again <= at(14));
    call.handle(Input::Woken, again, &mut out);
    call.handle(has_it(NEW), again, &mut out);
    assert_eq!(aligned(&out), [NEW, NEW]);
    call.handle(asks(LegId::CALLER), again, &mut out);
    assert!(matches!(out.last(), Some(Output::Ask { leg: NEW, what: MidCall::Update, .. })));
}

#[test]
fn a_number_with_a_prefix_is_dialled_for_the_destination_that_asked_unless_the_trunk_bars_it() {
    let mobile = |uri: &str| Referral {
        uri: uri.into(),
        number: "+33612345678".parse().ok(),
        replaces: None,
        headers: Default::default(),
    };
    let asked = Input::Referred { leg: LegId::LINE, to: mobile("sip:0612345678@192.0.2.2") };
    let barred = Input::Unreachable { leg: NEW, why: Unreachable::Barred };

    let (call, out) = talk(vec![(10, asked), (10, barred)]);

    let counter = "counter".parse().unwrap();
    assert!(out.iter().any(|output| {
        matches!(output, Output::Redial { to: Target::Number { .. }, destination, .. } if *destination == counter)
    }));
    assert_eq!(told(&out), [(100, false), (603, true)]);
    let fact = written(&out)[0];
    assert_eq!((fact.outcome, fact.sip_status, &fact.destination), (TransferOutcome::Refused, 603, &None));
    assert!(!call.is_over());
}
