//! Links to reports: those that somebody has made, and one more. Administrators of the whole network see all.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

use super::asked::read_or;
use super::overview::{Names, zone_told};
use super::parts::Moment;
use super::permissions::opens;
use super::shared::{kept, page_of};
use super::{Frame, page};
use crate::domain::ids::{ShareId, UserId};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::Period;
use crate::domain::reporting::share::{DAYS_MAX, DAYS_USUAL, SharedReport};
use crate::domain::tracking::credit::Model;
use crate::flows::{ShareError, share_taken_back};
use crate::http::AppState;
use crate::http::api::schedules::kept_query;
use crate::http::api::shares::made;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::journeys::{all_models, model_name};
use crate::http::language::{Lang, ShareTexts};
use crate::http::report;

const HERE: &str = "/console/shares";

/// What is to be shown, as it stood in the report's address.
pub struct Asked {
    report: SharedReport,
    query: String,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            report: query.value("report").unwrap_or_default(),
            query: query.text("query").unwrap_or_default(),
        }
    }
}

/// What an address asks for, as far as it is told in words.
struct Shown {
    asked: report::Asked,
    below: Option<String>,
    apart: Option<Dimension>,
    model: Option<Model>,
}

impl FromQuery for Shown {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let model = query.text("model");
        Self {
            asked: read_or(query, Period::default()),
            below: query.value("below"),
            apart: query.value("dimension").or_else(|| query.value("by")).or_else(|| query.value("all")),
            model: all_models().into_iter().find(|it| model.as_deref() == Some(model_name(*it))),
        }
    }
}

pub struct NewShare {
    report: SharedReport,
    query: String,
    days: u16,
}

impl FromQuery for NewShare {
    fn read(form: &mut QueryReader<'_>) -> Self {
        let query = form.text("query").unwrap_or_default();
        Self {
            report: form.value("report").unwrap_or_default(),
            query,
            days: form.value("days").unwrap_or(DAYS_USUAL),
        }
    }
}

#[derive(Template)]
#[template(path = "shares.html")]
struct SharesPage {
    frame: Frame,
    t: &'static ShareTexts,
    rows: Vec<RowView>,
    report: SharedReport,
    report_name: &'static str,
    query: String,
    /// The same in words.
    shows: String,
    /// The link that was just made.
    made: Option<(String, Moment)>,
    days_usual: u16,
    days_max: u16,
}

struct RowView {
    id: ShareId,
    report: &'static str,
    /// What it shows, in words.
    shows: String,
    address: String,
    maker: String,
    ends: Moment,
    has_ended: bool,
    opened: Option<(Moment, String)>,
}

/// Whose links somebody may take back: their own, or with `None` all.
fn maker(session: &Session) -> Option<UserId> {
    (!session.post.is_head()).then_some(session.user)
}

/// `GET /console/shares`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let mut query = kept_query(&asked.query)?;
    // Days begin for whoever opens it where they begin for whoever shares it.
    if !form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == "zone") {
        let zone = zone_told(&headers).unwrap_or_default();
        query = form_urlencoded::Serializer::new(query).append_pair("zone", zone.name()).finish();
    }
    shown(&app, lang, &here, &session, (asked.report, query), None).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    (report, query): (SharedReport, String),
    made: Option<(String, Moment)>,
) -> Result<Response, HttpError> {
    let (users, now) = (app.store.list_users().await?, app.clock.now());
    let shares = app.store.list_shares(maker(session)).await?;
    let queries = shares.iter().map(|it| it.query.as_str()).chain([query.as_str()]);
    let mut shown = in_words(app, lang, session, queries).await?;
    let shows = shown.pop().unwrap_or_default();
    let mut rows = vec![];
    for (it, shows) in shares.into_iter().zip(shown) {
        rows.push(RowView {
            id: it.id,
            shows,
            report: lang.shared_report(it.report),
            address: format!("{}?{}", page_of(it.report), it.query),
            maker: match it.maker {
                Some(id) => {
                    users.iter().find(|user| user.id == id).map(|it| it.email.clone()).unwrap_or_default()
                }
                None => lang.share_texts().program.to_owned(),
            },
            ends: Moment::day_and_time(lang, it.expires_at),
            has_ended: it.expires_at <= now,
            opened: it.opened.map(|(at, opens)| (Moment::day_and_time(lang, at), lang.opened(opens))),
        });
    }
    page(&SharesPage {
        t: lang.share_texts(),
        rows,
        report,
        report_name: lang.shared_report(report),
        shows,
        query,
        made,
        days_usual: DAYS_USUAL,
        days_max: DAYS_MAX,
        frame: Frame::new(lang, here, Some(session)),
    })
}

/// What each of these addresses asks for, in words: the period, each filter, what it is told apart by, the model that leads.
async fn in_words(
    app: &AppState,
    lang: Lang,
    session: &Session,
    queries: impl Iterator<Item = &str>,
) -> Result<Vec<String>, HttpError> {
    let shown: Vec<Shown> = queries.map(kept).collect();
    let below = shown.iter().filter(|it| it.below.is_some()).map(|_| Dimension::Outlet);
    let asked = shown.iter().flat_map(|it| &it.asked.only).map(|(it, _)| *it).chain(below);
    // To whoever sees a part of the network, what they ask for may be of another one, and has no name.
    let asked: Vec<Dimension> = asked.filter(|_| session.post.outlet.is_none()).collect();
    let names = Names::load(app, &asked).await?;
    let words = shown.iter().map(|Shown { asked, below, apart, model }| {
        let below = below.iter().map(|id| (Dimension::Outlet, id));
        let only = asked.only.iter().map(|(it, label)| (*it, label)).chain(below);
        let filters = only.map(|(it, label)| names.only(lang, app, it, label));
        let apart = apart.map(|it| lang.dimension(it).to_owned());
        let model = model.map(|it| lang.model(it).0.to_owned());
        let all = std::iter::once(lang.period(asked.period)).chain(filters).chain(apart).chain(model);
        all.collect::<Vec<_>>().join(" · ")
    });
    Ok(words.collect())
}

/// `POST /console/shares`: the link is shown this once.
pub async fn make(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(new): Form<NewShare>,
) -> Result<Response, HttpError> {
    if !opens(&session.post, &page_of(new.report)) {
        return Err(HttpError::NotAllowed);
    }
    let (share, link) = made(&app, Some(session.user), (new.report, &new.query), new.days).await?;
    let until = Moment::day_and_time(lang, share.expires_at);
    shown(&app, lang, &here, &session, (share.report, share.query), Some((link, until))).await
}

/// `POST /console/shares/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ShareId>,
) -> Result<Response, HttpError> {
    match share_taken_back(&app.store, id, maker(&session)).await {
        Ok(()) | Err(ShareError::NotFound) => Ok(Redirect::to(HERE).into_response()),
        Err(refused) => Err(refused.into()),
    }
}
