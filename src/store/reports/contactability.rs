//! How many contacts may be reached, as it was counted last and on the days before.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use crate::domain::ids::{ContactId, ControllerId, PurposeId, SegmentId};
use crate::domain::people::consent::Channel;
use crate::domain::reporting::contactability::Tally;
use crate::domain::time::Timestamp;
use crate::store::many::{Many, batches};
use crate::store::rows::{Columns, all};
use crate::store::{Store, StoreError, Tx};

/// What is counted of whom.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Counted {
    /// `None`: all contacts.
    pub segment: Option<SegmentId>,
    pub channel: Channel,
    pub purpose: PurposeId,
    pub controller: ControllerId,
}

/// How many there were, and might be reached, on a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OfDay {
    /// Days since 1970 (UTC).
    pub day: i64,
    pub contacts: u64,
    pub allowed: u64,
}

impl Store {
    /// Contacts that stand for themselves, by id, those that come after one; at most so many.
    pub async fn list_standing_contacts(&self, after: &str, most: u32) -> Result<Vec<ContactId>, StoreError> {
        let rows = sqlx::query(
            "select id from contacts where id > $1 and merged_into is null and erased_at is null order by id limit $2",
        )
        .bind(after.to_owned())
        .bind(i64::from(most))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| row.word("id"))?)
    }

    /// Which segments contacts are in, of those from the one to the other, both included.
    pub async fn list_segments_between(
        &self,
        from: ContactId,
        to: ContactId,
    ) -> Result<HashMap<ContactId, Vec<SegmentId>>, StoreError> {
        let rows = sqlx::query(
            "select contact_id, segment_id from segment_members where contact_id >= $1 and contact_id <= $2",
        )
        .bind(from.to_string())
        .bind(to.to_string())
        .fetch_all(self.reads())
        .await?;
        let mut segments: HashMap<ContactId, Vec<SegmentId>> = HashMap::new();
        for (contact, segment) in all(rows, |row| Ok((row.word("contact_id")?, row.word("segment_id")?)))? {
            segments.entry(contact).or_default().push(segment);
        }
        Ok(segments)
    }

    /// When contacts were judged last, and what was counted of all of them or of those in a segment then; `None`: nothing.
    pub async fn find_contactability_counts(
        &self,
        segment: Option<&SegmentId>,
    ) -> Result<Option<(Timestamp, Vec<(Counted, Tally)>)>, StoreError> {
        let rows = sqlx::query(
            "select segment_id, channel, purpose_id, controller_id, at, tally from contactability_counts \
             where segment_id = $1 and at = (select max(at) from contactability_counts)",
        )
        .bind(segment.map_or("", SegmentId::as_str).to_owned())
        .fetch_all(self.reads())
        .await?;
        let at = rows.first().map(|row| row.time("at")).transpose()?;
        let counts = all(rows, |row| Ok((counted(row)?, row.json("tally")?)))?;
        Ok(at.map(|at| (at, counts)))
    }

    /// How all contacts stood on each day since this one, the earliest first.
    pub async fn list_contactability_days(
        &self,
        since: i64,
    ) -> Result<HashMap<Counted, Vec<OfDay>>, StoreError> {
        let rows = sqlx::query(
            "select day, segment_id, channel, purpose_id, controller_id, contacts, allowed \
             from contactability_counts where segment_id = '' and day >= $1 order by day",
        )
        .bind(since)
        .fetch_all(self.reads())
        .await?;
        let mut days: HashMap<Counted, Vec<OfDay>> = HashMap::new();
        for row in &rows {
            let count = |column| Ok::<_, sqlx::Error>(row.int(column)?.unsigned_abs());
            let of_day =
                OfDay { day: row.int("day")?, contacts: count("contacts")?, allowed: count("allowed")? };
            days.entry(counted(row)?).or_default().push(of_day);
        }
        Ok(days)
    }
}

impl Tx {
    /// Writes down what was counted at that moment in the place of what that day had, and forgets days before
    /// `oldest`, and what earlier days had of segments.
    pub async fn save_contactability_counts(
        &mut self,
        at: Timestamp,
        oldest: i64,
        counts: &[(Counted, Tally)],
    ) -> Result<(), StoreError> {
        sqlx::query("delete from contactability_counts where day = $1 or day < $2 or segment_id <> ''")
            .bind(at.day())
            .bind(oldest)
            .execute(self.connection())
            .await?;
        for batch in batches(counts) {
            let mut many = Many::new(
                "insert into contactability_counts (day, segment_id, channel, purpose_id, controller_id, at, \
                 contacts, allowed, tally) values ",
            );
            for (of, tally) in batch {
                let text = serde_json::to_string(tally).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
                many.row()
                    .value(at.day())?
                    .value(of.segment.as_ref().map_or("", SegmentId::as_str))?
                    .value(of.channel.as_str())?
                    .value(of.purpose.as_str())?
                    .value(of.controller.as_str())?
                    .value(at.as_ms())?
                    .value(tally.contacts as i64)?
                    .value(tally.allowed as i64)?
                    .value(text)?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }
}

fn counted(row: &AnyRow) -> Result<Counted, sqlx::Error> {
    let segment = row.text("segment_id")?;
    Ok(Counted {
        segment: if segment.is_empty() { None } else { Some(row.word("segment_id")?) },
        channel: row.word("channel")?,
        purpose: row.word("purpose_id")?,
        controller: row.word("controller_id")?,
    })
}
