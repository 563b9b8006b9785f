//! How the media of calls went that were relayed: a row for each stream of each leg.

use std::collections::HashSet;

use sqlx::any::AnyRow;

use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::calling::quality::{Heard, Relayed, StreamQuality};
use crate::domain::ids::CallId;

impl Store {
    /// The streams of a call, the caller's first; none when its media went past us.
    pub async fn list_streams(&self, call: CallId) -> Result<Vec<StreamQuality>, StoreError> {
        let rows = sqlx::query(
            "select leg, stream, kind, received, lost, jitter_us, sent, strangers, heard_lost, heard_jitter_us, \
             round_trip_us from streams where call_id = $1 order by leg, stream",
        )
        .bind(call.to_string())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read)?)
    }
}

impl Tx {
    /// Writes the streams of calls, each once, and tells which of the calls are there.
    pub async fn insert_streams(&mut self, facts: &[&Relayed]) -> Result<HashSet<CallId>, StoreError> {
        let calls: Vec<CallId> = facts.iter().map(|fact| fact.call).collect();
        let known = self.list_known_calls(&calls).await?;
        let facts = facts.iter().filter(|fact| known.contains(&fact.call));
        let streams: Vec<_> =
            facts.flat_map(|fact| fact.streams.iter().map(|stream| (fact.call, stream))).collect();
        for batch in batches(&streams) {
            let mut many = Many::new(
                "insert into streams (call_id, leg, stream, kind, received, lost, jitter_us, sent, strangers, \
                 heard_lost, heard_jitter_us, round_trip_us) values ",
            );
            for (call, it) in batch {
                let heard = it.heard;
                many.row()
                    .value(call.to_string())?
                    .value(i64::from(it.leg))?
                    .value(i64::from(it.stream))?
                    // PostgreSQL keeps no NUL in a text.
                    .value(it.kind.replace('\0', "\u{fffd}"))?
                    .value(bounded(it.received))?
                    .value(bounded(it.lost))?
                    .value(it.jitter_us.map(bounded))?
                    .value(bounded(it.sent))?
                    .value(bounded(it.strangers))?
                    .value(heard.map(|heard| i64::from(heard.lost)))?
                    .value(heard.and_then(|heard| heard.jitter_us).map(bounded))?
                    .value(heard.and_then(|heard| heard.round_trip_us).map(bounded))?;
            }
            many.then(" on conflict do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(known)
    }
}

fn bounded(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn read(row: &AnyRow) -> Result<StreamQuality, sqlx::Error> {
    let count = |name: &str| -> Result<u64, sqlx::Error> {
        Ok(row.maybe_int(name)?.and_then(|count| u64::try_from(count).ok()).unwrap_or_default())
    };
    let maybe = |name: &str| -> Result<Option<u64>, sqlx::Error> {
        Ok(row.maybe_int(name)?.and_then(|count| u64::try_from(count).ok()))
    };
    let heard = match maybe("heard_lost")? {
        Some(lost) => Some(Heard {
            lost: u32::try_from(lost).unwrap_or(u32::MAX),
            jitter_us: maybe("heard_jitter_us")?,
            round_trip_us: maybe("round_trip_us")?,
        }),
        None => None,
    };
    Ok(StreamQuality {
        leg: u8::try_from(count("leg")?).unwrap_or(u8::MAX),
        stream: u8::try_from(count("stream")?).unwrap_or(u8::MAX),
        kind: row.text("kind")?,
        received: count("received")?,
        lost: count("lost")?,
        jitter_us: maybe("jitter_us")?,
        sent: count("sent")?,
        strangers: count("strangers")?,
        heard,
    })
}
