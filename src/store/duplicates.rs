//! Pairs of contacts that may be one person, until somebody says that they are not.

use std::collections::BTreeSet;

use sqlx::any::AnyRow;

use super::filter::Question;
use super::many::{Many, batches};
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::ContactId;
use crate::domain::people::likeness::{Likeness, Traits};
use crate::domain::time::Timestamp;

/// Two contacts that may be one; the one with the lesser id first.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Duplicate {
    pub pair: [ContactId; 2],
    pub likeness: Likeness,
    pub found_at: Timestamp,
}

impl Store {
    /// Those that nobody has refused, the likeliest first.
    pub async fn list_duplicates(&self, window: &Window) -> Result<Page<Duplicate>, StoreError> {
        let mut question =
            Question::new("select pair, one_id, other_id, score, reasons, found_at from duplicates");
        question
            .and("refused_at is null")
            .after_moment("(score, pair)", window.moment()?)?
            .then(" order by score desc, pair desc limit ")
            .value(window.fetch())?;
        let found = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(found, window, |it| format!("{} {}", it.likeness.score, pair_of(it.pair))))
    }
}

impl Tx {
    /// Contacts that share a block with this one, the newest first.
    ///
    /// Each block is read from its end as far as need be: that of a very common name holds a hundredth of everybody.
    pub async fn list_alike(&mut self, id: ContactId, most: u32) -> Result<Vec<ContactId>, StoreError> {
        // Were it compared as it stands, SQLite would read the blocks of everybody: the key begins with the kind.
        let blocks =
            sqlx::query("select value from contact_keys where contact_id = $1 and '' || kind = 'alike'")
                .bind(id.to_string())
                .fetch_all(self.connection())
                .await?;
        let mut alike = BTreeSet::new();
        for block in all(blocks, |row| row.text("value"))? {
            let rows = sqlx::query(
                "select contact_id from contact_keys where kind = 'alike' and value = $1 and contact_id <> $2 \
                 order by contact_id desc limit $3",
            )
            .bind(block)
            .bind(id.to_string())
            .bind(i64::from(most))
            .fetch_all(self.connection())
            .await?;
            alike.extend(all(rows, |row| row.word::<ContactId>("contact_id"))?);
        }
        Ok(alike.into_iter().rev().take(most as usize).collect())
    }

    /// What is compared of these contacts.
    pub async fn list_traits(&mut self, ids: &[ContactId]) -> Result<Vec<(ContactId, Traits)>, StoreError> {
        let contacts = self.find_contacts(ids).await?;
        let emails = self.list_emails(ids).await?;
        let standing = contacts.into_iter().filter(|contact| contact.merged_into.is_none());
        let traits = standing.map(|contact| {
            let emails = emails.get(&contact.id).map_or(&[][..], Vec::as_slice);
            (contact.id, Traits::of(&contact.profile, emails))
        });
        Ok(traits.collect())
    }

    /// Suggests these as one with a contact, in the place of all that was suggested of it; what was refused stays so.
    pub async fn save_duplicates(
        &mut self,
        id: ContactId,
        alike: &[(ContactId, Likeness)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query("delete from duplicates where (one_id = $1 or other_id = $1) and refused_at is null")
            .bind(id.to_string())
            .execute(self.connection())
            .await?;
        for batch in batches(alike) {
            let mut many = Many::new(
                "insert into duplicates (pair, one_id, other_id, score, reasons, found_at) values ",
            );
            for (other, likeness) in batch {
                let pair = [id.min(*other), id.max(*other)];
                let reasons =
                    serde_json::to_string(&likeness.reasons).map_err(|e| sqlx::Error::Encode(e.into()))?;
                many.row()
                    .value(pair_of(pair))?
                    .value(pair[0].to_string())?
                    .value(pair[1].to_string())?
                    .value(i64::from(likeness.score))?
                    .value(reasons)?
                    .value(at.as_ms())?;
            }
            many.then(" on conflict (pair) do nothing");
            many.execute(self.connection()).await?;
        }
        Ok(())
    }

    /// Notes that the two are not one, for good. Tells whether they were suggested.
    pub async fn refuse_duplicate(
        &mut self,
        [one, other]: [ContactId; 2],
        at: Timestamp,
        by: &str,
    ) -> Result<bool, StoreError> {
        let refused = sqlx::query(
            "update duplicates set refused_at = $1, refused_by = $2 where pair = $3 and refused_at is null",
        )
        .bind(at.as_ms())
        .bind(by)
        .bind(pair_of([one.min(other), one.max(other)]))
        .execute(self.connection())
        .await?;
        Ok(refused.rows_affected() > 0)
    }
}

fn pair_of([one, other]: [ContactId; 2]) -> String {
    format!("{one} {other}")
}

fn read(row: &AnyRow) -> Result<Duplicate, sqlx::Error> {
    Ok(Duplicate {
        pair: [row.word("one_id")?, row.word("other_id")?],
        likeness: Likeness { score: row.int("score")?.clamp(0, 100) as u8, reasons: row.json("reasons")? },
        found_at: row.time("found_at")?,
    })
}
