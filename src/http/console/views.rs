//! What somebody wants to see again: the views of a page, to open, to keep and to delete.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::ids::ViewId;
use crate::domain::reporting::view::{SavedView, ViewPage};
use crate::domain::staff::{Area, Does};
use crate::http::AppState;
use crate::http::api::views::{kept, view_query};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{CallTexts, Lang};

/// The views of a page above it.
#[derive(Template)]
#[template(path = "views.html")]
pub struct ViewsView {
    t: &'static CallTexts,
    page: &'static str,
    /// What stands in the address now, as a view would keep it; `None`: it is too long for one.
    query: Option<String>,
    may_share: bool,
    views: Vec<View>,
}

impl HtmlSafe for ViewsView {}

struct View {
    id: ViewId,
    address: String,
    name: String,
    is_shown: bool,
    is_everybodys: bool,
    may_go: bool,
}

impl ViewsView {
    pub async fn of(
        app: &AppState,
        lang: Lang,
        page: ViewPage,
        here: &Uri,
        session: &Session,
    ) -> Result<Self, HttpError> {
        let query = view_query(here.query().unwrap_or_default());
        let shared = session.post.outlet.is_none();
        let views = app.store.list_views(Some(page), Some(session.user), shared).await?;
        let views = views.into_iter().map(|it| View {
            id: it.id,
            address: address(&it),
            is_shown: query.as_ref() == Some(&it.query),
            may_go: it.user.is_some() || may_share(session),
            is_everybodys: it.user.is_none(),
            name: it.name,
        });
        let may_share = may_share(session);
        Ok(Self { t: lang.call_texts(), page: page.as_str(), views: views.collect(), query, may_share })
    }
}

/// Whether somebody may make views that everybody sees, and delete them.
fn may_share(session: &Session) -> bool {
    session.post.outlet.is_none() && session.post.role.may(Does::Changes, Area::Calls)
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
    if new.for_all && !may_share(&session) {
        return Err(HttpError::NotAllowed);
    }
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
    app.store.delete_view(id, Some(session.user), may_share(&session)).await?;
    let page = from.page.unwrap_or(ViewPage::Calls);
    Ok(Redirect::to(&format!("/console/{page}")).into_response())
}
