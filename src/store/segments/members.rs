//! Who is in a segment, since when, and who came and left.
//!
//! Who came and left is the difference between who fits now and who is written
//! down. It is asked beside the writes, and written in small parts: calls and
//! visits are not kept waiting.

use std::collections::HashMap;

use super::condition::Condition;
use crate::domain::ids::{ContactId, SegmentId, SegmentMoveId, uuid_v7};
use crate::domain::people::segment::{Resolved, Segment};
use crate::domain::time::Timestamp;
use crate::domain::webhook::event::{Data, Event, Kind};
use crate::store::asked::asked;
use crate::store::dialect::Dialect;
use crate::store::filter::Question;
use crate::store::many::{Many, batches};
use crate::store::page::moment_key;
use crate::store::restrictions::usable;
use crate::store::rows::{Columns, all};
use crate::store::{Page, Store, StoreError, Tx, Window};

/// Who came together, or left, each with the id of the move.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Changes {
    pub entered: bool,
    pub contacts: Vec<(ContactId, SegmentMoveId)>,
}

/// A contact in a segment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Member {
    pub contact: ContactId,
    pub since: Timestamp,
}

/// That a contact came into a segment, or left it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Move {
    pub id: SegmentMoveId,
    pub contact: ContactId,
    pub at: Timestamp,
    pub entered: bool,
}

/// Which contacts are looked at.
#[derive(Clone, Copy, Debug)]
pub enum Part<'c> {
    /// At most so many of those found, by id, after this one.
    After(Option<ContactId>, u32),
    These(&'c [ContactId]),
}

impl Store {
    /// Contacts who fit and are not in the segment.
    pub async fn list_entering(
        &self,
        segment: &SegmentId,
        filter: &Resolved,
        now: Timestamp,
        part: Part<'_>,
    ) -> Result<Vec<ContactId>, StoreError> {
        let mut question = Question::new(concat!("select c.id from contacts c where ", usable!(), " and "));
        Condition { question: &mut question, dialect: self.dialect(), now }.write(filter)?;
        question
            .then(" and not exists (select 1 from segment_members m where m.contact_id = c.id and m.segment_id = ")
            .value(segment.to_string())?
            .then(")");
        part.write(&mut question, self.dialect(), "c.id")?;
        Ok(all(question.fetch(self.reads()).await?, |row| row.word("id"))?)
    }

    /// Contacts in the segment who fit no more, are part of another or restricted.
    pub async fn list_leaving(
        &self,
        segment: &SegmentId,
        filter: &Resolved,
        now: Timestamp,
        part: Part<'_>,
    ) -> Result<Vec<ContactId>, StoreError> {
        let mut question = Question::new("select m.contact_id from segment_members m where m.segment_id = ");
        question.value(segment.to_string())?.then(concat!(
            " and not exists (select 1 from contacts c where c.id = m.contact_id and ",
            usable!(),
            " and "
        ));
        Condition { question: &mut question, dialect: self.dialect(), now }.write(filter)?;
        question.then(")");
        part.write(&mut question, self.dialect(), "m.contact_id")?;
        Ok(all(question.fetch(self.reads()).await?, |row| row.word("contact_id"))?)
    }

    /// Contacts that are new or of whom something was written since then, at most so many: what happened, what they said,
    /// and what a program or an employee changed. Each of these has an id that tells when it was written.
    pub async fn list_changed_since(
        &self,
        since: Timestamp,
        most: u32,
    ) -> Result<Vec<ContactId>, StoreError> {
        let rows = sqlx::query(
            "select id as contact from contacts where id > $1 \
             union select contact_id from engagements where id > $1 \
             union select contact_id from consents where id > $1 \
             union select c.id from audit a join contacts c on c.id = a.subject \
             where a.id > $1 and a.kind = 'contact' and a.what = 'write' limit $2",
        )
        .bind(uuid_v7(since, &[0; 10]).to_string())
        .bind(i64::from(most))
        .fetch_all(self.reads())
        .await?;
        Ok(all(rows, |row| row.word("contact"))?)
    }

    /// How many are in a segment.
    pub async fn count_members(&self, segment: &SegmentId) -> Result<i64, StoreError> {
        let row = sqlx::query("select count(*) as contacts from segment_members where segment_id = $1")
            .bind(segment.as_str())
            .fetch_one(self.reads())
            .await?;
        Ok(row.int("contacts")?)
    }

    /// Who is in a segment, who came last first.
    pub async fn list_members(
        &self,
        segment: &SegmentId,
        window: &Window,
    ) -> Result<Page<Member>, StoreError> {
        let mut question = Question::new("select contact_id, since from segment_members");
        question
            .matching("segment_id = ", Some(segment.to_string()))?
            .and("contact_id not in (select contact_id from restrictions where lifted_at is null)")
            .after_moment("(since, contact_id)", window.moment()?)?
            .then(" order by since desc, contact_id desc limit ")
            .value(window.fetch())?;
        let members = all(question.fetch(self.reads()).await?, |row| {
            Ok(Member { contact: row.word("contact_id")?, since: row.time("since")? })
        })?;
        Ok(Page::cut(members, window, |member| moment_key(member.since, member.contact)))
    }

    /// Who came and left, the latest first.
    pub async fn list_moves(&self, segment: &SegmentId, window: &Window) -> Result<Page<Move>, StoreError> {
        let mut question = Question::new("select id, contact_id, at, entered from segment_moves");
        question
            .matching("segment_id = ", Some(segment.to_string()))?
            .after_moment("(at, id)", window.moment()?)?
            .then(" order by at desc, id desc limit ")
            .value(window.fetch())?;
        let moves = all(question.fetch(self.reads()).await?, |row| {
            Ok(Move {
                id: row.word("id")?,
                contact: row.word("contact_id")?,
                at: row.time("at")?,
                entered: row.flag("entered")?,
            })
        })?;
        Ok(Page::cut(moves, window, |it| moment_key(it.at, it.id)))
    }

    /// The segments that a contact is in.
    pub async fn list_segments_of(&self, contact: ContactId) -> Result<Vec<SegmentId>, StoreError> {
        let rows =
            sqlx::query("select segment_id from segment_members where contact_id = $1 order by segment_id")
                .bind(contact.to_string())
                .fetch_all(self.reads())
                .await?;
        Ok(all(rows, |row| row.word("segment_id"))?)
    }
}

impl Part<'_> {
    fn write(self, question: &mut Question, dialect: Dialect, id: &'static str) -> Result<(), StoreError> {
        question.then(" and ").then(id);
        match self {
            Part::After(after, most) => {
                question
                    .then(" > ")
                    .value(after.map_or_else(String::new, |it| it.to_string()))?
                    .then(" order by ")
                    .then(id)
                    .then(" limit ")
                    .value(i64::from(most))?;
            }
            Part::These(these) => {
                let each = dialect.pick("json_each(", "json_array_elements_text(cast(");
                question.then(" in (select value from ").then(each).value(asked(these)?)?;
                question.then(dialect.pick("))", " as json)))"));
            }
        }
        Ok(())
    }
}

impl Tx {
    /// Lets contacts in and out of a segment whose filter is still this one, and writes down each who
    /// really came or went: of several nodes that find the same, one writes. Tells whether it is this filter.
    pub async fn save_changes(
        &mut self,
        segment: &Segment,
        changes: &Changes,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let sql = self.dialect().pick(
            "select computed_at from segments where id = $1 and filter = $2",
            "select computed_at from segments where id = $1 and filter = $2 for share",
        );
        let row = sqlx::query(sql)
            .bind(segment.id.as_str())
            .bind(&segment.filter)
            .fetch_optional(self.connection())
            .await?;
        let Some(row) = row else { return Ok(false) };
        let tells = row.maybe_time("computed_at")?.is_some();
        for batch in batches(&changes.contacts) {
            let mut many;
            if changes.entered {
                many = Many::new("insert into segment_members (segment_id, contact_id, since) values ");
                for (contact, _) in batch {
                    many.row().value(segment.id.as_str())?.value(contact.to_string())?.value(now.as_ms())?;
                }
                many.then(" on conflict (segment_id, contact_id) do nothing returning contact_id");
            } else {
                many = Many::new("delete from segment_members where segment_id = ");
                many.value(segment.id.as_str())?.then(" and contact_id in (values ");
                for (contact, _) in batch {
                    many.row().value(contact.to_string())?;
                }
                many.then(") returning contact_id");
            }
            let moved = all(many.fetch(self.connection()).await?, |row| row.word("contact_id"))?;
            if tells {
                self.insert_moves(&segment.id, batch, &moved, now, changes.entered).await?;
            }
        }
        Ok(true)
    }

    async fn insert_moves(
        &mut self,
        segment: &SegmentId,
        ids: &[(ContactId, SegmentMoveId)],
        moved: &[ContactId],
        now: Timestamp,
        entered: bool,
    ) -> Result<(), StoreError> {
        let ids: HashMap<ContactId, SegmentMoveId> = ids.iter().copied().collect();
        for batch in batches(moved) {
            let mut many =
                Many::new("insert into segment_moves (id, segment_id, contact_id, at, entered) values ");
            for contact in batch {
                many.row()
                    .value(ids[contact].to_string())?
                    .value(segment.as_str())?
                    .value(contact.to_string())?
                    .value(now.as_ms())?
                    .value(i32::from(entered))?;
            }
            many.execute(self.connection()).await?;
        }
        for contact in moved {
            let kind = if entered { Kind::SegmentEntered } else { Kind::SegmentLeft };
            let data = Data::Segment { contact: *contact, segment: segment.clone() };
            self.tell(Event { kind, at: now, data });
        }
        Ok(())
    }

    /// Notes that the members of a segment are told, and how many there are, if its filter is still this one.
    pub async fn segment_computed(
        &mut self,
        segment: &Segment,
        contacts: i64,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let same = sqlx::query("update segments set computed_at = $1 where id = $2 and filter = $3")
            .bind(now.as_ms())
            .bind(segment.id.as_str())
            .bind(&segment.filter)
            .execute(self.connection())
            .await?;
        if same.rows_affected() > 0 {
            sqlx::query(
                "insert into segment_counts (segment_id, day, contacts) values ($1, $2, $3) \
                 on conflict (segment_id, day) do update set contacts = excluded.contacts",
            )
            .bind(segment.id.as_str())
            .bind(now.day())
            .bind(contacts)
            .execute(self.connection())
            .await?;
        }
        Ok(())
    }

    /// Forgets who came and left before then.
    pub async fn delete_moves_before(&mut self, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query("delete from segment_moves where at < $1")
            .bind(at.as_ms())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}
