//! `/api/v1/segments/{id}/lookalikes`: contacts outside a segment who are like it, and why.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoResponses, ToSchema};

use super::contact_writes::MalformedProblem;
use super::contactability::{declared_purposes, told};
use super::{BodyProblems, KeyProblems, OneProblems, ServerProblems};
use crate::domain::ids::{ContactId, SegmentId};
use crate::domain::money::Currency;
use crate::domain::people::lookalikes::{Likeness, MEMBERS_MIN, Trait};
use crate::domain::people::rules::{Draft, Question};
use crate::domain::time::Timestamp;
use crate::flows::{LookalikeError, Lookalikes, lookalikes_found};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError, Problem};
use crate::http::extract::{ApiKey, Json, Path, SegmentsRead};
use crate::http::language::Lang;

const LIMIT_MAX: u32 = 1_000;

/// How many, and whether they must be such as may be reached.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// 1 to 1,000.
    #[serde(default = "fifty")]
    #[schema(minimum = 1, maximum = 1000, default = 50)]
    limit: u32,
    /// `phone`, `sms`, `email`, `post` or `push`: those alone who may be reached by it for `purpose`, hours and holidays
    /// aside.
    #[schema(example = "email")]
    channel: Option<String>,
    /// A purpose of the plan.
    #[schema(example = "offers")]
    purpose: Option<String>,
    /// A controller of the plan; without it the only one.
    controller: Option<String>,
}

fn fifty() -> u32 {
    50
}

/// Contacts outside a segment who are like it.
#[derive(Serialize, ToSchema)]
pub struct Alike {
    /// When contacts were profiled.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// How many were …
    contacts: u64,
    /// … and how many of them are in the segment.
    members: u64,
    /// What speaks against relying on this.
    warning: Option<String>,
    /// The nearest first. Fewer than asked for where, of the 10,000 nearest, no more may be reached or have not objected.
    items: Vec<Lookalike>,
}

/// A contact who is like a segment.
#[derive(Serialize, ToSchema)]
pub struct Lookalike {
    #[schema(value_type = Uuid)]
    contact: ContactId,
    /// From the segment's profile, in standard deviations of all contacts, weighted (`docs/lookalikes.md`).
    #[schema(example = 0.42)]
    distance: f64,
    /// 1: as the segment's profile; 0: as far from it as the mean of all contacts; below 0 farther.
    #[schema(maximum = 1, example = 0.93)]
    likeness: f64,
    /// What brings them near, the most first, at most three.
    near: Vec<Told>,
    /// What does not fit, the least fitting first, at most three.
    misfits: Vec<Told>,
}

/// A feature of a contact.
#[derive(Serialize, ToSchema)]
#[schema(as = LookalikeTold)]
pub struct Told {
    /// `calls`, `visits`, `forms`, `emails_opened`, `emails_clicked`, `sms_received`, `purchases`, `recency`, `tenure`,
    /// `spent`, `channel`, `region` or `language`.
    #[schema(example = "purchases")]
    feature: &'static str,
    /// In words, beside what is usual in the segment and among all contacts.
    words_en: String,
    words_fr: String,
}

impl Lookalike {
    fn new((contact, it): (ContactId, Likeness), currency: Currency) -> Self {
        let told = |it: &Trait| Told {
            feature: it.feature.as_str(),
            words_en: Lang::En.trait_words(it, currency),
            words_fr: Lang::Fr.trait_words(it, currency),
        };
        let Likeness { distance, likeness, near, misfits } = it;
        let (near, misfits) = (near.iter().map(told).collect(), misfits.iter().map(told).collect());
        Self { contact, distance, likeness, near, misfits }
    }
}

/// How looking for look-alikes may end besides.
#[derive(IntoResponses)]
#[allow(dead_code, reason = "described, never built")]
pub enum LookalikeProblems {
    /// Contacts have not been profiled yet, or nobody who may be is in the segment
    #[response(status = 409, content_type = "application/problem+json")]
    NotYet(#[to_schema] Problem),
}

/// Contacts outside a segment who are nearest to its profile, each with what brings them near and what does not fit.
/// Whoever has objected to prospecting, or to be profiled, is neither profiled nor found (RGPD art. 21).
#[utoipa::path(
    post, path = "/api/v1/segments/{id}/lookalikes", tag = "segments", operation_id = "find_lookalikes",
    params(("id" = String, Path, description = "The segment")),
    request_body(content = Wanted, content_type = "application/json"),
    security(("api_key" = ["segments:read"])),
    responses(
        (status = 200, description = "The nearest first", body = Alike),
        BodyProblems, MalformedProblem, KeyProblems, LookalikeProblems, OneProblems, ServerProblems
    )
)]
pub async fn find(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
    Path(id): Path<SegmentId>,
    Json(wanted): Json<Wanted>,
) -> Result<axum::Json<Alike>, HttpError> {
    let Wanted { limit, channel, purpose, controller } = wanted;
    let mut bad = Vec::new();
    if !(1..=LIMIT_MAX).contains(&limit) {
        bad.push(BadField::new("limit", format!("takes 1 to {LIMIT_MAX}")));
    }
    let question = match question(&app, channel, purpose, controller).await? {
        Ok(question) => question,
        Err(faults) => {
            bad.extend(faults);
            None
        }
    };
    if !bad.is_empty() {
        return Err(HttpError::Invalid(bad));
    }
    let found = lookalikes_found(&app.store, &app.clock, &id, limit as usize, question.as_ref()).await?;
    let currency = app.store.read(|tx| Box::pin(tx.find_rfm_settings())).await?.currency;
    let Lookalikes { at, contacts, members, tells, items } = found;
    let warning = match (members, tells) {
        (_, false) => Some("nothing tells the segment from all contacts".to_owned()),
        (..MEMBERS_MIN, _) => Some(format!(
            "{members} of the segment are profiled; of fewer than {MEMBERS_MIN} the profile tells little"
        )),
        _ => None,
    };
    let items = items.into_iter().map(|it| Lookalike::new(it, currency)).collect();
    Ok(axum::Json(Alike { at, contacts, members, warning, items }))
}

/// What they must be reached by and for, if anything is said of it; or what is wrong with that.
pub async fn question(
    app: &AppState,
    channel: Option<String>,
    purpose: Option<String>,
    controller: Option<String>,
) -> Result<Result<Option<Question>, Vec<BadField>>, HttpError> {
    if channel.is_none() && purpose.is_none() && controller.is_none() {
        return Ok(Ok(None));
    }
    let (purposes, controllers) = declared_purposes(app).await?;
    let draft = Draft { channel, purpose, controller, at: None };
    let read = draft.read(&purposes, &controllers, app.clock.now());
    Ok(read.map(|(question, _)| Some(question)).map_err(|faults| told(&faults).collect()))
}

impl From<LookalikeError> for HttpError {
    fn from(failure: LookalikeError) -> Self {
        match failure {
            LookalikeError::NotFound => Self::NotFound("segment"),
            LookalikeError::NotYet | LookalikeError::Nobody => Self::Conflict(failure.to_string()),
            LookalikeError::Store(failure) => failure.into(),
        }
    }
}
