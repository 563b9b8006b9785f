//! People made by chance, and how they come into the database.

use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use sqlx::{AnyConnection, Connection};
use uuid::Uuid;
use whence::domain::ids::{ConsentId, ContactId};
use whence::domain::people::consent::{Basis, Channel, Consent, Matter, Method, Status};
use whence::domain::people::rfm::{Class, Rfm, Size};
use whence::domain::people::segment::KINDS;
use whence::domain::time::Timestamp;
use whence::domain::tracking::attribution::Evidence;

use super::filters::{CHANNELS, TEXTS};
use crate::support::town::{NOON, slug};

#[derive(Clone, Debug)]
pub struct Person {
    pub id: ContactId,
    pub merged: bool,
    pub created_at: Timestamp,
    /// As said, given and family name, language.
    pub texts: [Option<&'static str>; 4],
    /// Postcode, city.
    pub addresses: Vec<(Option<&'static str>, Option<&'static str>)>,
    pub fields: Option<Value>,
    /// The kind, whether it is verified, and whether mail to it comes back.
    pub identities: Vec<(&'static str, [bool; 2])>,
    pub deeds: Vec<Done>,
    pub consents: Vec<Consent>,
    pub rfm: Option<Rfm>,
}

#[derive(Clone, Debug)]
pub struct Done {
    pub kind: &'static str,
    pub at: Timestamp,
    pub name: Option<&'static str>,
    pub minor: Option<i64>,
    pub currency: Option<&'static str>,
    pub outcome: Option<&'static str>,
    pub qualification: Option<&'static str>,
    /// Channel, source, medium, campaign.
    pub source: Option<(&'static str, &'static str, &'static str, Option<&'static str>)>,
    /// Of a call: nobody knows where it came from, though a guess is written down.
    pub is_guess: bool,
}

fn moment() -> impl Strategy<Value = Timestamp> {
    // Whole days before now, so that limits are met to the millisecond; some lie ahead.
    (-1_i64..42).prop_map(|days| Timestamp::from_ms(NOON.as_ms() - days * 86_400_000))
}

fn text() -> impl Strategy<Value = Option<&'static str>> {
    prop::option::of(select(&TEXTS[..]))
}

fn done() -> impl Strategy<Value = Done> {
    let kind = prop_oneof![select(&KINDS[..]), select(vec!["visit", "purchase", "call", "custom"])];
    let source = (select(&CHANNELS[..]), select(&TEXTS[..]), select(&TEXTS[..]), text());
    let outcome = select(vec!["answered", "missed", "busy", "abandoned", "voicemail", "blocked", "failed"]);
    // What was given back is no purchase.
    let bought = (-1_000_i64..3_000, select(vec!["EUR", "JPY"]));
    let qualification = select(vec!["lead", "not_a_lead", "sale"]);
    (
        kind,
        moment(),
        text(),
        bought,
        prop::option::of(outcome),
        prop::option::of(qualification),
        prop::option::of(source),
        any::<bool>(),
    )
        .prop_map(|(kind, at, name, (minor, currency), outcome, qualification, source, is_guess)| {
            let (buys, calls) = (kind == "purchase", kind == "call");
            Done {
                kind,
                at,
                name,
                minor: buys.then_some(minor),
                currency: buys.then_some(currency),
                outcome: outcome.filter(|_| calls),
                qualification: qualification.filter(|_| calls),
                source: if kind == "visit" { source.or(Some((CHANNELS[0], "a", "a", None))) } else { source },
                is_guess: is_guess && calls,
            }
        })
}

fn fields() -> impl Strategy<Value = Value> {
    let day = select(vec!["2026-11-01", "2026-11-22", "2026-10-20"]);
    let children = prop_oneof![
        select(vec![json!(0), json!(2), json!(-1.5), json!(3.25)]),
        // As the plan had it before.
        Just(json!("2")),
    ];
    let parts = (
        prop::option::of(select(&TEXTS[..]).prop_map(|it| json!(it))),
        prop::option::of(children),
        prop::option::of(any::<bool>().prop_map(|it| json!(it))),
        prop::option::of(day.prop_map(|it| json!(it))),
        prop::option::of(prop_oneof![select(&TEXTS[..]).prop_map(|it| json!(it)), Just(json!(6))]),
    );
    parts.prop_map(|(loyalty, children, newsletter, since, note)| {
        let named = [
            ("loyalty", loyalty),
            ("children", children),
            ("newsletter", newsletter),
            ("since-2", since),
            ("note", note),
        ];
        named
            .into_iter()
            .filter_map(|(id, value)| Some((id.to_owned(), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    })
}

fn consent() -> impl Strategy<Value = Consent> {
    let matter = (
        select(vec![Channel::Email, Channel::Sms]),
        select(vec!["offers", "news"]),
        select(vec!["shop", "club"]),
    );
    (matter, select(Status::ALL), moment(), prop::option::of(moment()), moment(), any::<u128>()).prop_map(
        |((channel, purpose, controller), status, at, expires_at, recorded_at, id)| Consent {
            id: ConsentId(Uuid::from_u128(id)),
            contact: ContactId(Uuid::nil()),
            matter: Matter { channel, purpose: slug(purpose), controller: slug(controller) },
            status,
            basis: Basis::Consent,
            at,
            expires_at,
            method: Method::Form,
            source: "test".into(),
            reference: None,
            text: None,
            text_version: None,
            actor: None,
            proof: None,
            recorded_at,
            recorded_by: "key:test".into(),
        },
    )
}

fn rfm() -> impl Strategy<Value = Rfm> {
    (1_u8..=5, 1_u8..=5, 1_u8..=5, select(Class::ALL), prop::option::of(select(Size::ALL))).prop_map(
        |(recency, frequency, monetary, class, size)| Rfm { recency, frequency, monetary, class, size },
    )
}

fn person() -> impl Strategy<Value = Person> {
    let identity = (select(vec!["phone", "email", "customer", "visitor"]), any::<[bool; 2]>());
    (
        prop::bool::weighted(0.1),
        moment(),
        [text(), text(), text(), text()],
        prop::collection::vec((text(), text()), 0..3),
        prop::option::of(fields()),
        prop::collection::vec(identity, 0..4),
        prop::collection::vec(done(), 0..8),
        prop::collection::vec(consent(), 0..6),
        prop::option::of(rfm()),
    )
        .prop_map(|(merged, created_at, texts, addresses, fields, identities, deeds, consents, rfm)| {
            Person {
                id: ContactId(Uuid::nil()),
                merged,
                created_at,
                texts,
                addresses,
                fields,
                identities,
                deeds,
                consents,
                rfm,
            }
        })
}

pub fn crowd(runner: &mut TestRunner, size: usize) -> Vec<Person> {
    let person = person();
    (1..=size)
        .map(|nth| {
            let id = ContactId(Uuid::from_u128(nth as u128));
            Person { id, ..person.new_tree(runner).unwrap().current() }
        })
        .collect()
}

/// Writes them into the database, past all rules.
pub async fn settle(url: &str, crowd: &[Person]) {
    let mut db = AnyConnection::connect(url).await.unwrap();
    for sql in [
        "insert into outlets (id, name, in_service) values ('o', 'O', 1)",
        "insert into sites (id, outlet_id, name, origins, in_service) values ('s', 'o', 'S', '[]', 1)",
        "insert into purposes (id, name_en, name_fr, in_service) values ('offers', '', '', 1), ('news', '', '', 1)",
        "insert into controllers (id, name, address, email, in_service) values ('shop', '', '', '', 1), ('club', '', '', '', 1)",
        "insert into contacts (id, created_at) values ('survivor', 0)",
    ] {
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
    sqlx::query("update contacts set merged_into = 'survivor' where id = 'survivor'")
        .execute(&mut db)
        .await
        .unwrap();
    let mut next = 0_u128;
    let mut id = || {
        next += 1;
        Uuid::from_u128(next << 64).to_string()
    };
    for person in crowd {
        let contact = person.id.to_string();
        let addresses: Vec<Value> = person
            .addresses
            .iter()
            .map(|(postcode, city)| json!({"kind": "home", "postcode": postcode, "city": city, "country": "FR"}))
            .collect();
        let [name, given, family, language] = person.texts;
        sqlx::query(
            "insert into contacts (id, created_at, merged_into, name, given_name, family_name, language, addresses, fields) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(&contact)
        .bind(person.created_at.as_ms())
        .bind(person.merged.then_some("survivor"))
        .bind(name)
        .bind(given)
        .bind(family)
        .bind(language)
        .bind((!addresses.is_empty()).then(|| json!(addresses).to_string()))
        .bind(person.fields.as_ref().map(Value::to_string))
        .execute(&mut db)
        .await
        .unwrap();
        if let Some(rfm) = person.rfm {
            sqlx::query(
                "insert into rfm (contact_id, recency, frequency, monetary, class, size) values ($1, $2, $3, $4, $5, $6)",
            )
            .bind(&contact)
            .bind(i32::from(rfm.recency))
            .bind(i32::from(rfm.frequency))
            .bind(i32::from(rfm.monetary))
            .bind(rfm.class.as_str())
            .bind(rfm.size.map(Size::as_str))
            .execute(&mut db)
            .await
            .unwrap();
        }
        for (kind, [verified, bounced]) in &person.identities {
            sqlx::query(
                "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at, verified_at, bounced_at) \
                 values ($1, $2, $3, 0, 0, $4, $5)",
            )
            .bind(*kind)
            .bind(id())
            .bind(&contact)
            .bind(verified.then_some(1_i64))
            .bind(bounced.then_some(1_i64))
            .execute(&mut db)
            .await
            .unwrap();
        }
        for done in &person.deeds {
            insert_deed(&mut db, &contact, [id(), id()], done).await;
        }
        for line in &person.consents {
            sqlx::query(
                "insert into consents (id, contact_id, channel, purpose_id, controller_id, status, basis, at, \
                 expires_at, method, source, recorded_at, recorded_by) \
                 values ($1, $2, $3, $4, $5, $6, 'consent', $7, $8, 'form', 'test', $9, 'key:test')",
            )
            .bind(line.id.to_string())
            .bind(&contact)
            .bind(line.matter.channel.as_str())
            .bind(line.matter.purpose.as_str())
            .bind(line.matter.controller.as_str())
            .bind(line.status.as_str())
            .bind(line.at.as_ms())
            .bind(line.expires_at.map(Timestamp::as_ms))
            .bind(line.recorded_at.as_ms())
            .execute(&mut db)
            .await
            .unwrap();
        }
    }
    db.close().await.unwrap();
}

async fn insert_deed(db: &mut AnyConnection, contact: &str, [id, subject]: [String; 2], done: &Done) {
    let at = done.at.as_ms();
    match (done.kind, done.source) {
        ("visit", Some((channel, source, medium, campaign))) => {
            sqlx::query(
                "insert into visits (id, site_id, visitor_id, started_at, last_seen_at, landing_page, channel, source, \
                 medium, campaign) values ($1, 's', 'v', $2, $2, '', $3, $4, $5, $6)",
            )
            .bind(&subject)
            .bind(at)
            .bind(channel)
            .bind(source)
            .bind(medium)
            .bind(campaign)
            .execute(&mut *db)
            .await
            .unwrap();
        }
        ("call", source) => {
            sqlx::query(
                "insert into calls (id, node, trunk, sip_call_id, number, interrupted, arrived_at, contact_id, outcome, \
                 qualification) values ($1, 'n', 't', '', '+33199000000', 0, $2, $3, $4, $5)",
            )
            .bind(&subject)
            .bind(at)
            .bind(contact)
            .bind(done.outcome)
            .bind(done.qualification)
            .execute(&mut *db)
            .await
            .unwrap();
            if let Some((channel, source, medium, campaign)) = source {
                let evidence = if done.is_guess { Evidence::Background } else { Evidence::StaticNumber };
                // What was believed before counts no more.
                for (version, channel) in [(1, "Affiliates"), (2, channel)] {
                    sqlx::query(
                        "insert into attributions (call_id, version, rank, probability, evidence, channel, source, \
                         medium, campaign, at) values ($1, $2, 0, 1.0, $3, $4, $5, $6, $7, $8)",
                    )
                    .bind(&subject)
                    .bind(version)
                    .bind(serde_json::to_string(&evidence).unwrap())
                    .bind(channel)
                    .bind(source)
                    .bind(medium)
                    .bind(campaign)
                    .bind(at)
                    .execute(&mut *db)
                    .await
                    .unwrap();
                }
            }
        }
        _ => {}
    }
    // Of what goes through the gateway the source stands elsewhere.
    let told = done.source.filter(|_| !matches!(done.kind, "visit" | "call"));
    sqlx::query(
        "insert into engagements (id, contact_id, kind, at, subject, name, amount, currency, channel, came_from, medium, \
         campaign) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(id)
    .bind(contact)
    .bind(done.kind)
    .bind(at)
    .bind(subject)
    .bind(done.name)
    .bind(done.minor)
    .bind(done.currency)
    .bind(told.map(|it| it.0))
    .bind(told.map(|it| it.1))
    .bind(told.map(|it| it.2))
    .bind(told.and_then(|it| it.3))
    .execute(db)
    .await
    .unwrap();
}
