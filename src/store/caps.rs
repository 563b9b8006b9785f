//! What the plan says of whom may be reached: its caps, and which rules are asked.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{StoreError, Tx};
use crate::domain::ids::{CapId, PurposeId, SegmentId};
use crate::domain::people::pressure::{Cap, Limit};
use crate::domain::people::rules::Settings;

impl Tx {
    pub async fn list_caps(&mut self) -> Result<Vec<Cap>, StoreError> {
        let rows =
            sqlx::query("select id, channel, purpose_id, segment_id, most, days from caps order by id")
                .fetch_all(self.connection())
                .await?;
        Ok(all(rows, read)?)
    }

    /// Inserts the cap, or changes it when it is there already.
    pub async fn save_cap(&mut self, cap: &Cap) -> Result<(), StoreError> {
        sqlx::query(
            "insert into caps (id, channel, purpose_id, segment_id, most, days) values ($1, $2, $3, $4, $5, $6) \
             on conflict (id) do update set channel = excluded.channel, purpose_id = excluded.purpose_id, \
             segment_id = excluded.segment_id, most = excluded.most, days = excluded.days",
        )
        .bind(cap.id.as_str())
        .bind(cap.channel.map(|channel| channel.as_str()))
        .bind(cap.purpose.as_ref().map(PurposeId::as_str))
        .bind(cap.segment.as_ref().map(SegmentId::as_str))
        .bind(i64::from(cap.limit.count))
        .bind(i64::from(cap.limit.days))
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn delete_cap(&mut self, id: &CapId) -> Result<(), StoreError> {
        sqlx::query("delete from caps where id = $1").bind(id.as_str()).execute(self.connection()).await?;
        Ok(())
    }

    /// Which rules are asked; the defaults where no plan has said anything.
    pub async fn find_contactability(&mut self) -> Result<Settings, StoreError> {
        let row = sqlx::query("select settings from contactability where id = 1")
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.json("settings")).transpose()?.unwrap_or_default())
    }

    pub async fn save_contactability(&mut self, settings: &Settings) -> Result<(), StoreError> {
        sqlx::query(
            "insert into contactability (id, settings) values (1, $1) \
             on conflict (id) do update set settings = excluded.settings",
        )
        .bind(serde_json::to_string(settings).map_err(|e| sqlx::Error::Encode(e.into()))?)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Cap, sqlx::Error> {
    let count = |column| Ok::<_, sqlx::Error>(u32::try_from(row.int(column)?).unwrap_or(u32::MAX));
    Ok(Cap {
        id: row.word("id")?,
        channel: row.maybe_word("channel")?,
        purpose: row.maybe_word("purpose_id")?,
        segment: row.maybe_word("segment_id")?,
        limit: Limit { count: count("most")?, days: count("days")? },
    })
}
