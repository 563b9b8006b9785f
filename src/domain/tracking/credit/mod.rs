//! How much of a call each touch on the way to it has earned: one file a model.
//!
//! A caller often came several times, by several channels. Which of them made
//! the phone ring has no one answer, so there are eight, all read off the same
//! [`Journeys`]:
//!
//! ```text
//!                     newsletter ── search ── (direct) ── ☎
//!   first             1             0         0
//!   last              0             0         1
//!   last non-direct   0             1         0
//!   linear            1/3           1/3       1/3
//!   position-based    0.4           0.2       0.4
//!   time decay        more, the closer to the call
//!   Markov            what would be lost without the channel   ┐ over all
//!   Shapley           what it adds to any company of others    ┘ journeys
//! ```
//!
//! Whatever the model, credits add up to the calls. A call is counted with the
//! probability that it came by the journey, so a sum is an expected value, and
//! has an interval (`intervals.rs`).

mod first;
mod intervals;
mod journey;
mod last;
mod last_non_direct;
mod linear;
mod linear_algebra;
mod markov;
mod position_based;
pub mod shapley;
mod time_decay;

use std::num::NonZeroUsize;
use std::time::Duration;

use crate::domain::reporting::expected::Z;

pub use intervals::Interval;
pub use journey::{Journeys, Label, LabelId, Touch};
pub use markov::TooManyStates;
pub use shapley::Worth;

use intervals::Samples;
pub(in crate::domain) use journey::Journey;
use journey::Path;
use markov::Chain;
use shapley::{Game, Part};

/// Who gets the credit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Model {
    First,
    Last,
    /// The last touch that was not direct; the last one when all were.
    LastNonDirect,
    Linear,
    /// 40 % to the first, 40 % to the last, 20 % to those between.
    PositionBased,
    /// A touch this long before another counts half as much.
    TimeDecay {
        half_life: Duration,
    },
    /// The share of calls that would be lost without the channel, in a Markov
    /// chain that remembers this many touches.
    Markov {
        order: NonZeroUsize,
    },
    /// What the channel adds, averaged over all orders in which channels may join.
    Shapley {
        worth: Worth,
        /// What the sample is drawn with, should there be too many channels to try all.
        seed: u64,
    },
}

impl Model {
    /// Whether it shares out each call by itself.
    pub const fn is_rule(&self) -> bool {
        !matches!(self, Model::Markov { .. } | Model::Shapley { .. })
    }
}

/// What one label has earned.
#[derive(Clone, PartialEq, Debug)]
pub struct Credit {
    pub label: Label,
    /// In calls.
    pub calls: f64,
    /// Between which bounds it lies; `None` where there are too many journeys of too many kinds to tell.
    pub interval: Option<Interval>,
    /// The standard error of `calls`, when it was sampled.
    pub standard_error: Option<f64>,
}

/// What a model says: the most credit first.
pub type Credits = Result<Vec<Credit>, TooManyStates>;

/// Shares the calls of the journeys out among their labels, by each of these models.
pub fn credits(models: &[Model], journeys: &Journeys) -> Vec<(Model, Credits)> {
    let rules: Vec<Model> = models.iter().copied().filter(Model::is_rule).collect();
    let mut of_rules = intervals::of_rules(journeys, &rules).into_iter();
    let mut learnt = learnt(models, journeys).into_iter();
    let credits = models.iter().map(|&model| {
        let told = if model.is_rule() {
            Ok(told(journeys, exact(by_rule(model, journeys)), of_rules.next()))
        } else {
            learnt
                .next()
                .expect("what is no rule learns")
                .map(|(earned, samples)| told(journeys, earned, samples))
        };
        (model, told)
    });
    credits.collect()
}

/// The same of one model.
pub fn credit(model: Model, journeys: &Journeys) -> Credits {
    credits(&[model], journeys).swap_remove(0).1
}

fn exact(calls: Vec<f64>) -> Vec<Part> {
    calls.into_iter().map(|value| Part { value, standard_error: None }).collect()
}

fn told(journeys: &Journeys, earned: Vec<Part>, samples: Option<Samples>) -> Vec<Credit> {
    let mut samples = samples.map(Vec::into_iter);
    let credits =
        journeys.labels().iter().zip(earned).map(|(label, Part { value: calls, standard_error })| {
            let worlds = samples.as_mut().and_then(Iterator::next);
            let interval = worlds.map(|worlds| {
                let Interval { from, to } = intervals::between(worlds, calls);
                // What an order or two more would change comes on top.
                let error = Z * standard_error.unwrap_or_default();
                Interval { from: from - error, to: to + error }
            });
            Credit { label: label.clone(), calls, interval, standard_error }
        });
    let mut credits: Vec<Credit> = credits.collect();
    credits.sort_by(|a, b| b.calls.total_cmp(&a.calls).then_with(|| a.label.name.cmp(&b.label.name)));
    credits
}

fn often(paths: &[Path]) -> (Vec<f64>, Vec<f64>) {
    paths.iter().map(|path| (path.calls, path.lost)).unzip()
}

/// A model that reads all journeys together.
enum Learner {
    Chain(Chain),
    Game(Game),
}

impl Learner {
    /// `None`: it is a rule.
    fn read(model: Model, paths: &[Path], labels: usize) -> Option<Result<Self, TooManyStates>> {
        match model {
            Model::Markov { order } => Some(Chain::read(paths, labels, order).map(Self::Chain)),
            Model::Shapley { worth, seed } => Some(Ok(Self::Game(Game::read(paths, labels, worth, seed)))),
            Model::First
            | Model::Last
            | Model::LastNonDirect
            | Model::Linear
            | Model::PositionBased
            | Model::TimeDecay { .. } => None,
        }
    }

    /// What each label has earned, had the paths been gone so often.
    fn credit(&self, calls: &[f64], lost: &[f64]) -> Vec<Part> {
        match self {
            Self::Chain(chain) => exact(chain.credit(calls, lost)),
            Self::Game(game) => game.credit(calls, lost),
        }
    }

    /// The same of another world, which may be less exact, as long as all of them are alike.
    fn credit_again(&self, calls: &[f64], lost: &[f64]) -> Vec<f64> {
        match self {
            Self::Chain(chain) => chain.credit(calls, lost),
            Self::Game(game) => game.credit_again(calls, lost),
        }
    }

    /// How many steps that takes, about.
    fn steps_again(&self) -> usize {
        match self {
            Self::Chain(chain) => 2 * chain.states().pow(3),
            Self::Game(game) => game.steps_again(),
        }
    }
}

type Learnt = Result<(Vec<Part>, Option<Samples>), TooManyStates>;

/// What those of the models say that learn from all journeys together, in their order.
fn learnt(models: &[Model], journeys: &Journeys) -> Vec<Learnt> {
    if models.iter().all(Model::is_rule) {
        return vec![];
    }
    let (paths, labels) = (journeys.paths(), journeys.labels().len());
    let read: Vec<_> = models.iter().filter_map(|model| Learner::read(*model, &paths, labels)).collect();
    let learners: Vec<&Learner> = read.iter().flatten().collect();
    let mut worlds = intervals::of_paths(&paths, labels, &learners).into_iter();
    let (calls, lost) = often(&paths);
    let learnt = read.iter().map(|learner| {
        let learner = learner.as_ref().map_err(|refused| *refused)?;
        let (earned, here) = (learner.credit(&calls, &lost), learner.credit_again(&calls, &lost));
        let mut samples = worlds.next().flatten();
        // How far each world is from this one, reckoned as they are.
        for (worlds, (earned, here)) in samples.iter_mut().flatten().zip(earned.iter().zip(here)) {
            worlds.iter_mut().for_each(|world| *world += earned.value - here);
        }
        Ok((earned, samples))
    });
    learnt.collect()
}

/// What each touch of a journey gets of a call; `None` by a model that reads all journeys together.
fn weights(model: Model, journeys: &Journeys, journey: &Journey) -> Option<Vec<f64>> {
    let touches = journey.touches();
    Some(match model {
        Model::First => first::weights(touches.len()),
        Model::Last => last::weights(touches.len()),
        Model::LastNonDirect => last_non_direct::weights(touches, |touch| journeys.label(touch.label).direct),
        Model::Linear => linear::weights(touches.len()),
        Model::PositionBased => position_based::weights(touches.len()),
        Model::TimeDecay { half_life } => time_decay::weights(touches, half_life),
        Model::Markov { .. } | Model::Shapley { .. } => return None,
    })
}

fn by_rule(model: Model, journeys: &Journeys) -> Vec<f64> {
    let mut earned = vec![0.0; journeys.labels().len()];
    for journey in journeys.iter().filter(|it| it.calls() > 0.0) {
        for (touch, weight) in
            journey.touches().iter().zip(weights(model, journeys, journey).unwrap_or_default())
        {
            earned[touch.label.index()] += weight * journey.calls();
        }
    }
    earned
}

#[cfg(test)]
mod tests;
