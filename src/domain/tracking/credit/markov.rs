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

use super::LabelId;
use super::journey::Path;
use super::linear_algebra::{identity, solve};

/// The most states that a chain may have; its matrix has the square of it.
const STATES_MAX: usize = 1_000;

/// Journeys differ too much for the order that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("a chain of this order has more than {STATES_MAX} states; ask for a lower order or fewer labels")]
pub struct TooManyStates;

/// The states through which paths go; how often they do is told each time anew.
pub(super) struct Chain {
    /// The label that a state ends with; none at the start, which is state 0.
    ends_with: Vec<Option<LabelId>>,
    /// For each path the states behind the start.
    walks: Vec<Vec<usize>>,
    labels: usize,
}

impl Chain {
    pub fn read(paths: &[Path], labels: usize, order: NonZeroUsize) -> Result<Chain, TooManyStates> {
        let mut chain = Chain { ends_with: vec![None], walks: Vec::with_capacity(paths.len()), labels };
        let mut states: HashMap<&[LabelId], usize> = HashMap::new();
        for path in paths {
            let mut walk = Vec::with_capacity(path.labels.len());
            for end in 1..=path.labels.len() {
                let memory = &path.labels[end.saturating_sub(order.get())..end];
                let next = match states.get(memory) {
                    Some(&known) => known,
                    None if chain.ends_with.len() > STATES_MAX => return Err(TooManyStates),
                    None => {
                        states.insert(memory, chain.ends_with.len());
                        chain.ends_with.push(memory.last().copied());
                        chain.ends_with.len() - 1
                    }
                };
                walk.push(next);
            }
            chain.walks.push(walk);
        }
        Ok(chain)
    }

    pub fn states(&self) -> usize {
        self.ends_with.len()
    }

    /// What each label has earned, had the paths been gone so often: the calls, shared out by removal effects.
    pub fn credit(&self, calls: &[f64], lost: &[f64]) -> Vec<f64> {
        let effects = self.removal_effects(calls, lost);
        let sum: f64 = effects.iter().sum();
        // Without a call there is nothing to lose, and nothing to share out.
        let scale = if sum > 0.0 { calls.iter().sum::<f64>() / sum } else { 0.0 };
        effects.into_iter().map(|effect| effect * scale).collect()
    }

    /// For each label, the share of calls that is lost without it.
    fn removal_effects(&self, calls: &[f64], lost: &[f64]) -> Vec<f64> {
        let n = self.states();
        if calls.iter().all(|&calls| calls <= 0.0) {
            return vec![0.0; self.labels];
        }
        let mut steps = vec![vec![0.0; n]; n];
        let (mut called, mut left) = (vec![0.0; n], vec![0.0; n]);
        for (walk, (&calls, &lost)) in self.walks.iter().zip(calls.iter().zip(lost)) {
            let mut state = 0;
            for &next in walk {
                steps[state][next] += calls + lost;
                left[state] += calls + lost;
                state = next;
            }
            called[state] += calls;
            left[state] += calls + lost;
        }
        // What never happened leads nowhere, and nothing to it.
        let part = |of: f64, all: f64| if all > 0.0 { of / all } else { 0.0 };
        let mut one_minus_q = identity(n);
        for (row, (steps, &left)) in one_minus_q.iter_mut().zip(steps.iter().zip(&left)) {
            row.iter_mut().zip(steps).for_each(|(cell, &weight)| *cell -= part(weight, left));
        }
        let fundamental = solve(one_minus_q, identity(n));
        let call_next: Vec<f64> =
            called.iter().zip(&left).map(|(&called, &left)| part(called, left)).collect();
        let call: Vec<f64> =
            fundamental.iter().map(|row| row.iter().zip(&call_next).map(|(n, r)| n * r).sum()).collect();

        let mut removed: Vec<Vec<usize>> = vec![Vec::new(); self.labels];
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
