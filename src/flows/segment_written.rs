//! Somebody writes a segment, takes one away, or tries a filter.

use std::collections::BTreeMap;

use crate::clock::Clock;
use crate::domain::ids::{ContactId, SegmentId};
use crate::domain::people::segment::{Problem, Resolved, Segment, Words, parse, resolve};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// Each is reckoned again and again.
const SEGMENTS_MAX: usize = 200;

#[derive(Clone, Debug, thiserror::Error)]
pub enum SegmentError {
    #[error("no such segment")]
    NotFound,
    #[error("{0}")]
    Filter(Problem),
    /// It came along with the gateway.
    #[error("the segment came along with the gateway; change its filter instead")]
    BuiltIn,
    /// What names it could not be read any more.
    #[error("the segment {by} names this one and could not be reckoned any more")]
    Breaks { by: SegmentId },
    #[error("there are {SEGMENTS_MAX} segments of your own already, which is the most")]
    Full,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of trying a filter.
#[derive(Clone, PartialEq, Debug)]
pub struct Counted {
    /// As it is written in one way.
    pub filter: String,
    pub contacts: i64,
    /// The newest of them.
    pub sample: Vec<ContactId>,
}

/// All that a filter may name, and the filters of all segments.
pub struct Vocabulary {
    pub words: Words,
    pub filters: BTreeMap<SegmentId, String>,
}

impl Vocabulary {
    pub(super) async fn load(tx: &mut Tx) -> Result<Self, StoreError> {
        let filters: BTreeMap<SegmentId, String> =
            tx.list_segments().await?.into_iter().map(|it| (it.id, it.filter)).collect();
        let words = Words {
            fields: tx.list_contact_fields().await?,
            purposes: tx.list_purpose_ids(false).await?,
            controllers: tx.list_controller_ids(false).await?,
            segments: filters.keys().cloned().collect(),
        };
        Ok(Self { words, filters })
    }

    /// The filter of the segment `id`, or of none, with those that it names.
    pub fn resolve(&self, id: Option<&SegmentId>, text: &str) -> Result<Resolved, Problem> {
        resolve(id, text, &self.words, &self.filters)
    }

    /// A segment that could be reckoned with `before`, and cannot with this.
    fn broken_since(&self, before: &Vocabulary) -> Option<SegmentId> {
        let mut broken = self.filters.iter().filter(|(id, text)| {
            before.resolve(Some(*id), text).is_ok() && self.resolve(Some(*id), text).is_err()
        });
        broken.next().map(|(id, _)| id.clone())
    }
}

/// What a filter may name just now.
pub async fn vocabulary(store: &Store) -> Result<Vocabulary, StoreError> {
    store.read(|tx| Box::pin(Vocabulary::load(tx))).await
}

/// Counts who fits a filter, and tells some of them; nothing is kept.
pub async fn filter_counted(
    store: &Store,
    clock: &Clock,
    text: &str,
    sample: u32,
) -> Result<Counted, SegmentError> {
    let now = clock.now();
    let known = vocabulary(store).await?;
    let resolved = known.resolve(None, text).map_err(SegmentError::Filter)?;
    let filter = parse(text, &known.words).map_err(SegmentError::Filter)?.to_string();
    let contacts = store.count_fitting(&resolved, now).await?;
    Ok(Counted { filter, contacts, sample: store.list_fitting(&resolved, now, sample).await? })
}

/// Writes a segment; who is in it is told a few seconds later.
pub async fn segment_written(
    store: &Store,
    clock: &Clock,
    id: SegmentId,
    name: String,
    text: String,
) -> Result<Segment, SegmentError> {
    let now = clock.now();
    let written = store.write(move |tx| {
        let (id, name, text) = (id.clone(), name.clone(), text.clone());
        Box::pin(async move { write(tx, id, name, &text, now).await })
    });
    written.await?
}

async fn write(
    tx: &mut Tx,
    id: SegmentId,
    name: String,
    text: &str,
    now: Timestamp,
) -> Result<Result<Segment, SegmentError>, StoreError> {
    tx.hold_segments().await?;
    let there = tx.list_segments().await?;
    let known = there.iter().find(|it| it.id == id);
    if known.is_none() && there.iter().filter(|it| !it.built_in).count() >= SEGMENTS_MAX {
        return Ok(Err(SegmentError::Full));
    }
    let before = Vocabulary::load(tx).await?;
    let filter = before.resolve(Some(&id), text).and_then(|_| parse(text, &before.words));
    let filter = match filter {
        Ok(filter) => filter.to_string(),
        Err(problem) => return Ok(Err(SegmentError::Filter(problem))),
    };
    let built_in = known.is_some_and(|it| it.built_in);
    let mut after = Vocabulary { words: before.words.clone(), filters: before.filters.clone() };
    after.filters.insert(id.clone(), filter.clone());
    if let Some(by) = after.broken_since(&before) {
        return Ok(Err(SegmentError::Breaks { by }));
    }
    let segment = Segment { id, name, filter, built_in, changed_at: now };
    tx.save_segment(&segment).await?;
    Ok(Ok(segment))
}

/// Takes a segment away, with its members.
pub async fn segment_deleted(store: &Store, id: SegmentId) -> Result<(), SegmentError> {
    let deleted = store.write(move |tx| {
        let id = id.clone();
        Box::pin(async move {
            tx.hold_segments().await?;
            let there = tx.list_segments().await?;
            match there.iter().find(|it| it.id == id) {
                None => return Ok(Err(SegmentError::NotFound)),
                Some(it) if it.built_in => return Ok(Err(SegmentError::BuiltIn)),
                Some(_) => {}
            }
            let before = Vocabulary::load(tx).await?;
            let mut after = Vocabulary { words: before.words.clone(), filters: before.filters.clone() };
            after.filters.remove(&id);
            after.words.segments.retain(|it| *it != id);
            if let Some(by) = after.broken_since(&before) {
                return Ok(Err(SegmentError::Breaks { by }));
            }
            tx.delete_segment(&id).await?;
            Ok(Ok(()))
        })
    });
    deleted.await?
}
