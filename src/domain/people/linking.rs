//! When a call tells that a visitor and a caller are one person.
//!
//! A number on a page can be rung by somebody else, and a wrong link puts one
//! person's browsing into another's file. So the visit must be at least as
//! likely as everything else together.

use crate::domain::ids::VisitId;
use crate::domain::tracking::attribution::Share;

/// From this probability on, the visit's visitor is taken for the caller.
pub const LINK_FROM: f64 = 0.5;

/// The visit whose visitor is the caller, if the shares of the call say so.
pub fn decide_link(shares: &[Share]) -> Option<VisitId> {
    let best = shares.first()?;
    best.visit.filter(|_| best.probability >= LINK_FROM)
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::tracking::attribution::Evidence;
    use crate::domain::tracking::channels::Channel;
    use crate::domain::tracking::source::Source;

    fn share(visit: Option<VisitId>, probability: f64) -> Share {
        let source = Source {
            channel: Channel::Direct,
            source: "(direct)".into(),
            medium: "(none)".into(),
            campaign: None,
            term: None,
            content: None,
            click_id: None,
        };
        Share { visit, probability, evidence: Evidence::Background, source }
    }

    #[test]
    fn a_visitor_is_the_caller_only_when_no_less_likely_than_all_else() {
        let visit = VisitId(Uuid::from_u128(1));

        assert_eq!(decide_link(&[share(Some(visit), 0.5), share(None, 0.5)]), Some(visit));
        assert_eq!(decide_link(&[share(Some(visit), 0.49), share(None, 0.26)]), None);
        assert_eq!(decide_link(&[share(None, 0.9), share(Some(visit), 0.1)]), None);
        assert_eq!(decide_link(&[]), None);
    }
}
