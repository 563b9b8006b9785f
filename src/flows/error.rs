//! Why a story did not come to its end.

use crate::store::StoreError;

#[derive(Clone, Debug, thiserror::Error)]
pub enum FlowError {
    /// What the story is about does not exist, or no longer.
    #[error("no such {what}")]
    NotFound { what: &'static str },
    /// A fact about a call whose arrival has not been written yet. Nothing
    /// was lost: write the arrival, then this fact again.
    #[error("the call's arrival has not been written")]
    CallUnknown,
    #[error(transparent)]
    Store(#[from] StoreError),
}
