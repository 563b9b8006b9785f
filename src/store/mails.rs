//! Mail on its way: written where what causes it is written, sent later, and
//! forgotten but for its times once it is over.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::MailId;
use crate::domain::people::mail::{Mail, Picture, Words};
use crate::domain::time::Timestamp;

/// A mail that is to be tried now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DueMail {
    pub mail: Mail,
    pub made_at: Timestamp,
    /// How often it was tried, this time counting.
    pub tries: u32,
}

/// How a try ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tried {
    /// A server has it.
    Sent,
    /// It is tried again then.
    Again(Timestamp),
    /// It is tried no more.
    GivenUp,
}

impl Tx {
    /// Puts a mail on its way.
    pub async fn insert_mail(&mut self, mail: &Mail, now: Timestamp) -> Result<(), StoreError> {
        sqlx::query(
            "insert into mails (id, recipient, subject, body_text, body_html, made_at, due_at, tries, unsubscribe, \
             pictures) values ($1, $2, $3, $4, $5, $6, $6, 0, $7, $8)",
        )
        .bind(mail.id.to_string())
        .bind(mail.to.reveal())
        .bind(&mail.words.subject)
        .bind(&mail.words.text)
        .bind(&mail.words.html)
        .bind(now.as_ms())
        .bind(mail.unsubscribe.as_deref())
        .bind(written(&mail.words.pictures)?)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes up to `most` mails that are due, and gives them in the order in which they were made; nobody else gets them until `held_until`.
    ///
    /// Whoever takes them and dies has perhaps sent them: they are due again then, under the same Message-ID.
    pub async fn claim_mails(
        &mut self,
        now: Timestamp,
        held_until: Timestamp,
        most: u32,
    ) -> Result<Vec<DueMail>, StoreError> {
        // Two nodes look at once.
        let sql = self.dialect().pick(
            "update mails set due_at = $1, tries = tries + 1 where id in (select id from mails \
             where sent_at is null and given_up_at is null and due_at <= $2 order by due_at limit $3) \
             returning id, recipient, subject, body_text, body_html, made_at, tries, unsubscribe, pictures",
            "update mails set due_at = $1, tries = tries + 1 where id in (select id from mails \
             where sent_at is null and given_up_at is null and due_at <= $2 order by due_at limit $3 \
             for update skip locked) \
             returning id, recipient, subject, body_text, body_html, made_at, tries, unsubscribe, pictures",
        );
        let rows = sqlx::query(sql)
            .bind(held_until.as_ms())
            .bind(now.as_ms())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
        let mut due = all(rows, read)?;
        due.sort_by_key(|due| due.made_at);
        Ok(due)
    }
}

impl Store {
    /// Writes down how a try ended, and what the server said.
    pub async fn settle_mail(
        &self,
        id: MailId,
        tried: Tried,
        reply: Option<u16>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        self.write(move |tx| {
            Box::pin(async move {
                let (sql, at) = match tried {
                    Tried::Sent => (
                        "update mails set sent_at = $1, reply = $2, recipient = null, subject = null, \
                         body_text = null, body_html = null, unsubscribe = null, pictures = null where id = $3",
                        now,
                    ),
                    Tried::GivenUp => (
                        "update mails set given_up_at = $1, reply = $2, recipient = null, subject = null, \
                         body_text = null, body_html = null, unsubscribe = null, pictures = null where id = $3",
                        now,
                    ),
                    Tried::Again(at) => ("update mails set due_at = $1, reply = $2 where id = $3", at),
                };
                sqlx::query(sql)
                    .bind(at.as_ms())
                    .bind(reply.map(i32::from))
                    .bind(id.to_string())
                    .execute(tx.connection())
                    .await?;
                Ok(())
            })
        })
        .await
    }
}

/// Name and base64; `None` where there are none, as in nearly all mails.
fn written(pictures: &[Picture]) -> Result<Option<String>, sqlx::Error> {
    if pictures.is_empty() {
        return Ok(None);
    }
    let all: Vec<_> = pictures.iter().map(|it| (&it.name, BASE64_STANDARD.encode(&it.png))).collect();
    serde_json::to_string(&all).map(Some).map_err(|cause| sqlx::Error::Encode(cause.into()))
}

fn pictures(row: &AnyRow) -> Result<Vec<Picture>, sqlx::Error> {
    let all: Vec<(String, String)> = row.json_or_default("pictures")?;
    let picture = |(name, png): (String, String)| {
        let png = BASE64_STANDARD.decode(png).map_err(|cause| sqlx::Error::Decode(cause.into()))?;
        Ok(Picture { name, png })
    };
    all.into_iter().map(picture).collect()
}

fn read(row: &AnyRow) -> Result<DueMail, sqlx::Error> {
    Ok(DueMail {
        mail: Mail {
            id: row.word("id")?,
            to: row.word("recipient")?,
            words: Words {
                subject: row.text("subject")?,
                text: row.text("body_text")?,
                html: row.text("body_html")?,
                pictures: pictures(row)?,
            },
            unsubscribe: row.maybe_text("unsubscribe")?,
        },
        made_at: row.time("made_at")?,
        tries: u32::try_from(row.int("tries")?).unwrap_or(u32::MAX),
    })
}
