//! The consent ledger: lines are added, and never changed.

use super::asked::{asked, gathered_of_asked};
use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all, gathered};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{ConsentId, ContactId, VisitorId};
use crate::domain::people::consent::{Channel, Consent, Matter, Proof};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Data, Event, Kind};

macro_rules! columns {
    () => {
        "id, contact_id, channel, purpose_id, controller_id, status, basis, at, expires_at, method, \
         source, reference, wording, version, actor, proof, recorded_at, recorded_by"
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!("select ", columns!(), " from consents", $rest)
    };
}

impl Store {
    /// The lines of a contact, those that the ledger heard of last first.
    pub async fn list_consents(
        &self,
        contact: ContactId,
        window: &Window,
    ) -> Result<Page<Consent>, StoreError> {
        let mut question = Question::new(select!(""));
        question
            .matching("contact_id = ", Some(contact.to_string()))?
            .after_moment("(recorded_at, id)", window.moment()?)?
            .then(" order by recorded_at desc, id desc limit ")
            .value(window.fetch())?;
        let lines = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(lines, window, |line| moment_key(line.recorded_at, line.id)))
    }

    /// What the ledger knew of a contact at a moment, in the order in which it was said.
    pub async fn list_consents_known(
        &self,
        contact: ContactId,
        known_at: Timestamp,
    ) -> Result<Vec<Consent>, StoreError> {
        list_known(self.reads(), contact, known_at).await
    }

    /// What the contact that a visitor is known to be has said of a channel.
    pub async fn list_consents_of_visitor(
        &self,
        visitor: VisitorId,
        channel: Channel,
    ) -> Result<Vec<Consent>, StoreError> {
        list_of_visitor(self.reads(), visitor, channel).await
    }

    pub async fn find_consent(&self, id: ConsentId) -> Result<Option<Consent>, StoreError> {
        find(self.reads(), id).await
    }

    /// All lines of these contacts.
    pub async fn list_consents_of(&self, contacts: &[ContactId]) -> Result<Vec<Consent>, StoreError> {
        let contacts = asked(contacts)?;
        self.read(|tx| Box::pin(async move { tx.list_consents_of(&contacts).await })).await
    }

    /// Every matter that some line is about.
    pub async fn list_matters(&self) -> Result<Vec<Matter>, StoreError> {
        let rows = sqlx::query(
            "select distinct channel, purpose_id, controller_id from consents \
             order by channel, purpose_id, controller_id",
        )
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, read_matter)?)
    }
}

async fn list_known(
    on: impl sqlx::AnyExecutor<'_>,
    contact: ContactId,
    known_at: Timestamp,
) -> Result<Vec<Consent>, StoreError> {
    let rows = sqlx::query(select!(" where contact_id = $1 and recorded_at <= $2 order by at, id"))
        .bind(contact.to_string())
        .bind(known_at.as_ms())
        .fetch_all(on)
        .await?;
    Ok(all(rows, read)?)
}

async fn list_of_visitor(
    on: impl sqlx::AnyExecutor<'_>,
    visitor: VisitorId,
    channel: Channel,
) -> Result<Vec<Consent>, StoreError> {
    let rows = sqlx::query(select!(
        " where channel = $1 and contact_id = \
         (select contact_id from identities where kind = 'visitor' and value = $2)"
    ))
    .bind(channel.as_str())
    .bind(visitor.to_string())
    .fetch_all(on)
    .await?;
    Ok(all(rows, read)?)
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: ConsentId) -> Result<Option<Consent>, StoreError> {
    let row = sqlx::query(select!(" where id = $1")).bind(id.to_string()).fetch_optional(on).await?;
    Ok(row.as_ref().map(read).transpose()?)
}

impl Tx {
    /// What the contact that a visitor is known to be has said of a channel.
    pub async fn list_consents_of_visitor(
        &mut self,
        visitor: VisitorId,
        channel: Channel,
    ) -> Result<Vec<Consent>, StoreError> {
        list_of_visitor(self.connection(), visitor, channel).await
    }

    pub async fn list_consents_known(
        &mut self,
        contact: ContactId,
        known_at: Timestamp,
    ) -> Result<Vec<Consent>, StoreError> {
        list_known(self.connection(), contact, known_at).await
    }

    pub async fn find_consent(&mut self, id: ConsentId) -> Result<Option<Consent>, StoreError> {
        find(self.connection(), id).await
    }

    /// Adds a line; `false`: its source has said this already.
    pub async fn insert_consent(&mut self, line: &Consent) -> Result<bool, StoreError> {
        let done = sqlx::query(
            "insert into consents (id, contact_id, channel, purpose_id, controller_id, status, basis, at, expires_at, \
             method, source, reference, wording, version, actor, proof, recorded_at, recorded_by) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18) \
             on conflict (source, reference) where reference is not null do nothing",
        )
        .bind(line.id.to_string())
        .bind(line.contact.to_string())
        .bind(line.matter.channel.as_str())
        .bind(line.matter.purpose.as_str())
        .bind(line.matter.controller.as_str())
        .bind(line.status.as_str())
        .bind(line.basis.as_str())
        .bind(line.at.as_ms())
        .bind(line.expires_at.map(Timestamp::as_ms))
        .bind(line.method.as_str())
        .bind(&line.source)
        .bind(line.reference.as_deref())
        .bind(line.text.as_deref())
        .bind(line.text_version.as_deref())
        .bind(line.actor.as_deref())
        .bind(line.proof.as_ref().map(Proof::to_string))
        .bind(line.recorded_at.as_ms())
        .bind(&line.recorded_by)
        .execute(self.connection())
        .await?;
        let is_new = done.rows_affected() > 0;
        if is_new {
            let data = Data::Consent {
                contact: line.contact,
                consent: line.id,
                channel: line.matter.channel.as_str(),
                purpose: line.matter.purpose.clone(),
                controller: line.matter.controller.clone(),
            };
            self.tell(Event { kind: Kind::ConsentChanged, at: line.recorded_at, data });
        }
        Ok(is_new)
    }

    /// The lines of these contacts, which stand in a JSON array.
    pub(super) async fn list_consents_of(&mut self, contacts: &str) -> Result<Vec<Consent>, StoreError> {
        let sql =
            gathered_of_asked!(self, columns!(), "from consents where contact_id in (select its from asked)");
        let row = sqlx::query(sql).bind(contacts).fetch_one(self.connection()).await?;
        Ok(gathered(&row, columns!(), read)?)
    }

    /// What a contact has refused or taken back, as the ledger has heard since then.
    pub async fn list_noes_since(
        &mut self,
        contact: ContactId,
        since: Timestamp,
    ) -> Result<Vec<Consent>, StoreError> {
        let rows = sqlx::query(select!(
            " where contact_id = $1 and recorded_at >= $2 and status in ('refused', 'withdrawn') \
             order by recorded_at, id"
        ))
        .bind(contact.to_string())
        .bind(since.as_ms())
        .fetch_all(self.connection())
        .await?;
        Ok(all(rows, read)?)
    }

    /// The line that a source calls so.
    pub async fn find_consent_called(
        &mut self,
        source: &str,
        reference: &str,
    ) -> Result<Option<Consent>, StoreError> {
        let row = sqlx::query(select!(" where source = $1 and reference = $2"))
            .bind(source)
            .bind(reference)
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }
}

fn read_matter(row: &impl Columns) -> Result<Matter, sqlx::Error> {
    Ok(Matter {
        channel: row.word("channel")?,
        purpose: row.word("purpose_id")?,
        controller: row.word("controller_id")?,
    })
}

fn read(row: &impl Columns) -> Result<Consent, sqlx::Error> {
    Ok(Consent {
        id: row.word("id")?,
        contact: row.word("contact_id")?,
        matter: read_matter(row)?,
        status: row.word("status")?,
        basis: row.word("basis")?,
        at: row.time("at")?,
        expires_at: row.maybe_time("expires_at")?,
        method: row.word("method")?,
        source: row.text("source")?,
        reference: row.maybe_text("reference")?,
        text: row.maybe_text("wording")?,
        text_version: row.maybe_text("version")?,
        actor: row.maybe_text("actor")?,
        proof: row.maybe_word("proof")?,
        recorded_at: row.time("recorded_at")?,
        recorded_by: row.text("recorded_by")?,
    })
}
