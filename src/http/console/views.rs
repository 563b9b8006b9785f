//! What somebody wants to see again: the views of a page, to open, to keep and to delete.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::ids::{UserId, ViewId};
use crate::domain::reporting::view::{SavedView, ViewPage, view_query};
use crate::http::AppState;
use crate::http::api::views::kept;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{CallTexts, Lang};

/// The views of a page above it.
#[derive(Template)]
#[template(path = "views.html")]
pub struct ViewsView {
    t: &'static CallTexts,
    page: &'static str,
    /// What stands in the address now, as a view would keep it.
    query: String,
    views: Vec<View>,
}

impl HtmlSafe for ViewsView {}

struct View {
    id: ViewId,
    address: String,
    name: String,
    is_shown: bool,
    is_everybodys: bool,
}

impl ViewsView {
    pub async fn of(
        app: &AppState,
        lang: Lang,
        page: ViewPage,
        here: &Uri,
        user: UserId,
    ) -> Result<Self, HttpError> {
        let query = view_query(here.query().unwrap_or_default()).unwrap_or_default();
        let views = app.store.list_views(Some(page), Some(user)).await?;
        let views = views.into_iter().map(|it| View {
            id: it.id,
            address: address(&it),
            is_shown: it.query == query,
            is_everybodys: it.user.is_none(),
            name: it.name,
        });
        Ok(Self { t: lang.call_texts(), page: page.as_str(), views: views.collect(), query })
    }
}

fn address(view: &SavedView) -> String {
    format!("/console/{}?{}", view.page, view.query)
}

/// A view to be.
pub struct NewView {
    page: Option<ViewPage>,
    name: String,
    query: String,
    for_all: bool,
}

impl FromQuery for NewView {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            page: query.value("page"),
            name: query.text("name").unwrap_or_default(),
            query: query.text("query").unwrap_or_default(),
            for_all: query.text("for_all").is_some(),
        }
    }
}

/// `POST /console/views`
pub async fn keep(
    session: Session,
    State(app): State<AppState>,
    Form(new): Form<NewView>,
) -> Result<Response, HttpError> {
    let page = new.page.unwrap_or(ViewPage::Calls);
    let user = Some(session.user).filter(|_| !new.for_all);
    let view = kept(&app, page, &new.name, &new.query, user).await?;
    Ok(Redirect::to(&address(&view)).into_response())
}

/// Where the reader was.
pub struct From {
    page: Option<ViewPage>,
}

impl FromQuery for From {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { page: query.value("page") }
    }
}

/// `POST /console/views/{id}/delete`; one that is gone already is gone.
pub async fn delete(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ViewId>,
    Form(from): Form<From>,
) -> Result<Response, HttpError> {
    app.store.delete_view(id, Some(session.user)).await?;
    let page = from.page.unwrap_or(ViewPage::Calls);
    Ok(Redirect::to(&format!("/console/{page}")).into_response())
}
