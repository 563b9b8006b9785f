//! Reports that go out by themselves, to whom, and the links by which somebody gets them no more.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{ScheduleId, UserId};
use crate::domain::reporting::rhythm::Rhythm;
use crate::domain::reporting::schedule::{Recipient, Schedule};
use crate::domain::time::Timestamp;

/// A schedule, and when it was and will be sent.
#[derive(Clone, PartialEq, Debug)]
pub struct ScheduleRow {
    pub schedule: Schedule,
    pub created_at: Timestamp,
    pub due_at: Timestamp,
    pub sent_at: Option<Timestamp>,
}

macro_rules! columns {
    () => {
        "id, name, query, every, at, zone, user_id, created_at, due_at, sent_at"
    };
}

impl Store {
    /// Those of one user, or all of them, by their names.
    pub async fn list_schedules(&self, owner: Option<UserId>) -> Result<Vec<ScheduleRow>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            columns!(),
            " from report_schedules where user_id = $1 or $1 = '' order by name, id"
        ))
        .bind(owner.map(|it| it.to_string()).unwrap_or_default())
        .fetch_all(self.reads())
        .await?;
        let mut rows: Vec<ScheduleRow> = all(rows, read)?;
        let recipients =
            sqlx::query("select schedule_id, user_id, language from report_recipients order by user_id")
                .fetch_all(self.reads())
                .await?;
        let mut of: HashMap<ScheduleId, Vec<Recipient>> = HashMap::new();
        for (schedule, recipient) in all(recipients, recipient)? {
            of.entry(schedule).or_default().push(recipient);
        }
        for row in &mut rows {
            row.schedule.recipients = of.remove(&row.schedule.id).unwrap_or_default();
        }
        Ok(rows)
    }

    pub async fn find_schedule(&self, id: ScheduleId) -> Result<Option<ScheduleRow>, StoreError> {
        self.read(|tx| Box::pin(tx.find_schedule(id))).await
    }

    /// Whose report a link would end, and which.
    pub async fn find_report_off(
        &self,
        token_hash: &str,
    ) -> Result<Option<(ScheduleId, UserId)>, StoreError> {
        let row = sqlx::query("select schedule_id, user_id from report_offs where token_hash = $1")
            .bind(token_hash)
            .fetch_optional(self.reads())
            .await?;
        Ok(row
            .map(|row| Ok::<_, sqlx::Error>((row.word("schedule_id")?, row.word("user_id")?)))
            .transpose()?)
    }
}

impl Tx {
    pub async fn find_schedule(&mut self, id: ScheduleId) -> Result<Option<ScheduleRow>, StoreError> {
        let row = sqlx::query(concat!("select ", columns!(), " from report_schedules where id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        let Some(mut row) = row.as_ref().map(read).transpose()? else { return Ok(None) };
        let recipients = sqlx::query(
            "select schedule_id, user_id, language from report_recipients where schedule_id = $1 order by user_id",
        )
        .bind(id.to_string())
        .fetch_all(self.connection())
        .await?;
        row.schedule.recipients = all(recipients, recipient)?.into_iter().map(|(_, it)| it).collect();
        Ok(Some(row))
    }

    /// Writes one, new or in the place of what it was.
    pub async fn save_schedule(
        &mut self,
        schedule: &Schedule,
        due_at: Timestamp,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let Rhythm { every, at, zone } = &schedule.rhythm;
        sqlx::query(
            "insert into report_schedules (id, name, query, every, at, zone, user_id, created_at, due_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict (id) do update set name = excluded.name, \
             query = excluded.query, every = excluded.every, at = excluded.at, zone = excluded.zone, \
             due_at = excluded.due_at",
        )
        .bind(schedule.id.to_string())
        .bind(&schedule.name)
        .bind(&schedule.query)
        .bind(every.to_string())
        .bind(at.strftime("%H:%M").to_string())
        .bind(zone.iana_name().unwrap_or("UTC"))
        .bind(schedule.owner.map(|it| it.to_string()))
        .bind(now.as_ms())
        .bind(due_at.as_ms())
        .execute(self.connection())
        .await?;
        self.delete_recipients(schedule.id, None).await?;
        for Recipient { user, language } in &schedule.recipients {
            sqlx::query("insert into report_recipients (schedule_id, user_id, language) values ($1, $2, $3)")
                .bind(schedule.id.to_string())
                .bind(user.to_string())
                .bind(language)
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    /// Takes one of them off, or all.
    pub async fn delete_recipients(
        &mut self,
        id: ScheduleId,
        user: Option<UserId>,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from report_recipients where schedule_id = $1 and (user_id = $2 or $2 = '')")
            .bind(id.to_string())
            .bind(user.map(|it| it.to_string()).unwrap_or_default())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    pub async fn delete_schedule(&mut self, id: ScheduleId) -> Result<bool, StoreError> {
        let mut gone = 0;
        for sql in [
            "delete from report_offs where schedule_id = $1",
            "delete from report_recipients where schedule_id = $1",
            "delete from report_schedules where id = $1",
        ] {
            gone = sqlx::query(sql).bind(id.to_string()).execute(self.connection()).await?.rows_affected();
        }
        Ok(gone > 0)
    }

    /// Takes one that is due; nobody else gets it until `held_until`.
    pub async fn claim_schedule(
        &mut self,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<Option<ScheduleId>, StoreError> {
        // Two nodes look at once.
        let sql = self.dialect().pick(
            "update report_schedules set due_at = $1 where id in (select id from report_schedules \
             where due_at <= $2 order by due_at, id limit 1) returning id",
            "update report_schedules set due_at = $1 where id in (select id from report_schedules \
             where due_at <= $2 order by due_at, id limit 1 for update skip locked) returning id",
        );
        let row = sqlx::query(sql)
            .bind(held_until.as_ms())
            .bind(now.as_ms())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.word("id")).transpose()?)
    }

    /// It is the taker's no more. `sent`: it is on its way; else it is only put off.
    pub async fn settle_schedule(
        &mut self,
        id: ScheduleId,
        (held_until, due_at): (Timestamp, Timestamp),
        sent: Option<Timestamp>,
    ) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "update report_schedules set due_at = $3, sent_at = coalesce($4, sent_at) where id = $1 and due_at = $2",
        )
        .bind(id.to_string())
        .bind(held_until.as_ms())
        .bind(due_at.as_ms())
        .bind(sent.map(Timestamp::as_ms))
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// A link by which somebody gets it no more; those made before `expired` are forgotten.
    pub async fn insert_report_off(
        &mut self,
        token_hash: &str,
        (schedule, user): (ScheduleId, UserId),
        now: Timestamp,
        expired: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from report_offs where made_at < $1")
            .bind(expired.as_ms())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "insert into report_offs (token_hash, schedule_id, user_id, made_at) values ($1, $2, $3, $4)",
        )
        .bind(token_hash)
        .bind(schedule.to_string())
        .bind(user.to_string())
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn recipient(row: &AnyRow) -> Result<(ScheduleId, Recipient), sqlx::Error> {
    Ok((row.word("schedule_id")?, Recipient { user: row.word("user_id")?, language: row.text("language")? }))
}

/// Without its recipients.
fn read(row: &AnyRow) -> Result<ScheduleRow, sqlx::Error> {
    let unreadable = |column: &str, source: jiff::Error| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: source.into(),
    };
    let zone = jiff::tz::TimeZone::get(&row.text("zone")?).map_err(|cause| unreadable("zone", cause))?;
    Ok(ScheduleRow {
        schedule: Schedule {
            id: row.word("id")?,
            name: row.text("name")?,
            query: row.text("query")?,
            rhythm: Rhythm { every: row.word("every")?, at: row.word("at")?, zone },
            recipients: vec![],
            owner: row.maybe_word("user_id")?,
        },
        created_at: row.time("created_at")?,
        due_at: row.time("due_at")?,
        sent_at: row.maybe_time("sent_at")?,
    })
}
