//! Where a call goes, decided from memory in the moment in which it is asked.

use std::sync::Arc;

use super::Switchboard;
use super::seats::Sitting;
use crate::domain::calling::recording::RecordingRule;
use crate::domain::calling::routing::{Route, Routes, Step, Way};
use crate::domain::ids::{CallId, DestinationId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// Where a call goes.
pub(super) struct Chosen {
    pub way: Way,
    pub sitting: Sitting,
    /// How it is recorded; `None`: it is not.
    pub rule: Option<Arc<RecordingRule>>,
}

impl Switchboard {
    /// The way of a new call, and its first seats.
    pub(super) fn choose(
        &self,
        call: CallId,
        routes: &Routes,
        (number, route): (&Phone, &Route),
        came_on: &TrunkId,
        now: Timestamp,
    ) -> Chosen {
        let (inner, config) = (&self.inner, self.inner.config.load());
        let (way, sitting) = inner.seats.choose(routes, (number, route), came_on, &config.trunk_limits, now);
        let rule = route.recording.clone().filter(|rule| rule.chooses(call));
        let way = rule.iter().fold(way, |way, rule| way.recorded(rule));
        Chosen { way, sitting, rule }
    }

    /// Where a call goes whose caller has chosen a destination.
    pub(super) fn choose_onward(&self, destination: &DestinationId, sitting: &mut Sitting) -> Way {
        let (inner, config) = (&self.inner, self.inner.config.load());
        let (routes, limits) = (inner.routes.load(), &config.trunk_limits);
        let mut way = inner.seats.choose_onward(&routes, destination, limits, sitting, inner.clock.now());
        self.limit_ringing(&mut way);
        way
    }

    /// No line rings longer than the settings allow.
    pub(super) fn limit_ringing(&self, way: &mut Way) {
        let most = self.inner.config.load().ring_limit;
        for step in &mut way.steps {
            if let Step::Ring { ring, .. } = step {
                *ring = (*ring).min(most);
            }
        }
    }
}
