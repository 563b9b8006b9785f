//! The form of a destination: its lines and their order, its hours, where calls go else. What it cannot carry stays as it
//! stands in the plan: menus, voicemails, whispers, music.

use std::sync::Arc;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::{Asked, HERE, shown};
use crate::domain::calling::destination::Strategy;
use crate::domain::calling::holidays::Calendar;
use crate::domain::ids::DestinationId;
use crate::domain::phone::Country;
use crate::domain::plan::draft::DraftDestination;
use crate::domain::plan::edit::EditFault;
use crate::domain::plan::ring_plan::{DraftHours, DraftStep};
use crate::domain::plan::{Draft, edit};
use crate::flows::plan_drafted;
use crate::http::AppState;
use crate::http::console::plan_choices::{self, Choice, e164, slug};
use crate::http::console::plan_review::{Outcome, Proposal, Sent, decide, told};
use crate::http::console::site::lines;
use crate::http::console::{Frame, page};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{DestinationTexts, EditTexts, Lang};

/// As many steps as a plan may have.
const STEPS_MAX: usize = 32;
/// Rows for more.
const MORE: usize = 2;
const KEPT: &str = "kept";

/// What the form says.
pub struct Fields {
    sent: Sent,
    is_new: bool,
    said: DraftDestination,
    steps: Vec<StepFields>,
}

/// One row of the steps.
#[derive(Clone)]
struct StepFields {
    /// Its place in the form.
    place: usize,
    kind: String,
    what: String,
    trunk: Option<String>,
    ring_s: Option<u64>,
}

impl FromQuery for Fields {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        let is_new = query.text("new").is_some();
        let steps = (0..STEPS_MAX).filter_map(|place| {
            let mut field =
                |name: &str| query.text_named(&format!("step_{place}_{name}")).map(|it| it.trim().to_owned());
            let (kind, what, trunk, ring) = (field("kind"), field("what"), field("trunk"), field("ring"));
            let ring_s = ring.and_then(|ring| ring.parse().ok());
            Some(StepFields { place, kind: kind?, what: what.unwrap_or_default(), trunk, ring_s })
        });
        let steps = steps.collect();
        let mut text = |name| query.text(name).map(|text| text.trim().to_owned());
        let hours = text("zone").map(|zone| DraftHours {
            zone,
            week: lines(text("week")),
            holidays: text("holidays"),
            closed: lines(text("closed")),
            special: lines(text("special")),
            outside: text("outside"),
        });
        if hours.is_none() {
            for unused in ["week", "holidays", "closed", "special", "outside"] {
                text(unused);
            }
        }
        let name = text("name").unwrap_or_default();
        let said = DraftDestination {
            id: text("id").unwrap_or_else(|| slug(&name)),
            outlet: text("outlet").unwrap_or_default(),
            strategy: text("strategy").filter(|word| word != "order"),
            media: text("media").filter(|word| word != "past"),
            fallback: text("fallback"),
            name,
            calls_at_once: query.value("calls_at_once"),
            hours,
            ..DraftDestination::default()
        };
        Self { sent, is_new, said, steps }
    }
}

/// The form, filled.
#[derive(Template)]
#[template(path = "destination_form.html")]
pub struct DestinationForm {
    t: &'static DestinationTexts,
    e: &'static EditTexts,
    wrong: Vec<String>,
    revision: i64,
    is_new: bool,
    it: DraftDestination,
    hours: DraftHours,
    calls_at_once: String,
    rows: Vec<RowView>,
    outlets: Vec<Choice>,
    fallbacks: Vec<Choice>,
    outsides: Vec<Choice>,
    strategies: Vec<Choice>,
    holidays: Vec<Choice>,
    /// Destinations and prompts that a step may name.
    names: Vec<String>,
}

impl askama::filters::HtmlSafe for DestinationForm {}

struct RowView {
    place: usize,
    kinds: Vec<Choice>,
    what: String,
    trunk: String,
    ring_s: String,
}

impl DestinationForm {
    /// As the plan has it.
    pub async fn of(app: &AppState, lang: Lang, id: &DestinationId) -> Result<Self, HttpError> {
        let (draft, _) = plan_drafted(&app.store).await?;
        let found = draft.destinations.into_iter().find(|it| it.id == id.as_str());
        Self::filled(app, lang, found.ok_or(HttpError::NotFound("destination"))?, None, false, vec![]).await
    }

    async fn filled(
        app: &AppState,
        lang: Lang,
        it: DraftDestination,
        typed: Option<Vec<StepFields>>,
        is_new: bool,
        wrong: Vec<String>,
    ) -> Result<Self, HttpError> {
        let (draft, revision) = plan_drafted(&app.store).await?;
        let steps = typed
            .unwrap_or_else(|| steps_of(&it).iter().enumerate().map(|(at, step)| fields(at, step)).collect());
        let next = steps.iter().map(|step| step.place + 1).max().unwrap_or_default();
        let empty = (next..(next + MORE).min(STEPS_MAX)).map(|place| StepFields {
            place,
            kind: String::new(),
            what: String::new(),
            trunk: None,
            ring_s: None,
        });
        let rows = steps.iter().cloned().chain(empty).map(|step| row(lang, step)).collect();
        let others = |chosen: Option<&String>| {
            let mut others =
                plan_choices::destinations(&draft, chosen.map(String::as_str).unwrap_or_default());
            others.retain(|(id, ..)| *id != it.id);
            others
        };
        let hours = it.hours.clone().unwrap_or_default();
        let chosen = it.strategy.clone().unwrap_or_else(|| "order".to_owned());
        let strategies = [
            ("order", Strategy::Order),
            ("all", Strategy::All),
            ("round_robin", Strategy::RoundRobin),
            ("weighted", Strategy::Weighted),
        ];
        let strategies = strategies
            .map(|(word, strategy)| (word.to_owned(), lang.strategy(strategy).to_owned(), word == chosen));
        let prompts = app.store.list_prompts().await?.into_iter().map(|prompt| prompt.id.to_string());
        Ok(Self {
            t: lang.destination_texts(),
            e: lang.edit_texts(),
            wrong,
            revision,
            is_new,
            calls_at_once: it.calls_at_once.map(|most| most.to_string()).unwrap_or_default(),
            rows,
            outlets: plan_choices::outlets(&draft, &it.outlet),
            fallbacks: others(it.fallback.as_ref()),
            outsides: others(hours.outside.as_ref()),
            strategies: strategies.into(),
            holidays: Calendar::names()
                .map(|name| (name.to_owned(), name.to_owned(), hours.holidays.as_deref() == Some(name)))
                .collect(),
            names: draft.destinations.iter().map(|other| other.id.clone()).chain(prompts).collect(),
            hours,
            it,
        })
    }
}

/// The short form as a list of steps.
fn steps_of(it: &DraftDestination) -> Vec<DraftStep> {
    match &it.line {
        Some(line) => vec![DraftStep { sip: Some(line.clone()), ring_s: it.ring_s, ..DraftStep::default() }],
        None => it.steps.clone(),
    }
}

fn fields(place: usize, step: &DraftStep) -> StepFields {
    let (kind, what) = match step {
        DraftStep { sip: Some(uri), .. } => ("sip", uri.clone()),
        DraftStep { number: Some(number), .. } => ("number", number.clone()),
        DraftStep { console: true, .. } => ("console", String::new()),
        DraftStep { destination: Some(name), .. } => ("destination", name.clone()),
        DraftStep { say: Some(prompt), .. } => ("say", prompt.clone()),
        DraftStep { menu, voicemail, .. } => (KEPT, menu.iter().chain(voicemail).cloned().collect()),
    };
    StepFields { place, kind: kind.to_owned(), what, trunk: step.trunk.clone(), ring_s: step.ring_s }
}

fn row(lang: Lang, step: StepFields) -> RowView {
    let t = lang.destination_texts();
    let kinds = [
        ("", t.step_none),
        ("sip", t.step_sip),
        ("number", t.step_number),
        ("console", t.step_console),
        ("destination", t.step_destination),
        ("say", t.step_say),
        (KEPT, t.step_kept),
    ];
    // Only what is there can be kept.
    let kinds = kinds.into_iter().filter(|(kind, _)| *kind != KEPT || step.kind == KEPT);
    let kinds = kinds.map(|(kind, text)| (kind.to_owned(), text.to_owned(), kind == step.kind));
    RowView {
        place: step.place,
        kinds: kinds.collect(),
        what: step.what,
        trunk: step.trunk.unwrap_or_default(),
        ring_s: step.ring_s.map(|ring| ring.to_string()).unwrap_or_default(),
    }
}

/// What a row makes of the step that stood there; weight and music stay.
fn step(row: &StepFields, before: &[DraftStep], home: Country) -> DraftStep {
    let stood = before.get(row.place).cloned().unwrap_or_default();
    if row.kind == KEPT {
        return stood;
    }
    let rings = row.kind != "destination" && row.kind != "say";
    let mut step = DraftStep {
        ring_s: row.ring_s.filter(|_| rings),
        weight: stood.weight.filter(|_| rings),
        music: stood.music.filter(|_| rings),
        ..DraftStep::default()
    };
    let what = Some(row.what.clone());
    match row.kind.as_str() {
        "sip" => step.sip = what,
        "number" => (step.number, step.trunk) = (Some(e164(&row.what, home)), row.trunk.clone()),
        "console" => step.console = true,
        "destination" => step.destination = what,
        // The check refuses what no form sends.
        _ => step.say = what,
    }
    step
}

/// Puts what the form says in the place of what stood, or beside all others.
fn put(
    draft: &mut Draft,
    is_new: bool,
    said: &DraftDestination,
    rows: &[StepFields],
    home: Country,
) -> Result<(), EditFault> {
    let before = match is_new {
        true => DraftDestination::default(),
        false => edit::find(&mut draft.destinations, &said.id)?.clone(),
    };
    let stood = steps_of(&before);
    let wanted = DraftDestination {
        id: said.id.clone(),
        name: said.name.clone(),
        outlet: said.outlet.clone(),
        line: None,
        ring_s: None,
        strategy: said.strategy.clone(),
        calls_at_once: said.calls_at_once,
        fallback: said.fallback.clone(),
        hours: said.hours.clone(),
        media: said.media.clone(),
        steps: rows.iter().map(|row| step(row, &stood, home)).collect(),
        ..before
    };
    if is_new {
        return edit::add(&mut draft.destinations, wanted);
    }
    *edit::find(&mut draft.destinations, &said.id)? = wanted;
    Ok(())
}

#[derive(Template)]
#[template(path = "destination_new.html")]
struct NewPage {
    frame: Frame,
    t: &'static DestinationTexts,
    form: DestinationForm,
}

/// `GET /console/destinations/new`
pub async fn new(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    let form = DestinationForm::filled(&app, lang, DraftDestination::default(), None, true, vec![]).await?;
    shown_new(lang, &here, &session, form)
}

fn shown_new(
    lang: Lang,
    here: &Uri,
    session: &Session,
    form: DestinationForm,
) -> Result<Response, HttpError> {
    page(&NewPage { t: lang.destination_texts(), form, frame: Frame::new(lang, here, Some(session)) })
}

/// `POST /console/destinations`: a new one, or another.
pub async fn save(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(Fields { sent, is_new, said, steps }): Form<Fields>,
) -> Result<Response, HttpError> {
    let edit = {
        let (said, steps, home) = (said.clone(), steps.clone(), app.config.home);
        Arc::new(move |draft: &mut Draft| put(draft, is_new, &said, &steps, home))
    };
    let t = lang.destination_texts();
    let title = format!("{} · {}", if is_new { t.add } else { t.change }, said.name);
    let back = if is_new { HERE.to_owned() } else { format!("{HERE}/{}", said.id) };
    match decide(&app, lang, &here, &session, sent, Proposal::new(title, HERE, &back, edit)).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let id: Result<DestinationId, _> = said.id.parse();
            let form = DestinationForm::filled(&app, lang, said, Some(steps), is_new, told(wrong)).await?;
            let again = match id {
                Ok(id) if !is_new => {
                    shown(&app, lang, &here, &session, &id, Asked::default(), Some(form)).await?
                }
                _ => shown_new(lang, &here, &session, form)?,
            };
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}

/// `POST /console/destinations/{id}/out`
pub async fn take_out(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<DestinationId>,
    Form(sent): Form<Sent>,
) -> Result<Response, HttpError> {
    let its = id.clone();
    let edit = Arc::new(move |draft: &mut Draft| edit::take(&mut draft.destinations, its.as_str()));
    let title = format!("{} · {id}", lang.edit_texts().take_out);
    let proposal = Proposal::new(title, &format!("{HERE}/{id}/out"), HERE, edit).typing(id.as_str());
    match decide(&app, lang, &here, &session, sent, proposal).await? {
        Outcome::Answered(response) => Ok(response),
        Outcome::Wrong(wrong) => {
            let mut form = DestinationForm::of(&app, lang, &id).await?;
            form.wrong = [lang.destination_texts().used.to_owned()].into_iter().chain(told(wrong)).collect();
            let again = shown(&app, lang, &here, &session, &id, Asked::default(), Some(form)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
        }
    }
}
