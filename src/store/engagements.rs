//! What contacts did or received; each deed once.

use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{CallId, ContactId, VisitorId};
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
                "voicemail" => Deed::Voicemail(row.word("subject")?),
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
    /// Adds engagements, each unless the contact has this deed already.
    pub async fn insert_engagements(
        &mut self,
        engagements: &[(ContactId, Engagement)],
    ) -> Result<(), StoreError> {
        for batch in batches(engagements) {
            let mut many = Many::new("insert into engagements (id, contact_id, kind, at, subject) values ");
            for (contact, engagement) in batch {
                let (kind, subject) = columns(engagement.what);
                many.row()
                    .value(engagement.id.to_string())?
                    .value(contact.to_string())?
                    .value(kind)?
                    .value(engagement.at.as_ms())?
                    .value(subject)?;
            }
            many.then(" on conflict (contact_id, kind, subject) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Adds for each of these calls what its contact did in it, if it has a contact.
    pub async fn insert_engagements_of_calls(
        &mut self,
        engagements: &[(CallId, Engagement)],
    ) -> Result<(), StoreError> {
        for (call, engagement) in engagements {
            // Whoever carries calls over to another contact waits, or has done so.
            let sql = self.dialect().pick(
                "select contact_id from calls where id = $1 and contact_id is not null",
                "select contact_id from calls where id = $1 and contact_id is not null for share",
            );
            let owner = sqlx::query(sql).bind(call.to_string()).fetch_optional(self.connection()).await?;
            if let Some(row) = owner {
                self.insert_engagements(&[(row.word("contact_id")?, engagement.clone())]).await?;
            }
        }
        Ok(())
    }

    /// Adds an engagement to the visitor's contact, if the visitor has one.
    pub async fn insert_engagement_of(
        &mut self,
        visitor: VisitorId,
        engagement: &Engagement,
    ) -> Result<(), StoreError> {
        match self.hold_owner(&Identity::Visitor(visitor)).await? {
            Some(contact) => self.insert_engagements(&[(contact, engagement.clone())]).await,
            None => Ok(()),
        }
    }
}

fn columns(what: Deed) -> (&'static str, String) {
    match what {
        Deed::Call(call) => ("call", call.to_string()),
        Deed::Voicemail(call) => ("voicemail", call.to_string()),
        Deed::Visit(visit) => ("visit", visit.to_string()),
    }
}
