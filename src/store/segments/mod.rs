//! Segments: what they ask, who is in them, who came and who left.
//!
//! Who fits a filter is asked of the contacts themselves ([`condition`]). Who is
//! in a segment is written down besides ([`members`]), so that it can be told
//! when somebody comes or goes.

mod condition;
mod members;
mod standing;

use std::collections::HashMap;

use futures_util::future::try_join;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::restrictions::usable;
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{ContactId, SegmentId};
use crate::domain::people::segment::{Resolved, Segment};
use crate::domain::time::Timestamp;

pub(super) use condition::Condition;
pub use members::{Changes, Member, Move, Part};

/// A segment, and how it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SegmentRow {
    pub segment: Segment,
    /// When its members were told last; `None`: not yet by this filter.
    pub computed_at: Option<Timestamp>,
    /// How many there were on each day that it was told, in UTC; the latest first.
    pub counts: Vec<(i64, i64)>,
}

impl Store {
    /// How many contacts fit.
    pub async fn count_fitting(&self, filter: &Resolved, now: Timestamp) -> Result<i64, StoreError> {
        // Two halves beside each other: among a million this takes as long as a processor needs.
        let Some(middle) = self.find_middle_contact().await? else { return Ok(0) };
        let half = async |from: &'static str| {
            let mut question = Question::new(concat!(
                "select count(*) as contacts from contacts c where ",
                usable!(),
                " and c.id "
            ));
            question.then(from).value(middle.to_string())?.then(" and ");
            Condition { question: &mut question, dialect: self.dialect(), now }.write(filter)?;
            let rows = question.fetch(self.reads()).await?;
            Ok::<i64, StoreError>(all(rows, |row| row.int("contacts"))?.pop().unwrap_or_default())
        };
        let (before, after) = try_join(half("< "), half(">= ")).await?;
        Ok(before + after)
    }

    /// The contact whom half of them came before.
    async fn find_middle_contact(&self) -> Result<Option<ContactId>, StoreError> {
        let rows = sqlx::query(
            "select id from contacts order by id limit 1 offset (select count(*) / 2 from contacts)",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| row.word("id"))?.pop())
    }

    /// The newest of the contacts who fit.
    pub async fn list_fitting(
        &self,
        filter: &Resolved,
        now: Timestamp,
        most: u32,
    ) -> Result<Vec<ContactId>, StoreError> {
        let mut question = Question::new(concat!("select c.id from contacts c where ", usable!(), " and "));
        Condition { question: &mut question, dialect: self.dialect(), now }.write(filter)?;
        question.then(" order by c.created_at desc, c.id desc limit ").value(i64::from(most))?;
        Ok(all(question.fetch(self.reads()).await?, |row| row.word("id"))?)
    }

    /// Those whose members were never told by their filter, or all of them.
    pub async fn list_due_segments(&self, all_of_them: bool) -> Result<Vec<Segment>, StoreError> {
        let segments = all(sqlx::query(SEGMENTS).fetch_all(self.reads()).await?, read)?.into_iter();
        Ok(segments.filter(|it| all_of_them || it.computed_at.is_none()).map(|it| it.segment).collect())
    }

    /// All of them, those that came along first, each with its counts since this day.
    pub async fn list_segments(&self, since: i64) -> Result<Vec<SegmentRow>, StoreError> {
        let segments = sqlx::query(SEGMENTS).fetch_all(self.reads()).await?;
        let counts = sqlx::query(
            "select segment_id, day, contacts from segment_counts where day >= $1 \
             or (segment_id, day) in (select segment_id, max(day) from segment_counts group by segment_id) \
             order by day desc",
        )
        .bind(since)
        .fetch_all(self.reads())
        .await?;
        let mut of: HashMap<SegmentId, Vec<(i64, i64)>> = HashMap::new();
        for row in counts {
            of.entry(row.word("segment_id")?).or_default().push((row.int("day")?, row.int("contacts")?));
        }
        let mut segments = all(segments, read)?;
        for segment in &mut segments {
            segment.counts = of.remove(&segment.segment.id).unwrap_or_default();
        }
        Ok(segments)
    }
}

impl Tx {
    /// All of them, those that came along first.
    pub async fn list_segments(&mut self) -> Result<Vec<Segment>, StoreError> {
        let rows = sqlx::query(SEGMENTS).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| read(row).map(|it| it.segment))?)
    }

    /// Until this transaction ends nobody else changes a segment: one filter may name others.
    pub async fn hold_segments(&mut self) -> Result<(), StoreError> {
        let sql = self.dialect().pick("", "lock table segments in share row exclusive mode");
        if !sql.is_empty() {
            sqlx::query(sql).execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Inserts a segment, or changes it when it is there already; its members are to be told anew.
    pub async fn save_segment(&mut self, segment: &Segment) -> Result<(), StoreError> {
        sqlx::query(
            "insert into segments (id, name, filter, built_in, changed_at) values ($1, $2, $3, 0, $4) \
             on conflict (id) do update set name = excluded.name, filter = excluded.filter, \
             changed_at = excluded.changed_at, \
             computed_at = case when segments.filter = excluded.filter then segments.computed_at end",
        )
        .bind(segment.id.as_str())
        .bind(&segment.name)
        .bind(&segment.filter)
        .bind(segment.changed_at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes a segment away, with its members and all that was told of it.
    pub async fn delete_segment(&mut self, id: &SegmentId) -> Result<(), StoreError> {
        for sql in [
            "delete from segment_members where segment_id = $1",
            "delete from segment_moves where segment_id = $1",
            "delete from segment_counts where segment_id = $1",
            "delete from segments where id = $1",
        ] {
            sqlx::query(sql).bind(id.as_str()).execute(self.connection()).await?;
        }
        Ok(())
    }
}

const SEGMENTS: &str =
    "select id, name, filter, built_in, changed_at, computed_at from segments order by built_in desc, id";

fn read(row: &AnyRow) -> Result<SegmentRow, sqlx::Error> {
    Ok(SegmentRow {
        segment: Segment {
            id: row.word("id")?,
            name: row.text("name")?,
            filter: row.text("filter")?,
            built_in: row.flag("built_in")?,
            changed_at: row.time("changed_at")?,
        },
        computed_at: row.maybe_time("computed_at")?,
        counts: vec![],
    })
}
