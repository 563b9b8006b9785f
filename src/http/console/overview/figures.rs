//! Figures in all, by the time, and by the hour of the week.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::domain::reporting::count::{Counted, HOURS_OF_WEEK};
use crate::domain::reporting::expected::Expected;
use crate::domain::reporting::sums::{Sums, calls};
use crate::http::language::Lang;
use crate::http::report::Reported;

/// A figure in large type, with what became of it.
pub(in crate::http::console) struct Tile {
    pub name: &'static str,
    pub value: String,
    /// Between which two the true number lies.
    pub range: String,
    pub change: Option<Change>,
}

pub(in crate::http::console) struct Change {
    pub text: String,
    /// `better`, `worse`, or nothing.
    pub key: &'static str,
    /// The same in words.
    pub word: &'static str,
}

/// What is well: that there is more of it, or less.
#[derive(Clone, Copy, PartialEq)]
pub(in crate::http::console) enum Well {
    More,
    Less,
}

type Value = fn(&Counted) -> Option<f64>;
type Written = fn(Lang, f64) -> String;

pub(super) fn tiles(lang: Lang, reported: &Reported) -> Vec<Tile> {
    let (t, all) = (lang.overview_texts(), lang.texts());
    let count: Written = |lang, figure| lang.figure(figure);
    let rate: Written = |lang, rate| lang.percent(rate);
    let span: Written = |lang, ms| lang.span(Duration::from_millis(ms.round() as u64));
    let asked: [(&'static str, Well, Value, Written); 10] = [
        (all.calls, Well::More, |it| Some(calls(it.total.calls)), count),
        (all.answered, Well::More, |it| Some(calls(it.total.answered)), count),
        (all.unanswered, Well::Less, |it| Some(calls(it.total.missed)), count),
        (t.answered_rate, Well::More, |it| it.total.answered_rate(), rate),
        (t.callers, Well::More, |it| Some(calls(it.callers)), count),
        (t.new_callers, Well::More, |it| Some(calls(it.total.new)), count),
        (t.first_time, Well::More, |it| it.total.first_time_answered_rate(), rate),
        (t.ring, Well::Less, |it| it.total.mean_ring_ms(), span),
        (t.talk, Well::More, |it| it.total.mean_talk_ms(), span),
        (t.leads_and_sales, Well::More, |it| Some(calls(it.total.leads + it.total.sales)), count),
    ];
    let before = reported.counted_before.as_ref();
    let tiles = asked.into_iter().map(|(name, well, value, written)| {
        let now = value(&reported.counted);
        let was = before.and_then(value);
        Tile {
            name,
            value: now.map_or_else(|| "–".to_owned(), |now| written(lang, now)),
            range: if name == all.calls { range(lang, reported.counted.expected) } else { String::new() },
            change: now.zip(was).and_then(|(now, was)| change(lang, well, now, was)),
        }
    });
    tiles.collect()
}

pub(in crate::http::console) fn range(lang: Lang, expected: Expected) -> String {
    if expected.to - expected.from < 0.5 {
        return String::new();
    }
    format!("{}–{}", lang.figure(expected.from), lang.figure(expected.to))
}

pub(in crate::http::console) fn change(lang: Lang, well: Well, now: f64, was: f64) -> Option<Change> {
    let t = lang.overview_texts();
    let text = lang.change(now, was)?;
    let (key, word) = match (now > was, now < was, well) {
        _ if (now - was).abs() < 0.005 * was => ("", ""),
        (true, _, Well::More) | (_, true, Well::Less) => ("better", t.better),
        (true, _, Well::Less) | (_, true, Well::More) => ("worse", t.worse),
        _ => ("", ""),
    };
    Some(Change { text, key, word })
}

/// The calls by the time, as bars; in units of which the picture is 1,000 wide and 240 high.
pub(super) struct CourseView {
    pub bars: Vec<BarView>,
    /// What it is held against, as the points of a line; empty without.
    pub before: String,
    /// Lines across, with how many calls they stand for, from above.
    pub lines: Vec<(f64, String)>,
    /// Names of the first bar, one in the middle, and the last.
    pub names: Vec<String>,
}

pub(super) struct BarView {
    pub name: String,
    pub x: f64,
    pub width: f64,
    pub answered_y: f64,
    pub answered_height: f64,
    pub missed_y: f64,
    pub missed_height: f64,
    pub calls: String,
    pub answered: String,
    pub missed: String,
    /// `None`: nothing is compared.
    pub before: Option<String>,
}

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 240.0;

pub(super) fn course(lang: Lang, zone: &TimeZone, reported: &Reported) -> CourseView {
    let bars = &reported.counted.course;
    let before: &[Sums] = reported.counted_before.as_ref().map_or(&[], |it| &it.course);
    let top = ceiling(bars.iter().chain(before).map(|it| calls(it.calls)).fold(0.0, f64::max));
    let step = WIDTH / bars.len().max(1) as f64;
    let high = |calls: f64| round(calls / top * HEIGHT);
    let views = bars.iter().zip(&reported.bars).enumerate().map(|(nth, (sums, begins))| {
        let all = calls(sums.calls);
        // Those that go on stand with the answered ones: nobody has missed them.
        let missed = calls(sums.missed);
        let (up, above) = (high(all - missed), high(missed));
        BarView {
            name: lang.bar(reported.bar, *begins, zone),
            x: round(nth as f64 * step + step * 0.1),
            width: round(step * 0.8),
            answered_y: round(HEIGHT - up),
            answered_height: up,
            missed_y: round(HEIGHT - up - above),
            missed_height: above,
            calls: lang.figure(all),
            answered: lang.figure(calls(sums.answered)),
            missed: lang.figure(missed),
            before: before.get(nth).map(|it| lang.figure(calls(it.calls))),
        }
    });
    let points = before.iter().take(bars.len()).enumerate().map(|(nth, sums)| {
        format!("{},{}", round(nth as f64 * step + step / 2.0), round(HEIGHT - high(calls(sums.calls))))
    });
    let views: Vec<BarView> = views.collect();
    let named = [0, views.len() / 2, views.len().saturating_sub(1)];
    let mut names: Vec<String> = named.iter().filter_map(|nth| Some(views.get(*nth)?.name.clone())).collect();
    names.dedup();
    CourseView {
        before: points.collect::<Vec<_>>().join(" "),
        lines: [1.0, 0.5].map(|share| (round(HEIGHT * (1.0 - share)), lang.figure(top * share))).into(),
        names,
        bars: views,
    }
}

/// The least round number that nothing exceeds: 1, 2 or 5 times a power of ten; at least 2.
fn ceiling(most: f64) -> f64 {
    let power = 10_f64.powf(most.max(2.0).log10().floor());
    [1.0, 2.0, 5.0, 10.0]
        .map(|step| step * power)
        .into_iter()
        .find(|top| *top >= most)
        .unwrap_or(10.0 * power)
        .max(2.0)
}

fn round(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

/// The calls by the hour of the week.
pub(super) struct WeekView {
    pub days: Vec<DayView>,
}

pub(super) struct DayView {
    pub name: &'static str,
    /// For each hour: how dark from 0 to 5, how many calls, and that in words.
    pub hours: Vec<(u8, String, String)>,
}

pub(super) fn week(lang: Lang, week: &[Sums]) -> WeekView {
    let most = week.iter().map(|sums| sums.calls).max().unwrap_or_default().max(1);
    let days = week.chunks(HOURS_OF_WEEK / 7).zip(lang.overview_texts().days).map(|(hours, name)| {
        let hours = hours.iter().enumerate().map(|(hour, sums)| {
            let dark = (sums.calls * 5).div_ceil(most) as u8;
            let figure = lang.figure(calls(sums.calls));
            let words = format!(
                "{name} {hour}\u{a0}h: {figure}, {} {}",
                lang.figure(calls(sums.missed)),
                lang.texts().unanswered.to_lowercase()
            );
            (dark, figure, words)
        });
        DayView { name, hours: hours.collect() }
    });
    WeekView { days: days.collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_is_as_high_as_a_round_number_above_all_bars() {
        for (most, top) in
            [(0.0, 2.0), (1.0, 2.0), (2.1, 5.0), (7.0, 10.0), (10.0, 10.0), (11.0, 20.0), (999.0, 1_000.0)]
        {
            assert_eq!(ceiling(most), top, "{most}");
        }
    }

    #[test]
    fn more_of_what_is_missed_is_worse_and_a_hair_is_nothing() {
        let key = |well, now, was| change(Lang::En, well, now, was).map(|it| it.key);

        assert_eq!(key(Well::More, 12.0, 10.0), Some("better"));
        assert_eq!(key(Well::Less, 12.0, 10.0), Some("worse"));
        assert_eq!(key(Well::Less, 8.0, 10.0), Some("better"));
        assert_eq!(key(Well::More, 10.001, 10.0), Some(""));
        assert_eq!(key(Well::More, 5.0, 0.0), None);
    }
}
