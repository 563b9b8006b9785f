//! `/api/v1/calls.parquet`: the same table of calls for programs that reckon with columns: typed, and each column by
//! itself.
//!
//! A group of rows is all that is in memory: what is read of the database is written as soon as there is one.

use std::io;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Body;
use axum::extract::State;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;

use super::calls::reader;
use super::calls_table::{COLUMNS, Cell, Kind, part};
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::flows::{CallSearch, FindError};
use crate::http::AppState;
use crate::http::calls_asked::{CallFilters, CallsAsked};
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, Query};
use crate::store::Window;
use crate::store::page::LIMIT_MAX;

/// How many rows stand together at least: a column of them is read at once, and packed by what they have in common.
const GROUP: usize = 10_000;

/// Calls as Apache Parquet, the newest first: those that fit, with the columns of `calls.csv`. Times are
/// `TIMESTAMP(MILLIS, UTC)`, seconds and probabilities `DOUBLE`, all else text; what is missing is null.
#[utoipa::path(
    get, path = "/api/v1/calls.parquet", tag = "calls", operation_id = "export_calls_parquet",
    params(CallFilters), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A Parquet file", body = Vec<u8>, content_type = "application/vnd.apache.parquet"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    key: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(asked): Query<CallsAsked>,
) -> Result<Response, HttpError> {
    let search = asked.meant(&app, &reader(&key)).await?;
    exported(&app, search).await
}

/// The same for the console. What cannot be found at all is said before the file begins.
pub async fn exported(app: &AppState, search: CallSearch) -> Result<Response, HttpError> {
    let first = part(app, &search, &Window::first(LIMIT_MAX)).await?;
    let mut columns = Columns::default();
    first.rows.into_iter().for_each(|row| columns.push(row));
    let file = File::begin().map_err(|_| HttpError::Internal)?;
    let start = Some((app.clone(), search, first.next, columns, file));
    let parts = stream::try_unfold(start, async |state| {
        let Some((app, search, mut next, mut columns, mut file)) = state else { return Ok(None) };
        while columns.rows < GROUP
            && let Some(window) = next.take()
        {
            let read = part(&app, &search, &window).await?;
            next = read.next;
            read.rows.into_iter().for_each(|row| columns.push(row));
        }
        let is_last = next.is_none();
        let write = move || {
            let bytes = file.write(columns, is_last)?;
            Ok::<_, ParquetError>((bytes, file))
        };
        let (bytes, file) = tokio::task::spawn_blocking(write).await.map_err(|_| Broken::Stopped)??;
        let state = (!is_last).then(|| (app, search, next, Columns::default(), file));
        Ok::<_, Broken>(Some((bytes, state)))
    });
    let headers = [
        (CONTENT_TYPE, "application/vnd.apache.parquet"),
        (CONTENT_DISPOSITION, "attachment; filename=\"calls.parquet\""),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// The file breaks off: without its end no program takes it for whole.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error(transparent)]
    Find(#[from] FindError),
    #[error(transparent)]
    Write(#[from] ParquetError),
    #[error("the table could not be written")]
    Stopped,
}

/// Rows by their columns.
#[derive(Default)]
struct Columns {
    rows: usize,
    cells: [Vec<Cell>; COLUMNS.len()],
}

impl Columns {
    fn push(&mut self, row: [Cell; COLUMNS.len()]) {
        self.rows += 1;
        self.cells.iter_mut().zip(row).for_each(|(column, cell)| column.push(cell));
    }
}

struct File {
    /// `None`: it is whole.
    writer: Option<SerializedFileWriter<Written>>,
    written: Written,
}

/// What has been written and not yet been sent.
#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl io::Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl File {
    fn begin() -> Result<Self, ParquetError> {
        let column = |(name, kind): &(&str, Kind)| match kind {
            Kind::Text => format!("optional binary {name} (utf8);"),
            Kind::Time => format!("optional int64 {name} (timestamp(millis,true));"),
            Kind::Number => format!("optional double {name};"),
        };
        let columns: String = COLUMNS.iter().map(column).collect();
        let schema = Arc::new(parse_message_type(&format!("message calls {{ {columns} }}"))?);
        let (written, properties) = (Written::default(), Arc::new(WriterProperties::default()));
        let writer = SerializedFileWriter::new(written.clone(), schema, properties)?;
        Ok(Self { writer: Some(writer), written })
    }

    /// Writes a group of rows, if there are any, and the end behind the last; gives what is to be sent.
    fn write(&mut self, columns: Columns, is_last: bool) -> Result<Vec<u8>, ParquetError> {
        if let Some(writer) = self.writer.as_mut().filter(|_| columns.rows > 0) {
            let mut group = writer.next_row_group()?;
            let mut cells = columns.cells.into_iter().zip(COLUMNS);
            while let (Some(mut column), Some((cells, (_, kind)))) = (group.next_column()?, cells.next()) {
                match kind {
                    Kind::Text => {
                        let (there, texts) = split(cells, |cell| match cell {
                            Cell::Text(text) => text.map(|text| ByteArray::from(text.into_bytes())),
                            _ => None,
                        });
                        column.typed::<ByteArrayType>().write_batch(&texts, Some(&there), None)?;
                    }
                    Kind::Time => {
                        let (there, times) = split(cells, |cell| match cell {
                            Cell::Time(at) => at.map(|at| at.as_ms()),
                            _ => None,
                        });
                        column.typed::<Int64Type>().write_batch(&times, Some(&there), None)?;
                    }
                    Kind::Number => {
                        let (there, numbers) = split(cells, |cell| match cell {
                            Cell::Number(number, _) => number,
                            _ => None,
                        });
                        column.typed::<DoubleType>().write_batch(&numbers, Some(&there), None)?;
                    }
                }
                column.close()?;
            }
            group.close()?;
        }
        if is_last && let Some(writer) = self.writer.take() {
            writer.close()?;
        }
        Ok(mem::take(&mut *self.written.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// Whether each is there, 1 or 0, and those that are.
fn split<T>(cells: Vec<Cell>, value: impl Fn(Cell) -> Option<T>) -> (Vec<i16>, Vec<T>) {
    let values: Vec<Option<T>> = cells.into_iter().map(value).collect();
    (values.iter().map(|value| i16::from(value.is_some())).collect(), values.into_iter().flatten().collect())
}
