//! How likely a call is this long after a page was seen: what is believed
//! before any call has been labelled, and how weights follow from it.
//!
//! The stated priors, over all devices (a simulation calibrated on 3-minute
//! visits): 70 % of callers ring while they look at the page, 18 % after a
//! mean of 20 minutes, 9 % after 6 hours, 3 % after 3 days.
//!
//! ```text
//!        0.70, evenly          0.18 · 0.09 · 0.03, each fading with its mean
//!   ├──────────────────────┤╲____________
//!   ├──────────────────────┤             ‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾‾
//!   started        seen    page closed                     ─ ─ background ─ ─
//! ```
//!
//! Who holds a phone calls sooner than who sits at a desk; half of each gives
//! the figures above. Labelled calls move all of it: [`super::learn`].

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Acquaintance, Candidate, Ring};
use crate::domain::time::Timestamp;
use crate::domain::tracking::device::Device;

/// How long a page may still be open after its last sign of life: the snippet
/// sends one a minute, and none while the telephone's dialler covers the page.
pub(super) const OPEN_AFTER_SEEN_S: f64 = 60.0;

/// A tap on the number opens the dialler; half of those who tap go on to call,
/// after a mean of ten seconds.
const TAPS_THAT_CALL: f64 = 0.5;
const TAP_MEAN_S: f64 = 10.0;

/// Of those whose browser and telephone are both known, so many of the callers
/// ring from a browser known as theirs, and so many visitors at all happen to
/// be known as the caller.
const KNOWN_AS_CALLER: (f64, f64) = (0.9, 0.02);

/// One visit in so many that end in a call is made in a browser known as
/// somebody else's; of all visits by known browsers, nearly every one is.
const KNOWN_AS_SOMEBODY_ELSE: (f64, f64) = (1.0 - KNOWN_AS_CALLER.0, 1.0 - KNOWN_AS_CALLER.1);

/// How many callers ring from the country they look at the page from, and how
/// many visitors come from a caller's country by chance.
const FROM_CALLERS_COUNTRY: (f64, f64) = (0.95, 0.75);

/// Of those who have rung, one in five rings the same number again, after a
/// mean of three days.
const RING_AGAIN: f64 = 0.2;
const RING_AGAIN_MEAN_S: f64 = 3.0 * 86_400.0;

/// A share of callers who ring after a time that fades with its mean.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Fading {
    pub share: f64,
    pub mean_s: f64,
}

/// When those call who call after seeing a page; the shares add up to 1.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Delay {
    /// While they look at it.
    pub on_page: f64,
    pub after: [Fading; 3],
}

/// What is believed about callers before the evidence of a call is weighed.
#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize)]
pub struct Priors {
    pub phone: Delay,
    pub desk: Delay,
    pub unknown: Delay,
    /// How long a page stays open in the mean.
    pub stay_s: f64,
    /// Calls a day on a number that no visit caused.
    pub background_per_day: f64,
    /// The share of visits that end in a call.
    pub calls_per_visit: f64,
}

const fn delay(on_page: f64, minutes: f64, hours: f64, days: f64) -> Delay {
    Delay {
        on_page,
        after: [
            Fading { share: minutes, mean_s: 20.0 * 60.0 },
            Fading { share: hours, mean_s: 6.0 * 3_600.0 },
            Fading { share: days, mean_s: 3.0 * 86_400.0 },
        ],
    }
}

impl Priors {
    /// One call in 90 days that no visit caused, and one visit in twenty that
    /// ends in a call. A visit that is on the page then has more than 98 %,
    /// one that left an hour ago four fifths, and one that was last seen a
    /// month ago nothing.
    pub const STATED: Priors = Priors {
        phone: delay(0.80, 0.12, 0.06, 0.02),
        desk: delay(0.60, 0.24, 0.12, 0.04),
        unknown: delay(0.70, 0.18, 0.09, 0.03),
        stay_s: 180.0,
        background_per_day: 1.0 / 90.0,
        calls_per_visit: 0.05,
    };

    /// These, for a number that had so many calls within so long before it was
    /// first lent: none of them came from a visit. The stated rate counts as
    /// one call in its own time, and gives way to what was counted.
    pub fn with_background(self, calls: u64, within: Duration) -> Priors {
        let days = within.as_secs_f64() / 86_400.0;
        let background_per_day = (1.0 + calls as f64) / (1.0 / self.background_per_day + days);
        Priors { background_per_day, ..self }
    }

    pub const fn delay(&self, device: Device) -> &Delay {
        match device {
            Device::Phone => &self.phone,
            Device::Desk => &self.desk,
            Device::Unknown => &self.unknown,
        }
    }

    /// Calls a second that a visit sends now, per visit that ends in a call.
    pub(super) fn of_visit(&self, candidate: &Candidate, ring: &Ring) -> f64 {
        let waiting = self.delay(candidate.device).density(candidate, ring.at, self.stay_s);
        let tapping = candidate.tapped_at.filter(|at| *at <= ring.at).map_or(0.0, |at| {
            let gone_s = ring.at.since(at).as_secs_f64();
            TAPS_THAT_CALL / self.calls_per_visit * fading(gone_s, TAP_MEAN_S)
        });
        let ratio = |(if_it_called, by_chance): (f64, f64)| if_it_called / by_chance;
        let acquaintance = match candidate.visitor {
            Acquaintance::Unknown => 1.0,
            Acquaintance::Caller => ratio(KNOWN_AS_CALLER),
            Acquaintance::SomebodyElse => ratio(KNOWN_AS_SOMEBODY_ELSE),
        };
        let country = match ring.country.zip(candidate.country) {
            None => 1.0,
            Some((caller, visit)) if caller == visit => ratio(FROM_CALLERS_COUNTRY),
            Some(_) => ratio((1.0 - FROM_CALLERS_COUNTRY.0, 1.0 - FROM_CALLERS_COUNTRY.1)),
        };
        (waiting + tapping) * acquaintance * country
    }

    /// Calls a second that no visit causes, in the same terms.
    pub(super) fn background(&self) -> f64 {
        self.background_per_day / 86_400.0 / self.calls_per_visit
    }

    /// Calls a second of somebody who has the number from an earlier call.
    pub(super) fn of_ringing_again(&self, ring: &Ring) -> f64 {
        ring.rang_before_at.filter(|before| *before < ring.at).map_or(0.0, |before| {
            let gone_s = ring.at.since(before).as_secs_f64();
            RING_AGAIN / self.calls_per_visit * fading(gone_s, RING_AGAIN_MEAN_S)
        })
    }
}

impl Delay {
    /// How likely a visit that ends in a call has it at `at`, per second.
    ///
    /// Nobody tells when a page is closed, only each minute that it is open.
    /// It stays open for a time with the mean `stay_s` that forgets how long it
    /// has lasted; so after the last sign it may be open, or have been left.
    fn density(&self, candidate: &Candidate, at: Timestamp, stay_s: f64) -> f64 {
        let waited_s = at.since(candidate.started_at).as_secs_f64();
        let seen_s = candidate.last_seen_at.since(candidate.started_at).as_secs_f64();
        let silent_s = (waited_s - seen_s).max(0.0);
        let later =
            |gone_s: f64| self.after.iter().map(|it| it.share * fading(gone_s, it.mean_s)).sum::<f64>();
        if silent_s > OPEN_AFTER_SEEN_S {
            return later(silent_s - OPEN_AFTER_SEEN_S / 2.0);
        }
        let still_open = (-silent_s / stay_s).exp();
        // A call falls evenly into a stay: its density is the mean of 1/stay
        // over all stays that are longer than what has been waited.
        let evenly = scaled_e1(waited_s.max(seen_s) / stay_s) / stay_s;
        self.on_page * still_open * evenly + (1.0 - still_open) * later(0.0)
    }
}

/// `eˣ·E₁(x)`, the mean of 1/(1 + t/x)/x over waits t of mean 1 (Abramowitz and
/// Stegun 5.1.11 and 5.1.22), for x of a hundredth and more.
fn scaled_e1(x: f64) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    let x = x.max(0.01);
    if x < 1.0 {
        let mut term = -1.0;
        let series: f64 = (1..20)
            .map(|k| {
                term *= -x / f64::from(k);
                term / f64::from(k)
            })
            .sum();
        return (series - EULER - x.ln()) * x.exp();
    }
    let tail = (1..40).rev().fold(0.0, |below, k| f64::from(k) / (1.0 + f64::from(k) / (x + below)));
    1.0 / (x + tail)
}

/// The density of a wait with this mean that forgets how long it has lasted.
pub(super) fn fading(gone_s: f64, mean_s: f64) -> f64 {
    (-gone_s / mean_s).exp() / mean_s
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Abramowitz and Stegun, tables 5.1 and 5.2.
    #[test]
    fn the_exponential_integral_is_that_of_the_tables() {
        for (x, e1) in
            [(0.01, 4.037_929_577), (0.5, 0.559_773_595), (1.0, 0.219_383_934), (2.0, 0.048_900_511)]
        {
            let got = scaled_e1(x) * f64::exp(-x);

            assert!((got / e1 - 1.0).abs() < 1e-6, "{x}: {got}, not {e1}");
        }
        assert!((scaled_e1(10.0) * 10.0 - 0.915_633_339).abs() < 1e-6);
    }
}
