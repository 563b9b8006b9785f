//! Where one side of a stream really sends from, and so where it is sent to.
//!
//! A description may name an address that only its writer can reach (a
//! telephone behind NAT). So the relay sends where the description says until
//! a packet comes, and from then on to where that came from: *symmetric* RTP
//! (RFC 4961). Who may be followed is bounded: the addresses that the
//! description names, the peer that signals, and the ranges of its trunk. The
//! first of them to send has the stream until the next description; whatever
//! comes from anywhere else is dropped.
//!
//! Who moves goes on sending from the old place until the other side has
//! answered (RFC 3264 §8): packets from there are heard, and are not followed
//! unless they are all that comes.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;

/// After so many packets from the old place (2 s of 20 ms each) who said to have moved has not.
const STAYED: u8 = 100;

/// Whom one port of the relay listens to, and whom it sends to.
#[derive(Clone, Default, Debug)]
pub struct Latch {
    /// Where a description said last; `None`: in none so far.
    named: Option<SocketAddr>,
    /// Whether the side is to be sent anything.
    is_wanted: bool,
    /// Where it was before it said that it moves, and how often it was heard from there since.
    before: Option<(SocketAddr, u8)>,
    /// The one that was heard, of those that may be.
    heard: Option<SocketAddr>,
    /// A new description was given since: another may be heard in its place.
    is_loose: bool,
    /// It has proved where it is, and no description or packet tells better.
    is_proved: bool,
    allowed: Arc<[IpNet]>,
}

impl Latch {
    /// The side has described anew where it is; `named` is `None` while it is
    /// nowhere (a hold), or at a host name. `is_wanted`: it is to be sent something.
    ///
    /// One that says the same as before (a hold, a refresh) is still sent to
    /// where it was heard, until it is heard elsewhere.
    pub fn describe(&mut self, named: Option<SocketAddr>, is_wanted: bool, allowed: Arc<[IpNet]>) {
        if self.is_proved {
            self.is_wanted = is_wanted;
            return;
        }
        let allows = |address: &SocketAddr| is_in(&allowed, address.ip());
        self.heard = self.heard.filter(allows);
        if named.is_some() && named != self.named {
            let before = self.heard.take().or(self.before.map(|(before, _)| before));
            self.before = before.filter(allows).map(|before| (before, 0));
            self.named = named;
        }
        (self.is_wanted, self.is_loose, self.allowed) = (is_wanted, true, allowed);
    }

    /// The side has proved that it is there (ICE): it is heard from and sent to nowhere else.
    pub fn proves(&mut self, at: SocketAddr) {
        (self.heard, self.is_loose, self.is_proved, self.before) = (Some(at), false, true, None);
    }

    /// Where a description said last that the side is.
    pub fn named(&self) -> Option<SocketAddr> {
        self.named
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
        if let Some((before, times)) = &mut self.before
            && *before == from
        {
            *times = times.saturating_add(1);
            if *times >= STAYED {
                self.heard = Some(from);
            }
            return true;
        }
        (self.heard, self.is_loose, self.before) = (Some(from), false, None);
        true
    }

    /// Whether the side may be there: what comes from there is none of a stranger's.
    pub fn admits(&self, from: SocketAddr) -> bool {
        match self.heard {
            Some(heard) if !self.is_loose => heard == from,
            _ => is_in(&self.allowed, from.ip()),
        }
    }

    /// Where packets for this side go; `None` while it wants none, or is not known to be anywhere.
    #[inline]
    pub fn to(&self) -> Option<SocketAddr> {
        self.heard.or(self.named).filter(|_| self.is_wanted)
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
        latch.describe(Some(at(named)), true, nets());
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
    fn whoever_may_be_heard_is_admitted_and_nobody_else() {
        let mut latch = latch("10.0.0.5:4000");
        let admits =
            |latch: &Latch| ["10.0.0.5:1", "192.0.2.7:1", "203.0.113.1:1"].map(|from| latch.admits(at(from)));
        assert_eq!(admits(&latch), [true, true, false]);

        assert!(latch.hears(at("192.0.2.7:1")));

        assert_eq!(admits(&latch), [false, true, false], "and admitting took nothing over");
    }

    #[test]
    fn once_heard_nobody_else_is_until_the_next_description() {
        let mut latch = latch("10.0.0.5:4000");
        assert!(latch.hears(at("10.0.0.5:4000")));

        assert!(!latch.hears(at("10.0.0.5:4002")) && !latch.hears(at("192.0.2.1:4000")));
        latch.describe(Some(at("10.0.0.5:4000")), true, nets());
        assert!(latch.hears(at("192.0.2.1:4000")));
        assert!(!latch.hears(at("10.0.0.5:4000")));
    }

    #[test]
    fn who_says_the_same_again_is_sent_to_where_they_were_heard() {
        let mut latch = latch("10.0.0.5:4000");
        latch.hears(at("192.0.2.1:61000"));

        latch.describe(Some(at("10.0.0.5:4000")), true, nets());
        assert_eq!(latch.to(), Some(at("192.0.2.1:61000")));
        latch.describe(Some(at("10.0.0.5:5000")), true, nets());
        assert_eq!(latch.to(), Some(at("10.0.0.5:5000")));
    }

    #[test]
    fn who_wants_nothing_is_sent_nothing_and_heard_all_the_same() {
        let mut latch = Latch::default();
        latch.describe(None, false, nets());

        assert!(latch.hears(at("192.0.2.1:4000")));

        assert_eq!(latch.to(), None);
    }

    #[test]
    fn who_is_at_a_host_name_is_sent_to_where_they_are_heard() {
        let mut latch = Latch::default();
        latch.describe(None, true, nets());
        assert_eq!(latch.to(), None);

        assert!(latch.hears(at("192.0.2.1:4000")));

        assert_eq!(latch.to(), Some(at("192.0.2.1:4000")));
    }

    #[test]
    fn who_moves_is_heard_from_the_old_place_until_they_are_at_the_new_one() {
        let mut latch = latch("10.0.0.5:4000");
        latch.hears(at("10.0.0.5:4000"));

        latch.describe(Some(at("10.0.0.5:9000")), true, nets());
        assert!(latch.hears(at("10.0.0.5:4000")));
        assert_eq!(latch.to(), Some(at("10.0.0.5:9000")));
        assert!(latch.hears(at("10.0.0.5:9000")));
        assert_eq!(latch.to(), Some(at("10.0.0.5:9000")));
        assert!(!latch.hears(at("10.0.0.5:4000")), "they have moved");
    }

    #[test]
    fn who_says_to_move_and_stays_behind_nat_is_followed_where_they_are() {
        let mut latch = latch("10.0.0.5:4000");
        latch.hears(at("192.0.2.1:61000"));

        latch.describe(Some(at("10.0.0.5:9000")), true, nets());
        for _ in 0..STAYED {
            assert!(latch.hears(at("192.0.2.1:61000")));
        }

        assert_eq!(latch.to(), Some(at("192.0.2.1:61000")));
        assert!(latch.hears(at("192.0.2.1:61002")), "they may move yet");
        assert_eq!(latch.to(), Some(at("192.0.2.1:61002")));
    }

    #[test]
    fn a_hold_without_an_address_forgets_nobody() {
        let mut latch = latch("10.0.0.5:4000");
        latch.hears(at("192.0.2.1:61000"));

        latch.describe(None, false, nets());
        assert_eq!(latch.to(), None);
        assert!(latch.hears(at("192.0.2.1:61000")));
        latch.describe(Some(at("10.0.0.5:4000")), true, nets());

        assert_eq!(latch.to(), Some(at("192.0.2.1:61000")));
    }

    #[test]
    fn who_proves_where_they_are_is_there_whatever_a_description_says() {
        let mut latch = Latch::default();
        latch.describe(None, true, Arc::from([]));
        assert!(!latch.hears(at("192.0.2.1:4000")), "nobody has proved anything");

        latch.proves(at("203.0.113.9:4000"));
        latch.describe(Some(at("10.0.0.5:4000")), true, nets());

        assert_eq!(latch.to(), Some(at("203.0.113.9:4000")));
        assert!(latch.hears(at("203.0.113.9:4000")) && !latch.hears(at("192.0.2.1:4000")));
        latch.proves(at("203.0.113.9:4002"));
        assert!(!latch.hears(at("203.0.113.9:4000")), "they have moved");
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
                        latch.describe(Some(from), true, nets());
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
