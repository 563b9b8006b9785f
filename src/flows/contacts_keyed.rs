//! Contacts that were written before the program knew by what they are found get
//! their keys, and are compared with each other, while calls come and go.

use super::duplicates::suggest;
use super::error::FlowError;
use crate::clock::Clock;
use crate::store::Store;

/// How many share a transaction.
const BATCH: u32 = 5;

/// Tells how many there were.
pub async fn contacts_keyed(store: &Store, clock: &Clock) -> Result<usize, FlowError> {
    let now = clock.now();
    let mut keyed = 0;
    loop {
        let batch = store.write(move |tx| {
            Box::pin(async move {
                let contacts = tx.list_contacts_to_key(BATCH).await?;
                for contact in &contacts {
                    tx.save_profile(contact.id, &contact.profile).await?;
                    suggest(tx, contact.id, now).await?;
                }
                Ok(contacts.len())
            })
        });
        match batch.await? {
            0 => return Ok(keyed),
            some => keyed += some,
        }
    }
}
