//! Mails to people who work here. Whom a contact gets mail from is told in `choices`.

pub mod alert;
pub(in crate::http) mod picture;
