//! The plan that the database stands at, as a text that applies to no change.

use super::error::FlowError;
use super::plan_applied::load;
use crate::domain::plan::Draft;
use crate::store::Store;

pub async fn plan_exported(store: &Store) -> Result<String, FlowError> {
    let draft = Draft::from(&load(store).await?);
    Ok(toml::to_string_pretty(&draft).expect("texts, numbers and lists of them can be written as TOML"))
}
