//! `/api/v1/calls.csv`: the calls that are asked for, as a table.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;

use super::calls::reader;
use super::calls_table::{COLUMNS, Cell, Part, part};
use super::export::{Reader, csv_file, csv_rows};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::flows::{CallSearch, FindError};
use crate::http::AppState;
use crate::http::calls_asked::{CallFilters, CallsAsked};
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, Query};
use crate::store::page::LIMIT_MAX;
use crate::store::{StoreError, Window};

/// Calls as CSV, the newest first: those that fit. Origins are the most likely ones, `probability` tells how likely. Cells
/// that a spreadsheet would carry out have an apostrophe in front.
#[utoipa::path(
    get, path = "/api/v1/calls.csv", tag = "calls", operation_id = "export_calls",
    params(CallFilters), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    key: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<CallsAsked>,
) -> Result<Response, HttpError> {
    let search = asked.meant(&app, &reader(&key)).await?;
    exported(&app, search, Reader::Program).await
}

/// The same for the console. What cannot be found at all is said before the table begins.
pub async fn exported(app: &AppState, search: CallSearch, reader: Reader) -> Result<Response, HttpError> {
    let first = written(part(app, &search, &Window::first(LIMIT_MAX)).await?, true, reader);
    let start = (app.clone(), search, Some(Ok(first)));
    let parts = stream::unfold(start, move |(app, search, part_read)| async move {
        match part_read? {
            Ok((text, next)) => {
                let next = match next {
                    Some(window) => {
                        Some(part(&app, &search, &window).await.map(|part| written(part, false, reader)))
                    }
                    None => None,
                };
                Some((Ok(text), (app, search, next)))
            }
            Err(FindError::Store(failure)) => Some((Err(failure), (app, search, None))),
            // The table breaks off, and the reader's program says so.
            Err(FindError::Report(_)) => Some((Err(StoreError::Panicked), (app, search, None))),
        }
    });
    Ok(csv_file("calls.csv", parts, reader))
}

/// A part as text, the first with headings, and where the next one begins.
fn written(part: Part, is_first: bool, reader: Reader) -> (Vec<u8>, Option<Window>) {
    let headings = is_first.then(|| COLUMNS.map(|(name, _)| name.to_owned()).to_vec());
    let rows = part.rows.into_iter().map(|row| row.map(Cell::text).to_vec());
    (csv_rows(headings.into_iter().chain(rows), reader), part.next)
}
