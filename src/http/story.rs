//! What the API and the console both tell: a call with its origin and the way
//! to it, and what a contact did. Read once here, shown in two faces.

use std::collections::HashMap;

use crate::domain::calling::note::{Note, Tag};
use crate::domain::calling::quality::StreamQuality;
use crate::domain::calling::record::CallRecord;
use crate::domain::calling::recording::RecordingRecord;
use crate::domain::calling::transfer::Transferred;
use crate::domain::ids::{CallId, ContactId};
use crate::domain::people::contact::{Contact, KnownIdentity};
use crate::domain::people::engagement::{Acts, Deed, Engagement};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::domain::tracking::event::Event;
use crate::domain::tracking::lease::Lease;
use crate::domain::tracking::visit::{PageView, Visit};
use crate::store::{CallRow, Store, StoreError, Version, Window};

/// One call, and how it came about.
pub struct CallStory {
    pub record: CallRecord,
    /// Every reckoning of where it came from, the newest first; none while its number is none of ours.
    pub versions: Vec<Version>,
    /// The visits the call may have come from, in the order of the newest shares.
    pub visits: Vec<Seen>,
    pub contact: Option<Contact>,
    /// Where the talk was carried on, or should have been.
    pub transfers: Vec<Transferred>,
    /// How its media went, where they were relayed.
    pub streams: Vec<StreamQuality>,
    /// What was kept of its sound.
    pub recordings: Vec<RecordingRecord>,
    pub tags: Vec<Tag>,
    /// In the order in which they were written.
    pub notes: Vec<Note>,
}

impl CallStory {
    /// The newest shares, the most likely first.
    pub fn shares(&self) -> &[Share] {
        self.versions.first().map_or(&[], |newest| &newest.shares)
    }
}

/// A visit up to the call.
pub struct Seen {
    pub visit: Visit,
    /// What the visitor looked at before the call arrived, the earliest first.
    pub page_views: Vec<PageView>,
    /// What happened on those pages by then, the earliest first.
    pub events: Vec<Event>,
    /// When the dialled number was lent to this visit.
    pub lease: Option<Lease>,
}

pub async fn find_call(store: &Store, id: CallId) -> Result<Option<CallStory>, StoreError> {
    let Some(record) = store.find_call(id).await? else { return Ok(None) };
    let versions = store.list_attributions(id).await?;

    let mut visits = Vec::new();
    let shares = versions.iter().take(1).flat_map(|newest| &newest.shares);
    for visit in shares.filter_map(|share| share.visit) {
        let Some(visit) = store.find_visit(visit).await? else { continue };
        let mut page_views = store.list_page_views(visit.id).await?;
        page_views.retain(|view| view.at <= record.arrived_at);
        page_views.sort_by_key(|view| (view.at, view.id));
        let mut events = store.list_events(visit.id).await?;
        events.retain(|event| event.at <= record.arrived_at);
        let leases = store.list_leases(visit.id).await?;
        let lease = leases.into_iter().find(|lease| lease.number == record.number);
        visits.push(Seen { visit, page_views, events, lease });
    }
    let contact = match record.contact {
        Some(contact) => store.find_contact(contact).await?,
        None => None,
    };
    let transfers = store.list_transfers(id).await?;
    let streams = store.list_streams(id).await?;
    let recordings = store.list_recordings_of(&[id]).await?;
    let tags = store.list_tags_of(&[id]).await?.remove(&id).unwrap_or_default();
    let notes = store.list_notes_of(&[id]).await?.into_iter().map(|(_, note)| note).collect();
    Ok(Some(CallStory { record, versions, visits, contact, transfers, streams, recordings, tags, notes }))
}

/// One person, and a part of what they did.
pub struct ContactStory {
    pub contact: Contact,
    pub identities: Vec<KnownIdentity>,
    pub acts: Acts,
    /// The newest first.
    pub entries: Vec<Entry>,
    pub next: Option<String>,
}

pub struct Entry {
    pub at: Timestamp,
    pub what: Happening,
}

pub enum Happening {
    Call(Box<PastCall>),
    /// A message, with the call that it was left in.
    Voicemail(Box<PastCall>),
    Visit(Box<Visit>),
    /// Another system says so.
    Told(Engagement),
}

/// A call with where it most likely came from, and what was kept of its sound.
pub struct PastCall {
    pub row: CallRow,
    pub recordings: Vec<RecordingRecord>,
}

pub async fn find_contact(
    store: &Store,
    id: ContactId,
    window: &Window,
) -> Result<Option<ContactStory>, StoreError> {
    let Some(contact) = store.find_contact(id).await? else { return Ok(None) };
    let identities = store.list_identities(id).await?;
    let acts = store.sum_acts(id).await?;
    let page = store.list_engagements(id, window).await?;

    let (mut calls, mut visits) = (Vec::new(), Vec::new());
    for engagement in &page.items {
        match engagement.what {
            Deed::Call(call) | Deed::Voicemail(call) => calls.push(call),
            Deed::Visit(visit) => visits.push(visit),
            Deed::Told(_) => {}
        }
    }
    // Of many contacts nothing is known but what other systems tell.
    let visits = if visits.is_empty() {
        HashMap::new()
    } else {
        store.read(|tx| Box::pin(async move { tx.find_visits(&visits).await })).await?
    };
    let recordings = store.list_recordings_of(&calls).await?;
    let rows: HashMap<CallId, CallRow> =
        store.find_calls(&calls).await?.into_iter().map(|row| (row.record.id, row)).collect();
    let past = |call: CallId| {
        let row = rows.get(&call)?.clone();
        let recordings = recordings.iter().filter(|it| it.call == call).cloned().collect();
        Some(Box::new(PastCall { row, recordings }))
    };
    let mut entries = Vec::with_capacity(page.items.len());
    for engagement in page.items {
        let at = engagement.at;
        let what = match engagement.what {
            Deed::Call(call) => past(call).map(Happening::Call),
            Deed::Voicemail(call) => past(call).map(Happening::Voicemail),
            Deed::Visit(visit) => visits.get(&visit).cloned().map(Box::new).map(Happening::Visit),
            Deed::Told(_) => Some(Happening::Told(engagement)),
        };
        // What was erased since leaves no trace here either.
        entries.extend(what.map(|what| Entry { at, what }));
    }
    Ok(Some(ContactStory { contact, identities, acts, entries, next: page.next }))
}
