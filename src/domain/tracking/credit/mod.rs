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
//! probability that it came by the journey, so a sum is an expected value.

mod first;
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

pub use journey::{Journeys, Label, LabelId, Touch};
pub use markov::TooManyStates;
pub use shapley::Worth;

use journey::Journey;

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

/// What one label has earned.
#[derive(Clone, PartialEq, Debug)]
pub struct Credit {
    pub label: Label,
    /// In calls.
    pub calls: f64,
    /// The standard error of `calls`, when it was sampled.
    pub standard_error: Option<f64>,
}

/// Shares the calls of the journeys out among their labels, most credit first.
pub fn credit(model: Model, journeys: &Journeys) -> Result<Vec<Credit>, TooManyStates> {
    let exact = |calls: Vec<f64>| calls.into_iter().map(|calls| (calls, None)).collect();
    let earned: Vec<(f64, Option<f64>)> = match model {
        Model::First => exact(by_touch(journeys, |it| first::weights(it.touches().len()))),
        Model::Last => exact(by_touch(journeys, |it| last::weights(it.touches().len()))),
        Model::LastNonDirect => {
            let direct = |touch: &Touch| journeys.label(touch.label).direct;
            exact(by_touch(journeys, |it| last_non_direct::weights(it.touches(), direct)))
        }
        Model::Linear => exact(by_touch(journeys, |it| linear::weights(it.touches().len()))),
        Model::PositionBased => exact(by_touch(journeys, |it| position_based::weights(it.touches().len()))),
        Model::TimeDecay { half_life } => {
            exact(by_touch(journeys, |it| time_decay::weights(it.touches(), half_life)))
        }
        Model::Markov { order } => exact(markov::credit(journeys, order)?),
        Model::Shapley { worth, seed } => shapley::credit(journeys, worth, seed)
            .into_iter()
            .map(|part| (part.value, part.standard_error))
            .collect(),
    };
    let mut credits: Vec<Credit> = journeys
        .labels()
        .iter()
        .zip(earned)
        .map(|(label, (calls, standard_error))| Credit { label: label.clone(), calls, standard_error })
        .collect();
    credits.sort_by(|a, b| b.calls.total_cmp(&a.calls).then_with(|| a.label.name.cmp(&b.label.name)));
    Ok(credits)
}

/// Credit that each journey gives on its own: `weigh` says what each of its
/// touches gets of a call.
fn by_touch(journeys: &Journeys, weigh: impl Fn(&Journey) -> Vec<f64>) -> Vec<f64> {
    let mut earned = vec![0.0; journeys.labels().len()];
    for journey in journeys.iter() {
        for (touch, weight) in journey.touches().iter().zip(weigh(journey)) {
            earned[touch.label.index()] += weight * journey.calls();
        }
    }
    earned
}

#[cfg(test)]
mod tests;
