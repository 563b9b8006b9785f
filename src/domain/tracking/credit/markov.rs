//! Removal effect: the share of calls that would be lost without a channel
//! (Anderl, Becker, von Wangenheim and Schumann 2016).
//!
//! Journeys are read as a chain whose state is the last few touches, as many
//! as its order. From a state it goes to the next touch, to the call, or to
//! nothing. Without a channel, whatever led to it leads to nothing.
//!
//! ```text
//!   start ──▶ A ⇄ B ──▶ call          1 − Q  over start and touches
//!             └───┴───▶ nothing       N = (1 − Q)⁻¹, the fundamental matrix
//! ```
//!
//! With `r` the chance of a call at the next step, `x = N·r` is the chance of
//! a call from each state. Deleting the states `S` of a channel from `1 − Q`
//! leaves, by the inverse of a block matrix,
//!
//! ```text
//!   x₀ without S  =  x₀ − N[0,S] · N[S,S]⁻¹ · x[S]
//! ```
//!
//! so one inversion serves all channels, and nothing is simulated.

use std::collections::HashMap;
use std::num::NonZeroUsize;

use super::linear_algebra::{identity, solve};
use super::{Journeys, LabelId};

/// The most states that a chain may have; its matrix has the square of it.
const STATES_MAX: usize = 1_000;

/// Journeys differ too much for the order that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a chain of this order has more than {STATES_MAX} states; ask for a lower order or fewer labels")]
pub struct TooManyStates;

/// What each label has earned: the calls, shared out by removal effects.
pub(super) fn credit(journeys: &Journeys, order: NonZeroUsize) -> Result<Vec<f64>, TooManyStates> {
    let effects = Chain::read(journeys, order)?.removal_effects(journeys.labels().len());
    let sum: f64 = effects.iter().sum();
    // Without a call there is nothing to lose, and nothing to share out.
    let scale = if sum > 0.0 { journeys.calls() / sum } else { 0.0 };
    Ok(effects.into_iter().map(|effect| effect * scale).collect())
}

/// How often states followed one another; state 0 is the start.
struct Chain {
    /// The label that a state ends with; none at the start.
    ends_with: Vec<Option<LabelId>>,
    steps: HashMap<(usize, usize), f64>,
    calls: Vec<f64>,
    left: Vec<f64>,
}

impl Chain {
    fn read(journeys: &Journeys, order: NonZeroUsize) -> Result<Chain, TooManyStates> {
        let mut chain =
            Chain { ends_with: vec![None], steps: HashMap::new(), calls: vec![0.0], left: vec![0.0] };
        let mut states: HashMap<Vec<LabelId>, usize> = HashMap::new();
        for journey in journeys.iter() {
            let weight = journey.calls() + journey.lost();
            // What never happened is no state: it would never end.
            if weight <= 0.0 {
                continue;
            }
            let labels: Vec<LabelId> = journey.touches().iter().map(|touch| touch.label).collect();
            let mut state = 0;
            for end in 1..=labels.len() {
                let memory = &labels[end.saturating_sub(order.get())..end];
                let next = match states.get(memory) {
                    Some(&known) => known,
                    None if chain.ends_with.len() > STATES_MAX => return Err(TooManyStates),
                    None => {
                        let new = chain.ends_with.len();
                        states.insert(memory.to_vec(), new);
                        chain.ends_with.push(memory.last().copied());
                        chain.calls.push(0.0);
                        chain.left.push(0.0);
                        new
                    }
                };
                *chain.steps.entry((state, next)).or_default() += weight;
                chain.left[state] += weight;
                state = next;
            }
            chain.calls[state] += journey.calls();
            chain.left[state] += weight;
        }
        Ok(chain)
    }

    /// For each label, the share of calls that is lost without it.
    fn removal_effects(&self, labels: usize) -> Vec<f64> {
        let n = self.ends_with.len();
        if self.calls.iter().all(|&calls| calls <= 0.0) {
            return vec![0.0; labels];
        }
        let mut one_minus_q = identity(n);
        for (&(from, to), &weight) in &self.steps {
            one_minus_q[from][to] -= weight / self.left[from];
        }
        let fundamental = solve(one_minus_q, identity(n));
        let call_next: Vec<f64> =
            self.calls.iter().zip(&self.left).map(|(calls, left)| calls / left).collect();
        let call: Vec<f64> =
            fundamental.iter().map(|row| row.iter().zip(&call_next).map(|(n, r)| n * r).sum()).collect();

        let mut removed: Vec<Vec<usize>> = vec![Vec::new(); labels];
        for (state, label) in self.ends_with.iter().enumerate() {
            if let Some(label) = label {
                removed[label.index()].push(state);
            }
        }
        removed
            .iter()
            .map(|states| {
                let corner = states
                    .iter()
                    .map(|&row| states.iter().map(|&column| fundamental[row][column]).collect())
                    .collect();
                let through = solve(corner, states.iter().map(|&state| vec![call[state]]).collect());
                let lost: f64 =
                    states.iter().zip(&through).map(|(&state, part)| fundamental[0][state] * part[0]).sum();
                (lost / call[0]).clamp(0.0, 1.0)
            })
            .collect()
    }
}
