//! Links to reports: those that somebody has made, and one more. Administrators of the whole network see all.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{HeaderMap, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

use super::overview::{in_words, zone_told};
use super::parts::Moment;
use super::permissions::opens;
use super::shared::page_of;
use super::{Frame, page};
use crate::domain::ids::{ShareId, UserId};
use crate::domain::reporting::share::{DAYS_MAX, DAYS_USUAL, SharedReport};
use crate::flows::{ShareError, share_taken_back};
use crate::http::AppState;
use crate::http::api::schedules::kept_query;
use crate::http::api::shares::made;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, ShareTexts};

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
    let mut rows = vec![];
    for it in app.store.list_shares(maker(session)).await? {
        rows.push(RowView {
            id: it.id,
            shows: in_words(app, lang, session, &it.query).await?,
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
        shows: in_words(app, lang, session, &query).await?,
        query,
        made,
        days_usual: DAYS_USUAL,
        days_max: DAYS_MAX,
        frame: Frame::new(lang, here, Some(session)),
    })
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
