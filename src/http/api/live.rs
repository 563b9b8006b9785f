//! `/api/v1/live-calls`: the calls that this node carries just now, to list,
//! to watch, to end, and to pause the recording of. Nodes that share a database do not know each other's.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::header::HeaderName;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::ids::{CallId, DestinationId, OutletId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsControl, CallsRead, Path};
use crate::switchboard::live::{self, Gone, News, NotRecorded, Recorded};

/// Proxies cut a connection that says nothing; most wait for a minute at least.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// A proxy that gathers an answer before it passes it on would gather for ever.
const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// A call that goes on.
#[derive(Serialize, ToSchema)]
pub struct LiveCall {
    #[schema(value_type = Uuid)]
    pub id: CallId,
    /// The gateway that carries it.
    #[schema(example = "whence")]
    pub node: String,
    /// The number that was dialled.
    #[schema(value_type = String, example = "+33199001234")]
    pub number: Phone,
    /// `null`: withheld, or no telephone number.
    #[schema(value_type = Option<String>, example = "+33639980001")]
    pub caller: Option<Phone>,
    #[schema(value_type = String)]
    pub trunk: TrunkId,
    /// Where it rings, or who took it; before that, the number's own. `null`: the number is not known here.
    #[schema(value_type = Option<String>)]
    pub destination: Option<DestinationId>,
    #[schema(value_type = Option<String>)]
    pub outlet: Option<OutletId>,
    /// `dialling`, `ringing` or `talking`.
    #[schema(example = "talking")]
    pub state: &'static str,
    /// The attempt that was made last, or that was answered: as in the call's ladder.
    pub leg: Option<u8>,
    /// Where that attempt goes; `console`: to the consoles that are open for its destination.
    #[schema(example = "sip:counter@pbx.example.org")]
    pub line: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub arrived_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    /// What is said is recorded (`on`) or, for a while, is not (`paused`); `null`: the call is not recorded.
    #[schema(example = "on")]
    pub recording: Option<&'static str>,
}

impl LiveCall {
    fn of(node: &str, call: live::LiveCall) -> Self {
        Self {
            id: call.id,
            node: node.to_owned(),
            number: call.number,
            caller: call.caller,
            trunk: call.trunk,
            destination: call.destination,
            outlet: call.outlet,
            state: call.stage.as_str(),
            leg: call.leg.map(|leg| leg.0),
            line: call.line,
            arrived_at: call.arrived_at,
            answered_at: call.answered_at,
            recording: call.recorded.map(Recorded::as_str),
        }
    }
}

/// The end of a call, as the event `ended` tells it.
#[derive(Serialize)]
struct Ended {
    id: CallId,
    outcome: Option<Outcome>,
    hung_up_by: Option<HungUpBy>,
}

impl From<Gone> for Ended {
    fn from(gone: Gone) -> Self {
        Self { id: gone.id, outcome: gone.how.map(|how| how.0), hung_up_by: gone.how.map(|how| how.1) }
    }
}

/// How a request to watch may end besides.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum WatchProblems {
    /// As many watch as may, or the database does not answer; try again later
    #[response(status = 503, content_type = "application/problem+json")]
    Busy(#[to_schema] crate::http::error::Problem),
}

/// How a request to pause or resume may end besides.
#[derive(utoipa::IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum RecordingProblems {
    /// The call is not recorded, or not yet: recording begins with the answer
    #[response(status = 409, content_type = "application/problem+json")]
    NotRecorded(#[to_schema] crate::http::error::Problem),
}

/// The calls that this node carries just now, the newest first.
#[utoipa::path(
    get, path = "/api/v1/live-calls", tag = "live calls", operation_id = "list_live_calls",
    security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "All of them", body = List<LiveCall>), KeyProblems, ServerProblems)
)]
pub async fn list(_: ApiKey<CallsRead>, State(app): State<AppState>) -> axum::Json<List<LiveCall>> {
    List::whole(all(&app))
}

/// The same, and every change from now on, as server-sent events: `calls` is the whole list, at first and whenever
/// changes were missed; `call` is one call that began or changed; `ended` is one that is over.
#[utoipa::path(
    get, path = "/api/v1/live-calls/events", tag = "live calls", operation_id = "watch_live_calls",
    security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "Until one side closes it", body = String, content_type = "text/event-stream"),
        KeyProblems, WatchProblems
    )
)]
pub async fn events(_: ApiKey<CallsRead>, State(app): State<AppState>) -> Result<Response, HttpError> {
    let watcher = app.live.watch().ok_or(HttpError::Busy("as many watch the live calls as may"))?;
    let told = stream::unfold((watcher, app.clone()), async |(mut watcher, app)| {
        let event = event(&app, watcher.next().await?);
        Some((Ok::<_, Infallible>(event), (watcher, app)))
    });
    Ok(sent(told).into_response())
}

/// Events as they come, with a sign of life between.
pub(in crate::http) fn sent(
    events: impl Stream<Item = Result<Event, Infallible>> + Send + 'static,
) -> impl IntoResponse {
    let beat = KeepAlive::new().interval(HEARTBEAT).text("still here");
    ([UNBUFFERED], Sse::new(events).keep_alive(beat))
}

/// Hangs a call up: both legs get BYE, or CANCEL and a refusal while it rings. Its record says that the gateway did it.
#[utoipa::path(
    delete, path = "/api/v1/live-calls/{id}", tag = "live calls", operation_id = "hang_up",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:control"])),
    responses(
        (status = 202, description = "It is being ended; this is what it was", body = LiveCall),
        KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn hang_up(
    _: ApiKey<CallsControl>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<Response, HttpError> {
    let call = app.live.hang_up(id).ok_or(HttpError::NotFound("live call"))?;
    Ok((axum::http::StatusCode::ACCEPTED, axum::Json(LiveCall::of(&app.config.node, call))).into_response())
}

/// Pauses the recording of a call, while card data are spoken for example: the recording goes on with silence on both
/// sides, and tells from when to when. Pausing twice changes nothing.
#[utoipa::path(
    post, path = "/api/v1/live-calls/{id}/recording/pause", tag = "live calls", operation_id = "pause_recording",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:control"])),
    responses(
        (status = 200, description = "Nothing of what is said is kept from now on", body = LiveCall),
        KeyProblems, OneProblems, RecordingProblems, ServerProblems
    )
)]
pub async fn pause_recording(
    _: ApiKey<CallsControl>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<axum::Json<LiveCall>, HttpError> {
    pause(&app, id, true)
}

/// Goes on with the recording of a call. Resuming what goes on changes nothing.
#[utoipa::path(
    post, path = "/api/v1/live-calls/{id}/recording/resume", tag = "live calls", operation_id = "resume_recording",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:control"])),
    responses(
        (status = 200, description = "What is said is kept again", body = LiveCall),
        KeyProblems, OneProblems, RecordingProblems, ServerProblems
    )
)]
pub async fn resume_recording(
    _: ApiKey<CallsControl>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<axum::Json<LiveCall>, HttpError> {
    pause(&app, id, false)
}

/// Pauses the recording of a call, or has it go on.
pub fn pause(app: &AppState, id: CallId, pauses: bool) -> Result<axum::Json<LiveCall>, HttpError> {
    let call = app.live.pause_recording(id, pauses).map_err(|why| match why {
        NotRecorded::NoCall => HttpError::NotFound("live call"),
        NotRecorded::NoRecording => HttpError::Conflict("the call is not recorded".to_owned()),
    })?;
    Ok(axum::Json(LiveCall::of(&app.config.node, call)))
}

fn all(app: &AppState) -> Vec<LiveCall> {
    app.live.list().into_iter().map(|call| LiveCall::of(&app.config.node, call)).collect()
}

fn event(app: &AppState, news: News) -> Event {
    let of = |call| LiveCall::of(&app.config.node, call);
    let written = match news {
        News::All(calls) => {
            Event::default().event("calls").json_data(calls.into_iter().map(of).collect::<Vec<_>>())
        }
        News::Call(call) => Event::default().event("call").json_data(of(call)),
        News::Gone(gone) => Event::default().event("ended").json_data(Ended::from(gone)),
    };
    written.expect("plain data is JSON")
}
