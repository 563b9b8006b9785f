//! The block and allow lists, and what each rule of screening does.
//!
//! An entry of the plan is the plan's: applying it again makes, changes and
//! removes them. An entry that was made one by one stays until it is deleted.

use sqlx::any::AnyRow;

use super::filter::Question;
use super::page::moment_key;
use super::rows::{Columns, all};
use super::{Page, Store, StoreError, Tx, Window};
use crate::domain::calling::screening::Rulebook;
use crate::domain::calling::screening::block::{Block, Lists, Scope, Who};
use crate::domain::calling::screening::rules::Settings;
use crate::domain::ids::BlockId;
use crate::domain::time::Timestamp;

/// An entry, and how it came about.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BlockRow {
    pub block: Block,
    /// It belongs to the plan.
    pub planned: bool,
    pub created_at: Timestamp,
}

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "select id, kind, value, scope_kind, scope, action, until_at, note, planned, created_at from blocks",
            $rest
        )
    };
}

impl Store {
    /// The entries, newest first; also those whose time is over.
    pub async fn list_blocks(&self, window: &Window) -> Result<Page<BlockRow>, StoreError> {
        let mut question = Question::new(select!(""));
        question
            .after_moment("(created_at, id)", window.moment()?)?
            .then(" order by created_at desc, id desc limit ")
            .value(window.fetch())?;
        let rows = all(question.fetch(self.reads()).await?, read)?;
        Ok(Page::cut(rows, window, |row| moment_key(row.created_at, &row.block.id)))
    }

    pub async fn find_block(&self, id: &BlockId) -> Result<Option<BlockRow>, StoreError> {
        find(self.reads(), id).await
    }

    /// Everything that screening goes by, without entries whose time is over.
    pub async fn load_rulebook(&self, now: Timestamp) -> Result<Rulebook, StoreError> {
        let rows = sqlx::query(select!(" where until_at is null or until_at > $1"))
            .bind(now.as_ms())
            .fetch_all(self.reads())
            .await?;
        let blocks = all(rows, read)?.into_iter().map(|row| row.block);
        let lists = Lists::new(blocks, &self.list_outlets().await?);
        Ok(Rulebook { lists, settings: settings(self.reads()).await? })
    }
}

impl Tx {
    /// The entries of the plan, in order.
    pub async fn list_planned_blocks(&mut self) -> Result<Vec<Block>, StoreError> {
        let rows =
            sqlx::query(select!(" where planned = 1 order by id")).fetch_all(self.connection()).await?;
        Ok(all(rows, read)?.into_iter().map(|row| row.block).collect())
    }

    /// Inserts an entry of the plan, or changes it.
    pub async fn save_planned_block(&mut self, block: &Block, now: Timestamp) -> Result<(), StoreError> {
        let columns = Written::of(block);
        sqlx::query(
            "insert into blocks (id, kind, value, scope_kind, scope, action, until_at, note, planned, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9) on conflict (id) do update set kind = excluded.kind, \
             value = excluded.value, scope_kind = excluded.scope_kind, scope = excluded.scope, \
             action = excluded.action, until_at = excluded.until_at, note = excluded.note, planned = 1",
        )
        .bind(block.id.as_str())
        .bind(columns.kind)
        .bind(columns.value)
        .bind(columns.scope_kind)
        .bind(columns.scope)
        .bind(block.then.as_str())
        .bind(block.until.map(Timestamp::as_ms))
        .bind(block.note.as_deref())
        .bind(now.as_ms())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Makes an entry that is not the plan's, and gives it as it then stands.
    ///
    /// There is one for whom and which calls it is about: said again, it takes
    /// over what is new about it and keeps its id.
    pub async fn make_block(&mut self, block: &Block, now: Timestamp) -> Result<BlockRow, StoreError> {
        let columns = Written::of(block);
        let row = sqlx::query(
            "insert into blocks (id, kind, value, scope_kind, scope, action, until_at, note, planned, created_at) \
             values ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9) \
             on conflict (kind, value, scope_kind, scope) where planned = 0 do update set \
             action = excluded.action, until_at = excluded.until_at, note = excluded.note \
             returning id, kind, value, scope_kind, scope, action, until_at, note, planned, created_at",
        )
        .bind(block.id.as_str())
        .bind(columns.kind)
        .bind(columns.value)
        .bind(columns.scope_kind)
        .bind(columns.scope)
        .bind(block.then.as_str())
        .bind(block.until.map(Timestamp::as_ms))
        .bind(block.note.as_deref())
        .bind(now.as_ms())
        .fetch_one(self.connection())
        .await?;
        Ok(read(&row)?)
    }

    pub async fn find_block(&mut self, id: &BlockId) -> Result<Option<BlockRow>, StoreError> {
        find(self.connection(), id).await
    }

    /// How many entries there are that were made one by one.
    pub async fn count_made_blocks(&mut self) -> Result<u64, StoreError> {
        let row = sqlx::query("select count(*) as made from blocks where planned = 0")
            .fetch_one(self.connection())
            .await?;
        Ok(row.int("made")?.max(0) as u64)
    }

    /// An entry has no history of its own: the calls that it refused keep its name.
    pub async fn delete_block(&mut self, id: &BlockId) -> Result<(), StoreError> {
        sqlx::query("delete from blocks where id = $1").bind(id.as_str()).execute(self.connection()).await?;
        Ok(())
    }

    pub async fn find_screening_settings(&mut self) -> Result<Settings, StoreError> {
        settings(self.connection()).await
    }

    pub async fn save_screening_settings(&mut self, settings: &Settings) -> Result<(), StoreError> {
        sqlx::query(
            "insert into screening (id, settings) values (1, $1) \
             on conflict (id) do update set settings = excluded.settings",
        )
        .bind(serde_json::to_string(settings).map_err(|e| sqlx::Error::Encode(e.into()))?)
        .execute(self.connection())
        .await?;
        Ok(())
    }
}

/// What an entry has in those columns that are more than one value of its own.
struct Written {
    kind: &'static str,
    value: String,
    scope_kind: &'static str,
    scope: String,
}

impl Written {
    fn of(block: &Block) -> Self {
        let (scope_kind, scope) = match &block.scope {
            Scope::All => ("all", String::new()),
            Scope::Outlet(outlet) => ("outlet", outlet.to_string()),
            Scope::Number(number) => ("number", number.reveal().to_owned()),
        };
        Self { kind: block.who.kind(), value: block.who.reveal(), scope_kind, scope }
    }
}

async fn find(on: impl sqlx::AnyExecutor<'_>, id: &BlockId) -> Result<Option<BlockRow>, StoreError> {
    let row = sqlx::query(select!(" where id = $1")).bind(id.as_str()).fetch_optional(on).await?;
    Ok(row.as_ref().map(read).transpose()?)
}

async fn settings(on: impl sqlx::AnyExecutor<'_>) -> Result<Settings, StoreError> {
    let row = sqlx::query("select settings from screening where id = 1").fetch_optional(on).await?;
    Ok(row.map(|row| row.json("settings")).transpose()?.unwrap_or_default())
}

fn read(row: &AnyRow) -> Result<BlockRow, sqlx::Error> {
    let who = match row.text("kind")?.as_str() {
        "number" => Who::Number(row.word("value")?),
        "prefix" => Who::Prefix(row.word("value")?),
        "country" => Who::Country(row.word("value")?),
        _ => Who::Withheld,
    };
    let scope = match row.text("scope_kind")?.as_str() {
        "outlet" => Scope::Outlet(row.word("scope")?),
        "number" => Scope::Number(row.word("scope")?),
        _ => Scope::All,
    };
    let block = Block {
        id: row.word("id")?,
        who,
        scope,
        then: row.word("action")?,
        until: row.maybe_time("until_at")?,
        note: row.maybe_text("note")?,
    };
    Ok(BlockRow { block, planned: row.flag("planned")?, created_at: row.time("created_at")? })
}
