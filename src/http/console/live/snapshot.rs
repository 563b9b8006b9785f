//! Everything as it is at a moment, rendered: taken once for all who look at the same time.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use tokio::sync::Mutex;

use super::calls::CallsPart;
use super::trunks::TrunksPart;
use crate::domain::time::Timestamp;
use crate::http::AppState;
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
    pub trunks: String,
    pub watchers: String,
}

impl Parts {
    /// By the name of the event that brings each.
    pub fn named(self) -> [(&'static str, String); 4] {
        let Self { calls, pools, trunks, watchers } = self;
        [("calls", calls), ("pools", pools), ("trunks", trunks), ("watchers", watchers)]
    }
}

/// The last of each language, and when it was taken.
#[derive(Default)]
pub(super) struct Snapshots(Mutex<HashMap<&'static str, (Timestamp, Parts)>>);

impl Snapshots {
    /// Whoever asks while one is being taken waits for it.
    pub async fn take(&self, app: &AppState, lang: Lang) -> Result<Parts, HttpError> {
        let mut last = self.0.lock().await;
        let now = app.clock.now();
        if let Some((_, parts)) = last.get(lang.tag()).filter(|(at, _)| now.since(*at) < FRESH) {
            return Ok(parts.clone());
        }
        let parts = take(app, lang, now).await?;
        last.insert(lang.tag(), (now, parts.clone()));
        Ok(parts)
    }
}

async fn take(app: &AppState, lang: Lang, now: Timestamp) -> Result<Parts, HttpError> {
    let t = lang.live_texts();
    let pools = app.store.list_pools(now).await?.into_iter().map(|row| PoolView::of(lang, row));
    let (people, pages) = app.live_page.watchers.list();
    let programs = app.live.watching().saturating_sub(pages);
    Ok(Parts {
        calls: render(&CallsPart::take(app, lang, now).await?)?,
        pools: render(&PoolsPart { t, pools: pools.collect() })?,
        trunks: render(&TrunksPart::of(lang, app.watch.trunks().await))?,
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
