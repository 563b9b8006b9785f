//! When calls are missed, and how many people would have to answer: maps of the week, with a table behind each.

use crate::domain::reporting::openings::{Hour, Week};
use crate::domain::reporting::staffing::Need;
use crate::domain::reporting::sums::calls;
use crate::http::language::Lang;
use crate::http::missed::{Hours, Staffing};

/// So many sentences say which hours lack people.
const LACKS: usize = 8;
/// Of an hour that is open for less than this, or for more, nothing is hatched by halves.
const HALF: std::ops::Range<f64> = 0.05..0.95;

/// Missed calls by the hour of the week.
pub(super) struct HoursView {
    /// While open, and while closed: how many were missed, of how many, and the share.
    pub open: (String, String, String),
    pub closed: (String, String, String),
    pub days: Vec<DayView>,
    /// The hours in which calls came, as a table.
    pub rows: Vec<HourRow>,
    pub cut: bool,
}

pub(super) struct DayView {
    pub name: &'static str,
    pub hours: Vec<CellView>,
}

pub(super) struct CellView {
    /// Its classes.
    pub class: String,
    pub figure: String,
    pub words: String,
}

pub(super) struct HourRow {
    pub hour: String,
    pub calls: String,
    pub missed_open: String,
    pub missed_closed: String,
    pub rate: String,
    pub open: String,
}

pub(super) fn hours(lang: Lang, hours: &Hours) -> HoursView {
    let Hours { week, cut, .. } = hours;
    let total = week.total();
    let part = |open: bool| {
        let sums = if open { total.open.sums } else { total.closed.sums };
        let rate = sums.answered_rate().map_or_else(|| "–".to_owned(), |rate| lang.percent(1.0 - rate));
        (lang.figure(calls(sums.missed)), lang.figure(calls(sums.calls)), rate)
    };
    let most = week.0.iter().map(Hour::missed).max().unwrap_or_default().max(1);
    let cells = week.0.iter().enumerate().map(|(nth, hour)| cell(lang, nth, hour, most));
    let rows = week.0.iter().enumerate().filter(|(_, hour)| hour.calls() > 0).map(|(nth, hour)| HourRow {
        hour: lang.hour_of_week(nth),
        calls: lang.figure(calls(hour.calls())),
        missed_open: lang.figure(calls(hour.open.sums.missed)),
        missed_closed: lang.figure(calls(hour.closed.sums.missed)),
        rate: hour.missed_rate().map_or_else(String::new, |rate| lang.percent(rate)),
        open: lang.percent(hour.open_share()),
    });
    HoursView {
        open: part(true),
        closed: part(false),
        days: by_day(lang, cells),
        rows: rows.collect(),
        cut: *cut,
    }
}

fn cell(lang: Lang, nth: usize, hour: &Hour, most: u64) -> CellView {
    let t = lang.missed_texts();
    let dark = (hour.missed() * 5).div_ceil(most);
    let share = hour.open_share();
    let (hatched, is_open) = if share < HALF.start {
        (" shut", t.closed.to_owned())
    } else if share < HALF.end {
        (" part", format!("{} {}", t.open_share, lang.percent(share)))
    } else {
        ("", t.open.to_owned())
    };
    let figure = lang.figure(calls(hour.missed()));
    CellView {
        words: format!("{}: {figure} {} ({is_open})", lang.hour_of_week(nth), t.missed_rate.to_lowercase()),
        class: format!("heat-{dark}{hatched}"),
        figure: if hour.missed() > 0 { figure } else { String::new() },
    }
}

/// How many must answer for a destination.
pub(super) struct StaffingView {
    pub name: String,
    /// How long a talk lasts, and how many may come in at once; `None`: nobody has answered.
    pub answers: Option<String>,
    /// The hours that lack people, the most missed calls first, each with a warning where data are thin.
    pub lacks: Vec<(String, Option<String>)>,
    pub days: Vec<DayView>,
}

pub(super) fn staffing(lang: Lang, staffing: &Staffing) -> StaffingView {
    let mut lacks: Vec<&Need> = staffing.needs.iter().filter(|need| need.is_lack()).collect();
    lacks.sort_by(|a, b| b.missed.total_cmp(&a.missed).then(a.hour.cmp(&b.hour)));
    let lacks = lacks.into_iter().take(LACKS);
    let warning = |need: &Need| need.is_thin().then(|| lang.stands_on(need));
    let cells = (0..Week::default().0.len()).map(|hour| {
        let need = staffing.needs.iter().find(|need| need.hour == hour);
        need.map_or_else(|| nothing(lang, hour), |need| needed(lang, need))
    });
    StaffingView {
        name: staffing.name.clone(),
        answers: staffing.talk.map(|talk| lang.answers_so(talk, staffing.lines)),
        lacks: lacks.map(|need| (lang.lacks(need), warning(need))).collect(),
        days: by_day(lang, cells),
    }
}

fn needed(lang: Lang, need: &Need) -> CellView {
    let class = match (need.is_lack(), need.is_thin()) {
        (true, true) => "lack thin",
        (true, false) => "lack",
        (false, true) => "thin",
        (false, false) => "",
    };
    let mark = if need.is_lack() { "!" } else { "" };
    CellView { class: class.to_owned(), figure: format!("{}{mark}", need.people), words: lang.lacks(need) }
}

fn nothing(lang: Lang, hour: usize) -> CellView {
    CellView {
        class: String::new(), figure: String::new(), words: format!("{}: –", lang.hour_of_week(hour))
    }
}

fn by_day(lang: Lang, cells: impl Iterator<Item = CellView>) -> Vec<DayView> {
    let mut cells = cells.peekable();
    let days = lang.overview_texts().days.iter();
    days.map(|name| DayView { name, hours: cells.by_ref().take(24).collect() }).collect()
}
