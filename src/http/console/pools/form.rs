//! The form of one pool: which number it stands for on which site, its numbers, and how long a visit keeps one.

use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::HERE;
use crate::domain::ids::PoolId;
use crate::domain::phone::Country;
use crate::domain::plan::draft::DraftPool;
use crate::domain::plan::edit::EditFault;
use crate::domain::plan::{Draft, edit};
use crate::flows::plan_drafted;
use crate::http::AppState;
use crate::http::console::plan_choices::{self, Choice, e164};
use crate::http::console::plan_review::{Outcome, Proposal, Sent, decide, told};
use crate::http::console::site::lines;
use crate::http::console::{Frame, page};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, PoolTexts};

const MINUTE_S: u64 = 60;

/// What the form says.
pub struct Fields {
    sent: Sent,
    is_new: bool,
    pool: DraftPool,
}

impl FromQuery for Fields {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        let is_new = query.text("new").is_some();
        let mut text = |name| query.text(name).map(|text| text.trim().to_owned()).unwrap_or_default();
        let mut pool = DraftPool {
            id: text("id"),
            site: text("site"),
            target: text("target"),
            destination: text("destination"),
            numbers: lines(Some(text("numbers"))),
            ..usual()
        };
        let mut seconds = |name| query.value::<u64>(name).map(|minutes| minutes.saturating_mul(MINUTE_S));
        pool.keep_alive_s = seconds("keep_alive_min").unwrap_or(pool.keep_alive_s);
        pool.quarantine_s = seconds("quarantine_min").unwrap_or(pool.quarantine_s);
        pool.ageing_s = seconds("ageing_min").unwrap_or(pool.ageing_s);
        pool.calls_at_once = query.value("calls_at_once");
        Self { sent, is_new, pool }
    }
}

fn usual() -> DraftPool {
    DraftPool {
        id: String::new(),
        site: String::new(),
        target: String::new(),
        destination: String::new(),
        keep_alive_s: 20 * MINUTE_S,
        quarantine_s: 10 * MINUTE_S,
        ageing_s: 0,
        calls_at_once: None,
        numbers: vec![],
        recording: None,
    }
}

#[derive(Template)]
#[template(path = "pool_form.html")]
struct FormPage {
    frame: Frame,
    t: &'static PoolTexts,
    e: &'static EditTexts,
    wrong: Vec<String>,
    revision: i64,
    is_new: bool,
    pool: DraftPool,
    minutes: [u64; 3],
    calls_at_once: String,
    sites: Vec<Choice>,
    destinations: Vec<Choice>,
}

/// `GET /console/pools/new`
pub async fn new(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, &session, (true, usual()), vec![]).await
}

/// `GET /console/pools/{id}/edit`
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<PoolId>,
) -> Result<Response, HttpError> {
    let pool = find(&app, &id).await?;
    shown(&app, lang, &here, &session, (false, pool), vec![]).await
}

async fn find(app: &AppState, id: &PoolId) -> Result<DraftPool, HttpError> {
    let (draft, _) = plan_drafted(&app.store).await?;
    draft.pools.into_iter().find(|it| it.id == id.as_str()).ok_or(HttpError::NotFound("pool"))
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    (is_new, pool): (bool, DraftPool),
    wrong: Vec<String>,
) -> Result<Response, HttpError> {
    let (draft, revision) = plan_drafted(&app.store).await?;
    let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = page(&FormPage {
        t: lang.pool_texts(),
        e: lang.edit_texts(),
        wrong,
        revision,
        is_new,
        minutes: [pool.keep_alive_s, pool.quarantine_s, pool.ageing_s].map(|seconds| seconds / MINUTE_S),
        calls_at_once: pool.calls_at_once.map(|most| most.to_string()).unwrap_or_default(),
        sites: plan_choices::sites(&draft, &pool.site),
        destinations: plan_choices::destinations(&draft, &pool.destination),
        pool,
        frame: Frame::new(lang, here, Some(session)),
    })?;
    Ok((status, shown).into_response())
}

/// `POST /console/pools`: a new pool, or another.
pub async fn save(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(Fields { sent, is_new, pool }): Form<Fields>,
) -> Result<Response, HttpError> {
    let (filled, home) = (pool.clone(), app.config.home);
    let edit = Arc::new(move |draft: &mut Draft| put(draft, is_new, &pool, home));
    let t = lang.pool_texts();
    let title = format!("{} · {}", if is_new { t.add } else { t.change }, filled.id);
    let back = if is_new { HERE.to_owned() } else { format!("{HERE}/{}", filled.id) };
    match decide(&app, lang, &here, &session, sent, Proposal::new(title, HERE, &back, edit)).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => shown(&app, lang, &here, &session, (is_new, filled), told(wrong)).await,
    }
}

/// What no form carries stays: how calls are recorded, and what is less than a minute of a span that is as it was.
fn put(draft: &mut Draft, is_new: bool, said: &DraftPool, home: Country) -> Result<(), EditFault> {
    let mut pool = said.clone();
    pool.target = e164(&pool.target, home);
    pool.numbers = pool.numbers.iter().map(|text| spelled(text, home)).collect();
    if is_new {
        return edit::add(&mut draft.pools, pool);
    }
    let before = edit::find(&mut draft.pools, &said.id)?;
    pool.recording.clone_from(&before.recording);
    for (span, was) in [
        (&mut pool.keep_alive_s, before.keep_alive_s),
        (&mut pool.quarantine_s, before.quarantine_s),
        (&mut pool.ageing_s, before.ageing_s),
    ] {
        if *span / MINUTE_S == was / MINUTE_S {
            *span = was;
        }
    }
    *before = pool;
    Ok(())
}

/// A number or a range, as the plan writes it.
fn spelled(text: &str, home: Country) -> String {
    match text.split_once("..") {
        Some((first, last)) => format!("{}..{}", e164(first, home), e164(last, home)),
        None => e164(text, home),
    }
}

/// `POST /console/pools/{id}/out`
pub async fn take_out(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<PoolId>,
    Form(sent): Form<Sent>,
) -> Result<Response, HttpError> {
    let pool = find(&app, &id).await?;
    let its = id.clone();
    let edit = Arc::new(move |draft: &mut Draft| edit::take(&mut draft.pools, its.as_str()));
    let title = format!("{} · {id}", lang.edit_texts().take_out);
    let proposal = Proposal::new(title, &format!("{HERE}/{id}/out"), HERE, edit).typing(id.as_str());
    match decide(&app, lang, &here, &session, sent, proposal).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let used = [lang.pool_texts().used.to_owned()].into_iter().chain(told(wrong)).collect();
            shown(&app, lang, &here, &session, (false, pool), used).await
        }
    }
}
