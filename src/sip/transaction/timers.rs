//! The timers of RFC 3261 §17 (its table 4) and RFC 6026, all in one table.
//!
//! Two kinds: *repeaters* (A, E, G) send a message again over a datagram
//! transport, at growing distances; all others are *deadlines*. A stream
//! repeats for itself what is lost, so there repeaters never start, and the
//! deadlines that only absorb what was sent twice are zero.

use std::time::Duration;

use crate::domain::time::Timestamp;

/// The round trip that everything starts from.
pub const T1: Duration = Duration::from_millis(500);
/// The longest distance between two copies of a non-INVITE request or of a
/// final response to INVITE.
pub const T2: Duration = Duration::from_secs(4);
/// How long a message may stay in the network.
pub const T4: Duration = Duration::from_secs(5);
/// 64*T1: how long anybody waits for anybody.
pub const PATIENCE: Duration = Duration::from_secs(32);

/// Whether the transport below repeats what is lost by itself (RFC 3261 §17).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wire {
    /// UDP: we repeat.
    Datagram,
    /// TCP, TLS, WebSocket: the transport repeats.
    Stream,
}

/// The letters of RFC 3261 table 4. C is missing: it belongs to proxies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timer {
    /// INVITE sent again, distances doubling without limit.
    A,
    /// INVITE without any response: the attempt failed.
    B,
    /// Repeated refusals of our INVITE are acknowledged until then.
    D,
    /// Another request sent again, distances doubling up to T2.
    E,
    /// Another request without a final response: it failed.
    F,
    /// Refusal of an INVITE sent again, distances doubling up to T2.
    G,
    /// Refusal of an INVITE without ACK: we stop.
    H,
    /// Repeated ACKs are absorbed until then.
    I,
    /// Repeated requests other than INVITE are answered until then.
    J,
    /// Repeated responses to them are absorbed until then.
    K,
    /// RFC 6026: repeated INVITEs that we accepted are absorbed until then.
    L,
    /// RFC 6026: repeated and forked 2xx are passed up until then.
    M,
}

impl Timer {
    /// The time after which it first fires; `None` when it does not run.
    pub const fn span(self, wire: Wire) -> Option<Duration> {
        match (self, wire) {
            (Timer::A | Timer::E | Timer::G, Wire::Datagram) => Some(T1),
            (Timer::A | Timer::E | Timer::G, Wire::Stream) => None,
            (Timer::B | Timer::F | Timer::H | Timer::L | Timer::M, _) => Some(PATIENCE),
            (Timer::D | Timer::J, Wire::Datagram) => Some(PATIENCE),
            (Timer::I | Timer::K, Wire::Datagram) => Some(T4),
            (Timer::D | Timer::I | Timer::J | Timer::K, Wire::Stream) => Some(Duration::ZERO),
        }
    }

    /// The distance that a repeater does not grow beyond.
    const fn longest(self) -> Duration {
        match self {
            Timer::E | Timer::G => T2,
            // A doubles until B ends it; the rest are not repeated.
            Timer::A
            | Timer::B
            | Timer::D
            | Timer::F
            | Timer::H
            | Timer::I
            | Timer::J
            | Timer::K
            | Timer::L
            | Timer::M => PATIENCE,
        }
    }

    /// The moment at which this deadline passes, when it starts now.
    pub(super) fn deadline(self, wire: Wire, now: Timestamp) -> Timestamp {
        now + self.span(wire).unwrap_or(Duration::ZERO)
    }

    /// The same, or `None` when it passes at once.
    pub(super) fn linger(self, wire: Wire, now: Timestamp) -> Option<Timestamp> {
        self.span(wire).filter(|span| !span.is_zero()).map(|span| now + span)
    }
}

/// A repeater at work: when the next copy is due.
///
/// A wake-up that comes late sends one copy and counts on from then, so a
/// stalled process does not answer its stall with a burst.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Repeater {
    /// `None` on a stream: never.
    next: Option<Timestamp>,
    gap: Duration,
    longest: Duration,
}

impl Repeater {
    /// Starts one of the timers A, E, G.
    pub(super) fn start(timer: Timer, wire: Wire, now: Timestamp) -> Self {
        let gap = timer.span(wire);
        Self { next: gap.map(|gap| now + gap), gap: gap.unwrap_or(T1), longest: timer.longest() }
    }

    /// For a 2xx to INVITE (RFC 3261 §13.3.1.4): on every transport, since a
    /// later hop may lose it.
    pub(in crate::sip) fn of_2xx(now: Timestamp) -> Self {
        Self { next: Some(now + T1), gap: T1, longest: T2 }
    }

    /// For a reliable provisional response (RFC 3262 §3): the distance doubles without limit.
    pub(in crate::sip) fn of_provisional(now: Timestamp) -> Self {
        Self { next: Some(now + T1), gap: T1, longest: PATIENCE }
    }

    /// Whether a copy is due; if so, the next one is planned.
    pub(in crate::sip) fn fires(&mut self, now: Timestamp) -> bool {
        match self.next {
            Some(next) if next <= now => {
                self.gap = (self.gap * 2).min(self.longest);
                self.next = Some(now + self.gap);
                true
            }
            Some(_) | None => false,
        }
    }

    /// After a provisional response timer E goes on at T2 (§17.1.2.2); the
    /// copy that is already planned stays where it is.
    pub(super) fn slow_down(&mut self) {
        self.gap = self.longest;
    }

    /// The earlier of the next copy and the deadline.
    pub(in crate::sip) fn next_or(&self, deadline: Timestamp) -> Timestamp {
        self.next.map_or(deadline, |next| next.min(deadline))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3261 table 4 and RFC 6026 §7: name, datagram, stream, in ms.
    #[test]
    fn every_timer_has_the_value_of_its_rfc() {
        let table = [
            (Timer::A, Some(500), None),
            (Timer::B, Some(32_000), Some(32_000)),
            (Timer::D, Some(32_000), Some(0)),
            (Timer::E, Some(500), None),
            (Timer::F, Some(32_000), Some(32_000)),
            (Timer::G, Some(500), None),
            (Timer::H, Some(32_000), Some(32_000)),
            (Timer::I, Some(5_000), Some(0)),
            (Timer::J, Some(32_000), Some(0)),
            (Timer::K, Some(5_000), Some(0)),
            (Timer::L, Some(32_000), Some(32_000)),
            (Timer::M, Some(32_000), Some(32_000)),
        ];

        for (timer, datagram, stream) in table {
            assert_eq!(timer.span(Wire::Datagram), datagram.map(Duration::from_millis), "{timer:?}");
            assert_eq!(timer.span(Wire::Stream), stream.map(Duration::from_millis), "{timer:?}");
        }
        assert_eq!(PATIENCE, T1 * 64);
    }

    #[test]
    fn a_late_wake_up_sends_one_copy_and_counts_on_from_then() {
        let mut repeater = Repeater::start(Timer::A, Wire::Datagram, Timestamp::from_ms(0));

        assert!(!repeater.fires(Timestamp::from_ms(499)));
        assert!(repeater.fires(Timestamp::from_ms(9_000)));
        assert!(!repeater.fires(Timestamp::from_ms(9_000)));

        assert_eq!(repeater.next, Some(Timestamp::from_ms(10_000)));
    }
}
