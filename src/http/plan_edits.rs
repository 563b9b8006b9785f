//! Edits of the plan as programs send them: tried or applied, and what is told of either.

use serde::Serialize;
use utoipa::ToSchema;

use super::AppState;
use super::error::{BadField, HttpError};
use crate::domain::plan::Change;
use crate::domain::plan::diff::Action;
use crate::flows::{Edit, EditError, plan_edit_compared, plan_edited};

/// What an edit changed, or would change.
#[derive(Serialize, ToSchema)]
pub struct PlanEdited {
    /// `false`: it was only tried.
    pub applied: bool,
    pub changes: Vec<PlanChange>,
    /// Numbers that it takes away while people may still call them, with the reason.
    #[schema(example = json!(["+33199002003: static, so it may stand in print"]))]
    pub orphans: Vec<String>,
}

/// One entry of the plan that changed.
#[derive(Serialize, ToSchema)]
pub struct PlanChange {
    /// `create`, `update` or `remove` (out of service; its history stays).
    pub action: &'static str,
    #[schema(example = "number +33199002003")]
    pub thing: String,
    pub facts: Vec<PlanFact>,
}

/// What of it was another way.
#[derive(Serialize, ToSchema)]
pub struct PlanFact {
    /// As in the plan's file.
    #[schema(example = "destination")]
    pub key: &'static str,
    pub before: String,
    pub after: String,
}

impl From<Change> for PlanChange {
    fn from(change: Change) -> Self {
        let action = match change.action {
            Action::Create => "create",
            Action::Update => "update",
            Action::Remove => "remove",
        };
        let facts = change.facts.into_iter().filter(|(_, before, after)| before != after);
        let facts = facts.map(|(key, before, after)| PlanFact { key, before, after });
        Self { action, thing: change.thing.to_string(), facts: facts.collect() }
    }
}

/// Applies an edit, or only tells what it would change. Without `force` none is applied that takes numbers away which
/// people may still call.
pub async fn edited(app: &AppState, edit: Edit, is_dry: bool, force: bool) -> Result<PlanEdited, HttpError> {
    let exits = app.watch.exits();
    if is_dry {
        let compared = plan_edit_compared(&app.store, &app.clock, exits, edit).await?.comparison;
        return Ok(PlanEdited {
            applied: false,
            changes: compared.changes.into_iter().map(Into::into).collect(),
            orphans: compared.orphans.iter().map(ToString::to_string).collect(),
        });
    }
    let changes = plan_edited(&app.store, &app.clock, exits, edit, None, force).await?;
    Ok(PlanEdited { applied: true, changes: changes.into_iter().map(Into::into).collect(), orphans: vec![] })
}

impl From<EditError> for HttpError {
    fn from(refused: EditError) -> Self {
        match refused {
            EditError::Fault(fault) => Self::Invalid(vec![BadField::new("plan", fault.to_string())]),
            EditError::Problems(problems) => {
                let told = problems.into_iter();
                let told = told.map(|it| BadField::new(it.place.to_string(), it.fault.to_string()));
                Self::Invalid(told.collect())
            }
            EditError::Orphans(orphans) => {
                let told = orphans.iter().map(ToString::to_string).collect::<Vec<_>>();
                Self::Conflict(format!(
                    "numbers may still be called: {}; allow_orphans takes them",
                    told.join("; ")
                ))
            }
            EditError::Moved => Self::Conflict(EditError::Moved.to_string()),
            EditError::Store(failure) => failure.into(),
        }
    }
}
