//! Tracking numbers: what the plan says of each, and who has it now.
//!
//! What a lease changes (`free_at`, `lease_id`, `visitor_id`) is written by
//! [`super::leases`] alone; saving a number of the plan never touches it.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use sqlx::any::AnyRow;

use super::filter::Question;
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::calling::recording::RecordingRule;
use crate::domain::calling::routing::{Route, Routes};
use crate::domain::ids::{DestinationId, LeaseId, OutletId, PoolId, SiteId};
use crate::domain::money::Money;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::number::{Medium, NumberKind, StandsIn, TrackingNumber};
use crate::domain::tracking::offline::Offline;
use crate::domain::tracking::swap::StandIn;

/// A number and its latest lease.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NumberRow {
    pub number: TrackingNumber,
    /// Lent or resting until then; long past for a number never lent.
    pub free_at: Timestamp,
    pub lease: Option<LeaseId>,
    /// Since when it is in service, or out of it; `None`: out since before this was kept.
    pub stands_since: Option<Timestamp>,
}

#[derive(Clone, Default, Debug)]
pub struct NumberFilter {
    pub pool: Option<PoolId>,
    pub outlet: Option<OutletId>,
    /// The outlets that the reader sees; `None`: all.
    pub within: Option<Vec<OutletId>>,
    pub destination: Option<DestinationId>,
    /// `true`: those that stand for a medium; `false`: those of pools.
    pub is_static: Option<bool>,
    pub in_service: Option<bool>,
    /// A part of the number or of its label.
    pub search: Option<String>,
}

impl NumberFilter {
    /// Whether anything is looked for.
    pub fn is_anything(&self) -> bool {
        let Self { pool, outlet, destination, is_static, in_service, search, within: _ } = self;
        pool.is_some()
            || outlet.is_some()
            || destination.is_some()
            || is_static.is_some()
            || in_service.is_some()
            || search.is_some()
    }
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select e164, outlet_id, destination_id, label, pool_id, site_id, target, channel, source, ",
            "medium, campaign, calls_at_once, recording, in_service, created_at, free_at, lease_id, stands_since, medium_kind, ",
            "cost_minor, currency, runs_from, runs_until, landing_page from numbers",
            $rest
        )
    };
}

impl Store {
    /// The numbers in order; also those out of service.
    pub async fn list_numbers(
        &self,
        filter: &NumberFilter,
        window: &Window,
    ) -> Result<Page<NumberRow>, StoreError> {
        let mut question = Question::new(select!(""));
        question
            .matching("pool_id = ", filter.pool.as_ref().map(PoolId::as_str))?
            .matching("outlet_id = ", filter.outlet.as_ref().map(OutletId::as_str))?
            .matching("destination_id = ", filter.destination.as_ref().map(DestinationId::as_str))?
            .matching("in_service = ", filter.in_service.map(i32::from))?
            .matching("e164 > ", window.place()?)?;
        if let Some(outlets) = &filter.within {
            question.and("outlet_id in ").among(self.dialect(), outlets)?;
        }
        if let Some(is_static) = filter.is_static {
            question.and(if is_static { "pool_id is null" } else { "pool_id is not null" });
        }
        if let Some(search) = &filter.search {
            let digits: String = search.chars().filter(char::is_ascii_digit).collect();
            let label = format!("%{}%", search.to_lowercase().replace(['%', '_'], ""));
            question.and("(lower(label) like ").value(label)?;
            if digits.len() >= 2 {
                // As people write it at home, its 0 stands for the country's code.
                let digits = format!("%{}%", digits.trim_start_matches('0'));
                question.then(" or e164 like ").value(digits)?;
            }
            question.then(")");
        }
        question.then(" order by e164 limit ").value(window.fetch())?;
        let rows = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(rows, window, |row| row.number.e164.reveal().to_owned()))
    }

    pub async fn find_number(&self, e164: &Phone) -> Result<Option<NumberRow>, StoreError> {
        let row =
            sqlx::query(select!(" where e164 = $1")).bind(e164.reveal()).fetch_optional(self.reads()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// A number in service that is shown on the site in the place of this target,
    /// one of a pool before one that stands in.
    pub async fn find_number_for(&self, site: &SiteId, target: &Phone) -> Result<Option<Phone>, StoreError> {
        let row = sqlx::query(
            "select n.e164 from numbers n left join pools p on p.id = n.pool_id \
             where n.in_service = 1 and (p.site_id = $1 and p.target = $2 or n.site_id = $1 and n.target = $2) \
             order by case when n.pool_id is null then 1 else 0 end, n.e164 limit 1",
        )
        .bind(site.as_str())
        .bind(target.reveal())
        .fetch_optional(self.reads())
        .await?;
        Ok(row.as_ref().map(|row| row.word("e164")).transpose()?)
    }

    /// The numbers that stand in on a site, in service.
    pub async fn list_stand_ins(&self, site: &SiteId) -> Result<Vec<StandIn>, StoreError> {
        let all = self.list_stand_ins_and_outlets(site).await?;
        Ok(all.into_iter().map(|(stand_in, _)| stand_in).collect())
    }

    /// The same, each with its outlet, which need not be that of the site.
    pub async fn list_stand_ins_and_outlets(
        &self,
        site: &SiteId,
    ) -> Result<Vec<(StandIn, OutletId)>, StoreError> {
        let rows = sqlx::query(
            "select e164, outlet_id, target, channel from numbers \
             where site_id = $1 and pool_id is null and in_service = 1 order by e164",
        )
        .bind(site.as_str())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            let stand_in = StandIn {
                target: row.word("target")?,
                channel: row.word("channel")?,
                number: row.word("e164")?,
            };
            Ok((stand_in, row.word("outlet_id")?))
        })?)
    }

    /// The way of every number in service.
    pub async fn load_routes(&self) -> Result<Routes, StoreError> {
        let rows = sqlx::query(
            "select e164, outlet_id, destination_id, calls_at_once, recording from numbers where in_service = 1",
        )
        .fetch_all(self.reads())
        .await?;
        // The numbers of a pool have one rule, which they share.
        let mut rules: HashMap<String, Arc<RecordingRule>> = HashMap::new();
        let mut ways = Vec::with_capacity(rows.len());
        for row in &rows {
            let recording = match row.maybe_text("recording")? {
                None => None,
                Some(text) => Some(match rules.entry(text) {
                    Entry::Occupied(known) => Arc::clone(known.get()),
                    Entry::Vacant(new) => Arc::clone(new.insert(row.json("recording").map(Arc::new)?)),
                }),
            };
            let route = Route {
                destination: row.word("destination_id")?,
                outlet: row.word("outlet_id")?,
                calls_at_once: limit(row)?,
                recording,
            };
            ways.push((row.word("e164")?, route));
        }
        Ok(Routes::new(ways, self.list_destinations().await?))
    }
}

impl Tx {
    /// What the plan says of these numbers; of those that it knows.
    pub async fn find_numbers(&mut self, numbers: &[&Phone]) -> Result<Vec<NumberRow>, StoreError> {
        let mut found = Vec::with_capacity(numbers.len());
        for batch in batches(numbers) {
            let mut many = Many::new(select!(" where e164 in "));
            many.row();
            for number in batch {
                many.value(number.reveal())?;
            }
            found.append(&mut all(many.fetch(self.connection()).await?, read)?);
        }
        Ok(found)
    }

    /// Every number in service.
    pub async fn list_numbers(&mut self) -> Result<Vec<NumberRow>, StoreError> {
        let rows =
            sqlx::query(select!(" where in_service = 1 order by e164")).fetch_all(self.connection()).await?;
        Ok(all(rows, read)?)
    }

    /// Inserts a number of the plan, or changes what the plan says of it.
    ///
    /// A number new here is free at once. One that moves to another pool takes
    /// its lease's times along.
    pub async fn save_number(&mut self, number: &TrackingNumber) -> Result<(), StoreError> {
        self.offers_change();
        let (pool, medium) = match &number.kind {
            NumberKind::Pooled(pool) => (Some(pool), None),
            NumberKind::Static(medium) => (None, Some(medium)),
        };
        let place = medium.and_then(|medium| medium.stands_in.as_ref());
        let offline = medium.and_then(|medium| medium.offline.as_ref());
        let cost = offline.and_then(|it| it.cost);
        let [first, last] =
            offline.and_then(|it| it.runs).map(|days| days.0.ends().map(Some)).unwrap_or_default();
        sqlx::query(
            "insert into numbers (e164, outlet_id, destination_id, label, pool_id, site_id, target, channel, \
             source, medium, campaign, in_service, created_at, free_at, calls_at_once, medium_kind, cost_minor, \
             currency, runs_from, runs_until, landing_page, recording, stands_since) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, $14, $15, $16, $17, $18, $19, $20, $21, $13) \
             on conflict (e164) do update set stands_since = case when numbers.in_service = excluded.in_service \
             then numbers.stands_since else excluded.stands_since end, outlet_id = excluded.outlet_id, \
             destination_id = excluded.destination_id, label = excluded.label, pool_id = excluded.pool_id, \
             site_id = excluded.site_id, target = excluded.target, channel = excluded.channel, \
             source = excluded.source, medium = excluded.medium, campaign = excluded.campaign, \
             in_service = excluded.in_service, calls_at_once = excluded.calls_at_once, \
             medium_kind = excluded.medium_kind, cost_minor = excluded.cost_minor, currency = excluded.currency, \
             runs_from = excluded.runs_from, runs_until = excluded.runs_until, landing_page = excluded.landing_page, \
             recording = excluded.recording",
        )
        .bind(number.e164.reveal())
        .bind(number.outlet.as_str())
        .bind(number.destination.as_str())
        .bind(&number.label)
        .bind(pool.map(PoolId::as_str))
        .bind(place.map(|place| place.site.as_str()))
        .bind(place.map(|place| place.target.reveal()))
        .bind(medium.map(|medium| medium.channel.as_str()))
        .bind(medium.map(|medium| medium.source.as_str()))
        .bind(medium.map(|medium| medium.medium.as_str()))
        .bind(medium.and_then(|medium| medium.campaign.as_deref()))
        .bind(i32::from(number.in_service))
        .bind(number.created_at.as_ms())
        .bind(number.calls_at_once.map(i64::from))
        .bind(offline.map(|it| it.kind.as_str()))
        .bind(cost.and_then(|cost| i64::try_from(cost.minor).ok()))
        .bind(cost.map(|cost| cost.currency.to_string()))
        .bind(first)
        .bind(last)
        .bind(offline.and_then(|it| it.landing_page.as_deref()))
        .bind(number.recording.as_ref().map(|rule| serde_json::to_string(rule).expect("a rule is plain data")))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Lends a number that has just come into service to nobody before `until`,
    /// not even to whoever had it in an earlier life.
    pub async fn age_number(&mut self, e164: &Phone, until: Timestamp) -> Result<(), StoreError> {
        sqlx::query("update numbers set free_at = $1, lease_id = null, visitor_id = null where e164 = $2 and free_at < $1")
            .bind(until.as_ms())
            .bind(e164.reveal())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Takes a number out of service; it stays, with its history.
    pub async fn retire_number(&mut self, e164: &Phone, now: Timestamp) -> Result<(), StoreError> {
        self.offers_change();
        sqlx::query(
            "update numbers set in_service = 0, stands_since = $1 where e164 = $2 and in_service = 1",
        )
        .bind(now.as_ms())
        .bind(e164.reveal())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn limit(row: &AnyRow) -> Result<Option<u32>, sqlx::Error> {
    Ok(row.maybe_int("calls_at_once")?.and_then(|most| u32::try_from(most).ok()))
}

fn offline(row: &AnyRow) -> Result<Option<Offline>, sqlx::Error> {
    let Some(kind) = row.maybe_word("medium_kind")? else { return Ok(None) };
    let minor = row.maybe_int("cost_minor")?.and_then(|minor| u64::try_from(minor).ok());
    let cost = minor.zip(row.maybe_word("currency")?).map(|(minor, currency)| Money { minor, currency });
    let runs = row.maybe_text("runs_from")?.zip(row.maybe_text("runs_until")?);
    // They were written as dates.
    let runs = runs.and_then(|(first, last)| format!("{first}..{last}").parse().ok());
    Ok(Some(Offline { kind, cost, runs, landing_page: row.maybe_text("landing_page")? }))
}

fn read(row: &AnyRow) -> Result<NumberRow, sqlx::Error> {
    let kind = match row.maybe_word("pool_id")? {
        Some(pool) => NumberKind::Pooled(pool),
        None => NumberKind::Static(Medium {
            channel: row.word("channel")?,
            source: row.text("source")?,
            medium: row.text("medium")?,
            campaign: row.maybe_text("campaign")?,
            stands_in: match (row.maybe_word("site_id")?, row.maybe_word("target")?) {
                (Some(site), Some(target)) => Some(StandsIn { site, target }),
                _ => None,
            },
            offline: offline(row)?,
        }),
    };
    let number = TrackingNumber {
        e164: row.word("e164")?,
        outlet: row.word("outlet_id")?,
        destination: row.word("destination_id")?,
        label: row.text("label")?,
        calls_at_once: limit(row)?,
        recording: if row.maybe_text("recording")?.is_some() { Some(row.json("recording")?) } else { None },
        kind,
        in_service: row.flag("in_service")?,
        created_at: row.time("created_at")?,
    };
    Ok(NumberRow {
        number,
        free_at: row.time("free_at")?,
        lease: row.maybe_word("lease_id")?,
        stands_since: row.maybe_time("stands_since")?,
    })
}
