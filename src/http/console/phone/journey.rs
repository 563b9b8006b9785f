//! What is known of a call that rings: its number's name, where it came from, what its
//! caller looked at, whether they have called before. It is in the database a moment
//! after the call has come, and no call waits for it.

use std::time::Duration;

use serde::Serialize;

use super::super::parts;
use super::super::tasks::RowView;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::language::{Certainty, Lang};
use crate::http::story;
use crate::store::{CallFilter, StoreError, Window};

/// How long is waited before the next look; then it is given up.
const PAUSES_MS: [u64; 8] = [50, 100, 200, 400, 800, 1_600, 3_200, 6_400];
/// Earlier calls that are counted.
const CALLS_MAX: u32 = 9;
/// Of the pages the last ones are shown.
const PAGES_MAX: usize = 12;

/// As the page shows it.
#[derive(Serialize)]
pub struct Journey {
    call: CallId,
    /// The name of the number that was dialled.
    label: Option<String>,
    origin: Option<Origin>,
    /// Whether the caller has called before, and when they did last.
    before: String,
    last: Option<Timestamp>,
    /// The contact's name and page.
    contact: Option<(String, String)>,
    /// What is to be done with them: to ask for an e-mail address, say.
    tasks: Vec<String>,
}

/// What the call most likely came from.
#[derive(Serialize)]
struct Origin {
    channel: &'static str,
    source: String,
    /// How likely that is, in words.
    certainty: String,
    landing: Option<String>,
    pages: Vec<PageShown>,
}

#[derive(Serialize)]
struct PageShown {
    at: Timestamp,
    title: Option<String>,
    url: String,
}

/// Looks for it until it is there; `None`: the database does not say it in time.
pub async fn seek(app: &AppState, lang: Lang, call: CallId) -> Option<Journey> {
    for pause in PAUSES_MS {
        // A database that is away may be back for the next look.
        if let Ok(Some(found)) = find(app, lang, call).await {
            return Some(found);
        }
        app.clock.until(Some(app.clock.now() + Duration::from_millis(pause))).await;
    }
    None
}

async fn find(app: &AppState, lang: Lang, call: CallId) -> Result<Option<Journey>, StoreError> {
    let Some(story) = story::find_call(&app.store, call).await? else { return Ok(None) };
    let label = app.store.find_number(&story.record.number).await?.map(|row| row.number.label);
    let origin = story.shares().first().map(|share| {
        let seen = story.visits.iter().find(|seen| Some(seen.visit.id) == share.visit);
        let views = seen.map(|seen| seen.page_views.as_slice()).unwrap_or_default();
        let last = &views[views.len().saturating_sub(PAGES_MAX)..];
        let pages = last.iter().map(|view| PageShown {
            at: view.at,
            title: view.title.clone().filter(|title| !title.is_empty()),
            url: parts::short(&view.url),
        });
        let certainty = lang.certainty(Certainty::of(share.probability));
        Origin {
            channel: parts::origin(lang, share),
            source: parts::origin_detail(share),
            certainty: format!("{} · {certainty}", lang.percent(share.probability)),
            landing: seen.map(|seen| parts::short(&seen.visit.landing_page)),
            pages: pages.collect(),
        }
    });
    let earlier = match story.record.contact {
        Some(contact) => {
            let until = Some(story.record.arrived_at);
            let filter = CallFilter { contact: Some(contact), until, ..CallFilter::default() };
            Some(app.store.list_calls(&filter, &Window::first(CALLS_MAX)).await?)
        }
        None => None,
    };
    let last = earlier.as_ref().and_then(|page| page.items.first()).map(|row| row.record.arrived_at);
    let before = match &earlier {
        Some(page) if !page.items.is_empty() => lang.called_before(page.items.len(), page.next.is_some()),
        Some(_) => lang.phone().first_call.to_owned(),
        // Nobody knows who it is.
        None => String::new(),
    };
    let contact = story.contact.map(|contact| {
        let name = contact.profile.full_name().unwrap_or_else(|| lang.texts().see_contact.to_owned());
        (name, format!("/console/contacts/{}", contact.id))
    });
    let tasks = match story.record.contact {
        Some(contact) => RowView::of(app, lang, contact).await?.into_iter().map(|task| task.title).collect(),
        None => vec![],
    };
    Ok(Some(Journey { call, label, origin, before, last, contact, tasks }))
}
