//! Priors that follow the labelled calls: those whose origin somebody knows.
//!
//! Each figure is the stated one as if it had been seen in `WEIGHT` calls,
//! plus what was seen (the posterior mean of a Dirichlet, a gamma and a beta
//! distribution): a site that starts has the stated figures, ten labelled
//! calls move them a little, thousands replace them.
//!
//! Which of the three fading groups a late caller belongs to is not seen, so
//! each is shared out by how well the groups explain their wait, again and
//! again until nothing moves (expectation maximisation).
//!
//! **What is a label.** A person's word about a call, and nothing else:
//!
//! - That a caller is known as a visit's contact is mostly what attribution
//!   itself concluded from an earlier call. To learn from it would be to
//!   believe oneself.
//! - A tap moments before a call does tell the visit. But a tap is made on the
//!   page: whoever calls two hours later seldom taps. Among such calls nobody
//!   ever waits, so they say nothing of how long callers do.
//!
//! **Of how many calls.** People judge few calls. If those are a fair sample,
//! the background calls among them come at the same share of their rate, so
//! days and visits are counted at that share ([`Lesson::of`]). Who judges only
//! the calls that were attributed wrongly teaches the mistakes: a call that
//! was right is to be confirmed as well.
//!
//! **Whose.** A site learns from the other sites' calls first and from its own
//! on top of that, each time against the weight of `WEIGHT` calls: with few of
//! its own it is like its neighbours, with many like itself ([`learn_site`]).

use std::time::Duration;

use super::prior::{Delay, Fading, OPEN_AFTER_SEEN_S, Priors, fading};
use crate::domain::tracking::device::Device;

/// How many calls the stated figures stand for.
const WEIGHT: f64 = 50.0;

/// More rounds change nothing in the third digit.
const ROUNDS: u32 = 50;

/// Where a labelled call came from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Origin {
    /// Rang while the page may have been open.
    OnPage(Device),
    /// Rang this long after the page was closed.
    AfterLeaving { device: Device, gone_s: f64 },
    /// No visit caused it.
    Background,
}

impl Origin {
    /// A call so long after the last sign of life of the visit's page; nobody
    /// tells when a page is closed, see [`super::prior`].
    pub fn silent_for(silent: Duration, device: Device) -> Self {
        let silent_s = silent.as_secs_f64();
        if silent_s <= OPEN_AFTER_SEEN_S {
            Origin::OnPage(device)
        } else {
            Origin::AfterLeaving { device, gone_s: silent_s - OPEN_AFTER_SEEN_S / 2.0 }
        }
    }
}

/// What there was at a site while its calls could be labelled.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Exposure {
    /// All calls on lent numbers, labelled or not.
    pub calls: f64,
    /// For how many days numbers stood, summed over the numbers.
    pub number_days: f64,
    pub visits: f64,
    /// How long they stayed, summed over the visits.
    pub stayed_s: f64,
}

/// What is learnt from.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Lesson<'a> {
    pub calls: &'a [Origin],
    /// For how many days numbers stood where these calls could come in, summed
    /// over the numbers.
    pub number_days: f64,
    /// How many visits there were meanwhile.
    pub visits: f64,
    /// How long they stayed, summed over the visits.
    pub stayed_s: f64,
}

impl<'a> Lesson<'a> {
    /// Labelled calls out of all there were: the rest is counted at their share.
    pub fn of(calls: &'a [Origin], among: Exposure) -> Self {
        let labelled = (calls.len() as f64 / among.calls.max(1.0)).min(1.0);
        Self {
            calls,
            number_days: among.number_days * labelled,
            visits: among.visits * labelled,
            stayed_s: among.stayed_s * labelled,
        }
    }
}

/// The priors of a site: the stated ones after the other sites' calls, and then
/// after its own.
pub fn learn_site(others: Lesson<'_>, own: Lesson<'_>) -> Priors {
    learn(&learn(&Priors::STATED, others), own)
}

/// The priors after the lesson.
pub fn learn(stated: &Priors, lesson: Lesson<'_>) -> Priors {
    let of = |device: Option<Device>, delay: &Delay| {
        let heard = |it: Device| device.is_none_or(|device| it == device);
        let calls = lesson.calls.iter().filter_map(|call| match *call {
            Origin::OnPage(it) if heard(it) => Some(None),
            Origin::AfterLeaving { device: it, gone_s } if heard(it) => Some(Some(gone_s)),
            Origin::OnPage(_) | Origin::AfterLeaving { .. } | Origin::Background => None,
        });
        learn_delay(delay, &calls.collect::<Vec<_>>())
    };
    let background = lesson.calls.iter().filter(|call| **call == Origin::Background).count() as f64;
    let from_visits = lesson.calls.len() as f64 - background;
    // Stated rates are as if seen in one call, not fifty: a background call is
    // so rare that a year may bring but a few, and they must count.
    let rates = stated.after(from_visits, lesson.visits, lesson.stayed_s);
    Priors {
        phone: of(Some(Device::Phone), &stated.phone),
        desk: of(Some(Device::Desk), &stated.desk),
        // Who does not say is like everybody.
        unknown: of(None, &stated.unknown),
        background_per_day: (1.0 + background) / (1.0 / stated.background_per_day + lesson.number_days),
        ..rates
    }
}

impl Priors {
    /// After so many visits, which stayed for so long in all and made so many calls.
    pub fn after(&self, calls: f64, visits: f64, stayed_s: f64) -> Priors {
        Priors {
            stay_s: (WEIGHT * self.stay_s + stayed_s) / (WEIGHT + visits),
            calls_per_visit: (WEIGHT + calls) / (WEIGHT / self.calls_per_visit + visits),
            ..*self
        }
    }
}

/// `waits`: for each call from a visit, `None` when the page was open, and
/// otherwise for how many seconds it had been closed.
fn learn_delay(stated: &Delay, waits: &[Option<f64>]) -> Delay {
    let late: Vec<f64> = waits.iter().flatten().map(|gone_s| gone_s.max(0.0)).collect();
    let all = WEIGHT + waits.len() as f64;
    let on_page = (WEIGHT * stated.on_page + (waits.len() - late.len()) as f64) / all;

    let mut after = stated.after;
    for _ in 0..ROUNDS {
        let (mut calls, mut seconds) = ([0.0; 3], [0.0; 3]);
        for &gone_s in &late {
            let weights = after.map(|it| it.share * fading(gone_s, it.mean_s));
            let sum: f64 = weights.iter().sum();
            for group in 0..3 {
                // A wait that no group explains is the longest group's.
                let part = if sum > 0.0 { weights[group] / sum } else { f64::from(group == 2) };
                calls[group] += part;
                seconds[group] += part * gone_s;
            }
        }
        for (group, stated) in stated.after.iter().enumerate() {
            let before = WEIGHT * stated.share;
            after[group] = Fading {
                share: (before + calls[group]) / all,
                mean_s: (before * stated.mean_s + seconds[group]) / (before + calls[group]),
            };
        }
    }
    Delay { on_page, after }
}
