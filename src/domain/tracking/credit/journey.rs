//! The touches that led up to a call, or to none.

use std::collections::HashMap;
use std::ops::Range;
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
    pub(in crate::domain) const fn index(self) -> usize {
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
pub(in crate::domain) struct Journey {
    touches: Vec<Touch>,
    /// The call, or the last touch where there was none.
    end: Timestamp,
    calls: f64,
    lost: f64,
}

impl Journey {
    pub fn touches(&self) -> &[Touch] {
        &self.touches
    }

    /// How many such journeys ended in a call: probabilities, added up.
    pub const fn calls(&self) -> f64 {
        self.calls
    }

    /// From its first touch to its end.
    pub fn took(&self) -> Duration {
        self.touches.first().map_or(Duration::ZERO, |first| self.end.since(first.at))
    }
}

/// A way that people went, whenever: touches by their labels alone.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::domain) struct Path {
    /// At least one.
    pub labels: Vec<LabelId>,
    /// How often it ended in a call …
    pub calls: f64,
    /// … and how often in none.
    pub lost: f64,
}

impl Path {
    /// Its labels, each once, in their own order.
    pub fn company(&self) -> Vec<LabelId> {
        let mut labels = self.labels.clone();
        labels.sort_unstable();
        labels.dedup();
        labels
    }
}

/// How close to certain a call is one journey's, for there to be no doubt.
const CERTAIN: f64 = 1.0 - 1e-9;

/// Every journey of a period, from which all models read.
#[derive(Clone, Debug, Default)]
pub struct Journeys {
    labels: Vec<Label>,
    known: HashMap<Label, LabelId>,
    journeys: Vec<Journey>,
    /// The places of those that may have led up to one call, where it is not certain that one did.
    doubtful: Vec<Range<usize>>,
    untouched: f64,
}

impl Journeys {
    /// The id of a label, old or new.
    pub fn name(&mut self, label: Label) -> LabelId {
        if let Some(id) = self.known.get(&label) {
            return *id;
        }
        let id = LabelId(self.labels.len());
        self.labels.push(label.clone());
        self.known.insert(label, id);
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
            self.journeys.push(Journey { touches, end, calls, lost });
        }
    }

    /// Adds a call with all that may have led up to it within `look_back`: one of these did, each as likely as said, or
    /// something else did.
    pub fn add_call(&mut self, may: Vec<(Vec<Touch>, f64)>, end: Timestamp, look_back: Duration) {
        let first = self.journeys.len();
        for (touches, probability) in may {
            self.add(touches, end, look_back, probability, 0.0);
        }
        if self.journeys[first..].iter().any(|it| it.calls < CERTAIN) {
            self.doubtful.push(first..self.journeys.len());
        }
    }

    /// Keeps the labels that journeys have, those with most part in calls first: so many at most, all others become one.
    pub fn with_labels_at_most(mut self, most: usize, other: Label) -> Self {
        let mut part: Vec<Option<f64>> = vec![None; self.labels.len()];
        for journey in &self.journeys {
            let each = journey.calls / journey.touches.len() as f64;
            journey.touches.iter().for_each(|touch| *part[touch.label.0].get_or_insert_default() += each);
        }
        let mut order: Vec<(usize, f64)> =
            part.iter().enumerate().filter_map(|(label, part)| Some((label, (*part)?))).collect();
        order.sort_by(|(a, x), (b, y)| {
            y.total_cmp(x).then_with(|| self.labels[*a].name.cmp(&self.labels[*b].name))
        });
        let mut becomes = vec![LabelId(most); self.labels.len()];
        order.iter().take(most).enumerate().for_each(|(new, (old, _))| becomes[*old] = LabelId(new));
        for touch in self.journeys.iter_mut().flat_map(|it| &mut it.touches) {
            touch.label = becomes[touch.label.0];
        }
        let kept = order.iter().take(most).map(|(old, _)| self.labels[*old].clone());
        self.labels = kept.chain((order.len() > most).then_some(other)).collect();
        self.known = self.labels.iter().cloned().zip((0..).map(LabelId)).collect();
        self
    }

    /// The ways that were gone, each once, in the order of their labels.
    pub(in crate::domain) fn paths(&self) -> Vec<Path> {
        let mut ways: HashMap<Vec<LabelId>, (f64, f64)> = HashMap::new();
        let mut labels = Vec::new();
        for journey in &self.journeys {
            labels.clear();
            labels.extend(journey.touches.iter().map(|touch| touch.label));
            // The key is copied only where the way is new.
            if let Some((calls, lost)) = ways.get_mut(&labels) {
                *calls += journey.calls;
                *lost += journey.lost;
            } else {
                ways.insert(labels.clone(), (journey.calls, journey.lost));
            }
        }
        let paths = ways.into_iter().map(|(labels, (calls, lost))| Path { labels, calls, lost });
        let mut paths: Vec<Path> = paths.filter(|path| path.calls + path.lost > 0.0).collect();
        paths.sort_unstable_by(|a, b| a.labels.cmp(&b.labels));
        paths
    }

    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    pub(in crate::domain) fn label(&self, id: LabelId) -> &Label {
        &self.labels[id.0]
    }

    pub(in crate::domain) fn iter(&self) -> impl Iterator<Item = &Journey> {
        self.journeys.iter()
    }

    /// For each call of which it is not certain what led up to it: what may have.
    pub(super) fn doubtful(&self) -> impl Iterator<Item = &[Journey]> {
        self.doubtful.iter().map(|places| &self.journeys[places.clone()])
    }

    /// All other journeys.
    pub(super) fn certain(&self) -> impl Iterator<Item = &Journey> {
        let mut begin = 0;
        let between = self.doubtful.iter().map(move |places| {
            let gap = begin..places.start;
            begin = places.end;
            gap
        });
        let last = self.doubtful.last().map_or(0, |places| places.end);
        between.chain(std::iter::once(last..self.journeys.len())).flat_map(|gap| &self.journeys[gap])
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
