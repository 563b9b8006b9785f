//! Any datagrams at any time from a trunk, a business line and a stranger, with
//! calls that are carried from one to the other: nothing panics, what is held
//! stays bounded, and in the end nothing is held and every call is recorded.
//!
//! A datagram ends at 0xff; the byte after it says who sends the next one, and
//! how much later. In it 0xfe stands for the tag, 0xfd for the branch and 0xfc
//! for the Call-ID that its sender was last told.
#![no_main]

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use whence::call::input::Input;
use whence::call::output::Output;
use whence::call::{Call, Limits};
use whence::domain::calling::routing::{Line, Target, Way};
use whence::domain::ids::CallId;
use whence::domain::time::Timestamp;
use whence::sip::endpoint::{Config, Endpoint, Event, Hop, Local};
use whence::sip::message::{Message, Name};
use whence::sip::transport::{Flow, Transport};
use whence::sip::trunk::accept::{Trunk, Trunks};
use whence::sip::trunk::out::Outward;
use whence::sip::trunk::strangers::Patience;

/// A transaction and a leg each way, with the transactions of both.
const HELD_BY_ONE: usize = 8;
const PEERS: [&str; 3] = ["192.0.2.1:5060", "192.0.2.3:5060", "203.0.113.9:5060"];
const LINE: &str = "sip:counter@192.0.2.3:5060";
/// What a call of a minute can have to do, with all its timers.
const STEPS_MAX: usize = 20_000;

fuzz_target!(|data: &[u8]| {
    let mut gateway = Gateway::new();
    for (count, turn) in data.split(|byte| *byte == 0xff).enumerate() {
        let (how, datagram) = if count == 0 { (0, turn) } else { turn.split_first().map_or((0, turn), |(h, d)| (*h, d)) };
        gateway.pass(Duration::from_millis(u64::from(how >> 2) * 100));
        gateway.hear(datagram, PEERS[usize::from(how & 3) % PEERS.len()].parse().unwrap());
        let (legs, transactions) = gateway.endpoint.held();
        assert!(legs + transactions <= HELD_BY_ONE * (count + 1), "{legs} legs, {transactions} transactions");
    }
    gateway.come_to_rest();
    assert!(gateway.endpoint.is_idle() && gateway.calls.is_empty(), "{:?}", gateway.endpoint.held());
    assert_eq!(gateway.arrived, gateway.ended);
});

struct Gateway {
    endpoint: Endpoint,
    calls: HashMap<CallId, Call>,
    now: Timestamp,
    arrived: usize,
    ended: usize,
    /// Tag, branch and Call-ID that each peer was last told.
    told: HashMap<SocketAddr, [Vec<u8>; 3]>,
}

impl Gateway {
    fn new() -> Self {
        let local = Local {
            transport: Transport::Udp,
            address: "192.0.2.2:5060".parse().unwrap(),
            advertised: "192.0.2.2:5060".to_owned(),
        };
        let range = vec!["192.0.2.1/32".parse().unwrap()];
        let trunk = Trunk::known_by_address("carrier".parse().unwrap(), range, "FR".parse().ok());
        let config = Config {
            listeners: vec![local],
            user_agent: "Whence".to_owned(),
            trunks: Trunks::new(vec![trunk]),
            realm: "whence".to_owned(),
            // Never silent, so that every datagram is looked at.
            strangers: Patience { misses: 0, silence: Duration::ZERO },
            session: Duration::from_secs(1_800),
            ladders: true,
            outward: Outward::default(),
        };
        Self {
            endpoint: Endpoint::new(config, [7; 32]),
            calls: HashMap::new(),
            now: Timestamp::from_ms(1_000_000),
            arrived: 0,
            ended: 0,
            told: HashMap::new(),
        }
    }

    fn hear(&mut self, datagram: &[u8], remote: SocketAddr) {
        let told = self.told.get(&remote);
        let bytes: Vec<u8> = datagram.iter().fold(Vec::new(), |mut bytes, byte| {
            match (byte, told) {
                (0xfc..=0xfe, Some(told)) => bytes.extend_from_slice(&told[usize::from(0xfe - byte)]),
                _ => bytes.push(*byte),
            }
            bytes
        });
        let flow = Flow { transport: Transport::Udp, listener: 0, remote };
        self.endpoint.receive(Bytes::from(bytes), flow, self.now);
        self.settle();
    }

    fn next(&self) -> Option<Timestamp> {
        self.calls.values().filter_map(Call::wake_at).chain(self.endpoint.wake_at()).min()
    }

    fn pass(&mut self, span: Duration) {
        let end = self.now + span;
        while let Some(at) = self.next().filter(|at| *at <= end) {
            self.wake(at);
        }
        self.now = end;
    }

    fn come_to_rest(&mut self) {
        for _ in 0..STEPS_MAX {
            let Some(at) = self.next() else { return };
            self.wake(at);
        }
        panic!("it does not come to rest");
    }

    fn wake(&mut self, at: Timestamp) {
        self.now = self.now.max(at);
        self.endpoint.wake(self.now);
        self.settle();
        let due = |call: &Call| call.wake_at().is_some_and(|at| at <= self.now);
        let due: Vec<CallId> = self.calls.iter().filter(|(_, call)| due(call)).map(|(id, _)| *id).collect();
        due.into_iter().for_each(|call| self.happens(call, Input::Woken));
    }

    fn settle(&mut self) {
        let transmits: Vec<_> = self.endpoint.drain_transmits().collect();
        for transmit in transmits {
            match transmit.to {
                Hop::Flow(flow) => {
                    self.endpoint.sent(&transmit.bytes, flow, self.now);
                    self.note(&transmit.bytes, flow.remote);
                }
                _ => {
                    if let Some(tx) = transmit.tx {
                        self.endpoint.undeliverable(&tx, self.now);
                    }
                }
            }
        }
        let events: Vec<_> = self.endpoint.drain_events().collect();
        for event in events {
            match event {
                Event::Arrived(new) => {
                    self.arrived += 1;
                    let line = Line { target: Target::Uri(LINE.to_owned()), destination: "counter".parse().unwrap(), handover: Default::default() };
                    let way = Way::to(line, Duration::from_secs(20));
                    let limits = Limits { talk: Duration::from_secs(60), transfers: None };
                    let mut out = vec![];
                    let call = Call::arrive(new.call, Some(way), limits, new.payload, self.now, &mut out);
                    self.calls.insert(new.call, call);
                    self.carry_out(new.call, out);
                }
                Event::Happened { call, input } => self.happens(call, input),
                Event::Resolve(question) => self.endpoint.resolved(question.leg, &[], self.now),
                Event::AskedForLogin | Event::WrongLogin | Event::Dropped(_) | Event::Ladder(_) => {}
            }
            self.settle();
        }
    }

    /// What a peer has to know of a message to say something about it.
    fn note(&mut self, bytes: &Bytes, remote: SocketAddr) {
        let Ok(message) = Message::parse(bytes.clone()) else { return };
        let ours = if message.is_request() { message.from() } else { message.to() };
        let tag = ours.tag().unwrap_or_default().to_vec();
        let branch = message.vias().flatten().next().and_then(|via| via.branch().map(<[u8]>::to_vec));
        let call = message.header(Name::CallId).unwrap_or_default().into_owned();
        self.told.insert(remote, [tag, branch.unwrap_or_default(), call]);
    }

    fn happens(&mut self, id: CallId, input: Input) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let mut out = vec![];
        call.handle(input, self.now, &mut out);
        self.carry_out(id, out);
    }

    fn carry_out(&mut self, id: CallId, out: Vec<Output>) {
        for output in out {
            match &output {
                Output::RecordEnded(_) => self.ended += 1,
                Output::Done => drop(self.calls.remove(&id)),
                _ => {}
            }
            self.endpoint.order(id, output, self.now);
            self.settle();
        }
    }
}
