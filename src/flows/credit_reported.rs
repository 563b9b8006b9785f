//! Which channels, sources, media or campaigns earned the calls of a period: the same journeys, read by each model that
//! was asked for.

use std::sync::Arc;

use super::error::FlowError;
use super::journeys_reported::{Asked, journeys_read, reckoned};
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit::{Credits, Model, credits};
use crate::store::Store;

#[derive(Clone, PartialEq, Debug)]
pub struct CreditReport {
    /// The calls that are shared out: the credits of each model add up to them.
    pub calls: f64,
    /// Calls that nothing led up to within the look-back.
    pub untouched: f64,
    /// There was more than is read: calls before this are left out.
    pub since: Option<Timestamp>,
    /// In the order in which they were asked for.
    pub models: Vec<(Model, Credits)>,
}

pub async fn credit_reported(
    store: &Store,
    asked: Asked,
    models: Vec<Model>,
) -> Result<CreditReport, FlowError> {
    let (journeys, since) = journeys_read(store, &asked).await?;
    let journeys = Arc::new(journeys);
    let by = |models: Vec<Model>| {
        let journeys = Arc::clone(&journeys);
        reckoned(move || credits(&models, &journeys))
    };
    // What learns takes as long as all the rules.
    let (rules, learners) = models.iter().partition(|it| it.is_rule());
    let (rules, learners) = tokio::join!(by(rules), by(learners));
    let mut told = [rules?, learners?].concat();
    told.sort_by_key(|(model, _)| models.iter().position(|asked| asked == model));
    Ok(CreditReport { calls: journeys.calls(), untouched: journeys.untouched(), since, models: told })
}
