//! How often people want to be reached.

use sqlx::any::AnyRow;

use super::asked::of_asked;
use super::rows::{Columns, all};
use super::{StoreError, Tx};
use crate::domain::ids::ContactId;
use crate::domain::people::consent::Channel;
use crate::domain::people::wish::{Frequency, Wish};

impl Tx {
    /// Puts a wish in the place of those about the channel; `None`: as often as anybody likes.
    pub async fn replace_wish(
        &mut self,
        contact: ContactId,
        channel: Channel,
        wish: Option<&Wish>,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from frequency_wishes where contact_id = $1 and channel = $2")
            .bind(contact.to_string())
            .bind(channel.as_str())
            .execute(self.connection())
            .await?;
        let Some(wish) = wish else { return Ok(()) };
        sqlx::query(
            "insert into frequency_wishes (id, contact_id, channel, wish, at) values ($1, $2, $3, $4, $5)",
        )
        .bind(wish.id.to_string())
        .bind(wish.contact.to_string())
        .bind(wish.channel.as_str())
        .bind(wish.frequency.as_str())
        .bind(wish.at.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// The wishes of a contact.
    pub async fn list_wishes(&mut self, contact: ContactId) -> Result<Vec<(Channel, Frequency)>, StoreError> {
        let rows =
            sqlx::query("select contact_id, channel, wish from frequency_wishes where contact_id = $1")
                .bind(contact.to_string())
                .fetch_all(self.connection())
                .await?;
        Ok(all(rows, read)?.into_iter().map(|(_, wish)| wish).collect())
    }

    /// The wishes of each of these.
    pub(super) async fn list_wishes_of(
        &mut self,
        contacts: &str,
    ) -> Result<Vec<(ContactId, (Channel, Frequency))>, StoreError> {
        let sql = of_asked!(
            self,
            " select contact_id, channel, wish from frequency_wishes where contact_id in (select its from asked)"
        );
        Ok(all(sqlx::query(sql).bind(contacts).fetch_all(self.connection()).await?, read)?)
    }
}

fn read(row: &AnyRow) -> Result<(ContactId, (Channel, Frequency)), sqlx::Error> {
    Ok((row.word("contact_id")?, (row.word("channel")?, row.word("wish")?)))
}
