//! A part of the contact's page: what was given of them and cannot be read is put right, or taken off.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ContactId;
use crate::domain::people::draft::{DraftIdentity, Reader, WrittenIdentity};
use crate::domain::people::profile::Patch;
use crate::domain::people::unread::Unread;
use crate::flows::{contact_written, declared};
use crate::http::AppState;
use crate::http::error::{BadField, HttpError};
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};

/// What the form sends: what could not be read, and the number or address that was meant.
pub struct Mended {
    part: String,
    value: String,
    right: Option<String>,
}

impl FromQuery for Mended {
    fn read(form: &mut QueryReader<'_>) -> Self {
        let mut text = |name| form.text(name);
        let right = text("right").filter(|right| !right.trim().is_empty());
        let takes_off = text("then").as_deref() == Some("off");
        Self {
            part: text("part").unwrap_or_default(),
            value: text("value").unwrap_or_default(),
            right: right.filter(|_| !takes_off),
        }
    }
}

/// `POST /console/contacts/{id}/unread`
pub async fn mend(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<ContactId>,
    Form(Mended { part, value, right }): Form<Mended>,
) -> Result<Response, HttpError> {
    let mut identities = Vec::new();
    if let Some(value) = right {
        let declared = declared(&app.store, app.config.home).await?;
        let mut reader = Reader::new(&declared);
        let read = reader.identity("", &DraftIdentity { kind: part.clone(), value, verified: None });
        let wrong = || reader.faults.iter().map(|it| BadField::new("right", it.fault.to_string())).collect();
        let identity = read.ok_or_else(|| HttpError::Invalid(wrong()))?;
        identities.push(WrittenIdentity { identity, verified: None });
    }
    let patch = Patch { mended: Unread::new(&part, &value).into_iter().collect(), ..Patch::default() };
    let by = Accessor::User(session.user);
    let written = contact_written(&app.store, &app.clock, by, Some(id), patch, identities).await?;
    // The number may be that of somebody who was there before.
    Ok(Redirect::to(&format!("/console/contacts/{}", written.contact)).into_response())
}
