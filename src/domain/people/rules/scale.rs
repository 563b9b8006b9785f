//! How good an occasion is, from 0 to 100: for whom there is more than one way,
//! or more than one person.
//!
//! | of 100 | is taken off |
//! |---|---|
//! | up to 40 | for what has been sent already: the fullest cap's used share |
//! | up to 20 | for the time since their last own act: three years take all of it |
//! | 10, 20, 30 | for a contract, an interest or nobody's objection in the place of consent |
//! | 10 | where nobody has vouched for the identity, and no call or visit has shown it |
//! | 20 | where a letter came back, or no table knows the number's range |
//!
//! What is not allowed has 0.

use std::time::Duration;

use crate::domain::people::consent::Basis;

/// What a score is made of.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Occasion {
    /// The fullest cap's used share, 0 to 1.
    pub pressed: f64,
    pub idle: Duration,
    /// What the ledger's line stands on; `None`: there is none, and none is needed.
    pub basis: Option<Basis>,
    pub unvouched: bool,
    pub doubtful: bool,
}

const THREE_YEARS: Duration = Duration::from_hours(3 * 365 * 24);

impl Occasion {
    pub fn score(&self) -> u8 {
        let basis = match self.basis {
            Some(Basis::Consent) => 0.0,
            Some(Basis::Contract | Basis::LegalObligation) => 10.0,
            Some(Basis::LegitimateInterest) => 20.0,
            None => 30.0,
        };
        let idle = (self.idle.as_secs_f64() / THREE_YEARS.as_secs_f64()).min(1.0);
        let off = 40.0 * self.pressed.clamp(0.0, 1.0)
            + 20.0 * idle
            + basis
            + if self.unvouched { 10.0 } else { 0.0 }
            + if self.doubtful { 20.0 } else { 0.0 };
        (100.0 - off).clamp(0.0, 100.0).round() as u8
    }
}
