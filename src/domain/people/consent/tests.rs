//! What holds after which lines, at which moment.

use std::time::Duration;

use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn line(nth: u128, status: Status, at: i64) -> Consent {
    Consent {
        id: ConsentId(Uuid::from_u128(nth)),
        contact: ContactId(Uuid::from_u128(7)),
        matter: Matter {
            channel: Channel::Phone,
            purpose: "offers".parse().unwrap(),
            controller: "bakery".parse().unwrap(),
        },
        status,
        basis: Basis::Consent,
        at: Timestamp::from_ms(at),
        expires_at: None,
        method: Method::Form,
        source: "order form".to_owned(),
        reference: None,
        text: Some("May we call you?".to_owned()),
        text_version: None,
        actor: None,
        proof: None,
        recorded_at: Timestamp::from_ms(at),
        recorded_by: "key:1".to_owned(),
    }
}

fn until(line: Consent, end: i64) -> Consent {
    Consent { expires_at: Some(Timestamp::from_ms(end)), ..line }
}

fn at(lines: &[Consent], moment: i64) -> Option<Standing> {
    standing(lines, Timestamp::from_ms(moment)).map(|(standing, _)| standing)
}

#[test]
fn the_latest_word_of_before_counts() {
    use Status::{Granted, Refused, Withdrawn};
    let lines = [line(1, Refused, 10), line(2, Granted, 20), line(3, Withdrawn, 30)];

    for (moment, expected) in [
        (9, None),
        (10, Some(Standing::Refused)),
        (29, Some(Standing::Granted)),
        (30, Some(Standing::Withdrawn)),
        (999, Some(Standing::Withdrawn)),
    ] {
        assert_eq!(at(&lines, moment), expected, "{moment}");
    }
}

#[test]
fn what_is_heard_of_late_changes_nothing_that_was_said_after_it() {
    let withdrawn = line(1, Status::Withdrawn, 30);
    let imported = Consent { recorded_at: Timestamp::from_ms(90), ..line(2, Status::Granted, 20) };

    assert_eq!(at(&[withdrawn, imported], 100), Some(Standing::Withdrawn));
}

#[test]
fn in_the_same_moment_the_no_counts() {
    let both = [line(1, Status::Refused, 10), line(2, Status::Granted, 10)];

    assert_eq!(at(&both, 10), Some(Standing::Refused));
}

#[test]
fn to_be_asked_takes_no_consent_away_and_gives_none() {
    use Status::{Granted, Pending, Refused};
    for (lines, expected) in [
        (vec![line(1, Granted, 10), line(2, Pending, 20)], Standing::Granted),
        (vec![line(1, Refused, 10), line(2, Pending, 20)], Standing::Pending),
        (vec![line(1, Pending, 10)], Standing::Pending),
        (vec![line(1, Pending, 10), line(2, Refused, 20)], Standing::Refused),
        (vec![until(line(1, Pending, 10), 50)], Standing::Expired),
        (vec![line(1, Refused, 5), until(line(2, Pending, 10), 50)], Standing::Refused),
        (vec![until(line(1, Granted, 5), 50), line(2, Pending, 10)], Standing::Pending),
    ] {
        assert_eq!(at(&lines, 50), Some(expected), "{lines:?}");
    }
}

#[test]
fn consent_ends_when_its_time_is_over() {
    let lines = [until(line(1, Status::Granted, 10), 20)];

    assert_eq!(at(&lines, 19), Some(Standing::Granted));
    assert_eq!(at(&lines, 20), Some(Standing::Expired));
}

#[test]
fn what_is_missing_to_prove_a_yes_is_told() {
    let said = line(1, Status::Granted, 10);
    let proof = Some(Proof([7; 32]));

    assert_eq!(said.gaps(), [Gap::Proof]);
    assert_eq!(Consent { text: None, ..said.clone() }.gaps(), [Gap::Text, Gap::Proof]);
    assert_eq!(Consent { text: None, text_version: Some("3".to_owned()), proof, ..said.clone() }.gaps(), []);
    assert_eq!(Consent { basis: Basis::Contract, text: None, ..said.clone() }.gaps(), []);
    assert_eq!(Consent { status: Status::Withdrawn, text: None, ..said }.gaps(), []);
}

#[test]
fn a_proof_is_a_sha_256() {
    let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    assert_eq!(hash.parse::<Proof>().unwrap().to_string(), hash);
    for bad in ["", &hash[1..], &hash.replace('b', "g"), &"é".repeat(32)] {
        assert_eq!(bad.parse::<Proof>(), Err(BadProof), "{bad}");
    }
}

proptest! {
    /// In whatever order the lines are read, and whatever comes after the moment.
    #[test]
    fn how_it_stands_depends_on_what_was_said_before_alone(
        said in prop::collection::vec((0..4_usize, 0..50_i64, prop::option::of(1..60_i64)), 0..8),
        moment in 0..60_i64,
        turned in 0..8_usize,
    ) {
        let lines: Vec<Consent> = said.iter().enumerate().map(|(nth, (status, at, end))| {
            let line = line(nth as u128, Status::ALL[*status], *at);
            match end {
                Some(span) => Consent { expires_at: Some(line.at + Duration::from_millis(*span as u64)), ..line },
                None => line,
            }
        }).collect();
        let before: Vec<Consent> = lines.iter().filter(|line| line.at.as_ms() <= moment).cloned().collect();
        let mut other = lines.clone();
        other.rotate_left(turned.min(lines.len()));

        let found = standing(&lines, Timestamp::from_ms(moment));
        prop_assert_eq!(found, standing(&other, Timestamp::from_ms(moment)));
        prop_assert_eq!(found, standing(&before, Timestamp::from_ms(moment)));
        prop_assert_eq!(found.is_none(), before.is_empty());
        if let Some((Standing::Granted, line)) = found {
            prop_assert!(line.status == Status::Granted && !line.is_over(Timestamp::from_ms(moment)));
        }
    }
}

fn draft(change: impl FnOnce(&mut Draft)) -> Draft {
    let mut draft = Draft {
        channel: Some("sms".to_owned()),
        purpose: Some("offers".to_owned()),
        status: Some("granted".to_owned()),
        method: Some("form".to_owned()),
        source: Some(" order form ".to_owned()),
        ..Draft::default()
    };
    change(&mut draft);
    draft
}

fn read(draft: &Draft) -> Result<Consent, Vec<(&'static str, Wrong)>> {
    let (id, contact) = (ConsentId(Uuid::from_u128(1)), ContactId(Uuid::from_u128(7)));
    let entry = Entry { id, contact, by: "key:1", now: Timestamp::from_ms(1_000_000) };
    let [offers, bakery] = ["offers", "bakery"];
    let read = draft.read(entry, &[offers.parse().unwrap()], &[bakery.parse().unwrap()]);
    read.map_err(|faults| faults.into_iter().map(|fault| (fault.field, fault.wrong)).collect())
}

#[test]
fn what_is_left_out_is_now_by_consent_and_before_the_only_controller() {
    let line = read(&draft(|_| {})).unwrap();

    assert_eq!(line.matter.controller.as_str(), "bakery");
    assert_eq!(
        (line.basis, line.at.as_ms(), line.recorded_at.as_ms()),
        (Basis::Consent, 1_000_000, 1_000_000)
    );
    assert_eq!((line.source.as_str(), line.recorded_by.as_str()), ("order form", "key:1"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = draft(|it| {
        it.channel = None;
        it.purpose = Some("ofers".to_owned());
        it.controller = Some("shop".to_owned());
        it.method = Some("pre_ticked".to_owned());
        it.at = Some("1970-01-01T01:00:00Z".to_owned());
        it.expires_at = Some("1970-01-01T00:59:00Z".to_owned());
        it.source = Some(" ".to_owned());
        it.text = Some("x".repeat(4_001));
        it.proof = Some("ab".to_owned());
    });
    let unknown = |word: &str, known: &str| Wrong::Unknown { word: word.to_owned(), known: known.to_owned() };

    assert_eq!(
        read(&wrong).unwrap_err(),
        [
            ("channel", Wrong::Missing),
            ("purpose", unknown("ofers", "offers")),
            ("controller", unknown("shop", "bakery")),
            ("method", Wrong::PreTicked),
            ("at", Wrong::InFuture),
            ("expires_at", Wrong::Backwards),
            ("source", Wrong::Missing),
            ("text", Wrong::TooLong(4_000)),
            ("proof", Wrong::BadProof(BadProof)),
        ]
    );
}

#[test]
fn nobody_consents_by_rule_and_only_consent_is_confirmed() {
    let by_rule = draft(|it| it.method = Some("rule".to_owned()));
    let contract = draft(|it| (it.method, it.basis) = (Some("rule".to_owned()), Some("contract".to_owned())));
    let asked = draft(|it| (it.status, it.basis) = (Some("pending".to_owned()), Some("contract".to_owned())));
    let no_time = draft(|it| it.at = Some("yesterday".to_owned()));

    assert_eq!(read(&by_rule).unwrap_err(), [("method", Wrong::RuleOfConsent)]);
    assert!(read(&contract).is_ok());
    assert_eq!(read(&asked).unwrap_err(), [("basis", Wrong::PendingWithoutConsent)]);
    assert_eq!(read(&no_time).unwrap_err(), [("at", Wrong::BadTime("yesterday".to_owned()))]);
}
