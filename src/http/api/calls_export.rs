//! `/api/v1/calls.csv`: the calls that are asked for, as a table.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;

use super::calls::reader;
use super::export::{Reader, csv_file, csv_rows};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::calling::note::Tag;
use crate::domain::ids::CallId;
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::flows::{CallSearch, FindError, calls_found};
use crate::http::AppState;
use crate::http::calls_asked::{CallFilters, CallsAsked};
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, Query};
use crate::store::page::LIMIT_MAX;
use crate::store::{CallRow, StoreError, Window};

const HEADINGS: [&str; 21] = [
    "id",
    "arrived_at",
    "outcome",
    "caller",
    "number",
    "destination",
    "outlet",
    "answered_by",
    "ringing_at",
    "answered_at",
    "ended_at",
    "ring_seconds",
    "talk_seconds",
    "channel",
    "source",
    "medium",
    "campaign",
    "probability",
    "qualification",
    "tags",
    "contact",
];

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
    let first = part(app, &search, &Window::first(LIMIT_MAX), reader).await?;
    let start = (app.clone(), search, Some(Ok(first)));
    let parts = stream::unfold(start, move |(app, search, part_read)| async move {
        match part_read? {
            Ok((text, next)) => {
                let next = match next {
                    Some(window) => Some(part(&app, &search, &window, reader).await),
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

/// A part of the table, and where the next one begins.
async fn part(
    app: &AppState,
    search: &CallSearch,
    window: &Window,
    reader: Reader,
) -> Result<(Vec<u8>, Option<Window>), FindError> {
    let found = calls_found(&app.store, &app.reports, search, window).await?;
    let ids: Vec<CallId> = found.items.iter().map(|row| row.record.id).collect();
    let mut tags = app.store.list_tags_of(&ids).await?;
    let heading = window.after.is_none().then(|| HEADINGS.map(str::to_owned).to_vec());
    let rows = found.items.into_iter().map(|row| {
        let tags = tags.remove(&row.record.id).unwrap_or_default();
        written(row, &tags)
    });
    let text = csv_rows(heading.into_iter().chain(rows), reader);
    Ok((text, found.next.map(|after| Window { after: Some(after), limit: LIMIT_MAX })))
}

fn written(CallRow { record, best }: CallRow, tags: &[Tag]) -> Vec<String> {
    let text = |it: Option<String>| it.unwrap_or_default();
    let time = |at: Option<Timestamp>| text(at.map(|at| at.to_string()));
    let seconds = |from: Option<Timestamp>, until: Option<Timestamp>| {
        text(from.zip(until).map(|(from, until)| format!("{:.1}", until.since(from).as_secs_f64())))
    };
    let source = best.as_ref().map(|share| &share.source);
    let tags: Vec<&str> = tags.iter().map(Tag::as_str).collect();
    vec![
        record.id.to_string(),
        record.arrived_at.to_string(),
        text(record.outcome.map(|it| it.to_string())),
        text(record.caller.as_ref().map(|it| Phone::reveal(it).to_owned())),
        record.number.reveal().to_owned(),
        text(record.destination.map(|it| it.to_string())),
        text(record.outlet.map(|it| it.to_string())),
        text(record.answered_by.map(|it| it.to_string())),
        time(record.ringing_at),
        time(record.answered_at),
        time(record.ended_at),
        seconds(record.ringing_at, record.answered_at.or(record.ended_at)),
        seconds(record.answered_at, record.ended_at),
        text(source.map(|it| it.channel.as_str().to_owned())),
        text(source.map(|it| it.source.clone())),
        text(source.map(|it| it.medium.clone())),
        text(source.and_then(|it| it.campaign.clone())),
        text(best.as_ref().map(|share| format!("{:.3}", share.probability))),
        text(record.qualification.map(|it| it.qualification.to_string())),
        tags.join(", "),
        text(record.contact.map(|it| it.to_string())),
    ]
}
