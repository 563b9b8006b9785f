//! Each rule by its table.

mod any_hour;
mod identity;
mod next;
mod said;

use std::collections::BTreeMap;

use uuid::Uuid;

use super::*;
use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::{CallId, ConsentId, ContactId, EngagementId};
use crate::domain::people::address;
use crate::domain::people::consent::{Basis, Consent, Matter, Method, Status};
use crate::domain::people::contact::{Ground, Identity, KnownIdentity};
use crate::domain::people::engagement::Kind as Deed;
use crate::domain::people::opposition::Listed;
use crate::domain::people::pressure::{Limit, Solicitation, Which};
use crate::domain::people::quality::{Code, Place};

/// A Tuesday in winter, 11 o'clock in Lyon.
const TUESDAY: &str = "2026-11-24T11:00:00+01:00";

fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn known(identity: Identity) -> KnownIdentity {
    let (first_seen_at, last_seen_at) = (time("2025-01-01T00:00:00Z"), time("2025-01-01T00:00:00Z"));
    KnownIdentity {
        identity,
        ground: Ground::SEEN,
        verified_at: None,
        bounced_at: None,
        first_seen_at,
        last_seen_at,
        source: None,
    }
}

fn address(postcode: &str, country: &str) -> address::Address {
    address::Address {
        kind: address::Kind::Home,
        complement: None,
        line: Some("1 rue du Four".into()),
        locality: None,
        postcode: Some(postcode.into()),
        city: Some("Lyon".into()),
        country: country.parse().unwrap(),
        returned_at: None,
    }
}

/// Somebody in Lyon who has a number and an address of either kind, and has said nothing.
fn ada() -> Facts {
    Facts {
        spoilt: BTreeMap::new(),
        contact: ContactId(Uuid::from_u128(1)),
        created_at: time("2026-01-01T00:00:00Z"),
        identities: vec![
            known(Identity::Phone("+33639980001".parse().unwrap())),
            known(Identity::Email("ada@example.org".parse().unwrap())),
        ],
        addresses: vec![address("69001", "FR")],
        restrictions: vec![],
        lines: vec![],
        lists: vec![],
        latest: vec![],
        solicitations: vec![],
        segments: vec![],
        wishes: vec![],
    }
}

fn line(channel: Channel, status: Status, basis: Basis, at: &str) -> Consent {
    Consent {
        id: ConsentId(Uuid::from_u128(time(at).as_ms() as u128)),
        contact: ContactId(Uuid::from_u128(1)),
        matter: Matter { channel, purpose: "offers".parse().unwrap(), controller: "bakery".parse().unwrap() },
        status,
        basis,
        at: time(at),
        expires_at: None,
        method: if basis == Basis::Consent { Method::Form } else { Method::Rule },
        source: "form".into(),
        reference: None,
        text: None,
        text_version: None,
        actor: None,
        proof: None,
        recorded_at: time(at),
        recorded_by: "key:1".into(),
    }
}

fn yes(channel: Channel) -> Consent {
    line(channel, Status::Granted, Basis::Consent, "2026-02-01T12:00:00Z")
}

fn act(act: Deed, at: &str) -> Latest {
    Latest { id: EngagementId(Uuid::from_u128(7)), act, at: time(at), call: None }
}

fn sent(channel: Channel, at: &str) -> Solicitation {
    Solicitation {
        what: Which::Engagement(EngagementId(Uuid::from_u128(time(at).as_ms() as u128))),
        channel: Some(channel),
        purpose: None,
        prospects: true,
        at: time(at),
    }
}

fn question(channel: Channel, kind: Kind) -> Question {
    let purpose = Purpose {
        id: "offers".parse().unwrap(),
        kind,
        name_en: "Offers".into(),
        name_fr: "Offres".into(),
        channels: REACHING.to_vec(),
    };
    Question { channel, purpose, controller: "bakery".parse().unwrap() }
}

fn ask(facts: &Facts, channel: Channel, at: &str) -> Decision {
    decide(facts, &question(channel, Kind::Prospecting), &Policy::default(), time(at))
}

/// The rules that deny.
fn denying(decision: &Decision) -> Vec<RuleId> {
    let denials = decision.reasons.iter().filter(|reason| reason.verdict == Verdict::Denies);
    denials.map(|reason| reason.rule).collect()
}

#[test]
fn a_call_to_offer_something_asks_for_consent_from_august_2026_on_and_for_no_objection_before() {
    use Basis::{Consent, Contract, LegitimateInterest};
    use Status::{Granted, Refused};
    let said = |status, basis| Some(line(Channel::Phone, status, basis, "2026-02-01T12:00:00Z"));
    let (before, after) = ("2026-08-10T11:00:00+02:00", "2026-08-11T11:00:00+02:00");

    for (lines, at, rules) in [
        (None, before, vec![]),
        (said(Refused, Consent), before, vec![RuleId::PhoneOpposition]),
        (None, after, vec![RuleId::PhoneConsent]),
        (said(Granted, Consent), after, vec![]),
        (said(Granted, Contract), after, vec![]),
        (said(Granted, LegitimateInterest), after, vec![RuleId::PhoneConsent]),
        (said(Refused, Consent), after, vec![RuleId::PhoneConsent]),
    ] {
        let facts = Facts { lines: lines.into_iter().collect(), ..ada() };
        let decision = ask(&facts, Channel::Phone, at);
        assert_eq!(denying(&decision), rules, "{:?} {at}", facts.lines);
        assert_eq!(decision.allowed, rules.is_empty());
    }
    // Whoever objected before may be called no more after; whom nobody asked, neither.
    assert_eq!(ask(&ada(), Channel::Phone, after).next_at, None);
}

#[test]
fn an_open_question_takes_no_objection_away() {
    let refused = line(Channel::Post, Status::Refused, Basis::Consent, "2026-02-01T12:00:00Z");
    let asked = line(Channel::Post, Status::Pending, Basis::Consent, "2026-03-01T12:00:00Z");
    let facts = Facts { lines: vec![refused, asked], ..ada() };

    assert_eq!(denying(&ask(&facts, Channel::Post, TUESDAY)), [RuleId::PostOpposition]);
}

#[test]
fn calls_come_within_the_hours_where_people_live() {
    let lyon = Facts { lines: vec![yes(Channel::Phone)], ..ada() };
    let reunion = Facts { addresses: vec![address("97400", "FR")], ..lyon.clone() };
    let by_number = Facts {
        addresses: vec![],
        identities: vec![known(Identity::Phone("+590690000001".parse().unwrap()))],
        ..lyon.clone()
    };
    for (facts, at, next) in [
        (&lyon, "2026-11-24T10:00:00+01:00", None),
        (&lyon, "2026-11-24T09:59:59.999+01:00", Some("2026-11-24T10:00:00+01:00")),
        (&lyon, "2026-11-24T12:59:59.999+01:00", None),
        (&lyon, "2026-11-24T13:00:00+01:00", Some("2026-11-24T14:00:00+01:00")),
        (&lyon, "2026-11-24T20:00:00+01:00", Some("2026-11-25T10:00:00+01:00")),
        (&lyon, "2026-11-27T20:00:00+01:00", Some("2026-11-30T10:00:00+01:00")),
        // Christmas is a Friday, New Year too.
        (&lyon, "2026-12-24T20:00:00+01:00", Some("2026-12-28T10:00:00+01:00")),
        (&lyon, "2026-12-31T21:00:00+01:00", Some("2027-01-04T10:00:00+01:00")),
        // The clocks go forward in the night to Sunday.
        (&lyon, "2027-03-26T20:00:00+01:00", Some("2027-03-30T10:00:00+02:00")),
        (&lyon, "2026-10-23T20:00:00+02:00", Some("2026-10-26T10:00:00+01:00")),
        (&reunion, "2026-11-24T10:00:00+04:00", None),
        (&reunion, "2026-11-24T10:00:00+01:00", Some("2026-11-24T14:00:00+04:00")),
        (&by_number, "2026-11-24T10:00:00+01:00", Some("2026-11-24T10:00:00-04:00")),
        (&by_number, "2026-11-24T19:59:00-04:00", None),
    ] {
        let decision = ask(facts, Channel::Phone, at);
        assert_eq!(decision.next_at, next.map(time), "{at}: {:?}", decision.reasons);
        assert_eq!(decision.allowed, next.is_none(), "{at}");
    }
    let says = |facts: &Facts, at: &str, why: Why| {
        ask(facts, Channel::Phone, at).reasons.iter().any(|it| it.why == why)
    };
    assert!(says(&lyon, "2026-12-25T11:00:00+01:00", Why::Holiday));
    assert!(says(&lyon, "2026-12-24T21:00:00+01:00", Why::OutOfHours));
    // In Montreal it is five in the morning: nobody here knows.
    let abroad = Facts { addresses: vec![address("H2X", "CA"), address("69001", "FR")], ..lyon.clone() };
    assert!(says(&abroad, TUESDAY, Why::NoZone));
    let number = vec![known(Identity::Phone("+15145550100".parse().unwrap()))];
    let abroad = Facts { addresses: vec![], identities: number, ..lyon.clone() };
    assert!(says(&abroad, TUESDAY, Why::NoZone));
    assert!(says(&lyon, TUESDAY, Why::InHours));
    // London has one time, an hour behind: by its number as by its address.
    let number = vec![known(Identity::Phone("+442079460018".parse().unwrap()))];
    let by_number = Facts { addresses: vec![], identities: number, ..lyon.clone() };
    let by_address = Facts { addresses: vec![address("SW1A 1AA", "GB")], ..lyon.clone() };
    for london in [by_number, by_address] {
        assert!(says(&london, "2026-11-24T10:30:00+01:00", Why::OutOfHours));
        assert!(says(&london, "2026-11-24T10:30:00+00:00", Why::InHours));
        assert!(says(&london, "2026-11-24T20:30:00+01:00", Why::InHours));
    }
    // Before August 2026 consent lifted the hours.
    assert!(ask(&lyon, Channel::Phone, "2026-03-01T22:00:00+01:00").allowed);
}

#[test]
fn nobody_is_called_a_fifth_time_in_thirty_days() {
    let calls =
        ["02", "10", "16", "24"].map(|day| sent(Channel::Phone, &format!("2026-11-{day}T18:00:00+01:00")));
    let mut facts = Facts { lines: vec![yes(Channel::Phone)], solicitations: calls.to_vec(), ..ada() };

    let fifth = ask(&facts, Channel::Phone, "2026-11-25T11:00:00+01:00");
    assert_eq!(denying(&fifth), [RuleId::PhoneAttempts]);
    // The 2nd and thirty days: the 2nd of December, when it opens.
    assert_eq!(fifth.next_at, Some(time("2026-12-02T10:00:00+01:00")));
    let reason = fifth.reasons.iter().find(|reason| reason.rule == RuleId::PhoneAttempts).unwrap();
    assert_eq!((reason.engagements.len(), reason.why.to_string().as_str()), (4, "4 of 4 in 30 days"));
    facts.solicitations.pop();
    assert!(ask(&facts, Channel::Phone, "2026-11-25T11:00:00+01:00").allowed);
    let e_mails = vec![sent(Channel::Email, "2026-11-20T18:00:00+01:00"); 9];
    facts.solicitations.extend(e_mails);
    assert!(ask(&facts, Channel::Phone, "2026-11-25T11:00:00+01:00").allowed);
}

#[test]
fn after_a_refusal_there_are_sixty_days_of_silence_unless_they_say_yes() {
    let mut refusal = line(Channel::Phone, Status::Refused, Basis::Consent, "2026-11-02T18:00:00+01:00");
    refusal.matter.purpose = "news".parse().unwrap();
    let mut facts = Facts { lines: vec![yes(Channel::Phone), refusal], ..ada() };

    let decision = ask(&facts, Channel::Phone, TUESDAY);
    assert_eq!(denying(&decision), [RuleId::PhoneRefusal]);
    // Sixty whole days after the 2nd of November end with the 1st of January; the 2nd is a Saturday.
    assert_eq!(decision.next_at, Some(time("2027-01-04T10:00:00+01:00")));
    facts.lines.push(line(Channel::Phone, Status::Granted, Basis::Consent, "2026-11-10T18:00:00+01:00"));
    assert!(ask(&facts, Channel::Phone, TUESDAY).allowed);
}

#[test]
fn e_mail_and_sms_ask_for_consent_or_for_a_customer_of_similar_products() {
    let interest =
        |channel| line(channel, Status::Granted, Basis::LegitimateInterest, "2026-02-01T12:00:00Z");
    for (channel, rule) in [(Channel::Email, RuleId::EmailConsent), (Channel::Sms, RuleId::SmsConsent)] {
        let bought = vec![act(Deed::Purchase, "2026-03-01T12:00:00Z")];
        for (lines, latest, rules) in [
            (vec![], vec![], vec![rule]),
            (vec![yes(channel)], vec![], vec![]),
            (vec![interest(channel)], vec![], vec![rule]),
            (vec![interest(channel)], bought.clone(), vec![]),
            (
                vec![line(channel, Status::Granted, Basis::Contract, "2026-02-01T12:00:00Z")],
                bought.clone(),
                vec![rule],
            ),
        ] {
            let facts = Facts { lines, latest, ..ada() };
            assert_eq!(denying(&ask(&facts, channel, "2026-11-22T23:00:00Z")), rules, "{:?}", facts.lines);
        }
    }
}

#[test]
fn prospects_are_left_alone_three_years_after_the_last_thing_that_came_from_them() {
    let old = Facts { created_at: time("2023-11-24T10:00:00+01:00"), ..ada() };
    for (latest, expected) in [
        (vec![], vec![RuleId::ProspectRetention]),
        (vec![act(Deed::EmailOpened, "2026-11-01T12:00:00Z")], vec![RuleId::ProspectRetention]),
        (vec![act(Deed::EmailClicked, "2026-11-01T12:00:00Z")], vec![]),
        (vec![act(Deed::Call, "2023-11-24T11:00:01+01:00")], vec![]),
    ] {
        let facts = Facts { latest, ..old.clone() };
        let decision = ask(&facts, Channel::Post, TUESDAY);
        assert_eq!(denying(&decision), expected, "{:?}", facts.latest);
        assert_eq!(decision.next_at, None);
    }
    let contract = line(Channel::Phone, Status::Granted, Basis::Contract, "2023-01-01T00:00:00Z");
    assert!(ask(&Facts { lines: vec![contract], ..old }, Channel::Post, TUESDAY).allowed);
}

#[test]
fn whoever_called_and_was_not_answered_may_be_called_back_for_a_while() {
    let call = |outcome| {
        let call = Some((CallId(Uuid::from_u128(9)), Some(outcome)));
        vec![Latest { call, ..act(Deed::Call, "2026-11-21T18:00:00+01:00") }]
    };
    let missed = Facts { latest: call(Outcome::Missed), ..ada() };
    let (sunday, too_late) = ("2026-11-22T21:00:00+01:00", "2026-11-24T18:00:00+01:00");

    let decision = ask(&missed, Channel::Phone, sunday);
    assert!(decision.allowed, "{:?}", decision.reasons);
    let reason = decision.reasons.last().unwrap();
    assert_eq!((reason.rule, reason.calls.len()), (RuleId::CallBack, 1));
    assert!(reason.why.to_string().ends_with("is service"), "{}", reason.why);
    assert!(!ask(&missed, Channel::Phone, too_late).allowed);
    assert!(!ask(&missed, Channel::Sms, sunday).allowed);
    assert!(!ask(&Facts { latest: call(Outcome::Answered), ..ada() }, Channel::Phone, sunday).allowed);
    // What they have said since holds.
    let no = line(Channel::Phone, Status::Refused, Basis::Consent, "2026-11-22T12:00:00+01:00");
    assert!(!ask(&Facts { lines: vec![no], ..missed }, Channel::Phone, sunday).allowed);
}

#[test]
fn lists_caps_and_the_plan_have_their_say() {
    let lines = vec![yes(Channel::Phone), yes(Channel::Email)];
    let facts = Facts { lines, solicitations: vec![sent(Channel::Email, "2026-11-20T12:00:00Z")], ..ada() };
    let listed = Listed { list: "bloctel".parse().unwrap(), channels: vec![Channel::Phone] };
    let listed = Facts { lists: vec![listed], ..facts.clone() };
    assert_eq!(denying(&ask(&listed, Channel::Phone, TUESDAY)), [RuleId::OppositionList]);
    assert!(ask(&listed, Channel::Email, TUESDAY).allowed);

    let cap = Cap {
        id: "week".parse().unwrap(),
        channel: Some(Channel::Email),
        purpose: None,
        segment: None,
        limit: Limit { count: 1, days: 7 },
    };
    let policy = Policy { caps: vec![cap], ..Policy::default() };
    let capped = decide(&facts, &question(Channel::Email, Kind::Prospecting), &policy, time(TUESDAY));
    assert_eq!(denying(&capped), [RuleId::Cap]);
    assert_eq!(capped.next_at, Some(time("2026-11-27T00:00:00+01:00")));
    assert!(decide(&facts, &question(Channel::Phone, Kind::Prospecting), &policy, time(TUESDAY)).allowed);
    assert!(decide(&facts, &question(Channel::Email, Kind::Service), &policy, time(TUESDAY)).allowed);

    let off = Settings { off: [RuleId::PhoneHours].into(), ..Settings::default() };
    let policy = Policy { settings: off, ..Policy::default() };
    let sunday = time("2026-11-22T21:00:00+01:00");
    assert!(decide(&facts, &question(Channel::Phone, Kind::Prospecting), &policy, sunday).allowed);
}

#[test]
fn service_asks_only_that_they_have_not_objected_to_it() {
    let sunday = time("2026-11-22T21:00:00+01:00");
    let serve = |facts: &Facts| {
        decide(facts, &question(Channel::Phone, Kind::Service), &Policy::default(), sunday).allowed
    };
    let no = line(Channel::Phone, Status::Refused, Basis::Consent, "2026-11-02T18:00:00+01:00");

    assert!(serve(&ada()));
    assert!(!serve(&Facts { lines: vec![no], ..ada() }));
}

#[test]
fn what_was_said_later_does_not_count() {
    let mut facts = ada();
    facts.lines = vec![line(Channel::Email, Status::Granted, Basis::Consent, "2026-11-25T12:00:00Z")];

    assert!(!ask(&facts, Channel::Email, TUESDAY).allowed);
    assert!(ask(&facts, Channel::Email, "2026-11-26T12:00:00Z").allowed);
}

#[test]
fn a_score_tells_the_better_occasion() {
    let fresh = Facts { lines: vec![yes(Channel::Email)], ..ada() };
    let visited = Facts { latest: vec![act(Deed::Visit, TUESDAY)], ..fresh.clone() };

    assert_eq!(ask(&visited, Channel::Email, TUESDAY).score, 100);
    assert!(ask(&fresh, Channel::Email, TUESDAY).score < 100);
    assert_eq!(ask(&ada(), Channel::Email, TUESDAY).score, 0);
}
