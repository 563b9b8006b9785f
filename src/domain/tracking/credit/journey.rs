//! The touches that led up to a call, or to none.

use std::collections::HashMap;
use std::time::Duration;

use crate::domain::time::Timestamp;

/// What credit is given to: a channel, a source, a campaign.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Label {
    pub name: String,
    /// It says nothing about what brought the visitor.
    pub direct: bool,
}

/// A label of one [`Journeys`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct LabelId(usize);

impl LabelId {
    pub(super) const fn index(self) -> usize {
        self.0
    }
}

/// A visit, or the sight of a number off the web.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Touch {
    pub label: LabelId,
    pub at: Timestamp,
}

/// Touches in the order in which they came; at least one.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Journey {
    touches: Vec<Touch>,
    calls: f64,
    lost: f64,
}

impl Journey {
    pub(super) fn touches(&self) -> &[Touch] {
        &self.touches
    }

    /// How many such journeys ended in a call: probabilities, added up.
    pub(super) const fn calls(&self) -> f64 {
        self.calls
    }

    /// How many such journeys led to no call.
    pub(super) const fn lost(&self) -> f64 {
        self.lost
    }

    /// Its labels, each once, in their own order.
    pub(super) fn labels(&self) -> Vec<LabelId> {
        let mut labels: Vec<LabelId> = self.touches.iter().map(|touch| touch.label).collect();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

/// Every journey of a period, from which all models read.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    labels: Vec<Label>,
    known: HashMap<Label, LabelId>,
    journeys: Vec<Journey>,
    untouched: f64,
}

impl Journeys {
    /// The id of a label, old or new.
    pub fn name(&mut self, label: Label) -> LabelId {
        let next = LabelId(self.labels.len());
        let id = *self.known.entry(label.clone()).or_insert(next);
        if id == next {
            self.labels.push(label);
        }
        id
    }

    /// Adds what led up to `end` within `look_back`: `calls` such journeys
    /// ended in a call (a probability, for instance), `lost` did not.
    ///
    /// Touches may come in any order. A call without any touch in the window
    /// earns nobody credit; [`Journeys::untouched`] counts it.
    pub fn add(
        &mut self,
        mut touches: Vec<Touch>,
        end: Timestamp,
        look_back: Duration,
        calls: f64,
        lost: f64,
    ) {
        touches.retain(|touch| touch.at <= end && end.since(touch.at) <= look_back);
        touches.sort_by_key(|touch| touch.at);
        if touches.is_empty() {
            self.untouched += calls;
        } else {
            self.journeys.push(Journey { touches, calls, lost });
        }
    }

    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    pub(super) fn label(&self, id: LabelId) -> &Label {
        &self.labels[id.0]
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Journey> {
        self.journeys.iter()
    }

    /// The calls that the credits of any model add up to.
    pub fn calls(&self) -> f64 {
        self.journeys.iter().map(Journey::calls).sum()
    }

    /// Calls that nothing led up to within the look-back.
    pub const fn untouched(&self) -> f64 {
        self.untouched
    }
}
