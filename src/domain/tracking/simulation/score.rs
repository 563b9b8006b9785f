//! How good probabilities are: near the truth, and meaning what they say.
//!
//! *Brier*: the squared distance between the shares and the truth, 0 to 2.
//! *Log loss*: how surprised one is by the truth, in nats. Both are lowest for
//! who says what is really so; a winner without a doubt pays for each mistake.
//! *Reliability*: of what was given 70 %, are 70 % true?

use super::{Call, Lending};
use crate::domain::tracking::attribution::{FLOOR, Priors, Ring, attribute};

/// How many columns the reliability table has.
const BINS: usize = 10;

/// Attribution and the last holder, judged on the same calls.
#[derive(Clone, PartialEq, Debug)]
pub struct Judgement {
    pub calls: usize,
    pub ours: Score,
    pub last_holder: Score,
    /// What is left beside the most likely origin, on average.
    pub unsure: f64,
    /// What our shares said and what was so, a row for each tenth.
    pub reliability: Vec<Bin>,
}

#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Score {
    pub brier: f64,
    /// A share of less than the floor counts as the floor.
    pub log_loss: f64,
    /// The share of calls whose most likely origin is not the true one.
    pub wrong: f64,
}

/// Shares within one tenth.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bin {
    pub shares: usize,
    /// What they said on average.
    pub said: f64,
    /// How many of them were true.
    pub so: f64,
}

/// Attributes each call and holds the shares against the truth.
pub fn judge(lending: &Lending, calls: &[Call], priors: &Priors) -> Judgement {
    let (mut ours, mut last_holder) = (Score::default(), Score::default());
    let mut unsure = 0.0;
    let mut bins = [Bin::default(); BINS];
    for call in calls {
        let ring = Ring { at: call.at, country: None, rang_before_at: None };
        let shares = attribute(priors, &ring, &lending.candidates(call.number, call.at));
        // A visit below the floor has no name: what is left for those is the background's.
        let truth = call.truth.filter(|truth| shares.iter().any(|it| it.visit == Some(*truth)));
        let of_truth = shares.iter().find(|it| it.visit == truth).map_or(0.0, |it| it.probability);
        let squares: f64 = shares.iter().map(|it| it.probability * it.probability).sum();
        ours.add(squares, of_truth, shares[0].visit == call.truth);
        unsure += 1.0 - shares[0].probability;
        let holds = lending.last_holder(call.number, call.at) == call.truth;
        last_holder.add(1.0, f64::from(u8::from(holds)), holds);
        for share in &shares {
            let bin = &mut bins[((share.probability * BINS as f64) as usize).min(BINS - 1)];
            bin.shares += 1;
            bin.said += share.probability;
            bin.so += f64::from(u8::from(share.visit == truth));
        }
    }
    let mean = |sum: f64, n: usize| if n == 0 { 0.0 } else { sum / n as f64 };
    let score = |sum: Score| Score {
        brier: mean(sum.brier, calls.len()),
        log_loss: mean(sum.log_loss, calls.len()),
        wrong: mean(sum.wrong, calls.len()),
    };
    let reliability = bins.iter().map(|bin| Bin {
        shares: bin.shares,
        said: mean(bin.said, bin.shares),
        so: mean(bin.so, bin.shares),
    });
    Judgement {
        calls: calls.len(),
        ours: score(ours),
        last_holder: score(last_holder),
        unsure: mean(unsure, calls.len()),
        reliability: reliability.collect(),
    }
}

impl Score {
    /// `squares`: the sum of the squared shares; the true one is among them or nothing.
    pub(super) fn add(&mut self, squares: f64, of_truth: f64, right: bool) {
        self.brier += squares - 2.0 * of_truth + 1.0;
        self.log_loss -= of_truth.max(FLOOR).ln();
        self.wrong += f64::from(u8::from(!right));
    }
}
