//! Where calls came from, as shares. A later version never overwrites an
//! earlier one: whoever asks gets the newest, and the older ones stay.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::domain::tracking::source::Source;

impl Store {
    /// The shares of the newest version with its number, most likely first.
    pub async fn list_attributions(&self, call: CallId) -> Result<Vec<(i64, Share)>, StoreError> {
        let rows = sqlx::query(
            "select version, visit_id, probability, evidence, channel, source, medium, campaign from attributions \
             where call_id = $1 and version = (select max(version) from attributions where call_id = $1) \
             order by rank",
        )
        .bind(call.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.int("version")?, read(row)?)))?)
    }
}

impl Tx {
    /// Writes one version; `shares` come most likely first.
    pub async fn insert_attribution(
        &mut self,
        call: CallId,
        version: i64,
        shares: &[Share],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        for (rank, share) in (0_i64..).zip(shares) {
            let evidence =
                serde_json::to_string(&share.evidence).map_err(|e| sqlx::Error::Encode(e.into()))?;
            sqlx::query(
                "insert into attributions (call_id, version, rank, visit_id, probability, evidence, channel, \
                 source, medium, campaign, at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            )
            .bind(call.to_string())
            .bind(version)
            .bind(rank)
            .bind(share.visit.map(|id| id.to_string()))
            .bind(share.probability)
            .bind(evidence)
            .bind(share.source.channel.as_str())
            .bind(&share.source.source)
            .bind(&share.source.medium)
            .bind(share.source.campaign.as_deref())
            .bind(at.as_ms())
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }
}

/// Reads a share; its term, content and click stand with the visit alone.
pub(super) fn read(row: &AnyRow) -> Result<Share, sqlx::Error> {
    Ok(Share {
        visit: row.maybe_word("visit_id")?,
        probability: row.float("probability")?,
        evidence: row.json("evidence")?,
        source: Source {
            channel: row.word("channel")?,
            source: row.text("source")?,
            medium: row.text("medium")?,
            campaign: row.maybe_text("campaign")?,
            term: None,
            content: None,
            click_id: None,
        },
    })
}
