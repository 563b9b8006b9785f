//! Who is asking, and for what: checked before the handler runs.
//!
//! A handler that takes an [`ApiKey<CallsRead>`] or a [`Session`] cannot be
//! reached without one, and its signature says so.

mod api_key;
mod client;
mod form;
mod json;
mod path;
mod query;
mod session;

pub use api_key::{
    ApiKey, BlocksRead, BlocksWrite, CallsControl, CallsRead, CallsWrite, ConsentsRead, ConsentsWrite,
    ContactsRead, ContactsWrite, GatewayControl, NumbersRead, PlanRead, PromptsRead, PromptsWrite,
    RecordingsRead, RecordingsWrite, Scope, SegmentsRead, SegmentsWrite, VisitsRead, VisitsWrite, hash_token,
    new_token,
};
pub use client::ClientAddress;
pub use form::Form;
pub use json::Json;
pub use path::Path;
pub use query::{FromQuery, Query, QueryReader};
pub use session::{SESSION_COOKIE, Session, cookie};
