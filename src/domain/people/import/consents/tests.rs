//! Columns about consent, as tools name them and fill them.

use std::collections::BTreeMap;

use super::*;
use crate::domain::people::import::columns::{Mapping, Target};
use crate::domain::people::import::row::{self, Ledger, Row, Table};
use crate::domain::people::purpose::{Controller, Purpose};

/// 2026-11-22, at noon.
const NOW: Timestamp = Timestamp::from_ms(1_795_348_800_000);

fn declared(purposes: &[(&str, &str)], controllers: &[&str]) -> Declared {
    let purpose = |(id, name): &(&str, &str)| Purpose {
        id: id.parse().unwrap(),
        kind: Default::default(),
        name_en: (*id).to_owned(),
        name_fr: (*name).to_owned(),
        channels: vec![],
    };
    let controller = |id: &&str| Controller {
        id: id.parse().unwrap(),
        name: format!("{id} SAS"),
        address: String::new(),
        email: String::new(),
        policy_url: None,
    };
    Declared {
        fields: vec![],
        systems: vec![],
        purposes: purposes.iter().map(purpose).collect(),
        controllers: controllers.iter().map(controller).collect(),
        home: "FR".parse().unwrap(),
    }
}

fn cells(line: &str) -> Vec<String> {
    line.split(';').map(str::to_owned).collect()
}

fn suggested(headings: &str, declared: &Declared) -> String {
    let mapping = Mapping::suggested(&cells(headings), declared);
    let told = mapping.0.iter().map(|it| it.as_ref().map_or("-".to_owned(), Target::to_string));
    told.collect::<Vec<_>>().join(" ")
}

fn read(headings: &str, line: &str, all: &Draft) -> Result<Row, Vec<Problem>> {
    let (columns, declared) = (cells(headings), declared(&[("offers", "Offres")], &["bakery"]));
    let mapping = Mapping::suggested(&columns, &declared);
    let (columns, mapping, declared) = (&columns[..], &mapping, &declared);
    row::read(&cells(line), Table { columns, mapping, declared, consents: all, now: NOW })
}

#[test]
fn a_column_reads_as_it_is_said() {
    for text in [
        "sms.offers",
        "sms.offers.at",
        "sms.offers.bakery",
        "sms.offers.bakery.text_version",
        // Controllers that are called as a part is.
        "sms.offers.source.status",
        "call_recording.quality.source.at",
    ] {
        let column: Column = text.parse().unwrap();
        assert_eq!(column.to_string(), format!("consent.{text}"));
    }
    for text in ["", "sms", "fax.offers", "sms.offers.bakery.when", "sms.offers.a.at.b", "sms.Offers"] {
        assert_eq!(text.parse::<Column>(), Err(BadTarget), "{text}");
    }
}

#[test]
fn headings_of_tools_say_what_was_agreed_to_and_their_opposites_say_nothing() {
    let one = declared(&[("offers", "Offres")], &["bakery"]);
    for (headings, told) in [
        ("Opt-in e-mail;Opt-in e-mail (date)", "consent.email.offers consent.email.offers.at"),
        ("Consentement SMS;Consentement SMS source", "consent.sms.offers consent.sms.offers.source"),
        ("RGPD téléphone;email optin", "consent.phone.offers consent.email.offers"),
        ("Accord courrier;consent.push.offers", "consent.post.offers consent.push.offers"),
        // Whoever guesses these wrong writes to somebody who has said no.
        ("Opt-out email;Email unsubscribed consent;Pas d’accord SMS;Stop SMS consentement", "- - - -"),
        ("Date opt-in email;Consentement", "- -"),
    ] {
        assert_eq!(suggested(headings, &one), told, "{headings}");
    }
    let many = declared(&[("offers", "Offres"), ("news", "Lettre")], &["bakery", "mill"]);
    assert_eq!(
        suggested("Optin email lettre mill;Optin email;consent.sms.news;consent.sms.news.mill", &many),
        "consent.email.news.mill - - consent.sms.news.mill"
    );
}

#[test]
fn a_column_that_goes_with_no_answer_is_told() {
    let declared = declared(&[("offers", "Offres")], &["bakery"]);
    let columns = cells("tel;when;yes");
    let asked = |pairs: &[(&str, &str)]| -> BTreeMap<String, String> {
        pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
    };
    let with = [("tel", "phone"), ("when", "consent.sms.offers.at"), ("yes", "consent.sms.offers")];

    assert!(Mapping::read(&columns, &asked(&with), &declared).unwrap().has_consents());
    let problems = Mapping::read(&columns, &asked(&with[..2]), &declared).unwrap_err();
    assert_eq!((problems.len(), problems[0].column.as_str()), (1, "when"));
    let foreign = [("tel", "phone"), ("yes", "consent.sms.prizes")];
    assert_eq!(Mapping::read(&columns, &asked(&foreign), &declared).unwrap_err()[0].column, "yes");
}

#[test]
fn cells_are_read_in_the_words_of_tools() {
    let headings = "phone;consent.sms.offers;consent.sms.offers.at";
    for (cell, status) in [
        ("granted", Some(Status::Granted)),
        ("Oui", Some(Status::Granted)),
        ("Opt-In", Some(Status::Granted)),
        ("abonné", Some(Status::Granted)),
        ("1", Some(Status::Granted)),
        ("refused", Some(Status::Refused)),
        ("NON", Some(Status::Refused)),
        ("opt-out", Some(Status::Refused)),
        ("Désinscrit", Some(Status::Withdrawn)),
        ("withdrawn", Some(Status::Withdrawn)),
        ("", None),
    ] {
        let row = read(headings, &format!("0612345678;{cell};2026-03-01"), &Draft::default()).unwrap();
        let said = row.consents.first().and_then(|said| said.draft.status.clone());
        assert_eq!(said, status.map(|it| it.to_string()), "{cell}");
    }
    let unknown = read(headings, "0612345678;maybe;2026-03-01", &Draft::default()).unwrap_err();
    assert_eq!(unknown[0].column, "consent.sms.offers");
}

#[test]
fn a_yes_takes_its_time_and_a_no_does_not() {
    let headings = "phone;consent.sms.offers;consent.sms.offers.at";
    let at = |line: &str| {
        let row = read(headings, &format!("0612345678;{line}"), &Draft::default());
        row.map(|row| row.consents[0].draft.at.clone()).map_err(|problems| problems[0].column.clone())
    };
    let some = |text: &str| Ok(Some(text.to_owned()));
    assert_eq!(at("yes;2026-03-01T10:00:00+01:00"), some("2026-03-01T09:00:00.000Z"));
    // A day is the worst of its moments: a yes is as old, and a no as young, as it can be.
    assert_eq!(at("yes;01/03/2026"), some("2026-03-01T00:00:00.000Z"));
    assert_eq!(at("yes;2026-03-01 10:00:00"), some("2026-03-01T00:00:00.000Z"));
    assert_eq!(at("no;1/3/2026 10:00"), some("2026-03-01T23:59:59.999Z"));
    assert_eq!(at("no;2026-11-22"), Ok(None), "today is not over");
    assert_eq!(at("no;"), Ok(None));
    assert_eq!(at("yes;"), Err("consent.sms.offers".to_owned()));
    for text in ["soon", "2026-02-30", "2026-03-01 noon", "13/13/2026"] {
        assert_eq!(at(&format!("yes;{text}")), Err("consent.sms.offers.at".to_owned()), "{text}");
    }
    let all = Draft { at: Some("2026-03-01".into()), source: Some("form".into()), ..Draft::default() };
    let row = read("phone;consent.sms.offers", "0612345678;yes", &all).unwrap();
    assert_eq!(row.consents[0].draft.at.as_deref(), Some("2026-03-01T00:00:00.000Z"));
    assert_eq!(row.consents[0].draft.method.as_deref(), Some("import"));
}

#[test]
fn what_is_said_of_all_answers_is_checked_before_a_row_is_read() {
    let fields = |all: Draft| check(&all, NOW).iter().map(|fault| fault.field).collect::<Vec<_>>();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(fields(Draft::default()), [""; 0]);
    assert_eq!(fields(Draft { at: some("1/3/2026"), method: some("form"), ..Draft::default() }), [""; 0]);
    assert_eq!(fields(Draft { method: some("pre_ticked"), ..Draft::default() }), ["method"]);
    let bad = Draft { at: some("soon"), proof: some("x"), basis: some("hope"), ..Draft::default() };
    assert_eq!(fields(bad), ["basis", "at", "proof"]);
    assert_eq!(fields(Draft { at: some("2026-11-23"), ..Draft::default() }), ["at"]);
}

/// A line of the ledger; `at` in hours before [`NOW`].
fn line(status: Status, hours_ago: i64) -> Consent {
    let at = Timestamp::from_ms(NOW.as_ms() - hours_ago * 3_600_000);
    let draft = Draft {
        channel: Some("sms".into()),
        purpose: Some("offers".into()),
        status: Some(status.to_string()),
        at: Some(at.to_string()),
        method: Some("form".into()),
        source: Some("shop".into()),
        text: Some("May we?".into()),
        expires_at: (status == Status::Granted).then(|| "2027-11-22T12:00:00Z".to_owned()),
        ..Draft::default()
    };
    let (id, contact) = (ConsentId(uuid::Uuid::from_u128(7)), ContactId(uuid::Uuid::nil()));
    let entry = Entry { id, contact, by: "key:7", now: NOW };
    draft.read(entry, &["offers".parse().unwrap()], &["bakery".parse().unwrap()]).unwrap()
}

#[test]
fn what_the_ledger_knows_is_no_news_and_a_no_is_said_once() {
    let (yes, no) = (line(Status::Granted, 5), line(Status::Refused, 3));
    let elsewhere = Consent {
        method: Method::Import,
        source: "b.csv".into(),
        reference: Some("1".into()),
        ..yes.clone()
    };
    let known = [yes.clone()];
    assert!(is_news(&yes, true, &[]));
    assert!(!is_news(&elsewhere, true, &known));
    assert!(is_news(&Consent { text: None, ..yes.clone() }, true, &known), "other words are other words");
    assert!(is_news(&no, true, &known));

    // A no without its time.
    let now = line(Status::Refused, 0);
    assert!(is_news(&now, false, &[]) && is_news(&now, false, &known));
    assert!(!is_news(&now, false, &[yes, no]));
    assert!(!is_news(&now, false, &[line(Status::Withdrawn, 1), line(Status::Pending, 0)]));
}

#[test]
fn how_a_matter_stands_goes_out_and_comes_back_as_it_was() {
    let declared = declared(&[("offers", "Offres")], &["bakery"]);
    let yes = line(Status::Granted, 5);
    let ledger =
        Ledger { matters: vec![yes.matter.clone()], controllers: declared.controllers.clone(), now: NOW };
    let headings = row::headings(&[], &ledger);
    assert!(headings.contains(&"consent.sms.offers".to_owned()), "{headings:?}");

    for (lines, stands) in [
        (vec![yes.clone()], Some(&yes)),
        (vec![yes.clone(), line(Status::Pending, 1)], Some(&yes)),
        (vec![line(Status::Refused, 9), yes.clone()], Some(&yes)),
        (vec![line(Status::Pending, 1)], None),
    ] {
        let written = write(&lines, NOW);
        let columns: Vec<_> = headings.iter().skip_while(|it| !it.starts_with("consent.")).cloned().collect();
        let line = format!("0612345678;{}", written.join(";"));
        let row = read(&format!("phone;{}", columns.join(";")), &line, &Draft::default()).unwrap();
        let read = row.consents.first().map(|said| {
            let draft = Draft { controller: Some("bakery".into()), ..said.draft.clone() };
            let entry = Entry { id: yes.id, contact: yes.contact, by: "key:7", now: NOW };
            draft.read(entry, &["offers".parse().unwrap()], &["bakery".parse().unwrap()]).unwrap()
        });
        assert_eq!(read.as_ref(), stands);
    }
}
