//! People who are forgotten: what is taken from which table, and the tombstones that stay.
//!
//! [`steps`] are the whole of it. Whoever makes a table that holds something of a person adds it there; a test that
//! looks for an erased person through every column of every table finds who forgot.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::going_on::GoingOn;
use super::mail_domains::domain;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::steps::{Step, delete, of_calls, of_visits, set};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::Identity;
use crate::domain::people::erasure::{Erasure, Touched, Why, tombstone};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Event, Kind};

/// The contact and whoever has become part of it.
macro_rules! them {
    () => {
        "(select id from contacts where id = $1 or merged_into = $1)"
    };
}
macro_rules! phones {
    () => {
        concat!("(select value from identities where kind = 'phone' and contact_id in ", them!(), ")")
    };
}
macro_rules! visitors {
    () => {
        concat!("(select value from identities where kind = 'visitor' and contact_id in ", them!(), ")")
    };
}
macro_rules! calls {
    () => {
        concat!(
            "(select id from calls where contact_id in ",
            them!(),
            " or contact_id is null and caller in ",
            phones!(),
            ")"
        )
    };
}
macro_rules! visits {
    () => {
        concat!("(select id from visits where visitor_id in ", visitors!(), ")")
    };
}

pub(super) use {calls, phones, them, visitors, visits};

/// What their calls lose.
const CALLS: [Step; 7] = of_calls!(calls!());
/// What names them elsewhere, and is found by their visits.
const ELSEWHERE: [Step; 2] = [
    // What they are called may have been said in another browser.
    delete(
        "claims",
        concat!(
            "(kind, value) in (select kind, value from identities where contact_id in ",
            them!(),
            ") and visit_id not in ",
            visits!()
        ),
    ),
    set("numbers", "visitor_id = null", concat!("visitor_id in ", visitors!())),
];
/// What their visits lose.
const VISITS: [Step; 5] = of_visits!(visits!());
/// What is theirs by their id.
const OWN: &[Step] = &[
    delete("engagements", concat!("contact_id in ", them!())),
    set("consents", "actor = null, reference = null", concat!("contact_id in ", them!())),
    delete("duplicates", concat!("one_id in ", them!(), " or other_id in ", them!())),
    delete(
        "merge_moves",
        concat!(
            "merge_id in (select id from merges where into_id in ",
            them!(),
            " or gone_id in ",
            them!(),
            ")"
        ),
    ),
    delete("merges", concat!("into_id in ", them!(), " or gone_id in ", them!())),
    delete("tasks", concat!("contact_id in ", them!())),
    delete("rfm", concat!("contact_id in ", them!())),
    delete("lookalike_features", concat!("contact_id in ", them!())),
    delete("segment_members", concat!("contact_id in ", them!())),
    delete("segment_moves", concat!("contact_id in ", them!())),
    delete(
        "mails",
        concat!(
            "recipient in (select value from identities where kind = 'email' and contact_id in ",
            them!(),
            ")"
        ),
    ),
    delete(
        "confirmations",
        concat!("consent_id in (select id from consents where contact_id in ", them!(), ")"),
    ),
    delete("preference_links", concat!("contact_id in ", them!())),
    delete("reservations", concat!("contact_id in ", them!())),
    // The register keeps that something was asked for, and when it was settled how.
    set("requests", "contact_id = null, extended_why = null, why = null", concat!("contact_id in ", them!())),
    delete("frequency_wishes", concat!("contact_id in ", them!())),
    delete("mail_keys", concat!("contact_id in ", them!())),
    delete("restrictions", concat!("contact_id in ", them!())),
    delete("marks", concat!("contact_id in ", them!())),
    delete("contact_keys", concat!("contact_id in ", them!())),
    // Where nobody else has an address.
    delete(
        "mail_domains",
        concat!(
            "domain in (select ",
            domain!(),
            " from identities where kind = 'email' and contact_id in ",
            them!(),
            ") and not exists (select 1 from identities where kind = 'email' and ",
            domain!(),
            " = mail_domains.domain and contact_id not in ",
            them!(),
            ")"
        ),
    ),
    delete("identities", concat!("contact_id in ", them!())),
    set(
        "contacts",
        "name = null, given_name = null, family_name = null, language = null, addresses = null, fields = null, \
         unread = null",
        concat!("id in ", them!()),
    ),
];

/// Recordings that are not deleted yet, and nobody has made due.
const RECORDINGS: &str = concat!("deleted_at is null and deleted_by is null and call_id in ", calls!());

const DUE: Step = delete("recordings", RECORDINGS);

/// Everything that a person loses, in an order in which each step still finds what it goes by.
fn steps() -> impl Iterator<Item = &'static Step> {
    CALLS.iter().chain(&ELSEWHERE).chain(&VISITS).chain(OWN)
}

impl Store {
    /// What erasing a contact would touch; nothing is changed.
    pub async fn count_erasure(&self, contact: ContactId) -> Result<Touched, StoreError> {
        let mut touched = Touched::new();
        for step in steps().chain([&DUE]) {
            // Safe: a step is text of the program.
            let sql = format!("select count(*) as rows from {} where {}", step.table, step.whose);
            let row =
                sqlx::query(AssertSqlSafe(sql)).bind(contact.to_string()).fetch_one(self.reads()).await?;
            add(&mut touched, step.table, row.int("rows")?.unsigned_abs());
        }
        Ok(touched)
    }

    pub async fn find_erasure(&self, contact: ContactId) -> Result<Option<Erasure>, StoreError> {
        let row =
            sqlx::query("select contact_id, at, by_whom, why, touched from erasures where contact_id = $1")
                .bind(contact.to_string())
                .fetch_optional(self.reads())
                .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Everybody who was erased, and who had become part of them: in an older backup these stand for themselves.
    pub async fn list_erased(&self) -> Result<Vec<(ContactId, Why)>, StoreError> {
        let rows = sqlx::query(
            "select c.id, e.why from contacts c join erasures e on e.contact_id = c.id or e.contact_id = c.merged_into \
             order by e.at, c.id",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| Ok((row.word("id")?, row.word("why")?)))?)
    }

    /// Every erasure, the latest first.
    pub async fn list_erasures(&self, window: &Window) -> Result<Page<Erasure>, StoreError> {
        let mut question = Question::new("select contact_id, at, by_whom, why, touched from erasures");
        question
            .after_moment("(at, contact_id)", window.moment()?)?
            .then(" order by at desc, contact_id desc limit ")
            .value(window.fetch())?;
        let erasures = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(erasures, window, |erasure| moment_key(erasure.at, erasure.contact)))
    }
}

impl Tx {
    /// Reports forget who called, and what a visit was about.
    async fn count_their_calls_again(&mut self, contact: &str) -> Result<(), StoreError> {
        let sql = self.dialect().pick(
            concat!("select c.id as its from calls c where c.id in ", calls!()),
            // Whoever writes a note of one of them just now is waited for.
            concat!("select c.id as its from calls c where c.id in ", calls!(), " for update"),
        );
        let calls = sqlx::query(sql);
        let calls =
            all(calls.bind(contact.to_owned()).fetch_all(self.connection()).await?, |row| row.word("its"))?;
        self.count_again(&calls).await?;
        let visits = sqlx::query(concat!("select v.id as its from visits v where v.id in ", visits!()));
        let visits: Vec<String> =
            all(visits.bind(contact.to_owned()).fetch_all(self.connection()).await?, |row| row.text("its"))?;
        let calls = self.list_calls_of_visits(&visits).await?;
        self.count_again(&calls).await
    }

    /// Takes from every table what is the contact's, and makes their recordings due. Their identities must be held
    /// ([`Tx::hold_identities`]); `key` is what tombstones are hashed with where there is none yet.
    pub async fn erase_contact(&mut self, erasure: &Erasure, key: &str) -> Result<Touched, StoreError> {
        let contact = erasure.contact.to_string();
        let mut touched = Touched::new();
        let due = sqlx::query(AssertSqlSafe(format!(
            "update recordings set delete_at = $2, delete_why = 'person', deleted_by = $3 where {RECORDINGS}"
        )))
        .bind(contact.clone())
        .bind(erasure.at.as_ms())
        .bind(&erasure.by)
        .execute(self.connection())
        .await?;
        add(&mut touched, "recordings", due.rows_affected());
        let identities = self.hold_identities_of(&contact).await?;
        // Whose time is over may come back as anybody else, unless they have ever said no: nobody would know of it.
        if erasure.why != Why::Retention || self.has_objected(&contact).await? {
            self.insert_tombstones(&identities, erasure.at, key).await?;
        }
        self.count_their_calls_again(&contact).await?;
        for step in steps() {
            // Safe: a step is text of the program.
            let done = sqlx::query(AssertSqlSafe(step.sql()));
            let done = done.bind(contact.clone()).execute(self.connection()).await?;
            add(&mut touched, step.table, done.rows_affected());
        }
        sqlx::query("update contacts set erased_at = $1 where id = $2 or merged_into = $2")
            .bind(erasure.at.as_ms())
            .bind(contact.clone())
            .execute(self.connection())
            .await?;
        self.tell(Event::contact(Kind::ContactErased, erasure.contact, erasure.at));
        // Visits that go on are remembered with whose they are.
        self.going_on = GoingOn::default();
        let json = serde_json::to_string(&touched).map_err(|cause| sqlx::Error::Encode(cause.into()))?;
        sqlx::query(
            "insert into erasures (contact_id, at, by_whom, why, touched) values ($1, $2, $3, $4, $5) \
             on conflict (contact_id) do nothing",
        )
        .bind(contact)
        .bind(erasure.at.as_ms())
        .bind(&erasure.by)
        .bind(erasure.why.as_str())
        .bind(json)
        .execute(self.connection())
        .await?;
        Ok(touched)
    }

    /// What the contact is known by. Whoever ties a visit or a call to one of these just now is waited for, and then
    /// erased with the rest.
    pub(crate) async fn hold_identities_of(&mut self, contact: &str) -> Result<Vec<Identity>, StoreError> {
        let sql = self.dialect().pick(
            concat!("select kind, value from identities where contact_id in ", them!()),
            concat!("select kind, value from identities where contact_id in ", them!(), " for update"),
        );
        let rows = sqlx::query(sql).bind(contact).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| super::identities::of(&row.text("kind")?, &row.text("value")?))?)
    }

    async fn has_objected(&mut self, contact: &str) -> Result<bool, StoreError> {
        let row = sqlx::query(concat!(
            "select 1 from consents where status in ('refused', 'withdrawn') and contact_id in ",
            them!(),
            " limit 1"
        ))
        .bind(contact)
        .fetch_optional(self.connection())
        .await?;
        Ok(row.is_some())
    }

    async fn insert_tombstones(
        &mut self,
        identities: &[Identity],
        at: Timestamp,
        key: &str,
    ) -> Result<(), StoreError> {
        sqlx::query("insert into tombstone_key (one, key) values (1, $1) on conflict (one) do nothing")
            .bind(key)
            .execute(self.connection())
            .await?;
        let Some(key) = self.find_tombstone_key().await? else { return Ok(()) };
        for identity in identities {
            sqlx::query("insert into tombstones (hash, at) values ($1, $2) on conflict (hash) do nothing")
                .bind(tombstone(&key, identity))
                .bind(at.as_ms())
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }

    async fn find_tombstone_key(&mut self) -> Result<Option<String>, StoreError> {
        let row = sqlx::query("select key from tombstone_key").fetch_optional(self.connection()).await?;
        Ok(row.map(|row| row.text("key")).transpose()?)
    }

    /// Those of these that were erased and may not be written again.
    pub async fn find_tombstones(&mut self, identities: &[Identity]) -> Result<Vec<Identity>, StoreError> {
        let Some(key) = self.find_tombstone_key().await? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for identity in identities {
            let row = sqlx::query("select 1 from tombstones where hash = $1")
                .bind(tombstone(&key, identity))
                .fetch_optional(self.connection())
                .await?;
            found.extend(row.map(|_| identity.clone()));
        }
        Ok(found)
    }

    /// The person has come back: they may be written again.
    pub async fn delete_tombstones(&mut self, identities: &[Identity]) -> Result<(), StoreError> {
        let Some(key) = self.find_tombstone_key().await? else { return Ok(()) };
        for identity in identities {
            sqlx::query("delete from tombstones where hash = $1")
                .bind(tombstone(&key, identity))
                .execute(self.connection())
                .await?;
        }
        Ok(())
    }
}

fn add(touched: &mut Touched, table: &str, rows: u64) {
    if rows > 0 {
        *touched.entry(table.to_owned()).or_default() += rows;
    }
}

fn read(row: &AnyRow) -> Result<Erasure, sqlx::Error> {
    Ok(Erasure {
        contact: row.word("contact_id")?,
        at: row.time("at")?,
        by: row.text("by_whom")?,
        why: row.word("why")?,
        touched: row.json("touched")?,
    })
}
