//! `whence erasures`: a backup that is put back still has everybody who was forgotten since.

use std::io::{self, Write};

use super::plan::open;
use super::run::Failed;
use crate::cli::{Erasures, Settings};
use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::erasure::Why;
use crate::flows::{ContactError, Eraser, contact_erased};
use crate::store::Store;

pub(super) async fn erasures(command: &Erasures) -> Result<(), Failed> {
    match command {
        Erasures::Export(settings) => export(settings).await,
        Erasures::Replay(settings) => replay(settings).await,
    }
}

/// One line each: the contact, and why.
async fn export(settings: &Settings) -> Result<(), Failed> {
    let store = open(settings).await?;
    let erased = store.list_erased().await;
    store.close().await;
    let mut out = io::stdout().lock();
    for (contact, why) in erased.map_err(Failed::tried)? {
        writeln!(out, "{contact} {why}").map_err(Failed::tried)?;
    }
    Ok(())
}

async fn replay(settings: &Settings) -> Result<(), Failed> {
    let mut lines = Vec::new();
    for (number, line) in io::stdin().lines().enumerate() {
        let line = line.map_err(Failed::tried)?;
        let words =
            line.split_once(' ').and_then(|(id, why)| Some((id.parse().ok()?, why.trim().parse().ok()?)));
        let bad =
            || Failed::Start(format!("line {} is none that `whence erasures export` wrote", number + 1));
        lines.push(words.ok_or_else(bad)?);
    }
    let store = open(settings).await?;
    let done = erase_again(&store, &lines).await;
    store.close().await;
    let Done { again, were, parts } = done?;
    println!("{again} people are erased again; {were} were already, or came after the backup.");
    if parts.is_empty() {
        return Ok(());
    }
    let ids: Vec<_> = parts.iter().map(ToString::to_string).collect();
    Err(Failed::Tried(format!(
        "these are part of somebody else in this database, and were not erased: {}; undo the merges, and replay again",
        ids.join(", ")
    )))
}

#[derive(Default)]
struct Done {
    again: u64,
    were: u64,
    /// Part of somebody who is not erased.
    parts: Vec<ContactId>,
}

async fn erase_again(store: &Store, lines: &[(ContactId, Why)]) -> Result<Done, Failed> {
    let mut done = Done::default();
    for &(contact, why) in lines {
        match contact_erased(store, &Clock::system(), contact, Eraser::Replay, why).await {
            Ok(_) => done.again += 1,
            Err(ContactError::Erased | ContactError::NotFound { .. }) => done.were += 1,
            Err(ContactError::Gone { into }) if lines.iter().any(|(other, _)| *other == into) => {
                done.were += 1
            }
            Err(ContactError::Gone { .. }) => done.parts.push(contact),
            Err(failure) => return Err(Failed::tried(failure)),
        }
    }
    Ok(done)
}
