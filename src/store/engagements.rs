//! What contacts did or received; each deed once.

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{ContactId, VisitorId};
use crate::domain::people::contact::Identity;
use crate::domain::people::engagement::{Deed, Engagement};

impl Store {
    /// The engagements of a contact, newest first.
    pub async fn list_engagements(
        &self,
        contact: ContactId,
        window: &Window,
    ) -> Result<Page<Engagement>, StoreError> {
        let mut question = Question::new("select id, kind, at, subject from engagements");
        question
            .matching("contact_id = ", Some(contact.to_string()))?
            .after_moment("(at, id)", window.moment()?)?
            .then(" order by at desc, id desc limit ")
            .value(window.fetch())?;
        let engagements = all(question.fetch(self.reads()).await?, |row| {
            let what = match row.text("kind")?.as_str() {
                "call" => Deed::Call(row.word("subject")?),
                "visit" => Deed::Visit(row.word("subject")?),
                other => {
                    let cause = format!("unknown kind of engagement {other:?}");
                    return Err(sqlx::Error::ColumnDecode { index: "kind".into(), source: cause.into() });
                }
            };
            Ok(Engagement { id: row.word("id")?, at: row.time("at")?, what })
        })?;
        Ok(Page::cut(engagements, window, |engagement| moment_key(engagement.at, engagement.id)))
    }
}

impl Tx {
    /// Adds an engagement unless the contact has this deed already.
    pub async fn insert_engagement(
        &mut self,
        contact: ContactId,
        engagement: &Engagement,
    ) -> Result<(), StoreError> {
        let (kind, subject) = columns(engagement.what);
        sqlx::query(
            "insert into engagements (id, contact_id, kind, at, subject) values ($1, $2, $3, $4, $5) \
             on conflict (contact_id, kind, subject) do nothing",
        )
        .bind(engagement.id.to_string())
        .bind(contact.to_string())
        .bind(kind)
        .bind(engagement.at.as_ms())
        .bind(subject)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Adds an engagement to the visitor's contact, if the visitor has one.
    pub async fn insert_engagement_of(
        &mut self,
        visitor: VisitorId,
        engagement: &Engagement,
    ) -> Result<(), StoreError> {
        match self.find_owner(&Identity::Visitor(visitor)).await? {
            Some(contact) => self.insert_engagement(contact, engagement).await,
            None => Ok(()),
        }
    }
}

fn columns(what: Deed) -> (&'static str, String) {
    match what {
        Deed::Call(call) => ("call", call.to_string()),
        Deed::Visit(visit) => ("visit", visit.to_string()),
    }
}
