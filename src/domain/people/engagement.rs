//! An engagement: anything a contact did or received.

use serde::Serialize;

use crate::domain::ids::{CallId, EngagementId, VisitId};
use crate::domain::time::Timestamp;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Engagement {
    pub id: EngagementId,
    pub at: Timestamp,
    #[serde(flatten)]
    pub what: Deed,
}

/// What was done; its id says where the rest of it stands.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(tag = "kind", content = "subject", rename_all = "lowercase")]
pub enum Deed {
    Call(CallId),
    /// The message that was left in this call.
    Voicemail(CallId),
    Visit(VisitId),
}
