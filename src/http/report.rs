//! What a reader of reports has asked, read from an address the same way for the API and the console.
//!
//! Everything stands in the address: period, comparison, zone, and one field for
//! each dimension that is filtered by. Whoever has the address has the report.

use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;

use jiff::tz::TimeZone;

use super::AppState;
use super::error::HttpError;
use super::extract::{FromQuery, QueryReader};
use crate::domain::outlet::{Outlet, with_all_below};
use crate::domain::reporting::count::{Counted, Question};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::{Against, Bar, Period};
use crate::domain::time::Timestamp;

pub use crate::domain::reporting::dimension::NOT_SET;

/// What is reported of which calls.
#[derive(Clone, Debug)]
pub struct Asked {
    pub period: Period,
    pub against: Option<Against>,
    /// `None`: the reader has not told theirs.
    pub zone: Option<Zone>,
    /// Labels as they stand in the address.
    pub only: Vec<(Dimension, String)>,
    /// The outlets that the reader sees; `None`: everything.
    pub within: Option<BTreeSet<Option<String>>>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self::read_or(query, Period::default())
    }
}

impl Asked {
    /// The same, about this period where none is named.
    pub fn read_or(query: &mut QueryReader<'_>, period: Period) -> Self {
        let compare = query.value::<Compare>("compare").unwrap_or(Compare(Some(Against::Before)));
        Self { against: compare.0, ..Self::filtered_by(query, &Dimension::ALL, period) }
    }

    /// Reads an address in which nothing is compared, and only these are filtered by.
    pub fn filtered_by(query: &mut QueryReader<'_>, dimensions: &[Dimension], period: Period) -> Self {
        let only = dimensions.iter().filter_map(|it| Some((*it, query.text(it.as_str())?))).collect();
        Self {
            period: query.value("period").unwrap_or(period),
            against: None,
            zone: query.value("zone"),
            only,
            within: None,
        }
    }
}

/// A time zone by its name in the tz database.
#[derive(Clone, PartialEq, Debug)]
pub struct Zone(pub TimeZone);

impl FromStr for Zone {
    type Err = &'static str;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        TimeZone::get(name).map(Self).map_err(|_| "must be a time zone, for instance Europe/Paris")
    }
}

impl Zone {
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }
}

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

/// The word for what a period is held against.
struct Compare(Option<Against>);

impl FromStr for Compare {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match word {
            "before" => Ok(Self(Some(Against::Before))),
            "year" => Ok(Self(Some(Against::YearBefore))),
            "none" => Ok(Self(None)),
            _ => Err("must be before, year or none"),
        }
    }
}

/// A dimension, and the labels that pass.
pub type Only = (Dimension, BTreeSet<Option<String>>);

/// What was counted of a period and of what it is held against.
pub struct Reported {
    pub period: Range<Timestamp>,
    pub before: Option<Range<Timestamp>>,
    pub bar: Bar,
    pub bars: Vec<Timestamp>,
    pub counted: Counted,
    pub counted_before: Option<Counted>,
}

impl Asked {
    /// The labels that each filter means.
    pub async fn words(&self, app: &AppState) -> Result<Vec<Only>, HttpError> {
        let of_outlets = self.only.iter().any(|(it, _)| *it == Dimension::Outlet);
        let outlets = if of_outlets { app.store.list_outlets().await? } else { vec![] };
        let within = self.within.iter().map(|outlets| (Dimension::Outlet, outlets.clone()));
        let only = self.only.iter().map(|(it, label)| (*it, meant(*it, label, &outlets)));
        Ok(only.chain(within).collect())
    }

    /// Counts what was asked, apart by these dimensions, with at most so many rows each.
    pub async fn report(
        &self,
        app: &AppState,
        apart: Vec<Dimension>,
        rows_max: usize,
    ) -> Result<Reported, HttpError> {
        self.report_both(app, apart, vec![], rows_max).await
    }

    /// The same, and what it is held against apart by its own dimensions.
    pub async fn report_both(
        &self,
        app: &AppState,
        apart: Vec<Dimension>,
        apart_before: Vec<Dimension>,
        rows_max: usize,
    ) -> Result<Reported, HttpError> {
        let (zone, now) = (self.zone.clone().unwrap_or_default().0, app.clock.now());
        let question = self.question(app, apart, rows_max).await?;
        let period = question.period.clone();
        let before = self.against.map(|against| self.period.bounds_against(against, now, &zone));
        let bar = Bar::of(&period);
        let bars = question.bars.clone();
        let question_before = before.clone().map(|before| Question {
            bars: bar.begins(&before, &zone),
            period: before,
            apart: apart_before,
            ..question.clone()
        });
        let counted = app.reports.count(question).await?;
        let counted_before = match question_before {
            Some(question) => Some(app.reports.count(question).await?),
            None => None,
        };
        Ok(Reported { period, before, bar, bars, counted, counted_before })
    }

    /// What is to be counted.
    pub async fn question(
        &self,
        app: &AppState,
        apart: Vec<Dimension>,
        rows_max: usize,
    ) -> Result<Question, HttpError> {
        let (zone, now) = (self.zone.clone().unwrap_or_default().0, app.clock.now());
        let period = with_now(self.period.bounds(now, &zone), now);
        let bars = Bar::of(&period).begins(&period, &zone);
        Ok(Question { bars, period, zone, only: self.words(app).await?, apart, rows_max })
    }
}

/// Calls of this very moment belong to a period that goes on.
pub fn with_now(period: Range<Timestamp>, now: Timestamp) -> Range<Timestamp> {
    period.start..if period.end == now { Timestamp::from_ms(now.as_ms() + 1) } else { period.end }
}

/// The labels that are meant by one: an outlet is asked for with all below it.
pub fn meant(dimension: Dimension, label: &str, outlets: &[Outlet]) -> BTreeSet<Option<String>> {
    if label == NOT_SET {
        return BTreeSet::from([None]);
    }
    match dimension {
        Dimension::Outlet => with_all_below(label, outlets),
        _ => BTreeSet::from([Some(label.to_owned())]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outlet(id: &str, parent: Option<&str>) -> Outlet {
        Outlet { id: id.parse().unwrap(), parent: parent.map(|it| it.parse().unwrap()), name: id.to_owned() }
    }

    #[test]
    fn an_outlet_means_all_below_it_and_any_other_label_itself() {
        let outlets = [
            outlet("head", None),
            outlet("south", Some("head")),
            outlet("nice", Some("south")),
            outlet("other", None),
        ];
        let some = |labels: &[&str]| labels.iter().map(|it| Some((*it).to_owned())).collect::<BTreeSet<_>>();

        assert_eq!(meant(Dimension::Outlet, "head", &outlets), some(&["head", "south", "nice"]));
        assert_eq!(meant(Dimension::Outlet, "nice", &outlets), some(&["nice"]));
        assert_eq!(meant(Dimension::Source, "head", &outlets), some(&["head"]));
        assert_eq!(meant(Dimension::Campaign, NOT_SET, &outlets), BTreeSet::from([None]));
    }
}
