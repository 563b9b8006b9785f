//! `/api/v1/contactability/check`: may people be reached, and why.

use axum::extract::{Request, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::contact_writes::MalformedProblem;
use super::{KeyProblems, ServerProblems};
use crate::domain::ids::{
    CallId, CapId, ConsentId, ContactId, ControllerId, EngagementId, ListId, ReservationId,
};
use crate::domain::people::consent::Fault;
use crate::domain::people::contact::Whom;
use crate::domain::people::draft::{DraftIdentity, Reader};
use crate::domain::people::purpose::Purpose;
use crate::domain::people::rules;
use crate::domain::time::Timestamp;
use crate::flows::{contactability_checked, declared};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ContactabilityCheck, read_json};

/// How many contacts are asked about at once.
const CONTACTS_MAX: usize = 1_000;
/// What a question may weigh: a thousand identities with room to spare.
const BODY_MAX: usize = 512 * 1024;

/// A contact: by its id, or by an identity.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NamedContact {
    #[schema(value_type = Option<Uuid>)]
    id: Option<String>,
    /// `phone`, `email`, `visitor` or `customer`, with `value` in the place of `id`.
    #[schema(example = "phone")]
    kind: Option<String>,
    #[schema(example = "+33639980001")]
    value: Option<String>,
}

/// Who, by what, for what, and when.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// 1 to 1,000 of them.
    #[serde(default)]
    contacts: Vec<NamedContact>,
    /// `phone`, `sms`, `email`, `post` or `push`.
    #[schema(example = "phone")]
    channel: Option<String>,
    /// A purpose of the plan.
    #[schema(example = "offers")]
    purpose: Option<String>,
    /// A controller of the plan; without it the only one.
    controller: Option<String>,
    /// RFC 3339; without it now.
    #[schema(format = DateTime)]
    at: Option<String>,
}

/// What was asked, and what is decided of each.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactabilityChecked)]
pub struct Checked {
    channel: &'static str,
    purpose: String,
    controller: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// In the order in which they were named.
    items: Vec<Decision>,
}

/// May this contact be reached?
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Decision {
    /// The contact, or the one that it has become part of; `null`: nobody is known so, and nothing is allowed.
    #[schema(value_type = Option<Uuid>)]
    pub contact: Option<ContactId>,
    pub allowed: bool,
    /// 0 to 100: how good an occasion it is; 0 where it is not allowed.
    pub score: u8,
    /// Where it is not allowed: the next moment at which it is; `null`: time alone changes nothing.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub next_at: Option<Timestamp>,
    /// What each rule says; one `denies` is enough.
    pub reasons: Vec<Ruling>,
}

/// What one rule says, and what it stands on.
#[derive(Serialize, Deserialize, ToSchema)]
pub struct Ruling {
    /// As the documentation and the plan call it.
    #[schema(example = "phone-consent")]
    pub rule: String,
    /// Which cap of the plan, where the rule is `cap`.
    #[schema(value_type = Option<String>)]
    pub cap: Option<CapId>,
    /// Where it is written …
    pub law: String,
    /// … and since when.
    #[schema(example = "2025-06-30")]
    pub dated: String,
    /// `allows`, `denies`, or `doubts`: nothing forbids it, and it may not arrive.
    #[schema(example = "denies")]
    pub verdict: String,
    /// In words.
    #[schema(example = "they have said nothing")]
    pub words: String,
    /// Lines of the consent ledger.
    #[schema(value_type = Vec<Uuid>)]
    pub consents: Vec<ConsentId>,
    #[schema(value_type = Vec<Uuid>)]
    pub engagements: Vec<EngagementId>,
    #[schema(value_type = Vec<Uuid>)]
    pub reservations: Vec<ReservationId>,
    #[schema(value_type = Vec<Uuid>)]
    pub calls: Vec<CallId>,
    /// Lists of those who object.
    #[schema(value_type = Vec<String>)]
    pub lists: Vec<ListId>,
    /// Of a denial: when this rule denies no more.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub lifts_at: Option<Timestamp>,
}

impl From<rules::Decision> for Decision {
    fn from(it: rules::Decision) -> Self {
        let rules::Decision { contact, allowed, reasons, score, next_at } = it;
        let reasons = reasons.into_iter().map(Ruling::from).collect();
        Self { contact: Some(contact), allowed, score, next_at, reasons }
    }
}

impl From<rules::Reason> for Ruling {
    fn from(it: rules::Reason) -> Self {
        Self {
            rule: it.rule.to_string(),
            cap: it.cap,
            law: it.law.to_owned(),
            dated: it.dated.to_owned(),
            verdict: it.verdict.to_string(),
            words: it.why.to_string(),
            consents: it.consents,
            engagements: it.engagements,
            reservations: it.reservations,
            calls: it.calls,
            lists: it.lists,
            lifts_at: it.lifts_at,
        }
    }
}

/// Whom nobody knows may not be reached: nothing is known that would allow it.
const NOBODY: Decision = Decision { contact: None, allowed: false, score: 0, next_at: None, reasons: vec![] };

/// How a body of this size may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum CheckProblems {
    /// The body is larger than 512 KiB
    #[response(status = 413, content_type = "application/problem+json")]
    TooLarge(#[to_schema] Problem),
    /// The body is not sent as JSON
    #[response(status = 415, content_type = "application/problem+json")]
    NotJson(#[to_schema] Problem),
    /// A field cannot be meant so; `errors` names each
    #[response(status = 422, content_type = "application/problem+json")]
    Unfit(#[to_schema] Problem),
}

/// May these people be reached, by this channel, for this purpose, then? Each answer says why, and when it changes.
/// Nothing is counted by it: whoever goes on to reach somebody reserves.
#[utoipa::path(
    post, path = "/api/v1/contactability/check", tag = "contactability", operation_id = "check_contactability",
    request_body(content = CheckBody, content_type = "application/json"),
    security(("api_key" = ["contactability:check"])),
    responses(
        (status = 200, description = "What is decided of each", body = Checked),
        CheckProblems, MalformedProblem, KeyProblems, ServerProblems
    )
)]
pub async fn check(
    _: ApiKey<ContactabilityCheck>,
    State(app): State<AppState>,
    request: Request,
) -> Result<axum::Json<Checked>, HttpError> {
    let CheckBody { contacts, channel, purpose, controller, at } = read_json(request, BODY_MAX).await?;
    let mut bad = Vec::new();
    if !(1..=CONTACTS_MAX).contains(&contacts.len()) {
        bad.push(BadField::new("contacts", format!("takes 1 to {CONTACTS_MAX} contacts")));
    }
    let named = contacts.into_iter().take(CONTACTS_MAX).enumerate();
    let named = named.map(|(n, contact)| (format!("contacts[{n}]."), contact)).collect();
    let whom = whom(&app, named, &mut bad).await?;
    let draft = rules::Draft { channel, purpose, controller, at };
    let (purposes, controllers) = declared_purposes(&app).await?;
    let read =
        draft.read(&purposes, &controllers, app.clock.now()).map_err(|faults| bad.extend(told(&faults)));
    let (Ok((question, at)), true) = (read, bad.is_empty()) else { return Err(HttpError::Invalid(bad)) };
    let decisions = contactability_checked(&app.store, &app.clock, whom, &question, at).await?;
    Ok(axum::Json(Checked {
        channel: question.channel.as_str(),
        purpose: question.purpose.id.to_string(),
        controller: question.controller.to_string(),
        at,
        items: decisions.into_iter().map(|decision| decision.map_or(NOBODY, Into::into)).collect(),
    }))
}

/// What a question may name.
pub async fn declared_purposes(app: &AppState) -> Result<(Vec<Purpose>, Vec<ControllerId>), HttpError> {
    let controllers = app.store.list_controllers().await?.into_iter().map(|controller| controller.id);
    Ok((app.store.list_purposes().await?, controllers.collect()))
}

pub fn told(faults: &[Fault]) -> impl Iterator<Item = BadField> {
    faults.iter().map(|fault| BadField::new(fault.field, fault.wrong.to_string()))
}

/// Whom these name, each told with what goes before the names of its fields; what is wrong is added to `bad`.
pub async fn whom(
    app: &AppState,
    named: Vec<(String, NamedContact)>,
    bad: &mut Vec<BadField>,
) -> Result<Vec<Whom>, HttpError> {
    let declared = declared(&app.store, app.config.home).await?;
    let mut reader = Reader::new(&declared);
    let mut whom = Vec::with_capacity(named.len());
    for (at, NamedContact { id, kind, value }) in named {
        match (id, kind, value) {
            (Some(id), None, None) => match id.parse() {
                Ok(id) => whom.push(Whom::Contact(id)),
                Err(_) => bad.push(BadField::new(format!("{at}id"), "must be an id as the API gives it")),
            },
            (None, Some(kind), Some(value)) => {
                let draft = DraftIdentity { kind, value, verified: None };
                whom.extend(reader.identity(&at, &draft).map(Whom::Identity));
            }
            _ => bad.push(BadField::new(format!("{at}id"), "give an id, or a kind and a value")),
        }
    }
    bad.extend(reader.faults.into_iter().map(|unfit| BadField::new(unfit.field, unfit.fault.to_string())));
    Ok(whom)
}
