//! What a call was to the business, on its page: seen and changed.

use axum::extract::State;
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use crate::domain::calling::qualification::{Qualification, Qualified};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::CallId;
use crate::flows::call_qualified;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{Lang, QualificationTexts};

pub struct QualificationView {
    pub t: &'static QualificationTexts,
    /// The word of the form, what it means, and whether it is so.
    pub choices: Vec<(&'static str, &'static str, bool)>,
    /// When and by whom it was said.
    pub said: Option<(Moment, &'static str)>,
}

impl QualificationView {
    pub fn new(lang: Lang, said: Option<&Qualified>) -> Self {
        let t = lang.qualification_texts();
        let is = said.map(|said| said.qualification);
        let nothing = [("", t.nothing, is.is_none())];
        let choices =
            Qualification::ALL.iter().map(|&it| (it.as_str(), lang.qualification(it), is == Some(it)));
        let said = said.map(|said| (Moment::day_and_time(lang, said.at), lang.qualified_by(&said.by)));
        Self { t, choices: nothing.into_iter().chain(choices).collect(), said }
    }
}

/// What the form says; `None`: nobody says so any more.
pub struct QualificationQuery {
    qualification: Option<Qualification>,
}

impl FromQuery for QualificationQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { qualification: query.value("qualification") }
    }
}

/// `POST /console/calls/{id}/qualification`
pub async fn qualify(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<CallId>,
    Form(asked): Form<QualificationQuery>,
) -> Result<Response, HttpError> {
    let who = Accessor::User(session.user);
    call_qualified(&app.store, &app.clock, id, asked.qualification, who).await?;
    Ok(Redirect::to(&format!("/console/calls/{id}")).into_response())
}
