//! What the plan says of how long data is kept, what has had its time, and what was taken when.
//!
//! A dry run counts by the same condition by which a run takes: that of a [`Target`].

mod targets;

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{CallId, RetentionRunId};
use crate::domain::people::erasure::Touched;
use crate::domain::people::retention::{Kind, Policy, first_night};
use crate::domain::time::Timestamp;

pub use targets::{Target, targets};

/// A policy, and when it is asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Kept {
    pub policy: Policy,
    pub since: Timestamp,
    pub due_at: Timestamp,
}

/// What has had its time.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Due {
    pub rows: Touched,
    pub oldest: Option<Timestamp>,
}

/// That a policy was carried out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Run {
    pub id: RetentionRunId,
    pub kind: Kind,
    pub months: u32,
    pub cutoff: Timestamp,
    pub began_at: Timestamp,
    /// `None`: it goes on, or broke off.
    pub ended_at: Option<Timestamp>,
    pub taken: Touched,
    /// Contacts that could not be erased; they are tried again the next night.
    pub failed: u64,
}

impl Store {
    /// What a kind would lose: its rows that are older than the cutoff.
    pub async fn count_due(&self, kind: Kind, cutoff: Timestamp) -> Result<Due, StoreError> {
        let mut due = Due::default();
        for target in targets(kind) {
            let Target { table, at, .. } = target;
            let sql = format!(
                "select count(*) as due, min({at}) as oldest from {table} where {}",
                target.due("$1")
            );
            // Safe: a target is text of the program.
            let row = sqlx::query(AssertSqlSafe(sql)).bind(cutoff.as_ms()).fetch_one(self.reads()).await?;
            let rows = row.int("due")?.unsigned_abs();
            if rows > 0 {
                due.rows.insert(target.table.to_owned(), rows);
            }
            due.oldest = [due.oldest, row.maybe_time("oldest")?].into_iter().flatten().min();
        }
        Ok(due)
    }

    /// The keys of rows that have had their time, after a key.
    pub async fn list_due(
        &self,
        target: &Target,
        cutoff: Timestamp,
        after: &str,
        limit: i64,
    ) -> Result<Vec<String>, StoreError> {
        let Target { table, key, .. } = target;
        let sql = format!(
            "select {table}.{key} as its from {table} where {} and {table}.{key} > $2 order by {table}.{key} limit $3",
            target.due("$1")
        );
        // Safe: a target is text of the program.
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(cutoff.as_ms()).bind(after).bind(limit);
        Ok(all(rows.fetch_all(self.reads()).await?, |row| row.text("its"))?)
    }

    pub async fn list_retention(&self) -> Result<Vec<Kept>, StoreError> {
        self.read(|tx| Box::pin(tx.list_retention())).await
    }

    /// The latest first.
    pub async fn list_retention_runs(&self, limit: i64) -> Result<Vec<Run>, StoreError> {
        let rows = sqlx::query(
            "select id, kind, months, cutoff, began_at, ended_at, taken, failed from retention_runs \
             order by began_at desc, id desc limit $1",
        )
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            Ok(Run {
                id: row.word("id")?,
                kind: row.word("kind")?,
                months: u32::try_from(row.int("months")?).unwrap_or(u32::MAX),
                cutoff: row.time("cutoff")?,
                began_at: row.time("began_at")?,
                ended_at: row.maybe_time("ended_at")?,
                taken: row.json("taken")?,
                failed: row.int("failed")?.unsigned_abs(),
            })
        })?)
    }
}

impl Tx {
    pub async fn list_retention(&mut self) -> Result<Vec<Kept>, StoreError> {
        let rows = sqlx::query("select kind, months, because, since, due_at from retention order by kind")
            .fetch_all(self.connection())
            .await?;
        Ok(all(rows, |row| {
            Ok(Kept { policy: policy(row)?, since: row.time("since")?, due_at: row.time("due_at")? })
        })?)
    }

    /// Inserts the policy, or changes it; of other months it is asked as a new one is.
    pub async fn save_retention(&mut self, policy: &Policy, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "insert into retention (kind, months, because, since, due_at) values ($1, $2, $3, $4, $5) \
             on conflict (kind) do update set months = excluded.months, because = excluded.because, \
             since = case when retention.months = excluded.months then retention.since else excluded.since end, \
             due_at = case when retention.months = excluded.months then retention.due_at else excluded.due_at end",
        )
        .bind(policy.kind.as_str())
        .bind(i64::from(policy.months))
        .bind(&policy.because)
        .bind(now.as_ms())
        .bind(first_night(now).as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn delete_retention(&mut self, kind: Kind) -> Result<(), StoreError> {
        sqlx::query("delete from retention where kind = $1")
            .bind(kind.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Whether the plan still says so.
    pub async fn has_retention(&mut self, kind: Kind, months: u32) -> Result<bool, StoreError> {
        let row = sqlx::query("select 1 from retention where kind = $1 and months = $2")
            .bind(kind.as_str())
            .bind(i64::from(months))
            .fetch_optional(self.connection())
            .await?;
        Ok(row.is_some())
    }

    /// Has every policy asked at once that the plan has had since then.
    pub async fn hasten_retention(&mut self, now: Timestamp, since: Timestamp) -> Result<(), StoreError> {
        sqlx::query("update retention set due_at = $1 where since <= $2")
            .bind(now.as_ms())
            .bind(since.as_ms())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Takes a policy that is due, which is not due again before `next`: of two nodes one gets it. Contacts come last: what
    /// they lose by themselves has had its turn, and each row is counted under its own policy.
    pub async fn claim_retention(
        &mut self,
        now: Timestamp,
        next: Timestamp,
    ) -> Result<Option<Policy>, StoreError> {
        let row = sqlx::query(
            "update retention set due_at = $1 where due_at <= $2 and kind = \
             (select kind from retention where due_at <= $2 \
             order by case when kind in ('prospects', 'customers') then 1 else 0 end, kind limit 1) \
             returning kind, months, because",
        )
        .bind(next.as_ms())
        .bind(now.as_ms())
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(policy).transpose()?)
    }

    /// Writes down how far a run has come.
    pub async fn save_retention_run(&mut self, run: &Run) -> Result<(), StoreError> {
        let taken = serde_json::to_string(&run.taken).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
        sqlx::query(
            "insert into retention_runs (id, kind, months, cutoff, began_at, ended_at, taken, failed) \
             values ($1, $2, $3, $4, $5, $6, $7, $8) \
             on conflict (id) do update set ended_at = excluded.ended_at, taken = excluded.taken, \
             failed = excluded.failed",
        )
        .bind(run.id.to_string())
        .bind(run.kind.as_str())
        .bind(i64::from(run.months))
        .bind(run.cutoff.as_ms())
        .bind(run.began_at.as_ms())
        .bind(run.ended_at.map(Timestamp::as_ms))
        .bind(taken)
        .bind(run.failed as i64)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Those of these keys whose rows have still had their time.
    pub async fn still_due(
        &mut self,
        target: &Target,
        cutoff: Timestamp,
        keys: &[String],
    ) -> Result<Vec<String>, StoreError> {
        let Target { table, key, .. } = target;
        let these = of_asked!(self, "");
        let sql = format!(
            "{these} select {table}.{key} as its from {table} where {} and {table}.{key} in (select its from asked)",
            target.due("$2")
        );
        // Safe: a target is text of the program.
        let rows = sqlx::query(AssertSqlSafe(sql)).bind(asked(keys)?).bind(cutoff.as_ms());
        Ok(all(rows.fetch_all(self.connection()).await?, |row| row.text("its"))?)
    }

    /// Takes from these rows what has had its time, and tells of how many.
    pub async fn take_due(
        &mut self,
        target: &Target,
        cutoff: Timestamp,
        keys: &[String],
    ) -> Result<u64, StoreError> {
        let due = self.still_due(target, cutoff, keys).await?;
        match target.table {
            "calls" => {
                let calls: Vec<CallId> = due.iter().filter_map(|id| id.parse().ok()).collect();
                self.count_again(&calls).await?;
            }
            "visits" => {
                let calls = self.list_calls_of_visits(&due).await?;
                self.count_again(&calls).await?;
            }
            "engagements" => {
                let buyers = self.list_buyers(&due).await?;
                self.count_purchases_again(&buyers).await?;
            }
            _ => {}
        }
        let these = of_asked!(self, " ");
        for step in target.steps.into_iter().flatten() {
            // Safe: a step is text of the program.
            let sql = AssertSqlSafe(format!("{these}{}", step.sql()));
            sqlx::query(sql).bind(asked(&due)?).execute(self.connection()).await?;
        }
        Ok(due.len() as u64)
    }
}

fn policy(row: &AnyRow) -> Result<Policy, sqlx::Error> {
    Ok(Policy {
        kind: row.word("kind")?,
        months: u32::try_from(row.int("months")?).unwrap_or(u32::MAX),
        because: row.text("because")?,
    })
}
