//! A part of the contact's page: by what and for what they may be reached just now.

use super::parts::Moment;
use crate::domain::ids::ContactId;
use crate::domain::people::consent::Channel;
use crate::domain::people::contact::Whom;
use crate::domain::people::rules::{Decision, Question, REACHING, decide};
use crate::flows::facts_of;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::language::Lang;

/// What a contact may be reached for.
pub(super) struct Reach {
    pub name: String,
    pub ways: Vec<Way>,
}

/// By one channel, and what speaks for it or against it first.
pub(super) struct Way {
    pub channel: &'static str,
    pub allowed: bool,
    pub answer: &'static str,
    pub why: String,
    /// When it will be allowed.
    pub next: Option<Moment>,
}

/// One for each purpose of the plan, and with several controllers for each of these.
pub(super) async fn of(app: &AppState, lang: Lang, id: ContactId) -> Result<Vec<Reach>, HttpError> {
    let now = app.clock.now();
    let (policy, facts) = facts_of(&app.store, &app.clock, vec![Whom::Contact(id)], now).await?;
    let facts = facts.into_iter().flatten().next().ok_or(HttpError::NotFound("contact"))?;
    let (purposes, controllers) = (app.store.list_purposes().await?, app.store.list_controllers().await?);
    let mut reach = Vec::new();
    for controller in &controllers {
        for purpose in &purposes {
            let name = lang.purpose_name(purpose);
            let name = if controllers.len() > 1 {
                format!("{name} · {}", controller.name)
            } else {
                name.to_owned()
            };
            let ask = |&channel: &Channel| {
                let (purpose, controller) = (purpose.clone(), controller.id.clone());
                let question = Question { channel, purpose, controller };
                way(lang, channel, decide(&facts, &question, &policy, now))
            };
            let reaches = |channel: &&Channel| REACHING.contains(channel);
            let ways: Vec<Way> = purpose.channels.iter().filter(reaches).map(ask).collect();
            // Some are pursued by recording alone.
            if !ways.is_empty() {
                reach.push(Reach { name, ways });
            }
        }
    }
    Ok(reach)
}

fn way(lang: Lang, channel: Channel, decision: Decision) -> Way {
    Way {
        channel: lang.reached_by(channel),
        allowed: decision.allowed,
        answer: lang.yes_or_no(decision.allowed),
        why: decision.decisive().map(|reason| lang.reach_why(&reason.why)).unwrap_or_default(),
        next: decision.next_at.map(|at| Moment::day_and_time(lang, at)),
    }
}
