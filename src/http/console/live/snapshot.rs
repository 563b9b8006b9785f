//! Everything as it is at a moment, rendered: taken once for all who look at the same time and see the same.
//!
//! Whoever sees a part of the network is shown its calls, its pools, and who else watches that sees no more than they do.
//! Trunks carry the calls of everybody, and programs see all of them: neither is told.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use tokio::sync::Mutex;

use super::calls::CallsPart;
use super::trunks::TrunksPart;
use crate::domain::ids::OutletId;
use crate::domain::staff::Post;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::calls_asked::Reader;
use crate::http::console::permissions::{reader, sees};
use crate::http::error::HttpError;
use crate::http::language::{Lang, LiveTexts};
use crate::store::PoolRow;
use crate::switchboard::live::WATCHERS_MAX;

/// For so long a snapshot is as good as a new one.
pub(super) const FRESH: Duration = Duration::from_millis(250);

/// The parts of the page, rendered.
#[derive(Clone)]
pub(super) struct Parts {
    pub calls: String,
    pub pools: String,
    /// Empty: not for whoever sees a part.
    pub trunks: String,
    pub watchers: String,
}

impl Parts {
    /// By the name of the event that brings each.
    pub fn named(self) -> impl Iterator<Item = (&'static str, String)> {
        let Self { calls, pools, trunks, watchers } = self;
        let parts = [("calls", calls), ("pools", pools), ("trunks", trunks), ("watchers", watchers)];
        parts.into_iter().filter(|(_, part)| !part.is_empty())
    }
}

/// In which language, of which part of the network, and whether people have names.
type Eyes = (&'static str, Option<OutletId>, bool);

/// The last for each kind of eyes, and when it was taken.
#[derive(Default)]
pub(super) struct Snapshots(Mutex<HashMap<Eyes, (Timestamp, Parts)>>);

impl Snapshots {
    /// Whoever asks while one is being taken waits for it.
    pub async fn take(&self, app: &AppState, lang: Lang, post: &Post) -> Result<Parts, HttpError> {
        let mut last = self.0.lock().await;
        let now = app.clock.now();
        last.retain(|_, (at, _)| now.since(*at) < FRESH);
        let eyes = (lang.tag(), post.outlet.clone(), post.sees_people());
        if let Some((_, parts)) = last.get(&eyes) {
            return Ok(parts.clone());
        }
        let parts = take(app, lang, now, &reader(app, post).await?).await?;
        last.insert(eyes, (now, parts.clone()));
        Ok(parts)
    }
}

async fn take(app: &AppState, lang: Lang, now: Timestamp, reader: &Reader) -> Result<Parts, HttpError> {
    let (t, within) = (lang.live_texts(), reader.within.as_ref());
    let destinations = app.store.list_destinations().await?;
    let is_seen = |row: &PoolRow| {
        destinations.iter().any(|it| it.id == row.pool.destination && sees(within, &it.outlet))
    };
    let pools = app.store.list_pools(now).await?.into_iter().filter(is_seen);
    let pools = pools.map(|row| PoolView::of(lang, row));
    let (people, pages) = app.live_page.watchers.list(within);
    let programs = if within.is_none() { app.live.watching().saturating_sub(pages) } else { 0 };
    let trunks = match within {
        None => render(&TrunksPart::of(lang, app.watch.trunks().await))?,
        Some(_) => String::new(),
    };
    Ok(Parts {
        calls: render(&CallsPart::take(app, lang, now, reader, &destinations).await?)?,
        pools: render(&PoolsPart { t, pools: pools.collect() })?,
        trunks,
        watchers: render(&WatchersPart { words: lang.watching(&people, programs, WATCHERS_MAX) })?,
    })
}

fn render(part: &impl Template) -> Result<String, HttpError> {
    part.render().map_err(|failure| {
        tracing::error!(
            error = &failure as &dyn std::error::Error,
            "a part of the live page could not be filled"
        );
        HttpError::Internal
    })
}

#[derive(Template)]
#[template(path = "live_pools.html")]
struct PoolsPart {
    t: &'static LiveTexts,
    pools: Vec<PoolView>,
}

/// How many numbers of a pool are where; widths in thousandths.
struct PoolView {
    id: String,
    lent: u32,
    resting: u32,
    /// New, and lent to nobody yet.
    ageing: u32,
    free: u32,
    lent_width: u32,
    resting_width: u32,
    resting_x: u32,
    words: String,
    /// No number is left for the next visitor.
    is_exhausted: bool,
}

impl PoolView {
    fn of(lang: Lang, row: PoolRow) -> Self {
        let free = row.numbers.saturating_sub(row.lent + row.resting + row.ageing);
        let width = |numbers: u32| (numbers * 1_000).checked_div(row.numbers).unwrap_or_default();
        Self {
            id: row.pool.id.to_string(),
            lent: row.lent,
            resting: row.resting,
            ageing: row.ageing,
            free,
            lent_width: width(row.lent),
            resting_width: width(row.resting),
            resting_x: width(row.lent),
            words: lang.pool_use(row.numbers),
            is_exhausted: row.numbers > 0 && free == 0,
        }
    }
}

#[derive(Template)]
#[template(source = "{{ words }}", ext = "html")]
struct WatchersPart {
    words: String,
}
