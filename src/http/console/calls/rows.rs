//! A call as one line.

use std::collections::HashMap;

use super::Column;
use crate::domain::calling::note::Tag;
use crate::domain::calling::screening::Verdict;
use crate::domain::ids::{CallId, DestinationId, OutletId};
use crate::http::AppState;
use crate::http::console::names::Names;
use crate::http::console::parts::{self, Badge, Moment};
use crate::http::error::HttpError;
use crate::http::language::{Certainty, Lang};
use crate::store::CallRow;

pub(super) struct Row {
    pub id: String,
    pub badge: Badge,
    pub at: Moment,
    pub caller: String,
    /// What screening said, unless the caller was simply let in.
    pub screening: Option<String>,
    pub withheld: bool,
    pub number: String,
    pub destination: String,
    pub channel: Option<&'static str>,
    pub source: String,
    /// Said when the origin is not as good as certain.
    pub doubt: Option<String>,
    pub duration: Option<String>,
    /// Further columns: their names, and what stands in them.
    pub more: Vec<(&'static str, String)>,
}

/// What the rows of a page point at; of columns that nobody sees, nothing.
pub(super) struct Known {
    destinations: HashMap<DestinationId, String>,
    outlets: HashMap<OutletId, String>,
    contacts: Names,
    tags: HashMap<CallId, Vec<Tag>>,
    /// The latest of each call.
    notes: HashMap<CallId, String>,
}

impl Known {
    pub async fn of(
        app: &AppState,
        lang: Lang,
        columns: &[Column],
        calls: &[CallRow],
    ) -> Result<Self, HttpError> {
        let shows = |column: Column| columns.contains(&column);
        let ids: Vec<CallId> = calls.iter().map(|row| row.record.id).collect();
        let contacts = calls.iter().filter_map(|row| row.record.contact).filter(|_| shows(Column::Contact));
        let destinations = app.store.list_destinations().await?;
        let outlets = if shows(Column::Outlet) { app.store.list_outlets().await? } else { vec![] };
        let notes = if shows(Column::Notes) { app.store.list_notes_of(&ids).await? } else { vec![] };
        Ok(Self {
            destinations: destinations.into_iter().map(|it| (it.id, it.name)).collect(),
            outlets: outlets.into_iter().map(|it| (it.id, it.name)).collect(),
            contacts: Names::of(app, lang, contacts).await?,
            tags: if shows(Column::Tags) { app.store.list_tags_of(&ids).await? } else { HashMap::new() },
            notes: notes.into_iter().map(|(call, note)| (call, note.text.as_str().to_owned())).collect(),
        })
    }
}

impl Row {
    pub fn new(lang: Lang, app: &AppState, columns: &[Column], known: &Known, row: CallRow) -> Self {
        let home = app.config.home;
        let record = row.record;
        let best = row.best.as_ref();
        let doubt = best.filter(|share| Certainty::of(share.probability) != Certainty::Certain);
        let more = columns.iter().filter(|it| it.is_more()).map(|it| {
            let text = match it {
                Column::Contact => record.contact.map(|id| known.contacts.called(id).0),
                Column::Outlet => record
                    .outlet
                    .as_ref()
                    .map(|id| known.outlets.get(id).cloned().unwrap_or_else(|| id.to_string())),
                Column::Rang => {
                    let until = record.answered_at.or(record.ended_at);
                    record.ringing_at.zip(until).map(|(from, until)| lang.span(until.since(from)))
                }
                Column::Rating => {
                    record.qualification.as_ref().map(|it| lang.qualification(it.qualification).to_owned())
                }
                Column::Tags => known
                    .tags
                    .get(&record.id)
                    .map(|tags| tags.iter().map(Tag::as_str).collect::<Vec<_>>().join(", ")),
                Column::Notes => known.notes.get(&record.id).map(|text| parts::shortened(text)),
                _ => None,
            };
            (it.name(lang), text.unwrap_or_default())
        });
        Self {
            id: record.id.to_string(),
            badge: Badge::new(lang, record.outcome),
            at: Moment::day_and_time(lang, record.arrived_at),
            caller: parts::caller(lang, record.caller.as_ref(), home),
            screening: (record.screening.as_ref())
                .filter(|said| said.verdict != Verdict::Allowed)
                .map(|said| lang.screening(said)),
            withheld: record.caller.is_none(),
            number: parts::phone(&record.number, home),
            destination: match &record.destination {
                Some(id) => known.destinations.get(id).cloned().unwrap_or_else(|| id.to_string()),
                None => lang.texts().unknown_number.to_owned(),
            },
            channel: best.map(|share| parts::origin(lang, share)),
            source: best.map(parts::origin_detail).unwrap_or_default(),
            doubt: doubt.map(|share| lang.percent(share.probability)),
            duration: parts::duration(lang, &record),
            more: more.collect(),
        }
    }
}
