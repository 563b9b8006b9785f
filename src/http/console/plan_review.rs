//! Every edit of the plan passes here: what it would change is shown, with the numbers that people may still call, and
//! applied when it is confirmed. What destroys asks for its name besides.
//!
//! ```text
//!   a page's form ─► review ─► confirmed ─► applied ─► back to the page
//!                      ▲ the plan moved, a name is wrong │
//!                      └──────────────────────────────────┘
//! ```
//!
//! The review carries the fields of the form along, so that the edit is the same when it is confirmed, and the revision
//! of the plan that it was compared with: it never writes over what somebody else has changed unseen.

use askama::Template;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::{Frame, page};
use crate::domain::plan::Change;
use crate::domain::plan::diff::Action;
use crate::flows::{Comparison, Edit, EditError, Edited, plan_edit_compared, plan_edited};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, QueryReader, Session};
use crate::http::language::{EditTexts, Lang};

/// So many facts of changes are shown; a range of numbers has thousands.
const FACTS_MAX: usize = 300;
const ORPHANS_MAX: usize = 100;

/// What a form says besides its own fields.
#[derive(Default)]
pub struct Sent {
    /// The form's own fields.
    fields: Vec<(String, String)>,
    /// Of the plan that the editor looked at.
    revision: Option<i64>,
    confirmed: bool,
    forced: bool,
    typed: String,
}

impl Sent {
    /// Reads what is not the form's own, and notes what is.
    pub fn read(query: &mut QueryReader<'_>) -> Self {
        let revision = query.value("revision");
        let confirmed = query.text("confirmed").is_some();
        let forced = query.text("forced").is_some();
        let typed = query.text("typed").unwrap_or_default();
        Self { fields: query.unread(), revision, confirmed, forced, typed }
    }

    /// What came in another way than by a form of fields.
    pub fn of(fields: Vec<(String, String)>) -> Self {
        Self { fields, ..Self::default() }
    }
}

/// For the forms that have no field of their own.
impl FromQuery for Sent {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Sent::read(query)
    }
}

/// Whether an edit was just applied, for the pages that are asked nothing else.
pub struct Saved(pub bool);

impl FromQuery for Saved {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self(query.text("saved").is_some())
    }
}

/// An edit, and what stands around it.
pub(super) struct Proposal {
    pub title: String,
    /// Where the form is sent.
    pub action: String,
    /// Where it comes from, and goes to afterwards.
    pub back: String,
    /// What has to be typed: the edit destroys.
    pub typed: Option<String>,
    /// What becomes of each line of a table.
    pub lines: fn(Lang, &Comparison, &[TableLine]) -> Vec<LineView>,
    pub table: Vec<TableLine>,
    pub edit: Edit,
}

/// A line of a table, and the number that it is about.
pub(super) struct TableLine {
    pub line: u64,
    pub number: String,
}

pub(super) struct LineView {
    pub line: u64,
    pub number: String,
    pub key: &'static str,
    pub word: &'static str,
    pub told: String,
}

impl Proposal {
    pub fn new(title: impl Into<String>, action: &str, back: &str, edit: Edit) -> Self {
        Self {
            title: title.into(),
            action: action.to_owned(),
            back: back.to_owned(),
            typed: None,
            lines: |_, _, _| vec![],
            table: vec![],
            edit,
        }
    }

    /// It destroys: whoever does it types this name.
    pub fn typing(mut self, name: &str) -> Self {
        self.typed = Some(name.to_owned());
        self
    }
}

/// What became of an edit.
pub(super) enum Outcome {
    /// It is shown, or done.
    Answered(Response),
    /// It cannot be; the form says why.
    Wrong(Vec<Wrong>),
}

/// What is wrong with an edit.
pub(super) struct Wrong {
    /// The entry that it is about; empty: the edit as a whole.
    pub entry: String,
    pub told: String,
}

impl Wrong {
    pub fn whole(told: String) -> Self {
        Self { entry: String::new(), told }
    }
}

/// What stands above a form.
pub(super) fn told(wrong: Vec<Wrong>) -> Vec<String> {
    wrong.into_iter().map(|it| it.told).collect()
}

#[derive(Template)]
#[template(path = "plan_review.html")]
struct ReviewPage {
    frame: Frame,
    t: &'static EditTexts,
    title: String,
    action: String,
    back: String,
    fields: Vec<(String, String)>,
    revision: i64,
    typed: Option<String>,
    has_moved: bool,
    is_name_wrong: bool,
    lines: Vec<LineView>,
    changes: Vec<ChangeView>,
    more_changes: bool,
    orphans: Vec<String>,
    more_orphans: bool,
}

/// One fact that would be another, under the thing that it is of.
struct ChangeView {
    thing: String,
    /// Empty: the thing comes or goes as a whole.
    key: &'static str,
    before: String,
    after: String,
}

/// Shows what an edit would change, or applies it when it is confirmed.
pub(super) async fn decide(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    sent: Sent,
    proposal: Proposal,
) -> Result<Outcome, HttpError> {
    let is_name_wrong =
        sent.confirmed && proposal.typed.as_ref().is_some_and(|name| name.trim() != sent.typed.trim());
    let mut has_moved = false;
    if sent.confirmed && !is_name_wrong {
        let edit = proposal.edit.clone();
        match plan_edited(&app.store, &app.clock, app.watch.exits(), edit, sent.revision, sent.forced).await {
            Ok(_) => {
                let mark = if proposal.back.contains('?') { '&' } else { '?' };
                let back = format!("{}{mark}saved=1", proposal.back);
                return Ok(Outcome::Answered(Redirect::to(&back).into_response()));
            }
            Err(EditError::Moved) => has_moved = true,
            // They are told below.
            Err(EditError::Orphans(_)) => {}
            Err(other) => return wrong(lang, other),
        }
    }
    let edit = proposal.edit.clone();
    let edited = match plan_edit_compared(&app.store, &app.clock, app.watch.exits(), edit).await {
        Ok(edited) => edited,
        Err(refused) => return wrong(lang, refused),
    };
    has_moved |= !sent.confirmed && sent.revision.is_some_and(|looked_at| looked_at != edited.revision);
    let shown = review(lang, here, session, sent.fields, proposal, edited, (has_moved, is_name_wrong))?;
    let status = if is_name_wrong || has_moved { StatusCode::CONFLICT } else { StatusCode::OK };
    Ok(Outcome::Answered((status, shown).into_response()))
}

fn review(
    lang: Lang,
    here: &Uri,
    session: &Session,
    fields: Vec<(String, String)>,
    proposal: Proposal,
    Edited { comparison, revision }: Edited,
    (has_moved, is_name_wrong): (bool, bool),
) -> Result<Response, HttpError> {
    let mut changes: Vec<ChangeView> = comparison.changes.iter().flat_map(|it| views(lang, it)).collect();
    let more_changes = changes.len() > FACTS_MAX;
    changes.truncate(FACTS_MAX);
    let orphans = comparison.orphans.iter().take(ORPHANS_MAX).map(|it| lang.orphan(it));
    page(&ReviewPage {
        t: lang.edit_texts(),
        orphans: orphans.collect(),
        more_orphans: comparison.orphans.len() > ORPHANS_MAX,
        lines: (proposal.lines)(lang, &comparison, &proposal.table),
        title: proposal.title,
        action: proposal.action,
        back: proposal.back,
        typed: proposal.typed,
        fields,
        revision,
        has_moved,
        is_name_wrong,
        changes,
        more_changes,
        frame: Frame::new(lang, here, Some(session)),
    })
}

fn views(lang: Lang, change: &Change) -> Vec<ChangeView> {
    let thing = lang.changed_thing(change.action, &change.thing);
    let whole = || ChangeView { thing: thing.clone(), key: "", before: String::new(), after: String::new() };
    if change.action == Action::Remove {
        return vec![whole()];
    }
    let said = change.facts.iter().filter(|(_, before, after)| before != after);
    let views = said.enumerate().map(|(nth, (key, before, after))| ChangeView {
        thing: if nth == 0 { thing.clone() } else { String::new() },
        key,
        before: before.clone(),
        after: after.clone(),
    });
    let views: Vec<ChangeView> = views.collect();
    if views.is_empty() { vec![whole()] } else { views }
}

/// The refusal in the reader's words, where they can do something about it.
fn wrong(lang: Lang, refused: EditError) -> Result<Outcome, HttpError> {
    match refused {
        EditError::Fault(fault) => Ok(Outcome::Wrong(vec![Wrong::whole(lang.edit_fault(&fault))])),
        EditError::Problems(problems) => {
            let told =
                problems.iter().map(|it| Wrong { entry: it.place.name.clone(), told: lang.plan_problem(it) });
            Ok(Outcome::Wrong(told.collect()))
        }
        EditError::Store(failure) => Err(failure.into()),
        // Neither is asked of a comparison, and both are told on the page above.
        EditError::Moved | EditError::Orphans(_) => Err(HttpError::Internal),
    }
}
