//! Contacts that became one: what pointed at the one points at the other, each
//! such step is written down, and goes back by what was written.

use sqlx::any::AnyRow;

use super::filter::Question;
use super::identities;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::ids::{ContactId, MergeId};
use crate::domain::people::contact::Identity;
use crate::domain::people::merge::{Merge, Undone};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Data, Event, Kind};

/// Something that points at a contact.
struct Pointer {
    /// Notes for the merge `$1` what points at the contact `$2`.
    note: &'static str,
    /// Carries over from `$2` to `$1` what was noted for the merge `$3`.
    carry: &'static str,
}

/// Everything that points at a contact but links to preferences and data, which show nobody else's. Whoever makes a table
/// with a `contact_id` adds it here; calls stand before engagements, which are found by them.
const POINTERS: [Pointer; 10] = [
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'identity', kind || ' ' || value from identities where contact_id = $2",
        carry: "update identities set contact_id = $1 where contact_id = $2 and kind || ' ' || value in \
                (select subject from merge_moves where merge_id = $3 and what = 'identity')",
    },
    // Who had become part of the one that goes is part of the one that stays.
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'contact', id from contacts where merged_into = $2",
        carry: "update contacts set merged_into = $1 where merged_into = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'contact')",
    },
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'call', id from calls where contact_id = $2",
        carry: "update calls set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'call')",
    },
    // A deed that both have stays where it is: of each there is one.
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'engagement', id from engagements where contact_id = $2 and not exists \
               (select 1 from engagements other where other.contact_id = (select into_id from merges where id = $1) \
                and other.kind = engagements.kind and other.subject = engagements.subject)",
        carry: "update engagements set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'engagement')",
    },
    // What both have said is said by one; the latest word counts.
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'consent', id from consents where contact_id = $2",
        carry: "update consents set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'consent')",
    },
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'reservation', id from reservations where contact_id = $2",
        carry: "update reservations set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'reservation')",
    },
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'task', id from tasks where contact_id = $2",
        carry: "update tasks set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'task')",
    },
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'request', id from requests where contact_id = $2",
        carry: "update requests set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'request')",
    },
    // Only those that were lifted: who is restricted becomes part of nobody.
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'restriction', id from restrictions where contact_id = $2",
        carry: "update restrictions set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'restriction')",
    },
    Pointer {
        note: "insert into merge_moves (merge_id, what, subject) \
               select $1, 'wish', id from frequency_wishes where contact_id = $2",
        carry: "update frequency_wishes set contact_id = $1 where contact_id = $2 and id in \
                (select subject from merge_moves where merge_id = $3 and what = 'wish')",
    },
];

/// What came after a merge, by an identity that goes back to `$1`, goes with it: calls of its number or from
/// its browser, and what was done in them and in its visits. `$2` keeps all else.
const SINCE: [&str; 2] = [
    "update calls set contact_id = $1 where contact_id = $2 and \
     (caller in (select value from identities where kind = 'phone' and contact_id = $1) or caller is null and id in \
      (select a.call_id from attributions a join visits v on v.id = a.visit_id \
       join identities i on i.kind = 'visitor' and i.value = v.visitor_id where i.contact_id = $1))",
    "update engagements set contact_id = $1 where contact_id = $2 and \
     (subject in (select id from calls where contact_id = $1) or subject in \
      (select v.id from visits v join identities i on i.kind = 'visitor' and i.value = v.visitor_id \
       where i.contact_id = $1)) and not exists \
     (select 1 from engagements other where other.contact_id = $1 \
      and other.kind = engagements.kind and other.subject = engagements.subject)",
];

macro_rules! columns {
    () => {
        "select id, at, by_whom, into_id, gone_id, why, kind, value, before, after, conflicts, undone_at, undone_by \
         from merges"
    };
}

/// What a merge carried over.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Moved {
    pub identities: Vec<Identity>,
    pub calls: u64,
    pub engagements: u64,
}

impl Store {
    /// Every merge, or those that a contact took part in; newest first.
    pub async fn list_merges(
        &self,
        contact: Option<ContactId>,
        window: &Window,
    ) -> Result<Page<Merge>, StoreError> {
        let mut question = Question::new(columns!());
        if let Some(contact) = contact {
            question.and("(into_id = ").value(contact.to_string())?;
            question.then(" or gone_id = ").value(contact.to_string())?.then(")");
        }
        question
            .after_moment("(at, id)", window.moment()?)?
            .then(" order by at desc, id desc limit ")
            .value(window.fetch())?;
        let merges = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(merges, window, |merge| moment_key(merge.at, merge.id)))
    }

    pub async fn find_moved(&self, merge: MergeId) -> Result<Moved, StoreError> {
        let rows =
            sqlx::query("select what, subject from merge_moves where merge_id = $1 order by what, subject")
                .bind(merge.to_string())
                .fetch_all(self.reads())
                .await?;
        let mut moved = Moved::default();
        for row in rows {
            match row.text("what")?.as_str() {
                "identity" => {
                    let subject = row.text("subject")?;
                    let (kind, value) = subject.split_once(' ').unwrap_or_default();
                    moved.identities.push(identities::of(kind, value)?);
                }
                "call" => moved.calls += 1,
                "engagement" => moved.engagements += 1,
                _ => {}
            }
        }
        Ok(moved)
    }
}

impl Tx {
    pub async fn find_merge(&mut self, id: MergeId) -> Result<Option<Merge>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where id = $1"))
            .bind(id.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// The merge by which a contact became part of another.
    pub async fn find_merge_of(&mut self, gone: ContactId) -> Result<Option<Merge>, StoreError> {
        let row = sqlx::query(concat!(columns!(), " where gone_id = $1 and undone_at is null"))
            .bind(gone.to_string())
            .fetch_optional(self.connection())
            .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// The latest of the merges that ended in the same contact after this one, and stand.
    pub async fn find_merge_since(&mut self, merge: &Merge) -> Result<Option<Merge>, StoreError> {
        let row = sqlx::query(concat!(
            columns!(),
            " where into_id = $1 and undone_at is null and \
             (nth, at, id) > (select it.nth, it.at, it.id from merges it where it.id = $2) \
             order by nth desc, at desc, id desc limit 1"
        ))
        .bind(merge.into.to_string())
        .bind(merge.id.to_string())
        .fetch_optional(self.connection())
        .await?;
        Ok(row.as_ref().map(read).transpose()?)
    }

    /// Writes the merge down and carries over what points at the one that goes. Nobody may write an
    /// identity meanwhile ([`Tx::hold_identities`]).
    pub async fn insert_merge(&mut self, merge: &Merge) -> Result<(), StoreError> {
        let json = |text: Result<String, serde_json::Error>| text.map_err(|e| sqlx::Error::Encode(e.into()));
        sqlx::query(
            "insert into merges (id, at, by_whom, into_id, gone_id, why, kind, value, before, after, conflicts, nth) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, \
             (select coalesce(max(nth), 0) + 1 from merges where into_id = $4))",
        )
        .bind(merge.id.to_string())
        .bind(merge.at.as_ms())
        .bind(&merge.by)
        .bind(merge.into.to_string())
        .bind(merge.gone.to_string())
        .bind(merge.why.as_str())
        .bind(merge.identity.as_ref().map(Identity::kind))
        .bind(merge.identity.as_ref().map(Identity::reveal))
        .bind(json(serde_json::to_string(&merge.before))?)
        .bind(json(serde_json::to_string(&merge.after))?)
        .bind(json(serde_json::to_string(&merge.conflicts))?)
        .execute(self.connection())
        .await?;
        self.count_purchases_again(&[merge.into, merge.gone]).await?;
        for pointer in &POINTERS {
            sqlx::query(pointer.note)
                .bind(merge.id.to_string())
                .bind(merge.gone.to_string())
                .execute(self.connection())
                .await?;
            self.carry(pointer, merge.gone, merge.into, merge.id).await?;
        }
        self.count_purchases_again(&[merge.into]).await?;
        self.join_tasks(merge).await?;
        self.copy_marks(merge.gone, merge.into).await?;
        self.tell_merge(Kind::ContactMerged, merge, merge.at);
        self.stand_for(merge.gone, Some(merge.into)).await
    }

    /// Carries back what the merge had carried over, and what came since by what goes back.
    pub async fn undo_merge(&mut self, merge: &Merge, at: Timestamp, by: &str) -> Result<(), StoreError> {
        self.count_purchases_again(&[merge.into]).await?;
        for pointer in &POINTERS {
            self.carry(pointer, merge.into, merge.gone, merge.id).await?;
        }
        self.separate_tasks(merge).await?;
        for sql in SINCE {
            sqlx::query(sql)
                .bind(merge.gone.to_string())
                .bind(merge.into.to_string())
                .execute(self.connection())
                .await?;
        }
        self.count_purchases_again(&[merge.into, merge.gone]).await?;
        sqlx::query("update merges set undone_at = $1, undone_by = $2 where id = $3")
            .bind(at.as_ms())
            .bind(by)
            .bind(merge.id.to_string())
            .execute(self.connection())
            .await?;
        self.tell_merge(Kind::ContactUnmerged, merge, at);
        self.stand_for(merge.gone, None).await
    }

    fn tell_merge(&mut self, kind: Kind, merge: &Merge, at: Timestamp) {
        let data = Data::Merge { contact: merge.into, gone: merge.gone, merge: merge.id };
        self.tell(Event { kind, at, data });
    }

    async fn carry(
        &mut self,
        pointer: &Pointer,
        from: ContactId,
        to: ContactId,
        merge: MergeId,
    ) -> Result<(), StoreError> {
        sqlx::query(pointer.carry)
            .bind(to.to_string())
            .bind(from.to_string())
            .bind(merge.to_string())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

fn read(row: &AnyRow) -> Result<Merge, sqlx::Error> {
    let identity = match (row.maybe_text("kind")?, row.maybe_text("value")?) {
        (Some(kind), Some(value)) => Some(identities::of(&kind, &value)?),
        _ => None,
    };
    let undone = match (row.maybe_time("undone_at")?, row.maybe_text("undone_by")?) {
        (Some(at), Some(by)) => Some(Undone { at, by }),
        _ => None,
    };
    Ok(Merge {
        id: row.word("id")?,
        at: row.time("at")?,
        by: row.text("by_whom")?,
        into: row.word("into_id")?,
        gone: row.word("gone_id")?,
        why: row.word("why")?,
        identity,
        before: row.json("before")?,
        after: row.json("after")?,
        conflicts: row.json("conflicts")?,
        undone,
    })
}
