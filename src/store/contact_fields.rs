//! What the plan declares of people: custom fields, and systems with customer
//! numbers of their own.

use sqlx::any::AnyRow;

use super::rows::{Columns, all};
use super::{Store, StoreError, Tx};
use crate::domain::ids::{FieldId, SystemId};
use crate::domain::people::field::Field;
use crate::domain::plan::people::System;

impl Store {
    pub async fn list_contact_fields(&self) -> Result<Vec<Field>, StoreError> {
        list_fields(self.reads()).await
    }

    pub async fn list_systems(&self) -> Result<Vec<System>, StoreError> {
        list_systems(self.reads()).await
    }
}

impl Tx {
    pub async fn list_contact_fields(&mut self) -> Result<Vec<Field>, StoreError> {
        list_fields(self.connection()).await
    }

    pub async fn list_systems(&mut self) -> Result<Vec<System>, StoreError> {
        list_systems(self.connection()).await
    }

    /// Inserts the field, or changes it when it is there already; it is in service then.
    pub async fn save_contact_field(&mut self, field: &Field) -> Result<(), StoreError> {
        sqlx::query(
            "insert into contact_fields (id, name, kind, choices, in_service) values ($1, $2, $3, $4, 1) \
             on conflict (id) do update set name = excluded.name, kind = excluded.kind, \
             choices = excluded.choices, in_service = 1",
        )
        .bind(field.id.as_str())
        .bind(&field.name)
        .bind(field.kind.as_str())
        .bind(serde_json::Value::from(field.choices.clone()).to_string())
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the field out of service; what stands in it stays.
    pub async fn retire_contact_field(&mut self, id: &FieldId) -> Result<(), StoreError> {
        sqlx::query("update contact_fields set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }

    /// Inserts the system, or changes it when it is there already; it is in service then.
    pub async fn save_system(&mut self, system: &System) -> Result<(), StoreError> {
        sqlx::query(
            "insert into systems (id, name, in_service) values ($1, $2, 1) \
             on conflict (id) do update set name = excluded.name, in_service = 1",
        )
        .bind(system.id.as_str())
        .bind(&system.name)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    /// Takes the system out of service; its customer numbers stay.
    pub async fn retire_system(&mut self, id: &SystemId) -> Result<(), StoreError> {
        sqlx::query("update systems set in_service = 0 where id = $1")
            .bind(id.as_str())
            .execute(self.connection())
            .await?;
        Ok(())
    }
}

async fn list_fields(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<Field>, StoreError> {
    let rows =
        sqlx::query("select id, name, kind, choices from contact_fields where in_service = 1 order by id")
            .fetch_all(on)
            .await?;
    Ok(all(rows, |row: &AnyRow| {
        Ok(Field {
            id: row.word("id")?,
            name: row.text("name")?,
            kind: row.word("kind")?,
            choices: row.json("choices")?,
        })
    })?)
}

async fn list_systems(on: impl sqlx::AnyExecutor<'_>) -> Result<Vec<System>, StoreError> {
    let rows =
        sqlx::query("select id, name from systems where in_service = 1 order by id").fetch_all(on).await?;
    Ok(all(rows, |row: &AnyRow| Ok(System { id: row.word("id")?, name: row.text("name")? }))?)
}
