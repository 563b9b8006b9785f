//! What calls ask of the worker.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::AtomicI64;

use ipnet::IpNet;
use tokio::sync::{mpsc, oneshot};

use crate::call::leg::LegId;
use crate::domain::calling::key::Key;
use crate::domain::calling::quality::StreamQuality;
use crate::domain::ids::CallId;
use crate::media::exchange::{self, Spoken};
use crate::media::ports::Pair;
use crate::media::prompts::Voice;
use crate::media::recorder::Tap;

/// What a call wants done.
pub struct Command {
    pub call: CallId,
    pub orders: Vec<Order>,
}

pub enum Order {
    /// It begins; when it was heard last is written there, and what it has to know is told there.
    Begin(Arc<AtomicI64>, mpsc::Sender<Told>),
    /// These sockets face a leg for its n-th stream.
    Open { leg: LegId, stream: u8, pair: Pair },
    /// What its legs have said, and from where else each may send.
    Change(exchange::Change, Arc<[IpNet]>),
    /// The gateway itself says something to a leg, in a stream of its own.
    Say(Saying),
    /// What its legs say to each other is recorded from here on.
    Record { tap: Tap, is_message: bool },
    /// Somebody waits for keys of this leg, until it hears somebody else.
    Heed(LegId),
    /// The caller hears none of these keys of a line.
    Withhold(Vec<Key>),
    /// A leg is gone.
    Shut(LegId),
    /// It is over.
    End(oneshot::Sender<Vec<StreamQuality>>),
}

/// What a call is told of its legs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Told {
    Pressed(LegId, Key),
    /// It was to encrypt, and is not who it has described: nothing of it passes.
    Unsealed(LegId),
    /// It was to encrypt, and has not begun to in all the time that it may take; told again and again.
    Unbegun(LegId),
    /// It encrypts from now on, whatever was before.
    Sealed(LegId),
}

/// What is to be said to a leg.
pub struct Saying {
    pub leg: LegId,
    pub spoken: Spoken,
    /// The SSRC of the stream, if it is the first thing that is said.
    pub source: u32,
    pub voices: VecDeque<Arc<Voice>>,
    pub repeats: bool,
}
