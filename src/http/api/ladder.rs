//! `/api/v1/calls/{id}/ladder`: what was said on the wire about a call, to
//! read, to search, or to open in sngrep and Wireshark.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::calling::ladder::reading::{Said, about, first_line, said};
use crate::domain::calling::ladder::why::Why;
use crate::domain::calling::ladder::{Ladder, Rung, Way};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Path, Query, QueryReader};
use crate::http::language::Lang;

/// What the ladder is written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Format {
    Json,
    Text,
    Pcap,
}

/// The text names no format.
#[derive(Debug, thiserror::Error)]
#[error("must be json, text or pcap")]
pub struct BadFormat;

impl std::str::FromStr for Format {
    type Err = BadFormat;

    fn from_str(text: &str) -> Result<Self, BadFormat> {
        match text {
            "json" => Ok(Format::Json),
            "text" => Ok(Format::Text),
            "pcap" => Ok(Format::Pcap),
            _ => Err(BadFormat),
        }
    }
}

/// In which form.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what FormatQuery reads")]
pub struct Formats {
    /// `json`, `text` (as ngrep and sngrep write it) or `pcap`; without it, what `Accept` asks for.
    format: Option<String>,
}

pub struct FormatQuery(Option<Format>);

impl FromQuery for FormatQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(query.value("format"))
    }
}

/// What was said on the wire about one call.
#[derive(Serialize, ToSchema)]
pub struct CallLadder {
    #[schema(value_type = Uuid)]
    pub call: CallId,
    /// Why the call failed, where the messages tell.
    pub why: Option<Reason>,
    /// The caller's leg first.
    pub legs: Vec<Leg>,
    /// In their order.
    pub messages: Vec<Message>,
    /// How many messages of a long call are missing between the first and the last ones.
    pub left_out: u64,
}

/// Why a call failed.
#[derive(Serialize, ToSchema)]
#[schema(as = FailureReason)]
pub struct Reason {
    /// `refused`, `silent`, `rang_in_vain`, `never_rang`, `gave_up`, `not_dialled` or `not_acknowledged`.
    #[schema(example = "refused")]
    pub kind: &'static str,
    /// The same in a sentence.
    #[schema(example = "The line at 192.0.2.3:5060 refused with 486 Busy Here.")]
    pub sentence: String,
}

impl From<Why> for Reason {
    fn from(why: Why) -> Self {
        Self { kind: why.as_str(), sentence: Lang::En.why(&why) }
    }
}

/// One dialog of the call, or an attempt at one.
#[derive(Serialize, ToSchema)]
pub struct Leg {
    /// 0 is the caller's; attempts to reach a line count from 1.
    pub leg: u8,
    /// What its INVITE was for.
    #[schema(example = "sip:counter@pbx.example.org")]
    pub uri: Option<String>,
    #[schema(example = "UDP")]
    pub transport: &'static str,
    #[schema(value_type = String, example = "192.0.2.3:5060")]
    pub remote: SocketAddr,
}

/// One message.
#[derive(Serialize, ToSchema)]
pub struct Message {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub leg: u8,
    /// `in` to the gateway, or `out`.
    #[schema(example = "in")]
    pub direction: &'static str,
    #[schema(example = "UDP")]
    pub transport: &'static str,
    #[schema(value_type = String, example = "192.0.2.2:5060")]
    pub local: SocketAddr,
    #[schema(value_type = String, example = "192.0.2.3:5060")]
    pub remote: SocketAddr,
    #[schema(example = "SIP/2.0 180 Ringing")]
    pub first_line: String,
    /// The method, of a response that of its request.
    #[schema(example = "INVITE")]
    pub method: String,
    /// The whole message, without passwords and media keys.
    pub text: String,
}

impl From<&Rung> for Message {
    fn from(rung: &Rung) -> Self {
        Self {
            at: rung.at,
            leg: rung.leg,
            direction: if rung.way == Way::In { "in" } else { "out" },
            transport: rung.transport,
            local: rung.local,
            remote: rung.remote,
            first_line: first_line(&rung.message).into_owned(),
            method: about(&rung.message),
            text: String::from_utf8_lossy(&rung.message).into_owned(),
        }
    }
}

impl From<Ladder> for CallLadder {
    fn from(ladder: Ladder) -> Self {
        let leg = |leg: u8| {
            let mut rungs = ladder.rungs.iter().filter(|rung| rung.leg == leg);
            let first = rungs.clone().next()?;
            let uri = rungs.find_map(|rung| match said(&rung.message) {
                Said::Request { method, uri } if method == "INVITE" => Some(uri.into_owned()),
                _ => None,
            });
            Some(Leg { leg, uri, transport: first.transport, remote: first.remote })
        };
        Self {
            call: ladder.call,
            why: ladder.why().map(Into::into),
            legs: ladder.legs().into_iter().filter_map(leg).collect(),
            messages: ladder.rungs.iter().map(Into::into).collect(),
            left_out: ladder.left_out,
        }
    }
}

/// What was said on the wire about a call that is over, as long as it is kept.
#[utoipa::path(
    get, path = "/api/v1/calls/{id}/ladder", tag = "calls", operation_id = "find_ladder",
    params(("id" = Uuid, Path, description = "The call"), Formats), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "Its messages", content(
            (CallLadder = "application/json"), (String = "text/plain"), (String = "application/vnd.tcpdump.pcap")
        )),
        KeyProblems, OneProblems, ListProblems, ServerProblems
    )
)]
pub async fn one(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
    Query(FormatQuery(format)): Query<FormatQuery>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    let ladder = app.store.find_ladder(id).await?.ok_or(HttpError::NotFound("ladder"))?;
    Ok(match format.unwrap_or_else(|| accepted(&headers)) {
        Format::Json => axum::Json(CallLadder::from(ladder)).into_response(),
        Format::Text => as_text(&ladder),
        Format::Pcap => as_pcap(&ladder),
    })
}

pub fn as_text(ladder: &Ladder) -> Response {
    // Messages may be in any encoding; nobody is to guess that one is a page.
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], ladder.as_text()).into_response()
}

pub fn as_pcap(ladder: &Ladder) -> Response {
    let name = format!("attachment; filename=\"call-{}.pcap\"", ladder.call);
    let headers = [(CONTENT_TYPE, "application/vnd.tcpdump.pcap".to_owned()), (CONTENT_DISPOSITION, name)];
    (headers, ladder.as_pcap()).into_response()
}

fn accepted(headers: &HeaderMap) -> Format {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let first = accept.split([',', ';']).next().unwrap_or_default().trim();
    match first {
        "text/plain" => Format::Text,
        "application/vnd.tcpdump.pcap" => Format::Pcap,
        _ => Format::Json,
    }
}
