//! A part of the contact's page: whether their data is only kept, and the no to prospecting.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::consent::Method;
use crate::domain::people::restriction::Ground;
use crate::flows::{Objection, contact_restricted, prospecting_objected, restriction_lifted};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};

/// What the form sends: to lift it, or on what ground.
pub struct Decided {
    lifts: bool,
    ground: Option<Ground>,
}

impl FromQuery for Decided {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self { lifts: form.text("then").as_deref() == Some("lift"), ground: form.value("ground") }
    }
}

/// `POST /console/contacts/{id}/restriction`
pub async fn decide(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Form(Decided { lifts, ground }): Form<Decided>,
) -> Result<Response, HttpError> {
    let by = Accessor::User(session.user);
    if lifts {
        restriction_lifted(&app.store, &app.clock, id, by).await?;
    } else {
        contact_restricted(&app.store, &app.clock, id, ground, by).await?;
    }
    Ok(Redirect::to(&format!("/console/contacts/{id}#rights")).into_response())
}

/// How they said so.
pub struct Said(Option<Method>);

impl FromQuery for Said {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self(form.value("method"))
    }
}

/// `POST /console/contacts/{id}/objection`
pub async fn object(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Form(Said(method)): Form<Said>,
) -> Result<Response, HttpError> {
    let objection = Objection::all(method.unwrap_or(Method::Written));
    prospecting_objected(&app.store, &app.clock, id, objection, Accessor::User(session.user)).await?;
    Ok(Redirect::to(&format!("/console/contacts/{id}#consents")).into_response())
}
