//! `/api/v1/contacts/{id}/frequency`: how often a contact wants to be prospected.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::contact_writes::ContactProblems;
use super::requests::one_of;
use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::ContactId;
use crate::domain::people::consent::Channel;
use crate::domain::people::rules::REACHING;
use crate::domain::people::wish::{Frequency, standing};
use crate::flows::frequency_wished;
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, ConsentsWrite, Json, Path};

/// How often they want to be prospected by a channel.
#[derive(Serialize, ToSchema)]
pub struct FrequencyWish {
    #[schema(example = "email")]
    channel: &'static str,
    /// At the most once a `week`, a `month` (30 days) or a `quarter` (91 days).
    #[schema(example = "month")]
    frequency: &'static str,
}

/// What somebody has said of how often.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewFrequencyWish {
    /// `phone`, `sms`, `email`, `post` or `push`.
    #[schema(example = "email")]
    channel: String,
    /// `week`, `month` or `quarter`; `null`: as often as anybody likes.
    #[schema(example = "month")]
    frequency: Option<String>,
}

/// Says how often a contact wants to be prospected by a channel, in the place of what was said before, here or on their own
/// page. Contactability and its reservations obey it as the rule `frequency-wish`.
#[utoipa::path(
    put, path = "/api/v1/contacts/{id}/frequency", tag = "contactability", operation_id = "wish_frequency",
    params(("id" = Uuid, Path, description = "The contact")), security(("api_key" = ["consents:write"])),
    request_body(content = NewFrequencyWish, content_type = "application/json"),
    responses(
        (status = 200, description = "All that they wish now", body = List<FrequencyWish>),
        (status = 410, description = "The person is erased", body = Problem, content_type = "application/problem+json"),
        BodyProblems, ContactProblems, KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn wish(
    _: ApiKey<ConsentsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Json(new): Json<NewFrequencyWish>,
) -> Result<axum::Json<List<FrequencyWish>>, HttpError> {
    let mut problems = Vec::new();
    let channel = new.channel.parse().ok().filter(|it: &Channel| REACHING.contains(it));
    if channel.is_none() {
        problems.push(BadField::new("channel", one_of(REACHING.iter().map(|it| it.as_str()))));
    }
    let frequency = new.frequency.map(|word| word.parse::<Frequency>()).transpose();
    if frequency.is_err() {
        let words = one_of(Frequency::ALL.iter().map(|it| it.as_str()));
        problems.push(BadField::new("frequency", format!("{words}, or null")));
    }
    let (Some(channel), Ok(frequency)) = (channel, frequency) else {
        return Err(HttpError::Invalid(problems));
    };
    let wishes = frequency_wished(&app.store, &app.clock, id, channel, frequency).await?;
    let wish = |&by: &Channel| {
        let frequency = standing(&wishes, by)?.as_str();
        Some(FrequencyWish { channel: by.as_str(), frequency })
    };
    Ok(List::whole(REACHING.iter().filter_map(wish)))
}
