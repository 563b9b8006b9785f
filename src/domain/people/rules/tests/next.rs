//! Whatever the facts, the next moment is the first at which it is allowed.

use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Facts of whatever kind around a moment: what was said, what was sent, whence they called.
fn any_facts() -> impl Strategy<Value = Facts> {
    let hours = 0_i64..24 * 200;
    let said = (hours.clone(), 0..4_usize, 0..3_usize, prop::option::of(1_i64..2_000));
    (
        prop::collection::vec(said, 0..4),
        prop::collection::vec(hours.clone(), 0..10),
        prop::option::of(hours),
        0..3_usize,
    )
        .prop_map(|(said, sent_hours, missed, place)| {
            let base = time("2026-06-01T00:00:00Z");
            let hour = |hours: i64| base + Duration::from_hours(hours as u64);
            let mut facts = ada();
            facts.addresses = vec![address(["69001", "97400", "98800"][place], "FR")];
            for (n, (at, status, basis, expires)) in said.into_iter().enumerate() {
                let status = [Status::Granted, Status::Granted, Status::Refused, Status::Withdrawn][status];
                let basis = [Basis::Consent, Basis::Contract, Basis::LegitimateInterest][basis];
                let line = line(Channel::Phone, status, basis, TUESDAY);
                let expires_at = expires.map(|hours| hour(at) + Duration::from_hours(hours as u64));
                let id = ConsentId(Uuid::from_u128(n as u128));
                facts.lines.push(Consent { id, at: hour(at), recorded_at: hour(at), expires_at, ..line });
            }
            for at in sent_hours {
                facts.solicitations.push(Solicitation { at: hour(at), ..sent(Channel::Phone, TUESDAY) });
            }
            facts.latest = missed
                .map(|at| Latest {
                    at: hour(at),
                    call: Some((CallId(Uuid::from_u128(9)), Some(Outcome::Missed))),
                    ..act(Deed::Call, TUESDAY)
                })
                .into_iter()
                .collect();
            facts
        })
}

proptest! {
    #[test]
    fn the_next_moment_is_the_first_at_which_it_is_allowed(
        facts in any_facts(),
        asked in 0_u64..24 * 60 * 200,
        between in prop::collection::vec(0.0..1.0_f64, 6),
        capped in any::<bool>(),
    ) {
        let at = time("2026-06-01T00:00:00Z") + Duration::from_mins(asked);
        let id = "cap".parse().unwrap();
        let cap = Cap { id, channel: None, purpose: None, segment: None, limit: Limit { count: 2, days: 9 } };
        let caps = if capped { vec![cap] } else { vec![] };
        let policy = Policy { caps, ..Policy::default() };
        // What came later is not known at the moment that is asked for.
        let mut facts = facts;
        facts.lines.retain(|line| line.at <= at);
        facts.latest.retain(|latest| latest.at <= at);
        let allowed = |at| decide(&facts, &question(Channel::Phone, Kind::Prospecting), &policy, at).allowed;

        let decision = decide(&facts, &question(Channel::Phone, Kind::Prospecting), &policy, at);

        prop_assert!(!(decision.next_at.is_some() && decision.allowed));
        let end = decision.next_at.unwrap_or(at + Duration::from_hours(400 * 24));
        if let Some(next) = decision.next_at {
            prop_assert!(next > at && allowed(next));
            prop_assert!(!allowed(Timestamp::from_ms(next.as_ms() - 1)));
        }
        if !decision.allowed {
            for part in between {
                let span = (end.as_ms() - at.as_ms() - 1) as f64;
                prop_assert!(!allowed(Timestamp::from_ms(at.as_ms() + (span * part) as i64)));
            }
        }
    }
}
