//! What contacts did or received; each deed once.

use std::collections::{BTreeSet, HashSet};
use std::time::Duration;

use sqlx::any::AnyRow;

use super::asked::{asked, of_asked};
use super::filter::Question;
use super::many::{Many, batches};
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{CallId, ContactId, EngagementId, VisitorId, made_at};
use crate::domain::people::contact::Identity;
use crate::domain::people::engagement::{
    Acts, Amount, Called, CameBy, Deed, Engagement, Kind, Purchases, Told,
};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{self, Data, Event};

macro_rules! columns {
    () => {
        "id, contact_id, kind, at, subject, source, reference, name, purpose_id, solicits, amount, currency, \
         channel, came_from, medium, campaign, visit_id, properties, outcome, talk_ms, recording"
    };
}

/// Which engagements of a contact; each condition that is given must hold.
#[derive(Clone, Default, Debug)]
pub struct EngagementFilter {
    pub kind: Option<Kind>,
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
}

impl Store {
    /// All engagements of a contact, newest first.
    pub async fn list_engagements(
        &self,
        contact: ContactId,
        window: &Window,
    ) -> Result<Page<Engagement>, StoreError> {
        self.filter_engagements(contact, &EngagementFilter::default(), window).await
    }

    /// Those that fit, newest first.
    pub async fn filter_engagements(
        &self,
        contact: ContactId,
        filter: &EngagementFilter,
        window: &Window,
    ) -> Result<Page<Engagement>, StoreError> {
        let mut question = Question::new(concat!("select ", columns!(), " from engagements"));
        question
            .matching("contact_id = ", Some(contact.to_string()))?
            .matching("kind = ", filter.kind.map(Kind::as_str))?
            .matching("at >= ", filter.from.map(Timestamp::as_ms))?
            .matching("at < ", filter.to.map(Timestamp::as_ms))?
            .after_moment("(at, id)", window.moment()?)?
            .then(" order by at desc, id desc limit ")
            .value(window.fetch())?;
        let engagements = all(question.fetch(self.reads()).await?, |row| Ok(read(row)?.1))?;
        Ok(Page::cut(engagements, window, |engagement| moment_key(engagement.at, engagement.id)))
    }

    /// What a contact has done of their own accord, and bought.
    pub async fn sum_acts(&self, contact: ContactId) -> Result<Acts, StoreError> {
        let mut question = Question::new("select min(at) as first_at, max(at) as last_at from engagements");
        question.matching("contact_id = ", Some(contact.to_string()))?;
        question.and("(amount is null or amount >= 0)").and("kind in ");
        for (n, kind) in Kind::ALL.iter().filter(|kind| kind.is_own_act()).enumerate() {
            question.then(if n == 0 { "(" } else { ", " }).value(kind.as_str())?;
        }
        question.then(")");
        let span = question.fetch(self.reads()).await?;
        let purchases = sqlx::query(
            "select currency, count(*) filter (where amount >= 0) as bought, cast(sum(amount) as bigint) as total \
             from engagements where contact_id = $1 and kind = 'purchase' group by currency order by currency",
        )
        .bind(contact.to_string())
        .fetch_all(self.reads())
        .await?;
        let span = span
            .first()
            .map(|row| Ok::<_, sqlx::Error>((row.maybe_time("first_at")?, row.maybe_time("last_at")?)));
        let (first_at, last_at) = span.transpose()?.unwrap_or_default();
        let purchases = all(purchases, |row| {
            let total = Amount { minor: row.int("total")?, currency: row.word("currency")? };
            Ok(Purchases { count: row.int("bought")?, total })
        })?;
        Ok(Acts { first_at, last_at, purchases })
    }
}

impl Tx {
    /// Adds engagements, each unless the contact has this deed already or its source has told it; tells which
    /// are new.
    pub async fn insert_engagements(
        &mut self,
        engagements: &[(ContactId, Engagement)],
    ) -> Result<HashSet<EngagementId>, StoreError> {
        let mut new = HashSet::new();
        for batch in batches(engagements) {
            let mut many = Many::new(concat!("insert into engagements (", columns!(), ") values "));
            for (contact, engagement) in batch {
                let what = &engagement.what;
                let told = if let Deed::Told(told) = what { Some(&**told) } else { None };
                let came_by = told.and_then(|told| told.came_by.as_ref());
                let amount = told.and_then(|told| told.amount);
                let called = told.and_then(|told| told.called.as_ref());
                many.row()
                    .value(engagement.id.to_string())?
                    .value(contact.to_string())?
                    .value(what.kind().as_str())?
                    .value(engagement.at.as_ms())?
                    .value(subject(engagement))?
                    .value(told.map(|told| told.source.clone()))?
                    .value(told.and_then(|told| told.reference.clone()))?
                    .value(told.and_then(|told| told.name.clone()))?
                    .value(told.and_then(|told| told.purpose.as_ref()).map(ToString::to_string))?
                    .value(i32::from(told.is_some_and(|told| told.solicits)))?
                    .value(amount.map(|amount| amount.minor))?
                    .value(amount.map(|amount| amount.currency.to_string()))?
                    .value(came_by.map(|it| it.channel.as_str()))?
                    .value(came_by.map(|it| it.source.clone()))?
                    .value(came_by.map(|it| it.medium.clone()))?
                    .value(came_by.and_then(|it| it.campaign.clone()))?
                    .value(told.and_then(|told| told.visit).map(|visit| visit.to_string()))?
                    .value(told.and_then(|told| told.properties.clone()))?
                    .value(called.map(|called| called.outcome.as_str()))?
                    .value(called.and_then(|called| called.talk).map(|talk| talk.as_millis() as i64))?
                    .value(called.and_then(|called| called.recording.clone()))?;
            }
            many.then(" on conflict do nothing returning id");
            for row in many.fetch(self.connection()).await? {
                new.insert(row.word("id")?);
            }
        }
        let bought =
            engagements.iter().filter(|(_, it)| it.what.kind() == Kind::Purchase && new.contains(&it.id));
        let bought: BTreeSet<ContactId> = bought.map(|(contact, _)| *contact).collect();
        self.count_purchases_again(&bought.into_iter().collect::<Vec<_>>()).await?;
        for (contact, engagement) in engagements.iter().filter(|(_, it)| new.contains(&it.id)) {
            let data = Data::Engagement {
                contact: *contact,
                engagement: engagement.id,
                kind: engagement.what.kind().as_str(),
            };
            // What is told today may have happened long ago.
            let at = made_at(&engagement.id.0).unwrap_or(engagement.at);
            self.tell(Event { kind: event::Kind::EngagementAdded, at, data });
        }
        Ok(new)
    }

    /// Whose purchases there are among these engagements.
    pub(super) async fn list_buyers(&mut self, engagements: &[String]) -> Result<Vec<ContactId>, StoreError> {
        let sql = of_asked!(
            self,
            " select distinct contact_id from engagements where kind = 'purchase' and id in (select its from asked)"
        );
        let rows = sqlx::query(sql).bind(asked(engagements)?).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| row.word("contact_id"))?)
    }

    /// Those that sources have told by these references, and of whom.
    pub async fn find_told(
        &mut self,
        references: &[(String, String)],
    ) -> Result<Vec<(ContactId, Engagement)>, StoreError> {
        let mut told = Vec::new();
        for batch in batches(references) {
            let mut many = Many::new("with asked (its_source, its_reference) as (values ");
            for (source, reference) in batch {
                many.row().value(source.clone())?.value(reference.clone())?;
            }
            many.then(concat!(
                ") select ",
                columns!(),
                " from asked join engagements on source = its_source and reference = its_reference"
            ));
            told.extend(all(many.fetch(self.connection()).await?, read)?);
        }
        Ok(told)
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
        if let Some(contact) = self.hold_owner(&Identity::Visitor(visitor)).await? {
            self.insert_engagements(&[(contact, engagement.clone())]).await?;
        }
        Ok(())
    }
}

/// What tells a deed from others of its kind; no source has a colon.
fn subject(engagement: &Engagement) -> String {
    match &engagement.what {
        Deed::Call(call) | Deed::Voicemail(call) => call.to_string(),
        Deed::Visit(visit) => visit.to_string(),
        Deed::Told(told) => match &told.reference {
            Some(reference) => format!("{}:{reference}", told.source),
            None => format!("{}:{}", told.source, engagement.id),
        },
    }
}

fn read(row: &AnyRow) -> Result<(ContactId, Engagement), sqlx::Error> {
    let what = match row.word("kind")? {
        Kind::Call => Deed::Call(row.word("subject")?),
        Kind::Voicemail => Deed::Voicemail(row.word("subject")?),
        Kind::Visit => Deed::Visit(row.word("subject")?),
        kind => Deed::Told(Box::new(told(kind, row)?)),
    };
    let engagement = Engagement { id: row.word("id")?, at: row.time("at")?, what };
    Ok((row.word("contact_id")?, engagement))
}

fn told(kind: Kind, row: &AnyRow) -> Result<Told, sqlx::Error> {
    let amount = match row.maybe_int("amount")? {
        Some(minor) => Some(Amount { minor, currency: row.word("currency")? }),
        None => None,
    };
    let came_by = match row.maybe_word("channel")? {
        Some(channel) => Some(CameBy {
            channel,
            source: row.text("came_from")?,
            medium: row.text("medium")?,
            campaign: row.maybe_text("campaign")?,
        }),
        None => None,
    };
    let called = match row.maybe_word("outcome")? {
        Some(outcome) => {
            let talk = row.maybe_int("talk_ms")?.map(|ms| Duration::from_millis(ms.max(0) as u64));
            Some(Called { outcome, talk, recording: row.maybe_text("recording")? })
        }
        None => None,
    };
    Ok(Told {
        kind,
        source: row.text("source")?,
        reference: row.maybe_text("reference")?,
        name: row.maybe_text("name")?,
        purpose: row.maybe_word("purpose_id")?,
        solicits: row.flag("solicits")?,
        amount,
        called,
        visit: row.maybe_word("visit_id")?,
        came_by,
        properties: row.maybe_text("properties")?,
    })
}
