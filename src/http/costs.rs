//! Costs as the API and the console take them: a line or a whole table, and what is wrong with either.

use encoding_rs::WINDOWS_1252;

use super::AppState;
use super::error::{BadField, HttpError};
use crate::domain::calling::recording::Accessor;
use crate::domain::reporting::cost_lines::{Draft, Fault, TableFault, TableWrong, Wrong, read_table};
use crate::flows::{CostError, cost_written, costs_brought};
use crate::store::CostRow;

/// Why nothing was written.
#[derive(Debug)]
pub enum Refused {
    Faults(Vec<Fault>),
    Table(Vec<TableFault>),
    /// There is no room, or it is not there.
    Cost(CostError),
}

pub const NO_OUTLET: Fault = Fault { field: "outlet", wrong: Wrong::BadOutlet };

impl From<CostError> for Refused {
    fn from(failure: CostError) -> Self {
        match failure {
            CostError::NoOutlet { .. } => Self::Faults(vec![NO_OUTLET]),
            other => Self::Cost(other),
        }
    }
}

/// Writes one line; tells whether it is new.
pub async fn written(app: &AppState, by: Accessor, draft: &Draft) -> Result<(CostRow, bool), Refused> {
    let line = draft.read().map_err(Refused::Faults)?;
    Ok(cost_written(&app.store, &app.clock, by, line).await?)
}

/// Writes all lines of a table or none. One that is no UTF-8 is read as spreadsheets of Windows write it.
pub async fn brought(app: &AppState, by: Accessor, table: &[u8]) -> Result<Vec<(CostRow, bool)>, Refused> {
    let text = match str::from_utf8(table) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1252.decode(table).0.into_owned(),
    };
    let (numbers, lines): (Vec<u64>, Vec<_>) = read_table(&text).map_err(Refused::Table)?.into_iter().unzip();
    costs_brought(&app.store, &app.clock, by, lines).await.map_err(|failure| match failure {
        CostError::NoOutlet { place } => {
            let line = numbers.get(place).copied().unwrap_or_default();
            Refused::Table(vec![TableFault { line, what: TableWrong::Field(NO_OUTLET) }])
        }
        other => Refused::Cost(other),
    })
}

impl From<Refused> for HttpError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Faults(faults) => {
                let told = faults.into_iter().map(|it| BadField::new(it.field, it.wrong.to_string()));
                Self::Invalid(told.collect())
            }
            Refused::Table(faults) => {
                let told = faults.into_iter();
                let told = told.map(|it| BadField::new(format!("line {}", it.line), it.what.to_string()));
                Self::Invalid(told.collect())
            }
            Refused::Cost(CostError::Store(failure)) => failure.into(),
            Refused::Cost(CostError::NotFound) => Self::NotFound("cost"),
            Refused::Cost(other) => Self::Conflict(other.to_string()),
        }
    }
}
