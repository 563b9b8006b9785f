//! What a reader asks of missed calls, read from an address and counted the same way for the API and the console.
//!
//! Hours of opening are those that the plan has now; a destination without any,
//! or that has left the plan, counts as always open. People answer for one
//! destination each, so how many are needed is reckoned for each by itself.

use std::collections::BTreeSet;
use std::ops::Range;
use std::str::FromStr;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::AppState;
use super::error::HttpError;
use super::extract::{FromQuery, QueryReader};
use super::report::{Zone, meant, with_now};
use crate::domain::calling::destination::Destination;
use crate::domain::calling::missed::Fate;
use crate::domain::ids::{DestinationId, OutletId};
use crate::domain::outlet::Outlet;
use crate::domain::reporting::at_once::most_at_once;
use crate::domain::reporting::count::{Counted, Question};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::openings::{Stretches, Week};
use crate::domain::reporting::period::Period;
use crate::domain::reporting::rota::Shift;
use crate::domain::reporting::staffing::{Aim, Need, needs};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::store::reports::missed::MissedFilter;

/// For so many destinations people are reckoned, …
const STAFFED_MAX: usize = 10;
/// … from the last twelve weeks of a period: what came before them says less of tomorrow.
const STAFFED_BY: Duration = Duration::from_hours(12 * 7 * 24);

type Only = Vec<(Dimension, BTreeSet<Option<String>>)>;

/// Which calls.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    pub period: Period,
    pub zone: Option<Zone>,
    /// With all below it.
    pub outlet: Option<OutletId>,
    pub destination: Option<DestinationId>,
    pub channel: Option<Channel>,
    /// The outlets that the reader sees; `None`: everything.
    pub within: Option<BTreeSet<Option<String>>>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            period: query.value("period").unwrap_or_default(),
            zone: query.value("zone"),
            outlet: query.value("outlet"),
            destination: query.value("destination"),
            channel: query.value("channel"),
            within: None,
        }
    }
}

/// What has become of the callers who are asked for; `None`: whatever.
pub struct Fates(pub Option<Fate>);

impl Default for Fates {
    fn default() -> Self {
        Self(Some(Fate::Open))
    }
}

impl FromStr for Fates {
    type Err = &'static str;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        if word == "all" {
            return Ok(Self(None));
        }
        word.parse()
            .map(|fate| Self(Some(fate)))
            .map_err(|_| "must be open, called_back, called_again or all")
    }
}

/// Calls by the hour of the week, apart by whether somebody was to be there.
pub struct Hours {
    pub period: Range<Timestamp>,
    pub week: Week,
    /// More destinations have hours of their own than are looked at.
    pub cut: bool,
}

/// How many must answer for a destination, and when.
pub struct Staffing {
    pub destination: DestinationId,
    pub name: String,
    /// How long a talk lasts on average; `None`: nobody has answered.
    pub talk: Option<Duration>,
    /// How many calls it takes at once, by the plan.
    pub lines: Option<u32>,
    /// For each hour of the week in which calls came while it was open.
    pub needs: Vec<Need>,
}

impl Asked {
    pub fn time_zone(&self) -> TimeZone {
        self.zone.clone().unwrap_or_default().0
    }

    /// From when to when, calls of this very moment included.
    pub fn bounds(&self, app: &AppState) -> Range<Timestamp> {
        let now = app.clock.now();
        with_now(self.period.bounds(now, &self.time_zone()), now)
    }

    /// The callers whom nobody answered in these calls.
    pub fn filter(&self, app: &AppState, outlets: &[Outlet], fate: Option<Fate>) -> MissedFilter {
        let period = self.bounds(app);
        let of_outlet = |outlet: &OutletId| meant(Dimension::Outlet, outlet.as_str(), outlets);
        let named = |ids: BTreeSet<Option<String>>| {
            ids.into_iter().flatten().filter_map(|id| id.parse().ok()).collect()
        };
        MissedFilter {
            from: period.start,
            until: period.end,
            outlets: self.outlet.as_ref().map(|outlet| named(of_outlet(outlet))),
            within: self.within.clone().map(named),
            destination: self.destination.clone(),
            channel: self.channel,
            fate,
        }
    }

    /// When calls came and were missed, while open and while closed.
    pub async fn hours(&self, app: &AppState) -> Result<Hours, HttpError> {
        let (period, only) = (self.bounds(app), self.only(app, true).await?);
        let known = app.store.list_destinations().await?;
        // Without a call it is worth knowing, too, when the destination is open that was asked for.
        let asked = self.destination.as_ref().and_then(|id| known.iter().find(|it| it.id == *id));
        let shifts = shifts(&known, asked.filter(|it| self.sees(it)));
        let (week, cut) = app.reports.rota(self.question(&period, only, vec![]), shifts).await?;
        Ok(Hours { period, week, cut })
    }

    /// How many must answer, for each destination by itself: those with the most missed calls first. From where calls
    /// come makes no difference to it. Whoever sees a part is told of destinations of theirs, by the calls of theirs.
    pub async fn staffing(&self, app: &AppState, aim: Aim) -> Result<Vec<Staffing>, HttpError> {
        let (mut period, only) = (self.bounds(app), self.only(app, false).await?);
        period.start = period.start.max(period.end - STAFFED_BY);
        let known = app.store.list_destinations().await?;
        let asked = self.question(&period, only, vec![Dimension::Destination]);
        let counted = app.reports.count(asked).await?;
        let mut rows: Vec<_> = counted.apart.into_iter().flat_map(|it| it.rows).collect();
        rows.sort_by_key(|row| std::cmp::Reverse(row.sums.missed));
        let mut staffing = Vec::new();
        for row in rows {
            let its = known.iter().find(|it| row.label.as_deref() == Some(it.id.as_str()));
            let Some(its) = its.filter(|it| self.sees(it)) else { continue };
            staffing.push(self.staffing_of(app, aim, &period, its).await?);
            if staffing.len() == STAFFED_MAX {
                break;
            }
        }
        Ok(staffing)
    }

    async fn staffing_of(
        &self,
        app: &AppState,
        aim: Aim,
        period: &Range<Timestamp>,
        destination: &Destination,
    ) -> Result<Staffing, HttpError> {
        let (zone, id) = (self.time_zone(), destination.id.to_string());
        let stretches = Stretches::of(period, &zone, destination.ring_plan.hours.as_ref());
        let mut only = vec![(Dimension::Destination, BTreeSet::from([Some(id)]))];
        only.extend(self.of_part());
        let asked =
            Question { bars: stretches.begins.clone(), ..self.question(period, only.clone(), vec![]) };
        let Counted { total, course, .. } = app.reports.count(asked).await?;
        let seen = most_at_once(app.reports.talks(period.clone(), only).await?, &zone);
        let talk = total.mean_talk_ms().map(|ms| Duration::from_millis(ms.round() as u64));
        let lines = destination.ring_plan.calls_at_once;
        let week = stretches.week(&course);
        Ok(Staffing {
            destination: destination.id.clone(),
            name: destination.name.clone(),
            talk,
            lines,
            needs: talk
                .map(|talk| needs(&week, talk, aim, |hour| lines.unwrap_or(seen[hour])))
                .unwrap_or_default(),
        })
    }

    async fn only(&self, app: &AppState, of_channel: bool) -> Result<Only, HttpError> {
        let outlets = if self.outlet.is_some() { app.store.list_outlets().await? } else { vec![] };
        let outlet = self
            .outlet
            .as_ref()
            .map(|it| (Dimension::Outlet, meant(Dimension::Outlet, it.as_str(), &outlets)));
        let one = |dimension, label: String| (dimension, BTreeSet::from([Some(label)]));
        let destination = self.destination.as_ref().map(|it| one(Dimension::Destination, it.to_string()));
        let channel =
            self.channel.filter(|_| of_channel).map(|it| one(Dimension::Channel, it.as_str().to_owned()));
        Ok(outlet.into_iter().chain(destination).chain(channel).chain(self.of_part()).collect())
    }

    fn of_part(&self) -> Option<(Dimension, BTreeSet<Option<String>>)> {
        Some((Dimension::Outlet, self.within.clone()?))
    }

    fn sees(&self, destination: &Destination) -> bool {
        let outlet = Some(destination.outlet.to_string());
        self.within.as_ref().is_none_or(|outlets| outlets.contains(&outlet))
    }

    fn question(&self, period: &Range<Timestamp>, only: Only, apart: Vec<Dimension>) -> Question {
        let (period, zone) = (period.clone(), self.time_zone());
        Question { period, zone, bars: vec![], only, apart, rows_max: usize::MAX }
    }
}

/// Destinations that have the same hours, those that are always open last.
fn shifts(known: &[Destination], asked: Option<&Destination>) -> Vec<Shift> {
    let mut shifts: Vec<Shift> = Vec::new();
    let mut open = Shift::default();
    for destination in known {
        let hours = &destination.ring_plan.hours;
        let shift = match shifts.iter().position(|shift| shift.hours == *hours) {
            Some(nth) => &mut shifts[nth],
            None if hours.is_none() => &mut open,
            None => shifts.push_mut(Shift { hours: hours.clone(), ..Shift::default() }),
        };
        shift.destinations.insert(Some(destination.id.to_string()));
        shift.is_asked |= asked.is_some_and(|it| it.id == destination.id);
    }
    shifts.push(open);
    shifts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calling::destination::{MediaPath, RingPlan};
    use crate::domain::calling::schedule::Schedule;

    fn destination(id: usize, hours: Option<&str>) -> Destination {
        let mut ring_plan = RingPlan::of_line("sip:a@b.example".into(), Duration::from_secs(20));
        ring_plan.hours = hours.map(|week| Schedule {
            zone: "Europe/Paris".parse().unwrap(),
            week: vec![week.parse().unwrap()],
            holidays: None,
            closed: vec![],
            special: vec![],
        });
        let (id, outlet) = (format!("d{id}").parse().unwrap(), "o".parse().unwrap());
        Destination { id, outlet, name: String::new(), ring_plan, media: MediaPath::Past }
    }

    #[test]
    fn destinations_of_the_same_hours_are_counted_together_and_those_without_last() {
        let (early, late) = (Some("mon 08:00-20:00"), Some("mon 09:00-20:00"));
        let known =
            [destination(0, early), destination(1, None), destination(2, late), destination(3, early)];
        let labels = |nths: &[usize]| nths.iter().map(|nth| Some(format!("d{nth}"))).collect::<BTreeSet<_>>();

        let shifts = shifts(&known, Some(&known[3]));

        let told: Vec<_> = shifts.iter().map(|it| (it.destinations.clone(), it.is_asked)).collect();
        assert_eq!(told, [(labels(&[0, 3]), true), (labels(&[2]), false), (labels(&[1]), false)]);
        assert_eq!((&shifts[0].hours, &shifts[2].hours), (&known[0].ring_plan.hours, &None));
    }
}
