//! Somebody asks whom nobody answered, what became of each, what they may have been worth, and whether they may be
//! called now.

use std::collections::HashMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::contactability_checked::contactability_checked;
use super::reports_read::{ReportError, Reports};
use crate::clock::Clock;
use crate::domain::calling::missed::Fate;
use crate::domain::ids::ContactId;
use crate::domain::people::consent::Channel as By;
use crate::domain::people::contact::Whom;
use crate::domain::people::purpose::{Kind, Purpose};
use crate::domain::people::rules::{Decision, Question};
use crate::domain::people::scenario::{CallEvent, Task, When};
use crate::domain::reporting::count::{self, Breakdown};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::stake::{Sold, Stakes};
use crate::domain::reporting::sums::{Sums, calls};
use crate::domain::time::Timestamp;
use crate::store::reports::missed::{MissedCaller, MissedFilter};
use crate::store::{Page, Store, StoreError, Window};

/// What estimates of worth stand on.
const LOOK_BACK: Duration = Duration::from_hours(365 * 24);

/// A part of the list of callers whom nobody answered, and what is known of them.
pub struct Missed {
    pub callers: Page<MissedCaller>,
    /// How many such calls came from nobody who could be called back.
    pub of_nobody: u64,
    /// What for it was asked whether they may be called.
    pub purpose: Purpose,
    /// Of those who still wait: whether they may be called now.
    pub may: HashMap<ContactId, Decision>,
    /// What is to be done about them already.
    pub tasks: HashMap<ContactId, Task>,
    pub stakes: Stakes,
}

pub async fn callers_missed(
    store: &Store,
    clock: &Clock,
    reports: &Reports,
    filter: &MissedFilter,
    window: &Window,
) -> Result<Missed, StoreError> {
    let now = clock.now();
    let callers = store.list_missed(filter, window).await?;
    let of_nobody = store.count_missed_of_nobody(filter).await?;
    let waiting = callers.items.iter().filter(|caller| caller.fate == Fate::Open);
    let waiting: Vec<ContactId> = waiting.map(|caller| caller.contact).collect();
    let question = call_back(store).await?;
    let whom = waiting.iter().copied().map(Whom::Contact).collect();
    let decided = contactability_checked(store, clock, whom, &question, now).await?;
    let may = waiting.iter().copied().zip(decided).filter_map(|(id, decision)| Some((id, decision?)));
    let tasks = store.list_call_backs(&waiting).await?.into_iter().map(|task| (task.contact, task));
    Ok(Missed {
        may: may.collect(),
        tasks: tasks.collect(),
        stakes: stakes(store, reports, now).await?,
        purpose: question.purpose,
        of_nobody,
        callers,
    })
}

/// What a call back is, before the rules: what a scenario of missed calls asks; else the first purpose of prospecting
/// that is pursued by telephone. A plan without one is asked about as if it had one that nobody has consented to.
async fn call_back(store: &Store) -> Result<Question, StoreError> {
    let (purposes, controllers) = (store.list_purposes().await?, store.list_controllers().await?);
    let scenarios = store.read(|tx| Box::pin(tx.list_scenarios())).await?;
    let of_missed = scenarios.into_iter().filter(|it| it.when == When::Call(CallEvent::Missed));
    for may in of_missed.filter_map(|it| it.may).filter(|may| may.channel == By::Phone) {
        if let Some(purpose) = purposes.iter().find(|purpose| purpose.id == may.purpose) {
            let purpose = purpose.clone();
            return Ok(Question { channel: By::Phone, purpose, controller: may.controller });
        }
    }
    let fits = |it: &Purpose| it.kind == Kind::Prospecting && it.channels.contains(&By::Phone);
    let made_up = || Purpose {
        id: "call-back".parse().expect("a slug"),
        kind: Kind::Prospecting,
        name_en: "Call back".to_owned(),
        name_fr: "Rappel".to_owned(),
        channels: vec![By::Phone],
    };
    let controller = controllers.into_iter().next().map(|it| it.id);
    Ok(Question {
        channel: By::Phone,
        purpose: purposes.into_iter().find(fits).unwrap_or_else(made_up),
        controller: controller.unwrap_or_else(|| "nobody".parse().expect("a slug")),
    })
}

/// How often calls became sales, and what a purchase is worth.
async fn stakes(store: &Store, reports: &Reports, now: Timestamp) -> Result<Stakes, StoreError> {
    let since = now - LOOK_BACK;
    let purchase = store.find_mean_purchase(since).await?;
    if purchase.is_none() {
        return Ok(Stakes::default());
    }
    let counted = reports.count(count::Question {
        period: since..now,
        zone: TimeZone::UTC,
        bars: vec![],
        only: vec![],
        apart: vec![Dimension::Channel],
        rows_max: usize::MAX,
    });
    // The list is worth having without what the callers may have been worth.
    let counted = match counted.await {
        Ok(counted) => counted,
        Err(ReportError::NotRead | ReportError::Panicked) => return Ok(Stakes::default()),
    };
    let sold = |sums: &Sums| Sold { answered: calls(sums.answered), sales: calls(sums.sales) };
    let rows = counted.apart.iter().flat_map(|Breakdown { rows, .. }| rows);
    let channels = rows.filter_map(|row| Some((row.label.as_ref()?.parse().ok()?, sold(&row.sums))));
    Ok(Stakes { channels: channels.collect(), all: sold(&counted.total), purchase })
}
