//! The audit log: entries as they come, sealed into one chain a little later.
//!
//! Whoever writes an entry waits for nobody: only sealing goes one by one, and that a job does.

use sqlx::any::AnyRow;

use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::writer::{Step, Together};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::people::audit::{Action, Entry, Link, Sealed};
use crate::domain::time::Timestamp;

/// Which entries; each condition given must hold.
#[derive(Clone, Default, Debug)]
pub struct AuditFilter {
    pub who: Option<String>,
    pub what: Option<Action>,
    pub kind: Option<String>,
    pub subject: Option<String>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// An entry, and its place if it is sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuditRow {
    pub entry: Entry,
    /// What the user or the key is called, while it is known.
    pub name: Option<String>,
    pub link: Option<Link>,
}

/// Where the chain begins and where it ends.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ends {
    /// The last entry that was forgotten, its time being over.
    pub start: Link,
    /// The last one that was sealed.
    pub head: Link,
}

macro_rules! columns {
    () => {
        "a.id, a.at, a.who, a.what, a.kind, a.subject, a.seq, a.hash"
    };
}

impl Store {
    /// Entries, the latest first.
    pub async fn list_audit(
        &self,
        filter: &AuditFilter,
        window: &Window,
    ) -> Result<Page<AuditRow>, StoreError> {
        let mut question = Question::new(concat!(
            "select ",
            columns!(),
            ", coalesce(u.email, k.name) as name from audit a \
             left join users u on a.who = 'user:' || u.id left join api_keys k on a.who = 'key:' || k.id"
        ));
        question
            .matching("a.who = ", filter.who.clone())?
            .matching("a.what = ", filter.what.map(Action::as_str))?
            .matching("a.kind = ", filter.kind.clone())?
            .matching("a.subject = ", filter.subject.clone())?
            .matching("a.at >= ", filter.from.map(Timestamp::as_ms))?
            .matching("a.at < ", filter.until.map(Timestamp::as_ms))?
            .after_moment("(a.at, a.id)", window.moment()?)?
            .then(" order by a.at desc, a.id desc limit ")
            .value(window.fetch())?;
        let rows = all(question.fetch(self.reads()).await?, |row| {
            let link = row.maybe_int("seq")?.map(|_| link(row)).transpose()?;
            Ok(AuditRow { entry: entry(row)?, name: row.maybe_text("name")?, link })
        })?;
        Ok(Page::cut(rows, window, |row| moment_key(row.entry.at, row.entry.id)))
    }

    /// Up to `limit` sealed entries after a place, in the order of the chain.
    pub async fn list_sealed(&self, after: i64, limit: i64) -> Result<Vec<Sealed>, StoreError> {
        let rows = sqlx::query(concat!(
            "select ",
            columns!(),
            " from audit a where a.seq > $1 order by a.seq limit $2"
        ))
        .bind(after)
        .bind(limit)
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok(Sealed { entry: entry(row)?, link: link(row)? }))?)
    }

    /// How many entries wait to be sealed.
    pub async fn count_unsealed(&self) -> Result<i64, StoreError> {
        let row = sqlx::query("select count(*) as unsealed from audit where seq is null");
        Ok(row.fetch_one(self.reads()).await?.int("unsealed")?)
    }

    pub async fn find_audit_ends(&self) -> Result<Ends, StoreError> {
        let rows = sqlx::query("select which, seq, hash from audit_ends order by which desc");
        let mut ends = all(rows.fetch_all(self.reads()).await?, link)?.into_iter();
        match (ends.next(), ends.next()) {
            (Some(start), Some(head)) => Ok(Ends { start, head }),
            _ => Err(StoreError::NotFound { what: "end of the audit log" }),
        }
    }
}

/// Entries of one moment are written in one go.
impl Together for Entry {
    type Done = ();

    fn perform<'t>(all: &'t [Self], tx: &'t mut Tx) -> Step<'t, Vec<()>> {
        Box::pin(async move {
            tx.insert_audit(all).await?;
            Ok(vec![(); all.len()])
        })
    }
}

impl Tx {
    /// Adds entries; they are sealed later.
    pub async fn insert_audit(&mut self, entries: &[Entry]) -> Result<(), StoreError> {
        for batch in batches(entries) {
            let mut many = Many::new("insert into audit (id, at, who, what, kind, subject) values ");
            for entry in batch {
                many.row()
                    .value(entry.id.to_string())?
                    .value(entry.at.as_ms())?
                    .value(entry.who.clone())?
                    .value(entry.what.as_str())?
                    .value(entry.kind.clone())?
                    .value(entry.subject.clone())?;
            }
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Gives up to `limit` entries their places, the earliest first, and tells how many.
    ///
    /// Two nodes that seal at once would give one place twice; on PostgreSQL the second waits.
    pub async fn seal_audit(&mut self, limit: i64) -> Result<usize, StoreError> {
        let sql = self.dialect().pick(
            "select seq, hash from audit_ends where which = 'head'",
            "select seq, hash from audit_ends where which = 'head' for update",
        );
        let mut head = link(&sqlx::query(sql).fetch_one(self.connection()).await?)?;
        let rows = sqlx::query(concat!(
            "select ",
            columns!(),
            " from audit a where a.seq is null order by a.id limit $1"
        ))
        .bind(limit)
        .fetch_all(self.connection())
        .await?;
        let entries = all(rows, entry)?;
        for entry in &entries {
            head = head.seal(entry);
            sqlx::query("update audit set seq = $1, hash = $2 where id = $3")
                .bind(head.seq)
                .bind(head.hash.clone())
                .bind(entry.id.to_string())
                .execute(self.connection())
                .await?;
        }
        if !entries.is_empty() {
            self.save_audit_end("head", &head).await?;
        }
        Ok(entries.len())
    }

    /// Deletes up to `limit` entries from the start of the chain, as long as they are older than
    /// `before`; the chain begins after them from now on.
    pub async fn forget_audit(&mut self, before: Timestamp, limit: i64) -> Result<usize, StoreError> {
        // Of two nodes one waits, or it would put the start back.
        let sql = self.dialect().pick(
            "select seq from audit_ends where which = 'start'",
            "select seq from audit_ends where which = 'start' for update",
        );
        sqlx::query(sql).fetch_one(self.connection()).await?;
        let rows = sqlx::query("select seq, hash, at from audit where seq is not null order by seq limit $1")
            .bind(limit)
            .fetch_all(self.connection())
            .await?;
        let places = all(rows, |row| Ok((link(row)?, row.time("at")?)))?;
        let old: Vec<Link> =
            places.into_iter().take_while(|(_, at)| *at < before).map(|(link, _)| link).collect();
        if let Some(last) = old.last() {
            sqlx::query("delete from audit where seq <= $1")
                .bind(last.seq)
                .execute(self.connection())
                .await?;
            self.save_audit_end("start", last).await?;
        }
        Ok(old.len())
    }

    async fn save_audit_end(&mut self, which: &'static str, end: &Link) -> Result<(), StoreError> {
        sqlx::query("update audit_ends set seq = $1, hash = $2 where which = $3")
            .bind(end.seq)
            .bind(end.hash.clone())
            .bind(which)
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn link(row: &AnyRow) -> Result<Link, sqlx::Error> {
    Ok(Link { seq: row.int("seq")?, hash: row.text("hash")? })
}

fn entry(row: &AnyRow) -> Result<Entry, sqlx::Error> {
    Ok(Entry {
        id: row.word("id")?,
        at: row.time("at")?,
        who: row.text("who")?,
        what: row.word("what")?,
        kind: row.text("kind")?,
        subject: row.maybe_text("subject")?,
    })
}
