//! Rules that somebody is told by, how each stands, and when it was raised.

use std::time::Duration;

use sqlx::any::AnyRow;

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::alerts::draft::Draft;
use crate::domain::alerts::measured::Measured;
use crate::domain::alerts::{Alert, Standing};
use crate::domain::ids::{AlertId, IncidentId};
use crate::domain::people::email::BadEmail;
use crate::domain::time::Timestamp;

/// Incidents are kept for so long after they were raised.
const KEPT: Duration = Duration::from_hours(400 * 24);

/// An alert, and how it stands.
#[derive(Clone, PartialEq, Debug)]
pub struct AlertRow {
    pub alert: Alert,
    pub created_at: Timestamp,
    pub created_by: String,
    pub standing: Standing,
    /// While it is raised.
    pub incident: Option<IncidentId>,
    /// What was measured last, and when; `None`: nothing yet.
    pub measured: Option<(Timestamp, Measured)>,
}

/// That an alert was raised.
#[derive(Clone, PartialEq, Debug)]
pub struct Incident {
    pub id: IncidentId,
    pub raised_at: Timestamp,
    pub measured: Measured,
    pub over_at: Option<Timestamp>,
    /// `None`: it goes on, or the rule was changed before it was over.
    pub calmed: Option<Measured>,
}

macro_rules! columns {
    () => {
        "id, name, rule, emails, language, enabled, created_at, created_by, raised_at, calm_since, incident_id, \
         looked_at, measured"
    };
}

impl Store {
    /// All of them, by their names.
    pub async fn list_alerts(&self) -> Result<Vec<AlertRow>, StoreError> {
        let rows = sqlx::query(concat!("select ", columns!(), " from alerts order by name, id"))
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, read)?)
    }

    pub async fn find_alert(&self, id: AlertId) -> Result<Option<AlertRow>, StoreError> {
        let row = sqlx::query(concat!("select ", columns!(), " from alerts where id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.reads())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// When it was raised, the latest first.
    pub async fn list_incidents(
        &self,
        alert: AlertId,
        window: &Window,
    ) -> Result<Page<Incident>, StoreError> {
        let mut question =
            Question::new("select id, raised_at, measured, over_at, calmed from alert_incidents");
        question
            .matching("alert_id = ", Some(alert.to_string()))?
            .after_moment("(raised_at, id)", window.moment()?)?
            .then(" order by raised_at desc, id desc limit ")
            .value(window.fetch())?;
        let incidents = all(question.fetch(self.reads()).await?, |row| {
            Ok(Incident {
                id: row.word("id")?,
                raised_at: row.time("raised_at")?,
                measured: row.json("measured")?,
                over_at: row.maybe_time("over_at")?,
                calmed: row.maybe_text("calmed")?.map(|_| row.json("calmed")).transpose()?,
            })
        })?;
        Ok(Page::cut(incidents, window, |it| moment_key(it.raised_at, it.id)))
    }
}

impl Tx {
    pub async fn count_alerts(&mut self) -> Result<i64, StoreError> {
        let row = sqlx::query("select count(*) as alerts from alerts").fetch_one(self.connection()).await?;
        Ok(row.int("alerts")?)
    }

    /// Writes a new one; it is looked at at once.
    pub async fn insert_alert(&mut self, alert: &Alert, by: &str, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "insert into alerts (id, name, rule, emails, language, enabled, created_at, created_by, due_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $7)",
        )
        .bind(alert.id.to_string())
        .bind(&alert.name)
        .bind(rule(alert)?)
        .bind(emails(alert)?)
        .bind(&alert.language)
        .bind(i32::from(alert.enabled))
        .bind(now.as_ms())
        .bind(by)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The alert as it is; nobody else changes it until this is written.
    pub async fn hold_alert(&mut self, id: AlertId) -> Result<Option<AlertRow>, StoreError> {
        let sql = self.dialect().pick(
            concat!("select ", columns!(), " from alerts where id = $1"),
            concat!("select ", columns!(), " from alerts where id = $1 for update"),
        );
        let row = sqlx::query(sql).bind(id.to_string()).fetch_optional(self.connection()).await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Says something else in its place, and has it looked at at once.
    pub async fn change_alert(&mut self, alert: &Alert, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "update alerts set name = $2, rule = $3, emails = $4, language = $5, enabled = $6, due_at = $7 where id = $1",
        )
        .bind(alert.id.to_string())
        .bind(&alert.name)
        .bind(rule(alert)?)
        .bind(emails(alert)?)
        .bind(&alert.language)
        .bind(i32::from(alert.enabled))
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// It is quiet, and nothing was measured: what was, was for another rule.
    pub async fn quiet_alert(&mut self, id: AlertId, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query("update alert_incidents set over_at = $2 where alert_id = $1 and over_at is null")
            .bind(id.to_string())
            .bind(now.as_ms())
            .execute(self.connection())
            .await?;
        sqlx::query(
            "update alerts set raised_at = null, calm_since = null, incident_id = null, looked_at = null, \
             measured = null where id = $1",
        )
        .bind(id.to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn delete_alert(&mut self, id: AlertId) -> Result<bool, StoreError> {
        let mut gone = 0;
        for sql in ["delete from alert_incidents where alert_id = $1", "delete from alerts where id = $1"] {
            gone = sqlx::query(sql).bind(id.to_string()).execute(self.connection()).await?.rows_affected();
        }
        Ok(gone > 0)
    }

    /// Takes one that is due; nobody else gets it until `held_until`.
    pub async fn claim_alert(
        &mut self,
        now: Timestamp,
        held_until: Timestamp,
    ) -> Result<Option<AlertRow>, StoreError> {
        // Two nodes look at once.
        let sql = self.dialect().pick(
            concat!(
                "update alerts set due_at = $1 where id in (select id from alerts where enabled = 1 \
                 and due_at <= $2 order by due_at, id limit 1) returning ",
                columns!()
            ),
            concat!(
                "update alerts set due_at = $1 where id in (select id from alerts where enabled = 1 \
                 and due_at <= $2 order by due_at, id limit 1 for update skip locked) returning ",
                columns!()
            ),
        );
        let row = sqlx::query(sql)
            .bind(held_until.as_ms())
            .bind(now.as_ms())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Writes down what was measured, how it stands now, and when it is looked at next.
    pub async fn settle_alert(
        &mut self,
        id: AlertId,
        standing: Standing,
        incident: Option<IncidentId>,
        measured: Option<&Measured>,
        (now, due_at): (Timestamp, Timestamp),
    ) -> Result<(), StoreError> {
        sqlx::query(
            "update alerts set raised_at = $2, calm_since = $3, incident_id = $4, due_at = $5, \
             looked_at = coalesce($6, looked_at), measured = coalesce($7, measured) where id = $1",
        )
        .bind(id.to_string())
        .bind(standing.raised_at.map(Timestamp::as_ms))
        .bind(standing.calm_since.map(Timestamp::as_ms))
        .bind(incident.map(|it| it.to_string()))
        .bind(due_at.as_ms())
        .bind(measured.map(|_| now.as_ms()))
        .bind(measured.map(json).transpose()?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn open_incident(
        &mut self,
        id: IncidentId,
        alert: AlertId,
        measured: &Measured,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "insert into alert_incidents (id, alert_id, raised_at, measured) values ($1, $2, $3, $4)",
        )
        .bind(id.to_string())
        .bind(alert.to_string())
        .bind(now.as_ms())
        .bind(json(measured)?)
        .execute(self.connection())
        .await?;
        sqlx::query(
            "delete from alert_incidents where alert_id = $1 and raised_at < $2 and over_at is not null",
        )
        .bind(alert.to_string())
        .bind((now - KEPT).as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn close_incident(
        &mut self,
        id: IncidentId,
        calmed: &Measured,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("update alert_incidents set over_at = $2, calmed = $3 where id = $1")
            .bind(id.to_string())
            .bind(now.as_ms())
            .bind(json(calmed)?)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn json(value: &impl serde::Serialize) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|cause| sqlx::Error::Encode(cause.into()))
}

fn rule(alert: &Alert) -> Result<String, sqlx::Error> {
    json(&Draft::from(&alert.rule))
}

fn emails(alert: &Alert) -> Result<String, sqlx::Error> {
    json(&alert.emails.iter().map(|it| it.reveal()).collect::<Vec<_>>())
}

fn read(row: &AnyRow) -> Result<AlertRow, sqlx::Error> {
    let unreadable = |column: &str, why: String| sqlx::Error::ColumnDecode {
        index: column.to_owned(),
        source: why.into(),
    };
    let draft: Draft = row.json("rule")?;
    let rule = draft.read().map_err(|faults| unreadable("rule", format!("{faults:?}")))?;
    let emails: Vec<String> = row.json("emails")?;
    let emails = emails.iter().map(|it| it.parse()).collect::<Result<Vec<_>, _>>();
    let looked_at = row.maybe_time("looked_at")?;
    Ok(AlertRow {
        alert: Alert {
            id: row.word("id")?,
            name: row.text("name")?,
            rule,
            emails: emails.map_err(|bad: BadEmail| unreadable("emails", bad.to_string()))?,
            language: row.text("language")?,
            enabled: row.flag("enabled")?,
        },
        created_at: row.time("created_at")?,
        created_by: row.text("created_by")?,
        standing: Standing {
            raised_at: row.maybe_time("raised_at")?,
            calm_since: row.maybe_time("calm_since")?,
        },
        incident: row.maybe_word("incident_id")?,
        measured: looked_at.map(|at| Ok::<_, sqlx::Error>((at, row.json("measured")?))).transpose()?,
    })
}
