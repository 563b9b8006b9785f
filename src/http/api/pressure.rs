//! `/api/v1/contacts/{id}/pressure`: how much a contact has been sent and will be, by day, and what caps and wishes leave.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::{ContactId, EngagementId, ReservationId};
use crate::domain::people::contact::Whom;
use crate::domain::people::pressure::{self, Limit, Load, Which, load};
use crate::domain::people::rules::{REACHING, day_in, midnight, zone_of};
use crate::domain::people::wish;
use crate::domain::time::Timestamp;
use crate::flows::facts_of;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactabilityCheck, FromQuery, Path, Query, QueryReader};

/// How many days back and ahead the calendar goes.
const DAYS: u32 = 30;

/// How much of the calendar.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Span {
    /// How many days back and how many ahead, 1 to 366.
    #[param(minimum = 1, maximum = 366, default = 30)]
    days: Option<u32>,
}

impl FromQuery for Span {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { days: query.value::<Within<1, 366>>("days").map(|days| days.0) }
    }
}

/// What a contact has been sent, and will be.
#[derive(Serialize, ToSchema)]
pub struct Pressure {
    /// The zone in which the days are the contact's.
    #[schema(example = "Europe/Paris")]
    pub zone: String,
    /// Each day on which something was or is to be sent, the first first.
    pub days: Vec<Day>,
    /// How full each cap of the plan is today.
    pub caps: Vec<Cap>,
    /// How often they want to be prospected by a channel, where they have said so, and how much of that is used today.
    pub wishes: Vec<Wish>,
}

/// One day of the contact's.
#[derive(Serialize, ToSchema)]
pub struct Day {
    #[schema(example = "2026-11-29")]
    pub date: String,
    pub items: Vec<Solicitation>,
}

/// That the contact was asked for something, or will be.
#[derive(Serialize, ToSchema)]
pub struct Solicitation {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Whether it is still to come.
    pub planned: bool,
    pub channel: Option<&'static str>,
    pub purpose: Option<String>,
    /// Whether it is prospecting, and counts for caps that name no purpose.
    pub prospects: bool,
    #[schema(value_type = Option<Uuid>)]
    pub engagement: Option<EngagementId>,
    #[schema(value_type = Option<Uuid>)]
    pub reservation: Option<ReservationId>,
}

/// A cap of the plan, and how full it is: the fullest of its periods that today lies in.
#[derive(Serialize, ToSchema)]
pub struct Cap {
    #[schema(example = "mails")]
    pub id: String,
    /// `null`: whatever channel.
    pub channel: Option<&'static str>,
    /// `null`: every purpose of prospecting.
    pub purpose: Option<String>,
    /// `null`: of everybody. Else the contact is in it.
    pub segment: Option<String>,
    #[serde(flatten)]
    pub fill: Fill,
}

/// How often the contact wants to be prospected by a channel, and how full that is.
#[derive(Serialize, ToSchema)]
#[schema(as = WishPressure)]
pub struct Wish {
    #[schema(example = "email")]
    pub channel: &'static str,
    /// `week`, `month` or `quarter`.
    #[schema(example = "month")]
    pub frequency: &'static str,
    #[serde(flatten)]
    pub fill: Fill,
}

/// How much of so many in so many days is used, and left.
#[derive(Serialize, ToSchema)]
pub struct Fill {
    pub count: u32,
    pub days: u32,
    pub used: u32,
    pub left: u32,
    /// When there is room again; `null`: there is now.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub free_at: Option<Timestamp>,
}

/// A contact's calendar of load, and what the plan's caps and their own wishes leave of it.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/pressure", tag = "contactability", operation_id = "find_pressure",
    params(("id" = Uuid, Path, description = "The contact"), Span),
    security(("api_key" = ["contactability:check"])),
    responses(
        (status = 200, description = "The contact's load", body = Pressure),
        KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn one(
    _: ApiKey<ContactabilityCheck>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(span): Query<Span>,
) -> Result<axum::Json<Pressure>, HttpError> {
    Ok(axum::Json(Pressure::of(&app, id, span.days.unwrap_or(DAYS)).await?))
}

impl Pressure {
    /// As it is now, so many days back and ahead.
    pub async fn of(app: &AppState, id: ContactId, days: u32) -> Result<Self, HttpError> {
        let now = app.clock.now();
        let (policy, facts) = facts_of(&app.store, &app.clock, vec![Whom::Contact(id)], now).await?;
        let facts = facts.into_iter().flatten().next().ok_or(HttpError::NotFound("contact"))?;
        let (named, _) = zone_of(&facts, &policy.settings.zone);
        let zone = named.0.time_zone();
        let caps = policy.caps.into_iter().filter(|cap| cap.is_of(&facts.segments)).map(|cap| {
            let counting = facts.solicitations.iter().filter(|it| cap.counts(it));
            let fill = Fill::of(cap.limit, load(cap.limit, counting, now, zone));
            Cap {
                id: cap.id.to_string(),
                channel: cap.channel.map(|channel| channel.as_str()),
                purpose: cap.purpose.map(|purpose| purpose.to_string()),
                segment: cap.segment.map(|segment| segment.to_string()),
                fill,
            }
        });
        let wishes = REACHING.iter().filter_map(|&channel| {
            let frequency = wish::standing(&facts.wishes, channel)?;
            let limit = frequency.limit();
            let counting = facts.solicitations.iter().filter(|it| wish::counts(channel, it));
            let fill = Fill::of(limit, load(limit, counting, now, zone));
            Some(Wish { channel: channel.as_str(), frequency: frequency.as_str(), fill })
        });
        let span = i64::from(days);
        let today = day_in(zone, now);
        let mut dated: Vec<_> = facts.solicitations.iter().map(|it| (day_in(zone, it.at), it)).collect();
        dated.retain(|(day, _)| (today - span..=today + span).contains(day));
        dated.sort_by_key(|(_, it)| it.at);
        let days = dated.chunk_by(|(day, _), (next, _)| day == next).map(|of_day| Day {
            date: midnight(zone, of_day[0].0).to_calendar().to_zoned(zone.clone()).date().to_string(),
            items: of_day.iter().map(|(_, it)| Solicitation::of(it, now)).collect(),
        });
        let (zone, days, caps) = (named.to_string(), days.collect(), caps.collect());
        Ok(Self { zone, days, caps, wishes: wishes.collect() })
    }
}

impl Fill {
    fn of(limit: Limit, load: Load) -> Self {
        let Load { used, left, free_at, .. } = load;
        Self { count: limit.count, days: limit.days, used, left, free_at }
    }
}

impl Solicitation {
    fn of(it: &pressure::Solicitation, now: Timestamp) -> Self {
        let (engagement, reservation) = match it.what {
            Which::Engagement(id) => (Some(id), None),
            Which::Reservation(id) => (None, Some(id)),
        };
        Self {
            at: it.at,
            planned: it.at > now,
            channel: it.channel.map(|channel| channel.as_str()),
            purpose: it.purpose.as_ref().map(ToString::to_string),
            prospects: it.prospects,
            engagement,
            reservation,
        }
    }
}
