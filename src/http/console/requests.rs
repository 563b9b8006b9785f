//! What people ask for of their rights: those to be answered first, and how. On a contact's page: what is theirs.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::names::Names;
use super::parts::Moment;
use super::{Frame, page, with_query};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, RequestId};
use crate::domain::people::consent::Method;
use crate::domain::people::request::{self, CameBy, Kind};
use crate::domain::people::restriction::Ground;
use crate::domain::time::Timestamp;
use crate::flows::{Asked, request_decided, request_received};
use crate::http::api::requests::decision;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, RightsTexts};
use crate::http::{AppState, archive};
use crate::store::Window;
use crate::store::requests::RequestFilter;

const ROWS: u32 = 50;
/// Whoever has more open ones answers these first.
const OPEN_MAX: u32 = 200;

/// Which part of the settled ones.
pub struct Part {
    cursor: Option<String>,
}

impl FromQuery for Part {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor") }
    }
}

#[derive(Template)]
#[template(path = "requests.html")]
struct RequestsPage {
    frame: Frame,
    t: &'static RightsTexts,
    open: Vec<RequestView>,
    settled: Vec<RequestView>,
    more: Option<String>,
}

struct RequestView {
    id: RequestId,
    /// The id and the name; `None`: the person is erased, or the page is theirs.
    whose: Option<(ContactId, String)>,
    kind: &'static str,
    came: Moment,
    came_by: &'static str,
    due: Moment,
    is_overdue: bool,
    extended: Option<String>,
    /// How it is carried out.
    steps: &'static str,
    state: &'static str,
    settled: Option<Moment>,
    why: Option<String>,
}

impl RequestView {
    /// With whose it is.
    fn named(names: &Names, lang: Lang, it: request::Request, now: Timestamp) -> Self {
        let whose = it.contact.map(|id| (id, names.called(id).0));
        Self { whose, ..Self::new(lang, it, now) }
    }

    fn new(lang: Lang, it: request::Request, now: Timestamp) -> Self {
        Self {
            is_overdue: it.is_overdue(now),
            id: it.id,
            whose: None,
            kind: lang.request_kind(it.kind),
            came: Moment::day(lang, it.received_at),
            came_by: lang.request_came_by(it.came_by),
            due: Moment::day(lang, it.due_at),
            extended: it.extended_why,
            steps: lang.request_steps(it.kind),
            state: lang.request_state(it.state),
            settled: it.settled.map(|(at, _)| Moment::day(lang, at)),
            why: it.why,
        }
    }
}

/// `GET /console/requests`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Part>,
) -> Result<Response, HttpError> {
    let open = app.store.list_open_requests(OPEN_MAX).await?;
    let filter = RequestFilter { is_settled: true, ..RequestFilter::default() };
    let found = app.store.list_requests(&filter, &Window { after: asked.cursor, limit: ROWS }).await?;
    let names = Names::of(&app, lang, open.iter().chain(&found.items).filter_map(|it| it.contact)).await?;
    let now = app.clock.now();
    let view = |it| RequestView::named(&names, lang, it, now);
    page(&RequestsPage {
        t: lang.rights_texts(),
        open: open.into_iter().map(view).collect(),
        settled: found.items.into_iter().map(view).collect(),
        more: found.next.map(|next| with_query(&here, "cursor", Some(&next))),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// What somebody has asked for, and a form to write more down; the archive of what is known of them.
#[derive(Template)]
#[template(path = "rights.html")]
pub(super) struct Panel {
    t: &'static RightsTexts,
    contact: ContactId,
    requests: Vec<RequestView>,
    kinds: Vec<(&'static str, &'static str)>,
    ways: Vec<(&'static str, &'static str)>,
    /// Since when their data is only kept, and why.
    restriction: Option<(Moment, Option<&'static str>)>,
    grounds: Vec<(&'static str, &'static str)>,
    said: [(&'static str, &'static str); 2],
}

impl askama::filters::HtmlSafe for Panel {}

impl Panel {
    pub async fn of(app: &AppState, lang: Lang, contact: ContactId) -> Result<Self, HttpError> {
        let filter = RequestFilter { contact: Some(contact), ..RequestFilter::default() };
        let found = app.store.list_requests(&filter, &Window::first(ROWS)).await?.items;
        let requests = found.into_iter().map(|it| RequestView::new(lang, it, app.clock.now())).collect();
        let kinds = Kind::ALL.iter().map(|&kind| (kind.as_str(), lang.request_kind(kind)));
        let ways = CameBy::ALL.iter().map(|&way| (way.as_str(), lang.request_came_by(way)));
        let (kinds, ways) = (kinds.collect(), ways.collect());
        let restriction = app.store.find_restriction(contact).await?;
        let restriction = restriction
            .map(|it| (Moment::day(lang, it.at), it.ground.map(|ground| lang.restriction_ground(ground))));
        let grounds = Ground::ALL.iter().map(|&it| (it.as_str(), lang.restriction_ground(it))).collect();
        let said = [Method::Written, Method::Spoken].map(|it| (it.as_str(), lang.consent_method(it)));
        Ok(Self { t: lang.rights_texts(), contact, requests, kinds, ways, restriction, grounds, said })
    }
}

/// What the form on a contact's page sends.
pub struct New {
    kind: Option<Kind>,
    came_by: Option<CameBy>,
}

impl FromQuery for New {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self { kind: form.value("kind"), came_by: form.value("came_by") }
    }
}

/// `POST /console/contacts/{id}/requests`
pub async fn record(
    session: Session,
    State(app): State<AppState>,
    Path(contact): Path<ContactId>,
    Form(new): Form<New>,
) -> Result<Response, HttpError> {
    let (Some(kind), Some(came_by)) = (new.kind, new.came_by) else {
        return Err(HttpError::Invalid(vec![BadField::new("kind", "must be given, like came_by")]));
    };
    let asked = Asked { contact, kind, came_by, received_at: None };
    request_received(&app.store, &app.clock, asked, Accessor::User(session.user)).await?;
    Ok(Redirect::to(&format!("/console/contacts/{contact}#rights")).into_response())
}

/// What a row of the register sends.
pub struct Decided {
    then: Option<String>,
    why: Option<String>,
}

impl FromQuery for Decided {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self { then: form.text("then"), why: form.text("why") }
    }
}

/// `POST /console/requests/{id}`
pub async fn decide(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<RequestId>,
    Form(Decided { then, why }): Form<Decided>,
) -> Result<Response, HttpError> {
    let decision = match then.as_deref() {
        Some("extend") => decision(None, None, why),
        // A reason that stands there by mistake settles nothing otherwise.
        Some("done") => decision(Some("done"), None, None),
        state => decision(state, why, None),
    }?;
    request_decided(&app.store, &app.clock, id, decision, Accessor::User(session.user)).await?;
    Ok(Redirect::to("/console/requests").into_response())
}

/// `POST /console/contacts/{id}/export`
pub async fn export(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    Path(id): Path<ContactId>,
) -> Result<Response, HttpError> {
    archive::hand_out(&app, id, Accessor::User(session.user), lang).await
}
