//! Outlets held against each other, as the API and the console tell it.
//!
//! Either each outlet stands by itself, or those below one, each with all that is below it.

use std::collections::BTreeSet;

use super::AppState;
use super::error::HttpError;
use super::report::{Asked, Reported, meant};
use crate::domain::ids::OutletId;
use crate::domain::outlet::Outlet;
use crate::domain::reporting::count::{Counted, Row};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::expected::Expected;
use crate::domain::reporting::funnel::{Funnel, Place, Verdict, funnel};
use crate::domain::reporting::sums::{Sums, calls};

/// The outlets of a report, those with the most calls first.
pub struct Network {
    pub reported: Reported,
    pub outlets: Vec<Ranked>,
    /// In the order of the outlets.
    pub funnel: Funnel,
    /// Outlets that have others below them, of those that the reader sees.
    pub heads: Vec<Outlet>,
}

pub struct Ranked {
    /// `None`: calls of no outlet.
    pub outlet: Option<OutletId>,
    pub sums: Sums,
    pub expected: Expected,
    /// `None`: nothing is compared.
    pub before: Option<Sums>,
    /// Whether others stand below it.
    pub is_head: bool,
}

impl Network {
    /// # Errors
    ///
    /// There is no outlet that is `below`, to this reader; or what [`Asked::report`] refuses.
    pub async fn of(app: &AppState, asked: &Asked, below: Option<&OutletId>) -> Result<Self, HttpError> {
        let apart = || vec![Dimension::Outlet];
        let reported = asked.report_both(app, apart(), apart(), usize::MAX).await?;
        let mut outlets = app.store.list_outlets().await?;
        if let Some(within) = &asked.within {
            outlets.retain(|it| within.contains(&Some(it.id.to_string())));
        }
        if below.is_some_and(|below| outlets.iter().all(|it| it.id != *below)) {
            return Err(HttpError::NotFound("outlet"));
        }
        let is_head = |id: &OutletId| outlets.iter().any(|it| it.parent.as_ref() == Some(id));
        let groups: Vec<(Option<OutletId>, BTreeSet<Option<String>>)> = match below {
            Some(below) => {
                let its = outlets.iter().filter(|it| it.parent.as_ref() == Some(below));
                its.map(|it| (Some(it.id.clone()), meant(Dimension::Outlet, it.id.as_str(), &outlets)))
                    .collect()
            }
            None => {
                let rows = &reported.counted.apart[0].rows;
                let labels = rows.iter().map(|row| row.label.clone());
                labels
                    .map(|label| (label.as_deref().and_then(|it| it.parse().ok()), BTreeSet::from([label])))
                    .collect()
            }
        };
        let ranked = groups.into_iter().map(|(outlet, labels)| {
            let (sums, expected) = added(&reported.counted, &labels);
            let before = reported.counted_before.as_ref().map(|it| added(it, &labels).0);
            Ranked { is_head: outlet.as_ref().is_some_and(is_head), outlet, sums, expected, before }
        });
        let mut ranked: Vec<Ranked> = ranked.filter(|it| below.is_some() || it.sums.calls > 0).collect();
        ranked.sort_by(|a, b| b.sums.calls.cmp(&a.sums.calls).then_with(|| a.outlet.cmp(&b.outlet)));
        let places: Vec<Place> = ranked
            .iter()
            .map(|it| Place { over: calls(it.sums.answered + it.sums.missed), missed: calls(it.sums.missed) })
            .collect();
        let heads = outlets.iter().filter(|it| is_head(&it.id)).cloned().collect();
        Ok(Self { reported, outlets: ranked, funnel: funnel(&places), heads })
    }

    pub fn verdicts(&self) -> impl Iterator<Item = (&Ranked, Verdict)> {
        self.outlets.iter().zip(self.funnel.verdicts.iter().copied())
    }
}

/// Rows added up. What is not sure of one has nothing to do with what is not sure of another, so their distances from
/// what is expected add up as those of independent numbers do.
fn added(counted: &Counted, labels: &BTreeSet<Option<String>>) -> (Sums, Expected) {
    let (mut sums, mut all, mut below, mut above) = (Sums::default(), 0.0, 0.0, 0.0);
    for Row { sums: its, expected, .. } in
        counted.apart[0].rows.iter().filter(|row| labels.contains(&row.label))
    {
        sums += its;
        all += expected.calls;
        below += (expected.calls - expected.from).powi(2);
        above += (expected.to - expected.calls).powi(2);
    }
    (sums, Expected { calls: all, from: all - below.sqrt(), to: all + above.sqrt() })
}

/// What is said of an outlet's missed calls, as the API says it.
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Unknown => "too_few_calls",
        Verdict::Usual => "usual",
        Verdict::Better => "better",
        Verdict::Worse => "worse",
    }
}
