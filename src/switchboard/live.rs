//! The calls that this node carries just now: who, since when, how far; and a
//! word about each change for whoever watches.
//!
//! ```text
//!   driver ── enters, sees, leaves ──▶ LiveCalls ──▶ list
//!     ▲                                    │   └───▶ watchers (bounded; who lags is told all anew)
//!     └──────────── hang up ◀──────────────┘
//! ```
//!
//! Nodes that share a database know nothing of each other's calls.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, watch};

use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::calling::record::{Arrived, Ended};
use crate::domain::calling::transfer::TransferOutcome;
use crate::domain::ids::{CallId, DestinationId, OutletId, TrunkId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::media::recorder::Hold;

/// How many may watch at once.
pub const WATCHERS_MAX: usize = 64;
/// Changes that may wait for a watcher before it is told all anew.
const CHANGES: usize = 1_024;

/// How far a call has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stage {
    /// Nothing rings yet.
    Dialling,
    Ringing,
    Talking,
}

impl Stage {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Stage::Dialling => "dialling",
            Stage::Ringing => "ringing",
            Stage::Talking => "talking",
        }
    }
}

/// What is kept of what is said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Recorded {
    On,
    /// Silence is, until somebody resumes.
    Paused,
}

impl Recorded {
    /// The word of the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Recorded::On => "on",
            Recorded::Paused => "paused",
        }
    }
}

/// Why a recording is neither paused nor resumed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotRecorded {
    /// There is no such call.
    NoCall,
    /// It is not recorded, or not yet.
    NoRecording,
}

/// One call that goes on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LiveCall {
    pub id: CallId,
    pub number: Phone,
    pub caller: Option<Phone>,
    pub trunk: TrunkId,
    /// Where it rings, or who took it; before that, the number's own.
    pub destination: Option<DestinationId>,
    pub outlet: Option<OutletId>,
    /// The leg that was dialled last, or that took it, and where it goes.
    pub leg: Option<LegId>,
    pub line: Option<String>,
    pub stage: Stage,
    pub arrived_at: Timestamp,
    pub answered_at: Option<Timestamp>,
    /// `None`: it is not recorded.
    pub recorded: Option<Recorded>,
}

impl From<&Arrived> for LiveCall {
    fn from(fact: &Arrived) -> Self {
        Self {
            id: fact.call,
            number: fact.number.clone(),
            caller: fact.caller.clone(),
            trunk: fact.trunk.clone(),
            destination: fact.destination.clone(),
            outlet: fact.outlet.clone(),
            leg: None,
            line: None,
            stage: Stage::Dialling,
            arrived_at: fact.at,
            answered_at: None,
            recorded: None,
        }
    }
}

/// A call is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Gone {
    pub id: CallId,
    /// `None`: it was given up before its end was known.
    pub how: Option<(Outcome, HungUpBy)>,
}

/// What a watcher is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum News {
    /// All calls as they are now: at first, and when changes were missed.
    All(Vec<LiveCall>),
    /// A call has begun or has changed.
    Call(LiveCall),
    Gone(Gone),
}

#[derive(Clone)]
enum Change {
    News(News),
    /// The gateway is stopping.
    Over,
}

/// All live calls of this node; cheap to clone.
#[derive(Clone)]
pub struct LiveCalls(Arc<Inner>);

struct Inner {
    room: Mutex<Room>,
    changes: broadcast::Sender<Change>,
    places: Arc<Semaphore>,
    count: watch::Sender<usize>,
}

#[derive(Default)]
struct Room {
    calls: BTreeMap<CallId, Box<Entry>>,
    is_over: bool,
}

struct Entry {
    call: LiveCall,
    /// Lines that were dialled, so that the one that answers has a name.
    dialled: Vec<(LegId, String)>,
    hang_up: Arc<Notify>,
    recording: Option<Arc<Hold>>,
}

impl Default for LiveCalls {
    fn default() -> Self {
        Self(Arc::new(Inner {
            room: Mutex::default(),
            changes: broadcast::Sender::new(CHANGES),
            places: Arc::new(Semaphore::new(WATCHERS_MAX)),
            count: watch::Sender::new(0),
        }))
    }
}

impl LiveCalls {
    /// Every call, the newest first.
    pub fn list(&self) -> Vec<LiveCall> {
        self.room().calls.values().rev().map(|entry| entry.call.clone()).collect()
    }

    /// A call as it is now.
    pub fn find(&self, id: CallId) -> Option<LiveCall> {
        self.room().calls.get(&id).map(|entry| entry.call.clone())
    }

    pub fn count(&self) -> usize {
        *self.0.count.borrow()
    }

    /// What waits for the last call's end waits on this.
    pub fn counted(&self) -> watch::Receiver<usize> {
        self.0.count.subscribe()
    }

    /// Has a call ended; it is still there until both its legs know. `None`: there is no such call.
    pub fn hang_up(&self, id: CallId) -> Option<LiveCall> {
        let room = self.room();
        let entry = room.calls.get(&id)?;
        entry.hang_up.notify_one();
        Some(entry.call.clone())
    }

    /// Pauses the recording of a call, or resumes it; either twice changes nothing.
    pub fn pause_recording(&self, id: CallId, pauses: bool) -> Result<LiveCall, NotRecorded> {
        let mut room = self.room();
        let entry = room.calls.get_mut(&id).ok_or(NotRecorded::NoCall)?;
        let recording = entry.recording.as_ref().ok_or(NotRecorded::NoRecording)?;
        let recorded = if pauses { Recorded::Paused } else { Recorded::On };
        if entry.call.recorded.replace(recorded) != Some(recorded) {
            if pauses {
                recording.pause()
            } else {
                recording.resume()
            }
            self.tell(|| News::Call(entry.call.clone()));
        }
        Ok(entry.call.clone())
    }

    /// What is kept of a call just now; `None`: nothing, or there is no such call.
    pub fn recorded(&self, id: CallId) -> Option<Recorded> {
        self.room().calls.get(&id)?.call.recorded
    }

    /// Watches from now on; `None` when as many do as may.
    pub fn watch(&self) -> Option<Watcher> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().ok()?;
        Some(Watcher { calls: self.clone(), changes: self.0.changes.subscribe(), told: false, _place: place })
    }

    /// How many watch.
    pub fn watching(&self) -> usize {
        WATCHERS_MAX - self.0.places.available_permits()
    }

    /// Sends every watcher home.
    pub fn close(&self) {
        self.room().is_over = true;
        let _ = self.0.changes.send(Change::Over);
    }

    /// A call has come; what is given back tells when somebody wants it ended.
    pub fn enter(&self, call: LiveCall) -> Arc<Notify> {
        let hang_up = Arc::new(Notify::new());
        let entry = Entry { call, dialled: vec![], hang_up: Arc::clone(&hang_up), recording: None };
        let mut room = self.room();
        self.tell(|| News::Call(entry.call.clone()));
        room.calls.insert(entry.call.id, Box::new(entry));
        self.0.count.send_replace(room.calls.len());
        hang_up
    }

    /// The call wants this done: what it tells about how far the call is.
    pub fn sees(&self, id: CallId, output: &Output) {
        match output {
            Output::Dial { leg, to, destination, .. } => self.change(id, |entry| {
                entry.dialled.push((*leg, to.name()));
                let call = &mut entry.call;
                (call.leg, call.line, call.destination) =
                    (Some(*leg), Some(to.name()), Some(destination.clone()));
                true
            }),
            Output::Redial { leg, to, .. } => self.change(id, |entry| {
                entry.dialled.push((*leg, to.name()));
                false
            }),
            Output::Join { leg, .. } => self.change(id, |entry| {
                entry.dialled.push((*leg, "another caller".to_owned()));
                false
            }),
            // The caller has followed to whoever was dialled last.
            Output::RecordTransferred(fact) if fact.outcome == TransferOutcome::Done => {
                self.change(id, |entry| {
                    let call = &mut entry.call;
                    if let Some((leg, line)) = entry.dialled.last().cloned() {
                        (call.leg, call.line) = (Some(leg), Some(line));
                        call.destination = fact.destination.clone().or(call.destination.take());
                    }
                    true
                });
            }
            Output::Progress { .. } | Output::Ring { .. } => self.change(id, |entry| {
                let is_new = entry.call.stage == Stage::Dialling;
                entry.call.stage = Stage::Ringing;
                is_new
            }),
            Output::RecordAnswered(fact) => self.change(id, |entry| {
                let call = &mut entry.call;
                (call.stage, call.answered_at) = (Stage::Talking, Some(fact.at));
                call.destination = fact.destination.clone().or(call.destination.take());
                true
            }),
            _ => {}
        }
    }

    /// This leg answers: it is the one that counts if the call is talking after that.
    pub fn answers(&self, id: CallId, leg: LegId) {
        self.change(id, |entry| {
            if entry.call.stage != Stage::Talking
                && let Some((_, line)) = entry.dialled.iter().find(|(dialled, _)| *dialled == leg)
            {
                (entry.call.leg, entry.call.line) = (Some(leg), Some(line.clone()));
            }
            // Told with the answer itself.
            false
        });
    }

    /// What is said in the call is kept from now on.
    pub fn records(&self, id: CallId, recording: Arc<Hold>) {
        self.change(id, |entry| {
            (entry.call.recorded, entry.recording) = (Some(Recorded::On), Some(recording));
            true
        });
    }

    /// Nothing of the call is kept any more.
    pub fn records_no_more(&self, id: CallId) {
        self.change(id, |entry| {
            (entry.call.recorded, entry.recording) = (None, None);
            true
        });
    }

    /// The call is over; how, unless its task broke off.
    pub fn leave(&self, id: CallId, ended: Option<&Ended>) {
        let mut room = self.room();
        if room.calls.remove(&id).is_some() {
            let how = ended.map(|fact| (fact.outcome, fact.hung_up_by));
            self.tell(|| News::Gone(Gone { id, how }));
            self.0.count.send_replace(room.calls.len());
        }
    }

    /// Changes a call, and tells of it when `change` says so.
    fn change(&self, id: CallId, change: impl FnOnce(&mut Entry) -> bool) {
        let mut room = self.room();
        let Some(entry) = room.calls.get_mut(&id) else { return };
        if change(entry) {
            self.tell(|| News::Call(entry.call.clone()));
        }
    }

    /// Without a watcher nothing is said, nor made to be said. Whoever calls this
    /// holds the room, so that news come in the order of what happened.
    fn tell(&self, news: impl FnOnce() -> News) {
        if self.0.changes.receiver_count() > 0 {
            let _ = self.0.changes.send(Change::News(news()));
        }
    }

    fn room(&self) -> MutexGuard<'_, Room> {
        self.0.room.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What somebody who watches hears; they stop by dropping it.
pub struct Watcher {
    calls: LiveCalls,
    changes: broadcast::Receiver<Change>,
    /// All calls have been told once.
    told: bool,
    _place: OwnedSemaphorePermit,
}

impl Watcher {
    /// Waits for the next news; `None` when the gateway stops.
    pub async fn next(&mut self) -> Option<News> {
        if !std::mem::replace(&mut self.told, true) {
            return self.all();
        }
        match self.changes.recv().await {
            Ok(Change::News(news)) => Some(news),
            Ok(Change::Over) | Err(RecvError::Closed) => None,
            Err(RecvError::Lagged(_)) => {
                // What is waiting is older than what they are told now.
                self.changes = self.calls.0.changes.subscribe();
                self.all()
            }
        }
    }

    fn all(&self) -> Option<News> {
        let calls = self.calls.list();
        (!self.calls.room().is_over).then_some(News::All(calls))
    }
}

#[cfg(test)]
mod tests;
