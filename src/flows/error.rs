//! Why a story did not come to its end.

use crate::domain::ids::CallId;
use crate::store::StoreError;

#[derive(Clone, Debug, thiserror::Error)]
pub enum FlowError {
    /// What the story is about does not exist, or no longer.
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// Facts about calls whose arrival is not in the database. These facts
    /// were not written, every other one was: keep them and write them again
    /// after the arrival.
    #[error("the arrival of {} calls has not been written", calls.len())]
    CallUnknown { calls: Vec<CallId> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FlowError {
    /// Whether the same would fail again, however often it is tried.
    pub fn is_for_good(&self) -> bool {
        match self {
            Self::NotFound { .. } | Self::CallUnknown { .. } => true,
            Self::Store(failure) => failure.is_for_good(),
        }
    }
}
