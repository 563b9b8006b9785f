//! Numbers that a plan takes away while people may still call them.

use std::fmt;

use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::number::NumberKind;

/// A number that goes too early. It prints as a line for the admin, whose
/// number it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Orphan {
    pub number: Phone,
    pub tie: Tie,
}

/// What a number still has to do with people.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Tie {
    /// It was printed, and nobody knows when the last copy is gone.
    Static,
    /// A visit has it, or it rests after one.
    Lent { free_at: Timestamp },
}

impl Tie {
    /// `None`: a number of a pool that has rested.
    pub fn of(kind: &NumberKind, free_at: Timestamp, now: Timestamp) -> Option<Self> {
        match kind {
            NumberKind::Static(_) => Some(Tie::Static),
            NumberKind::Pooled(_) => (free_at > now).then_some(Tie::Lent { free_at }),
        }
    }
}

impl fmt::Display for Orphan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.number.reveal();
        match self.tie {
            Tie::Static => write!(f, "{number}: static, so it may stand in print"),
            Tie::Lent { free_at } => write!(f, "{number}: of a pool, free from {free_at}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_a_pool_may_go_once_it_has_rested() {
        let kind = NumberKind::Pooled("web".parse().unwrap());
        let free_at = Timestamp::from_ms(1_000);

        assert_eq!(Tie::of(&kind, free_at, Timestamp::from_ms(999)), Some(Tie::Lent { free_at }));
        assert_eq!(Tie::of(&kind, free_at, free_at), None);
    }

    #[test]
    fn the_admin_reads_the_whole_number_and_why_it_is_held() {
        let number: Phone = "+33199002003".parse().unwrap();
        let lent = Tie::Lent { free_at: Timestamp::from_ms(1_795_350_069_042) };

        let texts = [Tie::Static, lent].map(|tie| Orphan { number: number.clone(), tie }.to_string());

        assert_eq!(
            texts,
            [
                "+33199002003: static, so it may stand in print",
                "+33199002003: of a pool, free from 2026-11-22T12:21:09.042Z"
            ]
        );
    }
}
