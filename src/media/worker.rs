//! One thread that owns the sockets of all relayed calls.
//!
//! ```text
//!   calls ── bounded queue ──▶ ┌────────┐ ◀── epoll ── sockets
//!                              │ worker │
//!   calls ◀─ quality, at end ─ └────────┘ ──▶ sockets
//! ```
//!
//! It waits in level mode: each socket that has something gives one packet a
//! round, without a second call that finds nothing. When much is going on it
//! rests a moment between rounds, so that a round finds many packets: to be
//! woken for each of them costs more than to carry it. Nothing is allocated
//! and nothing is locked for a packet.

mod converting;
mod order;
mod sealing;
mod speaking;

use std::collections::HashMap;
use std::io;
use std::net::UdpSocket;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::thread;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::{EventfdFlags, epoll, eventfd};
use rustix::io::Errno;
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::{TryRecvError, TrySendError};
use tracing::error;

use super::dtls::Identity;
use super::exchange;
use super::ports::Pair;
use super::recorder::{Deck, Passed, Side, Tap};
use super::seal::Door;
use super::session::{Dropped, Lane, Session};
use super::speech::Speech;
use super::srtp::TRAILER_MAX;
use crate::clock::Clock;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;
use crate::telemetry::{Fill, MediaPackets, Metrics};
pub use order::{Command, Order, Saying, Told};
use sealing::Early;

/// What calls may have asked for before the worker has looked.
const COMMANDS: usize = 4_096;
/// Sockets that one round serves.
const ROUND: usize = 1_024;
/// A round that found so many packets is followed by a rest …
const BUSY: usize = 8;
/// … of this much: the delay that it adds at most is a fraction of a packet's 20 ms.
const REST: Duration = Duration::from_micros(500);
/// Datagrams of handshakes that a round takes: each may cost as much as a hundred packets, and those
/// of all calls wait meanwhile. A stranger's costs nothing, and uses up nothing.
const STEPS: usize = 4;
/// The largest datagram there is.
const DATAGRAM_MAX: usize = 65_536;
/// Marks the wake-up among the sockets.
const WAKE: u64 = u64::MAX;

/// A hold on the worker, which ends when it is dropped.
pub struct Worker {
    commands: Option<mpsc::Sender<Command>>,
    wake: Arc<OwnedFd>,
    fill: Fill,
}

impl Worker {
    pub fn start(clock: Clock, deck: Deck, identity: Arc<Identity>, metrics: &Metrics) -> io::Result<Self> {
        let (commands, waiting) = mpsc::channel(COMMANDS);
        let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        epoll::add(&epoll, &*wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN)?;
        let fill = metrics.queue("media_commands", COMMANDS);
        let room = Room {
            epoll,
            wake: Arc::clone(&wake),
            waiting,
            speak_at: clock.now(),
            shake_at: clock.now(),
            clock,
            calls: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            speaking: Vec::new(),
            shaking: Vec::new(),
            identity,
            deck,
            packets: metrics.media_packets(),
            fill: fill.clone(),
        };
        thread::Builder::new().name("media".to_owned()).spawn(move || room.run())?;
        Ok(Self { commands: Some(commands), wake, fill })
    }

    /// Waits while the queue is full; a worker that is gone takes nothing.
    pub async fn tell(&self, command: Command) {
        if let Some(commands) = &self.commands {
            let _ = commands.send(command).await;
            self.told(commands);
        }
    }

    /// Gives the command back when the queue is full or the worker gone.
    pub fn try_tell(&self, command: Command) -> Result<(), Command> {
        let Some(commands) = &self.commands else { return Err(command) };
        let told = commands.try_send(command);
        self.told(commands);
        told.map_err(|refused| match refused {
            TrySendError::Full(command) | TrySendError::Closed(command) => command,
        })
    }

    /// Whether it has ended.
    pub fn is_down(&self) -> bool {
        self.commands.as_ref().is_none_or(mpsc::Sender::is_closed)
    }

    fn told(&self, commands: &mpsc::Sender<Command>) {
        self.fill.set(commands.max_capacity() - commands.capacity());
        wake(&self.wake);
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.commands.take();
        wake(&self.wake);
    }
}

/// A counter that is full has woken it already.
fn wake(fd: &OwnedFd) {
    let _ = rustix::io::write(fd, &1_u64.to_ne_bytes());
}

/// Where the thread works.
struct Room {
    epoll: OwnedFd,
    wake: Arc<OwnedFd>,
    waiting: mpsc::Receiver<Command>,
    clock: Clock,
    /// A place for each call; those that are free are used again.
    calls: Vec<Option<Call>>,
    free: Vec<usize>,
    by_id: HashMap<CallId, usize>,
    /// The places of calls to whose legs the gateway itself speaks …
    speaking: Vec<usize>,
    /// … and when it says the next word, to all of them.
    speak_at: Timestamp,
    /// The places of calls with handshakes under way, and when they are looked at again.
    shaking: Vec<usize>,
    shake_at: Timestamp,
    identity: Arc<Identity>,
    /// Takes copies of what is recorded.
    deck: Deck,
    packets: MediaPackets,
    fill: Fill,
}

struct Call {
    id: CallId,
    session: Session,
    /// For each side of the session; `None`: closed.
    pairs: Vec<Option<Pair>>,
    /// For each side; `None`: its packets are plain.
    doors: Vec<Option<Box<Door>>>,
    /// Where a handshake has begun before its side was described.
    early: Vec<Early>,
    heard: Arc<AtomicI64>,
    told: mpsc::Sender<Told>,
    speeches: Vec<Speech>,
    tap: Option<Tap>,
    /// What the caller says is recorded though nobody else hears it.
    is_message: bool,
}

impl Room {
    fn run(mut self) {
        let mut events = Vec::with_capacity(ROUND);
        let mut buffer = vec![0; DATAGRAM_MAX + TRAILER_MAX];
        let mut spoken = Vec::with_capacity(DATAGRAM_MAX);
        let mut has_obeyed = false;
        loop {
            events.clear();
            let patience = self.patience();
            match epoll::wait(&self.epoll, spare_capacity(&mut events), patience.as_ref()) {
                Ok(_) => {}
                Err(Errno::INTR) => continue,
                Err(cause) => return error!("the relay cannot wait for its sockets and stops: {cause}"),
            }
            // What was asked for before a packet came holds for that packet. In level mode the
            // sockets tell again what they have; every other round is theirs in any case.
            let is_told = events.iter().any(|event| event.data.u64() == WAKE);
            if is_told && !has_obeyed {
                has_obeyed = true;
                if !self.obey() {
                    return;
                }
                continue;
            }
            has_obeyed = false;
            let now = self.clock.now();
            let mut steps = STEPS;
            for socket in events.iter().map(|event| event.data.u64()).filter(|socket| *socket != WAKE) {
                self.receive(socket, &mut buffer, now, &mut steps);
            }
            self.speak(&mut spoken, now);
            self.shake(now);
            self.packets.flush();
            self.deck.flush();
            // After the packets: their sockets are those of before.
            if is_told && !self.obey() {
                return;
            }
            if events.len() >= BUSY {
                rest();
            }
        }
    }

    #[inline]
    fn receive(&mut self, socket: u64, buffer: &mut [u8], now: Timestamp, steps: &mut usize) {
        let (call, side, lane) = unpacked(socket);
        let Some(Some(call)) = self.calls.get_mut(call) else { return };
        let Some(Some(pair)) = call.pairs.get(side) else { return };
        let is_shaking = call.doors[side].as_ref().is_some_and(|door| door.is_shaking_on(lane));
        // The socket tells again in the next round.
        let Some(_) = steps.checked_sub(usize::from(is_shaking)) else { return };
        // It may have been cut off, or a report of the kernel: neither is a packet.
        let Ok((mut length, mut from)) = pair.sockets[lane as usize].recv_from(&mut buffer[..DATAGRAM_MAX])
        else {
            return;
        };
        *steps -= usize::from(is_shaking && call.is_step(side, lane, &buffer[..length], from));
        if call.doors[side].is_some() {
            let opened = call.open(side, lane, &mut buffer[..length], from, now, &mut self.packets);
            let Some(opened) = opened else { return };
            (length, from) = opened;
        }
        let packet = &buffer[..length];
        let passed = call.session.packet(side, lane, from, packet, now);
        for (leg, key) in call.session.pressed() {
            // Who presses faster than the call can hear presses in vain.
            let _ = call.told.try_send(Told::Pressed(leg, key));
        }
        if !matches!(passed, Err(Dropped::Stranger | Dropped::Undescribed)) {
            call.heard.store(now.as_ms(), Ordering::Relaxed);
        }
        if let Some(tap) = call.tap
            && lane == Lane::Rtp
            && (passed.is_ok() || call.is_message && passed == Err(Dropped::Unheard))
            && let Some((is_caller, content)) = call.session.sound(side, packet)
        {
            let side = if is_caller { Side::Left } else { Side::Right };
            if !self.deck.add(Passed { tap, side, content, at: now }, packet) {
                call.tap = None;
            }
        }
        match passed {
            Ok(onward) if call.convert(side, onward, &mut buffer[..length], &mut self.packets) => {}
            Ok(onward) => {
                let Some(Some(out)) = call.pairs.get(onward.side) else {
                    self.packets.unsendable += 1;
                    return;
                };
                let Some(length) = Call::seal(&mut call.doors[onward.side], onward.lane, buffer, length)
                else {
                    self.packets.unsealed += 1;
                    return;
                };
                match out.sockets[onward.lane as usize].send_to(&buffer[..length], onward.to) {
                    Ok(_) => self.packets.relayed += 1,
                    Err(_) => self.packets.unsendable += 1,
                }
            }
            Err(Dropped::Stranger) => self.packets.strangers += 1,
            Err(Dropped::Undescribed) => {
                self.packets.unheard += 1;
                call.comes_early(side, lane, &buffer[..length], from);
            }
            Err(Dropped::Unheard | Dropped::Withheld) => self.packets.unheard += 1,
            Err(Dropped::Nowhere) => self.packets.nowhere += 1,
        }
    }

    /// Does what waits to be done; `false` when nobody is left to ask for anything.
    fn obey(&mut self) -> bool {
        let _ = rustix::io::read(&*self.wake, &mut [0; 8]);
        loop {
            match self.waiting.try_recv() {
                Ok(Command { call, orders }) => orders.into_iter().for_each(|order| self.order(call, order)),
                Err(TryRecvError::Empty) => break,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
        self.fill.set(0);
        self.packets.sessions(self.by_id.len());
        true
    }

    fn order(&mut self, id: CallId, order: Order) {
        if let Order::Begin(heard, told) = order {
            let session = Session::default();
            let call = Call {
                id,
                session,
                pairs: Vec::new(),
                doors: Vec::new(),
                early: Vec::new(),
                heard,
                told,
                speeches: Vec::new(),
                tap: None,
                is_message: false,
            };
            let place = self.free.pop().unwrap_or_else(|| {
                self.calls.push(None);
                self.calls.len() - 1
            });
            self.calls[place] = Some(call);
            self.by_id.insert(id, place);
            return;
        }
        let Some(&place) = self.by_id.get(&id) else { return };
        let Some(call) = &mut self.calls[place] else { return };
        match order {
            Order::Begin(..) => {}
            Order::Open { leg, stream, pair } => {
                let side = call.session.add(leg, stream);
                for (socket, lane) in pair.sockets.iter().zip([Lane::Rtp, Lane::Rtcp]) {
                    if let Err(cause) = watch(&self.epoll, socket, packed(place, side, lane)) {
                        error!(call.id = %id, "a socket of the relay is not listened to: {cause}");
                    }
                }
                call.pairs.push(Some(pair));
                call.doors.push(None);
            }
            Order::Change(exchange::Change::Describe(leg, streams), peers) => {
                call.session.describe(leg, &streams, &peers);
            }
            Order::Change(exchange::Change::Seal(leg, stream, sealing), _) => {
                self.seals(place, leg, stream, sealing);
            }
            Order::Change(exchange::Change::Join(one, other), _) => call.session.join(one, other),
            Order::Say(saying) => {
                call.says(saying);
                self.speaks_at(place);
            }
            Order::Change(exchange::Change::Hush(leg), _) => {
                call.speeches.iter_mut().filter(|speech| speech.leg == leg).for_each(Speech::hushes);
                call.session.heeds(leg, false);
            }
            Order::Record { tap, is_message } => (call.tap, call.is_message) = (Some(tap), is_message),
            Order::Heed(leg) => call.session.heeds(leg, true),
            Order::Withhold(keys) => call.session.withhold(keys),
            Order::Shut(leg) => {
                call.speeches.retain(|speech| speech.leg != leg);
                call.session.part(leg);
                for side in call.session.places(leg) {
                    (call.pairs[side], call.doors[side]) = (None, None);
                    call.early.retain(|early| early.side != side);
                }
            }
            Order::End(tell) => {
                let _ = tell.send(call.session.quality());
                self.calls[place] = None;
                self.by_id.remove(&id);
                self.free.push(place);
            }
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "its sockets may wait; nothing else of the thread does")]
fn rest() {
    thread::sleep(REST);
}

fn watch(epoll: &OwnedFd, socket: &UdpSocket, data: u64) -> io::Result<()> {
    Ok(epoll::add(epoll, socket, epoll::EventData::new_u64(data), epoll::EventFlags::IN)?)
}

/// Call, side and lane in one word.
fn packed(call: usize, side: usize, lane: Lane) -> u64 {
    (call as u64) << 32 | (side as u64) << 1 | lane as u64
}

fn unpacked(word: u64) -> (usize, usize, Lane) {
    let lane = if word & 1 == 0 { Lane::Rtp } else { Lane::Rtcp };
    ((word >> 32) as usize, (word as u32 >> 1) as usize, lane)
}
