//! A pool over time: the most numbers taken at once, against how many there are, by hour or by day.

use askama::Template;

use crate::domain::time::Timestamp;
use crate::domain::tracking::pool_use::Slot;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::language::{Lang, PoolTexts};
use crate::http::pool_history::history;
use crate::store::PoolRow;

/// Whether bars are hours of so many days, or the days themselves.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum By {
    HoursOf(u32),
    Days,
}

/// The chart, and its table.
#[derive(Template)]
#[template(path = "pool_over_time.html")]
pub struct OverTime {
    lang: Lang,
    t: &'static PoolTexts,
    id: String,
    tabs: Vec<(String, String, bool)>,
    forecast: String,
    numbers: u32,
    bars: Vec<Bar>,
    /// How far down the line of all numbers is.
    all_y: u32,
    most: u32,
    first: String,
    last: String,
    rows: Vec<RowView>,
    is_unused: bool,
}

impl askama::filters::HtmlSafe for OverTime {}

/// The chart is 1000 wide and 200 high.
struct Bar {
    x: String,
    width: String,
    lent: u32,
    taken: u32,
    exhausted: bool,
    told: String,
}

struct RowView {
    at: String,
    lent: u32,
    taken: u32,
    exhausted: u32,
}

impl OverTime {
    pub async fn of(app: &AppState, lang: Lang, row: &PoolRow, by: By) -> Result<Self, HttpError> {
        let days_of_hours = match by {
            By::HoursOf(days) => days,
            By::Days => 1,
        };
        let history = history(app, row, days_of_hours).await?;
        let slots = match by {
            By::HoursOf(_) => history.hours,
            By::Days => history.days,
        };
        let t = lang.pool_texts();
        let tab = |name: &str, many: u32, chosen: bool| {
            let query = if name == t.days { "by=days".to_owned() } else { format!("by=hours&days={many}") };
            (format!("/console/pools/{}?{query}", row.pool.id), format!("{name} · {many}"), chosen)
        };
        let tabs = vec![
            tab(t.hours, 2, by == By::HoursOf(2)),
            tab(t.hours, 7, by == By::HoursOf(7)),
            tab(t.days, crate::http::pool_history::DAYS, by == By::Days),
        ];
        let most = slots.iter().map(|slot| slot.taken).chain([row.numbers, 1]).max().unwrap_or(1);
        let height = |count: u32| (f64::from(count) / f64::from(most) * 190.0).round() as u32;
        let width = 1000.0 / slots.len().max(1) as f64;
        let told = |at: Timestamp| match by {
            By::HoursOf(_) => lang.moment(at),
            By::Days => lang.day(at),
        };
        let bar = |(nth, slot): (usize, &Slot)| Bar {
            x: format!("{:.1}", nth as f64 * width),
            width: format!("{:.1}", width * 0.8),
            lent: height(slot.lent),
            taken: height(slot.taken),
            exhausted: slot.exhausted > 0,
            told: format!("{}: {} / {}", told(slot.begins), slot.taken, row.numbers),
        };
        let end = |slot: Option<&Slot>| slot.map(|slot| told(slot.begins)).unwrap_or_default();
        Ok(Self {
            lang,
            t,
            id: row.pool.id.to_string(),
            tabs,
            forecast: lang.pool_forecast(history.forecast, app.clock.now()),
            numbers: row.numbers,
            bars: slots.iter().enumerate().map(bar).collect(),
            all_y: 200 - height(row.numbers),
            most,
            first: end(slots.first()),
            last: end(slots.last()),
            is_unused: slots.iter().all(|slot| slot.taken == 0 && slot.exhausted == 0),
            rows: slots
                .iter()
                .rev()
                .map(|slot| RowView {
                    at: told(slot.begins),
                    lent: slot.lent,
                    taken: slot.taken,
                    exhausted: slot.exhausted,
                })
                .collect(),
        })
    }
}
