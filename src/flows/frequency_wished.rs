//! Somebody has told a program how often they want to be prospected. That is taken while their data is restricted as
//! well: it is their own word, and makes less of it used.

use super::contact_written::ContactError;
use super::contacts_merged::find_standing;
use crate::clock::Clock;
use crate::domain::ids::{ContactId, WishId};
use crate::domain::people::consent::Channel;
use crate::domain::people::wish::{Frequency, Wish, standing};
use crate::domain::time::Timestamp;
use crate::store::{Store, StoreError, Tx};

/// What they wish by this channel from now on, `None`: as often as anybody likes. Gives all that they wish then.
pub async fn frequency_wished(
    store: &Store,
    clock: &Clock,
    contact: ContactId,
    channel: Channel,
    wanted: Option<Frequency>,
) -> Result<Vec<(Channel, Frequency)>, ContactError> {
    let (now, clock) = (clock.now(), clock.clone());
    let wished = store.write(move |tx| {
        let clock = clock.clone();
        Box::pin(async move {
            if let Err(refused) = find_standing(tx, contact).await? {
                return Ok(Err(refused));
            }
            let wishes = tx.list_wishes(contact).await?;
            wish(tx, &clock, (contact, &wishes), (channel, wanted), now).await?;
            Ok(Ok(tx.list_wishes(contact).await?))
        })
    });
    wished.await?
}

/// The same as a part of something greater. What stands already is not said anew.
pub(super) async fn wish(
    tx: &mut Tx,
    clock: &Clock,
    (contact, wishes): (ContactId, &[(Channel, Frequency)]),
    (channel, wanted): (Channel, Option<Frequency>),
    now: Timestamp,
) -> Result<(), StoreError> {
    if wanted == standing(wishes, channel) {
        return Ok(());
    }
    let id = WishId(clock.new_id());
    let wish = wanted.map(|frequency| Wish { id, contact, channel, frequency, at: now });
    tx.replace_wish(contact, channel, wish.as_ref()).await
}
