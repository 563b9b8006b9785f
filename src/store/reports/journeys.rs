//! What journeys are made of: visits with whose they are, the shares of calls, and the pages that came before them.
//!
//! There may be hundreds of thousands: each kind comes in one text, which takes a fraction of the time of as many rows.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::str::FromStr;

use serde::Deserialize;

use crate::domain::ids::{CallId, ContactId, VisitorId};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::journeys::{Came, Person, Rang, Seen, Wanted};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::store::dialect::Dialect;
use crate::store::filter::Question;
use crate::store::rows::{Columns, all, read};
use crate::store::{Store, StoreError};

/// Of how many visits of the newest calls the pages are read at most: those of each lie somewhere else in the database.
const CALLERS_MAX: i64 = 4_000;

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

/// A visit, as it comes.
#[derive(Deserialize)]
struct CameRow<'r>(
    #[serde(borrow)] Cow<'r, str>,
    i64,
    #[serde(borrow)] Option<Cow<'r, str>>,
    #[serde(borrow)] Option<Cow<'r, str>>,
    u8,
    u8,
);

/// Of a share: call, when, caller, probability, channel, label, whether it fits, visitor, their contact.
#[derive(Deserialize)]
struct RangRow<'r>(
    #[serde(borrow)] Cow<'r, str>,
    i64,
    #[serde(borrow)] Option<Cow<'r, str>>,
    f64,
    #[serde(borrow)] Cow<'r, str>,
    #[serde(borrow)] Option<Cow<'r, str>>,
    u8,
    #[serde(borrow)] Option<Cow<'r, str>>,
    #[serde(borrow)] Option<Cow<'r, str>>,
);

/// The newest calls that are asked for, without what stands behind their conditions.
macro_rules! newest {
    () => {
        "with newest as (select c.id, c.arrived_at, c.contact_id from calls c"
    };
}

/// What a share of one of them is of.
macro_rules! shares {
    () => {
        " from newest c join attributions a on a.call_id = c.id and a.version = (select max(w.version) \
         from attribution_versions w where w.call_id = c.id) left join visits v on v.id = a.visit_id"
    };
}

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
        let mut question = Question::new(self.dialect().pick(
            "select json_group_array(json_array(visitor_id, started_at, label, contact_id, fits, here)) as gathered \
             from (select v.visitor_id, v.started_at, i.contact_id, ",
            "select coalesce(cast(json_agg(json_build_array(visitor_id, started_at, label, contact_id, fits, here)) \
             as text), '[]') as gathered from (select v.visitor_id, v.started_at, i.contact_id, ",
        ));
        question.then(of_visit(wanted.dimension)).then(" as label, ");
        fits(&mut question, self.dialect(), wanted, of_visit)?.then(" as fits, ");
        match &wanted.outlets {
            None => question.then("1"),
            Some(outlets) => {
                question.then("case when v.site_id in (select s.id from sites s where s.outlet_id in ");
                question.among(self.dialect(), &ids(outlets))?.then(") then 1 else 0 end")
            }
        };
        question.then(
            " as here from visits v left join identities i on i.kind = 'visitor' and i.value = v.visitor_id",
        );
        question
            .matching("v.started_at >= ", Some(from.as_ms()))?
            .matching("v.started_at < ", Some(until.as_ms()))?;
        of_site(&mut question, wanted, "v.site_id = ", "v.site_id is null")?
            .then(" order by v.started_at desc, v.id desc limit ")
            .value(i64::from(limit))?
            .then(") it");
        let text = gathered(question, self).await?;
        let rows: Vec<CameRow<'_>> = parsed(&text)?;
        let came = rows.into_iter().map(|CameRow(visitor, at, label, contact, fits, here)| {
            Ok(Came {
                who: person(&visitor, contact.as_deref())?,
                at: Timestamp::from_ms(at),
                label: label.map(Cow::into_owned),
                fits: fits == 1,
                here: here == 1,
            })
        });
        Ok(came.collect::<Result<_, sqlx::Error>>()?)
    }

    /// The shares of the newest calls of these times, so many calls at most, in no order; and whether there were more.
    pub async fn list_call_shares(
        &self,
        wanted: &Wanted,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<(Vec<Rang>, bool), StoreError> {
        let mut question = Question::new(newest!());
        of_calls(&mut question, self.dialect(), wanted, from, until)?
            .then(" order by c.arrived_at desc, c.id desc limit ")
            .value(i64::from(limit) + 1)?
            .then(self.dialect().pick(
                ") select (select count(*) from newest) as calls, json_group_array(json_array(id, arrived_at, caller, \
                 probability, channel, label, fits, visitor_id, known)) as gathered from (select c.id, c.arrived_at, \
                 c.contact_id as caller, a.probability, a.channel, v.visitor_id, (select i.contact_id from identities i \
                 where i.kind = 'visitor' and i.value = v.visitor_id) as known, ",
                ") select (select count(*) from newest) as calls, coalesce(cast(json_agg(json_build_array(id, \
                 arrived_at, caller, probability, channel, label, fits, visitor_id, known)) as text), '[]') as gathered \
                 from (select c.id, c.arrived_at, c.contact_id as caller, a.probability, a.channel, v.visitor_id, \
                 (select i.contact_id from identities i where i.kind = 'visitor' and i.value = v.visitor_id) as known, ",
            ))
            .then(of_share(wanted.dimension))
            .then(" as label, ");
        fits(&mut question, self.dialect(), wanted, of_share)?.then(concat!(" as fits", shares!(), ") it"));
        let row = question.fetch(self.reads()).await?.pop().ok_or(sqlx::Error::RowNotFound)?;
        let (text, is_cut) = (row.text("gathered")?, row.int("calls")? > i64::from(limit));
        let rows: Vec<RangRow<'_>> = parsed(&text)?;
        let rang = rows.into_iter().map(|row| {
            let RangRow(call, at, caller, probability, channel, label, fits, visitor, known) = row;
            // What no visit made and no medium tells is known from elsewhere: nothing led up to it.
            let medium = (visitor.is_none() && channel != Channel::Unassigned.as_str())
                .then(|| Seen { label: label.map(Cow::into_owned), fits: fits == 1 });
            let who = match &visitor {
                Some(visitor) => Some(person(visitor, known.as_deref())?),
                None => medium.as_ref().and(caller).map(|it| word(&it)).transpose()?.map(Person::Contact),
            };
            let (call, at): (CallId, _) = (word(&call)?, Timestamp::from_ms(at));
            Ok(Rang { call, at, who, medium, probability })
        });
        Ok((rang.collect::<Result<_, sqlx::Error>>()?, is_cut))
    }

    /// The pages that visits saw before they called, in the newest calls of these times (so many at most), those with the
    /// most calls first. Of an origin that is asked for is the visit itself.
    pub async fn list_pages_before_calls(
        &self,
        wanted: &Wanted,
        (from, until): (Timestamp, Timestamp),
        calls: u32,
        limit: u32,
    ) -> Result<Vec<PageSeen>, StoreError> {
        let mut question = Question::new(newest!());
        of_calls(&mut question, self.dialect(), wanted, from, until)?
            .then(" order by c.arrived_at desc, c.id desc limit ")
            .value(i64::from(calls))?
            .then(concat!(
                "), its as (select a.call_id, a.visit_id, a.probability, c.arrived_at",
                shares!(),
                " where a.visit_id is not null"
            ));
        for (dimension, label) in &wanted.origin {
            question.then(" and ");
            says(&mut question, self.dialect(), *dimension, label.as_deref(), of_visit)?;
        }
        question
            .then(" order by c.arrived_at desc, c.id desc, a.rank limit ")
            .value(CALLERS_MAX)?
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

/// 1 where a touch says all that is asked for, and 0 elsewhere.
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
    Ok(question.then(" then 1 else 0 end"))
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

async fn gathered(question: Question, store: &Store) -> Result<String, StoreError> {
    let rows = question.fetch(store.reads()).await?;
    Ok(rows.first().map_or_else(|| Ok("[]".to_owned()), |row| row.text("gathered"))?)
}

fn parsed<'t, T: Deserialize<'t>>(text: &'t str) -> Result<Vec<T>, sqlx::Error> {
    serde_json::from_str(text).map_err(|cause| sqlx::Error::Decode(cause.into()))
}

fn word<T: FromStr<Err: std::error::Error + Send + Sync + 'static>>(text: &str) -> Result<T, sqlx::Error> {
    read(text, "gathered")
}

fn person(visitor: &str, contact: Option<&str>) -> Result<Person, sqlx::Error> {
    Ok(match contact {
        Some(contact) => Person::Contact(word::<ContactId>(contact)?),
        None => Person::Visitor(word::<VisitorId>(visitor)?),
    })
}
