//! What leaves as CSV: contacts (`/api/v1/contacts.csv`), which an import reads again, and the reports of imports.

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::{Stream, StreamExt, stream};

use super::contacts::{Filters, ListQuery};
use super::{KeyProblems, ListProblems, OneProblems, ServerProblems};
use crate::domain::ids::ImportId;
use crate::domain::people::field::Field;
use crate::domain::people::import::row::Ledger;
use crate::domain::people::import::{Line, Problem, cell, row};
use crate::domain::people::search::Search;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, ContactsRead, ContactsWrite, Path, Query, Scope};
use crate::http::language::Lang;
use crate::store::page::LIMIT_MAX;
use crate::store::{Store, StoreError, Window};

/// How many lines of a report are read at once.
const LINES: u32 = 1_000;

/// Contacts as CSV, the newest first: all, or those who fit; not those whose data is restricted (RGPD art. 18). An import
/// understands its headings. Cells that a spreadsheet would carry out have an apostrophe in front, which an import takes
/// off. How matters of consent stand is in it where the key has the scope `consents:read`, too.
#[utoipa::path(
    get, path = "/api/v1/contacts.csv", tag = "contacts", operation_id = "export_contacts",
    params(Filters), security(("api_key" = ["contacts:read"])),
    responses(
        (status = 200, description = "A table with headings", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    key: ApiKey<ContactsRead>,
    State(app): State<AppState>,
    Query(asked): Query<ListQuery>,
) -> Result<Response, HttpError> {
    let search = asked.search(&app)?;
    exported(&app, search, Reader::Program, key.may(Scope::ConsentsRead)).await
}

/// The same for the console.
pub async fn exported(
    app: &AppState,
    search: Search,
    reader: Reader,
    with_consents: bool,
) -> Result<Response, HttpError> {
    let ledger = Ledger {
        matters: if with_consents { app.store.list_matters().await? } else { vec![] },
        controllers: app.store.list_controllers().await?,
        now: app.clock.now(),
    };
    let known = (app.store.list_contact_fields().await?, ledger);
    let search = Search { usable: true, ..search };
    let start = (app.store.clone(), search, known, Some(Window::first(LIMIT_MAX)));
    let parts = stream::unfold(start, move |(store, search, known, window)| async move {
        let window = window?;
        Some(match part(&store, &search, &known, &window, reader).await {
            Ok((text, next)) => (Ok(text), (store, search, known, next)),
            Err(failure) => (Err(failure), (store, search, known, None)),
        })
    });
    Ok(csv_file("contacts.csv", parts, reader))
}

/// A part of the table, and where the next one begins.
async fn part(
    store: &Store,
    search: &Search,
    (fields, ledger): &(Vec<Field>, Ledger),
    window: &Window,
    reader: Reader,
) -> Result<(Vec<u8>, Option<Window>), StoreError> {
    let page = store.list_contacts(search, window).await?;
    let ids: Vec<_> = page.items.iter().map(|contact| contact.id).collect();
    let known = store.list_identities_of(&ids).await?;
    let lines = if ledger.matters.is_empty() { vec![] } else { store.list_consents_of(&ids).await? };
    let heading = window.after.is_none().then(|| row::headings(fields, ledger));
    let rows = page.items.iter().map(|contact| {
        let theirs = known.iter().filter(|(owner, _)| *owner == contact.id).map(|(_, known)| &known.identity);
        let said: Vec<_> = lines.iter().filter(|line| line.contact == contact.id).cloned().collect();
        row::write(contact, theirs, fields, (ledger, &said))
    });
    let text = csv_rows(heading.into_iter().chain(rows), reader);
    Ok((text, page.next.map(|after| Window { after: Some(after), limit: LIMIT_MAX })))
}

/// The report of the last run as CSV: of each row its line in the file, what became of it, what is suspicious, and why it
/// was refused.
#[utoipa::path(
    get, path = "/api/v1/imports/{id}/report", tag = "contacts", operation_id = "report_import",
    params(("id" = Uuid, Path, description = "The import")), security(("api_key" = ["contacts:write"])),
    responses(
        (status = 200, description = "line, outcome, marks, problems: why it was refused, or which cells cannot be read", body = String, content_type = "text/csv"),
        KeyProblems, OneProblems, ServerProblems
    )
)]
pub async fn report(
    _: ApiKey<ContactsWrite>,
    State(app): State<AppState>,
    Path(id): Path<ImportId>,
) -> Result<Response, HttpError> {
    reported(&app, id, Reader::Program).await
}

pub async fn reported(app: &AppState, id: ImportId, reader: Reader) -> Result<Response, HttpError> {
    let import = app.store.find_import(id).await?.ok_or(HttpError::NotFound("import"))?;
    let lines = stream::unfold((app.store.clone(), Some(0)), move |(store, after)| async move {
        let after = after?;
        Some(match lines_after(&store, id, import.run, after, reader).await {
            Ok((text, next)) => (Ok(text), (store, next)),
            Err(failure) => (Err(failure), (store, None)),
        })
    });
    Ok(csv_file("report.csv", lines, reader))
}

/// The lines after one, and which was the last of them; `None`: the report ends.
async fn lines_after(
    store: &Store,
    id: ImportId,
    run: u32,
    after: u64,
    reader: Reader,
) -> Result<(Vec<u8>, Option<u64>), StoreError> {
    let lines = store.list_import_lines(id, run, after, LINES).await?;
    let heading = (after == 0).then(|| ["line", "outcome", "marks", "problems"].map(str::to_owned).to_vec());
    let next = lines.last().map(|line| line.line);
    let rows = lines.into_iter().map(|Line { line, outcome, marks, problems }| {
        let marks = marks.iter().map(|code| code.as_str()).collect::<Vec<_>>().join(" ");
        let problem = |Problem { column, detail }: &Problem| match column.as_str() {
            "" => detail.clone(),
            column => format!("{column}: {detail}"),
        };
        let problems = problems.iter().map(problem).collect::<Vec<_>>().join("; ");
        vec![line.to_string(), outcome.to_string(), marks, problems]
    });
    Ok((csv_rows(heading.into_iter().chain(rows), reader), next))
}

/// Who opens a file.
#[derive(Clone, Copy, PartialEq)]
pub enum Reader {
    /// It reads RFC 4180.
    Program,
    /// A spreadsheet, by a click: it takes the file for UTF-8 only after a byte order mark, and cuts lines where its
    /// language does (`;` in French), unless a cell is quoted.
    Spreadsheet(Lang),
}

/// Rows as their reader takes them, formulas made harmless.
pub(super) fn csv_rows(rows: impl Iterator<Item = Vec<String>>, reader: Reader) -> Vec<u8> {
    let (delimiter, quotes) = match reader {
        Reader::Program => (b',', csv::QuoteStyle::Necessary),
        Reader::Spreadsheet(Lang::En) => (b',', csv::QuoteStyle::Always),
        Reader::Spreadsheet(Lang::Fr) => (b';', csv::QuoteStyle::Always),
    };
    let mut table = csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(quotes)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        let row = row.iter().map(|cell| cell::written(cell).into_owned());
        table.write_record(row).expect("memory takes what is written, and rows have one length");
    }
    table.into_inner().expect("memory takes what is written")
}

/// A file to keep.
pub(super) fn csv_file(
    name: &str,
    parts: impl Stream<Item = Result<Vec<u8>, StoreError>> + Send + 'static,
    reader: Reader,
) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    let mark = (reader != Reader::Program).then(|| Ok("\u{feff}".into()));
    (headers, Body::from_stream(stream::iter(mark).chain(parts))).into_response()
}
