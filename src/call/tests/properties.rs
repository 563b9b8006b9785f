//! What holds for any order of events.

use proptest::prelude::*;

use super::transfers::{ALLOWED, limits, refers};
use super::*;
use crate::call::aligning::{CROSSINGS_MAX, ROUNDS_MAX};
use crate::call::input::Replaces;
use crate::domain::calling::transfer::TransferOutcome;

fn any_request() -> impl Strategy<Value = MidCall> {
    prop_oneof![Just(MidCall::Info), Just(MidCall::Reinvite), Just(MidCall::Update)]
}

/// Mostly the first line, since it is the one that mostly talks.
fn any_side() -> impl Strategy<Value = LegId> {
    prop_oneof![3 => Just(LegId::LINE), 1 => (0_u8..6).prop_map(LegId)]
}

fn other_call() -> CallId {
    CallId(uuid::Uuid::from_u128(9))
}

fn any_target() -> impl Strategy<Value = (&'static str, Option<Replaces>)> {
    let here = Replaces::Here { call: other_call(), leg: LegId::LINE };
    prop_oneof![
        3 => Just((ALLOWED, None)),
        1 => Just((ALLOWED, Some(Replaces::There))),
        1 => Just(("sip:x@192.0.2.9", Some(here))),
        1 => Just(("sip:x@evil.example", None)),
    ]
}

fn any_input() -> impl Strategy<Value = Input> {
    let leg = (0_u8..6).prop_map(LegId);
    let status = prop_oneof![Just(180_u16), Just(302), Just(401), Just(408), Just(480), Just(486), Just(503)]
        .prop_map(|code| Status::new(code, "Any"));
    let payload = Payload::default;
    prop_oneof![
        (leg.clone(), status.clone()).prop_map(move |(leg, status)| Input::Progressed {
            leg,
            status,
            payload: payload()
        }),
        leg.clone().prop_map(move |leg| Input::Answered { leg, payload: payload() }),
        (leg.clone(), status).prop_map(move |(leg, status)| Input::Refused {
            leg,
            status,
            payload: payload()
        }),
        leg.clone().prop_map(|leg| Input::Unreachable { leg, why: Unreachable::Transport }),
        Just(Input::Cancelled),
        leg.clone().prop_map(|leg| Input::HungUp { leg }),
        leg.clone().prop_map(move |leg| Input::Acked { leg, payload: payload() }),
        (leg.clone(), any_request()).prop_map(move |(leg, what)| Input::Asked {
            leg,
            what,
            payload: payload()
        }),
        (leg.clone(), any_request(), prop_oneof![Just(200_u16), Just(488), Just(491)], any::<bool>())
            .prop_map(move |(leg, what, code, says)| Input::Replied {
                leg,
                what,
                status: Status::new(code, "Any"),
                payload: Payload { body: if says { "v=0" } else { "" }.into(), ..payload() }
            }),
        (any_side(), any_target()).prop_map(|(leg, (uri, replaces))| refers(leg, uri, replaces)),
        Just(Input::Taken { by: other_call() }),
        Just(Input::Woken),
        Just(Input::Silent(EndReason::Silence)),
        Just(Input::Stopped),
    ]
}

/// What is known of a leg that was dialled or joined.
#[derive(Default, Clone, Copy)]
struct Known {
    answered: bool,
    /// It was refused, or has hung up by itself.
    gone: bool,
    hung_up: usize,
    cancelled: usize,
}

/// Feeds a call, as the wire would: a leg that is gone says nothing more, one
/// that was not begun does not speak, and an answer comes once.
struct Fed {
    call: Call,
    out: Vec<Output>,
    legs: std::collections::BTreeMap<LegId, Known>,
    read: usize,
    over_at: Option<usize>,
}

impl Fed {
    fn arrive(steps: &[usize]) -> Self {
        let mut out = vec![];
        let id = CallId(uuid::Uuid::nil());
        let call = Call::arrive(id, Some(way(steps)), limits(), Payload::default(), at(0), &mut out);
        let mut fed = Self { call, out, legs: Default::default(), read: 0, over_at: None };
        fed.look();
        fed
    }

    fn feed(&mut self, input: Input, now: Timestamp) {
        if self.call.is_over() {
            // The wire has let go of it.
            return;
        }
        match &input {
            Input::Answered { leg, .. } => {
                let Some(known) = self.legs.get_mut(leg).filter(|it| !it.answered && !it.gone) else {
                    return;
                };
                known.answered = true;
            }
            Input::Refused { leg, .. } | Input::Unreachable { leg, .. } if *leg != LegId::CALLER => {
                let Some(known) = self.legs.get_mut(leg).filter(|it| !it.answered && !it.gone) else {
                    return;
                };
                known.gone = true;
            }
            Input::HungUp { leg } if *leg != LegId::CALLER => {
                let ended = |it: &&mut Known| it.answered && !it.gone && it.hung_up == 0;
                let Some(known) = self.legs.get_mut(leg).filter(ended) else { return };
                known.gone = true;
            }
            _ => {}
        }
        self.call.handle(input, now, &mut self.out);
        self.look();
    }

    fn look(&mut self) {
        for output in &self.out[self.read..] {
            match output {
                Output::Dial { leg, .. } | Output::Redial { leg, .. } | Output::Join { leg, .. } => {
                    let before = self.legs.insert(*leg, Known::default());
                    assert!(before.is_none(), "{leg} is begun once");
                    assert!(self.over_at.is_none(), "{leg} is begun after the end");
                }
                Output::HangUp { leg } => {
                    if let Some(known) = self.legs.get_mut(leg) {
                        known.hung_up += 1;
                    }
                }
                Output::Cancel { leg } => {
                    if let Some(known) = self.legs.get_mut(leg) {
                        known.cancelled += 1;
                    }
                }
                Output::RecordEnded(_) | Output::Done => self.over_at = Some(self.read),
                _ => {}
            }
        }
        self.read = self.out.len();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever comes in whatever order: the call ends once its wake-ups are
    /// obeyed, is recorded exactly once, and leaves no attempt behind.
    #[test]
    fn every_call_ends_is_recorded_once_and_leaves_no_leg(
        steps in proptest::collection::vec(0_usize..4, 0..3),
        script in proptest::collection::vec((0_i64..40, any_input()), 0..32),
    ) {
        let mut fed = Fed::arrive(&steps);
        let mut now = at(0);
        for (wait, input) in script {
            now = now + Duration::from_secs(wait as u64);
            fed.feed(input, now);
        }
        while let Some(wake) = fed.call.wake_at() {
            now = now.max(wake);
            fed.feed(Input::Woken, now);
        }

        let out = &fed.out;
        ended(out);
        prop_assert_eq!(out.iter().filter(|o| **o == Output::Done).count(), 1);
        prop_assert_eq!(out.last(), Some(&Output::Done));
        for (leg, known) in &fed.legs {
            // Nobody is left with a line that thinks it talks: what answered was
            // hung up once, or hung up itself; what did not was withdrawn once, or
            // refused.
            if known.answered {
                prop_assert!(known.hung_up == 1 || known.gone, "{} talks on", leg);
            } else {
                prop_assert!(known.cancelled == 1 || known.gone, "{} rings on", leg);
            }
            prop_assert!(known.hung_up <= 1 && known.cancelled <= 1, "{} is ended twice", leg);
        }
        let answered_caller = out.iter().any(|o| matches!(o, Output::Answer { .. }));
        let refused = out.iter().filter(|o| matches!(o, Output::Refuse { .. })).count();
        prop_assert!(refused <= 1 && !(answered_caller && refused == 1));
        // Each REFER that was accepted comes to one end that is written down.
        let accepted = out.iter().filter(|output| {
            matches!(output, Output::Reply { what: MidCall::Refer, status, .. } if status.code == 202)
        });
        let settled = out.iter().filter(|output| {
            matches!(output, Output::RecordTransferred(fact)
                if fact.outcome != TransferOutcome::Refused && !fact.to.starts_with("call "))
        });
        let transfers = accepted.count();
        prop_assert_eq!(transfers, settled.count());
        // Sessions that never agree are not told to and fro for ever.
        let aligned = out.iter().filter(|output| matches!(output, Output::Align { .. })).count();
        let each = (usize::from(ROUNDS_MAX) + 1) * (usize::from(CROSSINGS_MAX) + 1);
        prop_assert!(aligned <= transfers * each);
    }
}
