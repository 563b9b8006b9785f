//! Everything that the tables hold of a person (RGPD art. 15 and 20), table by table, with every column.
//!
//! [`PARTS`] is the whole of it, and goes by the same rows as an erasure does. A test holds it against every column
//! of every table: whoever makes one adds it here, or says in the test why the person is not given it.

use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value};
use sqlx::any::{AnyRow, AnyTypeInfoKind};
use sqlx::{AssertSqlSafe, Column, Row, ValueRef};

use super::erasures::{calls, phones, them, visitors, visits};
use super::{Store, StoreError};
use crate::domain::ids::ContactId;
use crate::domain::time::Timestamp;

/// The rows of a table that are a person's, and what they are given of each.
#[derive(Debug)]
pub struct Part {
    pub table: &'static str,
    /// Separated by a comma and a space.
    pub columns: &'static str,
    /// Where another form of the table is read than itself.
    from: &'static str,
    /// Which rows; `$1` is the contact.
    whose: &'static str,
}

const fn part(table: &'static str, columns: &'static str, whose: &'static str) -> Part {
    Part { table, columns, from: table, whose }
}

macro_rules! recordings {
    () => {
        concat!("(select id from recordings where call_id in ", calls!(), ")")
    };
}

pub const PARTS: &[Part] = &[
    part(
        "contacts",
        "id, created_at, name, given_name, family_name, language, addresses, fields, unread, merged_into",
        concat!("id in ", them!()),
    ),
    part(
        "identities",
        "kind, value, contact_id, first_seen_at, last_seen_at, seen, said, written, verified_at, bounced_at, \
         reached_at, source",
        concat!("contact_id in ", them!()),
    ),
    part("marks", "contact_id, place, code, suggestion, since, source", concat!("contact_id in ", them!())),
    part(
        "consents",
        "id, contact_id, channel, purpose_id, controller_id, status, basis, at, expires_at, method, source, \
         reference, wording, version, actor, proof, recorded_at, recorded_by",
        concat!("contact_id in ", them!()),
    ),
    part(
        "confirmations",
        "consent_id, email, mail_hash, asked_at, expires_at, confirmed_at",
        concat!("consent_id in (select id from consents where contact_id in ", them!(), ")"),
    ),
    part(
        "preference_links",
        "contact_id, purpose_id, made_at, expires_at, revoked_at",
        concat!("contact_id in ", them!()),
    ),
    part(
        "mail_keys",
        "contact_id, opens, email, asked_at, expires_at, confirmed_at",
        concat!("contact_id in ", them!()),
    ),
    part("frequency_wishes", "id, contact_id, channel, wish, at", concat!("contact_id in ", them!())),
    part(
        "mails",
        "id, recipient, subject, made_at, due_at, tries, sent_at, given_up_at, reply",
        concat!(
            "recipient in (select value from identities where kind = 'email' and contact_id in ",
            them!(),
            ")"
        ),
    ),
    part(
        "engagements",
        "id, contact_id, kind, at, subject, source, reference, name, purpose_id, solicits, amount, currency, channel, \
         medium, campaign, properties, came_from, visit_id, outcome, talk_ms, recording",
        concat!("contact_id in ", them!()),
    ),
    part(
        "reservations",
        "id, contact_id, reserved_by, reference, channel, purpose_id, controller_id, at, prospects, state, \
         expires_at, reserved_at, settled_at, decision",
        concat!("contact_id in ", them!()),
    ),
    part(
        "requests",
        "id, contact_id, kind, received_at, came_by, due_at, extended_why, state, why, settled_at, settled_by, \
         recorded_at, recorded_by",
        concat!("contact_id in ", them!()),
    ),
    part(
        "restrictions",
        "id, contact_id, ground, at, by_whom, lifted_at, lifted_by",
        concat!("contact_id in ", them!()),
    ),
    part("segment_members", "segment_id, contact_id, since", concat!("contact_id in ", them!())),
    part("segment_moves", "id, segment_id, contact_id, at, entered", concat!("contact_id in ", them!())),
    part("lookalike_features", "contact_id, features", concat!("contact_id in ", them!())),
    part("rfm", "contact_id, recency, frequency, monetary, class, size", concat!("contact_id in ", them!())),
    part(
        "tasks",
        "id, scenario_id, contact_id, cause, cause_at, state, title, list, due_at, wait_until, why, \
         created_at, settled_at, settled_by, reopened",
        concat!("contact_id in ", them!()),
    ),
    part(
        "calls",
        "id, trunk, sip_call_id, number, caller, destination_id, outlet_id, outcome, sip_status, hung_up_by, \
         interrupted, arrived_at, ringing_at, answered_at, ended_at, contact_id, answered_by, end_reason, \
         qualification, qualified_at, qualified_by",
        concat!("id in ", calls!()),
    ),
    part(
        "screenings",
        "call_id, verdict, rule, block_id, signature, why, attestation, origination, diversions",
        concat!("call_id in ", calls!()),
    ),
    part(
        "transfers",
        "call_id, asked_at, settled_at, asked_by, kind, destination_id, outcome, sip_status, position",
        concat!("call_id in ", calls!()),
    ),
    part("departures", "call_id, leg, trunk, at", concat!("call_id in ", calls!())),
    part(
        "streams",
        "call_id, leg, stream, kind, received, lost, jitter_us, sent, strangers, heard_lost, heard_jitter_us, \
         round_trip_us",
        concat!("call_id in ", calls!()),
    ),
    part("ladders", "call_id, at", concat!("call_id in ", calls!())),
    part("call_notes", "id, call_id, at, by_whom, text", concat!("call_id in ", calls!())),
    part("call_tags", "tag, call_id", concat!("call_id in ", calls!())),
    part(
        "attributions",
        "call_id, version, rank, visit_id, probability, evidence, channel, source, medium, campaign, at",
        concat!("call_id in ", calls!()),
    ),
    part("attribution_versions", "call_id, version, reason, at, priors", concat!("call_id in ", calls!())),
    part(
        "recordings",
        "id, call_id, began_at, purpose, format, rate, ended_at, length_ms, bytes, paused, failure, uploaded_at, \
         delete_at, delete_why, deleted_by, deleted_at",
        concat!("call_id in ", calls!()),
    ),
    part("recording_accesses", "recording_id, at, who, what", concat!("recording_id in ", recordings!())),
    part(
        "visits",
        "id, site_id, visitor_id, started_at, last_seen_at, landing_page, referrer, channel, source, medium, \
         campaign, term, content, click_id, device, country, region",
        concat!("id in ", visits!()),
    ),
    part("page_views", "id, visit_id, at, url, title", concat!("visit_id in ", visits!())),
    part("events", "visit_id, id, at, name, properties, told", concat!("visit_id in ", visits!())),
    part("taps", "visit_id, number, at", concat!("visit_id in ", visits!())),
    part(
        "leases",
        "id, number, visit_id, visitor_id, started_at, last_seen_at, rule",
        concat!("visit_id in ", visits!()),
    ),
    part("unleased", "visit_id, pool_id, rule, why, number, at", concat!("visit_id in ", visits!())),
    // What they are called may have been said in another browser; in theirs, somebody else what they are called.
    part(
        "claims",
        "visit_id, kind, value, at",
        concat!(
            "visit_id in ",
            visits!(),
            " and not exists (select 1 from identities o where o.kind = claims.kind and o.value = claims.value ",
            "and o.contact_id not in ",
            them!(),
            ") or exists (select 1 from identities i where i.kind = claims.kind and i.value = claims.value ",
            "and i.contact_id in ",
            them!(),
            ")"
        ),
    ),
    // One that was undone tells of two people, and they are given what is theirs elsewhere.
    part(
        "merges",
        "id, at, by_whom, into_id, gone_id, why, kind, value, before, after, conflicts",
        concat!("undone_at is null and (into_id in ", them!(), " or gone_id in ", them!(), ")"),
    ),
    part(
        "blocks",
        "id, kind, value, scope_kind, scope, action, until_at, note, planned, created_at",
        concat!("kind = 'number' and value in ", phones!()),
    ),
    // To whom their data was disclosed (art. 15(1) c): programs by their names; who works here has a name of their own.
    Part {
        table: "audit",
        columns: "id, at, who, what, kind, subject",
        from: "(select a.id, a.at, case when a.who like 'user:%' then 'employee' else coalesce(k.name, a.who) end \
               as who, a.what, a.kind, a.subject from audit a left join api_keys k on a.who = 'key:' || k.id) audit",
        whose: concat!(
            "subject in ",
            them!(),
            " or subject in ",
            calls!(),
            " or subject in ",
            visits!(),
            " or subject in ",
            recordings!(),
            " or subject in (select id from consents where contact_id in ",
            them!(),
            ")"
        ),
    },
];

/// Columns of milliseconds that do not end in `_at`.
const TIMES: [&str; 3] = ["at", "since", "wait_until"];
const FLAGS: [&str; 8] =
    ["seen", "said", "written", "solicits", "prospects", "entered", "interrupted", "planned"];
/// Columns of JSON.
const JSON: [&str; 11] = [
    "addresses",
    "fields",
    "unread",
    "told",
    "properties",
    "decision",
    "evidence",
    "paused",
    "before",
    "after",
    "conflicts",
];

impl Store {
    /// The rows of a part that are a contact's, as JSON: times by RFC 3339, what is empty left out.
    pub fn list_held(
        &self,
        part: &Part,
        contact: ContactId,
    ) -> impl Stream<Item = Result<Map<String, Value>, StoreError>> + Send + '_ {
        let Part { columns, from, whose, .. } = part;
        // Safe: a part is text of the program.
        let sql = AssertSqlSafe(format!("select {columns} from {from} where {whose} order by 1, 2"));
        let rows = sqlx::query(sql).bind(contact.to_string()).fetch(self.reads());
        rows.map(|row| Ok(read(&row?)?))
    }
}

fn read(row: &AnyRow) -> Result<Map<String, Value>, sqlx::Error> {
    let mut read = Map::new();
    for column in row.columns() {
        let (at, name) = (column.ordinal(), column.name());
        let value = row.try_get_raw(at)?;
        if value.is_null() {
            continue;
        }
        let kind = value.type_info().kind();
        let value = match kind {
            AnyTypeInfoKind::Text => {
                let text: String = row.try_get(at)?;
                if JSON.contains(&name) {
                    serde_json::from_str(&text).unwrap_or(text.into())
                } else {
                    text.into()
                }
            }
            AnyTypeInfoKind::Real | AnyTypeInfoKind::Double => row.try_get::<f64, _>(at)?.into(),
            _ => match row.try_get::<i64, _>(at)? {
                ms if name.ends_with("_at") || TIMES.contains(&name) => {
                    Timestamp::from_ms(ms).to_string().into()
                }
                flag if FLAGS.contains(&name) => (flag != 0).into(),
                number => number.into(),
            },
        };
        read.insert(name.to_owned(), value);
    }
    Ok(read)
}
