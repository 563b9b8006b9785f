//! Which addresses hand out or change what is known of people, for the audit log.
//!
//! The extractors that find out who is asking ([`ApiKey`](super::extract::ApiKey), [`Session`](super::extract::Session))
//! write the entry, so a handler cannot forget it. A test holds this table
//! against all addresses there are: each stands here or is said to be nobody's data.

use axum::extract::{FromRequestParts, MatchedPath, RawPathParams};
use axum::http::Method;
use axum::http::request::Parts;

use super::AppState;
use super::error::HttpError;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::check_slug;
use crate::domain::people::audit::Action::{self, Delete, List, Read, Write};
use crate::flows::access_audited;

/// Method, route, and what is asked for of what kind of thing: the one that the first parameter of the route names.
type Asked = (&'static str, &'static str, Action, &'static str);

const PERSONAL: &[Asked] = &[
    ("GET", "/api/v1/visits", List, "visit"),
    ("GET", "/api/v1/visits/{id}", Read, "visit"),
    ("GET", "/api/v1/calls", List, "call"),
    ("GET", "/api/v1/calls/{id}", Read, "call"),
    ("GET", "/api/v1/calls/{id}/attributions", Read, "call"),
    ("GET", "/api/v1/calls/{id}/ladder", Read, "call"),
    ("PUT", "/api/v1/calls/{id}/origin", Write, "call"),
    ("PUT", "/api/v1/calls/{id}/qualification", Write, "call"),
    ("GET", "/api/v1/calls.csv", List, "call"),
    ("GET", "/api/v1/calls.parquet", List, "call"),
    ("POST", "/api/v1/calls/{id}/notes", Write, "call"),
    ("DELETE", "/api/v1/calls/{id}/notes/{note}", Write, "call"),
    ("PUT", "/api/v1/calls/{id}/tags", Write, "call"),
    ("GET", "/api/v1/live-calls", List, "call"),
    ("GET", "/api/v1/live-calls/events", List, "call"),
    ("DELETE", "/api/v1/live-calls/{id}", Write, "call"),
    ("POST", "/api/v1/live-calls/{id}/recording/pause", Write, "call"),
    ("POST", "/api/v1/live-calls/{id}/recording/resume", Write, "call"),
    ("GET", "/api/v1/recordings", List, "recording"),
    ("GET", "/api/v1/recordings/{id}", Read, "recording"),
    ("GET", "/api/v1/recordings/{id}/audio", Read, "recording"),
    ("GET", "/api/v1/recordings/{id}/peaks", Read, "recording"),
    ("GET", "/api/v1/recordings/{id}/accesses", Read, "recording"),
    ("DELETE", "/api/v1/recordings/{id}", Delete, "recording"),
    ("GET", "/api/v1/blocks", List, "block"),
    ("POST", "/api/v1/blocks", Write, "block"),
    ("GET", "/api/v1/blocks/{id}", Read, "block"),
    ("DELETE", "/api/v1/blocks/{id}", Delete, "block"),
    ("GET", "/api/v1/contacts", List, "contact"),
    ("POST", "/api/v1/contacts", Write, "contact"),
    ("GET", "/api/v1/contacts/{id}", Read, "contact"),
    ("PATCH", "/api/v1/contacts/{id}", Write, "contact"),
    ("POST", "/api/v1/contacts/{id}/identities", Write, "contact"),
    ("DELETE", "/api/v1/contacts/{id}/identities", Write, "contact"),
    ("POST", "/api/v1/contacts/{id}/merge", Write, "contact"),
    ("GET", "/api/v1/merges", List, "merge"),
    ("POST", "/api/v1/merges/{id}/undo", Write, "merge"),
    ("GET", "/api/v1/duplicates", List, "contact"),
    ("POST", "/api/v1/duplicates/refuse", Write, "contact"),
    ("GET", "/api/v1/contacts/{id}/consents", Read, "contact"),
    ("POST", "/api/v1/contacts/{id}/consents", Write, "contact"),
    ("GET", "/api/v1/contacts/{id}/consents/standing", Read, "contact"),
    ("GET", "/api/v1/consents/{id}/receipt", Read, "consent"),
    ("GET", "/api/v1/contacts/{id}/engagements", Read, "contact"),
    ("POST", "/api/v1/contacts/{id}/engagements", Write, "contact"),
    ("POST", "/api/v1/engagements", Write, "engagement"),
    ("POST", "/v1/{what}", Write, "message"),
    ("GET", "/api/v1/contacts.csv", List, "contact"),
    ("GET", "/console/contacts.csv", List, "contact"),
    ("POST", "/api/v1/imports", Write, "import"),
    ("GET", "/api/v1/imports/{id}/report", Read, "import"),
    ("POST", "/api/v1/imports/{id}/start", Write, "import"),
    ("DELETE", "/api/v1/imports/{id}", Delete, "import"),
    ("POST", "/console/imports", Write, "import"),
    ("GET", "/console/imports/{id}", Read, "import"),
    ("POST", "/console/imports/{id}/start", Write, "import"),
    ("GET", "/console/imports/{id}/report.csv", Read, "import"),
    ("POST", "/console/imports/{id}/delete", Delete, "import"),
    ("POST", "/api/v1/consents/{id}/resend", Write, "consent"),
    ("POST", "/api/v1/contacts/{id}/preference-links", Write, "contact"),
    ("DELETE", "/api/v1/contacts/{id}/preference-links", Write, "contact"),
    ("POST", "/console/contacts/{id}/consents", Write, "contact"),
    ("GET", "/console/consents/{id}/receipt", Read, "consent"),
    ("POST", "/api/v1/segments/count", List, "contact"),
    ("GET", "/api/v1/segments/{id}/contacts", List, "segment"),
    ("GET", "/api/v1/segments/{id}/moves", List, "segment"),
    ("POST", "/api/v1/segments/{id}/lookalikes", List, "segment"),
    ("GET", "/console/segments/{id}/lookalikes", List, "segment"),
    ("GET", "/api/v1/tasks", List, "task"),
    ("PATCH", "/api/v1/tasks/{id}", Write, "task"),
    ("GET", "/console/tasks", List, "task"),
    ("POST", "/console/tasks/{id}", Write, "task"),
    ("GET", "/api/v1/webhooks/{id}/deliveries", List, "webhook"),
    ("GET", "/api/v1/webhooks/{id}/deliveries/{delivery}", Read, "webhook"),
    ("POST", "/api/v1/webhooks/{id}/deliveries/{delivery}/resend", Write, "webhook"),
    ("POST", "/api/v1/webhooks/{id}/test", Write, "webhook"),
    ("GET", "/console/webhooks/{id}", List, "webhook"),
    ("POST", "/console/webhooks/{id}/deliveries/{delivery}/resend", Write, "webhook"),
    ("POST", "/console/webhooks/{id}/test", Write, "webhook"),
    ("GET", "/console/segments", List, "segment"),
    ("GET", "/console/segments/{id}", List, "segment"),
    ("POST", "/api/v1/contactability/check", List, "contact"),
    ("POST", "/api/v1/contactability/reserve", Write, "contact"),
    ("GET", "/api/v1/contactability/reservations/{id}", Read, "reservation"),
    ("POST", "/api/v1/contactability/reservations/{id}/confirm", Write, "reservation"),
    ("POST", "/api/v1/contactability/reservations/{id}/cancel", Write, "reservation"),
    ("GET", "/api/v1/contacts/{id}/pressure", Read, "contact"),
    ("PUT", "/api/v1/contacts/{id}/frequency", Write, "contact"),
    ("POST", "/api/v1/oppositions", Write, "opposition"),
    ("DELETE", "/api/v1/oppositions/{id}", Delete, "opposition"),
    ("POST", "/api/v1/contacts/{id}/export", Read, "contact"),
    ("POST", "/console/contacts/{id}/export", Read, "contact"),
    ("GET", "/api/v1/contacts/{id}/erasure", Read, "contact"),
    ("POST", "/api/v1/contacts/{id}/erasure", Delete, "contact"),
    ("GET", "/api/v1/erasures", List, "erasure"),
    ("POST", "/api/v1/retention/run", Delete, "contact"),
    ("GET", "/api/v1/requests", List, "request"),
    ("POST", "/api/v1/requests", Write, "request"),
    ("GET", "/api/v1/requests/{id}", Read, "request"),
    ("PATCH", "/api/v1/requests/{id}", Write, "request"),
    ("POST", "/api/v1/contacts/{id}/restriction", Write, "contact"),
    ("DELETE", "/api/v1/contacts/{id}/restriction", Write, "contact"),
    ("POST", "/api/v1/contacts/{id}/objection", Write, "contact"),
    ("POST", "/console/contacts/{id}/restriction", Write, "contact"),
    ("POST", "/console/contacts/{id}/objection", Write, "contact"),
    ("POST", "/console/contacts/{id}/unread", Write, "contact"),
    ("GET", "/console/requests", List, "request"),
    ("POST", "/console/requests/{id}", Write, "request"),
    ("POST", "/console/contacts/{id}/requests", Write, "contact"),
    ("GET", "/api/v1/audit", List, "audit"),
    ("GET", "/console/audit", List, "audit"),
    ("GET", "/api/v1/report_schedules", List, "schedule"),
    ("POST", "/api/v1/report_schedules", Write, "schedule"),
    ("GET", "/api/v1/report_schedules/{id}", Read, "schedule"),
    ("PUT", "/api/v1/report_schedules/{id}", Write, "schedule"),
    ("DELETE", "/api/v1/report_schedules/{id}", Delete, "schedule"),
    ("GET", "/api/v1/audit.csv", List, "audit"),
    ("GET", "/console/audit.csv", List, "audit"),
    ("GET", "/api/v1/users.csv", List, "user"),
    ("GET", "/console/users.csv", List, "user"),
    ("GET", "/api/v1/reports/missed.csv", List, "contact"),
    ("GET", "/console/missed.csv", List, "contact"),
    ("GET", "/console/schedules", List, "schedule"),
    ("POST", "/console/schedules", Write, "schedule"),
    ("POST", "/console/schedules/{id}/delete", Delete, "schedule"),
    ("GET", "/api/v1/alerts", List, "alert"),
    ("POST", "/api/v1/alerts", Write, "alert"),
    ("GET", "/api/v1/alerts/{id}", Read, "alert"),
    ("PUT", "/api/v1/alerts/{id}", Write, "alert"),
    ("DELETE", "/api/v1/alerts/{id}", Delete, "alert"),
    ("GET", "/console/alerts", List, "alert"),
    ("POST", "/console/alerts", Write, "alert"),
    ("GET", "/console/alerts/{id}", Read, "alert"),
    ("POST", "/console/alerts/{id}", Write, "alert"),
    ("POST", "/console/alerts/{id}/delete", Delete, "alert"),
    ("GET", "/api/v1/users", List, "user"),
    ("POST", "/api/v1/users", Write, "user"),
    ("PATCH", "/api/v1/users/{id}", Write, "user"),
    ("DELETE", "/api/v1/users/{id}", Delete, "user"),
    ("GET", "/console/users", List, "user"),
    ("POST", "/console/users", Write, "user"),
    ("GET", "/console/users/{id}", Read, "user"),
    ("POST", "/console/users/{id}", Write, "user"),
    ("POST", "/console/users/{id}/password", Write, "user"),
    ("POST", "/console/users/{id}/second-factor/delete", Write, "user"),
    ("POST", "/console/users/{id}/delete", Delete, "user"),
    ("POST", "/console/account/sessions/end", Write, "user"),
    ("POST", "/console/account/second-factor/delete", Write, "user"),
    ("POST", "/console/account/second-factor", Write, "user"),
    ("POST", "/console/account/password", Write, "user"),
    ("GET", "/api/v1/reports/missed", List, "contact"),
    ("GET", "/console/missed", List, "contact"),
    ("GET", "/console/live", List, "call"),
    ("GET", "/console/live/events", List, "call"),
    ("GET", "/console/calls", List, "call"),
    ("GET", "/console/calls/{id}", Read, "call"),
    ("GET", "/console/calls/{id}/ladder.txt", Read, "call"),
    ("GET", "/console/calls/{id}/ladder.pcap", Read, "call"),
    ("GET", "/console/calls.csv", List, "call"),
    ("GET", "/console/calls.parquet", List, "call"),
    ("POST", "/console/calls/{id}/notes", Write, "call"),
    ("POST", "/console/calls/{id}/notes/{note}/delete", Write, "call"),
    ("POST", "/console/calls/{id}/tags", Write, "call"),
    ("POST", "/console/calls/{id}/origin", Write, "call"),
    ("POST", "/console/calls/{id}/qualification", Write, "call"),
    ("POST", "/console/calls/{id}/recording", Write, "call"),
    ("GET", "/console/recordings/{id}/audio", Read, "recording"),
    ("POST", "/console/recordings/{id}/delete", Delete, "recording"),
    ("GET", "/console/blocks", List, "block"),
    ("POST", "/console/blocks", Write, "block"),
    ("POST", "/console/blocks/{id}/delete", Delete, "block"),
    ("GET", "/console/contacts/{id}", Read, "contact"),
    ("GET", "/console/contacts/{id}/pressure", Read, "contact"),
    ("GET", "/console/phone/line", List, "call"),
    ("GET", "/console/duplicates", List, "contact"),
    ("POST", "/console/duplicates", Write, "contact"),
    ("POST", "/console/merges/{id}/undo", Write, "merge"),
];

/// Writes down what `who` asks for, where it is somebody's data.
///
/// # Errors
///
/// The entry could not be written: then nothing is handed out either.
pub(in crate::http) async fn write_down(
    parts: &mut Parts,
    app: &AppState,
    who: Accessor,
) -> Result<(), HttpError> {
    let Some(route) = parts.extensions.get::<MatchedPath>().cloned() else { return Ok(()) };
    let Some((what, kind)) = asked(&parts.method, route.as_str()) else { return Ok(()) };
    let params = RawPathParams::from_request_parts(parts, app).await.ok();
    let subject = params.as_ref().and_then(|params| params.iter().next());
    // What is no id is refused by the handler, and might be somebody's name.
    let subject = subject.map(|(_, value)| value).filter(|value| is_id(kind, value)).map(str::to_owned);
    Ok(access_audited(&app.store, &app.clock, who, what, kind, subject).await?)
}

fn asked(method: &Method, route: &str) -> Option<(Action, &'static str)> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    let found = PERSONAL.iter().find(|(its, path, ..)| *its == method && *path == route);
    found.map(|(_, _, what, kind)| (*what, *kind))
}

/// What the gateway makes has a UUID; these have names of the plan.
fn is_id(kind: &str, text: &str) -> bool {
    let is_named = ["block", "segment", "opposition", "webhook"].contains(&kind);
    text.parse::<uuid::Uuid>().is_ok() || is_named && check_slug(text).is_ok()
}

#[cfg(test)]
#[path = "audit/tests.rs"]
mod tests;
