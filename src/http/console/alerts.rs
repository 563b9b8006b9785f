//! Alerts: what is watched, how it stands, when it was raised; and the form of each kind.

mod form;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use self::form::{Fields, FormView};
use super::parts::{self, Moment};
use super::{Frame, page, with_query};
use crate::domain::alerts::rule::{Kind, Of, Rule};
use crate::domain::alerts::written::Written;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::AlertId;
use crate::domain::staff::{Area, Does};
use crate::flows::{AlertError, alert_changed, alert_deleted, alert_written};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{AlertTexts, Lang};
use crate::http::letters::alert::place;
use crate::store::Window;
use crate::store::alerts::{AlertRow, Incident};

const HERE: &str = "/console/alerts";
const ROWS: u32 = 50;

/// Which kind the form is for.
pub struct Asked {
    kind: Kind,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { kind: query.value("kind").unwrap_or_default() }
    }
}

/// Which part of the history.
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
#[template(path = "alerts.html")]
struct AlertsPage {
    frame: Frame,
    t: &'static AlertTexts,
    rows: Vec<AlertView>,
    sends_mail: bool,
    /// Each kind: its link, its name, whether its form is shown.
    kinds: Vec<(String, &'static str, bool)>,
    /// `None`: the reader changes nothing.
    form: Option<FormView>,
}

#[derive(Template)]
#[template(path = "alert.html")]
struct AlertPage {
    frame: Frame,
    t: &'static AlertTexts,
    alert: AlertView,
    emails: Vec<String>,
    incidents: Vec<IncidentView>,
    older: Option<String>,
    form: Option<FormView>,
}

struct AlertView {
    id: AlertId,
    name: String,
    kind: &'static str,
    /// Whose calls, which pool …
    place: String,
    rule: String,
    /// The class of its badge, and its word.
    stands: (&'static str, &'static str),
    since: Option<Moment>,
    measured: Option<(String, Moment)>,
}

struct IncidentView {
    from: Moment,
    until: Option<Moment>,
    measured: String,
    calmed: Option<String>,
}

impl AlertView {
    fn of(lang: Lang, app: &AppState, outlets: &[(String, String)], row: &AlertRow) -> Self {
        let (t, rule) = (lang.alert_texts(), &row.alert.rule);
        let place = match rule {
            Rule::Missed { of, .. } | Rule::Silence { of, .. } => match of {
                Of::Network => t.network.to_owned(),
                Of::Outlet(outlet) => {
                    let known = outlets.iter().find(|(id, _)| id == outlet.as_str());
                    known.map_or_else(|| outlet.to_string(), |(_, name)| name.clone())
                }
                Of::Number(number) => parts::phone(number, app.config.home),
            },
            Rule::Cost { channel: Some(channel), campaign: None, .. } => lang.channel(*channel).to_owned(),
            other => place(other),
        };
        let stands = match (row.alert.enabled, row.standing.raised_at, &row.measured) {
            (false, ..) => ("is-blocked", t.off),
            (_, Some(_), _) => ("is-missed", t.raised),
            (_, None, None) => ("is-ongoing", t.not_yet),
            (_, None, Some(_)) => ("is-answered", t.quiet),
        };
        Self {
            id: row.alert.id,
            name: row.alert.name.clone(),
            kind: lang.alert_kind(rule.kind()),
            place,
            rule: lang.alert_rule(rule),
            stands,
            since: row.standing.raised_at.map(|at| Moment::day_and_time(lang, at)),
            measured: row
                .measured
                .as_ref()
                .map(|(at, measured)| (lang.alert_measured(measured), Moment::day_and_time(lang, *at))),
        }
    }
}

impl IncidentView {
    fn of(lang: Lang, it: &Incident) -> Self {
        Self {
            from: Moment::day_and_time(lang, it.raised_at),
            until: it.over_at.map(|at| Moment::day_and_time(lang, at)),
            measured: lang.alert_measured(&it.measured),
            calmed: it.calmed.as_ref().map(|it| lang.alert_measured(it)),
        }
    }
}

fn sees(session: &Session, kind: Kind) -> bool {
    session.post.role.may(Does::Sees, kind.area())
}

fn changes(session: &Session, kind: Kind) -> bool {
    session.post.role.may(Does::Changes, Area::Alerts) && session.post.role.may(Does::Changes, kind.area())
}

async fn outlets(app: &AppState) -> Result<Vec<(String, String)>, HttpError> {
    Ok(app.store.list_outlets().await?.into_iter().map(|it| (it.id.to_string(), it.name)).collect())
}

/// `GET /console/alerts`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let fields = Fields::of_kind(asked.kind, lang);
    shown(&app, lang, &here, &session, asked.kind, fields, vec![]).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    kind: Kind,
    fields: Fields,
    wrong: Vec<String>,
) -> Result<Response, HttpError> {
    let outlets = outlets(app).await?;
    let rows = app.store.list_alerts().await?;
    let seen = rows.iter().filter(|row| sees(session, row.alert.rule.kind()));
    let list: Uri = HERE.parse().expect("a path");
    let kinds = Kind::ALL.iter().filter(|it| changes(session, **it));
    page(&AlertsPage {
        t: lang.alert_texts(),
        rows: seen.map(|row| AlertView::of(lang, app, &outlets, row)).collect(),
        sends_mail: app.config.sends_mail,
        kinds: kinds
            .map(|it| {
                let address = format!("{}#new", with_query(&list, "kind", Some(it.as_str())));
                (address, lang.alert_kind(*it), *it == kind)
            })
            .collect(),
        form: if changes(session, kind) {
            Some(FormView::of(app, lang, HERE.to_owned(), kind, fields, &outlets, wrong).await?)
        } else {
            None
        },
        frame: Frame::new(lang, here, Some(session)),
    })
}

/// `POST /console/alerts`
pub async fn make(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let kind = fields.kind();
    if !changes(&session, kind) {
        return Err(HttpError::NotAllowed);
    }
    let written = match fields.read(app.config.home) {
        Ok(written) => alert_written(&app.store, &app.clock, Accessor::User(session.user), &written).await,
        Err(faults) => Err(AlertError::Faults(faults)),
    };
    match written {
        Ok(row) => Ok(Redirect::to(&format!("{HERE}/{}", row.alert.id)).into_response()),
        Err(refused) => {
            let wrong = told(lang, refused)?;
            let again = shown(&app, lang, &here, &session, kind, fields, wrong).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

fn told(lang: Lang, refused: AlertError) -> Result<Vec<String>, HttpError> {
    match refused {
        AlertError::Faults(faults) => Ok(faults.iter().map(|fault| lang.alert_fault(fault)).collect()),
        AlertError::Full => Ok(vec![lang.alert_refused(&refused)]),
        AlertError::NotFound | AlertError::Store(_) => Err(refused.into()),
    }
}

/// What somebody may see.
async fn found(app: &AppState, session: &Session, id: AlertId) -> Result<AlertRow, HttpError> {
    let row = app.store.find_alert(id).await?;
    row.filter(|row| sees(session, row.alert.rule.kind())).ok_or(HttpError::NotFound("alert"))
}

/// `GET /console/alerts/{id}`
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<AlertId>,
    Query(part): Query<Part>,
) -> Result<Response, HttpError> {
    let row = found(&app, &session, id).await?;
    let fields = Fields::from(&Written::from(&row.alert));
    detailed(&app, lang, &here, &session, row, (fields, vec![]), part.cursor).await
}

async fn detailed(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    row: AlertRow,
    (fields, wrong): (Fields, Vec<String>),
    cursor: Option<String>,
) -> Result<Response, HttpError> {
    let outlets = outlets(app).await?;
    let (id, kind) = (row.alert.id, row.alert.rule.kind());
    let found = app.store.list_incidents(id, &Window { after: cursor, limit: ROWS }).await?;
    let address = format!("{HERE}/{id}");
    let own: Uri = address.parse().expect("a path");
    page(&AlertPage {
        t: lang.alert_texts(),
        alert: AlertView::of(lang, app, &outlets, &row),
        emails: row.alert.emails.iter().map(|it| it.reveal().to_owned()).collect(),
        incidents: found.items.iter().map(|it| IncidentView::of(lang, it)).collect(),
        older: found.next.map(|next| with_query(&own, "cursor", Some(&next))),
        form: if changes(session, kind) {
            Some(FormView::of(app, lang, address, kind, fields, &outlets, wrong).await?)
        } else {
            None
        },
        frame: Frame::new(lang, here, Some(session)),
    })
}

/// `POST /console/alerts/{id}`
pub async fn change(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<AlertId>,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let row = found(&app, &session, id).await?;
    if !changes(&session, row.alert.rule.kind()) || !changes(&session, fields.kind()) {
        return Err(HttpError::NotAllowed);
    }
    let changed = match fields.read(app.config.home) {
        Ok(written) => alert_changed(&app.store, &app.clock, id, &written).await,
        Err(faults) => Err(AlertError::Faults(faults)),
    };
    match changed {
        Ok(_) => Ok(Redirect::to(&format!("{HERE}/{id}")).into_response()),
        Err(refused) => {
            let wrong = told(lang, refused)?;
            let again = detailed(&app, lang, &here, &session, row, (fields, wrong), None).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// `POST /console/alerts/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<AlertId>,
) -> Result<Response, HttpError> {
    if let Some(row) = app.store.find_alert(id).await? {
        if !changes(&session, row.alert.rule.kind()) {
            return Err(HttpError::NotAllowed);
        }
        match alert_deleted(&app.store, id).await {
            Ok(()) | Err(AlertError::NotFound) => {}
            Err(refused) => return Err(refused.into()),
        }
    }
    Ok(Redirect::to(HERE).into_response())
}
