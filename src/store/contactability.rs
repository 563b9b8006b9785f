//! What a decision stands on, for a thousand contacts in as many statements as
//! for one.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use sqlx::any::AnyRow;

use super::asked::{asked, gathered_of_asked, of_asked};
use super::rows::{Columns, Gathered, all, gathered, read};
use super::{StoreError, Tx, identities};
use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::{CallId, ContactId, EngagementId, PurposeId, SegmentId};
use crate::domain::people::address::Address;
use crate::domain::people::consent::Channel;
use crate::domain::people::contact::Identity;
use crate::domain::people::opposition::mark;
use crate::domain::people::pressure::{DAYS_MAX, Solicitation, Which};
use crate::domain::people::purpose::Kind;
use crate::domain::people::quality::Kept;
use crate::domain::people::rules::{Facts, Latest};
use crate::domain::time::Timestamp;

/// What is further away from the moment asked for fills no cap's period.
const HORIZON: Duration = Duration::from_hours((DAYS_MAX as u64 + 1) * 24);

impl Tx {
    /// The contacts that these identities point at, as far as they are known.
    pub async fn find_owners_of(
        &mut self,
        identities: &[Identity],
    ) -> Result<HashMap<Identity, ContactId>, StoreError> {
        let values: Vec<String> = identities.iter().map(Identity::reveal).collect();
        let sql = of_asked!(
            self,
            " select kind, value, contact_id from identities \
             where kind in ('phone', 'email', 'visitor', 'customer') and value in (select its from asked)"
        );
        let rows = sqlx::query(sql).bind(asked(&values)?).fetch_all(self.connection()).await?;
        let owner = |row: &AnyRow| {
            Ok((identities::of(&row.text("kind")?, &row.text("value")?)?, row.word("contact_id")?))
        };
        Ok(all(rows, owner)?.into_iter().collect())
    }

    /// What is known of these contacts for a decision about `at`, by the id that was asked for: who has become part of
    /// another is answered with that one. `now` tells which reservations still stand.
    pub async fn load_facts(
        &mut self,
        ids: &[ContactId],
        at: Timestamp,
        now: Timestamp,
    ) -> Result<HashMap<ContactId, Facts>, StoreError> {
        let (into, mut facts) = self.standing_contacts(ids).await?;
        let ids = asked(&facts.keys().collect::<Vec<_>>())?;
        for (contact, known) in self.list_identities_of(&ids).await? {
            facts.entry(contact).and_modify(|it| it.identities.push(known));
        }
        for (contact, Kept { mark, .. }) in self.list_marks_of(&ids).await? {
            if mark.code.spoils() {
                facts.entry(contact).and_modify(|it| _ = it.spoilt.entry(mark.place).or_insert(mark.code));
            }
        }
        for line in self.list_consents_of(&ids).await? {
            facts.entry(line.contact).and_modify(|it| it.lines.push(line));
        }
        for (contact, span) in self.list_restrictions_of(&ids).await? {
            facts.entry(contact).and_modify(|it| it.restrictions.push(span));
        }
        for (contact, wish) in self.list_wishes_of(&ids).await? {
            facts.entry(contact).and_modify(|it| it.wishes.push(wish));
        }
        for (contact, latest) in self.list_latest_acts(&ids, at).await? {
            facts.entry(contact).and_modify(|it| it.latest.push(latest));
        }
        let since = at - HORIZON;
        let sent = self.list_sent(&ids, since, at).await?;
        let told: HashSet<(ContactId, String)> =
            sent.iter().filter_map(|(contact, reference, _)| Some((*contact, reference.clone()?))).collect();
        let reserved = self.list_reserved(&ids, since, now).await?;
        // What was reserved and then told of by the same reference is one.
        let reserved = reserved.into_iter().filter(|(contact, reference, _)| {
            !told.contains(&(*contact, reference.clone().unwrap_or_default()))
        });
        for (contact, _, it) in sent.into_iter().chain(reserved) {
            facts.entry(contact).and_modify(|facts| facts.solicitations.push(it));
        }
        for (contact, segment) in self.list_capped_segments(&ids).await? {
            facts.entry(contact).and_modify(|it| it.segments.push(segment));
        }
        self.add_lists(&mut facts).await?;
        Ok(into.into_iter().filter_map(|(id, into)| Some((id, facts.get(&into)?.clone()))).collect())
    }

    /// Whom each id stands for now, and of them what their own row says.
    async fn standing_contacts(
        &mut self,
        ids: &[ContactId],
    ) -> Result<(HashMap<ContactId, ContactId>, HashMap<ContactId, Facts>), StoreError> {
        const COLUMNS: &str = "id, created_at, merged_into, addresses";
        let sql = gathered_of_asked!(
            self,
            "id, created_at, merged_into, addresses",
            // One list of ids: for either of two, PostgreSQL reads all contacts.
            "from contacts where erased_at is null and id in (select its from asked union select merged_into \
             from contacts where id in (select its from asked) and merged_into is not null)"
        );
        let row = sqlx::query(sql).bind(asked(ids)?).fetch_one(self.connection()).await?;
        let (mut into, mut facts) = (HashMap::new(), HashMap::new());
        let read = |row: &Gathered| {
            let merged_into: Option<ContactId> = row.maybe_word("merged_into")?;
            Ok((row.word("id")?, row.time("created_at")?, merged_into, row.json_or_default("addresses")?))
        };
        for (id, created_at, merged_into, addresses) in gathered(&row, COLUMNS, read)? {
            into.insert(id, merged_into.unwrap_or(id));
            if merged_into.is_none() {
                facts.insert(id, blank(id, created_at, addresses));
            }
        }
        Ok((into, facts))
    }

    /// Of each kind the last act until then. Only a call's row is looked at: all else stands in the index
    /// `engagements_latest`, and a kind with nothing before it keeps SQLite from one that begins with the kind.
    async fn list_latest_acts(
        &mut self,
        ids: &str,
        until: Timestamp,
    ) -> Result<Vec<(ContactId, Latest)>, StoreError> {
        type Row = (EngagementId, ContactId, String, i64, Option<CallId>, Option<Outcome>);
        let sql = gathered_of_asked!(
            self,
            "latest.id, latest.contact_id, latest.kind, latest.at, c.id, c.outcome",
            "from (select id, contact_id, kind, at, \
             lead(1) over (partition by contact_id, kind order by at) as later from engagements \
             where contact_id in (select its from asked) and at <= $2 and '' || kind in ('call', 'voicemail', 'visit', \
             'form_submitted', 'email_opened', 'email_clicked', 'email_bounced_hard', 'sms_received', \
             'letter_returned', 'purchase') and (amount is null or amount >= 0)) as latest \
             left join engagements e on e.id = case when latest.kind = 'call' then latest.id end \
             left join calls c on c.id = e.subject where later is null"
        );
        let row = sqlx::query(sql).bind(ids).bind(until.as_ms()).fetch_one(self.connection()).await?;
        let read = |(id, contact, kind, at, call, outcome): Row| {
            let call = call.map(|call| (call, outcome));
            Ok((contact, Latest { id, act: read(&kind, "kind")?, at: Timestamp::from_ms(at), call }))
        };
        row.json::<Vec<Row>>("gathered")?.into_iter().map(read).collect()
    }

    /// What these were sent between two moments, with what names it at its source.
    async fn list_sent(
        &mut self,
        ids: &str,
        since: Timestamp,
        until: Timestamp,
    ) -> Result<Vec<(ContactId, Option<String>, Solicitation)>, StoreError> {
        type Row =
            (EngagementId, ContactId, String, i64, Option<PurposeId>, i64, Option<String>, Option<String>);
        let sql = gathered_of_asked!(
            self,
            "e.id, e.contact_id, e.kind, e.at, e.purpose_id, e.solicits, e.reference, p.kind",
            "from engagements e left join purposes p on p.id = e.purpose_id \
             where e.contact_id in (select its from asked) and e.at > $2 and e.at <= $3 and \
             (e.solicits = 1 or e.kind in ('call_made', 'email_sent', 'sms_sent', 'letter_sent'))"
        );
        let row = sqlx::query(sql)
            .bind(ids)
            .bind(since.as_ms())
            .bind(until.as_ms())
            .fetch_one(self.connection())
            .await?;
        let read = |(id, contact, kind, at, purpose, solicits, reference, purpose_kind): Row| {
            let purpose_kind: Option<Kind> =
                purpose_kind.map(|kind| read(&kind, "purpose kind")).transpose()?;
            let solicitation = Solicitation {
                what: Which::Engagement(id),
                channel: match kind.as_str() {
                    "call_made" => Some(Channel::Phone),
                    "email_sent" => Some(Channel::Email),
                    "sms_sent" => Some(Channel::Sms),
                    "letter_sent" => Some(Channel::Post),
                    _ => None,
                },
                purpose,
                prospects: solicits != 0 && purpose_kind != Some(Kind::Service),
                at: Timestamp::from_ms(at),
            };
            Ok((contact, reference, solicitation))
        };
        row.json::<Vec<Row>>("gathered")?.into_iter().map(read).collect()
    }

    /// Which segments that have a cap these are in.
    async fn list_capped_segments(&mut self, ids: &str) -> Result<Vec<(ContactId, SegmentId)>, StoreError> {
        let sql = of_asked!(
            self,
            " select contact_id, segment_id from segment_members where contact_id in (select its from asked) \
             and segment_id in (select segment_id from caps where segment_id is not null)"
        );
        let rows = sqlx::query(sql).bind(ids).fetch_all(self.connection()).await?;
        Ok(all(rows, |row| Ok((row.word("contact_id")?, row.word("segment_id")?)))?)
    }

    async fn add_lists(&mut self, facts: &mut HashMap<ContactId, Facts>) -> Result<(), StoreError> {
        let mut owners: HashMap<String, ContactId> = HashMap::new();
        for (contact, known) in facts.iter() {
            let marks = known.identities.iter().filter_map(|known| mark(&known.identity));
            owners.extend(marks.map(|mark| (mark, *contact)));
        }
        let marks: Vec<&String> = owners.keys().collect();
        for (mark, listed) in self.list_listed(&asked(&marks)?).await? {
            if let Some(facts) = owners.get(&mark).and_then(|owner| facts.get_mut(owner)) {
                facts.lists.push(listed);
            }
        }
        Ok(())
    }
}

fn blank(contact: ContactId, created_at: Timestamp, addresses: Vec<Address>) -> Facts {
    Facts {
        contact,
        created_at,
        identities: vec![],
        addresses,
        spoilt: BTreeMap::new(),
        restrictions: vec![],
        lines: vec![],
        lists: vec![],
        latest: vec![],
        solicitations: vec![],
        segments: vec![],
        wishes: vec![],
    }
}
