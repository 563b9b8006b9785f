//! One tracking number: everything that a form can say of it, for a new one, one in service and one that is put back.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::{HERE, Views, quarantines};
use crate::domain::phone::Phone;
use crate::domain::plan::draft::DraftNumber;
use crate::domain::plan::edit::{EditFault, NumbersChange};
use crate::domain::plan::number_table::LineWrong;
use crate::domain::plan::{Draft, Plan, PlannedNumber};
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::number::NumberKind;
use crate::domain::tracking::offline::Kind;
use crate::http::AppState;
use crate::http::console::parts::{self, Moment};
use crate::http::console::permissions::plan_seen;
use crate::http::console::plan_choices::{self, Choice, e164};
use crate::http::console::plan_review::{Outcome, Proposal, Saved, Sent, decide, told};
use crate::http::console::{Frame, page};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{EditTexts, Lang, NumberTexts};
use crate::store::NumberRow;

/// What the form sends.
pub struct Fields {
    sent: Sent,
    /// Was there no such number when the form was opened?
    is_new: bool,
    /// Empty: it stands for a medium.
    pool: String,
    number: DraftNumber,
}

impl FromQuery for Fields {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        let is_new = query.text("new").is_some();
        let mut text = |name| query.text(name).map(|text| text.trim().to_owned());
        let pool = text("pool").unwrap_or_default();
        let number = DraftNumber {
            e164: text("e164").unwrap_or_default(),
            label: text("label").unwrap_or_default(),
            outlet: text("outlet").unwrap_or_default(),
            destination: text("destination").unwrap_or_default(),
            channel: text("channel").unwrap_or_default(),
            source: text("source").unwrap_or_default(),
            medium: text("medium").unwrap_or_default(),
            campaign: text("campaign"),
            kind: text("kind"),
            runs: text("runs"),
            landing_page: text("landing_page"),
            site: text("site"),
            target: text("target"),
            calls_at_once: query.value("calls_at_once"),
            ..DraftNumber::default()
        };
        Self { sent, is_new, pool, number }
    }
}

#[derive(Template)]
#[template(path = "number.html")]
struct NumberPage {
    frame: Frame,
    t: &'static NumberTexts,
    e: &'static EditTexts,
    title: String,
    is_saved: bool,
    wrong: Vec<String>,
    revision: i64,
    is_new: bool,
    /// What is known of one that is there.
    known: Option<Known>,
    draft: DraftNumber,
    calls_at_once: String,
    outlets: Vec<Choice>,
    destinations: Vec<Choice>,
    pools: Vec<Choice>,
    sites: Vec<Choice>,
    channels: Vec<Choice>,
    carriers: Vec<Choice>,
}

struct Known {
    e164: String,
    in_service: bool,
    stands: String,
    since: Option<Moment>,
    last_call: Option<Moment>,
    calls: u64,
    recorded: Option<String>,
}

/// `GET /console/numbers/new`
pub async fn new(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    let usual = DraftNumber { channel: Channel::Offline.as_str().to_owned(), ..DraftNumber::default() };
    NumberForm { app: &app, lang, here: &here, session: &session }.shown(None, usual, "", vec![], false).await
}

/// `GET /console/numbers/{number}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(number): Path<Phone>,
    Query(Saved(is_saved)): Query<Saved>,
) -> Result<Response, HttpError> {
    let row = app.store.find_number(&number).await?.ok_or(HttpError::NotFound("number"))?;
    let (draft, pool) = drafted(&row);
    let form = NumberForm { app: &app, lang, here: &here, session: &session };
    form.shown(Some(row), draft, &pool, vec![], is_saved).await
}

/// `POST /console/numbers`: a new number, another one, or one that is put back.
pub async fn save(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let Fields { sent, is_new, pool, mut number } = fields;
    let form = NumberForm { app: &app, lang, here: &here, session: &session };
    let Ok(phone) = Phone::parse(&number.e164, Some(app.config.home)) else {
        let wrong = lang.number_line_wrong(&LineWrong::BadNumber(number.e164.clone()));
        return form.shown(None, number, &pool, vec![wrong], false).await;
    };
    phone.reveal().clone_into(&mut number.e164);
    number.target = number.target.map(|target| e164(&target, app.config.home));
    let row = app.store.find_number(&phone).await?;
    let before = row.as_ref().map(|row| drafted(row).0).unwrap_or_default();
    let (filled, into) = (number.clone(), pool.clone());
    let edit = {
        let phone = phone.clone();
        Arc::new(move |draft: &mut Draft| put(draft, &phone, is_new, &pool, &before, &number))
    };
    let back = format!("{HERE}/{}", phone.reveal());
    let t = lang.number_texts();
    let title =
        format!("{} · {}", if is_new { t.add } else { t.change }, parts::phone(&phone, app.config.home));
    match decide(&app, lang, &here, &session, sent, Proposal::new(title, HERE, &back, edit)).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let row = row.filter(|_| !is_new);
            form.shown(row, filled, &into, told(wrong), false).await
        }
    }
}

/// What no form carries stays as it was: the cost, and how calls are recorded.
fn put(
    draft: &mut Draft,
    phone: &Phone,
    is_new: bool,
    pool: &str,
    before: &DraftNumber,
    number: &DraftNumber,
) -> Result<(), EditFault> {
    if is_new && (draft.number(phone).is_some() || draft.pool_of(phone).is_some()) {
        return Err(EditFault::Taken { what: "number", name: phone.reveal().to_owned() });
    }
    if !pool.is_empty() {
        return draft.put_into_pool(pool, &BTreeSet::from([phone.clone()]));
    }
    let before = draft.number(phone).unwrap_or(before);
    let DraftNumber { cost_minor, currency, recording, .. } = before.clone();
    draft.put_number(DraftNumber { cost_minor, currency, recording, ..number.clone() });
    Ok(())
}

/// `POST /console/numbers/{number}/out`
pub async fn take_out(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(number): Path<Phone>,
    Form(sent): Form<Sent>,
) -> Result<Response, HttpError> {
    let row = app.store.find_number(&number).await?.ok_or(HttpError::NotFound("number"))?;
    let chosen = BTreeSet::from([number.clone()]);
    let edit = Arc::new(move |draft: &mut Draft| draft.change_numbers(&chosen, &NumbersChange::OutOfService));
    let back = format!("{HERE}/{}", number.reveal());
    let title = format!("{} · {}", lang.edit_texts().take_out, parts::phone(&number, app.config.home));
    let proposal = Proposal::new(title, &format!("{back}/out"), &back, edit).typing(number.reveal());
    match decide(&app, lang, &here, &session, sent, proposal).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let (draft, pool) = drafted(&row);
            let form = NumberForm { app: &app, lang, here: &here, session: &session };
            form.shown(Some(row), draft, &pool, told(wrong), false).await
        }
    }
}

/// A number as a plan would write it, and its pool.
fn drafted(row: &NumberRow) -> (DraftNumber, String) {
    let number = &row.number;
    let planned = PlannedNumber {
        e164: number.e164.clone(),
        outlet: number.outlet.clone(),
        destination: number.destination.clone(),
        label: number.label.clone(),
        calls_at_once: number.calls_at_once,
        recording: number.recording.clone(),
        kind: number.kind.clone(),
    };
    let mut draft = Draft::from(&Plan { numbers: vec![planned], ..Plan::default() });
    let pool = match &number.kind {
        NumberKind::Pooled(pool) => pool.to_string(),
        NumberKind::Static(_) => String::new(),
    };
    let of_pool = || DraftNumber {
        e164: number.e164.reveal().to_owned(),
        outlet: number.outlet.to_string(),
        destination: number.destination.to_string(),
        channel: Channel::Offline.as_str().to_owned(),
        ..DraftNumber::default()
    };
    (draft.numbers.pop().unwrap_or_else(of_pool), pool)
}

/// What the form of a number is shown with.
struct NumberForm<'a> {
    app: &'a AppState,
    lang: Lang,
    here: &'a Uri,
    session: &'a Session,
}

impl NumberForm<'_> {
    async fn shown(
        &self,
        row: Option<NumberRow>,
        draft: DraftNumber,
        pool: &str,
        wrong: Vec<String>,
        is_saved: bool,
    ) -> Result<Response, HttpError> {
        let Self { app, lang, here, session } = *self;
        let t = lang.number_texts();
        let (plan, revision) = plan_seen(app, &session.post).await?;
        let known = match &row {
            Some(row) => Some(self.known(&plan, row).await?),
            None => None,
        };
        let status = if wrong.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
        let carrier = draft.kind.as_deref().unwrap_or_default();
        let carriers = Kind::ALL.iter().map(|kind| {
            let word = lang.medium_kind(Some(*kind)).to_owned();
            (kind.as_str().to_owned(), word, kind.as_str() == carrier)
        });
        let shown = page(&NumberPage {
            t,
            e: lang.edit_texts(),
            title: row
                .as_ref()
                .map_or_else(|| t.new.to_owned(), |row| parts::phone(&row.number.e164, app.config.home)),
            is_saved,
            wrong,
            revision,
            is_new: row.is_none(),
            known,
            calls_at_once: draft.calls_at_once.map(|most| most.to_string()).unwrap_or_default(),
            outlets: plan_choices::outlets(&plan, &draft.outlet),
            destinations: plan_choices::destinations(&plan, &draft.destination),
            pools: plan_choices::pools(&plan, pool),
            sites: plan_choices::sites(&plan, draft.site.as_deref().unwrap_or_default()),
            channels: plan_choices::channels(lang, &draft.channel),
            carriers: carriers.collect(),
            draft,
            frame: Frame::new(lang, here, Some(session)),
        })?;
        Ok((status, shown).into_response())
    }

    async fn known(&self, plan: &Draft, row: &NumberRow) -> Result<Known, HttpError> {
        let Self { app, lang, session, .. } = *self;
        let number = row.number.e164.clone();
        let uses = app.store.number_uses(&[number], app.clock.now() - super::LATELY).await?;
        let sees_all = session.post.outlet.is_none();
        let views = Views { app, lang, draft: plan, sees_all, quarantines: quarantines(app).await? };
        let view = views.row(row, &uses);
        Ok(Known {
            e164: view.e164,
            in_service: view.in_service,
            stands: view.stands,
            since: view.since,
            last_call: view.last_call,
            calls: view.calls,
            recorded: row.number.recording.as_ref().map(|rule| lang.recording_rule(rule)),
        })
    }
}
