//! Domains of people's addresses are asked about, and whoever has an address where no mail is taken is marked with
//! that until it is.
//!
//! ```text
//!   met (a new domain) ─▶ due ─▶ (a name server is asked) ─▶ told ─▶ contacts are marked ─▶ put off ─▶ due …
//! ```
//!
//! It is put off last: whoever is stopped in between begins with the domain anew.

use std::time::Duration;

use super::contacts_marked::mark_as_known;
use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::people::mail_domain::{Verdict, next_ask};
use crate::store::Store;
use crate::store::mail_domains::MailDomain;

/// As many new domains as are written down at once.
const NEW_MAX: u32 = 1_000;
/// So long a domain is left to whoever asks about it.
const CLAIM: Duration = Duration::from_mins(10);
/// How many contacts share a transaction.
const BATCH: u32 = 20;

/// Writes down domains that are new; tells how many.
pub async fn mail_domains_met(store: &Store, clock: &Clock) -> Result<usize, FlowError> {
    let now = clock.now();
    let (mut met, mut after) = (0, String::new());
    loop {
        let new = store.list_new_domains(&after, NEW_MAX).await?;
        let Some(last) = new.last() else { return Ok(met) };
        (after, met) = (last.clone(), met + new.len());
        let written = store.write(move |tx| {
            let new = new.clone();
            Box::pin(async move { tx.insert_mail_domains(&new, now).await })
        });
        written.await?;
    }
}

/// Domains that are to be asked about now; those where nobody has an address any more are forgotten.
pub async fn mail_domains_due(store: &Store, clock: &Clock, most: u32) -> Result<Vec<MailDomain>, FlowError> {
    let now = clock.now();
    let due = store.write(move |tx| {
        Box::pin(async move {
            let mut due = Vec::new();
            for domain in tx.claim_mail_domains(now, now + CLAIM, most).await? {
                if !tx.forget_unused_domain(&domain.domain).await? {
                    due.push(domain);
                }
            }
            Ok(due)
        })
    });
    Ok(due.await?)
}

/// A name server has told of a domain, or not (`None`).
pub async fn mail_domain_told(
    store: &Store,
    clock: &Clock,
    domain: MailDomain,
    told: Option<Verdict>,
) -> Result<(), FlowError> {
    let now = clock.now();
    if let Some(verdict) = told {
        let name = domain.domain.clone();
        store
            .write(move |tx| {
                let name = name.clone();
                Box::pin(async move { tx.save_mail_verdict(&name, verdict, now).await })
            })
            .await?;
        mark_all(store, clock, &domain.domain, verdict).await?;
    }
    let failures = if told.is_some() { 0 } else { domain.failures.saturating_add(1) };
    let (domain, next_at) = (MailDomain { failures, ..domain }, next_ask(told, failures, now));
    store
        .write(move |tx| {
            let domain = domain.clone();
            Box::pin(async move { tx.put_off_mail_domain(&domain, next_at).await })
        })
        .await?;
    Ok(())
}

/// Marks whoever is marked otherwise than the verdict says.
async fn mark_all(store: &Store, clock: &Clock, domain: &str, verdict: Verdict) -> Result<(), FlowError> {
    let (now, mut after) = (clock.now(), None);
    loop {
        // Looked for beside the writes: a domain may have very many.
        let contacts = store.list_marked_otherwise(domain, verdict, after, BATCH).await?;
        let Some(last) = contacts.last() else { return Ok(()) };
        after = Some(*last);
        let marked = store.write(move |tx| {
            let contacts = contacts.clone();
            Box::pin(async move {
                for id in contacts {
                    mark_as_known(tx, id, now).await?;
                }
                Ok(())
            })
        });
        marked.await?;
    }
}

/// Forgets every domain and the marks that came of it: nobody is to be asked. Tells how many there were.
pub async fn mail_domains_forgotten(store: &Store) -> Result<u64, FlowError> {
    Ok(store.write(|tx| Box::pin(tx.forget_mail_domains())).await?)
}
