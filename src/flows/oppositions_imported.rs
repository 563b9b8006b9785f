//! A list of those who object is taken over from a file, piece by piece.
//!
//! However long the file is, only a batch of its lines is in memory. Until the
//! last line is in, the list is as it was; an import that breaks off changes
//! nothing.

use crate::clock::Clock;
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ListId;
use crate::domain::people::consent::Channel;
use crate::domain::people::opposition::{LINE_MAX, Line, List, mark, read_line};
use crate::domain::phone::Country;
use crate::store::{Store, StoreError};

/// How many lines are written at once.
const BATCH: usize = 1_024;
/// How many lines that could not be read are told one by one.
const TOLD_MAX: usize = 1_000;
/// How many entries are deleted or carried over at once.
const STEP: u32 = 5_000;

#[derive(Clone, Debug, thiserror::Error)]
pub enum OppositionError {
    #[error("no line of the file is a number or an address; the list stays as it was")]
    Nothing,
    #[error("another import of this list has begun since, and counts in the place of this one")]
    Overtaken,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is taken over.
#[derive(Clone, Debug)]
pub struct Import {
    pub list: ListId,
    pub name: String,
    pub channels: Vec<Channel>,
    /// Whether what is on the list stays.
    pub add: bool,
    /// Whose numbers without a country they are.
    pub home: Country,
}

/// What came of it.
#[derive(Clone, Debug)]
pub struct Imported {
    pub list: List,
    /// How many lines were a number or an address.
    pub read: u64,
    pub unreadable: u64,
    /// Which lines were not, as far as they are told one by one; the first line of the file is 1.
    pub lines: Vec<u64>,
}

/// An import that goes on.
pub struct OppositionsImport {
    store: Store,
    import: Import,
    list: List,
    generation: i64,
    /// The beginning of a line whose end has not come.
    begun: Vec<u8>,
    marks: Vec<String>,
    line: u64,
    read: u64,
    unreadable: u64,
    lines: Vec<u64>,
}

impl OppositionsImport {
    pub async fn begin(
        store: &Store,
        clock: &Clock,
        import: Import,
        who: Accessor,
    ) -> Result<Self, OppositionError> {
        let list = List {
            id: import.list.clone(),
            name: import.name.clone(),
            channels: import.channels.clone(),
            entries: 0,
            changed_at: clock.now(),
            changed_by: who.to_string(),
        };
        let kept = list.clone();
        let begun = store.write(move |tx| {
            let list = kept.clone();
            Box::pin(async move { tx.begin_opposition_list(&list).await })
        });
        let generation = begun.await?;
        let store = store.clone();
        let (begun, marks, lines) = (vec![], vec![], vec![]);
        Ok(Self { store, import, list, generation, begun, marks, line: 0, read: 0, unreadable: 0, lines })
    }

    /// Takes the next piece of the file, wherever it is cut.
    pub async fn take(&mut self, piece: &[u8]) -> Result<(), OppositionError> {
        let mut lines = piece.split(|byte| *byte == b'\n');
        self.grow(lines.next().unwrap_or_default());
        for next in lines {
            self.end_line();
            if self.marks.len() >= BATCH {
                self.save().await?;
            }
            self.grow(next);
        }
        Ok(())
    }

    /// What is longer than any line is kept so far only that it shows.
    fn grow(&mut self, piece: &[u8]) {
        let room = (LINE_MAX + 1).saturating_sub(self.begun.len());
        self.begun.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    fn end_line(&mut self) {
        self.line += 1;
        let line = std::mem::take(&mut self.begun);
        let text = String::from_utf8_lossy(&line);
        let read = match text.trim_start_matches('\u{feff}') {
            _ if line.len() > LINE_MAX => Line::Unreadable,
            text => read_line(text, self.import.home),
        };
        match read {
            Line::Of(identities) => {
                self.read += 1;
                self.marks.extend(identities.iter().filter_map(mark));
            }
            // The first line may name the columns.
            Line::Unreadable if self.line > 1 => {
                self.unreadable += 1;
                if self.lines.len() < TOLD_MAX {
                    self.lines.push(self.line);
                }
            }
            Line::Unreadable | Line::Empty => {}
        }
    }

    async fn save(&mut self) -> Result<(), OppositionError> {
        let (list, generation, marks) =
            (self.list.id.clone(), self.generation, std::mem::take(&mut self.marks));
        let saved = self.store.write(move |tx| {
            let (list, marks) = (list.clone(), marks.clone());
            Box::pin(async move { tx.insert_oppositions(&list, generation, &marks).await })
        });
        self.list.entries += saved.await?.ok_or(OppositionError::Overtaken)?;
        Ok(())
    }

    /// Takes what counted before over to what will count, in steps that hold nobody up.
    async fn carry_over(&mut self) -> Result<(), OppositionError> {
        let mut last = String::new();
        loop {
            let (list, generation, after) = (self.list.id.clone(), self.generation, last);
            let carried = self.store.write(move |tx| {
                let (list, after) = (list.clone(), after.clone());
                Box::pin(async move {
                    let marks = tx.list_counting_marks(&list, &after, STEP).await?;
                    let added = tx.insert_oppositions(&list, generation, &marks).await?;
                    Ok((marks.into_iter().next_back(), added))
                })
            });
            let (end, added) = carried.await?;
            self.list.entries += added.ok_or(OppositionError::Overtaken)?;
            let Some(end) = end else { return Ok(()) };
            last = end;
        }
    }

    /// The file is at its end: from now on its entries count.
    pub async fn finish(mut self) -> Result<Imported, OppositionError> {
        if !self.begun.is_empty() {
            self.end_line();
        }
        if self.read == 0 {
            return Err(OppositionError::Nothing);
        }
        self.save().await?;
        if self.import.add {
            self.carry_over().await?;
        }
        let Self { store, list, generation, read, unreadable, lines, .. } = self;
        let kept = list.clone();
        let finished = store.write(move |tx| {
            let list = kept.clone();
            Box::pin(async move { tx.finish_opposition_list(&list, generation).await })
        });
        if !finished.await? {
            return Err(OppositionError::Overtaken);
        }
        forget(&store, &list.id).await?;
        Ok(Imported { list, read, unreadable, lines })
    }
}

/// Deletes what counts no more, in steps that hold nobody up.
async fn forget(store: &Store, list: &ListId) -> Result<(), StoreError> {
    loop {
        let id = list.clone();
        let step = store.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { tx.forget_oppositions(&id, STEP).await })
        });
        if !step.await? {
            return Ok(());
        }
    }
}

/// Deletes a list: from now on nobody stands on it, and an import of it that goes on is overtaken.
pub async fn oppositions_deleted(store: &Store, list: ListId) -> Result<bool, StoreError> {
    let id = list.clone();
    let withdrawn = store.write(move |tx| {
        let id = id.clone();
        Box::pin(async move { tx.withdraw_opposition_list(&id).await })
    });
    if !withdrawn.await? {
        return Ok(false);
    }
    forget(store, &list).await?;
    let deleted = store.write(move |tx| {
        let list = list.clone();
        Box::pin(async move { tx.delete_opposition_list(&list).await })
    });
    deleted.await?;
    Ok(true)
}
