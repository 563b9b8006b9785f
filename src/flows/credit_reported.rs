//! Which channels, sources, media or campaigns earned the calls of a period: the same journeys, read by each model that
//! was asked for.

use super::error::FlowError;
use super::journeys_reported::{Asked, with_journeys};
use crate::domain::tracking::credit::{Credits, Model, credits};
use crate::store::Store;

#[derive(Clone, PartialEq, Debug)]
pub struct CreditReport {
    /// The calls that are shared out: the credits of each model add up to them.
    pub calls: f64,
    /// Calls that nothing led up to within the look-back.
    pub untouched: f64,
    /// There was more than is read: the oldest visits or calls are left out.
    pub cut: bool,
    /// In the order in which they were asked for.
    pub models: Vec<(Model, Credits)>,
}

pub async fn credit_reported(
    store: &Store,
    asked: Asked,
    models: Vec<Model>,
) -> Result<CreditReport, FlowError> {
    let reckon = move |journeys: crate::domain::tracking::credit::Journeys| {
        (journeys.calls(), journeys.untouched(), credits(&models, &journeys))
    };
    let ((calls, untouched, models), cut) = with_journeys(store, &asked, reckon).await?;
    Ok(CreditReport { calls, untouched, cut, models })
}
