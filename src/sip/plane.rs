//! The one task that owns the endpoint: sockets and calls on its two sides.
//!
//! ```text
//!   sockets ─ Received ─▶ ┌───────┐ ─ Arrival ─▶ switchboard
//!                         │ plane │ ─ Input ───▶ each call's task
//!   sockets ◀─ Transmit ─ └───────┘ ◀─ Command ─ each call's task
//! ```
//!
//! The plane never waits for a call: a call's queue is bounded, and one that
//! does not drain it is broken. Calls may wait for the plane.

mod names;

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use ipnet::IpNet;
use tokio::net::UdpSocket;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{mpsc, oneshot};
use tracing::error;

use super::endpoint::{Dropped, Endpoint, Event, Hop, Local, NewCall, Originator, Transmit, TxId};
use super::fills::{Fills, Queues};
use super::transport::accept::{self, Door};
use super::transport::links::Links;
use super::transport::listen::advertise;
use super::transport::resolve::Resolver;
use super::transport::tls::Tls;
use super::transport::{Flow, Listen, Received, Transport, udp};
use super::trunk::accept::{SharedTrunks, Trunks};
use super::trunk::state::{self, TrunkState};
use super::{Arrival, Changeable, Config, Inputs, SipHandle, StartError};
use crate::call::input::{Input, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::clock::Clock;
use crate::domain::calling::ladder::Ladder;
use crate::domain::calling::stranger::Stranger;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::telemetry::Metrics;

/// Messages that wait for the plane; the kernel keeps some more.
const INBOX: usize = 4_096;
const COMMANDS: usize = 4_096;
/// New calls that wait for the switchboard.
const ARRIVALS: usize = 1_024;
/// What may happen to a call before its task has looked at it.
const INPUTS: usize = 64;
/// How much is taken from a queue at a time.
const BATCH: usize = 128;

/// What calls tell the plane.
pub(super) enum Command {
    Order(CallId, Output),
    RefuseOverload(CallId),
    Drain,
    Change(Box<Changeable>),
    TellWhenIdle(oneshot::Sender<()>),
    Strangers(oneshot::Sender<Vec<Stranger>>),
    Peers(CallId, LegId, oneshot::Sender<Vec<IpNet>>),
    Trunks(oneshot::Sender<Vec<TrunkState>>),
    /// A call whose caller is not on this wire, and where what happens to it is told.
    Begin(CallId, Originator, mpsc::Sender<Box<Input>>),
    Originate {
        call: CallId,
        from: Originator,
        line: String,
        payload: Payload,
        inputs: mpsc::Sender<Box<Input>>,
    },
}

pub(super) struct Plane {
    endpoint: Endpoint,
    clock: Clock,
    metrics: Metrics,
    fills: Fills,
    sockets: Vec<Option<Arc<UdpSocket>>>,
    links: Links,
    resolver: Arc<Resolver>,
    /// As those who take connections in know them.
    trunks: SharedTrunks,
    inbox: mpsc::Sender<Received>,
    arrivals: mpsc::Sender<Arrival>,
    ladders: Option<mpsc::Sender<Ladder>>,
    calls: HashMap<CallId, mpsc::Sender<Box<Input>>>,
    /// Who waits for the end of everything under way.
    waiting: Vec<oneshot::Sender<()>>,
}

/// What a started plane gives to its owner.
pub struct Started {
    pub handle: SipHandle,
    pub arrivals: mpsc::Receiver<Arrival>,
    /// Where it listens, in the order of the configuration; a port 0 is filled in.
    pub listening: Vec<Listen>,
    /// Whoever is told to read the settings again asks it to [`reload`](Tls::reload).
    pub tls: Tls,
}

pub(super) async fn start(config: Config, clock: Clock, metrics: Metrics) -> Result<Started, StartError> {
    let (inbox, received) = mpsc::channel(INBOX);
    let (handle, commands) = mpsc::channel(COMMANDS);
    let (arrivals, arrived) = mpsc::channel(ARRIVALS);
    let trunks = Trunks::new(config.trunks);
    let shared: SharedTrunks = Arc::new(ArcSwap::from_pointee(trunks.clone()));
    let tls = Tls::new(config.tls)?;
    let origins: Arc<[String]> = config.web_origins.into();
    let mut locals = Vec::new();
    let mut sockets = Vec::new();
    for (index, listen) in config.listen.iter().enumerate() {
        let failed = |source| StartError::Listen { listen: *listen, source };
        let address = match listen.transport {
            Transport::Udp => {
                let socket = Arc::new(udp::bind(listen.address).map_err(failed)?);
                let address = socket.local_addr().map_err(failed)?;
                tokio::spawn(udp::receive(Arc::clone(&socket), index, inbox.clone()));
                sockets.push(Some(socket));
                address
            }
            Transport::Tcp | Transport::Tls | Transport::Ws | Transport::Wss => {
                if listen.transport.is_secure() && !tls.can_accept() {
                    return Err(StartError::NeedsCertificate { listen: *listen });
                }
                let listener = accept::bind(listen.address).map_err(failed)?;
                let address = listener.local_addr().map_err(failed)?;
                let door = Door {
                    transport: listen.transport,
                    listener: index,
                    trunks: Arc::clone(&shared),
                    tls: tls.clone(),
                    origins: Arc::clone(&origins),
                    inbox: inbox.clone(),
                };
                tokio::spawn(door.keep(listener));
                sockets.push(None);
                address
            }
        };
        let bound = Listen { address, ..*listen };
        let advertised =
            advertise(&config.advertised, &bound).ok_or(StartError::NeedsAdvertised { listen: *listen })?;
        locals.push(Local { transport: listen.transport, address, advertised });
    }
    if locals.is_empty() {
        return Err(StartError::NoListener);
    }
    let reach = locals.iter().map(|local| (local.transport, local.address.is_ipv4())).collect();
    let resolver = Resolver::new(&config.dns, reach, tls.domains().clone()).map_err(StartError::Dns)?;
    let listening = locals.iter().map(|l| Listen { transport: l.transport, address: l.address }).collect();
    let mut key = [0; 32];
    getrandom::fill(&mut key).expect("the operating system gives random bytes");
    let mut endpoint = Endpoint::new(
        super::endpoint::Config {
            listeners: locals,
            user_agent: config.user_agent,
            trunks,
            realm: config.realm,
            strangers: config.strangers,
            session: config.session,
            ladders: config.ladders.is_some(),
            outward: config.outward,
        },
        key,
    );
    endpoint.begin(clock.now());
    let plane = Plane {
        endpoint,
        clock,
        fills: Fills::new(metrics.clone(), &Queues { inbox: INBOX, commands: COMMANDS, arrivals: ARRIVALS }),
        metrics,
        sockets,
        links: Links::new(tls.clone(), inbox.clone()),
        resolver: Arc::new(resolver),
        trunks: shared,
        inbox,
        arrivals,
        ladders: config.ladders,
        calls: HashMap::new(),
        waiting: Vec::new(),
    };
    let gone = plane.inbox.clone();
    let watched = tls.clone();
    tokio::spawn(async move {
        tokio::select! {
            () = watched.watch() => {}
            () = gone.closed() => {}
        }
    });
    tokio::spawn(plane.run(received, commands));
    Ok(Started { handle: SipHandle::new(handle), arrivals: arrived, listening, tls })
}

impl Plane {
    async fn run(mut self, mut received: mpsc::Receiver<Received>, mut commands: mpsc::Receiver<Command>) {
        let mut messages = Vec::with_capacity(BATCH);
        let mut orders = Vec::with_capacity(BATCH);
        loop {
            tokio::select! {
                _ = received.recv_many(&mut messages, BATCH) => {}
                n = commands.recv_many(&mut orders, BATCH) => if n == 0 { return },
                () = self.clock.until(self.endpoint.wake_at()) => {
                    self.endpoint.wake(self.clock.now());
                    self.flush(None);
                }
            }
            for message in messages.drain(..) {
                self.take(message);
            }
            for order in orders.drain(..) {
                self.obey(order);
            }
            let (legs, transactions) = self.endpoint.held();
            self.metrics.sip_held(legs, transactions, self.endpoint.open_streams());
            let arrivals = ARRIVALS - self.arrivals.capacity();
            let waits = Queues { inbox: received.len(), commands: commands.len(), arrivals };
            self.fills.tell(&waits, self.endpoint.repeats());
            if !self.waiting.is_empty() && self.endpoint.has_no_legs() && self.endpoint.has_left() {
                // Nothing more is said about any call.
                self.endpoint.hand_out_ladders(Timestamp::from_ms(i64::MAX));
                self.flush(None);
                for done in self.waiting.drain(..) {
                    let _ = done.send(());
                }
            }
        }
    }

    fn take(&mut self, received: Received) {
        let now = self.clock.now();
        let mut came_on = None;
        match received {
            Received::Message { bytes, flow } => {
                self.metrics.sip_received(&bytes);
                came_on = Some(flow);
                self.endpoint.receive(bytes, flow, now);
            }
            Received::Opened { flow, link, names } => {
                self.links.opened(flow, link);
                self.endpoint.flow_opened(flow, names);
            }
            Received::Found { leg, peers } => self.endpoint.resolved(leg, &peers, now),
            Received::Closed { flow, link } => {
                self.links.closed(&flow, link);
                self.endpoint.flow_closed(flow, now);
            }
            Received::Undeliverable { tx } => self.endpoint.undeliverable(&tx, now),
            Received::Resolved { bytes, flow, tx } => {
                if let Some(tx) = &tx {
                    self.endpoint.pin(tx, flow);
                }
                self.send(bytes, flow, tx);
            }
        }
        self.flush(came_on);
    }

    fn obey(&mut self, command: Command) {
        let now = self.clock.now();
        match command {
            Command::Order(call, output) => {
                let is_done = output == Output::Done;
                self.endpoint.order(call, output, now);
                if is_done {
                    self.calls.remove(&call);
                }
            }
            Command::RefuseOverload(call) => {
                self.endpoint.refuse_overload(call, now);
                self.calls.remove(&call);
            }
            Command::Drain => {
                self.endpoint.drain();
                self.endpoint.leave(now);
            }
            Command::Trunks(tell) => drop(tell.send(self.endpoint.trunks(now))),
            Command::Change(settings) => {
                let Changeable { user_agent, trunks, realm, strangers, session, ladders, outward } =
                    *settings;
                let trunks = Trunks::new(trunks);
                self.trunks.store(Arc::new(trunks.clone()));
                self.endpoint.change(user_agent, trunks, session, ladders.is_some());
                self.endpoint.change_outward(outward, now);
                self.endpoint.change_login(realm, strangers);
                self.ladders = ladders;
            }
            Command::TellWhenIdle(done) => self.waiting.push(done),
            Command::Strangers(tell) => drop(tell.send(self.endpoint.strangers(now))),
            Command::Peers(call, leg, tell) => {
                let _ = tell.send(self.endpoint.peers_of((call, leg)));
            }
            Command::Begin(call, from, inputs) => {
                self.calls.insert(call, inputs);
                self.endpoint.begin_call(call, from);
            }
            Command::Originate { call, from, line, payload, inputs } => {
                self.calls.insert(call, inputs);
                self.endpoint.originate(call, &from, &line, &payload, now);
            }
        }
        self.flush(None);
    }

    /// Sends and tells what the last input brought about; `came_on` is the
    /// flow of the message that it was.
    fn flush(&mut self, came_on: Option<Flow>) {
        if self.endpoint.trunks_changed() {
            state::show(&self.endpoint.trunks(self.clock.now()), &self.metrics);
        }
        for Transmit { bytes, to, tx } in self.endpoint.drain_transmits().collect::<Vec<_>>() {
            match to {
                Hop::Flow(flow) => self.send(bytes, flow, tx),
                Hop::Name { host, port, transport, listener } => {
                    self.resolve(bytes, host, port, transport, listener, tx);
                }
            }
        }
        for event in self.endpoint.drain_events().collect::<Vec<_>>() {
            match event {
                Event::Arrived(new) => {
                    if let Some(flow) = came_on.filter(|flow| flow.transport.is_reliable()) {
                        self.links.vouch(&flow);
                    }
                    self.announce(new);
                }
                Event::Happened { call, input } => self.tell(call, input),
                Event::Resolve(question) => self.find(question),
                Event::Ladder(ladder) => self.keep(ladder),
                Event::AskedForLogin => self.metrics.sip_challenge(),
                Event::WrongLogin => self.metrics.sip_wrong_login(),
                Event::Dropped(Dropped::Malformed) => self.metrics.sip_malformed(),
                Event::Dropped(why) => {
                    self.metrics.sip_stranger(why == Dropped::Silenced);
                    if let Some(flow) = came_on {
                        self.links.close_if_theirs(&flow);
                    }
                }
            }
        }
    }

    fn announce(&mut self, new: NewCall) {
        let (inputs, receiver) = Inputs::channel(INPUTS);
        let call = new.call;
        self.calls.insert(call, inputs);
        if self.arrivals.try_send(Arrival { new, inputs: receiver }).is_err() {
            self.obey(Command::RefuseOverload(call));
        }
    }

    /// A ladder that nobody has time for is the first thing to go.
    fn keep(&self, ladder: Ladder) {
        if let Some(ladders) = &self.ladders
            && ladders.try_send(ladder).is_err()
        {
            self.metrics.ladders_lost(1);
        }
    }

    fn tell(&mut self, call: CallId, input: Input) {
        let Some(inputs) = self.calls.get(&call) else { return };
        match inputs.try_send(Box::new(input)) {
            Ok(()) => {}
            // Its task finds the queue closed once it has read it, and ends the call in order.
            Err(TrySendError::Full(_)) => {
                error!(call.id = %call, "a call does not take its inputs; it is given up");
                self.calls.remove(&call);
            }
            Err(TrySendError::Closed(_)) => self.clean_up(call),
        }
    }

    /// Ends what is left of a call that nobody minds any more.
    fn clean_up(&mut self, call: CallId) {
        self.calls.remove(&call);
        self.endpoint.give_up(call, self.clock.now());
        self.flush(None);
    }

    fn send(&mut self, bytes: Bytes, flow: Flow, tx: Option<TxId>) {
        self.metrics.sip_sent(&bytes);
        self.endpoint.sent(&bytes, flow, self.clock.now());
        match self.sockets.get(flow.listener).and_then(Option::as_ref) {
            Some(socket) => {
                if udp::send(socket, &bytes, flow.remote).is_err()
                    && let Some(tx) = tx
                {
                    // Not from here: the endpoint may be in the middle of its outputs.
                    let _ = self.inbox.try_send(Received::Undeliverable { tx });
                }
            }
            None => self.links.send(flow, bytes, tx),
        }
    }
}
