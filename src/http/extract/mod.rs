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
mod write_key;

pub use api_key::*;
pub use client::ClientAddress;
pub use form::Form;
pub use json::{Json, read_json};
pub use path::Path;
pub use query::{FromQuery, Query, QueryReader};
pub use session::{Known, SESSION_COOKIE, Session, cookie};
pub use write_key::WriteKey;
