//! A caller, the gateway and a business line, each an endpoint of its own,
//! joined by a network that delays, loses, doubles and reorders by a seed.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;

use crate::call::input::{Input, Payload, Status};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::call::{Call, Limits};
use crate::domain::calling::ladder::Ladder;
use crate::domain::calling::record::Ended;
use crate::domain::calling::routing::{Line, Target, Way};
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::sip::endpoint::{Config, Endpoint, Event, Hop, Local, Originator};
use crate::sip::message::Message;
use crate::sip::transport::{Flow, Transport};
use crate::sip::trunk::accept::{Trunk, Trunks};
use crate::sip::trunk::out::Outward;
use crate::sip::trunk::strangers::Patience;

pub const CALLER: usize = 0;
pub const GATEWAY: usize = 1;
pub const LINE: usize = 2;
const ADDRESSES: [&str; 3] = ["192.0.2.1:5060", "192.0.2.2:5060", "192.0.2.3:5060"];
pub const SESSION: Duration = Duration::from_secs(1_800);
pub const RING: Duration = Duration::from_secs(20);
pub const NUMBER: &str = "0199001234";
pub const OFFER: &[u8] = b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\n";
pub const ANSWER: &[u8] = b"v=0\r\no=- 2 2 IN IP4 192.0.2.3\r\n";

/// How the network treats packets, in parts of a hundred.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    pub seed: u64,
}

/// What the business line does with a call.
#[derive(Clone, Debug)]
pub enum LineDoes {
    Answer {
        after_ms: u64,
    },
    /// Gives its session while it rings, reliably where the other side can.
    AnswerWithSession {
        after_ms: u64,
    },
    Refuse(u16),
    RingForever,
    Nothing,
}

pub struct World {
    pub now: Timestamp,
    pub nodes: Vec<Endpoint>,
    weather: Weather,
    chance: u64,
    sent: u64,
    in_flight: BTreeMap<(Timestamp, u64), (usize, SocketAddr, Bytes)>,
    orders: BTreeMap<(Timestamp, u64), (usize, CallId, Output)>,
    calls: HashMap<CallId, Call>,
    pub line_does: LineDoes,
    /// Nobody is at the line's address.
    pub line_is_gone: bool,
    /// What each node saw, in order.
    pub seen: [Vec<(CallId, Input)>; 3],
    pub arrived: [Vec<CallId>; 3],
    pub ended: Vec<Ended>,
    pub packets: Vec<(usize, usize, Bytes)>,
    pub ladders: Vec<Ladder>,
}

impl World {
    pub fn new(weather: Weather, line_does: LineDoes) -> Self {
        let nodes = (0..3).map(endpoint).collect();
        Self {
            now: Timestamp::from_ms(1_000_000),
            nodes,
            weather,
            chance: weather.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            sent: 0,
            in_flight: BTreeMap::new(),
            orders: BTreeMap::new(),
            calls: HashMap::new(),
            line_does,
            line_is_gone: false,
            seen: Default::default(),
            arrived: Default::default(),
            ended: vec![],
            packets: vec![],
            ladders: vec![],
        }
    }

    /// The caller dials the tracking number.
    pub fn dial(&mut self, number: &str, offer: &'static [u8]) -> CallId {
        let call = CallId(uuid::Uuid::from_u128(7 + u128::from(self.sent)));
        let from = Originator { user: Some("+33612345678".into()), ..Originator::default() };
        let headers = Bytes::from_static(b"Content-Type: application/sdp\r\nX-Carrier: keeps \xe9 this\r\n");
        let payload = Payload { headers, body: Bytes::from_static(offer) };
        let line = format!("sip:{number}@{}", ADDRESSES[GATEWAY]);
        self.nodes[CALLER].originate(call, &from, &line, &payload, self.now);
        self.settle(CALLER);
        call
    }

    /// Schedules something that a call is to do.
    pub fn order_in(&mut self, span: Duration, node: usize, call: CallId, output: Output) {
        self.sent += 1;
        self.orders.insert((self.now + span, self.sent), (node, call, output));
    }

    /// Lets bytes of anybody reach a node.
    pub fn inject(&mut self, node: usize, from: SocketAddr, bytes: &[u8]) {
        let flow = Flow { transport: Transport::Udp, listener: 0, remote: from };
        self.nodes[node].receive(Bytes::copy_from_slice(bytes), flow, self.now);
        self.settle(node);
    }

    /// Runs until nothing more will happen.
    pub fn run(&mut self) {
        self.run_for(Duration::from_secs(7 * 24 * 3_600));
    }

    pub fn run_for(&mut self, span: Duration) {
        let end = self.now + span;
        for _ in 0..200_000 {
            let Some(next) = self.next_moment().filter(|at| *at <= end) else {
                self.now = end.min(self.now + span);
                return;
            };
            self.now = self.now.max(next);
            self.step();
        }
        panic!("the world does not come to rest");
    }

    /// What one node sent another, as far as it can be read.
    pub fn messages(&self, from: usize, to: usize) -> Vec<Message> {
        let between = self.packets.iter().filter(|p| (p.0, p.1) == (from, to));
        between.filter_map(|p| Message::parse(p.2.clone()).ok()).collect()
    }

    pub fn is_idle(&self) -> bool {
        self.nodes.iter().all(Endpoint::is_idle) && self.calls.is_empty()
    }

    fn next_moment(&self) -> Option<Timestamp> {
        let flight = self.in_flight.keys().next().map(|k| k.0);
        let order = self.orders.keys().next().map(|k| k.0);
        let wakes = self.nodes.iter().filter_map(Endpoint::wake_at);
        let calls = self.calls.values().filter_map(Call::wake_at);
        flight.into_iter().chain(order).chain(wakes).chain(calls).min()
    }

    fn step(&mut self) {
        let now = self.now;
        while let Some(entry) = self.in_flight.first_entry().filter(|e| e.key().0 <= now) {
            let (node, from, bytes) = entry.remove();
            let flow = Flow { transport: Transport::Udp, listener: 0, remote: from };
            self.nodes[node].receive(bytes, flow, now);
            self.settle(node);
        }
        while let Some(entry) = self.orders.first_entry().filter(|e| e.key().0 <= now) {
            let (node, call, output) = entry.remove();
            let is_last = matches!(output, Output::HangUp { .. });
            self.nodes[node].order(call, output, now);
            if is_last {
                self.nodes[node].order(call, Output::Done, now);
            }
            self.settle(node);
        }
        for node in 0..self.nodes.len() {
            if self.nodes[node].wake_at().is_some_and(|at| at <= now) {
                self.nodes[node].wake(now);
                self.settle(node);
            }
        }
        let due: Vec<CallId> = self
            .calls
            .iter()
            .filter(|(_, c)| c.wake_at().is_some_and(|at| at <= now))
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            self.call_input(id, Input::Woken);
        }
    }

    /// Carries out what a node wants after an input.
    fn settle(&mut self, node: usize) {
        let transmits: Vec<_> = self.nodes[node].drain_transmits().collect();
        for transmit in transmits {
            let Hop::Flow(flow) = transmit.to else {
                // No name is known here.
                if let Some(tx) = transmit.tx {
                    self.nodes[node].undeliverable(&tx, self.now);
                    self.settle(node);
                }
                continue;
            };
            self.nodes[node].sent(&transmit.bytes, flow, self.now);
            self.throw(node, flow.remote, transmit.bytes);
        }
        let events: Vec<_> = self.nodes[node].drain_events().collect();
        for event in events {
            match event {
                Event::Arrived(new) => {
                    self.arrived[node].push(new.call);
                    match node {
                        GATEWAY => self.gateway_takes(new.call, new.payload),
                        LINE => self.line_takes(new.call),
                        _ => panic!("nobody calls the caller"),
                    }
                }
                Event::Happened { call, input } => {
                    self.seen[node].push((call, input.clone()));
                    match node {
                        GATEWAY => self.call_input(call, input),
                        _ => self.peer_input(node, call, &input),
                    }
                }
                Event::Ladder(ladder) => self.ladders.push(ladder),
                Event::AskedForLogin | Event::WrongLogin | Event::Dropped(_) => {}
                // Everybody here has an address.
                Event::Resolve(question) => panic!("nobody is called by name: {question:?}"),
            }
        }
    }

    fn gateway_takes(&mut self, id: CallId, payload: Payload) {
        let mut out = vec![];
        let way = Way::to(
            Line {
                target: Target::Uri(format!("sip:counter@{}", ADDRESSES[LINE])),
                destination: "counter".parse().unwrap(),
                handover: Default::default(),
            },
            RING,
        );
        let limits = Limits { talk: Duration::from_secs(3_600), transfers: None };
        let call = Call::arrive(id, Some(way), limits, payload, self.now, &mut out);
        self.calls.insert(id, call);
        self.carry_out(id, out);
    }

    fn call_input(&mut self, id: CallId, input: Input) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let mut out = vec![];
        call.handle(input, self.now, &mut out);
        self.carry_out(id, out);
    }

    fn carry_out(&mut self, id: CallId, out: Vec<Output>) {
        for output in out {
            match &output {
                Output::RecordEnded(ended) => self.ended.push(ended.clone()),
                Output::Done => drop(self.calls.remove(&id)),
                _ => {}
            }
            self.nodes[GATEWAY].order(id, output, self.now);
            self.settle(GATEWAY);
        }
    }

    fn line_takes(&mut self, call: CallId) {
        let (ring, none) = (Duration::from_millis(50), Payload::default());
        let progress =
            Output::Progress { leg: LegId::LINE, status: Status::new(180, "Ringing"), payload: none.clone() };
        match self.line_does.clone() {
            LineDoes::Answer { after_ms } => {
                self.order_in(ring, LINE, call, progress);
                let headers = Bytes::from_static(b"Content-Type: application/sdp\r\n");
                let payload = Payload { headers, body: Bytes::from_static(ANSWER) };
                self.order_in(
                    Duration::from_millis(after_ms),
                    LINE,
                    call,
                    Output::Answer { leg: LegId::LINE, payload },
                );
            }
            LineDoes::AnswerWithSession { after_ms } => {
                let headers = Bytes::from_static(b"Content-Type: application/sdp\r\n");
                let payload = Payload { headers, body: Bytes::from_static(ANSWER) };
                let status = Status::new(183, "Session Progress");
                let early = Output::Progress { leg: LegId::LINE, status, payload: payload.clone() };
                self.order_in(ring, LINE, call, early);
                let answer = Output::Answer { leg: LegId::LINE, payload };
                self.order_in(Duration::from_millis(after_ms), LINE, call, answer);
            }
            LineDoes::Refuse(code) => {
                let status = Status::new(code, "In My Own Words");
                self.order_in(ring, LINE, call, Output::Refuse { status, payload: none });
                self.order_in(ring, LINE, call, Output::Done);
            }
            LineDoes::RingForever => self.order_in(ring, LINE, call, progress),
            LineDoes::Nothing => {}
        }
    }

    /// Caller and line let go of a call when it is over.
    fn peer_input(&mut self, node: usize, call: CallId, input: &Input) {
        let is_over = match input {
            Input::Refused { .. } | Input::Unreachable { .. } | Input::HungUp { .. } => true,
            Input::Cancelled => true,
            Input::Asked { leg, what, payload } => {
                let reply = Output::Reply {
                    leg: *leg,
                    what: *what,
                    status: Status::new(200, "OK"),
                    payload: payload.clone(),
                };
                self.nodes[node].order(call, reply, self.now);
                self.settle(node);
                false
            }
            _ => false,
        };
        if is_over {
            self.order_in(Duration::ZERO, node, call, Output::Done);
        }
    }

    fn throw(&mut self, from: usize, to: SocketAddr, bytes: Bytes) {
        let Some(target) = ADDRESSES.iter().position(|a| a.parse() == Ok(to)) else { return };
        self.packets.push((from, target, bytes.clone()));
        let copies = match self.percent() {
            _ if self.line_is_gone && target == LINE => 0,
            p if p < self.weather.lost => 0,
            p if p >= 100 - self.weather.doubled => 2,
            _ => 1,
        };
        for _ in 0..copies {
            let delay =
                Duration::from_millis(1 + self.percent() % if self.weather.seed == 0 { 1 } else { 30 });
            self.sent += 1;
            let from = ADDRESSES[from].parse().unwrap();
            self.in_flight.insert((self.now + delay, self.sent), (target, from, bytes.clone()));
        }
    }

    /// A number below a hundred (xorshift64*).
    fn percent(&mut self) -> u64 {
        self.chance ^= self.chance >> 12;
        self.chance ^= self.chance << 25;
        self.chance ^= self.chance >> 27;
        (self.chance.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) % 100
    }
}

fn endpoint(node: usize) -> Endpoint {
    let address: SocketAddr = ADDRESSES[node].parse().unwrap();
    let trunk = |id: &str, from: &str| {
        Trunk::known_by_address(id.parse().unwrap(), vec![from.parse().unwrap()], "FR".parse().ok())
    };
    let trunks = match node {
        GATEWAY => vec![trunk("carrier", "192.0.2.1/32")],
        LINE => vec![trunk("gateway", "192.0.2.2/32")],
        _ => vec![],
    };
    let local = Local { transport: Transport::Udp, address, advertised: address.to_string() };
    let config = Config {
        listeners: vec![local],
        user_agent: "Whence".into(),
        realm: "whence".into(),
        strangers: Patience::default(),
        trunks: Trunks::new(trunks),
        session: SESSION,
        ladders: node == GATEWAY,
        outward: Outward::default(),
    };
    Endpoint::new(config, [node as u8; 32])
}

/// The leg that the caller's own endpoint and the gateway's second leg are.
pub const THEIR_LEG: LegId = LegId::LINE;
