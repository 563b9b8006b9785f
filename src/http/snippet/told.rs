//! What a page tells besides which page it is: what happened on it, and who
//! the visitor says they are. Let in like a tap.
//!
//! What is answered repeats what was understood and nothing else: whether an
//! address or a number is known here is nobody's business who can type it.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use super::asker::visit_for;
use super::beacon::OriginProblem;
use crate::domain::ids::{EventId, SiteId, VisitId};
use crate::domain::people::claims::Claims;
use crate::domain::people::customer::Customer;
use crate::domain::people::email::Email;
use crate::domain::phone::{Country, Phone};
use crate::domain::tracking::event::{EVENTS_MAX, Event, EventName, Properties};
use crate::flows::{event_reported, visitor_identified};
use crate::http::AppState;
use crate::http::api::{BodyProblems, OneProblems, ServerProblems};
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{Json, Path};
use crate::store::claims::Said;
use crate::store::events::Reported;

/// As much of a name as a list can show.
const NAME_MAX: usize = 100;

/// How a report may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum FullProblem {
    /// The visit has told as much as is kept of one
    #[response(status = 409, content_type = "application/problem+json")]
    Full(#[to_schema] Problem),
}

/// Something happened on a page.
#[derive(Deserialize, ToSchema)]
pub struct NewEvent {
    /// 1 to 64 of `a`–`z`, `0`–`9` and `_`.
    #[schema(example = "form_submit")]
    name: String,
    /// Names with a text, a number, `true`, `false` or `null`; 4 KiB of JSON at most. No place for who the visitor is.
    #[serde(default)]
    #[schema(value_type = Object, example = json!({"form": "contact"}))]
    properties: Map<String, Value>,
    /// Chosen by the page, so that what is sent twice is written once; without it, a new one.
    id: Option<Uuid>,
}

/// What was written down.
#[derive(Serialize, ToSchema)]
pub struct EventReply {
    #[schema(value_type = Uuid)]
    id: EventId,
}

/// Something happened on a page of the visit: a form was sent, say.
///
/// It stands among the pages of the visit on the way to its calls. 200 events
/// of a visit are kept.
#[utoipa::path(
    post, path = "/api/v1/visits/{id}/events", tag = "snippet", operation_id = "report_event",
    params(("id" = Uuid, Path, description = "The visit")), security((), ("api_key" = ["visits:write"])),
    request_body(content = NewEvent, content_type = "application/json"),
    responses(
        (status = 201, description = "It is written down", body = EventReply),
        (status = 200, description = "It had been told before", body = EventReply),
        OriginProblem, FullProblem, BodyProblems, OneProblems, ServerProblems,
    )
)]
pub async fn happened(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(visit): Path<VisitId>,
    Json(new): Json<NewEvent>,
) -> Result<(StatusCode, axum::Json<EventReply>), HttpError> {
    let (name, properties) = new.read()?;
    visit_for(&app, visit, &headers).await?;

    let id = EventId(new.id.unwrap_or_else(|| app.clock.new_id()));
    let event = Event { id, visit, at: app.clock.now(), name, properties };
    let status = match event_reported(&app.store, event).await? {
        Reported::Written => StatusCode::CREATED,
        Reported::Again => StatusCode::OK,
        Reported::Full => {
            return Err(HttpError::Conflict(format!("the visit has {EVENTS_MAX} events, no more are kept")));
        }
    };
    Ok((status, axum::Json(EventReply { id })))
}

impl NewEvent {
    fn read(&self) -> Result<(EventName, Properties), HttpError> {
        let (name, properties) = (self.name.parse::<EventName>(), Properties::new(self.properties.clone()));
        let bad_name = name.as_ref().err().map(|bad| BadField::new("name", bad.to_string()));
        let bad_rest = properties.as_ref().err().map(|bad| BadField::new("properties", bad.to_string()));
        match (name, properties) {
            (Ok(name), Ok(properties)) => Ok((name, properties)),
            _ => Err(HttpError::Invalid(bad_name.into_iter().chain(bad_rest).collect())),
        }
    }
}

/// Who the visitor says they are; at least one of these.
#[derive(Deserialize, ToSchema)]
#[schema(as = VisitorIdentity)]
pub struct NewIdentity {
    #[schema(example = "ada@example.org")]
    email: Option<String>,
    /// As people write it; without a country code, one of the gateway's country.
    #[schema(example = "06 39 98 00 01")]
    phone: Option<String>,
    /// Their number in the site's own books.
    #[schema(example = "4711")]
    customer: Option<String>,
    #[schema(example = "Ada")]
    first_name: Option<String>,
    #[schema(example = "Lovelace")]
    last_name: Option<String>,
}

/// What was understood.
#[derive(Serialize, ToSchema)]
pub struct IdentityReply {
    #[schema(value_type = Option<String>, example = "ada@example.org")]
    email: Option<Email>,
    #[schema(value_type = Option<String>, example = "+33639980001")]
    phone: Option<Phone>,
    /// With the name of the site: `shop:4711`.
    #[schema(value_type = Option<String>, example = "shop:4711")]
    customer: Option<Customer>,
    #[schema(example = "Ada Lovelace")]
    name: Option<String>,
}

/// The visitor says who they are.
///
/// What is given points at the visitor's contact from then on, unchecked; a
/// contact that has no name takes this one. Where it points at two contacts
/// already, each keeps what it has and nothing is joined. Calls of the last 30
/// days that may have been the visitor's are attributed anew, as a version
/// beside the old one. What is answered does not depend on what is known.
#[utoipa::path(
    post, path = "/api/v1/visits/{id}/identify", tag = "snippet", operation_id = "identify_visitor",
    params(("id" = Uuid, Path, description = "The visit")), security((), ("api_key" = ["visits:write"])),
    request_body(content = NewIdentity, content_type = "application/json"),
    responses(
        (status = 200, description = "It is written down", body = IdentityReply),
        OriginProblem, FullProblem, BodyProblems, OneProblems, ServerProblems,
    )
)]
pub async fn identified(
    State(app): State<AppState>,
    headers: HeaderMap,
    Path(visit): Path<VisitId>,
    Json(new): Json<NewIdentity>,
) -> Result<axum::Json<IdentityReply>, HttpError> {
    let (visit, ..) = visit_for(&app, visit, &headers).await?;
    let claims = new.read(&visit.site, app.config.home)?;

    let Claims { email, phone, customer, name } = claims.clone();
    match visitor_identified(&app.store, &app.clock, &visit, claims).await? {
        Said::Anew | Said::Again => Ok(axum::Json(IdentityReply { email, phone, customer, name })),
        Said::Full => {
            Err(HttpError::Conflict("too much has been said in this visit, no more is kept".into()))
        }
    }
}

impl NewIdentity {
    fn read(&self, site: &SiteId, home: Country) -> Result<Claims, HttpError> {
        // A form sends what was left empty.
        let given = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
        let mut problems = Vec::new();
        let mut bad = |field: &'static str, detail: String| problems.push(BadField::new(field, detail));
        let email = given(&self.email)
            .and_then(|text| text.parse::<Email>().map_err(|refused| bad("email", refused.to_string())).ok());
        let phone = given(&self.phone).and_then(|text| {
            Phone::parse(&text, Some(home)).map_err(|refused| bad("phone", refused.to_string())).ok()
        });
        let customer = given(&self.customer).and_then(|text| {
            Customer::of_site(site, &text).map_err(|refused| bad("customer", refused.to_string())).ok()
        });
        let mut name = Vec::new();
        for (field, text) in [("first_name", given(&self.first_name)), ("last_name", given(&self.last_name))]
        {
            let Some(text) = text else { continue };
            if text.chars().count() > NAME_MAX || text.contains(char::is_control) {
                bad(field, format!("longer than {NAME_MAX} characters, or no text"));
            }
            name.push(text.trim().to_owned());
        }
        let name = (!name.is_empty()).then(|| name.join(" "));
        let claims = Claims { email, phone, customer, name };
        if problems.is_empty() && claims == Claims::default() {
            problems.push(BadField::new("body", "give email, phone, customer, first_name or last_name"));
        }
        if problems.is_empty() { Ok(claims) } else { Err(HttpError::Invalid(problems)) }
    }
}
