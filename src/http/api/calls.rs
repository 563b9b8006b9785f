//! `/api/v1/calls`: each caller's attempt, with its outcome and where it came from.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::call_notes::Note;
use super::qualifications::Qualification;
use super::recordings::Recording;
use super::shapes::{Event, PageView, Source, Visit};
use super::streams::Stream;
use super::transfers::Transfer;
use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::calling::identity::{self, Attestation, Signature, Why};
use crate::domain::calling::note::Tag;
use crate::domain::calling::outcome::{EndReason, HungUpBy, Outcome};
use crate::domain::calling::record::CallRecord;
use crate::domain::calling::screening::Verdict;
use crate::domain::calling::screening::rules::Rule;
use crate::domain::ids::{BlockId, CallId, ContactId, DestinationId, OutletId, TrunkId, VisitId};
use crate::domain::people::contact;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::attribution::{Evidence, Share};
use crate::flows::calls_found;
use crate::http::AppState;
use crate::http::calls_asked::{CallFilters, CallsAsked, Reader};
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Path, Query, QueryReader, Scope};
use crate::http::language::Lang;
use crate::http::story::{self, Seen};
use crate::store::{CallRow, Window};

/// A part of the calls that are asked for.
pub struct ListQuery {
    asked: CallsAsked,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { asked: CallsAsked::read(query), window: query.window() }
    }
}

/// One caller's attempt.
#[derive(Serialize, ToSchema)]
pub struct Call {
    #[schema(value_type = Uuid)]
    pub id: CallId,
    /// The number that was dialled.
    #[schema(value_type = String, example = "+33199001234")]
    pub number: Phone,
    /// `null`: withheld, or no telephone number.
    #[schema(value_type = Option<String>, example = "+33639980001")]
    pub caller: Option<Phone>,
    /// `null`: the number is not known here.
    #[schema(value_type = Option<String>)]
    pub destination: Option<DestinationId>,
    /// The destination that took the call: with a fallback, another than the number's own.
    #[schema(value_type = Option<String>)]
    pub answered_by: Option<DestinationId>,
    #[schema(value_type = Option<String>)]
    pub outlet: Option<OutletId>,
    /// `answered`, `missed`, `busy`, `abandoned`, `voicemail`, `blocked`, `failed`; `null` while the call goes on.
    #[schema(value_type = Option<String>, example = "answered")]
    pub outcome: Option<Outcome>,
    /// The final SIP status the caller was given.
    #[schema(example = 200)]
    pub sip_status: Option<u16>,
    /// `caller`, `line` or `gateway`.
    #[schema(value_type = Option<String>, example = "caller")]
    pub hung_up_by: Option<HungUpBy>,
    /// Why the gateway hung up: `too_long`, `silence` (nothing was heard of either side),
    /// `unsealed` (what had to be encrypted was not, or not by whom it had announced), `stopped`.
    #[schema(value_type = Option<String>, example = json!(null))]
    pub end_reason: Option<EndReason>,
    /// The gateway went down in the middle of the call.
    pub interrupted: bool,
    #[schema(value_type = String, format = DateTime)]
    pub arrived_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ringing_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub answered_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Timestamp>,
    /// From the first ring to the answer or the end.
    pub ring_ms: Option<u64>,
    /// From the answer to the end.
    pub talk_ms: Option<u64>,
    /// Who called.
    #[schema(value_type = Option<Uuid>)]
    pub contact: Option<ContactId>,
    /// The trunk that brought the call.
    #[schema(value_type = String)]
    pub trunk: TrunkId,
    /// Call-ID of the inbound leg, to find the call in a trace.
    pub sip_call_id: String,
    /// What screening said; `null`: no rule applied.
    pub screening: Option<Screening>,
    /// What its signature says of the caller; `null`: nobody looked.
    pub identity: Option<Identity>,
    /// What somebody said that it was; `null`: nobody has.
    pub qualification: Option<Qualification>,
}

/// What screening said of a call.
#[derive(Serialize, ToSchema)]
pub struct Screening {
    /// `allowed`: on an allow list; `marked`: carried on and noted; `refused`.
    #[schema(value_type = String, example = "refused")]
    pub verdict: Verdict,
    /// The rule that applied: `allow_list`, `block_list`, `rate`, `silent_calls`, `no_number` …
    #[schema(value_type = String, example = "block_list")]
    pub rule: Rule,
    /// The entry of the lists that applied; it may be gone by now.
    #[schema(value_type = Option<String>)]
    pub block: Option<BlockId>,
}

/// What a call's signature says of its caller (STIR/SHAKEN).
#[derive(Serialize, ToSchema)]
#[schema(as = CallerIdentity)]
pub struct Identity {
    /// `verified`, `failed`, `absent`, or `unchecked`: the certificate did not come in time.
    #[schema(value_type = String, example = "verified")]
    pub signature: Signature,
    /// Why it is not verified: `malformed`, `unsupported`, `stale`, `caller`, `called`, `signature`, `unreachable`,
    /// `untrusted`, `not_covered`, `slow`, `no_caller`.
    #[schema(value_type = Option<String>)]
    pub why: Option<Why>,
    /// `A`: the operator knows the caller and their number; `B`: the caller; `C`: where the call came from.
    #[schema(value_type = Option<String>, example = "A")]
    pub attestation: Option<Attestation>,
    /// The operator's own mark of where the call came from (`origid`).
    pub origination: Option<String>,
    /// How often operators forwarded the call and signed for it.
    pub diversions: u32,
}

impl From<identity::Identity> for Identity {
    fn from(it: identity::Identity) -> Self {
        let identity::Identity { signature, why, attestation, origination, diversions } = it;
        Self { signature, why, attestation, origination, diversions }
    }
}

impl From<CallRecord> for Call {
    fn from(record: CallRecord) -> Self {
        let span = |from: Option<Timestamp>, to: Option<Timestamp>| {
            from.zip(to).map(|(from, to)| u64::try_from(to.since(from).as_millis()).unwrap_or(u64::MAX))
        };
        Self {
            ring_ms: span(record.ringing_at, record.answered_at.or(record.ended_at)),
            talk_ms: span(record.answered_at, record.ended_at),
            id: record.id,
            number: record.number,
            caller: record.caller,
            destination: record.destination,
            answered_by: record.answered_by,
            outlet: record.outlet,
            outcome: record.outcome,
            sip_status: record.sip_status,
            hung_up_by: record.hung_up_by,
            end_reason: record.end_reason,
            interrupted: record.interrupted,
            arrived_at: record.arrived_at,
            ringing_at: record.ringing_at,
            answered_at: record.answered_at,
            ended_at: record.ended_at,
            contact: record.contact,
            trunk: record.trunk,
            sip_call_id: record.sip_call_id,
            screening: record.screening.map(|it| Screening {
                verdict: it.verdict,
                rule: it.rule,
                block: it.block,
            }),
            identity: record.identity.map(Into::into),
            qualification: record.qualification.map(Into::into),
        }
    }
}

/// One possible origin of a call.
#[derive(Serialize, ToSchema)]
#[schema(as = CallOrigin)]
pub struct Origin {
    /// `null`: no visit; the number was known from elsewhere.
    #[schema(value_type = Option<Uuid>)]
    pub visit: Option<VisitId>,
    /// Between 0 and 1; the shares of a call add up to 1.
    pub probability: f64,
    #[serde(flatten)]
    pub source: Source,
    /// What the probability stands on.
    #[schema(value_type = Object, example = json!({"rule": "shown_on_page", "lease": "0199…", "last_seen_ms": 4000, "candidates": 1, "device": "phone", "tapped_ms": 4000, "visitor": "unknown", "same_country": true}))]
    pub evidence: Evidence,
    /// The evidence in words.
    pub because: String,
}

impl From<Share> for Origin {
    fn from(share: Share) -> Self {
        Self {
            because: Lang::En.evidence(&share),
            visit: share.visit,
            probability: share.probability,
            source: share.source.into(),
            evidence: share.evidence,
        }
    }
}

/// A call of a list.
#[derive(Serialize, ToSchema)]
pub struct CallItem {
    #[serde(flatten)]
    pub call: Call,
    /// The most likely origin; `null` until the call was attributed.
    pub origin: Option<Origin>,
}

impl From<CallRow> for CallItem {
    fn from(row: CallRow) -> Self {
        Self { call: row.record.into(), origin: row.best.map(Into::into) }
    }
}

/// A call of the list of calls.
#[derive(Serialize, ToSchema)]
pub struct ListedCall {
    #[serde(flatten)]
    pub call: CallItem,
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<Tag>,
}

/// A call with everything that led up to it.
#[derive(Serialize, ToSchema)]
pub struct CallInFull {
    #[serde(flatten)]
    pub call: Call,
    pub attribution: Attribution,
    /// The visits the call may have come from, the most likely first.
    pub journey: Vec<VisitBefore>,
    /// Who called, when their number was not withheld.
    pub caller_contact: Option<Caller>,
    /// Where the talk was carried on, or should have been, in order.
    pub transfers: Vec<Transfer>,
    /// How its media went, the caller's first; empty when they went past the gateway.
    pub streams: Vec<Stream>,
    /// What was kept of its sound, in order.
    pub recordings: Vec<Recording>,
    #[schema(value_type = Vec<String>)]
    pub tags: Vec<Tag>,
    /// In the order in which they were written.
    pub notes: Vec<Note>,
}

/// Where a call came from, as probabilities.
#[derive(Serialize, ToSchema)]
pub struct Attribution {
    /// Counts up each time the call is attributed anew; 0 before the first time.
    pub version: i64,
    /// The most likely first.
    pub shares: Vec<Origin>,
}

/// A visit up to the call.
#[derive(Serialize, ToSchema)]
pub struct VisitBefore {
    #[serde(flatten)]
    pub visit: Visit,
    /// The pages before the call, the earliest first.
    pub page_views: Vec<PageView>,
    /// What happened on them before the call, the earliest first.
    pub events: Vec<Event>,
    /// Since when the visit was shown the dialled number.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub number_shown_at: Option<Timestamp>,
}

impl From<Seen> for VisitBefore {
    fn from(seen: Seen) -> Self {
        Self {
            visit: seen.visit.into(),
            page_views: seen.page_views.into_iter().map(Into::into).collect(),
            events: seen.events.into_iter().map(Into::into).collect(),
            number_shown_at: seen.lease.map(|lease| lease.started_at),
        }
    }
}

/// Who called.
#[derive(Serialize, ToSchema)]
pub struct Caller {
    #[schema(value_type = Uuid)]
    pub id: ContactId,
    pub name: Option<String>,
}

impl From<contact::Contact> for Caller {
    fn from(contact: contact::Contact) -> Self {
        Self { id: contact.id, name: contact.profile.full_name() }
    }
}

/// Calls, the newest first. Filters of where a call came from, where it went and of its region find the calls that
/// reports count; calls that screening refused and those to no number of the plan are found by outcome, caller, number.
/// A part of the list may hold less than was asked for and still have a `next_cursor`: what fits is rare, and there is
/// more to be looked through.
#[utoipa::path(
    get, path = "/api/v1/calls", tag = "calls", operation_id = "list_calls",
    params(CallFilters, WindowParams), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "A part of the list", body = List<ListedCall>), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn list(
    key: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(ListQuery { asked, window }): Query<ListQuery>,
) -> Result<axum::Json<List<ListedCall>>, HttpError> {
    let found =
        calls_found(&app.store, &app.reports, &asked.meant(&app, &reader(&key)).await?, &window).await?;
    let ids: Vec<CallId> = found.items.iter().map(|row| row.record.id).collect();
    let mut tags = app.store.list_tags_of(&ids).await?;
    let items = found
        .items
        .into_iter()
        .map(|row| ListedCall { tags: tags.remove(&row.record.id).unwrap_or_default(), call: row.into() });
    Ok(axum::Json(List { items: items.collect(), next_cursor: found.next }))
}

/// Names are looked for by keys that may read contacts.
pub(super) fn reader(key: &ApiKey<CallsRead>) -> Reader {
    Reader { sees_people: key.may(Scope::ContactsRead), ..Reader::PROGRAM }
}

/// One call, with where it came from, the visits before it and who called.
#[utoipa::path(
    get, path = "/api/v1/calls/{id}", tag = "calls", operation_id = "find_call",
    params(("id" = Uuid, Path, description = "The call")), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "The call", body = CallInFull), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
) -> Result<axum::Json<CallInFull>, HttpError> {
    let story = story::find_call(&app.store, id).await?.ok_or(HttpError::NotFound("call"))?;
    let attribution = Attribution {
        version: story.versions.first().map_or(0, |newest| newest.version),
        shares: story.shares().iter().cloned().map(Into::into).collect(),
    };
    Ok(axum::Json(CallInFull {
        call: story.record.into(),
        attribution,
        journey: story.visits.into_iter().map(Into::into).collect(),
        caller_contact: story.contact.map(Into::into),
        transfers: story.transfers.into_iter().map(Into::into).collect(),
        streams: story.streams.into_iter().map(Into::into).collect(),
        recordings: story.recordings.into_iter().map(Into::into).collect(),
        tags: story.tags,
        notes: story.notes.into_iter().map(Into::into).collect(),
    }))
}
