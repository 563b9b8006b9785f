//! Where one side of a stream really sends from, and so where it is sent to.
//!
//! A description may name an address that only its writer can reach (a
//! telephone behind NAT). So the relay sends where the description says until
//! a packet comes, and from then on to where that came from: *symmetric* RTP
//! (RFC 4961). Who may be followed is bounded: the addresses that the
//! description names, the peer that signals, and the ranges of its trunk. The
//! first of them to send has the stream until the next description; whatever
//! comes from anywhere else is dropped.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;

/// Whom one port of the relay listens to, and whom it sends to.
#[derive(Clone, Default, Debug)]
pub struct Latch {
    /// Where the description says; `None`: nowhere, so that nothing is sent.
    named: Option<SocketAddr>,
    /// The one that was heard, of those that may be.
    heard: Option<SocketAddr>,
    /// A new description was given since: another may be heard in its place.
    is_loose: bool,
    allowed: Arc<[IpNet]>,
}

impl Latch {
    /// The side has described anew where it is.
    ///
    /// One that says the same as before (a hold, a refresh) is still sent to
    /// where it was heard, until it is heard elsewhere.
    pub fn describe(&mut self, named: Option<SocketAddr>, allowed: Arc<[IpNet]>) {
        let allows = |address: SocketAddr| is_in(&allowed, address.ip());
        self.heard = self.heard.filter(|heard| named == self.named && allows(*heard));
        (self.named, self.is_loose, self.allowed) = (named, true, allowed);
    }

    /// Whether a packet from there is the side's.
    #[inline]
    pub fn hears(&mut self, from: SocketAddr) -> bool {
        if !self.is_loose
            && let Some(heard) = self.heard
        {
            return heard == from;
        }
        if !is_in(&self.allowed, from.ip()) {
            return false;
        }
        (self.heard, self.is_loose) = (Some(from), false);
        true
    }

    /// Where packets for this side go; `None` while it wants none, or is not known to be anywhere.
    #[inline]
    pub fn to(&self) -> Option<SocketAddr> {
        self.heard.filter(|_| self.named.is_some()).or(self.named)
    }
}

fn is_in(allowed: &[IpNet], address: IpAddr) -> bool {
    let address = address.to_canonical();
    allowed.iter().any(|net| net.contains(&address))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn latch(named: &str) -> Latch {
        let mut latch = Latch::default();
        latch.describe(Some(at(named)), nets());
        latch
    }

    fn nets() -> Arc<[IpNet]> {
        ["10.0.0.5/32", "192.0.2.0/24"].map(|net| net.parse().unwrap()).into()
    }

    #[test]
    fn it_is_sent_where_the_description_says_until_somebody_is_heard() {
        let mut latch = latch("10.0.0.5:4000");
        assert_eq!(latch.to(), Some(at("10.0.0.5:4000")));

        assert!(latch.hears(at("192.0.2.1:61000")));

        assert_eq!(latch.to(), Some(at("192.0.2.1:61000")));
    }

    #[test]
    fn the_same_address_by_another_port_is_a_nat() {
        let mut latch = latch("10.0.0.5:4000");

        assert!(latch.hears(at("10.0.0.5:1024")));

        assert_eq!(latch.to(), Some(at("10.0.0.5:1024")));
    }

    #[test]
    fn once_heard_nobody_else_is_until_the_next_description() {
        let mut latch = latch("10.0.0.5:4000");
        assert!(latch.hears(at("10.0.0.5:4000")));

        assert!(!latch.hears(at("10.0.0.5:4002")) && !latch.hears(at("192.0.2.1:4000")));
        latch.describe(Some(at("10.0.0.5:4000")), nets());
        assert!(latch.hears(at("192.0.2.1:4000")));
        assert!(!latch.hears(at("10.0.0.5:4000")));
    }

    #[test]
    fn who_says_the_same_again_is_sent_to_where_they_were_heard() {
        let mut latch = latch("10.0.0.5:4000");
        latch.hears(at("192.0.2.1:61000"));

        latch.describe(Some(at("10.0.0.5:4000")), nets());
        assert_eq!(latch.to(), Some(at("192.0.2.1:61000")));
        latch.describe(Some(at("10.0.0.5:5000")), nets());
        assert_eq!(latch.to(), Some(at("10.0.0.5:5000")));
    }

    #[test]
    fn who_wants_nothing_is_sent_nothing_and_heard_all_the_same() {
        let mut latch = Latch::default();
        latch.describe(None, nets());

        assert!(latch.hears(at("192.0.2.1:4000")));

        assert_eq!(latch.to(), None);
    }

    proptest! {
        /// Whatever comes, in whatever order: a stranger is never heard, and
        /// nothing is ever sent anywhere but where a description says or an
        /// allowed address has sent from.
        #[test]
        fn a_stranger_never_takes_over(
            steps in proptest::collection::vec((0_u8..4, any::<[u8; 4]>(), any::<u16>()), 0..60),
        ) {
            let mut latch = latch("10.0.0.5:4000");
            let mut may = vec![at("10.0.0.5:4000")];
            for (kind, octets, port) in steps {
                let from = SocketAddr::from((octets, port));
                match kind {
                    0 => {
                        latch.describe(Some(from), nets());
                        may.push(from);
                    }
                    1 => {
                        let near = SocketAddr::from(([192, 0, 2, octets[0]], port));
                        if latch.hears(near) {
                            may.push(near);
                        }
                    }
                    _ => {
                        let is_allowed = is_in(&nets(), from.ip());
                        let was = latch.to();
                        prop_assert!(!latch.hears(from) || is_allowed);
                        prop_assert!(is_allowed || latch.to() == was);
                        if is_allowed {
                            may.push(from);
                        }
                    }
                }
                prop_assert!(latch.to().is_none_or(|to| may.contains(&to)));
            }
        }

        /// Between two descriptions there is at most one that is heard.
        #[test]
        fn one_at_a_time(froms in proptest::collection::vec((0_u8..4, 4000_u16..4004), 1..80)) {
            let mut latch = latch("10.0.0.5:4000");
            let mut heard = None;
            for (last, port) in froms {
                let from = SocketAddr::from(([192, 0, 2, last], port));
                if latch.hears(from) {
                    prop_assert_eq!(*heard.get_or_insert(from), from);
                }
            }
        }
    }
}
