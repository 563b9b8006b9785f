//! What journeys are made of: visits with whose they are, and the shares of calls.

use crate::domain::ids::{ContactId, SiteId, VisitorId};
use crate::domain::reporting::journeys::{Came, Person, Rang};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::store::filter::Question;
use crate::store::rows::{Columns, all};
use crate::store::{Store, StoreError};

impl Store {
    /// The visits of these times, the newest first.
    pub async fn list_touches(
        &self,
        site: Option<&SiteId>,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Came>, StoreError> {
        let mut question = Question::new(
            "select v.visitor_id, v.started_at, v.channel, i.contact_id from visits v \
             left join identities i on i.kind = 'visitor' and i.value = v.visitor_id",
        );
        question
            .matching("v.started_at >= ", Some(from.as_ms()))?
            .matching("v.started_at < ", Some(until.as_ms()))?
            .matching("v.site_id = ", site.map(SiteId::as_str))?
            .then(" order by v.started_at desc, v.id desc limit ")
            .value(i64::from(limit))?;
        Ok(all(question.fetch(self.reads()).await?, |row| {
            let who = match row.maybe_word("contact_id")? {
                Some(contact) => Person::Contact(contact),
                None => Person::Visitor(row.word("visitor_id")?),
            };
            Ok(Came { who, at: row.time("started_at")?, channel: row.word("channel")? })
        })?)
    }

    /// The shares of the calls of these times, of the newest calls first.
    pub async fn list_call_shares(
        &self,
        site: Option<&SiteId>,
        from: Timestamp,
        until: Timestamp,
        limit: u32,
    ) -> Result<Vec<Rang>, StoreError> {
        let mut question = Question::new(
            "select c.id, c.arrived_at, c.contact_id as caller, a.probability, a.channel, v.visitor_id, i.contact_id \
             from calls c join attributions a on a.call_id = c.id and a.version = (select max(w.version) \
             from attribution_versions w where w.call_id = c.id) left join visits v on v.id = a.visit_id \
             left join identities i on i.kind = 'visitor' and i.value = v.visitor_id \
             left join numbers n on n.e164 = c.number left join pools o on o.id = n.pool_id",
        );
        question
            .matching("c.arrived_at >= ", Some(from.as_ms()))?
            .matching("c.arrived_at < ", Some(until.as_ms()))?
            .matching("coalesce(o.site_id, n.site_id) = ", site.map(SiteId::as_str))?
            .then(" order by c.arrived_at desc, c.id desc, a.rank limit ")
            .value(i64::from(limit))?;
        Ok(all(question.fetch(self.reads()).await?, |row| {
            let visitor: Option<VisitorId> = row.maybe_word("visitor_id")?;
            let (caller, known): (Option<ContactId>, Option<ContactId>) =
                (row.maybe_word("caller")?, row.maybe_word("contact_id")?);
            // What no visit made and no medium tells is known from elsewhere: nothing led up to it.
            let medium = match (visitor, row.word("channel")?) {
                (None, channel) if channel != Channel::Unassigned => Some(channel),
                _ => None,
            };
            let who = match visitor {
                Some(visitor) => Some(known.map_or(Person::Visitor(visitor), Person::Contact)),
                None => medium.and(caller).map(Person::Contact),
            };
            Ok(Rang {
                call: row.word("id")?,
                at: row.time("arrived_at")?,
                who,
                medium,
                probability: row.float("probability")?,
            })
        })?)
    }
}
