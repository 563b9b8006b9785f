//! `/api/v1/sites/{id}/page-test`: which numbers of a page the snippet would swap.

use axum::extract::State;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::SiteId;
use crate::domain::phone::Phone;
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, FromQuery, Path, PlanRead, Query, QueryReader};
use crate::http::language::Lang;
use crate::http::page_test::{TagState, tested};

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what PageQuery reads")]
pub struct PageParams {
    /// An address of the site's own origins, or a path.
    #[param(example = "/contact")]
    page: String,
}

pub struct PageQuery(String);

impl FromQuery for PageQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let page = query.text("page");
        if page.is_none() {
            query.refuse("page", "is missing".to_owned());
        }
        Self(page.unwrap_or_default())
    }
}

/// A page, and what the snippet would make of it.
#[derive(Serialize, ToSchema)]
pub struct PageTested {
    /// Where it was in the end.
    pub page: String,
    /// `fine`, `missing`, `other_site` (or none) or `elsewhere` (from a web server that must answer for this gateway).
    #[schema(example = "fine")]
    pub snippet: &'static str,
    /// The directive of its Content-Security-Policy that forbids the snippet; `null`: none does.
    pub forbidden_by: Option<String>,
    pub found: Vec<NumberOnPage>,
    /// Numbers that the site swaps and the page does not have.
    #[schema(value_type = Vec<String>)]
    pub absent: Vec<Phone>,
    /// Pages within it, which are not looked into.
    pub frames: Vec<String>,
}

/// One place where a number stands.
#[derive(Serialize, ToSchema)]
pub struct NumberOnPage {
    #[schema(value_type = String, example = "+33199000100")]
    pub target: Phone,
    /// With a little around it.
    pub written: String,
    pub swapped: bool,
    /// Where, and why it stays if it does.
    #[schema(example = "text")]
    pub place: String,
}

/// Fetches a page of the site (from its own origins alone, up to 2 MiB, within 10 seconds) and tells which numbers the
/// snippet would swap there, and why not the others.
#[utoipa::path(
    get, path = "/api/v1/sites/{id}/page-test", tag = "plan", operation_id = "test_page",
    params(("id" = String, Path, description = "The site's name in the plan"), PageParams),
    security(("api_key" = ["plan:read"])),
    responses((status = 200, description = "What was found", body = PageTested), KeyProblems, ListProblems, OneProblems, ServerProblems)
)]
pub async fn test(
    _: ApiKey<PlanRead>,
    State(app): State<AppState>,
    Path(id): Path<SiteId>,
    Query(PageQuery(page)): Query<PageQuery>,
) -> Result<axum::Json<PageTested>, HttpError> {
    let report = tested(&app, &id, &page).await?;
    let report = report.map_err(|why| HttpError::Invalid(vec![BadField::new("page", why.to_string())]))?;
    let found = report.findings.into_iter().map(|it| NumberOnPage {
        swapped: it.place.is_swapped(),
        place: Lang::En.place(&it.place),
        target: it.target,
        written: it.written,
    });
    Ok(axum::Json(PageTested {
        page: report.address.to_string(),
        snippet: match report.tag {
            TagState::Fine => "fine",
            TagState::Missing => "missing",
            TagState::OtherSite(_) => "other_site",
            TagState::From(_) => "elsewhere",
        },
        forbidden_by: report.forbidden_by,
        found: found.collect(),
        absent: report.absent,
        frames: report.frames,
    }))
}
