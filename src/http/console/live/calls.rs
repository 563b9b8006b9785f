//! The calls that go on: who, where they likely came from and what they look at, asked once for all of them.
//!
//! Calls stand in memory; what the database knows of them comes with them as
//! far as it is there. While it is away the calls are shown all the same.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;

use crate::domain::calling::destination::Destination;
use crate::domain::ids::{CallId, DestinationId, VisitId};
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::Share;
use crate::domain::tracking::visit::PageView;
use crate::http::AppState;
use crate::http::calls_asked::Reader;
use crate::http::console::destinations::name_in;
use crate::http::console::names::Names;
use crate::http::console::parts;
use crate::http::console::permissions::sees;
use crate::http::error::HttpError;
use crate::http::language::{Certainty, Lang, LiveTexts};
use crate::store::CallRow;
use crate::switchboard::live::{LiveCall, Recorded, Stage};
use crate::switchboard::page::DOOR;

/// The newest are shown.
const ROWS: usize = 100;

#[derive(Template)]
#[template(path = "live_calls.html")]
pub(super) struct CallsPart {
    t: &'static LiveTexts,
    /// By the gateway's clock, which the browser's may not agree with.
    now: Timestamp,
    heading: String,
    rows: Vec<RowView>,
}

struct RowView {
    id: CallId,
    stage: &'static str,
    state: &'static str,
    caller: String,
    /// Their name, where the contact has one.
    name: Option<String>,
    number: String,
    destination: String,
    channel: Option<&'static str>,
    source: String,
    doubt: Option<String>,
    /// What the likely visitor looked at last: its title, and its address.
    page: Option<(String, String)>,
    since: Timestamp,
    for_so_long: String,
    recording: Option<&'static str>,
}

/// What the database knows of them.
#[derive(Default)]
struct Known {
    rows: HashMap<CallId, CallRow>,
    pages: HashMap<VisitId, PageView>,
    names: Option<Names>,
}

impl CallsPart {
    /// Those that the reader sees; a call to no number of ours is of no outlet.
    pub async fn take(
        app: &AppState,
        lang: Lang,
        now: Timestamp,
        reader: &Reader,
        destinations: &[Destination],
    ) -> Result<Self, HttpError> {
        let mut calls = app.live.list();
        let within = reader.within.as_ref();
        calls.retain(|call| call.outlet.as_ref().map_or(within.is_none(), |outlet| sees(within, outlet)));
        let all = calls.len();
        calls.truncate(ROWS);
        let known = Known::of(app, lang, &calls, reader.sees_people).await.unwrap_or_default();
        let heading = lang.calls_go_on(all, calls.len());
        let place = name_in(lang, destinations, within);
        let rows = calls.into_iter().map(|call| RowView::of(lang, app, call, (&known, &place), now));
        Ok(Self { t: lang.live_texts(), now, heading, rows: rows.collect() })
    }
}

impl Known {
    async fn of(
        app: &AppState,
        lang: Lang,
        calls: &[LiveCall],
        sees_people: bool,
    ) -> Result<Self, HttpError> {
        if calls.is_empty() {
            return Ok(Self::default());
        }
        let ids: Vec<CallId> = calls.iter().map(|call| call.id).collect();
        let rows: Vec<CallRow> = app.store.find_calls(&ids).await?;
        let visits: Vec<VisitId> = rows.iter().filter_map(|row| row.best.as_ref()?.visit).collect();
        let contacts = rows.iter().filter_map(|row| row.record.contact);
        let names = if sees_people { Some(Names::of(app, lang, contacts).await?) } else { None };
        Ok(Self {
            pages: app.store.list_latest_pages(&visits).await?,
            names,
            rows: rows.into_iter().map(|row| (row.record.id, row)).collect(),
        })
    }

    fn page(&self, share: &Share) -> Option<(String, String)> {
        let page = self.pages.get(&share.visit?)?;
        let url = parts::short(&page.url);
        let title = page.title.as_deref().filter(|title| !title.is_empty()).map(parts::shortened);
        Some((title.unwrap_or_else(|| url.clone()), url))
    }
}

impl RowView {
    fn of(
        lang: Lang,
        app: &AppState,
        call: LiveCall,
        (known, place): (&Known, &impl Fn(&DestinationId) -> String),
        now: Timestamp,
    ) -> Self {
        let (t, home) = (lang.live_texts(), app.config.home);
        let row = known.rows.get(&call.id);
        let best = row.and_then(|row| row.best.as_ref());
        let doubt = best.filter(|share| Certainty::of(share.probability) != Certainty::Certain);
        let caller = match &call.caller {
            None if call.trunk.as_str() == DOOR => lang.phone().from_page.to_owned(),
            caller => parts::caller(lang, caller.as_ref(), home),
        };
        let contact = row.and_then(|row| row.record.contact);
        let name = contact.zip(known.names.as_ref()).map(|(id, names)| names.called(id).0);
        let since = call.answered_at.unwrap_or(call.arrived_at);
        Self {
            id: call.id,
            stage: call.stage.as_str(),
            state: match call.stage {
                Stage::Dialling => t.dialling,
                Stage::Ringing => t.ringing,
                Stage::Talking => t.talking,
            },
            name: name.filter(|name| !name.is_empty() && *name != caller),
            caller,
            number: parts::phone(&call.number, home),
            destination: call.destination.as_ref().map(place).unwrap_or_default(),
            channel: best.map(|share| parts::origin(lang, share)),
            source: best.map(parts::origin_detail).unwrap_or_default(),
            doubt: doubt.map(|share| lang.percent(share.probability)),
            page: best.and_then(|share| known.page(share)),
            since,
            for_so_long: so_long(now.since(since)),
            recording: call.recorded.map(|it| match it {
                Recorded::On => t.recorded,
                Recorded::Paused => t.paused,
            }),
        }
    }
}

/// As a stopwatch shows it, and as the page goes on to: `1:05`, `1:02:05`.
fn so_long(span: Duration) -> String {
    let s = span.as_secs();
    match s / 3_600 {
        0 => format!("{}:{:02}", s / 60, s % 60),
        hours => format!("{hours}:{:02}:{:02}", s / 60 % 60, s % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_lasts_as_a_stopwatch_shows_it() {
        for (s, told) in [(0, "0:00"), (65, "1:05"), (3_599, "59:59"), (3_725, "1:02:05")] {
            assert_eq!(so_long(Duration::from_secs(s)), told);
        }
    }
}
