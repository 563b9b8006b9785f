//! How long data is kept, what the next run would take, and what the last ones took.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::parts::Moment;
use super::{Frame, page};
use crate::domain::people::erasure::Touched;
use crate::domain::people::retention::Kind;
use crate::http::AppState;
use crate::http::api::retention::{Retention, RetentionPolicy, RetentionRun};
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, RetentionTexts};

pub struct Asked;

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self
    }
}

#[derive(Template)]
#[template(path = "retention.html")]
struct RetentionPage {
    frame: Frame,
    t: &'static RetentionTexts,
    kinds: Vec<KindView>,
    runs: Vec<RunView>,
}

struct KindView {
    name: &'static str,
    then: &'static str,
    /// What the authorities name.
    named: Option<String>,
    /// `None`: the plan says nothing of it.
    policy: Option<PolicyView>,
}

struct PolicyView {
    months: String,
    because: String,
    due: u64,
    oldest: Option<Moment>,
    next: Moment,
}

struct RunView {
    at: Moment,
    name: &'static str,
    months: String,
    taken: u64,
    /// It has come to its end.
    ended: bool,
}

/// `GET /console/retention`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(Asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let Retention { mut policies, runs } = Retention::now(&app).await?;
    let kinds = Kind::ALL.iter().map(|&kind| {
        let found = policies.iter().position(|policy| policy.kind == kind);
        let policy = found.map(|at| policy(lang, policies.swap_remove(at)));
        let named = kind.named().map(|(months, law)| format!("{} · {law}", lang.months(months)));
        let (name, then) = lang.retained(kind);
        KindView { name, then, named, policy }
    });
    page(&RetentionPage {
        t: lang.retention_texts(),
        kinds: kinds.collect(),
        runs: runs.into_iter().map(|it| run(lang, it)).collect(),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

fn policy(lang: Lang, policy: RetentionPolicy) -> PolicyView {
    PolicyView {
        months: lang.months(policy.months),
        because: policy.because,
        due: sum(&policy.would_take),
        oldest: policy.oldest.map(|at| Moment::day(lang, at)),
        next: Moment::day_and_time(lang, policy.due_at),
    }
}

fn run(lang: Lang, run: RetentionRun) -> RunView {
    RunView {
        at: Moment::day_and_time(lang, run.began_at),
        name: lang.retained(run.kind).0,
        months: lang.months(run.months),
        taken: sum(&run.taken),
        ended: run.ended_at.is_some(),
    }
}

fn sum(rows: &Touched) -> u64 {
    rows.values().sum()
}
