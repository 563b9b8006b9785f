//! Virtual time and a bad network, for tests of machines.
//!
//! Everything follows from one seed, so that a failure can be had again.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use proptest::prelude::*;

use super::{
    Client, InviteClient, InviteServer, Output, Outputs, Server, Wire, client, invite_client, invite_server,
    server,
};
use crate::domain::time::Timestamp;

pub fn at(ms: i64) -> Timestamp {
    Timestamp::from_ms(ms)
}

pub fn bytes(text: &'static str) -> Bytes {
    Bytes::from_static(text.as_bytes())
}

/// What all four machines share.
pub trait Machine {
    fn wake(&mut self, now: Timestamp, out: &mut Outputs);
    fn wake_at(&self) -> Option<Timestamp>;
}

macro_rules! machine {
    ($machine:ty, $woken:expr) => {
        impl Machine for $machine {
            fn wake(&mut self, now: Timestamp, out: &mut Outputs) {
                self.handle($woken, now, out);
            }

            fn wake_at(&self) -> Option<Timestamp> {
                <$machine>::wake_at(self)
            }
        }
    };
}

machine!(InviteClient, invite_client::Input::Woken);
machine!(InviteServer, invite_server::Input::Woken);
machine!(Client, client::Input::Woken);
machine!(Server, server::Input::Woken);

/// Wakes the machine whenever it wants to be, and says what it did when.
pub fn run_alone(machine: &mut dyn Machine) -> Vec<(i64, Output)> {
    let mut history = Vec::new();
    while let Some(now) = machine.wake_at() {
        let mut out = Outputs::new();
        machine.wake(now, &mut out);
        history.extend(out.into_iter().map(|output| (now.as_ms(), output)));
        assert!(history.len() < 100, "the machine never ends");
    }
    history
}

/// A history in which the same bytes are sent at these times, then `end` comes.
pub fn copies(what: &Bytes, times: &[i64], end: &[(i64, Output)]) -> Vec<(i64, Output)> {
    times.iter().map(|&ms| (ms, Output::Send(what.clone()))).chain(end.iter().cloned()).collect()
}

/// What the network does to packets. On a stream it does none of it.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub seed: u64,
    pub loss_percent: u8,
    pub copy_percent: u8,
    /// Packets take between nothing and this, so they overtake each other.
    pub delay_max_ms: u16,
    pub wire: Wire,
}

prop_compose! {
    pub fn any_weather()(
        seed: u64,
        loss_percent in 0..80_u8,
        copy_percent in 0..40_u8,
        delay_max_ms in 0..2_000_u16,
        stream in prop::bool::weighted(0.2),
    ) -> Weather {
        let wire = if stream { Wire::Stream } else { Wire::Datagram };
        Weather { seed, loss_percent, copy_percent, delay_max_ms, wire }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Side {
    Left,
    Right,
}

pub struct Network {
    weather: Weather,
    random: u64,
    under_way: BTreeMap<(Timestamp, u64), (Side, Bytes)>,
    serial: u64,
    pub now: Timestamp,
    /// Packets handed in for the left and the right side.
    pub sent_to: [u32; 2],
    /// Packets that arrived there.
    pub arrived_at: [u32; 2],
}

impl Network {
    pub fn new(weather: Weather) -> Self {
        let random = weather.seed;
        let (under_way, now) = (BTreeMap::new(), at(0));
        Self { weather, random, under_way, serial: 0, now, sent_to: [0; 2], arrived_at: [0; 2] }
    }

    pub fn wire(&self) -> Wire {
        self.weather.wire
    }

    pub fn send(&mut self, to: Side, packet: Bytes) {
        self.sent_to[to as usize] += 1;
        if self.weather.wire == Wire::Stream {
            self.put(to, packet, u64::from(self.weather.delay_max_ms));
            return;
        }
        let copies = 1 + u32::from(self.chance(self.weather.copy_percent));
        for _ in 0..copies {
            if !self.chance(self.weather.loss_percent) {
                let delay = self.draw() % (u64::from(self.weather.delay_max_ms) + 1);
                self.put(to, packet.clone(), delay);
            }
        }
    }

    fn put(&mut self, to: Side, packet: Bytes, delay_ms: u64) {
        self.serial += 1;
        let arrival = self.now + Duration::from_millis(delay_ms);
        self.under_way.insert((arrival, self.serial), (to, packet));
    }

    fn chance(&mut self, percent: u8) -> bool {
        self.draw() % 100 < u64::from(percent)
    }

    /// The splitmix64 generator.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.random;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}

/// One end of the network: machines and their user.
pub trait Node {
    fn receive(&mut self, packet: &Bytes, network: &mut Network);
    fn wake(&mut self, network: &mut Network);
    fn wake_at(&self) -> Option<Timestamp>;
}

/// Lets both sides talk until nothing is left to happen.
pub fn run(network: &mut Network, left: &mut dyn Node, right: &mut dyn Node) {
    for _ in 0..10_000 {
        let packet = network.under_way.first_key_value().map(|(&(arrival, _), _)| arrival);
        let Some(next) = [packet, left.wake_at(), right.wake_at()].into_iter().flatten().min() else {
            return;
        };
        assert!(next >= network.now, "a wake-up in the past");
        network.now = next;
        if packet == Some(next) {
            let ((_, _), (to, packet)) = network.under_way.pop_first().unwrap();
            network.arrived_at[to as usize] += 1;
            match to {
                Side::Left => left.receive(&packet, network),
                Side::Right => right.receive(&packet, network),
            }
        } else if left.wake_at() == Some(next) {
            left.wake(network);
        } else {
            right.wake(network);
        }
    }
    panic!("it never ends");
}

/// What a user was told, and whether the machine kept its word.
#[derive(Default, Debug)]
pub struct Told {
    pub provisionals: u32,
    pub finals: Vec<u16>,
    pub acks: u32,
    pub cancels: u32,
    pub timed_out: u32,
    pub transport_failed: u32,
    pub terminated: u32,
}

impl Told {
    /// Carries out what a machine said. `code` is the status of the response in hand, if there is one.
    pub fn obey(&mut self, out: Outputs, code: Option<u16>, peer: Side, network: &mut Network) {
        for output in out {
            assert_eq!(self.terminated, 0, "{output:?} after the end");
            match output {
                Output::Send(packet) => network.send(peer, packet),
                Output::Deliver => match code {
                    Some(..200) => self.provisionals += 1,
                    Some(code) => self.finals.push(code),
                    None => self.acks += 1,
                },
                Output::SendCancel => self.cancels += 1,
                Output::TimedOut => self.timed_out += 1,
                Output::TransportFailed => self.transport_failed += 1,
                Output::Terminated => self.terminated += 1,
            }
        }
    }

    /// Final responses and what stands in their place.
    pub fn verdicts(&self) -> usize {
        self.finals.len() + (self.timed_out + self.transport_failed) as usize
    }
}
