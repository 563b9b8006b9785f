//! `/api/v1/contactability/reserve`: leave to reach somebody once, which counts from then on.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::contact_writes::MalformedProblem;
use super::contactability::{Decision, NamedContact, declared_purposes, told, whom};
use super::{BodyProblems, KeyProblems, OneProblems, ServerProblems};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, ReservationId};
use crate::domain::people::reservation::{self, HOLD, State as Standing};
use crate::domain::people::rules;
use crate::domain::time::Timestamp;
use crate::flows::{ReserveError, Reserved, Wish, reservation_settled, solicitation_reserved};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ContactabilityCheck, ContactabilityReserve, Json, Path};

const REFERENCE_MAX: usize = 200;

/// What somebody asks leave for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReserveBody {
    contact: NamedContact,
    /// `phone`, `sms`, `email`, `post` or `push`.
    #[schema(example = "email")]
    channel: Option<String>,
    /// A purpose of the plan.
    #[schema(example = "offers")]
    purpose: Option<String>,
    /// A controller of the plan; without it the only one.
    controller: Option<String>,
    /// When they are to be reached, RFC 3339, a year ahead at the most; without it now.
    #[schema(format = DateTime)]
    at: Option<String>,
    /// What names it at yours, 1 to 200 characters: sent again, it is the same reservation.
    #[schema(example = "mailing 12, Ada")]
    reference: Option<String>,
    /// For how long it is held after `at`, in seconds: 60 to 604800, 900 without it.
    hold_s: Option<u64>,
}

/// Leave to reach a contact once.
#[derive(Serialize, ToSchema)]
pub struct Reservation {
    #[schema(value_type = Uuid)]
    id: ReservationId,
    #[schema(value_type = Uuid)]
    contact: ContactId,
    channel: &'static str,
    purpose: String,
    controller: String,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    reference: String,
    /// `held`, `confirmed`, `cancelled` or `expired`.
    #[schema(example = "held")]
    state: &'static str,
    /// When it counts no more unless it is confirmed.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    reserved_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    settled_at: Option<Timestamp>,
    /// Who reserved: `key:` and an id.
    reserved_by: String,
}

impl Reservation {
    fn at(it: reservation::Reservation, now: Timestamp) -> Self {
        Self {
            state: it.state_at(now).as_str(),
            id: it.id,
            contact: it.contact,
            channel: it.channel.as_str(),
            purpose: it.purpose.to_string(),
            controller: it.controller.to_string(),
            at: it.at,
            reference: it.reference,
            expires_at: it.expires_at,
            reserved_at: it.reserved_at,
            settled_at: it.settled_at,
            reserved_by: it.reserved_by,
        }
    }
}

/// Whether leave was given, and what that stands on.
#[derive(Serialize, ToSchema)]
pub struct Reply {
    /// `null`: it is not allowed, and nothing is reserved.
    reservation: Option<Reservation>,
    /// As it was when it was reserved.
    decision: Decision,
}

/// How reserving may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum ReserveProblems {
    /// Something else was reserved by this reference
    #[response(status = 409, content_type = "application/problem+json")]
    OtherReservation(#[to_schema] Problem),
    /// There is no such contact
    #[response(status = 404, content_type = "application/problem+json")]
    NoContact(#[to_schema] Problem),
}

/// How settling may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum SettleProblems {
    /// It is settled otherwise, or has run out; `detail` says which
    #[response(status = 409, content_type = "application/problem+json")]
    Settled(#[to_schema] Problem),
}

/// Decides as a check does, and where it is allowed counts it at once, so that no two tools use up the last one. Confirm
/// it when it is done, cancel it when it will not be; without either it counts no more from `expires_at` on.
#[utoipa::path(
    post, path = "/api/v1/contactability/reserve", tag = "contactability", operation_id = "reserve_solicitation",
    request_body(content = ReserveBody, content_type = "application/json"),
    security(("api_key" = ["contactability:reserve"])),
    responses(
        (status = 201, description = "It is allowed, and reserved", body = Reply),
        (status = 200, description = "It is not allowed, or was reserved by this reference before", body = Reply),
        BodyProblems, MalformedProblem, ReserveProblems, KeyProblems, ServerProblems
    )
)]
pub async fn reserve(
    key: ApiKey<ContactabilityReserve>,
    State(app): State<AppState>,
    Json(body): Json<ReserveBody>,
) -> Result<(StatusCode, axum::Json<Reply>), HttpError> {
    let wish = read(&app, body).await?;
    let now = app.clock.now();
    let reserved = solicitation_reserved(&app.store, &app.clock, wish, Accessor::Key(key.id)).await?;
    let (status, reservation, decision) = match reserved {
        Reserved::New(it) => (StatusCode::CREATED, Some(it), None),
        Reserved::Again(it) => (StatusCode::OK, Some(it), None),
        Reserved::Denied(decision) => (StatusCode::OK, None, Some(decision)),
    };
    let decision = match (&reservation, decision) {
        (_, Some(decision)) => decision.into(),
        (Some(it), None) => serde_json::from_str(&it.decision).map_err(|_| HttpError::Internal)?,
        (None, None) => return Err(HttpError::Internal),
    };
    let reservation = reservation.map(|it| Reservation::at(it, now));
    Ok((status, axum::Json(Reply { reservation, decision })))
}

/// One reservation.
#[utoipa::path(
    get, path = "/api/v1/contactability/reservations/{id}", tag = "contactability", operation_id = "find_reservation",
    params(("id" = Uuid, Path, description = "The reservation")),
    security(("api_key" = ["contactability:check"])),
    responses((status = 200, description = "The reservation", body = Reservation), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<ContactabilityCheck>,
    State(app): State<AppState>,
    Path(id): Path<ReservationId>,
) -> Result<axum::Json<Reservation>, HttpError> {
    let found = app.store.find_reservation(id).await?.ok_or(HttpError::NotFound("reservation"))?;
    Ok(axum::Json(Reservation::at(found, app.clock.now())))
}

/// The contact was reached: it goes on counting. Who tells of it as an engagement too gives that the same `reference`, and
/// it counts once.
#[utoipa::path(
    post, path = "/api/v1/contactability/reservations/{id}/confirm", tag = "contactability",
    operation_id = "confirm_reservation", params(("id" = Uuid, Path, description = "The reservation")),
    security(("api_key" = ["contactability:reserve"])),
    responses(
        (status = 200, description = "As it is now", body = Reservation),
        SettleProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn confirm(
    key: ApiKey<ContactabilityReserve>,
    State(app): State<AppState>,
    Path(id): Path<ReservationId>,
) -> Result<axum::Json<Reservation>, HttpError> {
    settle(&app, id, Accessor::Key(key.id), Standing::Confirmed).await
}

/// The contact will not be reached: it counts no more.
#[utoipa::path(
    post, path = "/api/v1/contactability/reservations/{id}/cancel", tag = "contactability",
    operation_id = "cancel_reservation", params(("id" = Uuid, Path, description = "The reservation")),
    security(("api_key" = ["contactability:reserve"])),
    responses(
        (status = 200, description = "As it is now", body = Reservation),
        SettleProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn cancel(
    key: ApiKey<ContactabilityReserve>,
    State(app): State<AppState>,
    Path(id): Path<ReservationId>,
) -> Result<axum::Json<Reservation>, HttpError> {
    settle(&app, id, Accessor::Key(key.id), Standing::Cancelled).await
}

async fn settle(
    app: &AppState,
    id: ReservationId,
    who: Accessor,
    wanted: Standing,
) -> Result<axum::Json<Reservation>, HttpError> {
    let settled = reservation_settled(&app.store, &app.clock, id, who, wanted).await?;
    Ok(axum::Json(Reservation::at(settled, app.clock.now())))
}

async fn read(app: &AppState, body: ReserveBody) -> Result<Wish, HttpError> {
    let ReserveBody { contact, channel, purpose, controller, at, reference, hold_s } = body;
    let mut bad = Vec::new();
    let whom = whom(app, vec![("contact.".to_owned(), contact)], &mut bad).await?.pop();
    let [least, usual, most] = HOLD;
    let hold = hold_s.map_or(usual, Duration::from_secs);
    if !(least..=most).contains(&hold) {
        let told = format!("takes {} to {} seconds", least.as_secs(), most.as_secs());
        bad.push(BadField::new("hold_s", told));
    }
    let reference = reference.map(|text| text.trim().to_owned()).unwrap_or_default();
    if !(1..=REFERENCE_MAX).contains(&reference.chars().count()) {
        bad.push(BadField::new("reference", format!("takes a text of 1 to {REFERENCE_MAX} characters")));
    }
    let draft = rules::Draft { channel, purpose, controller, at };
    let (purposes, controllers) = declared_purposes(app).await?;
    let read = draft.read_plan(&purposes, &controllers, app.clock.now());
    match (read.map_err(|faults| bad.extend(told(&faults))), whom) {
        (Ok((question, at)), Some(whom)) if bad.is_empty() => {
            Ok(Wish { whom, question, at, reference, hold })
        }
        _ => Err(HttpError::Invalid(bad)),
    }
}

impl From<ReserveError> for HttpError {
    fn from(failure: ReserveError) -> Self {
        match failure {
            ReserveError::NoContact => Self::NotFound("contact"),
            ReserveError::NotFound => Self::NotFound("reservation"),
            ReserveError::OtherReservation | ReserveError::Settled(_) => Self::Conflict(failure.to_string()),
            ReserveError::Store(failure) => failure.into(),
        }
    }
}
