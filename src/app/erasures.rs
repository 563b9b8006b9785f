//! `whence erasures`: a backup that is put back still has everybody who was forgotten since.

use std::io::{self, Write};

use super::plan::open;
use super::run::Failed;
use crate::cli::{Erasures, Settings};
use crate::clock::Clock;
use crate::domain::ids::ContactId;
use crate::domain::people::erasure::Why;
use crate::flows::{ContactError, contact_erased};
use crate::store::{Store, Window};

pub(super) async fn erasures(command: &Erasures) -> Result<(), Failed> {
    match command {
        Erasures::Export(settings) => export(settings).await,
        Erasures::Replay(settings) => replay(settings).await,
    }
}

/// One line each: the contact, and why.
async fn export(settings: &Settings) -> Result<(), Failed> {
    let store = open(settings).await?;
    let done = write(&store).await;
    store.close().await;
    done
}

async fn write(store: &Store) -> Result<(), Failed> {
    let mut window = Window::first(500);
    loop {
        let page = store.list_erasures(&window).await.map_err(Failed::tried)?;
        let mut out = io::stdout().lock();
        for erasure in &page.items {
            writeln!(out, "{} {}", erasure.contact, erasure.why).map_err(Failed::tried)?;
        }
        match page.next {
            Some(after) => window.after = Some(after),
            None => return Ok(()),
        }
    }
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
    let (again, were) = done?;
    println!("{again} people are erased again; {were} were already, or came after the backup.");
    Ok(())
}

async fn erase_again(store: &Store, lines: &[(ContactId, Why)]) -> Result<(u64, u64), Failed> {
    let (mut again, mut were) = (0, 0);
    for &(contact, why) in lines {
        match contact_erased(store, &Clock::system(), contact, "replay".to_owned(), why).await {
            Ok(_) => again += 1,
            Err(ContactError::Erased | ContactError::NotFound { .. } | ContactError::Gone { .. }) => {
                were += 1
            }
            Err(failure) => return Err(Failed::tried(failure)),
        }
    }
    Ok((again, were))
}
