//! Live calls: one task per call around one [`Call`](crate::call::Call).
//!
//! ```text
//!   sip ── Arrival ──▶ Switchboard ── way from memory ──▶ driver (one task a call)
//!    ▲                      │                               │  outputs
//!    └── legs ── carry_out ─┼── sound ── media ─────────────┤
//!                           └── recorder ── flows ── store ◀┘  facts
//! ```
//!
//! A call never waits for the database: its way is looked up in memory, and
//! what is to be written down goes to the recorder, which keeps it on disk
//! while the database is away.

mod browser;
mod browsers;
mod carry_out;
mod choosing;
pub mod consoles;
mod door;
mod draining;
mod driver;
pub mod live;
mod overload;
pub mod page;
mod recorder;
mod recordings;
mod seats;
mod sound;
mod trunks;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{mpsc, watch};
use tracing::{info, warn};

use crate::call::Limits;
use crate::call::output::Output;
use crate::clock::Clock;
use crate::domain::calling::identity::{Identity, Signature};
use crate::domain::calling::record::{Arrived, Ended};
use crate::domain::calling::routing::Routes;
use crate::domain::calling::screening::{Decision, Knock};
use crate::domain::calling::stranger::Stranger;
use crate::domain::calling::tolls::{Exit, Tolls};
use crate::domain::calling::transfer::Transfers;
use crate::domain::ids::{CallId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::media::Media;
use crate::media::exchange::Profile;
use crate::sip::identity::Inspector;
use crate::sip::{Arrival, SipHandle};
use crate::telemetry::{Metrics, Refused};
use choosing::Chosen;
use consoles::Consoles;
use door::Door;
pub use door::SharedRulebook;
use live::{LiveCall, LiveCalls};
pub use overload::Limits as OverloadLimits;
use overload::{Excess, Overload};
use page::PageLeg;
pub use recorder::{LadderKeeper, Recorder, SpoolError};
use seats::Seats;
pub use seats::TrunkLimits;
pub use sound::is_ipv6;
pub use trunks::{DownHop, Fault, Hop, Registration, TrunkView};

/// How long the wire may take to say goodbye when the gateway stops. What it
/// does not get said is closed at the next start.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// What the switchboard is told at its start.
#[derive(Clone, Debug)]
pub struct Config {
    /// The name of this gateway among those that share a database.
    pub node: String,
    /// More calls than this at a time are refused with 503.
    pub capacity: usize,
    /// How long a line may ring, whatever its destination says.
    pub ring_limit: Duration,
    /// How long an answered call may last.
    pub talk_limit: Duration,
    pub trunk_limits: TrunkLimits,
    pub overload: overload::Limits,
    /// What the trunks let out.
    pub exits: Arc<[Exit]>,
    /// Whether the trunks are at an IPv6 address; those of which it is known.
    pub ipv6_trunks: HashMap<TrunkId, bool>,
    /// To which media are encrypted, or no call leaves, and how.
    pub sealed_trunks: HashMap<TrunkId, Profile>,
}

/// The routing table, swapped whole when it changes.
pub type SharedRoutes = Arc<ArcSwap<Routes>>;

/// What is read from memory when a call comes.
pub struct Known {
    pub routes: SharedRoutes,
    pub rulebook: SharedRulebook,
    /// Looks at signatures; `None`: nobody does.
    pub inspector: Option<Inspector>,
    /// What has left over the trunks today, before this start.
    pub tolls: Tolls,
}

/// A hold on the live calls; cheap to clone.
#[derive(Clone)]
pub struct Switchboard {
    inner: Arc<Inner>,
}

struct Inner {
    /// Swapped whole when settings are read again.
    config: ArcSwap<Config>,
    clock: Clock,
    sip: SipHandle,
    media: Media,
    routes: SharedRoutes,
    door: Door,
    inspector: Option<Inspector>,
    recorder: Recorder,
    seats: Seats,
    tolls: Mutex<Tolls>,
    metrics: Metrics,
    live: LiveCalls,
    consoles: Consoles,
    /// Recordings that are not closed yet.
    recordings: watch::Sender<usize>,
    /// Tasks of calls; they end a little after the calls do.
    tasks: watch::Sender<usize>,
    /// Lines that are asked what their call was, which is over.
    asked: watch::Sender<usize>,
    overload: Mutex<Overload>,
    /// How far the gateway is on its way down.
    closing: watch::Sender<Closing>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Closing {
    Open,
    /// New calls are refused, current ones go on.
    Draining,
    /// Current calls are ended.
    Stopping,
}

impl Switchboard {
    /// Starts to take calls from `arrivals`.
    pub fn start(
        config: Config,
        clock: Clock,
        wires: (SipHandle, Media),
        arrivals: mpsc::Receiver<Arrival>,
        known: Known,
        recorder: Recorder,
        metrics: Metrics,
    ) -> Self {
        metrics.live_calls_max(config.capacity);
        let overload = Mutex::new(Overload::new(config.overload, clock.now()));
        let inner = Inner {
            overload,
            config: ArcSwap::from_pointee(config),
            clock,
            sip: wires.0,
            media: wires.1,
            routes: known.routes,
            door: Door::new(known.rulebook),
            inspector: known.inspector,
            recorder,
            seats: Seats::default(),
            tolls: Mutex::new(known.tolls),
            metrics,
            live: LiveCalls::default(),
            consoles: Consoles::default(),
            recordings: watch::Sender::new(0),
            tasks: watch::Sender::new(0),
            asked: watch::Sender::new(0),
            closing: watch::Sender::new(Closing::Open),
        };
        let switchboard = Self { inner: Arc::new(inner) };
        tokio::spawn(switchboard.clone().take_arrivals(arrivals));
        tokio::spawn(overload::sample(switchboard.clone(), switchboard.inner.clock.clone()));
        switchboard
    }

    /// How many calls are under way.
    pub fn live_calls(&self) -> usize {
        self.inner.live.count()
    }

    /// Those calls, to list, to watch and to end.
    pub fn live(&self) -> &LiveCalls {
        &self.inner.live
    }

    /// Other limits from now on, for calls to come.
    pub fn change(&self, config: Config) {
        self.inner.metrics.live_calls_max(config.capacity);
        self.overload().change(config.overload);
        self.inner.config.store(Arc::new(config));
    }

    /// How much of the processors was used in the last second.
    fn measured(&self, share: f64) {
        let smoothed = self.overload().measured(share);
        self.inner.metrics.cpu_share(smoothed);
    }

    fn is_hot(&self) -> bool {
        self.overload().is_hot()
    }

    fn overload(&self) -> MutexGuard<'_, Overload> {
        self.inner.overload.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Why a new call is turned away, if it is.
    fn objection(&self) -> Option<Refused> {
        if *self.inner.closing.borrow() != Closing::Open {
            return Some(Refused::Stopping);
        }
        if self.is_full() {
            return Some(Refused::Full);
        }
        let admitted = self.overload().admit(self.inner.clock.now());
        admitted.err().map(|excess| match excess {
            Excess::Cpu => Refused::Cpu,
            Excess::Rate => Refused::Rate,
        })
    }

    fn is_full(&self) -> bool {
        self.live_calls() >= self.inner.config.load().capacity
    }

    /// Who has knocked at the wire in vain, the latest first.
    pub async fn strangers(&self) -> Vec<Stranger> {
        self.inner.sip.strangers().await
    }

    /// Why no new call would be taken just now; nothing when it would.
    pub fn obstacles(&self) -> Vec<&'static str> {
        let mut obstacles = vec![];
        if self.inner.sip.is_down() {
            obstacles.push("the SIP side has stopped");
        }
        if *self.inner.closing.borrow() != Closing::Open {
            obstacles.push("the gateway is stopping");
        }
        if self.is_full() {
            obstacles.push("as many calls as the limit allows are under way");
        }
        if self.is_hot() {
            obstacles.push("the processor is too busy");
        }
        obstacles
    }

    async fn take_arrivals(self, mut arrivals: mpsc::Receiver<Arrival>) {
        while let Some(arrival) = arrivals.recv().await {
            if let Some(why) = self.objection() {
                self.inner.metrics.call_refused(why);
                self.inner.sip.refuse_overload(arrival.new.call).await;
                continue;
            }
            match arrival.new.number.clone() {
                Some(number) => self.take(arrival, number),
                // Nothing to look up and no number to write down; a trunk that writes
                // numbers otherwise than its country's habit looks like this.
                None => {
                    self.inner.metrics.call_refused(Refused::NoNumber);
                    warn!(trunk = %arrival.new.trunk, length = arrival.new.user.len(),
                          "a call to something that is no telephone number is refused");
                    let call = arrival.new.call;
                    self.tell_sip(call, Output::NoSuchNumber).await;
                    self.tell_sip(call, Output::Done).await;
                }
            }
        }
    }

    /// A call whose signature is to be looked at may wait for a certificate; all
    /// others are decided at once.
    fn take(&self, arrival: Arrival, number: Phone) {
        let now = self.inner.clock.now();
        let Some(inspector) = self.inner.inspector.clone() else {
            return self.admit(arrival, number, None, now);
        };
        if arrival.new.signed.is_none() {
            return self.admit(arrival, number, Some(Identity::of(Signature::Absent, None)), now);
        }
        let board = self.clone();
        tokio::spawn(async move {
            let identity = inspector.inspect(arrival.new.signed.as_deref()).await;
            if *board.inner.closing.borrow() == Closing::Open {
                board.admit(arrival, number, Some(identity), now);
            } else {
                board.inner.metrics.call_refused(Refused::Stopping);
                board.inner.sip.refuse_overload(arrival.new.call).await;
            }
        });
    }

    /// Decides a call that arrived at `at`.
    fn admit(&self, arrival: Arrival, number: Phone, identity: Option<Identity>, at: Timestamp) {
        let (inner, new) = (&self.inner, &arrival.new);
        let (now, config) = (inner.clock.now(), inner.config.load());
        let routes = inner.routes.load();
        let route = routes.find(&number);
        let unchecked = Identity::unchecked();
        let knock = Knock {
            caller: &new.caller,
            called: &number,
            outlet: route.map(|route| &route.outlet),
            identity: identity.as_ref().unwrap_or(&unchecked),
            must_be_signed: inner.inspector.as_ref().is_some_and(Inspector::must_be_signed),
        };
        let screening = inner.door.opens(&knock, now);
        let is_refused = screening.as_ref().is_some_and(Decision::refuses);
        let chosen = route
            .filter(|_| !is_refused)
            .map(|route| self.choose(new.call, &routes, (&number, route), &new.trunk, now));
        let arrived = Arrived {
            call: new.call,
            node: config.node.clone(),
            trunk: new.trunk.clone(),
            sip_call_id: new.sip_call_id.clone(),
            number,
            caller: new.caller.number().cloned(),
            destination: route.map(|route| route.destination.clone()),
            outlet: route.map(|route| route.outlet.clone()),
            screening: screening.map(Box::new),
            identity: identity.map(Box::new),
            page: None,
            at,
        };
        info!(call.id = %new.call, number = %arrived.number, caller = arrived.caller.as_ref().map(display),
              known = route.is_some(), screening = arrived.screening.as_ref().map(|said| display(said.rule)),
              "a call arrives");
        inner.metrics.call_arrived();
        if let Some(said) = &arrived.screening {
            inner.metrics.call_screened(said.verdict, said.rule);
        }
        if let Some(identity) = &arrived.identity {
            inner.metrics.call_inspected(identity.signature);
        }
        self.begin(arrival, arrived, chosen, None);
    }

    /// A call goes its way; `page`: where its caller is, if not on the wire.
    fn begin(&self, arrival: Arrival, arrived: Arrived, chosen: Option<Chosen>, page: Option<PageLeg>) {
        let hang_up = self.inner.live.enter(LiveCall::from(&arrived));
        self.inner.metrics.live_calls(self.inner.live.count());
        tokio::spawn(driver::run(self.clone(), (arrival, page), arrived, chosen, hang_up));
    }

    fn limits(&self) -> Limits {
        let config = self.inner.config.load();
        let transfers =
            Transfers { plan: self.inner.routes.load().transfers(), exits: Arc::clone(&config.exits) };
        Limits { talk: config.talk_limit, transfers: Some(transfers) }
    }

    fn leave(&self, call: CallId, ended: Option<&Ended>) {
        self.inner.live.leave(call, ended);
        self.inner.metrics.live_calls(self.inner.live.count());
    }

    /// What the wire is to do, in the order in which the call said it.
    async fn tell_sip(&self, call: CallId, output: Output) {
        self.inner.sip.carry_out(call, output).await;
    }
}
