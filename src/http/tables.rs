//! Tables of contacts, as the API and the console bring, start and delete them.

use std::io::Read;

use bytes::Bytes;
use futures_util::Stream;
use tokio::task::spawn_blocking;
use tracing::error;

use super::AppState;
use super::error::{BadField, HttpError};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::ImportId;
use crate::domain::people::consent::{Draft, Fault};
use crate::domain::people::import::columns::Mapping;
use crate::domain::people::import::table::{Position, Separator, TableError, headings};
use crate::domain::people::import::{Counts, Import, Problem, State};
use crate::flows::{ImportError, ImportRun, declared, import_deleted, import_received, import_started};
use crate::http::extract::Scope;
use crate::inbox::InboxError;

/// As much of a file's name as is kept.
const NAME_MAX: usize = 100;
/// Where the separator is looked for.
const BEGINNING: u64 = 8 * 1024;

/// What the columns mean, or seem to.
pub async fn mapping(app: &AppState, import: &Import) -> Result<Mapping, HttpError> {
    match &import.mapping {
        Some(mapping) => Ok(mapping.clone()),
        None => {
            let declared = declared(&app.store, app.config.home).await?;
            Ok(Mapping::suggested(&import.columns, &declared))
        }
    }
}

/// Keeps a file that comes in pieces, and writes down that it is there.
pub async fn brought<E>(
    app: &AppState,
    by: Accessor,
    name: &str,
    separator: Option<Separator>,
    pieces: impl Stream<Item = Result<Bytes, E>> + Unpin,
) -> Result<Import, HttpError> {
    if !(1..=NAME_MAX).contains(&name.chars().count()) || name.contains(char::is_control) {
        let problem = format!("takes a text of 1 to {NAME_MAX} characters");
        return Err(HttpError::Invalid(vec![BadField::new("name", problem)]));
    }
    let id = ImportId(app.clock.new_id());
    let bytes = app.inbox.receive(id, pieces).await?;
    let written = async {
        let (separator, columns, position) = look_into(app, id, separator).await?;
        let import = Import {
            id,
            name: name.to_owned(),
            node: app.config.node.clone(),
            created_at: app.clock.now(),
            by,
            state: State::Waiting,
            separator,
            columns,
            mapping: None,
            consents: Draft::default(),
            bytes,
            position,
            run: 0,
            counts: Counts::default(),
            problem: None,
            finished_at: None,
        };
        import_received(&app.store, import.clone()).await?;
        Ok(import)
    };
    let written: Result<_, HttpError> = written.await;
    if written.is_err() {
        // Nobody would ever work it off.
        let _ = app.inbox.delete(id);
    }
    written
}

/// The separator, the headings and where the rows begin.
async fn look_into(
    app: &AppState,
    id: ImportId,
    separator: Option<Separator>,
) -> Result<(Separator, Vec<String>, Position), HttpError> {
    let inbox = app.inbox.clone();
    let looked = spawn_blocking(move || {
        let separator = match separator {
            Some(said) => said,
            None => {
                let mut beginning = Vec::new();
                inbox.read(id, 0)?.take(BEGINNING).read_to_end(&mut beginning)?;
                Separator::guess(&String::from_utf8_lossy(&beginning))
            }
        };
        let (columns, position) = headings(inbox.read(id, 0)?, separator)?;
        Ok((separator, columns, position))
    });
    looked.await.map_err(|_| HttpError::Internal)?.map_err(|failure: TableError| match failure {
        TableError::Io(cause) => InboxError::Io(cause).into(),
        told => HttpError::Invalid(vec![BadField::new("body", told.to_string())]),
    })
}

pub async fn started(app: &AppState, id: ImportId, asked: ImportRun) -> Result<Import, HttpError> {
    let import = app.store.find_import(id).await?.ok_or(HttpError::NotFound("import"))?;
    if import.node != app.config.node {
        return Err(HttpError::Conflict(format!("the file is on the node {}; start it there", import.node)));
    }
    if !import.state.may_start() {
        return Err(ImportError::NotNow(import.state).into());
    }
    let declared = declared(&app.store, app.config.home).await?;
    let (_, _, first) = look_into(app, id, Some(import.separator)).await?;
    Ok(import_started(&app.store, &app.clock, &declared, id, asked, first).await?)
}

pub async fn deleted(app: &AppState, id: ImportId) -> Result<(), HttpError> {
    import_deleted(&app.store, &app.clock, id).await?;
    // Another node's file is swept there when it starts.
    Ok(app.inbox.delete(id).map_err(InboxError::Io)?)
}

impl From<ImportError> for HttpError {
    fn from(failure: ImportError) -> Self {
        match failure {
            ImportError::NotFound => Self::NotFound("import"),
            ImportError::NotNow(_) => Self::Conflict(failure.to_string()),
            ImportError::Mapping(problems) => {
                let told = |Problem { column, detail }| match column.as_str() {
                    "" => BadField::new("mapping", detail),
                    column => BadField::new(format!("mapping.{column}"), detail),
                };
                Self::Invalid(problems.into_iter().map(told).collect())
            }
            ImportError::Consents(faults) => {
                let told = |it: &Fault| BadField::new(format!("consents.{}", it.field), it.wrong.to_string());
                Self::Invalid(faults.iter().map(told).collect())
            }
            ImportError::NoConsents => Self::MissingScope(Scope::ConsentsWrite),
            ImportError::Store(failure) => failure.into(),
        }
    }
}

impl From<InboxError> for HttpError {
    fn from(failure: InboxError) -> Self {
        match failure {
            InboxError::TooLarge { limit } => Self::TooLarge { limit: limit as usize },
            InboxError::BrokeOff => Self::Invalid(vec![BadField::new("body", failure.to_string())]),
            InboxError::Io(_) => {
                let error = &failure as &dyn std::error::Error;
                error!(error, "the folder of imports does not work");
                Self::Unavailable
            }
        }
    }
}
