//! The domains of people's addresses, and whether they take mail.

use std::collections::BTreeSet;

use super::asked::{asked, of_asked};
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::mail_domain::Verdict;
use crate::domain::people::quality::Code;
use crate::domain::time::Timestamp;

/// What stands behind the `@` of an identity, as the index `identities_by_domain` has it.
macro_rules! domain {
    () => {
        "substr(value, length(rtrim(value, replace(value, '@', ''))) + 1)"
    };
}
pub(super) use domain;

/// Addresses of contacts whose data may be used.
macro_rules! used {
    () => {
        "kind = 'email' and contact_id not in (select contact_id from restrictions where lifted_at is null)"
    };
}
/// From each domain after `$1` to the next one, by the index: a question each, however many addresses are there.
const NEW: &str = concat!(
    "with recursive known (domain) as (select (select ",
    domain!(),
    " as d from identities where kind = 'email' and ",
    domain!(),
    " > $1 order by d limit 1) union all select (select ",
    domain!(),
    " as d from identities where kind = 'email' and ",
    domain!(),
    " > known.domain order by d limit 1) from known where known.domain is not null) \
     select domain from known where domain is not null \
     and not exists (select 1 from mail_domains m where m.domain = known.domain) \
     and exists (select 1 from identities where ",
    used!(),
    " and ",
    domain!(),
    " = known.domain) limit $2"
);
/// Who has an address at the domain `$1` and no mark `$3`, from the contact `$2` on.
const UNMARKED: &str = concat!(
    "select distinct contact_id from identities where ",
    used!(),
    " and ",
    domain!(),
    " = $1 and contact_id > $2 and not exists (select 1 from marks where marks.contact_id = identities.contact_id \
     and code = $3 and place = 'email ' || value) order by contact_id limit $4"
);
/// Who has one there and the mark: begins with the marks, since they are few.
const MARKED: &str = concat!(
    "select distinct contact_id from marks where code = $3 and contact_id > $2 and exists (select 1 from identities \
     where identities.contact_id = marks.contact_id and ",
    "kind = 'email' and ",
    domain!(),
    " = $1 and 'email ' || value = place) and contact_id not in (select contact_id from restrictions \
     where lifted_at is null) order by contact_id limit $4"
);

/// A domain that is due to be asked about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MailDomain {
    pub domain: String,
    /// How often in a row nobody has told.
    pub failures: u32,
}

impl Store {
    /// Domains of addresses that nobody has asked about yet, in their order from after one on, at most so many.
    pub async fn list_new_domains(&self, after: &str, most: u32) -> Result<Vec<String>, StoreError> {
        let rows = sqlx::query(NEW).bind(after).bind(i64::from(most)).fetch_all(self.reads()).await?;
        Ok(all(rows, |row| row.text("domain"))?)
    }

    /// Contacts with an address at the domain whose mark says something else than the verdict, in the order of their
    /// ids from after one on.
    pub async fn list_marked_otherwise(
        &self,
        domain: &str,
        verdict: Verdict,
        after: Option<ContactId>,
        most: u32,
    ) -> Result<Vec<ContactId>, StoreError> {
        let sql = match verdict {
            Verdict::TakesMail => MARKED,
            Verdict::TakesNone => UNMARKED,
        };
        let rows = sqlx::query(sql)
            .bind(domain)
            .bind(after.map(|id| id.to_string()).unwrap_or_default())
            .bind(Code::EmailNoMail.as_str())
            .bind(i64::from(most))
            .fetch_all(self.reads())
            .await?;
        Ok(all(rows, |row| row.word("contact_id"))?)
    }

    /// Those of these domains that take no mail, as far as is known.
    pub async fn list_without_mail(&self, domains: Vec<String>) -> Result<BTreeSet<String>, StoreError> {
        self.read(|tx| Box::pin(async move { tx.list_without_mail(&domains).await })).await
    }
}

impl Tx {
    /// The same in the middle of a write.
    pub async fn list_without_mail(&mut self, domains: &[String]) -> Result<BTreeSet<String>, StoreError> {
        if domains.is_empty() {
            return Ok(BTreeSet::new());
        }
        let sql = of_asked!(
            self,
            " select domain from mail_domains where verdict = 'takes_none' and domain in (select its from asked)"
        );
        let rows = sqlx::query(sql).bind(asked(domains)?).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| row.text("domain"))?.into_iter().collect())
    }

    /// Adds domains that are to be asked about.
    pub async fn insert_mail_domains(
        &mut self,
        domains: &[String],
        now: Timestamp,
    ) -> Result<(), StoreError> {
        for batch in batches(domains) {
            let mut many = Many::new("insert into mail_domains (domain, next_at) values ");
            for domain in batch {
                many.row().value(domain.clone())?.value(now.as_ms())?;
            }
            many.then(" on conflict (domain) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Domains that are due, at most so many; nobody else gets them before `until`.
    pub async fn claim_mail_domains(
        &mut self,
        now: Timestamp,
        until: Timestamp,
        most: u32,
    ) -> Result<Vec<MailDomain>, StoreError> {
        let sql = self.dialect().pick(
            "update mail_domains set next_at = $1 where domain in (select domain from mail_domains \
             where next_at <= $2 order by next_at limit $3) returning domain, failures",
            "update mail_domains set next_at = $1 where domain in (select domain from mail_domains \
             where next_at <= $2 order by next_at limit $3 for update skip locked) returning domain, failures",
        );
        let rows = sqlx::query(sql)
            .bind(until.as_ms())
            .bind(now.as_ms())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        let read = |row: &sqlx::any::AnyRow| {
            let failures = u32::try_from(row.int("failures")?).unwrap_or(u32::MAX);
            Ok(MailDomain { domain: row.text("domain")?, failures })
        };
        Ok(all(rows, read)?)
    }

    /// Forgets a domain at which nobody has an address that may be used; tells whether it was so.
    pub async fn forget_unused_domain(&mut self, domain: &str) -> Result<bool, StoreError> {
        let done = sqlx::query(concat!(
            "delete from mail_domains where domain = $1 and not exists (select 1 from identities where ",
            used!(),
            " and ",
            domain!(),
            " = $1)"
        ))
        .bind(domain)
        .execute(self.connection())
        .await?;
        Ok(done.rows_affected() > 0)
    }

    /// Notes what was told of a domain.
    pub async fn save_mail_verdict(
        &mut self,
        domain: &str,
        verdict: Verdict,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("update mail_domains set verdict = $2, asked_at = $3 where domain = $1")
            .bind(domain)
            .bind(verdict.as_str())
            .bind(now.as_ms())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Notes when a domain is asked about again.
    pub async fn put_off_mail_domain(
        &mut self,
        domain: &MailDomain,
        next_at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("update mail_domains set next_at = $2, failures = $3 where domain = $1")
            .bind(&domain.domain)
            .bind(next_at.as_ms())
            .bind(i64::from(domain.failures))
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Forgets all of it, and what is marked by it.
    pub async fn forget_mail_domains(&mut self) -> Result<u64, StoreError> {
        let done = sqlx::query("delete from mail_domains").execute(self.connection()).await?;
        sqlx::query("delete from marks where code = $1")
            .bind(Code::EmailNoMail.as_str())
            .execute(self.connection())
            .await?;
        Ok(done.rows_affected())
    }
}
