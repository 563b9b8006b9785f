//! `/api/v1/contactability/rules`: what is asked before anybody is reached, and where it is written.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, ServerProblems};
use crate::domain::people::rules::{self, REACHING, all};
use crate::domain::time::Timestamp;
use crate::flows::policy_of;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactabilityCheck};

/// A rule that decides whether people may be reached.
#[derive(Serialize, ToSchema)]
#[schema(as = ContactabilityRule)]
pub struct Rule {
    /// As a reason of a check names it, and `off` of `[contactability]` in the plan.
    #[schema(example = "phone-hours")]
    rule: &'static str,
    /// Where it is written.
    law: &'static str,
    /// When that was written.
    #[schema(example = "2022-10-13")]
    dated: &'static str,
    /// From when on it holds; `null`: it always has.
    #[schema(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// When it ends; `null`: nobody has said so.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// The channels that it is about.
    #[schema(example = json!(["phone"]))]
    channels: Vec<&'static str>,
    /// The kinds of purpose that it is about; empty: all.
    #[schema(example = json!(["prospecting"]))]
    purposes: Vec<&'static str>,
    /// Whether it is asked now: it is in force, and the plan has not switched it off.
    asked: bool,
    /// Whether the plan has switched it off.
    off: bool,
}

/// The rules in the order in which a check tells them; the plan's caps stand beside them.
#[utoipa::path(
    get, path = "/api/v1/contactability/rules", tag = "contactability", operation_id = "list_contactability_rules",
    security(("api_key" = ["contactability:check"])),
    responses(
        (status = 200, description = "The rules", body = List<Rule>),
        KeyProblems, ServerProblems
    )
)]
pub async fn list(
    _: ApiKey<ContactabilityCheck>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Rule>>, HttpError> {
    let (now, policy) = (app.clock.now(), policy_of(&app.store).await?);
    let items = all().map(|rule| Rule::of(rule, policy.asks(rule.id), now)).collect();
    Ok(axum::Json(List { items, next_cursor: None }))
}

impl Rule {
    fn of(it: &rules::Rule, on: bool, now: Timestamp) -> Self {
        let channels = if it.channels.is_empty() { &REACHING[..] } else { it.channels };
        Self {
            rule: it.id.as_str(),
            law: it.law,
            dated: it.dated,
            from: it.since(),
            until: it.until,
            channels: channels.iter().map(|channel| channel.as_str()).collect(),
            purposes: it.kinds.iter().map(|kind| kind.as_str()).collect(),
            asked: on && it.holds(now),
            off: !on,
        }
    }
}
