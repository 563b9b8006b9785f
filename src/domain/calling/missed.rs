//! What became of a caller whom nobody answered: they were called back, called again and were answered, or neither.

use super::outcome::words;
use crate::domain::time::Timestamp;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fate {
    /// They still wait.
    Open,
    /// Somebody has called them since, and reached them as far as is told.
    CalledBack,
    /// They have called again, and somebody answered.
    CalledAgain,
}

words! { Fate:
    Open = "open",
    CalledBack = "called_back",
    CalledAgain = "called_again",
}

impl Fate {
    /// By whatever came first, and when that was.
    pub fn of(reached_at: Option<Timestamp>, again_at: Option<Timestamp>) -> (Self, Option<Timestamp>) {
        match (reached_at, again_at) {
            (None, None) => (Fate::Open, None),
            (Some(reached), again) if again.is_none_or(|again| reached <= again) => {
                (Fate::CalledBack, Some(reached))
            }
            (_, again) => (Fate::CalledAgain, again),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_first_settles_it() {
        let at = |s: i64| Some(Timestamp::from_ms(s));
        for (reached, again, fate, when) in [
            (None, None, Fate::Open, None),
            (at(5), None, Fate::CalledBack, at(5)),
            (at(5), at(5), Fate::CalledBack, at(5)),
            (at(5), at(4), Fate::CalledAgain, at(4)),
            (None, at(4), Fate::CalledAgain, at(4)),
        ] {
            assert_eq!(Fate::of(reached, again), (fate, when));
        }
    }
}
