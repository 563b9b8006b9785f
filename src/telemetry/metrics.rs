//! Numbers for a monitor.
//!
//! A part that wants to be counted is handed a [`Metrics`] and calls the
//! method of what happened. Names and labels of the series stand here alone,
//! since a dashboard breaks when they change. No label is personal data or
//! has more than a handful of values.

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use super::levels::{Fill, Fills};
use super::mails::Mails;
use super::media::Media;
use super::messages::Messages;
use super::recordings::Recordings;
use super::refused::Refused;
use super::requests::Requests;
use super::trunks::Trunks;
use super::webhooks::Webhooks;
use crate::domain::calling::identity::Signature;
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::screening::Verdict;
use crate::domain::calling::screening::rules::Rule;

/// The content type of [`Metrics::render`].
pub const METRICS_CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

type Labels = [(&'static str, &'static str); 1];
pub(super) type Labelled = Family<Labels, Counter>;

/// Every number that `/metrics` shows; cheap to clone, all clones count together.
#[derive(Clone)]
pub struct Metrics {
    registry: Arc<Registry>,
    calls_arrived: Counter,
    calls_refused: Labelled,
    calls_ended: Labelled,
    calls_screened: Family<[(&'static str, &'static str); 2], Counter>,
    calls_inspected: Labelled,
    calls_live: Gauge,
    calls_live_max: Gauge,
    cpu_share: Gauge<f64, AtomicU64>,
    sip_in: Messages,
    sip_out: Messages,
    sip_sent_again: Counter,
    sip_heard_again: Counter,
    sip_legs: Gauge,
    sip_transactions: Gauge,
    sip_streams: Gauge,
    tasks: Gauge,
    sip_malformed: Counter,
    sip_strangers: Counter,
    sip_silenced: Counter,
    sip_challenges: Counter,
    sip_wrong_logins: Counter,
    numbers_shown: Labelled,
    numbers_refused: Labelled,
    http_answers: Labelled,
    http_seconds: Histogram,
    facts_spooled: Counter,
    facts_lost: Counter,
    facts_set_aside: Counter,
    facts_waiting: Gauge,
    pub(super) trunks: Trunks,
    pub(super) media: Media,
    pub(super) recordings: Recordings,
    pub(super) mails: Mails,
    pub(super) webhooks: Webhooks,
    pub(super) requests: Requests,
    ladders_lost: Counter,
    store_groups: Histogram,
    store_seconds: Histogram,
    store_failures: Counter,
    levels: Fills,
    limits: Family<[(&'static str, &'static str); 1], Gauge>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    pub fn new() -> Self {
        let mut all = Registry::with_prefix("whence");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        all.register("build", "Which program this is", version);
        let [sip_in, sip_out] = Messages::both(&mut all);
        let cpu_share = Gauge::<f64, AtomicU64>::default();
        all.register(
            "cpu_share",
            "How much of the processors the program uses, 0 to 1, smoothed",
            cpu_share.clone(),
        );
        let store_groups = Histogram::new(exponential_buckets(1.0, 2.0, 9));
        all.register("store_group_writes", "Writes that shared a commit", store_groups.clone());
        let mut new = Self {
            registry: Arc::default(),
            sip_in,
            sip_out,
            cpu_share,
            store_groups,
            calls_arrived: counter(&mut all, "calls_arrived", "Calls from known trunks"),
            calls_ended: labelled(&mut all, "calls_ended", "Calls that are over, by outcome"),
            calls_refused: labelled(&mut all, "calls_refused", "Calls turned away at the door, by why"),
            calls_live_max: gauge(&mut all, "calls_live_max", "Calls that may be under way at once"),
            calls_screened: labelled(&mut all, "calls_screened", "Calls that screening said something of"),
            calls_inspected: labelled(&mut all, "calls_inspected", "Calls by what their signature said"),
            calls_live: gauge(&mut all, "calls_live", "Calls under way now"),
            sip_sent_again: counter(&mut all, "sip_sent_again", "SIP messages sent once more, unanswered"),
            sip_heard_again: counter(&mut all, "sip_heard_again", "SIP requests that came once more"),
            sip_legs: gauge(&mut all, "sip_legs", "Legs of calls on the wire now"),
            sip_transactions: gauge(&mut all, "sip_transactions", "SIP transactions held now"),
            sip_streams: gauge(&mut all, "sip_streams", "Connections of SIP peers open now"),
            tasks: gauge(&mut all, "tasks", "Tasks of the program alive now"),
            sip_malformed: counter(&mut all, "sip_malformed", "Packets that are no SIP message"),
            sip_strangers: counter(&mut all, "sip_strangers", "Packets from outside every trunk, dropped"),
            sip_silenced: counter(&mut all, "sip_silenced", "Requests of those who tried too often, dropped"),
            sip_challenges: counter(&mut all, "sip_challenges", "Requests that were asked for a login"),
            sip_wrong_logins: counter(&mut all, "sip_wrong_logins", "Requests with a wrong login"),
            numbers_shown: labelled(
                &mut all,
                "numbers_shown",
                "Numbers on pages, by the rule that chose them",
            ),
            numbers_refused: labelled(
                &mut all,
                "numbers_refused",
                "Pages that were lent no new number, by why: robots, and caps",
            ),
            http_answers: labelled(&mut all, "http_answers", "HTTP answers, by class of status"),
            http_seconds: seconds(&mut all, "http_answer", "Time to an HTTP answer"),
            facts_spooled: counter(
                &mut all,
                "facts_spooled",
                "Facts about calls synced to the spool on disk",
            ),
            facts_lost: counter(&mut all, "facts_lost", "Facts about calls that neither took"),
            facts_set_aside: counter(
                &mut all,
                "facts_set_aside",
                "Facts about calls that the database refuses, kept in a file of the spool folder",
            ),
            trunks: Trunks::new(&mut all),
            media: Media::new(&mut all),
            recordings: Recordings::new(&mut all),
            mails: Mails::new(&mut all),
            webhooks: Webhooks::new(&mut all),
            requests: Requests::new(&mut all),
            facts_waiting: gauge(&mut all, "facts_waiting", "Facts about calls not yet in the database"),
            ladders_lost: counter(&mut all, "ladders_lost", "SIP ladders of calls that were not kept"),
            store_seconds: seconds(&mut all, "store_commit", "Time to write and commit a group"),
            store_failures: counter(&mut all, "store_failures", "Commits that the database did not do"),
            levels: Fills::new(&mut all),
            limits: Family::default(),
        };
        all.register("limit", "How much of what others can make us keep is kept at most", new.limits.clone());
        // Series that start at nought, so that a monitor sees the first one as a rise.
        for outcome in Outcome::ALL {
            drop(new.calls_ended.get_or_create(&[("outcome", outcome.as_str())]));
        }
        for why in Refused::ALL {
            drop(new.calls_refused.get_or_create(&[("why", why.as_str())]));
        }
        new.registry = Arc::new(all);
        new
    }

    /// A call of a known trunk stands at the door.
    pub fn call_arrived(&self) {
        self.calls_arrived.inc();
    }

    /// A call was turned away at the door.
    pub fn call_refused(&self, why: Refused) {
        self.calls_refused.get_or_create(&[("why", why.as_str())]).inc();
    }

    /// How many calls may be under way.
    pub fn live_calls_max(&self, count: usize) {
        self.calls_live_max.set(as_gauge(count));
    }

    /// How much of the processors is used, smoothed.
    pub fn cpu_share(&self, share: f64) {
        self.cpu_share.set(share);
    }

    /// A queue that holds `max` at most; whoever owns it sets its level.
    pub fn queue(&self, name: &'static str, max: usize) -> Fill {
        self.levels.queue(name, max)
    }

    /// So much is kept at most of what others can make us keep.
    pub fn limit(&self, of: &'static str, max: usize) {
        self.limits.get_or_create(&[("of", of)]).set(as_gauge(max));
    }

    /// A group of writes was committed, or was not.
    pub fn store_group(&self, writes: usize, took: Duration, is_written: bool) {
        self.store_groups.observe(writes as f64);
        self.store_seconds.observe(took.as_secs_f64());
        if !is_written {
            self.store_failures.inc();
        }
    }

    /// A rule of screening applied to a call.
    pub fn call_screened(&self, verdict: Verdict, rule: Rule) {
        self.calls_screened.get_or_create(&[("verdict", verdict.as_str()), ("rule", rule.as_str())]).inc();
    }

    /// Somebody looked for the signature of a call.
    pub fn call_inspected(&self, signature: Signature) {
        self.calls_inspected.get_or_create(&[("signature", signature.as_str())]).inc();
    }

    /// A call that had arrived is over.
    pub fn call_ended(&self, outcome: Outcome) {
        self.calls_ended.get_or_create(&[("outcome", outcome.as_str())]).inc();
    }

    /// How many calls are under way now, as counted there.
    pub fn live_calls(&self, count: usize) {
        self.calls_live.set(as_gauge(count));
    }

    pub fn sip_received(&self, message: &[u8]) {
        self.sip_in.count(message);
    }

    pub fn sip_sent(&self, message: &[u8]) {
        self.sip_out.count(message);
    }

    /// So many more messages were sent again by their timers, and came again from others.
    pub fn sip_again(&self, sent: u64, heard: u64) {
        self.sip_sent_again.inc_by(sent);
        self.sip_heard_again.inc_by(heard);
    }

    /// What the wire holds now, as counted there.
    pub fn sip_held(&self, legs: usize, transactions: usize, streams: usize) {
        self.sip_legs.set(as_gauge(legs));
        self.sip_transactions.set(as_gauge(transactions));
        self.sip_streams.set(as_gauge(streams));
    }

    /// A packet of a known trunk could not be read.
    pub fn sip_malformed(&self) {
        self.sip_malformed.inc();
    }

    /// A packet from outside every trunk's range was dropped.
    /// With `silenced` it came from somebody who had tried too often.
    pub fn sip_stranger(&self, silenced: bool) {
        if silenced {
            self.sip_silenced.inc()
        } else {
            self.sip_strangers.inc()
        };
    }

    /// Somebody was asked for a login.
    pub fn sip_challenge(&self) {
        self.sip_challenges.inc();
    }

    pub fn sip_wrong_login(&self) {
        self.sip_wrong_logins.inc();
    }

    /// A page shows a number; `rule` is the word of the API (`lease`, `renewed` …).
    pub fn number_shown(&self, rule: &'static str) {
        self.numbers_shown.get_or_create(&[("rule", rule)]).inc();
    }

    /// A page was lent no new number; `why` is the word of the API.
    pub fn number_refused(&self, why: &'static str) {
        self.numbers_refused.get_or_create(&[("why", why)]).inc();
    }

    pub fn http_answered(&self, status: u16, took: Duration) {
        let class = match status {
            ..200 => "1xx",
            200..300 => "2xx",
            300..400 => "3xx",
            400..500 => "4xx",
            500.. => "5xx",
        };
        self.http_answers.get_or_create(&[("status", class)]).inc();
        self.http_seconds.observe(took.as_secs_f64());
    }

    /// Facts are on disk, in the spool folder.
    pub fn facts_spooled(&self, count: usize) {
        self.facts_spooled.inc_by(count as u64);
    }

    /// How many facts the spool folder holds now, as counted there.
    pub fn facts_waiting(&self, count: usize) {
        self.facts_waiting.set(as_gauge(count));
    }

    /// A fact found room nowhere: this is what an alarm is for.
    pub fn fact_lost(&self) {
        self.facts_lost.inc();
    }

    /// The database refuses facts; they are in a file, for an admin to look at.
    pub fn facts_set_aside(&self, count: usize) {
        self.facts_set_aside.inc_by(count as u64);
    }

    /// Ladders of calls were dropped: nothing but an admin's convenience is lost.
    pub fn ladders_lost(&self, count: usize) {
        self.ladders_lost.inc_by(count as u64);
    }

    /// The text of `/metrics`; its content type is [`METRICS_CONTENT_TYPE`].
    pub fn render(&self) -> String {
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            self.tasks.set(as_gauge(runtime.metrics().num_alive_tasks()));
        }
        let mut page = String::new();
        text::encode(&mut page, &self.registry).expect("writing to a string does not fail");
        page
    }
}

pub(super) fn as_gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn counter(all: &mut Registry, name: &str, help: &str) -> Counter {
    let new = Counter::<u64, AtomicU64>::default();
    all.register(name, help, new.clone());
    new
}

pub(super) fn labelled<const N: usize>(
    all: &mut Registry,
    name: &str,
    help: &str,
) -> Family<[(&'static str, &'static str); N], Counter> {
    let new = Family::default();
    all.register(name, help, new.clone());
    new
}

pub(super) fn gauge(all: &mut Registry, name: &str, help: &str) -> Gauge {
    let new = Gauge::default();
    all.register(name, help, new.clone());
    new
}

/// From half a millisecond to 16 seconds.
fn seconds(all: &mut Registry, name: &str, help: &str) -> Histogram {
    let new = Histogram::new(exponential_buckets(0.000_5, 2.0, 16));
    all.register_with_unit(name, help, Unit::Seconds, new.clone());
    new
}

#[cfg(test)]
mod tests;
