//! What a reader asks of journeys, read from an address the same way for the API and the console.
//!
//! Of the filters of reports there are those that a journey has: site, outlet, and what its visits say. A filter that it
//! has not, a destination for instance, is refused: it would be one that does nothing.

use std::num::NonZeroUsize;
use std::str::FromStr;
use std::time::Duration;

use utoipa::IntoParams;

use super::AppState;
use super::api::advice::Within;
use super::error::HttpError;
use super::extract::{FromQuery, QueryReader};
use super::report::{Asked, NOT_SET, with_now};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::journeys::Wanted;
use crate::domain::reporting::period::Period;
use crate::domain::time::Timestamp;
use crate::domain::tracking::credit::{Model, Worth};
use crate::flows::{JourneysWanted, MostJourneys};

/// What journeys are filtered by.
pub const FILTERS: [Dimension; 9] = [
    Dimension::Channel,
    Dimension::Source,
    Dimension::Medium,
    Dimension::Campaign,
    Dimension::Term,
    Dimension::LandingPage,
    Dimension::Device,
    Dimension::Site,
    Dimension::Outlet,
];

const LOOK_BACK: u32 = 30;
const HALF_LIFE: u32 = 7;

/// Which journeys, and by what their visits are told apart.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what JourneysAsked reads")]
pub struct JourneyFilters {
    /// By what visits are told apart: `channel`, `source`, `medium` or `campaign`. Of more than 60 labels those with
    /// least part in calls are one, `(other)`.
    #[param(default = "channel")]
    dimension: Option<String>,
    /// Calls of these days; as for `/api/v1/reports/overview`.
    #[param(default = "30d")]
    period: Option<String>,
    /// In which days begin; a name of the tz database.
    #[param(default = "UTC", example = "Europe/Paris")]
    zone: Option<String>,
    /// How long before a call a visit counts.
    #[param(minimum = 1, maximum = 365, default = 30)]
    lookback_days: Option<u32>,
    /// Journeys in which a visit by this channel took part; so are all filters of where visits came from. Where there
    /// are several, one visit fits them all. `(not set)`: it says none.
    #[param(example = "Paid Search")]
    channel: Option<String>,
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
    term: Option<String>,
    /// Without its query.
    landing_page: Option<String>,
    /// `phone` or `desk`.
    device: Option<String>,
    /// Visits of this site, and calls to its numbers.
    site: Option<String>,
    /// Calls to this outlet and to those below it.
    outlet: Option<String>,
}

/// What was asked.
pub struct JourneysAsked {
    pub asked: Asked,
    pub dimension: Dimension,
    pub lookback_days: u32,
}

impl FromQuery for JourneysAsked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let mut dimension = query.value("dimension").unwrap_or_default();
        if !Dimension::OF_TOUCHES.contains(&dimension) {
            query.refuse("dimension", "must be one of channel, source, medium, campaign".to_owned());
            // An address that was kept is read as far as it goes.
            dimension = Dimension::default();
        }
        let lookback_days = query.value::<Within<1, 365>>("lookback_days").map_or(LOOK_BACK, |days| days.0);
        Self { dimension, lookback_days, asked: Asked::filtered_by(query, &FILTERS, Period::default()) }
    }
}

/// Since when calls are told, where that is not since the beginning of the period. It tells how much the whole network is
/// visited, so only with the whole network.
pub fn told_since(wanted: &JourneysWanted, since: Option<Timestamp>) -> Option<Timestamp> {
    since.filter(|_| wanted.wanted.outlets.is_none())
}

impl JourneysAsked {
    /// Which journeys are meant.
    pub async fn meant(&self, app: &AppState) -> Result<JourneysWanted, HttpError> {
        let (now, zone) = (app.clock.now(), self.asked.zone.clone().unwrap_or_default());
        let period = with_now(self.asked.period.bounds(now, &zone.0), now);
        let mut wanted = Wanted { dimension: self.dimension, ..Wanted::default() };
        for (dimension, labels) in self.asked.words(app).await? {
            match dimension {
                Dimension::Site => wanted.site = labels.into_iter().next(),
                // What is asked for, and what the reader sees at all: both hold.
                Dimension::Outlet => {
                    let before = wanted.outlets.take();
                    let outlets = labels.into_iter().flatten();
                    let both = |it: &String| before.as_ref().is_none_or(|before| before.contains(it));
                    wanted.outlets = Some(outlets.filter(both).collect());
                }
                _ => wanted.origin.extend(labels.into_iter().map(|label| (dimension, label))),
            }
        }
        let look_back = days(self.lookback_days);
        let until = period.end.max(period.start);
        Ok(JourneysWanted { wanted, from: period.start, until, look_back, most: MostJourneys::default() })
    }
}

fn days(days: u32) -> Duration {
    Duration::from_secs(u64::from(days) * 86_400)
}

/// Which models, and how they are set.
pub struct ModelsAsked {
    half_life: Duration,
    order: NonZeroUsize,
    /// `None`: all.
    pub name: Option<ModelName>,
}

impl FromQuery for ModelsAsked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let half_life = query.value::<Within<1, 365>>("half_life_days").map_or(HALF_LIFE, |days| days.0);
        let order =
            query.value::<Within<1, 4>>("order").and_then(|order| NonZeroUsize::new(order.0 as usize));
        let name = query.value::<ModelName>("model").filter(|it| it.0 != "all");
        Self { half_life: days(half_life), order: order.unwrap_or(NonZeroUsize::MIN), name }
    }
}

impl ModelsAsked {
    pub fn models(&self) -> Vec<Model> {
        let all = models(self.half_life, self.order).into_iter();
        all.filter(|it| self.name.is_none_or(|name| name.0 == model_name(*it))).collect()
    }
}

/// Every model, as it is set where nothing is said.
pub fn all_models() -> Vec<Model> {
    models(days(HALF_LIFE), NonZeroUsize::MIN).into()
}

fn models(half_life: Duration, order: NonZeroUsize) -> [Model; 8] {
    [
        Model::First,
        Model::Last,
        Model::LastNonDirect,
        Model::Linear,
        Model::PositionBased,
        Model::TimeDecay { half_life },
        Model::Markov { order },
        Model::Shapley { worth: Worth::Rate, seed: 1 },
    ]
}

/// What an address calls a model.
pub const fn model_name(model: Model) -> &'static str {
    match model {
        Model::First => "first",
        Model::Last => "last",
        Model::LastNonDirect => "last_non_direct",
        Model::Linear => "linear",
        Model::PositionBased => "position_based",
        Model::TimeDecay { .. } => "time_decay",
        Model::Markov { .. } => "markov",
        Model::Shapley { .. } => "shapley",
    }
}

/// The name of a model, or `all`.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct ModelName(pub &'static str);

impl FromStr for ModelName {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let names = all_models().into_iter().map(model_name).chain(["all"]);
        names.into_iter().find(|name| *name == text).map(Self).ok_or(
            "must be one of first, last, last_non_direct, linear, position_based, time_decay, markov, shapley, all",
        )
    }
}

/// A label for programs; `None`: visits say none.
pub fn told(label: &str) -> Option<String> {
    (label != NOT_SET).then(|| label.to_owned())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn since_when_calls_are_told_is_not_told_of_some_outlets() {
        let since = Some(Timestamp::from_ms(5));
        let mut wanted = JourneysWanted {
            wanted: Wanted::default(),
            from: Timestamp::from_ms(0),
            until: Timestamp::from_ms(9),
            look_back: Duration::ZERO,
            most: MostJourneys::default(),
        };

        let of_all = told_since(&wanted, since);
        wanted.wanted.outlets = Some(["bakery".to_owned()].into());

        assert_eq!((of_all, told_since(&wanted, since)), (since, None));
    }
}
