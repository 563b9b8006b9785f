//! How good the data is: what is marked, by who wrote it, and whom one may reach.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::domain::people::quality::Code;
use crate::store::filter::Question;
use crate::store::rows::{Columns, all};
use crate::store::{Store, StoreError};

/// How often what one source wrote has one mark.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MarkLine {
    /// As [`Source`](crate::domain::people::quality::Source) prints.
    pub source: String,
    pub code: Code,
    pub marks: u64,
}

/// Of all contacts, how many have something, and how many something that is valid.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Held {
    pub any: u64,
    /// Without a mark that [spoils](Code::spoils) it.
    pub valid: u64,
}

#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct QualityReport {
    /// All that stand for themselves.
    pub contacts: u64,
    /// Those with a mark.
    pub marked: u64,
    /// Those that wait for their marks.
    pub waiting: u64,
    pub phone: Held,
    pub email: Held,
    pub address: Held,
    /// The most frequent first.
    pub lines: Vec<MarkLine>,
}

impl Store {
    pub async fn report_quality(&self) -> Result<QualityReport, StoreError> {
        let lines = sqlx::query(
            "select m.source, m.code, count(*) as marks from marks m join contacts c on c.id = m.contact_id \
             where c.merged_into is null and c.erased_at is null group by m.source, m.code order by count(*) desc, m.source, m.code",
        )
        .fetch_all(self.reads())
        .await?;
        let lines = all(lines, |row| {
            Ok(MarkLine { source: row.text("source")?, code: row.word("code")?, marks: count(row, "marks")? })
        })?;
        let totals = sqlx::query(
            "select count(*) as contacts, count(case when marked = 0 then 1 end) as waiting, \
             count(addresses) as addresses from contacts where merged_into is null and erased_at is null",
        )
        .fetch_one(self.reads())
        .await?;
        let marked = sqlx::query(
            "select count(distinct m.contact_id) as n from marks m join contacts c on c.id = m.contact_id \
             where c.merged_into is null and c.erased_at is null",
        )
        .fetch_one(self.reads())
        .await?;
        let addresses = Held {
            any: count(&totals, "addresses")?,
            // Of several addresses one that is spoilt spoils none of the others, but who has one is looked after.
            valid: count(&totals, "addresses")?.saturating_sub(self.count_spoilt_addresses().await?),
        };
        Ok(QualityReport {
            contacts: count(&totals, "contacts")?,
            marked: count(&marked, "n")?,
            waiting: count(&totals, "waiting")?,
            phone: self.count_held("phone").await?,
            email: self.count_held("email").await?,
            address: addresses,
            lines,
        })
    }

    async fn count_held(&self, kind: &'static str) -> Result<Held, StoreError> {
        // Were the kind compared as it stands, SQLite would go by it, and sort the contacts of all that it finds.
        let any: i64 =
            sqlx::query_scalar("select count(distinct contact_id) from identities where '' || kind = $1")
                .bind(kind)
                .fetch_one(self.reads())
                .await?;
        // Few have a mark, and of those few nothing better.
        let mut question = Question::new(
            "select count(distinct s.contact_id) as n from marks s join identities o on o.contact_id = s.contact_id \
             and s.place = o.kind || ' ' || o.value",
        );
        question.and("'' || o.kind = ").value(kind)?.and("s.code in (");
        spoiling(&mut question)?;
        question
            .then(")")
            .and("not exists (select 1 from identities i where i.contact_id = o.contact_id and i.kind = o.kind ")
            .and("not exists (select 1 from marks t where t.contact_id = i.contact_id ")
            .and("t.place = i.kind || ' ' || i.value and t.code in (");
        spoiling(&mut question)?;
        question.then(")))");
        let rows = question.fetch(self.reads()).await?;
        let none_valid = count(rows.first().ok_or(sqlx::Error::RowNotFound)?, "n")?;
        let any = any.max(0) as u64;
        Ok(Held { any, valid: any.saturating_sub(none_valid) })
    }

    async fn count_spoilt_addresses(&self) -> Result<u64, StoreError> {
        let mut question = Question::new(
            "select count(distinct m.contact_id) as n from marks m join contacts c on c.id = m.contact_id",
        );
        question
            .and("c.merged_into is null and c.erased_at is null")
            .and("m.place like 'addresses[%'")
            .and("m.code in (");
        spoiling(&mut question)?;
        question.then(")");
        let rows = question.fetch(self.reads()).await?;
        let row = rows.first().ok_or(sqlx::Error::RowNotFound)?;
        Ok(count(row, "n")?)
    }
}

/// The codes that spoil what they mark, with commas between.
fn spoiling(question: &mut Question) -> Result<(), sqlx::Error> {
    for (n, code) in Code::ALL.iter().filter(|code| code.spoils()).enumerate() {
        question.then(if n == 0 { "" } else { ", " }).value(code.as_str())?;
    }
    Ok(())
}

fn count(row: &AnyRow, column: &str) -> Result<u64, sqlx::Error> {
    Ok(row.try_get::<i64, _>(column)?.max(0) as u64)
}
