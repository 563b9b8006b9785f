//! The form of one site: whose it is, which pages are its own, what guards it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::permissions::plan_seen;
use super::plan_choices::{Choice, outlets, slug};
use super::plan_review::{Outcome, Proposal, Saved, Sent, decide, told};
use super::{Frame, page};
use crate::domain::ids::SiteId;
use crate::domain::plan::draft::DraftSite;
use crate::domain::plan::edit::EditFault;
use crate::domain::plan::{Draft, edit};
use crate::domain::tracking::guard::Guard;
use crate::flows::plan_drafted;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, SiteTexts};

const HERE: &str = "/console/sites";

#[derive(Template)]
#[template(path = "site.html")]
struct SitePage {
    frame: Frame,
    t: &'static SiteTexts,
    e: &'static EditTexts,
    is_saved: bool,
    wrong: Vec<String>,
    revision: i64,
    is_new: bool,
    site: DraftSite,
    /// What holds where the site says nothing.
    usual: Guard,
    outlets: Vec<Choice>,
}

/// What the form says.
pub struct Fields {
    sent: Sent,
    is_new: bool,
    site: DraftSite,
}

impl FromQuery for Fields {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        let is_new = query.text("new").is_some();
        let mut text = |name| query.text(name).map(|text| text.trim().to_owned());
        let name = text("name").unwrap_or_default();
        let site = DraftSite {
            id: text("id").unwrap_or_else(|| slug(&name)),
            outlet: text("outlet").unwrap_or_default(),
            origins: lines(text("origins")),
            ignored_referrers: lines(text("ignored_referrers")),
            headless: text("headless").filter(|word| word != "refuse"),
            name,
            leases_per_block: query.value("leases_per_block"),
            leases_per_minute: query.value("leases_per_minute"),
            page_calls: query.value("page_calls"),
            page_calls_per_block: query.value("page_calls_per_block"),
            ..DraftSite::default()
        };
        Self { sent, is_new, site }
    }
}

/// A line each; an origin may be written with the stroke behind it that browsers show.
pub(super) fn lines(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let lines = text.lines().map(|line| line.trim().trim_end_matches('/'));
    lines.filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// `GET /console/sites/new`
pub async fn new(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, &session, (true, DraftSite::default()), (false, vec![])).await
}

/// `GET /console/sites/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<SiteId>,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    let site = find(&app, &id).await?;
    shown(&app, lang, &here, &session, (false, site), (is_saved, vec![])).await
}

async fn find(app: &AppState, id: &SiteId) -> Result<DraftSite, HttpError> {
    let (draft, _) = plan_drafted(&app.store).await?;
    draft.sites.into_iter().find(|it| it.id == id.as_str()).ok_or(HttpError::NotFound("site"))
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    (is_new, site): (bool, DraftSite),
    (is_saved, wrong): (bool, Vec<String>),
) -> Result<Response, HttpError> {
    let (draft, revision) = plan_seen(app, &session.post).await?;
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = page(&SitePage {
        t: lang.site_texts(),
        e: lang.edit_texts(),
        is_saved,
        wrong,
        revision,
        is_new,
        outlets: outlets(&draft, &site.outlet),
        site,
        usual: Guard::default(),
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// `POST /console/sites`: a new site, or another.
pub async fn save(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(Fields { sent, is_new, site }): Form<Fields>,
) -> Result<Response, HttpError> {
    let filled = site.clone();
    let edit = Arc::new(move |draft: &mut Draft| put(draft, is_new, &site));
    let t = lang.site_texts();
    let title = format!("{} · {}", if is_new { t.add } else { t.change }, filled.name);
    let back = if is_new { HERE.to_owned() } else { format!("{HERE}/{}", filled.id) };
    match decide(&app, lang, &here, &session, sent, Proposal::new(title, HERE, &back, edit)).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            shown(&app, lang, &here, &session, (is_new, filled), (false, told(wrong))).await
        }
    }
}

/// What no form carries stays: how visits are read by names and rules of the site's own.
fn put(draft: &mut Draft, is_new: bool, site: &DraftSite) -> Result<(), EditFault> {
    if is_new {
        return edit::add(&mut draft.sites, site.clone());
    }
    let before = edit::find(&mut draft.sites, &site.id)?;
    let DraftSite { aliases, rules, .. } = before.clone();
    *before = DraftSite { aliases, rules, ..site.clone() };
    Ok(())
}

/// `POST /console/sites/{id}/out`
pub async fn take_out(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<SiteId>,
    Form(sent): Form<Sent>,
) -> Result<Response, HttpError> {
    let site = find(&app, &id).await?;
    let its = id.clone();
    let edit = Arc::new(move |draft: &mut Draft| draft.take_site(its.as_str()));
    let title = format!("{} · {}", lang.edit_texts().take_out, site.name);
    let proposal = Proposal::new(title, &format!("{HERE}/{id}/out"), HERE, edit).typing(id.as_str());
    match decide(&app, lang, &here, &session, sent, proposal).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            shown(&app, lang, &here, &session, (false, site), (false, told(wrong))).await
        }
    }
}
