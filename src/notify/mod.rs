//! Tells others: by mail.

pub mod mail;
