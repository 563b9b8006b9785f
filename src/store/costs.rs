//! What it costs that the telephone rings: lines that somebody wrote, and what the plan says of its media.
//!
//! A deleted line stays, so that it can be put back; and of one key there is one line, which takes over what is
//! sent again.

use jiff::civil::Date;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{CostId, OutletId};
use crate::domain::money::{Currency, Money};
use crate::domain::phone::Phone;
use crate::domain::reporting::cost_lines::Line;
use crate::domain::reporting::costs::{Cost, Days, Of};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

/// A line, and how it came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CostRow {
    pub id: CostId,
    pub line: Line,
    pub created_at: Timestamp,
    pub created_by: String,
    pub changed_at: Timestamp,
    pub deleted_at: Option<Timestamp>,
}

/// Which lines; each condition that is given must hold.
#[derive(Clone, Default, Debug)]
pub struct CostFilter {
    pub channel: Option<Channel>,
    pub outlet: Option<OutletId>,
    /// The outlets that the reader sees; `None`: all, and what is of none.
    pub within: Option<Vec<OutletId>>,
    pub key: Option<String>,
    /// Those that have days on or after this one …
    pub from: Option<Date>,
    /// … and on or before this one.
    pub to: Option<Date>,
}

macro_rules! columns {
    () => {
        "id, first_day, last_day, channel, source, campaign, outlet_id, amount, currency, note, key, created_at, \
         created_by, changed_at, deleted_at"
    };
}

impl Store {
    /// The lines that are not deleted, newest first.
    pub async fn list_costs(
        &self,
        filter: &CostFilter,
        window: &Window,
    ) -> Result<Page<CostRow>, StoreError> {
        let mut question = Question::new(concat!("select ", columns!(), " from costs"));
        question.and("deleted_at is null");
        question
            .matching("channel = ", filter.channel.map(Channel::as_str))?
            .matching("outlet_id = ", filter.outlet.as_ref().map(OutletId::as_str))?
            .matching("key = ", filter.key.as_deref())?
            .matching("last_day >= ", filter.from.map(|day| day.to_string()))?
            .matching("first_day <= ", filter.to.map(|day| day.to_string()))?;
        if let Some(outlets) = &filter.within {
            question.and("outlet_id in ").among(self.dialect(), outlets)?;
        }
        question
            .after_moment("(created_at, id)", window.moment()?)?
            .then(" order by created_at desc, id desc limit ")
            .value(window.fetch())?;
        let rows = all(question.fetch(self.reads()).await?, row)?;
        Ok(Page::cut(rows, window, |row| moment_key(row.created_at, row.id)))
    }

    /// Also one that is deleted.
    pub async fn find_cost(&self, id: CostId) -> Result<Option<CostRow>, StoreError> {
        find(self.reads(), id).await
    }

    /// Everything of which days fall in these: lines that somebody wrote, and media of the plan that say when they run.
    pub async fn list_costs_within(&self, days: Days) -> Result<Vec<Cost>, StoreError> {
        let rows = sqlx::query(
            "select first_day, last_day, channel, source, campaign, outlet_id, amount, currency from costs \
             where deleted_at is null and last_day >= $1 and first_day <= $2 union all \
             select runs_from, runs_until, channel, source, campaign, outlet_id, cost_minor, currency from numbers \
             where pool_id is null and cost_minor is not null and runs_until >= $1 and runs_from <= $2",
        )
        .bind(days.first().to_string())
        .bind(days.last().to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, cost)?)
    }

    /// What the media of the plan cost, by number; those alone that say when they run.
    pub async fn list_costs_of_media(&self) -> Result<Vec<(Phone, Cost)>, StoreError> {
        let rows = sqlx::query(
            "select e164, runs_from as first_day, runs_until as last_day, channel, source, campaign, outlet_id, \
             cost_minor as amount, currency from numbers where pool_id is null and cost_minor is not null \
             and runs_from is not null order by runs_from desc, e164",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.word("e164")?, cost(row)?)))?)
    }
}

impl Tx {
    /// Writes a line. One of the same key takes it over and keeps its id, also when it was deleted.
    pub async fn save_cost(
        &mut self,
        id: CostId,
        line: &Line,
        by: Accessor,
        at: Timestamp,
    ) -> Result<CostRow, StoreError> {
        let saved = sqlx::query(concat!(
            "insert into costs (",
            columns!(),
            ") values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $12, null) \
             on conflict (key) where key is not null do update set first_day = excluded.first_day, \
             last_day = excluded.last_day, channel = excluded.channel, source = excluded.source, \
             campaign = excluded.campaign, outlet_id = excluded.outlet_id, amount = excluded.amount, \
             currency = excluded.currency, note = excluded.note, changed_at = excluded.changed_at, deleted_at = null \
             returning ",
            columns!()
        ));
        let Line { cost: Cost { days, of, money }, note, key } = line;
        let saved = saved
            .bind(id.to_string())
            .bind(days.first().to_string())
            .bind(days.last().to_string())
            .bind(of.channel.as_str())
            .bind(of.source.as_deref())
            .bind(of.campaign.as_deref())
            .bind(of.outlet.as_ref().map(OutletId::as_str))
            .bind(money.minor as i64)
            .bind(money.currency.to_string())
            .bind(note.as_deref())
            .bind(key.as_deref())
            .bind(at.as_ms())
            .bind(by.to_string());
        Ok(row(&saved.fetch_one(self.connection()).await?)?)
    }

    /// Says something else in the place of a line that is there. Its key must be nobody else's.
    pub async fn replace_cost(
        &mut self,
        id: CostId,
        line: &Line,
        at: Timestamp,
    ) -> Result<Option<CostRow>, StoreError> {
        let changed = sqlx::query(concat!(
            "update costs set first_day = $2, last_day = $3, channel = $4, source = $5, campaign = $6, \
             outlet_id = $7, amount = $8, currency = $9, note = $10, key = $11, changed_at = $12 \
             where id = $1 and deleted_at is null returning ",
            columns!()
        ));
        let Line { cost: Cost { days, of, money }, note, key } = line;
        let changed = changed
            .bind(id.to_string())
            .bind(days.first().to_string())
            .bind(days.last().to_string())
            .bind(of.channel.as_str())
            .bind(of.source.as_deref())
            .bind(of.campaign.as_deref())
            .bind(of.outlet.as_ref().map(OutletId::as_str))
            .bind(money.minor as i64)
            .bind(money.currency.to_string())
            .bind(note.as_deref())
            .bind(key.as_deref())
            .bind(at.as_ms());
        Ok(changed.fetch_optional(self.connection()).await?.as_ref().map(row).transpose()?)
    }

    /// Deletes a line, or with `None` puts it back, and gives it as it is then.
    pub async fn mark_cost_deleted(
        &mut self,
        id: CostId,
        at: Option<Timestamp>,
    ) -> Result<Option<CostRow>, StoreError> {
        let marked =
            sqlx::query(concat!("update costs set deleted_at = $2 where id = $1 returning ", columns!()))
                .bind(id.to_string())
                .bind(at.map(Timestamp::as_ms))
                .fetch_optional(self.connection())
                .await?;
        Ok(marked.as_ref().map(row).transpose()?)
    }

    pub async fn find_cost(&mut self, id: CostId) -> Result<Option<CostRow>, StoreError> {
        find(self.connection(), id).await
    }

    /// The line of this key, also one that is deleted.
    pub async fn find_cost_of_key(&mut self, key: &str) -> Result<Option<CostId>, StoreError> {
        let row = sqlx::query("select id from costs where key = $1")
            .bind(key)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.word("id")).transpose()?)
    }

    pub async fn count_costs(&mut self) -> Result<u64, StoreError> {
        let row = sqlx::query("select count(*) as lines from costs").fetch_one(self.connection()).await?;
        Ok(row.int("lines")?.unsigned_abs())
    }
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: CostId) -> Result<Option<CostRow>, StoreError> {
    let found = sqlx::query(concat!("select ", columns!(), " from costs where id = $1"))
        .bind(id.to_string())
        .fetch_optional(on)
        .await?;
    Ok(found.as_ref().map(row).transpose()?)
}

fn row(row: &AnyRow) -> Result<CostRow, sqlx::Error> {
    Ok(CostRow {
        id: row.word("id")?,
        line: Line { cost: cost(row)?, note: row.maybe_text("note")?, key: row.maybe_text("key")? },
        created_at: row.time("created_at")?,
        created_by: row.text("created_by")?,
        changed_at: row.time("changed_at")?,
        deleted_at: row.maybe_time("deleted_at")?,
    })
}

fn cost(row: &AnyRow) -> Result<Cost, sqlx::Error> {
    let (first, last): (Date, Date) = (row.word("first_day")?, row.word("last_day")?);
    let of = Of {
        channel: row.word("channel")?,
        source: row.maybe_text("source")?,
        campaign: row.maybe_text("campaign")?,
        outlet: row.maybe_word("outlet_id")?,
    };
    let currency: Currency = row.word("currency")?;
    let money = Money { minor: row.int("amount")?.unsigned_abs(), currency };
    Ok(Cost { days: Days::new(first, last).unwrap_or_else(|| Days::of_day(first)), of, money })
}
