//! A table in a file: CSV as spreadsheets write it (RFC 4180, with a comma, a
//! semicolon or a tab), read a few rows at a time from where one stopped.

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use super::cell;
use crate::domain::calling::outcome::words;

/// More than this no row may have: a quotation mark that is never closed would take all that follows.
const ROW_MAX: usize = 256 * 1024;
/// As many columns as somebody can say the meaning of.
pub const COLUMNS_MAX: usize = 400;

/// What stands between two cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Separator {
    Comma,
    Semicolon,
    Tab,
}

words! { Separator:
    Comma = "comma",
    Semicolon = "semicolon",
    Tab = "tab",
}

impl Separator {
    const fn byte(self) -> u8 {
        match self {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
            Separator::Tab => b'\t',
        }
    }

    /// The one that stands most often outside quotation marks in the beginning of a table's first line.
    pub fn guess(beginning: &str) -> Self {
        let mut quoted = false;
        let mut counts = [0; 3];
        for c in beginning.chars() {
            match c {
                '"' => quoted = !quoted,
                '\n' if !quoted => break,
                ',' if !quoted => counts[0] += 1,
                ';' if !quoted => counts[1] += 1,
                '\t' if !quoted => counts[2] += 1,
                _ => {}
            }
        }
        let most = counts.iter().max().copied().unwrap_or_default();
        Self::ALL.iter().copied().zip(counts).find(|(_, count)| *count == most).map_or(Self::Comma, |it| it.0)
    }
}

/// Where a row begins.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Position {
    pub byte: u64,
    /// Lines before it.
    pub line: u64,
}

/// A row that has something in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// From 1.
    pub line: u64,
    /// As they were before somebody made them harmless for a spreadsheet.
    pub cells: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
pub enum TableError {
    #[error("the row at line {line} is longer than {} KiB; is a quotation mark left open?", ROW_MAX / 1024)]
    LongRow { line: u64 },
    #[error("the first line has no headings")]
    NoHeadings,
    #[error("the table has more than {COLUMNS_MAX} columns")]
    ManyColumns,
    #[error("the file cannot be read")]
    Io(#[from] io::Error),
}

/// The headings, and where the first row begins.
pub fn headings(file: impl Read, separator: Separator) -> Result<(Vec<String>, Position), TableError> {
    let (mut rows, position) = records(file, separator, Position::default(), 1)?;
    let headings = rows.pop().map(|row| row.cells).unwrap_or_default();
    let headings: Vec<String> = headings.into_iter().map(|heading| heading.trim().to_owned()).collect();
    match headings.len() {
        0 => Err(TableError::NoHeadings),
        1..=COLUMNS_MAX => Ok((headings, position)),
        _ => Err(TableError::ManyColumns),
    }
}

/// At most so many rows of a file that stands at `from`, and where the next one begins. Fewer: the table ends.
pub fn records(
    file: impl Read,
    separator: Separator,
    from: Position,
    most: usize,
) -> Result<(Vec<Record>, Position), TableError> {
    let room = Rc::new(Cell::new(ROW_MAX));
    let mut table = csv::ReaderBuilder::new()
        .delimiter(separator.byte())
        // The reader would end a row between CR and LF, and count the line of LF later.
        .terminator(csv::Terminator::Any(b'\n'))
        .has_headers(false)
        .flexible(true)
        .from_reader(Bounded { file, room: Rc::clone(&room) });
    let mut rows = Vec::with_capacity(most);
    let mut record = csv::StringRecord::new();
    let mut at = from;
    while rows.len() < most {
        room.set(ROW_MAX);
        match table.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => {}
            Err(failure) => return Err(explain(failure, at.line + 1)),
        }
        // Of a row after empty lines the first of these.
        let began = record.position().map_or(0, csv::Position::line);
        let line = from.line + began;
        let ended = table.position();
        at = Position { byte: from.byte + ended.byte(), line: from.line + ended.line() - 1 };
        if record.iter().any(|cell| !cell.trim().is_empty()) {
            let mut cells: Vec<String> = record.iter().map(|text| cell::read(text).to_owned()).collect();
            if let Some(last) = cells.last_mut().filter(|last| last.ends_with('\r')) {
                last.pop();
            }
            rows.push(Record { line, cells });
        }
    }
    Ok((rows, at))
}

fn explain(failure: csv::Error, line: u64) -> TableError {
    match failure.into_kind() {
        csv::ErrorKind::Io(cause) if cause.kind() == io::ErrorKind::FileTooLarge => {
            TableError::LongRow { line }
        }
        csv::ErrorKind::Io(cause) => cause.into(),
        other => io::Error::new(io::ErrorKind::InvalidData, format!("{other:?}")).into(),
    }
}

/// Gives no more than there is room for in one row.
struct Bounded<R> {
    file: R,
    room: Rc<Cell<usize>>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = self.room.get();
        if room == 0 {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let most = buffer.len().min(room);
        let read = self.file.read(&mut buffer[..most])?;
        self.room.set(room - read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cells(rows: &[Record]) -> Vec<(u64, Vec<&str>)> {
        rows.iter().map(|row| (row.line, row.cells.iter().map(String::as_str).collect())).collect()
    }

    #[test]
    fn the_separator_is_seen_in_the_first_line() {
        for (line, separator) in [
            ("a,b\n1;2;3;4", Separator::Comma),
            ("Nom;Prénom\r\n", Separator::Semicolon),
            ("\"a,b,c\";d", Separator::Semicolon),
            ("a\tb\tc,d", Separator::Tab),
            ("alone", Separator::Comma),
        ] {
            assert_eq!(Separator::guess(line), separator, "{line}");
        }
    }

    #[test]
    fn rows_are_read_on_from_where_one_stopped() {
        let file = "name;note\r\nAda;\"two\nlines; \"\"quoted\"\"\"\r\n\r\n;\nBob;'=1+1;more\n";
        let (headings, at) = headings(file.as_bytes(), Separator::Semicolon).unwrap();
        assert_eq!(headings, ["name", "note"]);

        let (rows, at) = records(&file.as_bytes()[at.byte as usize..], Separator::Semicolon, at, 1).unwrap();
        assert_eq!(cells(&rows), [(2, vec!["Ada", "two\nlines; \"quoted\""])]);
        let (rows, at) = records(&file.as_bytes()[at.byte as usize..], Separator::Semicolon, at, 9).unwrap();

        assert_eq!(cells(&rows), [(6, vec!["Bob", "=1+1", "more"])]);
        assert_eq!(at.byte as usize, file.len());
    }

    #[test]
    fn a_quotation_mark_left_open_does_not_fill_the_memory() {
        let file = format!("a\n\"{}", "x".repeat(4 * ROW_MAX));
        let (_, at) = headings(file.as_bytes(), Separator::Comma).unwrap();

        let read = records(&file.as_bytes()[at.byte as usize..], Separator::Comma, at, 10);

        assert!(matches!(read, Err(TableError::LongRow { line: 2 })), "{read:?}");
        assert!(matches!(headings("\n\n".as_bytes(), Separator::Comma), Err(TableError::NoHeadings)));
    }

    proptest! {
        /// Whatever the bytes of a text, and however many rows are read at once: the same rows.
        #[test]
        fn it_matters_nowhere_how_many_rows_are_read_at_once(file in "[a;,\"'\n\r =]{0,80}", most in 1_usize..4) {
            let (whole, _) = records(file.as_bytes(), Separator::Comma, Position::default(), 1_000).unwrap();
            let (mut pieces, mut at) = (Vec::new(), Position::default());
            loop {
                let rest = &file.as_bytes()[at.byte as usize..];
                let (rows, next) = records(rest, Separator::Comma, at, most).unwrap();
                at = next;
                let ends = rows.len() < most;
                pieces.extend(rows);
                if ends {
                    break;
                }
            }
            prop_assert_eq!(pieces.iter().map(|row| &row.cells).collect::<Vec<_>>(), whole.iter().map(|row| &row.cells).collect::<Vec<_>>());
        }
    }
}
