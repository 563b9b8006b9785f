//! What contacts are compared by when look-alikes are sought: told from what they did, written down, and read again
//! in long lines, since a million are read for each question.

use std::collections::{HashMap, HashSet};

use super::asked::{asked, gathered_of_asked, of_asked};
use super::many::{Many, batches};
use super::rows::{Columns, all, read};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{ContactId, SegmentId};
use crate::domain::money::Currency;
use crate::domain::people::engagement::Kind;
use crate::domain::people::lookalikes::{DEEDS, Features, Sample};
use crate::domain::people::rfm::YEAR;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Evidence;

/// How long an id is as text.
const ID_LEN: usize = 36;

/// Rows of `contact_id` and `features` in one text, a line each: rows that are handed over one by one cost more.
macro_rules! gathered {
    ($store:expr, $($rows:literal),+) => {
        $store.dialect().pick(
            concat!("select group_concat(contact_id || features, char(10)) as gathered from (", $($rows),+, ") found"),
            concat!("select string_agg(contact_id || features, chr(10)) as gathered from (", $($rows),+, ") found"),
        )
    };
}

/// What a year's engagements of one contact add up to.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Year {
    /// How often each of [`DEEDS`] was done; what was given back is no purchase.
    pub deeds: [u32; DEEDS.len()],
    pub spent_minor: i64,
}

impl Store {
    /// What is written down of contacts after the one and up to the other, if there is an end.
    pub async fn list_lookalike_features_between(
        &self,
        after: &str,
        to: Option<&str>,
    ) -> Result<Vec<(ContactId, Features)>, StoreError> {
        let sql = gathered!(
            self,
            "select contact_id, features from lookalike_features where contact_id > $1 and contact_id <= $2"
        );
        // No id begins with a letter that comes later.
        let row = sqlx::query(sql)
            .bind(after.to_owned())
            .bind(to.unwrap_or("g").to_owned())
            .fetch_one(self.reads());
        lines(row.await?.maybe_text("gathered")?)
    }

    /// Those in a segment, or all others: by id, those that come after one, at most so many.
    pub async fn list_lookalike_features(
        &self,
        segment: &SegmentId,
        members: bool,
        after: &str,
        most: u32,
    ) -> Result<Vec<(ContactId, Features)>, StoreError> {
        let sql = if members {
            gathered!(
                self,
                "select f.contact_id, f.features from segment_members m \
                 join lookalike_features f on f.contact_id = m.contact_id \
                 where m.segment_id = $1 and m.contact_id > $2 order by m.contact_id limit $3"
            )
        } else {
            gathered!(
                self,
                "select f.contact_id, f.features from lookalike_features f where f.contact_id > $2 and not exists \
                 (select 1 from segment_members m where m.segment_id = $1 and m.contact_id = f.contact_id) \
                 order by f.contact_id limit $3"
            )
        };
        let row = sqlx::query(sql)
            .bind(segment.as_str().to_owned())
            .bind(after.to_owned())
            .bind(i64::from(most))
            .fetch_one(self.reads());
        lines(row.await?.maybe_text("gathered")?)
    }

    /// What all contacts add up to, and when; `None`: not yet.
    pub async fn find_lookalike_base(&self) -> Result<Option<(Timestamp, Sample)>, StoreError> {
        let row =
            sqlx::query("select at, sample from lookalike_base where id = 1").fetch_optional(self.reads());
        let read = |row: sqlx::any::AnyRow| Ok::<_, sqlx::Error>((row.time("at")?, row.json("sample")?));
        Ok(row.await?.map(read).transpose()?)
    }
}

impl Tx {
    /// What these did in the year before `at`, with what they spent in a currency.
    pub async fn list_years(
        &mut self,
        ids: &[ContactId],
        currency: Currency,
        at: Timestamp,
    ) -> Result<HashMap<ContactId, Year>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            "contact_id, kind, times, minor",
            "from (select contact_id, kind, count(*) filter (where coalesce(amount, 0) >= 0) as times, \
             coalesce(sum(case when kind = 'purchase' and currency = $4 then amount end), 0) as minor \
             from engagements where contact_id in (select its from asked) and at > $2 and at <= $3 \
             and '' || kind in ('call', 'visit', 'form_submitted', 'email_opened', 'email_clicked', 'sms_received', \
             'purchase') group by contact_id, kind) as deeds"
        );
        let row = sqlx::query(sql)
            .bind(asked(ids)?)
            .bind((at - YEAR).as_ms())
            .bind(at.as_ms())
            .bind(currency.to_string())
            .fetch_one(self.connection())
            .await?;
        let mut years: HashMap<ContactId, Year> = HashMap::new();
        for (contact, kind, times, minor) in row.json::<Vec<(ContactId, String, u32, i64)>>("gathered")? {
            let (year, kind) = (years.entry(contact).or_default(), read::<Kind>(&kind, "kind")?);
            year.spent_minor += minor;
            if let Some(nth) = DEEDS.iter().position(|deed| *deed == kind) {
                year.deeds[nth] = times;
            }
        }
        Ok(years)
    }

    /// By which channel the first visit or call of each of these came, where that is known: of a call that of a visit
    /// or medium which is likelier than all else.
    pub async fn list_first_channels(
        &mut self,
        ids: &[ContactId],
        at: Timestamp,
    ) -> Result<HashMap<ContactId, String>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            "earliest.contact_id, coalesce(v.channel, a.channel)",
            "from (select contact_id, kind, subject, row_number() over (partition by contact_id order by at, id) as nth \
             from engagements where contact_id in (select its from asked) and at <= $2 and kind in ('visit', 'call')) \
             as earliest left join visits v on earliest.kind = 'visit' and v.id = earliest.subject \
             left join attributions a on earliest.kind = 'call' and a.call_id = earliest.subject and a.rank = 0 \
             and a.version = (select max(l.version) from attributions l where l.call_id = a.call_id) \
             and (a.visit_id is not null or a.evidence = $3) \
             where earliest.nth = 1 and coalesce(v.channel, a.channel) is not null"
        );
        let medium = serde_json::to_string(&Evidence::StaticNumber)
            .map_err(|cause| sqlx::Error::Encode(cause.into()))?;
        let row = sqlx::query(sql)
            .bind(asked(ids)?)
            .bind(at.as_ms())
            .bind(medium)
            .fetch_one(self.connection())
            .await?;
        Ok(row.json::<Vec<(ContactId, String)>>("gathered")?.into_iter().collect())
    }

    /// The languages of these, as far as they are known.
    pub async fn list_languages(
        &mut self,
        ids: &[ContactId],
    ) -> Result<HashMap<ContactId, String>, StoreError> {
        let sql = gathered_of_asked!(
            self,
            "id, language",
            "from contacts where id in (select its from asked) and language is not null"
        );
        let row = sqlx::query(sql).bind(asked(ids)?).fetch_one(self.connection()).await?;
        Ok(row.json::<Vec<(ContactId, String)>>("gathered")?.into_iter().collect())
    }

    /// Which of these have asked to object or to restrict, and were not refused.
    pub async fn list_objecting(&mut self, ids: &[ContactId]) -> Result<HashSet<ContactId>, StoreError> {
        let sql = of_asked!(
            self,
            " select distinct contact_id from requests where contact_id in (select its from asked) \
             and kind in ('objection', 'restriction') and state <> 'refused'"
        );
        let rows = sqlx::query(sql).bind(asked(ids)?).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| row.word("contact_id"))?.into_iter().collect())
    }

    pub async fn save_lookalike_features(
        &mut self,
        known: &[(ContactId, Features)],
    ) -> Result<(), StoreError> {
        for batch in batches(known) {
            let mut many = Many::new("insert into lookalike_features (contact_id, features) values ");
            for (contact, features) in batch {
                many.row().value(contact.to_string())?.value(json(features)?)?;
            }
            many.then(" on conflict (contact_id) do update set features = excluded.features");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// These are compared no more.
    pub async fn delete_lookalike_features(&mut self, contacts: &[ContactId]) -> Result<(), StoreError> {
        for batch in batches(contacts) {
            let mut many = Many::new("delete from lookalike_features where contact_id in (values ");
            for contact in batch {
                many.row().value(contact.to_string())?;
            }
            many.then(")");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    pub async fn save_lookalike_base(&mut self, at: Timestamp, sample: &Sample) -> Result<(), StoreError> {
        sqlx::query(
            "insert into lookalike_base (id, at, sample) values (1, $1, $2) \
             on conflict (id) do update set at = excluded.at, sample = excluded.sample",
        )
        .bind(at.as_ms())
        .bind(json(sample)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

fn json<T: serde::Serialize>(value: &T) -> Result<String, sqlx::Error> {
    serde_json::to_string(value).map_err(|cause| sqlx::Error::Encode(cause.into()))
}

/// By id, whatever order they were gathered in.
fn lines(gathered: Option<String>) -> Result<Vec<(ContactId, Features)>, StoreError> {
    let line = |line: &str| {
        let (id, features) = line.split_at_checked(ID_LEN).unwrap_or_default();
        let features = serde_json::from_str(features).map_err(|cause| sqlx::Error::Decode(cause.into()))?;
        Ok::<_, sqlx::Error>((read(id, "contact_id")?, features))
    };
    let mut found = gathered.iter().flat_map(|text| text.lines()).map(line).collect::<Result<Vec<_>, _>>()?;
    found.sort_unstable_by_key(|(contact, _)| *contact);
    Ok(found)
}
