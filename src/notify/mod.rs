//! Tells others: by mail, and by webhooks.

pub mod mail;
mod signature;
pub mod webhook;
