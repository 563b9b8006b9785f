//! `/api/v1/consents`: the ledger of what people agreed to, refused and took back.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, IntoResponses, ToSchema};

use super::contacts::MergedProblem;
use super::opt_ins::{AskedTooOften, asking, bad_fields, problem};
use super::{
    BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams, receipt,
};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ConsentId, ContactId};
use crate::domain::people::consent::{self, Draft, Matter, standing};
use crate::domain::people::email::Email;
use crate::domain::time::Timestamp;
use crate::flows::{consent_read, consent_recorded, opt_in_asked};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ConsentsRead, ConsentsWrite, FromQuery, Json, Path, Query, QueryReader};
use crate::http::language::Lang;
use crate::store::Window;

/// One line of the ledger; it is never changed.
#[derive(Serialize, ToSchema)]
pub struct Consent {
    #[schema(value_type = Uuid)]
    pub id: ConsentId,
    #[schema(value_type = Uuid)]
    pub contact: ContactId,
    /// `phone`, `sms`, `email`, `post`, `push`, `web_tracking` or `call_recording`.
    #[schema(example = "sms")]
    pub channel: &'static str,
    /// A purpose of the plan.
    #[schema(example = "offers")]
    pub purpose: String,
    /// A controller of the plan.
    #[schema(example = "bakery")]
    pub controller: String,
    /// `granted`, `refused`, `withdrawn` or `pending`.
    #[schema(example = "granted")]
    pub status: &'static str,
    /// `consent`, `contract`, `legitimate_interest` or `legal_obligation`.
    #[schema(example = "consent")]
    pub basis: &'static str,
    /// When it was said.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub expires_at: Option<Timestamp>,
    /// `form`, `double_opt_in`, `spoken`, `written`, `preference_centre`, `unsubscribe`, `opposition_list`, `import` or
    /// `rule`.
    #[schema(example = "form")]
    pub method: &'static str,
    /// Where it was said.
    #[schema(example = "order form")]
    pub source: String,
    /// What names it there.
    pub reference: Option<String>,
    /// The words that the person was shown.
    pub text: Option<String>,
    pub text_version: Option<String>,
    /// Who said it, if not the person themself.
    pub actor: Option<String>,
    /// SHA-256 of what proves it, in hex.
    pub proof: Option<String>,
    /// What would be missed if somebody asked for the proof: `text`, `proof`.
    pub gaps: Vec<&'static str>,
    /// When the ledger heard of it …
    #[schema(value_type = String, format = DateTime)]
    pub recorded_at: Timestamp,
    /// … and from whom: `key:` or `user:` and an id, or `link`: from the person, by a link that was sent to them.
    pub recorded_by: String,
}

impl From<consent::Consent> for Consent {
    fn from(line: consent::Consent) -> Self {
        let gaps = line.gaps().into_iter().map(consent::Gap::as_str).collect();
        let Matter { channel, purpose, controller } = line.matter;
        Self {
            id: line.id,
            contact: line.contact,
            channel: channel.as_str(),
            purpose: purpose.to_string(),
            controller: controller.to_string(),
            status: line.status.as_str(),
            basis: line.basis.as_str(),
            at: line.at,
            expires_at: line.expires_at,
            method: line.method.as_str(),
            source: line.source,
            reference: line.reference,
            text: line.text,
            text_version: line.text_version,
            actor: line.actor,
            proof: line.proof.map(|proof| proof.to_string()),
            gaps,
            recorded_at: line.recorded_at,
            recorded_by: line.recorded_by,
        }
    }
}

/// What somebody has said.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewConsent {
    /// `phone`, `sms`, `email`, `post`, `push`, `web_tracking` or `call_recording`.
    #[schema(example = "sms")]
    channel: Option<String>,
    /// A purpose of the plan.
    #[schema(example = "offers")]
    purpose: Option<String>,
    /// A controller of the plan; without it the only one.
    controller: Option<String>,
    /// `granted`, `refused`, `withdrawn` or `pending`.
    #[schema(example = "granted")]
    status: Option<String>,
    /// `consent`, `contract`, `legitimate_interest` or `legal_obligation`; without it `consent`.
    basis: Option<String>,
    /// RFC 3339; without it now.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// RFC 3339; without it, until something else is said.
    #[schema(format = DateTime)]
    expires_at: Option<String>,
    /// `form`, `double_opt_in`, `spoken`, `written`, `preference_centre`, `unsubscribe`, `opposition_list`, `import` or
    /// `rule` (of another basis than consent). A box that was ticked beforehand is none.
    #[schema(example = "form")]
    method: Option<String>,
    /// Where it was said: 1 to 200 characters.
    #[schema(example = "order form")]
    source: Option<String>,
    /// What names it there; sent again, it makes no second line.
    #[schema(example = "order 4711")]
    reference: Option<String>,
    /// The words that the person was shown, up to 4,000 characters.
    text: Option<String>,
    text_version: Option<String>,
    /// Who said it, if not the person themself.
    actor: Option<String>,
    /// SHA-256 of what proves it, in hex.
    proof: Option<String>,
    /// Of a double opt-in that waits: the address of the contact that is asked; without it the only one.
    email: Option<String>,
}

impl From<NewConsent> for Draft {
    fn from(new: NewConsent) -> Self {
        let NewConsent { channel, purpose, controller, status, basis, at, expires_at, method, .. } = new;
        let NewConsent { source, reference, text, text_version, actor, proof, .. } = new;
        Self {
            channel,
            purpose,
            controller,
            status,
            basis,
            at,
            expires_at,
            method,
            source,
            reference,
            text,
            text_version,
            actor,
            proof,
        }
    }
}

/// How one matter stood at a moment.
#[derive(Serialize, ToSchema)]
pub struct Standing {
    /// `granted`, `refused`, `withdrawn`, `pending` or `expired`.
    #[schema(example = "granted")]
    standing: &'static str,
    /// The line that says so.
    line: Consent,
}

/// What a contact had said about everything at a moment.
#[derive(Serialize, ToSchema)]
pub struct Standings {
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// One for each channel, purpose and controller of which something was said.
    items: Vec<Standing>,
}

/// Which moment is asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Moment {
    /// How it stood then, RFC 3339; without it now.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<Timestamp>,
    /// By what the ledger had heard of until then; without it by all that it has.
    #[param(value_type = Option<String>, format = DateTime)]
    known_at: Option<Timestamp>,
}

impl FromQuery for Moment {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { at: query.time("at"), known_at: query.time("known_at") }
    }
}

/// How adding a line may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum NewConsentProblems {
    /// The source has said something else by this reference, or the contact is part of another now
    #[response(status = 409, content_type = "application/problem+json")]
    OtherLine(#[to_schema] Problem),
}

/// How asking for a receipt may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ReceiptProblems {
    /// The line stands on something else than consent
    #[response(status = 409, content_type = "application/problem+json")]
    NoConsent(#[to_schema] Problem),
}

/// The lines of a contact, those that the ledger heard of last first.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/consents", tag = "consents", operation_id = "list_consents",
    params(("id" = Uuid, Path, description = "The contact"), WindowParams),
    security(("api_key" = ["consents:read"])),
    responses(
        (status = 200, description = "A part of the list", body = List<Consent>),
        MergedProblem, KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn list(
    _: ApiKey<ConsentsRead>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Consent>>, HttpError> {
    is_standing(&app, id).await?;
    Ok(List::part(app.store.list_consents(id, &window).await?))
}

/// Writes down what a contact has said. A line is never changed: who thinks better of it says something new.
///
/// `pending` by `double_opt_in` asks the person by e-mail, in their language or that of `Accept-Language`.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/consents", tag = "consents", operation_id = "record_consent",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["consents:write"])),
    request_body = NewConsent,
    responses(
        (status = 201, description = "A new line", body = Consent),
        (status = 200, description = "The source has said so before: that line", body = Consent),
        KeyProblems, BodyProblems, OneProblems, NewConsentProblems, AskedTooOften, ServerProblems
    )
)]
pub async fn create(
    key: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    lang: Lang,
    Path(id): Path<ContactId>,
    Json(mut new): Json<NewConsent>,
) -> Result<(StatusCode, axum::Json<Consent>), HttpError> {
    let (email, who) = (new.email.take(), Accessor::Key(key.id));
    let draft = Draft::from(new);
    let recorded = if draft.asks() || email.is_some() {
        let asking = asking(&app, lang, read_email(&app, &draft, email).await?)?;
        opt_in_asked(&app.store, &app.clock, id, draft, who, asking).await
    } else {
        consent_recorded(&app.store, &app.clock, id, draft, who).await
    };
    let (line, is_new) = recorded.map_err(problem)?;
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(line.into())))
}

/// The address that somebody is to be asked at; or all that is wrong, with it and with the line.
async fn read_email(
    app: &AppState,
    draft: &Draft,
    email: Option<String>,
) -> Result<Option<Email>, HttpError> {
    let mut wrong = bad_fields(&consent_read(&app.store, &app.clock, draft).await?);
    let read = email.map(|text| text.parse::<Email>()).transpose();
    match &read {
        Err(bad) => wrong.push(BadField::new("email", bad.to_string())),
        Ok(Some(_)) if !draft.asks() => {
            wrong.push(BadField::new("email", "only a double opt-in asks by e-mail"));
        }
        Ok(_) => {}
    }
    read.ok().filter(|_| wrong.is_empty()).ok_or(HttpError::Invalid(wrong))
}

/// How everything stands, or stood, that a contact has said something about.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/consents/standing", tag = "consents", operation_id = "find_standing",
    params(("id" = Uuid, Path, description = "The contact"), Moment), security(("api_key" = ["consents:read"])),
    responses(
        (status = 200, description = "Each matter", body = Standings),
        MergedProblem, KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn stands(
    _: ApiKey<ConsentsRead>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(moment): Query<Moment>,
) -> Result<axum::Json<Standings>, HttpError> {
    is_standing(&app, id).await?;
    let now = app.clock.now();
    let (at, known_at) = (moment.at.unwrap_or(now), moment.known_at.unwrap_or(now));
    let lines = app.store.list_consents_known(id, known_at).await?;
    let items = consent::by_matter(&lines).into_values().filter_map(|lines| standing(lines, at));
    let items =
        items.map(|(standing, line)| Standing { standing: standing.as_str(), line: line.clone().into() });
    Ok(axum::Json(Standings { at, items: items.collect() }))
}

/// The receipt of a line of consent, for the person: ISO/IEC TS 27560:2023 in JSON-LD, in the terms of the Data Privacy
/// Vocabulary.
#[utoipa::path(
    get, path = "/api/v1/consents/{id}/receipt", tag = "consents", operation_id = "find_receipt",
    params(("id" = Uuid, Path, description = "The line")), security(("api_key" = ["consents:read"])),
    responses(
        (status = 200, description = "The receipt", content_type = "application/ld+json", body = Object),
        KeyProblems, OneProblems, ReceiptProblems, ServerProblems
    )
)]
pub async fn receipt(
    _: ApiKey<ConsentsRead>,
    State(app): State<AppState>,
    Path(id): Path<ConsentId>,
) -> Result<Response, HttpError> {
    receipt::answer(&app, id).await
}

/// Who has become part of another is asked for there.
async fn is_standing(app: &AppState, id: ContactId) -> Result<(), HttpError> {
    let contact = app.store.find_contact(id).await?.ok_or(HttpError::NotFound("contact"))?;
    if contact.erased_at.is_some() {
        return Err(HttpError::Gone("the contact"));
    }
    contact.merged_into.map_or(Ok(()), |into| Err(HttpError::Merged(into)))
}
