//! People who are forgotten: what is taken from which table, and the tombstones that stay.
//!
//! [`STEPS`] is the whole of it. Whoever makes a table that holds something of a person adds it there; a test that
//! looks for an erased person through every column of every table finds who forgot.

use sqlx::AssertSqlSafe;
use sqlx::any::AnyRow;

use super::filter::Question;
use super::going_on::GoingOn;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::Identity;
use crate::domain::people::erasure::{Erasure, Touched, Why, tombstone};
use crate::domain::time::Timestamp;

/// What happens to the rows of a table that are a person's.
struct Step {
    table: &'static str,
    /// What they are set to; `None`: they are deleted.
    set: Option<&'static str>,
    /// Which rows; `$1` is the contact.
    whose: &'static str,
}

const fn delete(table: &'static str, whose: &'static str) -> Step {
    Step { table, set: None, whose }
}

const fn set(table: &'static str, set: &'static str, whose: &'static str) -> Step {
    Step { table, set: Some(set), whose }
}

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
        concat!("(select id from calls where contact_id in ", them!(), " or caller in ", phones!(), ")")
    };
}
macro_rules! visits {
    () => {
        concat!("(select id from visits where visitor_id in ", visitors!(), ")")
    };
}

pub(super) use {calls, phones, them, visitors, visits};

/// Everything that a person loses, in an order in which each step still finds what it goes by.
const STEPS: &[Step] = &[
    delete("ladders", concat!("call_id in ", calls!())),
    set("screenings", "origination = null", concat!("call_id in ", calls!())),
    set("transfers", "target = ''", concat!("call_id in ", calls!())),
    // The carrier has that id in its own books.
    set("calls", "caller = null, contact_id = null, sip_call_id = ''", concat!("id in ", calls!())),
    delete("page_views", concat!("visit_id in ", visits!())),
    delete("events", concat!("visit_id in ", visits!())),
    delete("claims", concat!("visit_id in ", visits!())),
    // What they are called may have been said in another browser.
    delete(
        "claims",
        concat!(
            "exists (select 1 from identities i where i.kind = claims.kind and i.value = claims.value ",
            "and i.contact_id in ",
            them!(),
            ") and visit_id not in ",
            visits!()
        ),
    ),
    set("leases", "visitor_id = visit_id", concat!("visit_id in ", visits!())),
    set("numbers", "visitor_id = null", concat!("visitor_id in ", visitors!())),
    // A visit of nobody: one of a visitor who was here only then.
    set(
        "visits",
        "visitor_id = id, landing_page = '', referrer = null, term = null, content = null, click_id = null",
        concat!("visitor_id in ", visitors!()),
    ),
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
    delete("marks", concat!("contact_id in ", them!())),
    delete("contact_keys", concat!("contact_id in ", them!())),
    delete("identities", concat!("contact_id in ", them!())),
    set(
        "contacts",
        "name = null, given_name = null, family_name = null, language = null, addresses = null, fields = null",
        concat!("id in ", them!()),
    ),
];

/// Recordings that are not deleted yet, and nobody has made due.
const RECORDINGS: &str = concat!("deleted_at is null and deleted_by is null and call_id in ", calls!());

impl Store {
    /// What erasing a contact would touch; nothing is changed.
    pub async fn count_erasure(&self, contact: ContactId) -> Result<Touched, StoreError> {
        let mut touched = Touched::new();
        let recordings = Step { table: "recordings", set: None, whose: RECORDINGS };
        for step in STEPS.iter().chain([&recordings]) {
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
        self.insert_tombstones(&contact, erasure.at, key).await?;
        for step in STEPS {
            let sql = match step.set {
                Some(set) => format!("update {} set {set} where {}", step.table, step.whose),
                None => format!("delete from {} where {}", step.table, step.whose),
            };
            let done =
                sqlx::query(AssertSqlSafe(sql)).bind(contact.clone()).execute(self.connection()).await?;
            add(&mut touched, step.table, done.rows_affected());
        }
        sqlx::query("update contacts set erased_at = $1 where id = $2 or merged_into = $2")
            .bind(erasure.at.as_ms())
            .bind(contact.clone())
            .execute(self.connection())
            .await?;
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

    async fn insert_tombstones(&mut self, contact: &str, at: Timestamp, key: &str) -> Result<(), StoreError> {
        sqlx::query("insert into tombstone_key (one, key) values (1, $1) on conflict (one) do nothing")
            .bind(key)
            .execute(self.connection())
            .await?;
        let Some(key) = self.find_tombstone_key().await? else { return Ok(()) };
        // Whoever ties a visit or a call to one of these just now is waited for, and then erased with the rest.
        let sql = self.dialect().pick(
            concat!("select kind, value from identities where contact_id in ", them!()),
            concat!("select kind, value from identities where contact_id in ", them!(), " for update"),
        );
        let rows = sqlx::query(sql).bind(contact).fetch_all(self.connection()).await?;
        let identities = all(rows, |row| super::identities::of(&row.text("kind")?, &row.text("value")?))?;
        for identity in identities {
            sqlx::query("insert into tombstones (hash, at) values ($1, $2) on conflict (hash) do nothing")
                .bind(tombstone(&key, &identity))
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
