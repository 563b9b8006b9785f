//! Calls by two things at once, as the API and the console tell it.

use super::AppState;
use super::error::HttpError;
use super::report::Asked;
use crate::domain::reporting::association::{Tie, ties};
use crate::domain::reporting::count::Breakdown;
use crate::domain::reporting::cross::{Crossed, Side};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::Bar;
use crate::domain::reporting::sums::calls;
use crate::domain::time::Timestamp;

/// A label; `None`: nothing is said of it.
pub type Label = Option<String>;

/// A table of calls. Behind the rows and columns that are told stands, where there are more, one of all others.
pub struct Table {
    pub period: std::ops::Range<Timestamp>,
    pub rows: Vec<Label>,
    pub columns: Vec<Label>,
    /// Whether others stand behind the rows, and the columns.
    pub others: (bool, bool),
    pub cells: Crossed,
    pub ties: Vec<Vec<Tie>>,
}

/// How many are told of each side.
#[derive(Clone, Copy)]
pub struct Size {
    pub rows: usize,
    pub columns: usize,
}

impl Table {
    pub async fn of(
        app: &AppState,
        asked: &Asked,
        rows: Dimension,
        columns: Dimension,
        size: Size,
    ) -> Result<Self, HttpError> {
        let most = size.rows.max(size.columns);
        let question = asked.question(app, vec![rows, columns], most).await?;
        let counted = app.reports.count(question.clone()).await?;
        let told = |nth: usize, most: usize| {
            let breakdown: &Breakdown = &counted.apart[nth];
            let labels: Vec<Label> = breakdown.rows.iter().take(most).map(|row| row.label.clone()).collect();
            let others = breakdown.cut || breakdown.rows.len() > most;
            (labels, others)
        };
        let ((row_labels, more_rows), (column_labels, more_columns)) =
            (told(0, size.rows), told(1, size.columns));
        let period = question.period.clone();
        let sides = (Side::Labels(rows, row_labels.clone()), Side::Labels(columns, column_labels.clone()));
        let mut cells = app.reports.cross(question, sides.0, sides.1).await?;
        // Where all are told, nothing stands behind them.
        if !more_rows {
            cells.truncate(row_labels.len());
        }
        if !more_columns {
            cells.iter_mut().for_each(|row| row.truncate(column_labels.len()));
        }
        let weights: Vec<Vec<f64>> =
            cells.iter().map(|row| row.iter().map(|it| calls(it.sums.calls)).collect()).collect();
        Ok(Self {
            period,
            rows: row_labels,
            columns: column_labels,
            others: (more_rows, more_columns),
            ties: ties(&weights),
            cells,
        })
    }
}

/// Calls a day of whatever has most of them.
pub struct Series {
    pub period: std::ops::Range<Timestamp>,
    pub labels: Vec<Label>,
    /// Of each label, for each day.
    pub days: Vec<Vec<f64>>,
}

impl Series {
    pub async fn of(app: &AppState, asked: &Asked, by: Dimension, most: usize) -> Result<Self, HttpError> {
        let mut question = asked.question(app, vec![by], most).await?;
        question.bars = Bar::Day.begins(&question.period, &question.zone);
        if app.clock.now() < question.period.end && question.bars.len() > 1 {
            // A day that goes on has fewer calls for no other reason.
            question.period.end = question.bars.pop().unwrap_or(question.period.end);
        }
        let counted = app.reports.count(question.clone()).await?;
        let labels: Vec<Label> = counted.apart[0].rows.iter().map(|row| row.label.clone()).collect();
        let period = question.period.clone();
        let table = app.reports.cross(question, Side::Labels(by, labels.clone()), Side::Bars).await?;
        let days = table.iter().take(labels.len());
        let days = days.map(|row| row.iter().map(|it| calls(it.sums.calls)).collect()).collect();
        Ok(Self { period, labels, days })
    }
}
