//! `/api/v1/contacts/{id}/engagements`: what a contact did and received.

use axum::extract::State;
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::{IntoParams, ToSchema};

use super::contacts::MergedProblem;
use super::{KeyProblems, List, ListProblems, OneProblems, ServerProblems, WindowParams};
use crate::domain::ids::{ContactId, EngagementId, VisitId};
use crate::domain::people::engagement::{self, CameBy, Deed, Kind};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, EngagementsRead, FromQuery, Path, Query, QueryReader};
use crate::store::{EngagementFilter, Window};

/// One thing that a contact did or received.
#[derive(Serialize, ToSchema)]
pub struct Engagement {
    #[schema(value_type = Uuid)]
    pub id: EngagementId,
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// `call`, `voicemail`, `visit`, or as another system tells: `call_made`, `form_submitted`, `email_sent`,
    /// `email_opened`, `email_clicked`, `email_bounced_soft`, `email_bounced_hard`, `email_unsubscribed`, `sms_sent`,
    /// `sms_received`, `letter_sent`, `letter_returned`, `purchase` or `custom`.
    #[schema(example = "purchase")]
    pub kind: &'static str,
    /// Of a call and of the message left in one: the call's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub call: Option<String>,
    /// Of a visit, or the visit that it was told with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    pub visit: Option<VisitId>,
    #[serde(flatten)]
    pub told: Option<Told>,
}

/// What another system told.
#[derive(Serialize, ToSchema)]
pub struct Told {
    /// Who told it.
    #[schema(example = "shop")]
    pub source: String,
    /// What names it there.
    #[schema(example = "order 4711")]
    pub reference: Option<String>,
    /// Which form, which mailing; of a custom one what it is.
    pub name: Option<String>,
    /// A purpose of the plan.
    pub purpose: Option<String>,
    /// The business has asked for something by it.
    pub solicits: bool,
    /// Of a purchase, in the smallest unit of its currency; negative: given back.
    #[schema(example = 1250)]
    pub amount: Option<i64>,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: Option<String>,
    /// Of a call that was made, where that is known: how it ended.
    #[schema(example = "answered")]
    pub outcome: Option<&'static str>,
    /// For how long it was talked, or a message was left.
    pub talk_ms: Option<u64>,
    /// Where whoever told it keeps its sound.
    pub recording: Option<String>,
    /// How it came about, where that is known.
    pub came_by: Option<Origin>,
    /// Whatever else was told.
    pub properties: Map<String, Value>,
}

/// How an engagement came about, as of a visit.
#[derive(Serialize, ToSchema)]
#[schema(as = EngagementOrigin)]
pub struct Origin {
    /// GA4's default channel group.
    #[schema(example = "Email")]
    pub channel: &'static str,
    #[schema(example = "newsletter")]
    pub source: String,
    #[schema(example = "email")]
    pub medium: String,
    pub campaign: Option<String>,
}

impl From<engagement::Engagement> for Engagement {
    fn from(it: engagement::Engagement) -> Self {
        let bare =
            Self { id: it.id, at: it.at, kind: it.what.kind().as_str(), call: None, visit: None, told: None };
        match it.what {
            Deed::Call(call) | Deed::Voicemail(call) => Self { call: Some(call.to_string()), ..bare },
            Deed::Visit(visit) => Self { visit: Some(visit), ..bare },
            Deed::Told(told) => Self { visit: told.visit, told: Some((*told).into()), ..bare },
        }
    }
}

impl From<engagement::Told> for Told {
    fn from(it: engagement::Told) -> Self {
        let properties = it.properties.as_deref().map(serde_json::from_str).transpose();
        let called = it.called.as_ref();
        Self {
            source: it.source,
            reference: it.reference,
            name: it.name,
            purpose: it.purpose.map(|purpose| purpose.to_string()),
            solicits: it.solicits,
            amount: it.amount.map(|amount| amount.minor),
            currency: it.amount.map(|amount| amount.currency.to_string()),
            outcome: called.map(|called| called.outcome.as_str()),
            talk_ms: called.and_then(|called| Some(called.talk?.as_millis() as u64)),
            recording: called.and_then(|called| called.recording.clone()),
            came_by: it.came_by.map(|CameBy { channel, source, medium, campaign }| Origin {
                channel: channel.as_str(),
                source,
                medium,
                campaign,
            }),
            properties: properties.expect("it was written as an object").unwrap_or_default(),
        }
    }
}

/// What a contact has done of their own accord: calls, messages, visits, forms, clicks, SMS, purchases.
#[derive(Serialize, ToSchema)]
pub struct Acts {
    #[schema(value_type = Option<String>, format = DateTime)]
    pub first_at: Option<Timestamp>,
    #[schema(value_type = Option<String>, format = DateTime)]
    pub last_at: Option<Timestamp>,
    /// In each currency.
    pub purchases: Vec<Purchases>,
}

/// What was bought in a currency.
#[derive(Serialize, ToSchema)]
pub struct Purchases {
    /// How many; what was given back is not counted.
    pub count: i64,
    /// All of them less what was given back, in the smallest unit.
    pub total: i64,
    /// ISO 4217.
    #[schema(example = "EUR")]
    pub currency: String,
}

impl From<engagement::Acts> for Acts {
    fn from(acts: engagement::Acts) -> Self {
        let purchases = acts.purchases.into_iter().map(|it| Purchases {
            count: it.count,
            total: it.total.minor,
            currency: it.total.currency.to_string(),
        });
        Self { first_at: acts.first_at, last_at: acts.last_at, purchases: purchases.collect() }
    }
}

/// Which engagements; each condition given must hold.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what ListQuery reads")]
pub struct Filters {
    /// A kind of engagement.
    kind: Option<String>,
    /// RFC 3339.
    from: Option<String>,
    /// RFC 3339: before this moment.
    to: Option<String>,
}

pub struct ListQuery {
    filter: EngagementFilter,
    window: Window,
}

impl FromQuery for ListQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let filter = EngagementFilter {
            kind: query.value::<Kind>("kind"),
            from: query.time("from"),
            to: query.time("to"),
        };
        Self { filter, window: query.window() }
    }
}

/// What a contact did and received, the newest first.
#[utoipa::path(
    get, path = "/api/v1/contacts/{id}/engagements", tag = "engagements", operation_id = "list_engagements",
    params(("id" = Uuid, Path, description = "The contact"), Filters, WindowParams),
    security(("api_key" = ["engagements:read"])),
    responses(
        (status = 200, description = "A part of the list", body = List<Engagement>),
        MergedProblem, KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn list(
    _: ApiKey<EngagementsRead>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Query(asked): Query<ListQuery>,
) -> Result<axum::Json<List<Engagement>>, HttpError> {
    let contact = app.store.find_contact(id).await?.ok_or(HttpError::NotFound("contact"))?;
    if let Some(into) = contact.merged_into {
        return Err(HttpError::Merged(into));
    }
    Ok(List::part(app.store.filter_engagements(id, &asked.filter, &asked.window).await?))
}
