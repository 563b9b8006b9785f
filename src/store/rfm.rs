//! How much of a client each contact is, what that is told from, and the borders
//! between the scores.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::many::{Many, batches};
use super::restrictions::usable;
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::rfm::{Borders, Bought, CLIENTS_MIN, Class, Rfm, Settings, Size, YEAR};
use crate::domain::time::Timestamp;

/// What each client bought: in the currency `$1`, after `$2` and until `$3`, after `$4` in the last twelve months.
macro_rules! clients {
    ($by:literal) => {
        concat!(
            "select e.contact_id, max(case when e.amount >= 0 then e.at end) as last_at, \
             count(*) filter (where e.amount >= 0) as times, cast(sum(e.amount) as bigint) as minor, \
             cast(coalesce(sum(e.amount) filter (where e.at > $4), 0) as bigint) as year_minor \
             from engagements e ",
            $by,
            " join contacts c on c.id = e.contact_id and ",
            usable!(),
            " where e.kind = 'purchase' and e.currency = $1 and e.at > $2 and e.at <= $3"
        )
    };
}

/// Those who bought something at all: whoever only gave back is none.
const GROUPED: &str = " group by e.contact_id having count(*) filter (where e.amount >= 0) > 0";

/// The last of each of the first four fifths, and of those who spent something in twelve months the last of the
/// first `$5` and `$6` in a hundred.
const BORDERS: &str = "select count(*) as clients, \
    max(last_at) filter (where r = 1) as r1, max(last_at) filter (where r = 2) as r2, \
    max(last_at) filter (where r = 3) as r3, max(last_at) filter (where r = 4) as r4, \
    max(times) filter (where f = 1) as f1, max(times) filter (where f = 2) as f2, \
    max(times) filter (where f = 3) as f3, max(times) filter (where f = 4) as f4, \
    max(minor) filter (where m = 1) as m1, max(minor) filter (where m = 2) as m2, \
    max(minor) filter (where m = 3) as m3, max(minor) filter (where m = 4) as m4, \
    min(year_minor) filter (where year_minor > 0 and (place - 1) * 100 < spenders * $5) as large, \
    min(year_minor) filter (where year_minor > 0 and (place - 1) * 100 < spenders * $6) as medium \
    from (select last_at, times, minor, year_minor, ntile(5) over (order by last_at) as r, \
    ntile(5) over (order by times) as f, ntile(5) over (order by minor) as m, \
    row_number() over (order by year_minor desc) as place, \
    count(*) filter (where year_minor > 0) over () as spenders from clients) ranked";

/// The borders, and by which settings and when they were drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Drawn {
    pub at: Timestamp,
    pub settings: Settings,
    /// `None`: there are too few clients.
    pub borders: Option<Borders>,
}

impl Store {
    /// Draws the borders from all purchases; `None` where there are fewer than [`CLIENTS_MIN`] clients and the plan
    /// gives no limits.
    pub async fn draw_rfm_borders(
        &self,
        settings: &Settings,
        now: Timestamp,
    ) -> Result<Option<Borders>, StoreError> {
        let clients = self.dialect().pick(clients!("indexed by engagements_purchases"), clients!(""));
        // Safe: text of the program.
        let row = sqlx::query(AssertSqlSafe(format!("with clients as ({clients}{GROUPED}) {BORDERS}")))
            .bind(settings.currency.to_string())
            .bind(settings.from(now).as_ms())
            .bind(now.as_ms())
            .bind((now - YEAR).as_ms())
            .bind(i64::from(settings.large_percent))
            .bind(i64::from(settings.large_percent + settings.medium_percent))
            .fetch_one(self.reads())
            .await?;
        if row.int("clients")? < CLIENTS_MIN && settings.limits.is_none() {
            return Ok(None);
        }
        // A score begins above the last of the fifth before it; limits take the place of what is missing.
        let above = |columns: [&str; 4]| -> Result<[i64; 4], sqlx::Error> {
            let mut borders = [i64::MAX; 4];
            for (border, column) in borders.iter_mut().zip(columns) {
                *border = row.maybe_int(column)?.map_or(i64::MAX, |last| last + 1);
            }
            Ok(borders)
        };
        Ok(Some(Borders {
            recency: above(["r1", "r2", "r3", "r4"])?,
            frequency: above(["f1", "f2", "f3", "f4"])?,
            monetary: above(["m1", "m2", "m3", "m4"])?,
            medium: row.maybe_int("medium")?,
            large: row.maybe_int("large")?,
        }))
    }

    /// What clients bought, by contact, those that come after one; at most so many.
    pub async fn list_bought(
        &self,
        settings: &Settings,
        now: Timestamp,
        after: &str,
        most: u32,
    ) -> Result<Vec<(ContactId, Bought)>, StoreError> {
        let clients = self.dialect().pick(clients!("indexed by engagements_purchases"), clients!(""));
        let sql = format!("{clients} and e.contact_id > $5{GROUPED} order by e.contact_id limit $6");
        let rows = sqlx::query(AssertSqlSafe(sql))
            .bind(settings.currency.to_string())
            .bind(settings.from(now).as_ms())
            .bind(now.as_ms())
            .bind((now - YEAR).as_ms())
            .bind(after.to_owned())
            .bind(i64::from(most))
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, |row| {
            let bought = Bought {
                last_at: row.time("last_at")?,
                times: row.int("times")?,
                minor: row.int("minor")?,
                year_minor: row.int("year_minor")?,
            };
            Ok((row.word("contact_id")?, bought))
        })?)
    }

    /// What is written down of contacts after the one and up to the other, if there is an end.
    pub async fn list_rfm_between(
        &self,
        after: &str,
        to: Option<&str>,
    ) -> Result<Vec<(ContactId, Rfm)>, StoreError> {
        let rows = sqlx::query(concat!(
            "select contact_id, recency, frequency, monetary, class, size from rfm ",
            "where contact_id > $1 and contact_id <= $2 order by contact_id"
        ))
        .bind(after.to_owned())
        // No id begins with a letter that comes later.
        .bind(to.unwrap_or("g").to_owned())
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.word("contact_id")?, read(row)?)))?)
    }

    /// How much of a client a contact is; `None`: they are none.
    pub async fn find_rfm(&self, contact: ContactId) -> Result<Option<Rfm>, StoreError> {
        let row =
            sqlx::query("select recency, frequency, monetary, class, size from rfm where contact_id = $1")
                .bind(contact.to_string())
                .fetch_optional(self.reads())
                .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// The borders that hold.
    pub async fn find_rfm_borders(&self) -> Result<Option<Drawn>, StoreError> {
        let row = sqlx::query("select at, settings, borders from rfm_borders where id = 1")
            .fetch_optional(self.reads())
            .await?;
        let drawn = row.map(|row| {
            Ok::<_, sqlx::Error>(Drawn {
                at: row.time("at")?,
                settings: row.json("settings")?,
                borders: row.json_or_default("borders")?,
            })
        });
        Ok(drawn.transpose()?)
    }

    /// How many clients there are of each class and size.
    pub async fn count_rfm(&self) -> Result<Vec<RfmCount>, StoreError> {
        let rows = sqlx::query(
            "select class, size, count(*) as contacts from rfm group by class, size order by class, size",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| {
            let (class, size) = (row.word("class")?, row.maybe_word("size")?);
            Ok(RfmCount { class, size, contacts: row.int("contacts")? })
        })?)
    }
}

/// So many clients of one class and one size.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RfmCount {
    pub class: Class,
    pub size: Option<Size>,
    pub contacts: i64,
}

impl Tx {
    /// What the plan says; the defaults where it says nothing.
    pub async fn find_rfm_settings(&mut self) -> Result<Settings, StoreError> {
        let row = sqlx::query("select settings from rfm_settings where id = 1")
            .fetch_optional(self.connection())
            .await?;
        Ok(row.map(|row| row.json("settings")).transpose()?.unwrap_or_default())
    }

    pub async fn save_rfm_settings(&mut self, settings: &Settings) -> Result<(), StoreError> {
        sqlx::query(
            "insert into rfm_settings (id, settings) values (1, $1) \
             on conflict (id) do update set settings = excluded.settings",
        )
        .bind(json(settings)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub async fn save_rfm_borders(&mut self, drawn: &Drawn) -> Result<(), StoreError> {
        sqlx::query(
            "insert into rfm_borders (id, at, settings, borders) values (1, $1, $2, $3) \
             on conflict (id) do update set at = excluded.at, settings = excluded.settings, borders = excluded.borders",
        )
        .bind(drawn.at.as_ms())
        .bind(json(&drawn.settings)?)
        .bind(drawn.borders.as_ref().map(json).transpose()?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Writes down how much of a client contacts are.
    pub async fn save_rfm(&mut self, judged: &[(ContactId, Rfm)]) -> Result<(), StoreError> {
        for batch in batches(judged) {
            let mut many =
                Many::new("insert into rfm (contact_id, recency, frequency, monetary, class, size) values ");
            for (contact, rfm) in batch {
                many.row()
                    .value(contact.to_string())?
                    .value(i32::from(rfm.recency))?
                    .value(i32::from(rfm.frequency))?
                    .value(i32::from(rfm.monetary))?
                    .value(rfm.class.as_str())?
                    .value(rfm.size.map(Size::as_str))?;
            }
            many.then(
                " on conflict (contact_id) do update set recency = excluded.recency, \
                 frequency = excluded.frequency, monetary = excluded.monetary, class = excluded.class, \
                 size = excluded.size",
            );
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// These are no clients any more.
    pub async fn delete_rfm(&mut self, contacts: &[ContactId]) -> Result<(), StoreError> {
        for batch in batches(contacts) {
            let mut many = Many::new("delete from rfm where contact_id in (values ");
            for contact in batch {
                many.row().value(contact.to_string())?;
            }
            many.then(")");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|cause| sqlx::Error::Encode(cause.into()))
}

fn read(row: &AnyRow) -> Result<Rfm, sqlx::Error> {
    // The scores are 1 to 5, as they were written.
    let score = |column| Ok::<_, sqlx::Error>(row.int(column)? as u8);
    Ok(Rfm {
        recency: score("recency")?,
        frequency: score("frequency")?,
        monetary: score("monetary")?,
        class: row.word("class")?,
        size: row.maybe_word("size")?,
    })
}
