//! The lines of a table that somebody brings whole: columns by name, in any order, and what is wrong with its shape.

use crate::domain::people::import::table::{Position, Separator, headings, records};

/// What a table looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Shape {
    pub columns: &'static [&'static str],
    /// Those that it must have.
    pub needed: &'static [&'static str],
    /// How many lines it may have.
    pub lines_max: usize,
}

/// What is wrong with the shape of a table.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Misshapen {
    #[error("the first line must name the columns: {}", .0.join(","))]
    NoHeadings(&'static [&'static str]),
    #[error("there is no column {name}; the columns are {}", .columns.join(", "))]
    UnknownColumn { name: String, columns: &'static [&'static str] },
    #[error("the column {0} is missing")]
    MissingColumn(&'static str),
    #[error("the column {0} comes twice")]
    TwiceColumn(String),
    #[error("has more cells than there are columns; is a comma in a text that is not quoted?")]
    TooManyCells,
    #[error("the table has more than {0} lines; send it in parts")]
    TooManyLines(usize),
    #[error("has no end; is a quotation mark left open?")]
    Unreadable,
    #[error("the table has no line but its headings")]
    Empty,
}

/// One line of a table, and where it stands; that of the headings is 1.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Cells {
    pub line: u64,
    cells: Vec<(&'static str, String)>,
}

impl Cells {
    /// What stands in a column; `None`: the table has no such column.
    pub fn find(&self, column: &str) -> Option<&str> {
        self.cells.iter().find(|(name, _)| *name == column).map(|(_, text)| text.as_str())
    }

    /// The same, where a column that is not there is as good as an empty one.
    pub fn text(&self, column: &str) -> String {
        self.find(column).unwrap_or_default().to_owned()
    }
}

/// Each line with its cells, or the line where the shape is wrong and how.
pub type Lines = Vec<Result<Cells, (u64, Misshapen)>>;

/// Reads the lines of a table; with bad headings there are none.
pub fn read(text: &str, shape: Shape) -> Result<Lines, Vec<(u64, Misshapen)>> {
    let text = text.trim_start_matches('\u{feff}');
    let separator = Separator::guess(text);
    let no_headings = |_| vec![(1, Misshapen::NoHeadings(shape.columns))];
    let (headings, begins) = headings(text.as_bytes(), separator).map_err(no_headings)?;
    let columns =
        columns(&headings, shape).map_err(|all| all.into_iter().map(|it| (1, it)).collect::<Vec<_>>())?;
    let Position { byte, line } = begins;
    let rest = text.as_bytes().get(byte as usize..).unwrap_or_default();
    let rows = records(rest, separator, begins, shape.lines_max + 1);
    let (rows, _) = rows.map_err(|_| vec![(line + 1, Misshapen::Unreadable)])?;
    if rows.is_empty() {
        return Err(vec![(1, Misshapen::Empty)]);
    }
    if rows.len() > shape.lines_max {
        return Err(vec![(shape.lines_max as u64 + 2, Misshapen::TooManyLines(shape.lines_max))]);
    }
    let lines = rows.into_iter().map(|row| {
        if row.cells.len() > columns.len() {
            return Err((row.line, Misshapen::TooManyCells));
        }
        let cells = row.cells.into_iter().chain(std::iter::repeat(String::new()));
        Ok(Cells { line: row.line, cells: columns.iter().copied().zip(cells).collect() })
    });
    Ok(lines.collect())
}

fn columns(headings: &[String], shape: Shape) -> Result<Vec<&'static str>, Vec<Misshapen>> {
    let (mut known, mut wrong) = (Vec::new(), Vec::new());
    for heading in headings {
        let name = heading.to_lowercase();
        match shape.columns.iter().copied().find(|column| *column == name) {
            Some(column) if known.contains(&column) => wrong.push(Misshapen::TwiceColumn(name)),
            Some(column) => known.push(column),
            None => {
                let name = name.chars().take(64).collect();
                wrong.push(Misshapen::UnknownColumn { name, columns: shape.columns });
            }
        }
    }
    let missing = shape.needed.iter().filter(|column| !known.contains(column));
    wrong.extend(missing.map(|column| Misshapen::MissingColumn(column)));
    if wrong.is_empty() { Ok(known) } else { Err(wrong) }
}
