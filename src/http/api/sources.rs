//! `/api/v1/sites/{id}/source`: what a visit would be taken for, and why.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::SiteId;
use crate::domain::tracking::channels::Channel;
use crate::domain::tracking::source::{self, Basis, Explained, Referrer};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, FromQuery, Path, PlanRead, Query, QueryReader};

/// A visit that might come.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what VisitQuery reads")]
pub struct VisitParams {
    /// The landing page's whole address.
    #[param(example = "https://example.org/?utm_source=google&utm_medium=cpc")]
    page: String,
    /// Where the visit came from, as `document.referrer` tells.
    #[param(example = "https://www.google.com/")]
    referrer: Option<String>,
}

pub struct VisitQuery {
    page: Option<String>,
    referrer: Option<String>,
}

impl FromQuery for VisitQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { page: query.text("page"), referrer: query.text("referrer") }
    }
}

/// What a visit is taken for, and why.
#[derive(Serialize, ToSchema)]
pub struct ExplainedSource {
    /// As GA4 names it.
    #[schema(value_type = String, example = "Paid Search")]
    channel: Channel,
    #[schema(example = "google")]
    source: String,
    #[schema(example = "cpc")]
    medium: String,
    campaign: Option<String>,
    term: Option<String>,
    content: Option<String>,
    /// The kind of ad click that the landing page names.
    #[schema(example = "gclid")]
    click_id: Option<String>,
    /// What the source was read from: `tagged` (utm or an alias), `paid_click`, `referrer`,
    /// `shared_link`, `incomplete` (a medium or a campaign alone) or `nothing`.
    #[schema(value_type = String, example = "tagged")]
    basis: Basis,
    referrer: ReadReferrer,
    /// The own rule that fitted; `null`: none, so GA4's rules chose the channel.
    rule: Option<FittedRule>,
}

/// What the referrer says.
#[derive(Serialize, ToSchema)]
pub struct ReadReferrer {
    /// `null`: none, or one that cannot be read.
    #[schema(example = "google.com")]
    host: Option<String>,
    /// Why it says nothing all the same: `own`, `ignored`, `payment`, `sign_in` or `spam`.
    #[schema(value_type = Option<String>)]
    excluded: Option<source::Exclusion>,
}

/// An own rule of the site.
#[derive(Serialize, ToSchema)]
pub struct FittedRule {
    /// From 1 on.
    place: usize,
    name: String,
}

impl From<Explained> for ExplainedSource {
    fn from(explained: Explained) -> Self {
        let Explained { source, basis, referrer, rule } = explained;
        let excluded = match &referrer {
            Referrer::Excluded(why, _) => Some(*why),
            Referrer::Host(_) | Referrer::None => None,
        };
        Self {
            channel: source.channel,
            source: source.source,
            medium: source.medium,
            campaign: source.campaign,
            term: source.term,
            content: source.content,
            click_id: source.click_id,
            basis,
            referrer: ReadReferrer { host: referrer.host().map(str::to_owned), excluded },
            rule: rule.map(|(place, name)| FittedRule { place, name }),
        }
    }
}

/// What a visit to the site would be taken for.
#[utoipa::path(
    get, path = "/api/v1/sites/{id}/source", tag = "plan", operation_id = "explain_source",
    params(("id" = String, Path, description = "The site's name in the plan"), VisitParams),
    security(("api_key" = ["plan:read"])),
    responses(
        (status = 200, description = "Source, medium, channel, and why", body = ExplainedSource),
        KeyProblems, ListProblems, OneProblems, ServerProblems
    )
)]
pub async fn explain(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
    Path(id): Path<SiteId>,
    Query(asked): Query<VisitQuery>,
) -> Result<axum::Json<ExplainedSource>, HttpError> {
    let offer = app.store.find_offer(&id, app.clock.now()).await?.ok_or(HttpError::NotFound("site"))?;
    let page = asked.page.ok_or_else(|| {
        HttpError::Invalid(vec![BadField::new("page", "must be the address of a landing page")])
    })?;
    Ok(axum::Json(offer.site.explain(&page, asked.referrer.as_deref()).into()))
}
