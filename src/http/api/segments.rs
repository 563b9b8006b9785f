//! `/api/v1/segments`: contacts who fit a filter, who came into one and who left.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::contact_writes::MalformedProblem;
use super::{BodyProblems, KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::ids::{ContactId, SegmentId, SegmentMoveId};
use crate::domain::time::Timestamp;
use crate::flows::{SegmentError, filter_counted, segment_deleted, segment_written, vocabulary};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, Path, Query, SegmentsRead, SegmentsWrite};
use crate::store::Window;
use crate::store::segments::{self, SegmentRow};

/// How many contacts a tried filter tells.
const SAMPLE: u32 = 10;
/// How many days of counts a segment tells.
const DAYS: usize = 31;
const NAME_MAX: usize = 100;

/// Contacts who fit a filter.
#[derive(Serialize, ToSchema)]
pub struct Segment {
    #[schema(value_type = String, example = "vip")]
    pub id: SegmentId,
    pub name: String,
    /// In the language of filters (`docs/segments.md`).
    #[schema(example = "spent(EUR) >= 500 in 365d and last(act) < 90d")]
    pub filter: String,
    /// It came along with the gateway: its filter may be changed, and it cannot be deleted.
    pub built_in: bool,
    /// Why the filter cannot be read any more; who is in the segment stays then.
    pub problem: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    pub changed_at: Timestamp,
    /// When it was told last who is in it; `null`: not yet by this filter.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub computed_at: Option<Timestamp>,
    /// How many contacts are in it; `null`: nobody knows yet.
    pub contacts: Option<i64>,
    /// How many there were at the end of each of the last days on which that was told, the latest first.
    pub counts: Vec<Count>,
}

/// How many contacts were in a segment.
#[derive(Serialize, ToSchema)]
pub struct Count {
    /// The day in UTC.
    #[schema(value_type = String, format = Date)]
    pub day: String,
    pub contacts: i64,
}

impl Segment {
    /// Every segment, those that came along first.
    pub async fn every(app: &AppState) -> Result<Vec<Segment>, HttpError> {
        let known = vocabulary(&app.store).await?;
        let rows = app.store.list_segments(app.clock.now().day() - DAYS as i64).await?.into_iter();
        let segments = rows.map(|SegmentRow { segment, computed_at, counts }| {
            let problem = known.resolve(Some(&segment.id), &segment.filter).err();
            let contacts = counts.first().map(|(_, contacts)| *contacts);
            let counts =
                counts.into_iter().take(DAYS).map(|(day, contacts)| Count { day: day_of(day), contacts });
            Self {
                id: segment.id,
                name: segment.name,
                filter: segment.filter,
                built_in: segment.built_in,
                problem: problem.map(|problem| problem.to_string()),
                changed_at: segment.changed_at,
                computed_at,
                contacts: contacts.filter(|_| computed_at.is_some()),
                counts: counts.collect(),
            }
        });
        Ok(segments.collect())
    }

    pub async fn find(app: &AppState, id: &SegmentId) -> Result<Segment, HttpError> {
        let found = Self::every(app).await?.into_iter().find(|segment| segment.id == *id);
        found.ok_or(HttpError::NotFound("segment"))
    }
}

pub fn day_of(day: i64) -> String {
    let midnight = Timestamp::from_ms(day * 86_400_000).to_string();
    midnight.split('T').next().unwrap_or_default().to_owned()
}

/// What a segment shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSegment {
    /// 1 to 100 characters.
    #[schema(example = "Good clients")]
    name: String,
    #[schema(example = "spent(EUR) >= 500 in 365d and last(act) < 90d")]
    filter: String,
}

/// A filter to be tried.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TriedFilter {
    #[schema(example = "spent(EUR) >= 500 in 365d and last(act) < 90d")]
    filter: String,
}

/// Who fits a filter just now.
#[derive(Serialize, ToSchema)]
#[schema(as = CountedSegment)]
pub struct Counted {
    /// As it is written in one way.
    pub filter: String,
    pub contacts: i64,
    /// The newest of them, at most ten.
    #[schema(value_type = Vec<Uuid>)]
    pub sample: Vec<ContactId>,
}

/// A contact in a segment.
#[derive(Serialize, ToSchema)]
pub struct Member {
    #[schema(value_type = Uuid)]
    pub contact: ContactId,
    #[schema(value_type = String, format = DateTime)]
    pub since: Timestamp,
}

impl From<segments::Member> for Member {
    fn from(segments::Member { contact, since }: segments::Member) -> Self {
        Self { contact, since }
    }
}

/// That a contact came into a segment, or left it.
#[derive(Serialize, ToSchema)]
pub struct Move {
    #[schema(value_type = Uuid)]
    pub id: SegmentMoveId,
    #[schema(value_type = Uuid)]
    pub contact: ContactId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `false`: it left.
    pub entered: bool,
}

impl From<segments::Move> for Move {
    fn from(it: segments::Move) -> Self {
        Self { id: it.id, contact: it.contact, at: it.at, entered: it.entered }
    }
}

/// How writing a segment, or taking one away, may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum SegmentProblems {
    /// It came along with the gateway, another one names it, or there are too many
    #[response(status = 409, content_type = "application/problem+json")]
    NoPlace(#[to_schema] Problem),
}

/// Every segment, those that came along with the gateway first.
#[utoipa::path(
    get, path = "/api/v1/segments", tag = "segments", operation_id = "list_segments",
    security(("api_key" = ["segments:read"])),
    responses((status = 200, description = "The whole list", body = List<Segment>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<Segment>>, HttpError> {
    Ok(List::whole(Segment::every(&app).await?))
}

/// One segment.
#[utoipa::path(
    get, path = "/api/v1/segments/{id}", tag = "segments", operation_id = "find_segment",
    params(("id" = String, Path, description = "The segment")), security(("api_key" = ["segments:read"])),
    responses((status = 200, description = "The segment", body = Segment), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
) -> Result<axum::Json<Segment>, HttpError> {
    Ok(axum::Json(Segment::find(&app, &id).await?))
}

/// Writes a segment, or changes one; who is in it is told a few seconds later.
#[utoipa::path(
    put, path = "/api/v1/segments/{id}", tag = "segments", operation_id = "save_segment",
    params(("id" = String, Path, description = "The segment: 1 to 64 of a–z, 0–9 and hyphen")),
    request_body(content = NewSegment, content_type = "application/json"),
    security(("api_key" = ["segments:write"])),
    responses(
        (status = 200, description = "The segment as it is now", body = Segment),
        BodyProblems, KeyProblems, SegmentProblems, OneProblems, ServerProblems
    )
)]
pub async fn save(
    _: ApiKey<SegmentsWrite>,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
    Json(new): Json<NewSegment>,
) -> Result<axum::Json<Segment>, HttpError> {
    let name = checked_name(&new.name).map_err(|bad| HttpError::Invalid(vec![bad]))?;
    segment_written(&app.store, &app.clock, id.clone(), name, new.filter).await?;
    Ok(axum::Json(Segment::find(&app, &id).await?))
}

/// What people read of a segment.
pub fn checked_name(name: &str) -> Result<String, BadField> {
    let name = name.trim();
    let fits = (1..=NAME_MAX).contains(&name.chars().count()) && !name.contains(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| BadField::new("name", "takes 1 to 100 characters"))
}

/// Deletes a segment that no other names, with its members and moves.
#[utoipa::path(
    delete, path = "/api/v1/segments/{id}", tag = "segments", operation_id = "delete_segment",
    params(("id" = String, Path, description = "The segment")), security(("api_key" = ["segments:write"])),
    responses(
        (status = 200, description = "What was deleted", body = Segment),
        KeyProblems, SegmentProblems, OneProblems, ServerProblems
    )
)]
pub async fn delete(
    _: ApiKey<SegmentsWrite>,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
) -> Result<axum::Json<Segment>, HttpError> {
    let segment = Segment::find(&app, &id).await?;
    segment_deleted(&app.store, id).await?;
    Ok(axum::Json(segment))
}

/// Counts who fits a filter; nothing is kept. What is wrong with it is told with its place: `at` characters
/// come before it.
#[utoipa::path(
    post, path = "/api/v1/segments/count", tag = "segments", operation_id = "count_segment",
    request_body(content = TriedFilter, content_type = "application/json"),
    security(("api_key" = ["segments:read"])),
    responses(
        (status = 200, description = "How many fit, and the newest of them", body = Counted),
        BodyProblems, MalformedProblem, KeyProblems, ServerProblems
    )
)]
pub async fn count(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
    Json(tried): Json<TriedFilter>,
) -> Result<axum::Json<Counted>, HttpError> {
    let counted = filter_counted(&app.store, &app.clock, &tried.filter, SAMPLE).await?;
    Ok(axum::Json(Counted { filter: counted.filter, contacts: counted.contacts, sample: counted.sample }))
}

/// Who is in a segment, who came last first.
#[utoipa::path(
    get, path = "/api/v1/segments/{id}/contacts", tag = "segments", operation_id = "list_segment_contacts",
    params(("id" = String, Path, description = "The segment"), WindowParams), security(("api_key" = ["segments:read"])),
    responses((status = 200, description = "A part of the list", body = List<Member>), KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn contacts(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Member>>, HttpError> {
    Segment::find(&app, &id).await?;
    Ok(List::part(app.store.list_members(&id, &window).await?))
}

/// Who came into a segment and who left it in the last 90 days, the latest first.
#[utoipa::path(
    get, path = "/api/v1/segments/{id}/moves", tag = "segments", operation_id = "list_segment_moves",
    params(("id" = String, Path, description = "The segment"), WindowParams), security(("api_key" = ["segments:read"])),
    responses((status = 200, description = "A part of the list", body = List<Move>), KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn moves(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
    Query(window): Query<Window>,
) -> Result<axum::Json<List<Move>>, HttpError> {
    Segment::find(&app, &id).await?;
    Ok(List::part(app.store.list_moves(&id, &window).await?))
}

impl From<SegmentError> for HttpError {
    fn from(failure: SegmentError) -> Self {
        match failure {
            SegmentError::NotFound => Self::NotFound("segment"),
            SegmentError::Filter(problem) => {
                Self::Invalid(vec![BadField::new("filter", problem.fault.to_string()).at(problem.at)])
            }
            SegmentError::BuiltIn | SegmentError::Breaks { .. } | SegmentError::Full => {
                Self::Conflict(failure.to_string())
            }
            SegmentError::Store(failure) => failure.into(),
        }
    }
}
