//! `/api/v1/reports/cross`: calls by two things at once.

use axum::extract::State;
use axum::response::Response;
use futures_util::stream;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::advice::Within;
use super::export::{Reader, csv_file, csv_rows};
use super::overview::ReportFilters;
use super::{KeyProblems, ListProblems, ServerProblems};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::LEVEL;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::cross::{Label, Size, Table};
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, CallsRead, FromQuery, Query, QueryReader};
use crate::http::report::Asked;

const SIZE: Size = Size { rows: 50, columns: 12 };

/// Which calls, when, and by what.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CrossQuery reads")]
pub struct CrossParams {
    /// As in `/api/v1/reports/overview`, also all filters.
    #[param(default = "30d")]
    period: Option<String>,
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// A dimension, `region` for instance.
    #[param(default = "region")]
    rows: Option<String>,
    #[param(default = "channel")]
    columns: Option<String>,
    #[param(minimum = 1, maximum = 200, default = 50)]
    rows_max: Option<u32>,
    #[param(minimum = 1, maximum = 50, default = 12)]
    columns_max: Option<u32>,
}

pub struct CrossQuery {
    pub asked: Asked,
    pub rows: Dimension,
    pub columns: Dimension,
    size: Size,
}

impl FromQuery for CrossQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let (rows, columns) = sides(query);
        let rows_max = query.value::<Within<1, 200>>("rows_max").map_or(SIZE.rows, |it| it.0 as usize);
        let columns_max =
            query.value::<Within<1, 50>>("columns_max").map_or(SIZE.columns, |it| it.0 as usize);
        let size = Size { rows: rows_max, columns: columns_max };
        Self { rows, columns, size, asked: Asked::read(query) }
    }
}

/// Two different dimensions.
pub fn sides(query: &mut QueryReader<'_>) -> (Dimension, Dimension) {
    let rows = query.value("rows").unwrap_or(Dimension::Region);
    let columns = query.value("columns").unwrap_or(Dimension::Channel);
    if rows == columns {
        query.refuse("columns", "must be another dimension than the rows".to_owned());
    }
    (rows, columns)
}

/// Calls by two things at once.
#[derive(Serialize, ToSchema)]
pub struct Cross {
    #[schema(value_type = String, format = DateTime)]
    from: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    until: Timestamp,
    /// How sure each interval is of holding the true number.
    #[schema(example = 0.9)]
    level: f64,
    #[schema(example = "region")]
    rows: &'static str,
    #[schema(example = "channel")]
    columns: &'static str,
    /// Those with the most calls first; `null`: calls of which nothing is said.
    row_labels: Vec<Label>,
    column_labels: Vec<Label>,
    /// There are more than are told: all others stand together in one more row, or column.
    other_rows: bool,
    other_columns: bool,
    /// For each row its cells, in the order of the columns.
    cells: Vec<Vec<CrossCell>>,
}

#[derive(Serialize, ToSchema)]
pub struct CrossCell {
    calls: f64,
    calls_from: f64,
    calls_to: f64,
    answered: f64,
    missed: f64,
    /// How many it would be by the sums of the row and the column alone.
    usual: f64,
    /// Whether it is `more` or `less` than that, by more than chance explains; `usual`, or `unknown`: too few to tell.
    #[schema(example = "usual")]
    tie: &'static str,
}

/// Calls by two dimensions at once, and where they meet more than chance explains.
///
/// Of the cells that are called `more` or `less`, at most one in twenty is so by chance.
#[utoipa::path(
    get, path = "/api/v1/reports/cross", tag = "reports", operation_id = "report_cross",
    params(CrossParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses((status = 200, description = "A table of calls", body = Cross), KeyProblems, ListProblems, ServerProblems)
)]
pub async fn cross(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<CrossQuery>,
) -> Result<axum::Json<Cross>, HttpError> {
    let table = Table::of(&app, &query.asked, query.rows, query.columns, query.size).await?;
    let cells = table.cells.iter().zip(&table.ties).map(|(cells, ties)| {
        let row = cells.iter().zip(ties).map(|(it, tie)| CrossCell {
            calls: calls(it.sums.calls),
            calls_from: it.expected.from,
            calls_to: it.expected.to,
            answered: calls(it.sums.answered),
            missed: calls(it.sums.missed),
            usual: tie.usual,
            tie: tie.strength.as_str(),
        });
        row.collect()
    });
    Ok(axum::Json(Cross {
        from: table.period.start,
        until: table.period.end,
        level: LEVEL,
        rows: query.rows.as_str(),
        columns: query.columns.as_str(),
        cells: cells.collect(),
        row_labels: table.rows,
        column_labels: table.columns,
        other_rows: table.others.0,
        other_columns: table.others.1,
    }))
}

/// The same as CSV, a line for each meeting of a row and a column.
#[utoipa::path(
    get, path = "/api/v1/reports/cross.csv", tag = "reports", operation_id = "export_cross",
    params(CrossParams, ReportFilters), security(("api_key" = ["calls:read"])),
    responses(
        (status = 200, description = "A table with headings; `(others)`: all that are not told", body = String, content_type = "text/csv"),
        KeyProblems, ListProblems, ServerProblems
    )
)]
pub async fn export(
    _: ApiKey<CallsRead>,
    State(app): State<AppState>,
    Query(query): Query<CrossQuery>,
) -> Result<Response, HttpError> {
    exported(&app, &query.asked, query.rows, query.columns, query.size, Reader::Program).await
}

const OTHERS: &str = "(others)";

/// The same for the console.
pub async fn exported(
    app: &AppState,
    asked: &Asked,
    rows: Dimension,
    columns: Dimension,
    size: Size,
    reader: Reader,
) -> Result<Response, HttpError> {
    let table = Table::of(app, asked, rows, columns, size).await?;
    let label = |labels: &[Label], nth: usize| {
        labels.get(nth).map_or_else(|| OTHERS.to_owned(), |label| label.clone().unwrap_or_default())
    };
    let mut lines = vec![
        [
            rows.as_str(),
            columns.as_str(),
            "calls",
            "calls_from",
            "calls_to",
            "answered",
            "missed",
            "usual",
            "tie",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (row, (cells, ties)) in table.cells.iter().zip(&table.ties).enumerate() {
        for (column, (it, tie)) in cells.iter().zip(ties).enumerate() {
            let figures = [
                calls(it.sums.calls),
                it.expected.from,
                it.expected.to,
                calls(it.sums.answered),
                calls(it.sums.missed),
                tie.usual,
            ];
            let figures = figures.map(|figure| format!("{figure:.2}"));
            let labels = [label(&table.rows, row), label(&table.columns, column)];
            lines.push(labels.into_iter().chain(figures).chain([tie.strength.as_str().to_owned()]).collect());
        }
    }
    let table = csv_rows(lines.into_iter(), reader);
    Ok(csv_file("calls-by-two.csv", stream::iter([Ok(table)]), reader))
}
