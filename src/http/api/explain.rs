//! `/api/v1/destinations/{id}/explain`: what happens to a call at a moment.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::calling::explain;
use crate::domain::calling::routing::{Otherwise, Step};
use crate::domain::calling::schedule::DayKind;
use crate::domain::ids::DestinationId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, FromQuery, Path, PlanRead, Query, QueryReader};

/// When the call is to come.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what AtQuery reads")]
pub struct AtParams {
    /// Without it now.
    #[param(value_type = Option<String>, format = DateTime)]
    at: Option<String>,
}

pub struct AtQuery(Option<Timestamp>);

impl FromQuery for AtQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(query.time("at"))
    }
}

/// Where a call goes, if nobody else calls.
#[derive(Serialize, ToSchema)]
pub struct CallExplained {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `null`: it has no hours and is always open.
    pub open: Option<bool>,
    /// Where the hours of that day come from: `week`, `special`, `closed` or `holiday`.
    #[schema(example = "holiday")]
    pub hours_from: Option<&'static str>,
    /// When it opens next, where it is closed.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// One after the other, until somebody answers.
    pub steps: Vec<ExplainedStep>,
    /// What the caller hears when nothing rings: `closed` or `full`; `null`: something does.
    pub otherwise: Option<&'static str>,
}

/// One step of a call's way.
#[derive(Serialize, ToSchema)]
pub struct ExplainedStep {
    /// `ring`, `say`, `notice`, `menu` or `voicemail`.
    #[schema(example = "ring")]
    pub what: &'static str,
    /// What rings at the same time.
    pub lines: Vec<ExplainedLine>,
    pub ring_s: Option<u64>,
    /// What is said, or heard while it rings.
    pub prompt: Option<String>,
}

/// One line, and the destination that it is of.
#[derive(Serialize, ToSchema)]
pub struct ExplainedLine {
    #[schema(example = "sip:desk@192.0.2.10")]
    pub target: String,
    pub destination: String,
}

impl From<&Step> for ExplainedStep {
    fn from(step: &Step) -> Self {
        let said = |what, prompt: &dyn ToString| Self {
            what,
            lines: vec![],
            ring_s: None,
            prompt: Some(prompt.to_string()),
        };
        match step {
            Step::Ring { lines, ring, music } => Self {
                what: "ring",
                lines: lines
                    .iter()
                    .map(|it| ExplainedLine {
                        target: it.target.name(),
                        destination: it.destination.to_string(),
                    })
                    .collect(),
                ring_s: Some(ring.as_secs()),
                prompt: music.as_ref().map(ToString::to_string),
            },
            Step::Say(prompt) => said("say", prompt),
            Step::Notice(notice) => said("notice", &notice.prompt),
            Step::Menu(menu) => said("menu", &menu.prompt),
            Step::Voicemail(voicemail) => said("voicemail", &voicemail.prompt),
        }
    }
}

/// What happens to a call to this destination at a moment: the decision of the gateway, if nobody else calls.
#[utoipa::path(
    get, path = "/api/v1/destinations/{id}/explain", tag = "plan", operation_id = "explain_destination",
    params(("id" = String, Path, description = "The destination's name in the plan"), AtParams),
    security(("api_key" = ["plan:read"])),
    responses((status = 200, description = "Where it goes", body = CallExplained), KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn explained(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
    Path(id): Path<DestinationId>,
    Query(AtQuery(at)): Query<AtQuery>,
) -> Result<axum::Json<CallExplained>, HttpError> {
    let at = at.unwrap_or_else(|| app.clock.now());
    let found = explain::explain(&app.store.list_destinations().await?, &id, at);
    let found = found.ok_or(HttpError::NotFound("destination"))?;
    let otherwise = found.way.steps.is_empty().then_some(match found.way.otherwise {
        Otherwise::Closed => "closed",
        Otherwise::Full => "full",
    });
    Ok(axum::Json(CallExplained {
        at,
        open: found.open.map(|(is_open, _)| is_open),
        hours_from: found.open.map(|(_, kind)| match kind {
            DayKind::Week => "week",
            DayKind::Special => "special",
            DayKind::Closed => "closed",
            DayKind::Holiday => "holiday",
        }),
        opens_at: found.opens_at,
        steps: found.way.steps.iter().map(Into::into).collect(),
        otherwise,
    }))
}
