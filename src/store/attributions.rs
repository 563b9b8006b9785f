//! Where calls came from, as shares. A later version never overwrites an
//! earlier one: whoever asks gets the newest, and the older ones stay.

use sqlx::any::AnyRow;

use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{CallId, VisitorId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Reason, Reckoned, Share};
use crate::domain::tracking::source::Source;

/// One reckoning of where a call came from.
#[derive(Clone, PartialEq, Debug)]
pub struct Version {
    /// Counts up from 1.
    pub version: i64,
    pub reason: Reason,
    pub at: Timestamp,
    /// The version of the learned priors that it was reckoned by; `None`: the stated ones, or none.
    pub priors: Option<i64>,
    /// The most likely first.
    pub shares: Vec<Share>,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select v.version, v.reason, v.at, v.priors, a.visit_id, a.probability, a.evidence, a.channel, a.source, ",
            "a.medium, a.campaign from attribution_versions v join attributions a on a.call_id = v.call_id ",
            "and a.version = v.version where v.call_id = $1",
            $rest
        )
    };
}

impl Store {
    /// Every version, the newest first; none while the call's number is none of ours.
    pub async fn list_attributions(&self, call: CallId) -> Result<Vec<Version>, StoreError> {
        let rows = sqlx::query(select!(" order by v.version desc, a.rank"))
            .bind(call.to_string())
            .fetch_all(self.reads())
            .await?;
        Ok(versions(&rows)?)
    }

    /// The newest version.
    pub async fn find_attribution(&self, call: CallId) -> Result<Option<Version>, StoreError> {
        newest(self.reads(), call).await
    }
}

impl Tx {
    pub async fn find_attribution(&mut self, call: CallId) -> Result<Option<Version>, StoreError> {
        newest(self.connection(), call).await
    }

    /// Writes the version that follows `before`; `shares` come most likely first.
    ///
    /// `false`: another node has written that version meanwhile; nothing is changed.
    pub async fn insert_attribution(
        &mut self,
        call: CallId,
        before: i64,
        reason: Reason,
        reckoned: &Reckoned,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let version = before + 1;
        let claimed = sqlx::query(
            "insert into attribution_versions (call_id, version, reason, at, priors) values ($1, $2, $3, $4, $5) \
             on conflict (call_id, version) do nothing",
        )
        .bind(call.to_string())
        .bind(version)
        .bind(reason.as_str())
        .bind(at.as_ms())
        .bind(reckoned.priors)
        .execute(self.connection())
        .await?;
        if claimed.rows_affected() == 0 {
            return Ok(false);
        }
        let shares: Vec<Placed<'_>> = placed(call, version, at, &reckoned.shares).collect();
        self.insert_shares(&shares).await?;
        Ok(true)
    }

    /// Writes the first version for each of these calls, which have just arrived.
    pub async fn insert_first_attributions(
        &mut self,
        calls: &[(CallId, Timestamp, Reckoned)],
    ) -> Result<(), StoreError> {
        for batch in batches(calls) {
            let mut many =
                Many::new("insert into attribution_versions (call_id, version, reason, at, priors) values ");
            for (call, at, reckoned) in batch {
                many.row()
                    .value(call.to_string())?
                    .value(1_i64)?
                    .value(Reason::Arrived.as_str())?
                    .value(at.as_ms())?
                    .value(reckoned.priors)?;
            }
            many.execute(self.connection()).await?;
        }
        let shares: Vec<Placed<'_>> =
            calls.iter().flat_map(|(call, at, reckoned)| placed(*call, 1, *at, &reckoned.shares)).collect();
        self.insert_shares(&shares).await
    }

    async fn insert_shares(&mut self, shares: &[Placed<'_>]) -> Result<(), StoreError> {
        let mut calls: Vec<CallId> = shares.iter().map(|it| it.call).collect();
        calls.dedup();
        self.count_again(&calls).await?;
        for batch in batches(shares) {
            let mut many = Many::new(
                "insert into attributions (call_id, version, rank, visit_id, probability, evidence, channel, \
                 source, medium, campaign, at) values ",
            );
            for Placed { call, version, at, rank, share } in batch {
                let evidence =
                    serde_json::to_string(&share.evidence).map_err(|e| sqlx::Error::Encode(e.into()))?;
                many.row()
                    .value(call.to_string())?
                    .value(*version)?
                    .value(*rank)?
                    .value(share.visit.map(|id| id.to_string()))?
                    .value(share.probability)?
                    .value(evidence)?
                    .value(share.source.channel.as_str())?
                    .value(share.source.source.as_str())?
                    .value(share.source.medium.as_str())?
                    .value(share.source.campaign.as_deref())?
                    .value(at.as_ms())?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// The calls since `since` that one of the visitor's visits has a share of, newest first.
    pub async fn list_calls_shared(
        &mut self,
        visitor: VisitorId,
        since: Timestamp,
        limit: u32,
    ) -> Result<Vec<CallId>, StoreError> {
        let rows = sqlx::query(
            "select distinct c.id, c.arrived_at from visits v join attributions a on a.visit_id = v.id \
             join calls c on c.id = a.call_id where v.visitor_id = $1 and c.arrived_at >= $2 \
             order by c.arrived_at desc, c.id desc limit $3",
        )
        .bind(visitor.to_string())
        .bind(since.as_ms())
        .bind(i64::from(limit))
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, |row| row.word("id"))?)
    }
}

/// A share with its place in a version.
struct Placed<'a> {
    call: CallId,
    version: i64,
    at: Timestamp,
    rank: i64,
    share: &'a Share,
}

fn placed(call: CallId, version: i64, at: Timestamp, shares: &[Share]) -> impl Iterator<Item = Placed<'_>> {
    (0_i64..).zip(shares).map(move |(rank, share)| Placed { call, version, at, rank, share })
}

async fn newest(on: impl sqlx::AnyExecutor<'_>, call: CallId) -> Result<Option<Version>, StoreError> {
    let rows = sqlx::query(select!(
        " and v.version = (select max(version) from attribution_versions where call_id = $1) order by a.rank"
    ))
    .bind(call.to_string())
    .fetch_all(on)
    .await?;
    Ok(versions(&rows)?.pop())
}

fn versions(rows: &[AnyRow]) -> Result<Vec<Version>, sqlx::Error> {
    let mut versions: Vec<Version> = Vec::new();
    for row in rows {
        let (version, share) = (row.int("version")?, read(row)?);
        match versions.last_mut().filter(|last| last.version == version) {
            Some(last) => last.shares.push(share),
            None => versions.push(Version {
                version,
                reason: row.word("reason")?,
                at: row.time("at")?,
                priors: row.maybe_int("priors")?,
                shares: vec![share],
            }),
        }
    }
    Ok(versions)
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
