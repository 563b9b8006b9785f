//! The overview as a mail: the same figures, two pictures, tables for who sees none, and a link to the page.

use askama::Template;
use tracing::warn;
use url::form_urlencoded;

use super::Chosen;
use super::cards::{Card, Names, table};
use super::figures::{CourseView, Tile, course, tiles};
use crate::domain::people::mail::{Picture, Words};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::staff::{Area, Does};
use crate::domain::time::Timestamp;
use crate::flows::{ComposeReport, Composed, Issue};
use crate::http::AppState;
use crate::http::choices::link;
use crate::http::console::money::cost_tiles;
use crate::http::console::parts;
use crate::http::console::permissions::within;
use crate::http::console::shared::kept;
use crate::http::error::HttpError;
use crate::http::extract::{hash_token, new_token};
use crate::http::language::{Lang, OverviewTexts, ScheduleTexts, Texts};
use crate::http::letters::picture;
use crate::http::money::Accounts;
use crate::http::report::Zone;

/// Rows of a table.
const ROWS: usize = 8;
/// Where the link ends what it is of.
pub const OFF: &str = "report-off";
/// A longer course is told by its picture alone.
const BARS_MAX: usize = 40;

#[derive(Template)]
#[template(path = "report_letter.txt", whitespace = "preserve")]
struct Text<'a> {
    it: &'a Letter,
}

#[derive(Template)]
#[template(path = "report_letter.html")]
struct Page<'a> {
    it: &'a Letter,
}

struct Letter {
    lang: Lang,
    t: &'static ScheduleTexts,
    o: &'static OverviewTexts,
    all: &'static Texts,
    name: String,
    /// Which days, and which they are held against.
    days: String,
    before: Option<String>,
    zone: String,
    filters: Vec<String>,
    tiles: Vec<Tile>,
    course: CourseView,
    /// The first bar and the last.
    ends: String,
    is_short: bool,
    cards: Vec<Card>,
    is_empty: bool,
    link: String,
    off: String,
}

/// Who writes the reports of this gateway.
pub fn composer(app: &AppState) -> Box<ComposeReport> {
    let app = app.clone();
    Box::new(move |issue| {
        let app = app.clone();
        Box::pin(async move {
            match compose(&app, &issue).await {
                Ok(composed) => Some(composed),
                Err(failure) => {
                    warn!(schedule = %issue.schedule.id, %failure, "a report cannot be sent yet");
                    None
                }
            }
        })
    })
}

async fn compose(app: &AppState, issue: &Issue) -> Result<Composed, HttpError> {
    let lang = Lang::from_tag(&issue.language).unwrap_or(Lang::En);
    let Issue { schedule, user, .. } = issue;
    let Chosen { mut asked, shown, .. } = kept(&schedule.query);
    if !["period", "from"].iter().any(|field| has(&schedule.query, field)) {
        asked.period = schedule.rhythm.period(issue.at);
    }
    let zone = schedule.rhythm.zone.clone();
    asked.zone = Some(Zone(zone.clone()));
    asked.within = within(app, user.post.outlet.as_ref()).await?;
    // Where calls came from, and where they went.
    let apart = vec![shown[0], shown[2]];
    let reported = asked.report(app, apart.clone(), ROWS).await?;
    let mut told: Vec<Dimension> = asked.only.iter().map(|(it, _)| *it).chain(apart).collect();
    if user.post.outlet.is_some() {
        // What lies outside of their part has no name for them.
        told.retain(|it| asked.only.iter().all(|(asked, _)| asked != it));
    }
    let names = Names::load(app, &told).await?;
    let costs = if user.post.role.may(Does::Sees, Area::Costs) {
        let accounts = Accounts::of(app, &asked, &reported, Dimension::Channel, None).await?;
        Some(cost_tiles(lang, &accounts))
    } else {
        None
    };
    let days = |period: &std::ops::Range<Timestamp>| parts::days(lang, &zone, period);
    let here = "/console/overview".parse().expect("a path");
    let token = new_token();
    let course = course(lang, &zone, &reported);
    let letter = Letter {
        lang,
        t: lang.schedule_texts(),
        o: lang.overview_texts(),
        all: lang.texts(),
        name: schedule.name.clone(),
        days: days(&reported.period),
        before: reported.before.as_ref().map(days),
        zone: zone.iana_name().unwrap_or("UTC").to_owned(),
        filters: asked.only.iter().map(|(it, label)| names.only(lang, app, *it, label)).collect(),
        tiles: tiles(lang, &reported).into_iter().chain(costs.into_iter().flatten()).collect(),
        ends: match (course.bars.first(), course.bars.last()) {
            (Some(first), Some(last)) if first.name != last.name => format!("{} – {}", first.name, last.name),
            _ => String::new(),
        },
        is_short: course.bars.len() <= BARS_MAX,
        course,
        cards: reported.counted.apart.iter().map(|it| table(lang, app, &here, &names, it)).collect(),
        is_empty: reported.counted.total.calls == 0,
        link: pinned(app, &schedule.query, &reported.period, &zone),
        off: link(app, OFF, &token),
    };
    let before = reported.counted_before.as_ref().map_or(&[][..], |it| &it.course);
    let picture = |name: &str, png| Picture { name: name.to_owned(), png };
    let pictures = vec![
        picture("course", picture::course(&reported.counted.course, before)),
        picture("week", picture::week(&reported.counted.week)),
    ];
    let words = Words {
        subject: format!("{}{} {}", letter.name, lang.colon(), letter.days),
        text: Text { it: &letter }.render().expect("a template of texts fills"),
        html: Page { it: &letter }.render().expect("a template of texts fills"),
        pictures: if letter.is_empty { vec![] } else { pictures },
    };
    Ok(Composed { words, off: letter.off, token_hash: hash_token(&token) })
}

fn has(query: &str, field: &str) -> bool {
    form_urlencoded::parse(query.as_bytes()).any(|(name, value)| name == field && !value.is_empty())
}

/// The page with the days of this mail, whenever it is opened.
fn pinned(
    app: &AppState,
    query: &str,
    period: &std::ops::Range<Timestamp>,
    zone: &jiff::tz::TimeZone,
) -> String {
    let day = |at: Timestamp| zone.to_datetime(at.to_calendar()).date();
    let last = Timestamp::from_ms(period.end.as_ms() - 1).max(period.start);
    let fields = form_urlencoded::parse(query.as_bytes());
    let others = fields.filter(|(name, _)| !["period", "from", "to", "zone"].contains(&name.as_ref()));
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("period", &format!("{}..{}", day(period.start), day(last)))
        .append_pair("zone", zone.iana_name().unwrap_or("UTC"))
        .finish();
    format!("{}console/overview?{query}", app.config.public_url)
}
