//! The media wire: pure parts below, sockets on top.
//!
//! ```text
//!   relay       the media of one call, as its task holds them
//!   exchange    whose description goes to whom, and with whose places
//!   sdp         where media go, read and written anew
//!   ports       which are free, and their sockets
//!   worker      the thread that owns those of all calls
//!   prompts     what the gateway can say itself; speech: packet by packet
//!   session     the media of one call as they pass
//!   latch       where a side really sends from
//!   seal        what stands between a sealed side and its session: ice, dtls, srtp
//!   recorder    the thread that keeps what is said
//!   rtp         headers, loss and jitter, reports, keys: RFC 3550, RFC 4733
//!   conversion  what one side says in another codec, where the two share none
//!   ear, dtmf   keys that are tones among the sound
//!   track       what one side says, as samples in time
//!   codec       payloads as samples, samples as payloads
//! ```
//!
//! What is no RTP of ours passes as it is: comfort noise, keys (RFC 4733), any
//! codec. What both sides can read is never decoded; what is recorded is, from a copy, and so is
//! the sound of a side without events while its keys are waited for. A side
//! that is sealed is so between its leg and us: what it sends is opened at the
//! door, and sealed with keys of its own is what it is sent.

pub mod codec;
pub mod conversion;
pub mod dtls;
mod dtmf;
pub mod ear;
pub mod exchange;
pub mod ice;
pub mod latch;
mod ports;
pub mod prompts;
pub mod recorder;
mod relay;
pub mod rtp;
pub mod sdp;
mod seal;
pub mod session;
mod speech;
pub mod srtp;
pub mod track;
mod worker;

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::call::leg::LegId;
use crate::clock::Clock;
use crate::domain::ids::CallId;
use crate::telemetry::Metrics;
use crate::vault::Vault;
use dtls::{Identity, IdentityError};
use exchange::Exchange;
use ports::Ports;
use prompts::Prompts;
use recorder::Recorder;
pub use relay::Relay;
/// How long a side may take to begin its handshake, and to end it.
pub use seal::LASTS as HANDSHAKE;
pub use worker::Told;
use worker::Worker;

/// What the relay is told at its start.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Config {
    /// The addresses to bind, one a family, each with what others are told it is.
    pub faces: Vec<(IpAddr, IpAddr)>,
    /// The ports of each of them.
    pub ports: RangeInclusive<u16>,
    /// An answered call is dead when nothing was heard for so long; zero: never.
    pub idle: Duration,
}

/// Why the relay does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen for media on {address}")]
    Listen { address: IpAddr, source: io::Error },
    #[error("the thread that relays media cannot be started")]
    Worker(#[source] io::Error),
    #[error("the thread that records cannot be started")]
    Recorder(#[source] io::Error),
    #[error(transparent)]
    Identity(#[from] IdentityError),
}

/// A hold on the relay; cheap to clone.
#[derive(Clone)]
pub struct Media(Arc<Inner>);

struct Inner {
    ports: Ports,
    worker: Worker,
    recorder: Recorder,
    /// Who shakes hands with browsers and telephones.
    identity: Arc<Identity>,
    prompts: Prompts,
    idle: Duration,
    /// What is said in each relayed call, for others that take a leg of it over.
    calls: Mutex<HashMap<CallId, Arc<Mutex<Exchange>>>>,
}

impl Media {
    pub fn start(config: &Config, vault: Vault, clock: Clock, metrics: Metrics) -> Result<Self, StartError> {
        for (address, _) in &config.faces {
            std::net::UdpSocket::bind((*address, 0))
                .map_err(|source| StartError::Listen { address: *address, source })?;
        }
        allow_many_sockets();
        let (recorder, deck) = Recorder::start(vault, clock.clone()).map_err(StartError::Recorder)?;
        let identity = Arc::new(Identity::new()?);
        let worker =
            Worker::start(clock, deck, Arc::clone(&identity), &metrics).map_err(StartError::Worker)?;
        let ports = Ports::new(&config.faces, &config.ports, metrics.clone());
        let (prompts, idle, calls) = (Prompts::default(), config.idle, Mutex::default());
        Ok(Self(Arc::new(Inner { ports, worker, recorder, identity, prompts, idle, calls })))
    }

    /// What can be said.
    pub fn prompts(&self) -> &Prompts {
        &self.0.prompts
    }

    /// The media of a call that is to be relayed.
    pub fn relay(&self, call: CallId) -> Relay {
        Relay::new(self.clone(), call)
    }

    /// What a leg of another call was given last, as the other side there had
    /// said it; `None`: media of that call are not relayed.
    pub fn given(&self, call: CallId, leg: LegId) -> Option<Bytes> {
        let exchange = Arc::clone(self.calls().get(&call)?);
        lock(&exchange).given_to(leg)
    }

    fn calls(&self) -> MutexGuard<'_, HashMap<CallId, Arc<Mutex<Exchange>>>> {
        lock(&self.0.calls)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A call needs four sockets and more; many systems let a program have 1,024
/// unless it asks. What it may not have, it will see when ports are opened.
fn allow_many_sockets() {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
}

#[cfg(test)]
mod tests;
