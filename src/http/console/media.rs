//! Media off the web: each static number with what carries it, what that cost,
//! what it brought, and its QR code, to look at and to print.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::{Frame, page, parts, with_query};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::number::NumberKind;
use crate::domain::tracking::offline::{Offline, QrTo, qr_text};
use crate::http::AppState;
use crate::http::api::qr::{self, CodeQuery};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::Lang;
use crate::store::media::Run;
use crate::store::{NumberFilter, NumberRow, Window};

const HERE: &str = "/console/media";
const ROWS: u32 = 50;

pub struct Asked {
    cursor: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor") }
    }
}

#[derive(Template)]
#[template(path = "media.html")]
struct MediaPage {
    frame: Frame,
    media: Vec<MediumView>,
    older: Option<String>,
    newest: Option<String>,
}

struct MediumView {
    number: String,
    label: String,
    kind: &'static str,
    channel: &'static str,
    source: String,
    retired: bool,
    /// The number on a website that it stands in for.
    stands_in: Option<String>,
    /// When it runs; `None`: since there is such a number.
    runs: Option<String>,
    cost: Option<String>,
    calls: u64,
    cost_per_call: Option<String>,
    /// How its calls are recorded.
    recorded: Option<String>,
    qr_call: String,
    /// Its code for the landing page, and the page.
    qr_page: Option<(String, String)>,
}

/// `GET /console/media`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let window = Window { after: asked.cursor, limit: ROWS };
    let filter = NumberFilter { is_static: Some(true), ..NumberFilter::default() };
    let found = app.store.list_numbers(&filter, &window).await?;
    let now = app.clock.now();
    let runs: Vec<Run> = found.items.iter().map(|row| run_of(row, now)).collect();
    let calls = app.store.count_calls_within(&runs).await?;
    let count = |number: &Phone| calls.get(number).copied().unwrap_or_default();
    page(&MediaPage {
        frame: Frame::new(lang, &here, Some(&session)),
        media: found.items.iter().filter_map(|row| view(&app, lang, row, count(&row.number.e164))).collect(),
        older: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        newest: window.after.is_some().then(|| HERE.to_owned()),
    })
}

/// `GET /console/media/{number}/qr.svg`
pub async fn code(
    _: Session,
    State(app): State<AppState>,
    Path(number): Path<Phone>,
    Query(asked): Query<CodeQuery>,
) -> Result<Response, HttpError> {
    qr::draw(&app, &number, asked.to).await
}

fn offline(row: &NumberRow) -> Option<&Offline> {
    match &row.number.kind {
        NumberKind::Static(medium) => medium.offline.as_ref(),
        NumberKind::Pooled(_) => None,
    }
}

/// The days that the plan says, in UTC, else since there is such a number.
fn run_of(row: &NumberRow, now: Timestamp) -> Run {
    let days = offline(row).and_then(|it| it.runs).map(|days| days.0.bounds());
    let [from, until] = days.unwrap_or([row.number.created_at, Timestamp::from_ms(now.as_ms() + 1)]);
    Run { number: row.number.e164.clone(), from, until }
}

fn view(app: &AppState, lang: Lang, row: &NumberRow, calls: u64) -> Option<MediumView> {
    let NumberKind::Static(medium) = &row.number.kind else { return None };
    let (number, home) = (&row.number.e164, app.config.home);
    let offline = medium.offline.as_ref();
    let cost = offline.and_then(|it| it.cost);
    let campaign = medium.campaign.iter().map(|campaign| format!(" · {campaign}"));
    let code = format!("{HERE}/{}/qr.svg", number.reveal());
    Some(MediumView {
        number: parts::phone(number, home),
        label: row.number.label.clone(),
        kind: lang.medium_kind(offline.map(|it| it.kind)),
        channel: lang.channel(medium.channel),
        source: format!("{} / {}", medium.source, medium.medium) + &campaign.collect::<String>(),
        retired: !row.number.in_service,
        stands_in: medium.stands_in.as_ref().map(|it| parts::phone(&it.target, home)),
        runs: offline.and_then(|it| it.runs).map(|days| lang.days(days.0)),
        cost: cost.map(|cost| lang.money(cost)),
        recorded: row.number.recording.as_ref().map(|rule| lang.recording_rule(rule)),
        calls,
        cost_per_call: cost.filter(|_| calls > 0).map(|cost| lang.money(cost.shared_by(calls))),
        qr_page: qr_text(number, medium, QrTo::Page)
            .map(|page| (format!("{code}?to=page"), parts::short(&page))),
        qr_call: code,
    })
}
