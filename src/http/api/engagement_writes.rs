//! `/api/v1/engagements` written: what other systems tell that contacts did and received.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoResponses, ToSchema};

use super::contact_writes::MalformedProblem;
use super::engagements::Engagement;
use super::{BodyProblems, KeyProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, EngagementId};
use crate::domain::people::contact::Whom;
use crate::domain::people::draft::{Declared, DraftIdentity, Reader};
use crate::domain::people::engagement::Draft;
use crate::flows::{
    EngagementError, Handed, Recorded, Refusal, Why, declared, engagements_read, engagements_told,
};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, EngagementsWrite, Json, Path};

/// How many may be told at once.
const HANDED_MAX: usize = 1_000;
/// What that may weigh, in bytes.
pub(super) const MANY_MAX: usize = 4 << 20;

/// What is told of a contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEngagement {
    /// Of several at once: whose it is, unless `identity` says so.
    #[schema(value_type = Option<Uuid>)]
    contact: Option<ContactId>,
    /// Of several at once: what points at whose it is.
    identity: Option<Pointing>,
    /// `call_made`, `form_submitted`, `email_sent`, `email_opened`, `email_clicked`, `email_bounced_soft`,
    /// `email_bounced_hard`, `email_unsubscribed`, `sms_sent`, `sms_received`, `letter_sent`, `letter_returned`,
    /// `purchase` or `custom`.
    #[schema(example = "email_sent")]
    kind: Option<String>,
    /// RFC 3339; without it now.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// Who tells it: 1 to 200 characters without a colon.
    #[schema(example = "newsletter")]
    source: Option<String>,
    /// What names it there; told again, it stands once.
    #[schema(example = "mailing 12 to 4711")]
    reference: Option<String>,
    /// Which form, which mailing; of a custom one what it is.
    #[schema(example = "Spring sale")]
    name: Option<String>,
    /// A purpose of the plan.
    #[schema(example = "offers")]
    purpose: Option<String>,
    /// Whether the business asks for something by it; without it yes for `call_made`, `email_sent`, `sms_sent` and
    /// `letter_sent`.
    solicits: Option<bool>,
    /// Of a purchase, in the smallest unit of its currency; negative: given back.
    amount: Option<i64>,
    /// ISO 4217.
    #[schema(example = "EUR")]
    currency: Option<String>,
    /// Of a call that was made, how it ended: `answered`, `missed`, `busy`, `voicemail` or `failed`.
    #[schema(example = "answered")]
    outcome: Option<String>,
    /// Of one that was answered, or ended with a voicemail: for how long.
    talk_ms: Option<i64>,
    /// Of one: the https address at which its sound is kept.
    recording: Option<String>,
    /// How it came about: the link's fields …
    utm_source: Option<String>,
    utm_medium: Option<String>,
    utm_campaign: Option<String>,
    /// … or the visit in which it did.
    #[schema(value_type = Option<Uuid>)]
    visit: Option<String>,
    /// Of an e-mail: the address; without it the one that names the contact, or their only one.
    email: Option<String>,
    /// Of a letter: `home`, `work`, `billing`, `delivery` or `other`; without it their only address.
    address: Option<String>,
    /// Whatever else there is to tell.
    #[serde(default)]
    properties: Map<String, Value>,
}

/// What points at a contact.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Pointing {
    /// `phone`, `email`, `visitor` or `customer`.
    #[schema(example = "customer")]
    kind: String,
    #[schema(example = "crm:4711")]
    value: String,
}

/// What is told of several contacts.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewEngagements {
    /// 1 to 1,000; all of them are taken, or none.
    engagements: Vec<NewEngagement>,
}

/// What became of each, in their order.
#[derive(Serialize, ToSchema)]
pub struct Taken {
    pub items: Vec<TakenOne>,
    /// How many of them are new.
    pub new: usize,
}

/// One of them.
#[derive(Serialize, ToSchema)]
pub struct TakenOne {
    #[schema(value_type = Uuid)]
    pub id: EngagementId,
    #[schema(value_type = Uuid)]
    pub contact: ContactId,
    /// Its source had not told it before.
    pub new: bool,
}

/// How telling of engagements may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum TellingProblems {
    /// The contact is part of another, or the source has told something else by this reference
    #[response(status = 409, content_type = "application/problem+json")]
    NotSo(#[to_schema] Problem),
}

/// Tells of one engagement of a contact.
#[utoipa::path(
    post, path = "/api/v1/contacts/{id}/engagements", tag = "engagements", operation_id = "tell_engagement",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["engagements:write"])),
    request_body = NewEngagement,
    responses(
        (status = 201, description = "It is new", body = Engagement),
        (status = 200, description = "Its source has told it before: that one", body = Engagement),
        BodyProblems, TellingProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn create(
    key: ApiKey<EngagementsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewEngagement>,
) -> Result<(StatusCode, axum::Json<Engagement>), HttpError> {
    let whom = [("contact", new.contact.is_some()), ("identity", new.identity.is_some())];
    let whom = whom.into_iter().filter(|(_, is_there)| *is_there);
    let whom: Vec<_> = whom.map(|(field, _)| BadField::new(field, "the address names the contact")).collect();
    if !whom.is_empty() {
        return Err(HttpError::Invalid(whom));
    }
    let handed = vec![Handed { whom: Whom::Contact(id), draft: new.into() }];
    let told = engagements_told(&app.store, &app.clock, Accessor::Key(key.id), handed).await;
    let Recorded { engagement, is_new, .. } = told.map_err(problem_of_one)?.swap_remove(0);
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, axum::Json(engagement.into())))
}

/// Tells of up to 1,000 engagements in 4 MiB, each with whose it is. All of them are taken, or none.
#[utoipa::path(
    post, path = "/api/v1/engagements", tag = "engagements", operation_id = "tell_engagements",
    security(("api_key" = ["engagements:write"])),
    request_body(content = NewEngagements, content_type = "application/json"),
    responses(
        (status = 200, description = "They stand there", body = Taken),
        BodyProblems, MalformedProblem, TellingProblems, KeyProblems, ServerProblems
    )
)]
pub async fn create_many(
    key: ApiKey<EngagementsWrite>,
    State(app): State<AppState>,
    Json(NewEngagements { engagements }): Json<NewEngagements, MANY_MAX>,
) -> Result<axum::Json<Taken>, HttpError> {
    if !(1..=HANDED_MAX).contains(&engagements.len()) {
        let told = format!("takes 1 to {HANDED_MAX}");
        return Err(HttpError::Invalid(vec![BadField::new("engagements", told)]));
    }
    let declared = declared(&app.store, app.config.home).await?;
    let mut problems = Vec::new();
    let places = engagements.iter().enumerate();
    let whom: Vec<Option<Whom>> = places.map(|(n, new)| new.whom(n, &declared, &mut problems)).collect();
    let drafts = engagements.into_iter().map(Draft::from);
    let place = |n, field: &str| format!("engagements[{n}].{field}");
    if !problems.is_empty() {
        let refusals = engagements_read(&app.store, &app.clock, drafts.collect()).await?;
        problems.extend(refusals.iter().map(|refusal| bad_field(refusal, place)));
        return Err(HttpError::Invalid(problems));
    }
    let handed = whom.into_iter().flatten().zip(drafts).map(|(whom, draft)| Handed { whom, draft }).collect();
    let told = engagements_told(&app.store, &app.clock, Accessor::Key(key.id), handed).await;
    let told = told.map_err(|failure| problem(failure, place))?;
    let new = told.iter().filter(|it| it.is_new).count();
    let items =
        told.into_iter().map(|it| TakenOne { id: it.engagement.id, contact: it.contact, new: it.is_new });
    Ok(axum::Json(Taken { items: items.collect(), new }))
}

impl NewEngagement {
    fn whom(&self, n: usize, declared: &Declared, problems: &mut Vec<BadField>) -> Option<Whom> {
        match (&self.identity, self.contact) {
            (None, Some(contact)) => Some(Whom::Contact(contact)),
            (Some(Pointing { kind, value }), None) => {
                let mut reader = Reader::new(declared);
                let draft = DraftIdentity { kind: kind.clone(), value: value.clone(), verified: None };
                let identity = reader.identity(&format!("engagements[{n}].identity."), &draft);
                let unfit = reader.faults.into_iter();
                problems.extend(unfit.map(|unfit| BadField::new(unfit.field, unfit.fault.to_string())));
                identity.map(Whom::Identity)
            }
            (None, None) | (Some(_), Some(_)) => {
                let told = "name the contact or an identity, one of them";
                problems.push(BadField::new(format!("engagements[{n}].contact"), told));
                None
            }
        }
    }
}

impl From<NewEngagement> for Draft {
    fn from(new: NewEngagement) -> Self {
        let NewEngagement { kind, at, source, reference, name, purpose, solicits, amount, currency, .. } =
            new;
        let NewEngagement { outcome, talk_ms, recording, utm_source, utm_medium, utm_campaign, .. } = new;
        let NewEngagement { visit, email, address, properties, .. } = new;
        Self {
            kind,
            at,
            source,
            reference,
            name,
            purpose,
            solicits,
            amount,
            currency,
            outcome,
            talk_ms,
            recording,
            utm_source,
            utm_medium,
            utm_campaign,
            visit,
            email,
            address,
            properties,
        }
    }
}

/// Whose it is stands in the address.
fn problem_of_one(failure: EngagementError) -> HttpError {
    if let EngagementError::Refused(refusals) = &failure {
        for Refusal { why, .. } in refusals {
            match why {
                Why::NoContact => return HttpError::NotFound("contact"),
                Why::Merged { .. } => return HttpError::Conflict(why.to_string()),
                _ => {}
            }
        }
    }
    problem(failure, |_, field| field.to_owned())
}

/// `place` names a field of the engagement at an index.
fn problem(failure: EngagementError, place: impl Fn(usize, &str) -> String) -> HttpError {
    let refusals = match failure {
        EngagementError::Refused(refusals) => refusals,
        EngagementError::Store(failure) => return failure.into(),
    };
    let told: Vec<BadField> = refusals.iter().map(|refusal| bad_field(refusal, &place)).collect();
    if refusals.iter().all(|refusal| refusal.why == Why::OtherContent) {
        let told: Vec<_> = told.iter().map(|it| format!("{}: {}", it.field, it.detail)).collect();
        return HttpError::Conflict(told.join("; "));
    }
    HttpError::Invalid(told)
}

fn bad_field(Refusal { index, why }: &Refusal, place: impl Fn(usize, &str) -> String) -> BadField {
    let field = match why {
        Why::Fault(fault) => fault.field,
        Why::NoContact | Why::Merged { .. } => "contact",
        Why::Nobody => "identity",
        Why::NoVisit => "visit",
        Why::OtherContent => "reference",
    };
    BadField::new(place(*index, field), why.to_string())
}
