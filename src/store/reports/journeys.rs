//! What journeys are made of: visits with whose they are, the shares of calls, and the pages that came before them.
//!
//! There may be tens of thousands: each column comes as one text, which takes a fraction of the time of as many rows.

use std::collections::{BTreeSet, HashMap};
use std::str::FromStr;

use sqlx::any::AnyRow;

use crate::domain::ids::{CallId, ContactId, VisitorId};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::journeys::{Came, Person, Rang, Seen, Wanted};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::store::dialect::Dialect;
use crate::store::filter::Question;
use crate::store::rows::{Columns, all, read};
use crate::store::{Store, StoreError};

/// A page that callers saw.
#[derive(Clone, PartialEq, Debug)]
pub struct PageSeen {
    /// Without its query.
    pub page: String,
    /// Calls by visits that saw it before.
    pub calls: f64,
    /// Calls by visits that saw it last.
    pub last: f64,
}

/// The newest calls that are asked for, without what stands behind their conditions.
const NEWEST: &str = "with newest as (select c.id, c.arrived_at, c.contact_id from calls c";

/// The site of the number that was called.
macro_rules! site {
    () => {
        "(select coalesce(o.site_id, n.site_id) from numbers n left join pools o on o.id = n.pool_id \
         where n.e164 = c.number)"
    };
}

/// An address `$url` without what stands behind the page.
macro_rules! page {
    (sqlite $url:literal) => {
        concat!(
            "substr(",
            $url,
            ", 1, min(instr(",
            $url,
            " || '?', '?'), instr(",
            $url,
            " || '#', '#')) - 1)"
        )
    };
    (postgres $url:literal) => {
        concat!("left(", $url, ", least(strpos(", $url, " || '?', '?'), strpos(", $url, " || '#', '#')) - 1)")
    };
}

/// Pages before calls, by shares `its`.
macro_rules! pages_before {
    ($page:expr) => {
        concat!(
            "), seen as (select its.call_id, its.visit_id, its.probability, ",
            $page,
            " as page, max(p.at) as at, max(p.id) as id from its join page_views p on p.visit_id = its.visit_id \
             and p.at <= its.arrived_at group by 1, 2, 3, 4), \
             placed as (select page, probability, row_number() over (partition by call_id, visit_id \
             order by at desc, id desc) as back from seen) \
             select page, sum(probability) as calls, sum(case when back = 1 then probability else 0.0 end) as last \
             from placed where page <> '' group by page order by calls desc, page limit "
        )
    };
}

impl Store {
    /// The visits of these times, the newest first.
    pub async fn list_touches(
        &self,
        wanted: &Wanted,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Came>, StoreError> {
        let mut question = Question::new(
            "select string_agg(cast(started_at as text), ',') as times, string_agg(visitor_id, ',') as visitors, \
             string_agg(coalesce(contact_id, ''), ',') as contacts, string_agg(fits, '') as fit, \
             string_agg(here, '') as here, ",
        );
        question
            .then(labels(self.dialect()))
            .then(" from (select v.visitor_id, v.started_at, ")
            .then(contact(self.dialect()))
            .then(" as contact_id, ")
            .then(of_visit(wanted.dimension))
            .then(" as label, ");
        fits(&mut question, self.dialect(), wanted, of_visit)?.then(" as fits, ");
        match &wanted.outlets {
            None => question.then("'1'"),
            Some(outlets) => {
                question.then("case when v.site_id in (select s.id from sites s where s.outlet_id in ");
                question.among(self.dialect(), &ids(outlets))?.then(") then '1' else '0' end")
            }
        };
        question
            .then(" as here from visits v")
            .matching("v.started_at >= ", Some(from.as_ms()))?
            .matching("v.started_at < ", Some(until.as_ms()))?;
        of_site(&mut question, wanted, "v.site_id = ", "v.site_id is null")?
            .then(" order by v.started_at desc, v.id desc limit ")
            .value(i64::from(limit))?
            .then(") it");
        read_aside(question, self, read_touches).await
    }

    /// The shares of the newest calls of these times, so many calls at most, in no order; and whether there were more.
    pub async fn list_call_shares(
        &self,
        wanted: &Wanted,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<(Vec<Rang>, bool), StoreError> {
        let mut question = Question::new(NEWEST);
        of_calls(&mut question, self.dialect(), wanted, from, until)?
            .then(" order by c.arrived_at desc, c.id desc limit ")
            .value(i64::from(limit) + 1)?
            .then(
                ") select (select count(*) from newest) as many, string_agg(id, ',') as calls, \
                 string_agg(cast(version as text), ',') as versions, string_agg(cast(arrived_at as text), ',') as times, \
                 string_agg(coalesce(visitor_id, ''), ',') as visitors, string_agg(coalesce(known, ''), ',') as known, \
                 string_agg(coalesce(caller, ''), ',') as callers, string_agg(is_medium, '') as media, \
                 string_agg(fits, '') as fit, ",
            )
            .then(probabilities(self.dialect()))
            .then(", ")
            .then(labels(self.dialect()))
            .then(
                " from (select c.id, a.version, c.arrived_at, a.probability, v.visitor_id, \
                 case when v.visitor_id is null then c.contact_id end as caller, \
                 case when v.visitor_id is null and a.channel <> ",
            )
            // What no visit made and no medium tells is known from elsewhere: nothing led up to it.
            .value(Channel::Unassigned.as_str())?
            .then(" then '1' else '0' end as is_medium, ")
            .then(contact(self.dialect()))
            .then(" as known, ")
            .then(of_share(wanted.dimension))
            .then(" as label, ");
        fits(&mut question, self.dialect(), wanted, of_share)?.then(
            " as fits from newest c join attributions a on a.call_id = c.id left join visits v on v.id = a.visit_id) it",
        );
        let (rang, many) = read_aside(question, self, read_shares).await?;
        Ok((rang, many > i64::from(limit)))
    }

    /// The pages that visits saw before they called, in so many of the newest calls of these times and so many of their
    /// visits at most, those with the most calls first. Of an origin that is asked for is the visit itself.
    pub async fn list_pages_before_calls(
        &self,
        wanted: &Wanted,
        (from, until): (Timestamp, Timestamp),
        (calls, visits): (u32, u32),
        limit: u32,
    ) -> Result<Vec<PageSeen>, StoreError> {
        // Where any visit will do, as many calls have as many.
        let calls = if wanted.origin.is_empty() { calls.min(visits) } else { calls };
        let mut question = Question::new(NEWEST);
        of_calls(&mut question, self.dialect(), wanted, from, until)?
            .then(" order by c.arrived_at desc, c.id desc limit ")
            .value(i64::from(calls))?
            .then(
                "), its as (select a.call_id, a.visit_id, a.probability, c.arrived_at from newest c \
                 join attributions a on a.call_id = c.id and a.version = (select max(w.version) \
                 from attribution_versions w where w.call_id = c.id) join visits v on v.id = a.visit_id where 1 = 1",
            );
        for (dimension, label) in &wanted.origin {
            question.then(" and ");
            says(&mut question, self.dialect(), *dimension, label.as_deref(), of_visit)?;
        }
        question
            .then(" order by c.arrived_at desc, c.id desc, a.rank limit ")
            .value(i64::from(visits))?
            .then(
                self.dialect()
                    .pick(pages_before!(page!(sqlite "p.url")), pages_before!(page!(postgres "p.url"))),
            )
            .value(i64::from(limit))?;
        Ok(all(question.fetch(self.reads()).await?, |row| {
            Ok(PageSeen { page: row.text("page")?, calls: row.float("calls")?, last: row.float("last")? })
        })?)
    }
}

/// What calls are asked for, and when.
fn of_calls<'q>(
    question: &'q mut Question,
    dialect: Dialect,
    wanted: &Wanted,
    from: Timestamp,
    until: Timestamp,
) -> Result<&'q mut Question, StoreError> {
    question
        .matching("c.arrived_at >= ", Some(from.as_ms()))?
        .matching("c.arrived_at < ", Some(until.as_ms()))?;
    if let Some(outlets) = &wanted.outlets {
        question.and("c.outlet_id in ").among(dialect, &ids(outlets))?;
    }
    of_site(question, wanted, concat!(site!(), " = "), concat!(site!(), " is null"))
}

fn of_site<'q>(
    question: &'q mut Question,
    wanted: &Wanted,
    is: &'static str,
    is_none: &'static str,
) -> Result<&'q mut Question, StoreError> {
    Ok(match &wanted.site {
        None => question,
        Some(None) => question.and(is_none),
        Some(Some(site)) => question.matching(is, Some(site.clone()))?,
    })
}

fn ids(outlets: &BTreeSet<String>) -> Vec<&String> {
    outlets.iter().collect()
}

/// '1' where a touch says all that is asked for, and '0' elsewhere.
fn fits<'q>(
    question: &'q mut Question,
    dialect: Dialect,
    wanted: &Wanted,
    column: fn(Dimension) -> &'static str,
) -> Result<&'q mut Question, StoreError> {
    question.then("case when 1 = 1");
    for (dimension, label) in &wanted.origin {
        question.then(" and ");
        says(question, dialect, *dimension, label.as_deref(), column)?;
    }
    Ok(question.then(" then '1' else '0' end"))
}

fn says<'q>(
    question: &'q mut Question,
    dialect: Dialect,
    dimension: Dimension,
    label: Option<&str>,
    column: fn(Dimension) -> &'static str,
) -> Result<&'q mut Question, StoreError> {
    let column = match (dimension, column(dimension)) {
        (Dimension::LandingPage, "v.landing_page") => {
            dialect.pick(page!(sqlite "v.landing_page"), page!(postgres "v.landing_page"))
        }
        (_, column) => column,
    };
    question.then(column);
    Ok(match label {
        None => question.then(" is null"),
        Some(label) => question.then(" = ").value(label.to_owned())?,
    })
}

fn of_visit(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Channel => "v.channel",
        Dimension::Source => "v.source",
        Dimension::Medium => "v.medium",
        Dimension::Campaign => "v.campaign",
        Dimension::Term => "v.term",
        Dimension::LandingPage => "v.landing_page",
        Dimension::Device => "v.device",
        _ => NOTHING,
    }
}

/// What is known of a medium off the web, too.
fn of_share(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Channel => "a.channel",
        Dimension::Source => "a.source",
        Dimension::Medium => "a.medium",
        Dimension::Campaign => "a.campaign",
        _ => NOTHING,
    }
}

const NOTHING: &str = "cast(null as text)";

/// Whose the browser of visit `v` is. SQLite would look each up by its primary key, and then in the table.
const fn contact(dialect: Dialect) -> &'static str {
    dialect.pick(
        "(select i.contact_id from identities i indexed by identities_of_visitors \
         where i.kind = 'visitor' and i.value = v.visitor_id)",
        "(select i.contact_id from identities i where i.kind = 'visitor' and i.value = v.visitor_id)",
    )
}

/// Labels hold whatever visitors came with.
const fn labels(dialect: Dialect) -> &'static str {
    dialect.pick("json_group_array(label) as labels", "cast(json_agg(label) as text) as labels")
}

/// As exact as they are.
const fn probabilities(dialect: Dialect) -> &'static str {
    dialect.pick(
        "json_group_array(probability) as probabilities",
        "cast(json_agg(probability) as text) as probabilities",
    )
}

/// The one row of an answer, read on a thread of its own: nobody else is to wait.
async fn read_aside<T: Send + 'static>(
    question: Question,
    store: &Store,
    read: fn(&AnyRow) -> Result<T, sqlx::Error>,
) -> Result<T, StoreError> {
    let row = question.fetch(store.reads()).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
    Ok(tokio::task::spawn_blocking(move || read(&row)).await.map_err(|_| StoreError::Panicked)??)
}

fn read_touches(row: &AnyRow) -> Result<Vec<Came>, sqlx::Error> {
    let whose = each(row, "visitors", word::<VisitorId>)?
        .into_iter()
        .zip(each(row, "contacts", maybe_word::<ContactId>)?)
        .map(|(visitor, contact)| contact.map_or(Person::Visitor(visitor), Person::Contact));
    let said: Vec<Option<String>> = row.json_or_default("labels")?;
    let seen = each(row, "times", word)?.into_iter().map(Timestamp::from_ms).zip(said);
    let marks = marks(row, "fit")?.into_iter().zip(marks(row, "here")?);
    let came = whose.zip(seen).zip(marks);
    Ok(came.map(|((who, (at, label)), (fits, here))| Came { who, at, label, fits, here }).collect())
}

/// And how many calls they are of.
fn read_shares(row: &AnyRow) -> Result<(Vec<Rang>, i64), sqlx::Error> {
    let calls: Vec<(CallId, i64)> =
        each(row, "calls", word)?.into_iter().zip(each(row, "versions", word)?).collect();
    // Of a call the last version counts. Few have several, and to ask for it costs more than to read them all.
    let mut last: HashMap<CallId, i64> = HashMap::with_capacity(calls.len());
    for (call, version) in &calls {
        last.entry(*call).and_modify(|last| *last = (*last).max(*version)).or_insert(*version);
    }
    let whose = each(row, "visitors", maybe_word::<VisitorId>)?
        .into_iter()
        .zip(each(row, "known", maybe_word::<ContactId>)?)
        .map(|(visitor, known)| known.map(Person::Contact).or(visitor.map(Person::Visitor)));
    let media = marks(row, "media")?.into_iter().zip(each(row, "callers", maybe_word)?);
    let said: Vec<Option<String>> = row.json_or_default("labels")?;
    let seen = said.into_iter().zip(marks(row, "fit")?);
    let likely: Vec<f64> = row.json_or_default("probabilities")?;
    let times = each(row, "times", word)?.into_iter().map(Timestamp::from_ms);
    let rang = calls.into_iter().zip(times).zip(whose).zip(media).zip(seen).zip(likely);
    let rang = rang.filter(|(((((call, _), _), _), _), _)| last[&call.0] == call.1).map(
        |(((((call, at), who), (is_medium, caller)), (label, fits)), probability)| {
            let who = who.or(caller.filter(|_| is_medium).map(Person::Contact));
            Rang { call: call.0, at, who, medium: is_medium.then_some(Seen { label, fits }), probability }
        },
    );
    Ok((rang.collect(), row.int("many")?))
}

/// What stands in a column of many rows.
fn each<T>(
    row: &AnyRow,
    column: &str,
    read: impl Fn(&str) -> Result<T, sqlx::Error>,
) -> Result<Vec<T>, sqlx::Error> {
    let text = row.maybe_text(column)?;
    text.iter().flat_map(|text| text.split(',')).map(read).collect()
}

/// One character each.
fn marks(row: &AnyRow, column: &str) -> Result<Vec<bool>, sqlx::Error> {
    Ok(row.maybe_text(column)?.unwrap_or_default().bytes().map(|mark| mark == b'1').collect())
}

fn word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Result<T, sqlx::Error> {
    read(text, "a column of many rows")
}

fn maybe_word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(
    text: &str,
) -> Result<Option<T>, sqlx::Error> {
    if text.is_empty() { Ok(None) } else { word(text).map(Some) }
}
