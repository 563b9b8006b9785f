//! The same done to several numbers at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::{Asked, HERE, listed};
use crate::domain::phone::Phone;
use crate::domain::plan::edit::NumbersChange;
use crate::http::AppState;
use crate::http::console::plan_review::{Outcome, Proposal, Sent, decide, told};
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, QueryReader, Session};
use crate::http::language::Lang;

/// What is to be done, and to which numbers.
pub struct Chosen {
    sent: Sent,
    numbers: BTreeSet<Phone>,
    how: String,
    destination: Option<String>,
    outlet: Option<String>,
    pool: Option<String>,
}

impl FromQuery for Chosen {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        let sent = Sent::read(query);
        Self {
            sent,
            numbers: query.texts("number").iter().filter_map(|number| number.parse().ok()).collect(),
            how: query.text("do").unwrap_or_default(),
            destination: query.text("destination"),
            outlet: query.text("outlet"),
            pool: query.text("pool"),
        }
    }
}

/// `POST /console/numbers/bulk`
pub async fn change(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(chosen): Form<Chosen>,
) -> Result<Response, HttpError> {
    let t = lang.number_texts();
    let many = chosen.numbers.len();
    let (how, change) = match chosen.how.as_str() {
        "destination" => (t.do_destination, chosen.destination.map(NumbersChange::Destination)),
        "outlet" => (t.do_outlet, chosen.outlet.map(NumbersChange::Outlet)),
        "pool" => (t.do_pool, chosen.pool.map(NumbersChange::Pool)),
        "out" => (t.do_out, Some(NumbersChange::OutOfService)),
        _ => (t.chosen_do, None),
    };
    let wrong = match change {
        _ if chosen.numbers.is_empty() => vec![t.none_chosen.to_owned()],
        None => vec![t.choose_where.to_owned()],
        Some(change) => {
            let destroys = change == NumbersChange::OutOfService;
            let numbers = chosen.numbers;
            let edit = Arc::new(move |draft: &mut _| {
                crate::domain::plan::Draft::change_numbers(draft, &numbers, &change)
            });
            let proposal =
                Proposal::new(lang.numbers_changed(how, many), "/console/numbers/bulk", HERE, edit);
            let proposal = if destroys { proposal.typing(&many.to_string()) } else { proposal };
            match decide(&app, lang, &here, &session, chosen.sent, proposal).await? {
                Outcome::Answered(response) => return Ok(response),
                Outcome::Wrong(wrong) => told(wrong),
            }
        }
    };
    listed(&app, lang, &HERE.parse().unwrap_or(here), &session, Asked::default(), wrong).await
}
