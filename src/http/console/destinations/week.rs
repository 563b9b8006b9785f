//! The hours of a destination as a week, with the days that differ from it.

use askama::Template;
use jiff::ToSpan;
use jiff::civil::Date;

use crate::domain::calling::schedule::{DayKind, Schedule};
use crate::domain::time::Timestamp;
use crate::http::language::{DestinationTexts, Lang};

const DAY_MINUTES: u32 = 24 * 60;
/// Days that differ are told so far ahead.
const AHEAD_DAYS: usize = 60;

/// This week, a bar for each day, and what differs soon.
#[derive(Template)]
#[template(path = "destination_week.html")]
pub(super) struct WeekPart {
    t: &'static DestinationTexts,
    zone: String,
    days: Vec<DayView>,
    /// Each day that differs: when, and why.
    off: Vec<(String, String)>,
}

struct DayView {
    name: String,
    is_today: bool,
    /// Where bars begin and how long they are, in minutes of the day.
    bars: Vec<(u32, u32)>,
    told: String,
    why: &'static str,
}

impl askama::filters::HtmlSafe for WeekPart {}

impl WeekPart {
    pub fn of(lang: Lang, schedule: &Schedule, now: Timestamp) -> Self {
        let zone = schedule.zone.0.time_zone();
        let today = zone.to_datetime(now.to_calendar()).date();
        let monday =
            today.checked_sub(i64::from(today.weekday().to_monday_zero_offset()).days()).unwrap_or(today);
        let days = monday.series(1.day()).take(7).map(|day| view(lang, schedule, day, today));
        let off =
            today.series(1.day()).take(AHEAD_DAYS).filter(|day| schedule.day_kind(*day) != DayKind::Week);
        let off = off.map(|day| {
            let hours = hours(schedule, day);
            let why = lang.day_kind(schedule.day_kind(day));
            (name(lang, day), if hours.is_empty() { why.to_owned() } else { format!("{why}\u{a0}: {hours}") })
        });
        Self {
            t: lang.destination_texts(),
            zone: schedule.zone.to_string(),
            days: days.collect(),
            off: off.collect(),
        }
    }
}

fn view(lang: Lang, schedule: &Schedule, day: Date, today: Date) -> DayView {
    let told = hours(schedule, day);
    let t = lang.destination_texts();
    let (mut bars, before) = (Vec::new(), day.checked_sub(1.day()).ok());
    for hours in schedule.hours_on(day) {
        let (from, until) = (u32::from(hours.start()), u32::from(hours.end()).min(DAY_MINUTES));
        bars.push((from, until - from));
    }
    // What began the day before may go over midnight.
    for hours in before.map(|before| schedule.hours_on(before)).unwrap_or_default() {
        let over = u32::from(hours.end()).saturating_sub(DAY_MINUTES);
        if over > 0 {
            bars.push((0, over));
        }
    }
    DayView {
        name: name(lang, day),
        is_today: day == today,
        bars,
        why: match schedule.day_kind(day) {
            DayKind::Week => "",
            other => lang.day_kind(other),
        },
        told: if told.is_empty() { t.closed.to_owned() } else { told },
    }
}

/// `09:00-12:30 14:00-18:00`
fn hours(schedule: &Schedule, day: Date) -> String {
    schedule.hours_on(day).iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// `Mon 30/11`
fn name(lang: Lang, day: Date) -> String {
    let place = day.weekday().to_monday_zero_offset() as usize;
    format!("{} {:02}/{:02}", lang.weekday(place), day.day(), day.month())
}
