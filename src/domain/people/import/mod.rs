//! Contacts from a table that somebody brings: what its columns mean, what a row
//! says, and how far the work has come.
//!
//! ```text
//!   waiting ──start──► checking ──► checked      a dry run: nothing of it stays
//!      └──────start──► importing ─► imported     row after row, from where it stopped
//!                          └──────► failed       the table cannot be read any further
//! ```

pub mod cell;
pub mod columns;
pub mod consents;
pub mod row;
pub mod table;

use serde::{Deserialize, Serialize};

use super::consent::Draft;
use super::quality::Code;
use crate::domain::calling::outcome::words;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ImportId;
use crate::domain::time::Timestamp;
use columns::Mapping;
use table::{Position, Separator};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Nobody has said what the columns mean.
    Waiting,
    Checking,
    Checked,
    Importing,
    Imported,
    /// `problem` tells why.
    Failed,
}

words! { State:
    Waiting = "waiting",
    Checking = "checking",
    Checked = "checked",
    Importing = "importing",
    Imported = "imported",
    Failed = "failed",
}

impl State {
    /// Rows are worked on.
    pub const fn runs(self) -> bool {
        matches!(self, State::Checking | State::Importing)
    }

    /// A run may begin.
    pub const fn may_start(self) -> bool {
        matches!(self, State::Waiting | State::Checked)
    }

    /// Nothing more becomes of it: its file is deleted.
    pub const fn is_over(self) -> bool {
        matches!(self, State::Imported | State::Failed)
    }
}

/// One table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Import {
    pub id: ImportId,
    /// What the file was called.
    pub name: String,
    /// Whose folder has the file.
    pub node: String,
    pub created_at: Timestamp,
    pub by: Accessor,
    pub state: State,
    pub separator: Separator,
    /// The headings of the table.
    pub columns: Vec<String>,
    /// What they mean; `None`: nobody has said.
    pub mapping: Option<Mapping>,
    /// What holds for every answer of the table whose row does not say it itself.
    pub consents: Draft,
    /// The length of the file.
    pub bytes: u64,
    /// Where the next row is read.
    pub position: Position,
    /// Counts up with each start; lines of the report are of one run.
    pub run: u32,
    pub counts: Counts,
    pub problem: Option<String>,
    /// When the last run ended.
    pub finished_at: Option<Timestamp>,
}

/// How many rows of the last run came out how.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Counts {
    pub created: u64,
    pub changed: u64,
    pub unchanged: u64,
    pub merged: u64,
    pub refused: u64,
    /// Of all of these, those of whom something is suspicious, or cannot be read.
    pub marked: u64,
    /// Lines that the consent ledger got by them.
    #[serde(default)]
    pub consents: u64,
}

impl Counts {
    /// `consents`: the lines that the ledger got by the row.
    pub fn add(&mut self, line: &Line, consents: u64) {
        match line.outcome {
            Outcome::Created => self.created += 1,
            Outcome::Changed => self.changed += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Merged => self.merged += 1,
            Outcome::Refused => self.refused += 1,
        }
        self.marked += u64::from(!line.marks.is_empty());
        self.consents += consents;
    }

    pub fn rows(&self) -> u64 {
        self.created + self.changed + self.unchanged + self.merged + self.refused
    }
}

/// What became of a row.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    Created,
    Changed,
    /// Everything was known.
    Unchanged,
    /// Its identities were of several, who are one now.
    Merged,
    /// It cannot be meant so.
    Refused,
}

words! { Outcome:
    Created = "created",
    Changed = "changed",
    Unchanged = "unchanged",
    Merged = "merged",
    Refused = "refused",
}

/// One line of the report; it holds nothing of what the row says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// In the file, from 1; of a row over several lines the first.
    pub line: u64,
    pub outcome: Outcome,
    pub marks: Vec<Code>,
    pub problems: Vec<Problem>,
}

/// Why a row is refused, or what of it is kept without being read.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Problem {
    /// The heading of the column; of the row as a whole empty.
    pub column: String,
    pub detail: String,
}
