//! What is counted of many contacts is what a check of each would say, hours aside.

use proptest::prelude::*;

use super::*;
use crate::domain::people::rules::{REACHING, judge};
use crate::domain::reporting::contactability::Tally;

/// A winter's morning, a Sunday, a night; and a day before consent was needed.
const MOMENTS: [&str; 4] =
    [TUESDAY, "2026-11-22T12:00:00Z", "2026-11-24T02:00:00Z", "2026-03-10T11:00:00+01:00"];

fn said() -> impl Strategy<Value = Consent> {
    let status = prop_oneof![
        Just(Status::Granted),
        Just(Status::Granted),
        Just(Status::Refused),
        Just(Status::Withdrawn),
        Just(Status::Pending)
    ];
    let basis = prop_oneof![
        Just(Basis::Consent),
        Just(Basis::Contract),
        Just(Basis::LegitimateInterest),
        Just(Basis::LegalObligation)
    ];
    let on =
        prop_oneof![Just("2022-02-01T12:00:00Z"), Just("2026-02-01T12:00:00Z"), Just("2026-11-20T12:00:00Z")];
    (0..REACHING.len(), status, basis, on, any::<bool>()).prop_map(|(channel, status, basis, at, ends)| {
        Consent {
            expires_at: ends.then(|| time("2026-11-21T00:00:00Z")),
            ..line(REACHING[channel], status, basis, at)
        }
    })
}

fn did() -> impl Strategy<Value = Latest> {
    let kind = prop_oneof![
        Just(Deed::Call),
        Just(Deed::Purchase),
        Just(Deed::EmailBouncedHard),
        Just(Deed::Visit),
        Just(Deed::LetterReturned)
    ];
    (kind, any::<bool>(), any::<bool>()).prop_map(|(kind, lately, missed)| {
        let latest = act(kind, if lately { "2026-11-23T09:00:00Z" } else { "2022-11-23T09:00:00Z" });
        let outcome = if missed { Outcome::Missed } else { Outcome::Answered };
        let call = (kind == Deed::Call).then_some((CallId(Uuid::from_u128(3)), Some(outcome)));
        Latest { call, ..latest }
    })
}

fn somebody() -> impl Strategy<Value = Facts> {
    let identities = proptest::array::uniform3(any::<bool>());
    let lines = proptest::collection::vec(said(), 0..4);
    let latest = proptest::collection::vec(did(), 0..3);
    let sent = proptest::collection::vec((0..REACHING.len(), 1..30_u32), 0..6);
    (identities, any::<bool>(), lines, latest, sent, 0..8_u8).prop_map(
        |([phone, email, bounced], lives, lines, latest, sent, rare)| {
            let ada = ada();
            let mut identities = Vec::new();
            identities.extend(phone.then(|| ada.identities[0].clone()));
            let bounced_at = bounced.then(|| time("2026-03-01T00:00:00Z"));
            identities.extend(email.then(|| KnownIdentity { bounced_at, ..ada.identities[1].clone() }));
            let listed = Listed { list: "bloctel".parse().unwrap(), channels: vec![Channel::Phone] };
            let on = |(channel, day): (usize, u32)| sent_on(REACHING[channel], day);
            Facts {
                created_at: time(if rare == 0 { "2021-01-01T00:00:00Z" } else { "2026-01-01T00:00:00Z" }),
                identities,
                addresses: if lives { ada.addresses.clone() } else { vec![] },
                lines,
                lists: if rare == 1 { vec![listed] } else { vec![] },
                latest,
                solicitations: sent.into_iter().map(on).collect(),
                ..ada
            }
        },
    )
}

fn sent_on(channel: Channel, day: u32) -> Solicitation {
    sent(channel, &format!("2026-11-{day:02}T10:00:00Z"))
}

fn is_of_hours(reason: &Reason) -> bool {
    matches!(reason.rule, RuleId::PhoneHours | RuleId::PhoneHoursUnlessConsent)
}

proptest! {
    #[test]
    fn as_many_are_counted_as_checks_of_each_allow_but_for_hours(
        people in proptest::collection::vec(somebody(), 1..12),
        moment in 0..MOMENTS.len(),
        service in any::<bool>(),
    ) {
        let at = time(MOMENTS[moment]);
        let kind = if service { Kind::Service } else { Kind::Prospecting };
        let cap = Cap { id: "mails".parse().unwrap(), channel: Some(Channel::Email), purpose: None, segment: None, limit: Limit { count: 2, days: 30 } };
        let policy = Policy { caps: vec![cap], ..Policy::default() };
        let at_any_hour = policy.clone().at_any_hour();
        for channel in REACHING {
            let question = question(channel, kind);
            let mut tally = Tally::default();
            let mut allowed = 0;
            for facts in &people {
                let checked = decide(facts, &question, &policy, at);
                let mut denials = checked.reasons.iter().filter(|reason| reason.verdict == Verdict::Denies);
                allowed += u64::from(denials.all(is_of_hours));

                tally.add(facts, &judge(facts, &question, &at_any_hour, at), at);
            }
            prop_assert_eq!((tally.contacts, tally.allowed), (people.len() as u64, allowed));
            prop_assert_eq!(tally.supports.values().sum::<u64>(), allowed);
            let won: u64 = tally.remedies.values().map(|it| it.contacts).sum();
            prop_assert_eq!(allowed + won + tally.settled(), tally.contacts);
            let alone: u64 = tally.obstacles.values().map(|it| it.alone).sum();
            prop_assert!(alone <= tally.contacts - allowed);
            prop_assert!(tally.obstacles.values().all(|it| it.alone <= it.contacts));
            prop_assert!(tally.remedies.values().all(|it| it.with_phone.max(it.with_email) <= it.contacts));
        }
    }
}

/// One contact, counted for prospecting on a Tuesday morning.
fn tallied(facts: &Facts, channel: Channel) -> Tally {
    let mut tally = Tally::default();
    let reasons =
        judge(facts, &question(channel, Kind::Prospecting), &Policy::default().at_any_hour(), time(TUESDAY));
    tally.add(facts, &reasons, time(TUESDAY));
    tally
}

#[test]
fn what_would_win_somebody_is_told_by_all_that_stops_them() {
    use crate::domain::reporting::contactability::Remedy as R;
    let with = |lines: Vec<Consent>| Facts { lines, ..ada() };
    let no_mail = |lines| {
        let facts = with(lines);
        Facts { identities: facts.identities[..1].to_vec(), ..facts }
    };
    let bounced = |lines| {
        let mut facts = with(lines);
        facts.identities[1].bounced_at = Some(time("2026-10-01T00:00:00Z"));
        facts
    };
    let over = Consent { expires_at: Some(time("2026-03-01T00:00:00Z")), ..yes(Channel::Email) };
    let asked = line(Channel::Email, Status::Pending, Basis::Consent, "2026-11-01T00:00:00Z");
    let no = line(Channel::Email, Status::Refused, Basis::Consent, "2026-11-01T00:00:00Z");
    for (facts, wanted) in [
        (with(vec![yes(Channel::Email)]), None),
        (no_mail(vec![yes(Channel::Email)]), Some((R::AskIdentity, 1, 0))),
        (bounced(vec![yes(Channel::Email)]), Some((R::RenewIdentity, 1, 0))),
        (no_mail(vec![]), Some((R::AskBoth, 1, 0))),
        (with(vec![]), Some((R::AskConsent, 1, 1))),
        (with(vec![asked]), Some((R::Confirm, 1, 1))),
        (with(vec![over]), Some((R::RenewConsent, 1, 1))),
        (no_mail(vec![no.clone()]), None),
        (with(vec![no]), None),
    ] {
        let tally = tallied(&facts, Channel::Email);
        let won = tally.remedies.iter().next().map(|(remedy, it)| (*remedy, it.with_phone, it.with_email));
        assert_eq!(won, wanted, "{tally:?}");
    }
}

#[test]
fn the_names_of_what_is_counted_are_the_same_in_the_database_and_the_api() {
    use crate::domain::reporting::contactability::{Obstacle, Remedy, Support};
    for it in Obstacle::ALL {
        assert_eq!(written(it), it.as_str());
    }
    for it in Remedy::ALL {
        assert_eq!(written(it), it.as_str());
    }
    for it in Support::ALL {
        assert_eq!(written(it), it.as_str());
    }
}

fn written(word: impl serde::Serialize) -> String {
    serde_json::to_value(word).unwrap().as_str().unwrap().to_owned()
}
