//! The panel of a contact's page that shows the ledger: how each matter stands,
//! every line of it, and a form for what was said or written to an employee.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::consent::{Basis, Channel, Consent, Draft, Matter, by_matter, standing};
use crate::domain::people::purpose::{Controller, Purpose};
use crate::flows::consent_recorded;
use crate::http::AppState;
use crate::http::api::opt_ins::problem;
use crate::http::api::receipt;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{ConsentTexts, Lang};

#[derive(Template)]
#[template(path = "consents.html")]
pub(super) struct Panel {
    t: &'static ConsentTexts,
    contact: ContactId,
    matters: Vec<MatterView>,
    /// Empty: the plan declares nothing that could be agreed to.
    purposes: Vec<(String, String)>,
    controllers: Vec<(String, String)>,
    channels: Vec<(&'static str, &'static str)>,
}

impl askama::filters::HtmlSafe for Panel {}

struct MatterView {
    what: String,
    standing: &'static str,
    /// A colour's name.
    shade: &'static str,
    since: Moment,
    lines: Vec<LineView>,
}

struct LineView {
    id: ConsentId,
    at: Moment,
    status: &'static str,
    method: &'static str,
    source: String,
    text: Option<String>,
    by: &'static str,
    /// It stands on consent, so the person may be given a receipt.
    has_receipt: bool,
}

impl Panel {
    pub async fn of(app: &AppState, lang: Lang, contact: ContactId) -> Result<Self, HttpError> {
        let now = app.clock.now();
        let lines = app.store.list_consents_known(contact, now).await?;
        let (purposes, controllers) = (app.store.list_purposes().await?, app.store.list_controllers().await?);
        let names = Names { lang, purposes: &purposes, controllers: &controllers };
        let mut matters = Vec::new();
        for (matter, lines) in by_matter(&lines) {
            let Some((standing, line)) = standing(lines.iter().copied(), now) else { continue };
            matters.push(MatterView {
                what: names.of(matter),
                standing: lang.consent_standing(standing),
                shade: standing.as_str(),
                since: Moment::day(lang, line.at),
                lines: lines.iter().rev().map(|line| LineView::new(lang, line)).collect(),
            });
        }
        let channel = |channel: &Channel| (channel.as_str(), lang.consent_channel(*channel));
        Ok(Self {
            t: lang.consent_texts(),
            contact,
            matters,
            channels: Channel::ALL.iter().map(channel).collect(),
            purposes: purposes.iter().map(|it| (it.id.to_string(), lang.purpose(it).to_owned())).collect(),
            controllers: controllers.iter().map(|it| (it.id.to_string(), it.name.clone())).collect(),
        })
    }
}

/// What matters are called; those that left the plan by their ids.
struct Names<'a> {
    lang: Lang,
    purposes: &'a [Purpose],
    controllers: &'a [Controller],
}

impl Names<'_> {
    fn of(&self, matter: &Matter) -> String {
        let purpose = self.purposes.iter().find(|it| it.id == matter.purpose);
        let purpose = purpose.map_or(matter.purpose.as_str(), |it| self.lang.purpose(it));
        let channel = self.lang.consent_channel(matter.channel);
        let controller = self.controllers.iter().find(|it| it.id == matter.controller);
        match (controller, self.controllers) {
            (Some(_), [_]) => format!("{channel} · {purpose}"),
            (Some(controller), _) => format!("{channel} · {purpose} · {}", controller.name),
            (None, _) => format!("{channel} · {purpose} · {}", matter.controller),
        }
    }
}

impl LineView {
    fn new(lang: Lang, line: &Consent) -> Self {
        Self {
            id: line.id,
            at: Moment::day_and_time(lang, line.at),
            status: lang.consent_status(line.status),
            method: lang.consent_method(line.method),
            source: line.source.clone(),
            text: line.text.clone(),
            by: lang.consent_by(&line.recorded_by),
            has_receipt: line.basis == Basis::Consent,
        }
    }
}

/// What an employee heard or read.
pub struct Heard(Draft);

impl FromQuery for Heard {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self(Draft {
            channel: form.text("channel"),
            purpose: form.text("purpose"),
            controller: form.text("controller"),
            status: form.text("status"),
            method: form.text("method"),
            source: form.text("source"),
            text: form.text("text"),
            ..Draft::default()
        })
    }
}

/// `POST /console/contacts/{id}/consents`
pub async fn record(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Form(Heard(draft)): Form<Heard>,
) -> Result<Response, HttpError> {
    let who = Accessor::User(session.user);
    consent_recorded(&app.store, &app.clock, id, draft, who).await.map_err(problem)?;
    Ok(Redirect::to(&format!("/console/contacts/{id}#consents")).into_response())
}

/// `GET /console/consents/{id}/receipt`
pub async fn receipt(
    _: Session,
    State(app): State<AppState>,
    Path(id): Path<ConsentId>,
) -> Result<Response, HttpError> {
    receipt::answer(&app, id).await
}
