//! `/api/v1/views`: lists and reports of the console that everybody sees under a name.

use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use url::form_urlencoded;
use utoipa::ToSchema;

use super::{BodyProblems, KeyProblems, List, OneProblems, ServerProblems};
use crate::domain::ids::{UserId, ViewId};
use crate::domain::reporting::view::{QUERY_MAX, SavedView, ViewPage, view_name};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{ApiKey, CallsRead, CallsWrite, Json, Path};

/// A list or a report to see again.
#[derive(Serialize, ToSchema)]
#[schema(as = SavedView)]
pub struct View {
    #[schema(value_type = Uuid)]
    id: ViewId,
    /// `calls` or `overview`.
    #[schema(example = "calls")]
    page: &'static str,
    #[schema(example = "Missed in Nice")]
    name: String,
    /// As it stands behind the `?` of the page's address.
    #[schema(example = "outcome=missed&outlet=nice&period=7d")]
    query: String,
}

impl From<SavedView> for View {
    fn from(it: SavedView) -> Self {
        Self { id: it.id, page: it.page.as_str(), name: it.name, query: it.query }
    }
}

/// A view to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSavedView)]
pub struct NewView {
    /// `calls` or `overview`.
    #[schema(example = "calls")]
    page: String,
    /// 1 to 60 characters.
    #[schema(example = "Missed in Nice")]
    name: String,
    /// Whom it was about (`caller`, `contact`, `search`, `term`, `landing_page`) and where the list was (`cursor`) are not
    /// kept.
    #[schema(example = "outcome=missed&outlet=nice&period=7d")]
    query: String,
}

/// The views that everybody sees; those that somebody at the console keeps for themselves are theirs alone.
#[utoipa::path(
    get, path = "/api/v1/views", tag = "views", operation_id = "list_views", security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "All of them", body = List<View>), KeyProblems, ServerProblems)
)]
pub async fn list(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<List<View>>, HttpError> {
    Ok(List::whole(app.store.list_views(None, None, true).await?))
}

/// Keeps a view that everybody sees.
#[utoipa::path(
    post, path = "/api/v1/views", tag = "views", operation_id = "create_view", security(("api_key" = ["calls:write"])),
    request_body = NewView,
    responses((status = 201, description = "The view", body = View), BodyProblems, KeyProblems, ServerProblems)
)]
pub async fn create(
    _: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Json(new): Json<NewView>,
) -> Result<(StatusCode, axum::Json<View>), HttpError> {
    let page = new.page.parse().map_err(|_| bad("page", "must be calls or overview"))?;
    let view = kept(&app, page, &new.name, &new.query, None).await?;
    Ok((StatusCode::CREATED, axum::Json(view.into())))
}

/// Deletes a view that everybody sees.
#[utoipa::path(
    delete, path = "/api/v1/views/{id}", tag = "views", operation_id = "delete_view",
    params(("id" = Uuid, Path, description = "The view")), security(("api_key" = ["calls:write"])),
    responses((status = 204, description = "It is gone"), KeyProblems, OneProblems, ServerProblems)
)]
pub async fn delete(
    _: ApiKey<CallsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ViewId>,
) -> Result<StatusCode, HttpError> {
    if app.store.delete_view(id, None, true).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(HttpError::NotFound("view"))
    }
}

/// Keeps a view, for everybody or for one user.
pub async fn kept(
    app: &AppState,
    page: ViewPage,
    name: &str,
    query: &str,
    user: Option<UserId>,
) -> Result<SavedView, HttpError> {
    let name = view_name(name).ok_or_else(|| bad("name", "takes 1 to 60 characters"))?;
    let query = view_query(query).ok_or_else(|| bad("query", "takes at most 2,000 characters"))?;
    let view = SavedView { id: ViewId(app.clock.new_id()), page, name, query, user };
    app.store.insert_view(&view, app.clock.now()).await?;
    Ok(view)
}

/// What a view does not keep: where a list had been read to, the reader's language, and whom it was about or what only
/// they had looked at, for a view outlives what is known of people.
const NOT_KEPT: [&str; 7] = ["cursor", "lang", "caller", "contact", "search", "term", "landing_page"];

/// The query as it is kept; `None`: it is too long.
pub fn view_query(text: &str) -> Option<String> {
    let fields = form_urlencoded::parse(text.trim_start_matches('?').as_bytes());
    let kept = fields.filter(|(name, value)| !value.is_empty() && !NOT_KEPT.contains(&name.as_ref()));
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(kept).finish();
    Some(query).filter(|query| query.len() <= QUERY_MAX)
}

fn bad(field: &'static str, detail: &'static str) -> HttpError {
    HttpError::Invalid(vec![BadField::new(field, detail)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_what_was_chosen_and_neither_where_the_list_was_nor_whom_it_was_about() {
        assert_eq!(
            view_query("?outcome=missed&channel=&cursor=abc&lang=fr&%73earch=ada&c%61ller=1&period=7d")
                .as_deref(),
            Some("outcome=missed&period=7d")
        );
        assert_eq!(view_query("").as_deref(), Some(""));
        assert_eq!(view_query(&format!("a={}", "x".repeat(QUERY_MAX))), None);
    }
}
