//! The table of calls that leaves, as CSV or Parquet: which columns it has, and what stands in them.

use std::time::Duration;

use crate::domain::calling::note::Tag;
use crate::domain::ids::CallId;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::flows::{CallSearch, FindError, calls_found};
use crate::http::AppState;
use crate::store::page::LIMIT_MAX;
use crate::store::{CallRow, Window};

/// What the cells of a column are; any of them may be missing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    Time,
    Number,
}

pub const COLUMNS: [(&str, Kind); 21] = [
    ("id", Kind::Text),
    ("arrived_at", Kind::Time),
    ("outcome", Kind::Text),
    ("caller", Kind::Text),
    ("number", Kind::Text),
    ("destination", Kind::Text),
    ("outlet", Kind::Text),
    ("answered_by", Kind::Text),
    ("ringing_at", Kind::Time),
    ("answered_at", Kind::Time),
    ("ended_at", Kind::Time),
    ("ring_seconds", Kind::Number),
    ("talk_seconds", Kind::Number),
    ("channel", Kind::Text),
    ("source", Kind::Text),
    ("medium", Kind::Text),
    ("campaign", Kind::Text),
    ("probability", Kind::Number),
    ("qualification", Kind::Text),
    ("tags", Kind::Text),
    ("contact", Kind::Text),
];

/// Of the kind of its column.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    Text(Option<String>),
    Time(Option<Timestamp>),
    /// So many decimals are known of it.
    Number(Option<f64>, usize),
}

/// A part of the table, and where the next one begins.
pub struct Part {
    pub rows: Vec<[Cell; COLUMNS.len()]>,
    pub next: Option<Window>,
}

pub async fn part(app: &AppState, search: &CallSearch, window: &Window) -> Result<Part, FindError> {
    let found = calls_found(&app.store, &app.reports, search, window).await?;
    let ids: Vec<CallId> = found.items.iter().map(|row| row.record.id).collect();
    let mut tags = app.store.list_tags_of(&ids).await?;
    let rows = found.items.into_iter().map(|row| {
        let tags = tags.remove(&row.record.id).unwrap_or_default();
        cells(row, &tags)
    });
    let rows = rows.collect();
    Ok(Part { rows, next: found.next.map(|after| Window { after: Some(after), limit: LIMIT_MAX }) })
}

fn cells(CallRow { record, best }: CallRow, tags: &[Tag]) -> [Cell; COLUMNS.len()] {
    let between = |from: Option<Timestamp>, until: Option<Timestamp>| {
        from.zip(until).map(|(from, until)| until.since(from)).map(|it: Duration| it.as_secs_f64())
    };
    let source = best.as_ref().map(|share| &share.source);
    let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    [
        Cell::Text(Some(record.id.to_string())),
        Cell::Time(Some(record.arrived_at)),
        Cell::Text(record.outcome.map(|it| it.to_string())),
        Cell::Text(record.caller.as_ref().map(|it| Phone::reveal(it).to_owned())),
        Cell::Text(Some(record.number.reveal().to_owned())),
        Cell::Text(record.destination.map(|it| it.to_string())),
        Cell::Text(record.outlet.map(|it| it.to_string())),
        Cell::Text(record.answered_by.map(|it| it.to_string())),
        Cell::Time(record.ringing_at),
        Cell::Time(record.answered_at),
        Cell::Time(record.ended_at),
        Cell::Number(between(record.ringing_at, record.answered_at.or(record.ended_at)), 1),
        Cell::Number(between(record.answered_at, record.ended_at), 1),
        Cell::Text(source.map(|it| it.channel.as_str().to_owned())),
        Cell::Text(source.map(|it| it.source.clone())),
        Cell::Text(source.map(|it| it.medium.clone())),
        Cell::Text(source.and_then(|it| it.campaign.clone())),
        Cell::Number(best.as_ref().map(|share| share.probability), 3),
        Cell::Text(record.qualification.map(|it| it.qualification.to_string())),
        Cell::Text(Some(tags.join(", ")).filter(|tags| !tags.is_empty())),
        Cell::Text(record.contact.map(|it| it.to_string())),
    ]
}

impl Cell {
    /// As it stands in CSV; empty where it is missing.
    pub fn text(self) -> String {
        match self {
            Cell::Text(text) => text.unwrap_or_default(),
            Cell::Time(at) => at.map(|at| at.to_string()).unwrap_or_default(),
            Cell::Number(number, decimals) => number.map(|it| format!("{it:.decimals$}")).unwrap_or_default(),
        }
    }
}
