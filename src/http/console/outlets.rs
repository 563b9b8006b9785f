//! The tree of outlets: added to, renamed, moved about, taken out of service.

use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::permissions::plan_seen;
use super::plan_choices::{Choice, outlets, slug};
use super::plan_review::{Outcome, Proposal, Saved, Sent, decide, told};
use super::{Frame, page};
use crate::domain::ids::OutletId;
use crate::domain::plan::draft::DraftOutlet;
use crate::domain::plan::{Draft, edit};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, OutletTexts};

const HERE: &str = "/console/outlets";

#[derive(Template)]
#[template(path = "outlets.html")]
struct OutletsPage {
    frame: Frame,
    t: &'static OutletTexts,
    e: &'static EditTexts,
    is_saved: bool,
    wrong: Vec<String>,
    rows: Vec<RowView>,
    revision: i64,
    filled: Fields,
    parents: Vec<Choice>,
}

struct RowView {
    id: String,
    /// As wide as it is far down the tree.
    indent: String,
    name: String,
    sites: usize,
    destinations: usize,
    numbers: usize,
}

#[derive(Template)]
#[template(path = "outlet.html")]
struct OutletPage {
    frame: Frame,
    t: &'static OutletTexts,
    e: &'static EditTexts,
    is_saved: bool,
    wrong: Vec<String>,
    revision: i64,
    id: String,
    name: String,
    /// The name of the one above it, where the reader sees that.
    parent: Option<String>,
    parents: Vec<Choice>,
}

/// What a form says of an outlet.
#[derive(Default)]
pub struct Fields {
    sent: Sent,
    id: String,
    name: String,
    parent: Option<String>,
}

impl FromQuery for Fields {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        let name = query.text("name").unwrap_or_default().trim().to_owned();
        let id = query.text("id").map_or_else(|| slug(&name), |id| id.trim().to_owned());
        Self { sent, id, name, parent: query.text("parent") }
    }
}

/// `GET /console/outlets`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    listed(&app, lang, &here, &session, Fields::default(), (is_saved, vec![])).await
}

async fn listed(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    filled: Fields,
    (is_saved, wrong): (bool, Vec<String>),
) -> Result<Response, HttpError> {
    let (draft, revision) = plan_seen(app, &session.post).await?;
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let rows = outlets(&draft, "").into_iter().map(|(id, shown, _)| {
        let name = shown.trim_start();
        RowView {
            sites: draft.sites.iter().filter(|it| it.outlet == id).count(),
            destinations: draft.destinations.iter().filter(|it| it.outlet == id).count(),
            numbers: draft.count_numbers_of(&id),
            id,
            indent: shown[..shown.len() - name.len()].to_owned(),
            name: name.to_owned(),
        }
    });
    let shown = page(&OutletsPage {
        t: lang.outlet_texts(),
        e: lang.edit_texts(),
        is_saved,
        wrong,
        rows: rows.collect(),
        revision,
        parents: outlets(&draft, filled.parent.as_deref().unwrap_or_default()),
        filled,
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// `POST /console/outlets`
pub async fn make(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(mut fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let new = DraftOutlet { id: fields.id.clone(), name: fields.name.clone(), parent: fields.parent.clone() };
    let edit = Arc::new(move |draft: &mut Draft| edit::add(&mut draft.outlets, new.clone()));
    let title = format!("{} · {}", lang.outlet_texts().add, fields.name);
    let sent = std::mem::take(&mut fields.sent);
    match decide(&app, lang, &here, &session, sent, Proposal::new(title, HERE, HERE, edit)).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => listed(&app, lang, &here, &session, fields, (false, told(wrong))).await,
    }
}

/// `GET /console/outlets/{id}`
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<OutletId>,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, &session, &id, (is_saved, vec![])).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    id: &OutletId,
    (is_saved, wrong): (bool, Vec<String>),
) -> Result<Response, HttpError> {
    let (draft, revision) = plan_seen(app, &session.post).await?;
    let outlet = draft.outlets.iter().find(|it| it.id == id.as_str()).ok_or(HttpError::NotFound("outlet"))?;
    let mut parents = outlets(&draft, outlet.parent.as_deref().unwrap_or_default());
    parents.retain(|(other, ..)| *other != outlet.id);
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = page(&OutletPage {
        t: lang.outlet_texts(),
        e: lang.edit_texts(),
        is_saved,
        wrong,
        revision,
        id: outlet.id.clone(),
        name: outlet.name.clone(),
        parent: parents.iter().find(|(.., is_it)| *is_it).map(|(_, name, _)| name.trim().to_owned()),
        parents,
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// `POST /console/outlets/{id}`: another name, another parent.
pub async fn change(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<OutletId>,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let (name, parent, its) = (fields.name, fields.parent, id.clone());
    let edit = Arc::new(move |draft: &mut Draft| {
        let outlet = edit::find(&mut draft.outlets, its.as_str())?;
        (outlet.name, outlet.parent) = (name.clone(), parent.clone());
        Ok(())
    });
    let back = format!("{HERE}/{id}");
    let title = format!("{} · {id}", lang.outlet_texts().change);
    match decide(&app, lang, &here, &session, fields.sent, Proposal::new(title, &back, &back, edit)).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => shown(&app, lang, &here, &session, &id, (false, told(wrong))).await,
    }
}

/// `POST /console/outlets/{id}/out`
pub async fn take_out(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<OutletId>,
    Form(sent): Form<Sent>,
) -> Result<Response, HttpError> {
    let its = id.clone();
    let edit = Arc::new(move |draft: &mut Draft| edit::take(&mut draft.outlets, its.as_str()));
    let title = format!("{} · {id}", lang.edit_texts().take_out);
    let proposal = Proposal::new(title, &format!("{HERE}/{id}/out"), HERE, edit).typing(id.as_str());
    match decide(&app, lang, &here, &session, sent, proposal).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let used = [lang.outlet_texts().used.to_owned()].into_iter().chain(told(wrong)).collect();
            shown(&app, lang, &here, &session, &id, (false, used)).await
        }
    }
}
