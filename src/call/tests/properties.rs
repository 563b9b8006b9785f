//! What holds for any order of events.

use proptest::prelude::*;

use super::*;

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
        leg.prop_map(move |leg| Input::Asked { leg, what: MidCall::Info, payload: payload() }),
        Just(Input::Woken),
        Just(Input::Stopped),
    ]
}

/// Whether this leg itself said that it is gone.
fn heard_last(script: &[(i64, Input)], of: LegId) -> bool {
    script.iter().any(|(_, input)| match input {
        Input::HungUp { leg } | Input::Refused { leg, .. } | Input::Unreachable { leg, .. } => *leg == of,
        _ => false,
    })
}

proptest! {
    /// Whatever comes in whatever order: the call ends once its wake-ups are
    /// obeyed, is recorded exactly once, and leaves no attempt behind.
    #[test]
    fn every_call_ends_is_recorded_once_and_leaves_no_leg(
        steps in proptest::collection::vec(0_usize..4, 0..3),
        script in proptest::collection::vec((0_i64..40, any_input()), 0..24),
    ) {
        let (mut call, mut out) = arrive(way(&steps));
        let mut now = at(0);
        let mut answered = std::collections::BTreeSet::new();
        let script_of = script.clone();
        for (wait, input) in script {
            now = now + Duration::from_secs(wait as u64);
            let tried = dialled(&out);
            if let Input::Answered { leg, .. } = &input && !call.is_over() && tried.contains(&leg.0) {
                answered.insert(*leg);
            }
            call.handle(input, now, &mut out);
        }
        while let Some(wake) = call.wake_at() {
            now = now.max(wake);
            call.handle(Input::Woken, now, &mut out);
        }

        ended(&out);
        prop_assert_eq!(out.iter().filter(|o| **o == Output::Done).count(), 1);
        prop_assert_eq!(out.last(), Some(&Output::Done));
        // Nobody is left with a line that thinks it talks: what was dialled and not
        // heard of was cancelled, what answered was hung up or hung up itself.
        for leg in dialled(&out).into_iter().map(LegId) {
            let ended = out.contains(&Output::HangUp { leg }) || out.contains(&Output::Cancel { leg });
            let cares = answered.contains(&leg);
            prop_assert!(ended || !cares || heard_last(&script_of, leg), "{leg} is left over");
        }
        let answered_caller = out.iter().any(|o| matches!(o, Output::Answer { .. }));
        let refused = out.iter().filter(|o| matches!(o, Output::Refuse { .. })).count();
        prop_assert!(refused <= 1 && !(answered_caller && refused == 1));
    }
}
