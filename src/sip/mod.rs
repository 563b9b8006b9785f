//! The signalling wire: pure machines below, sockets on top.
//!
//! ```text
//!   plane       the task: sockets on one side, calls on the other
//!   endpoint    a user agent without sockets: legs, dialogs, transactions
//!   translate   message ⇄ the call's vocabulary
//!   transaction, dialog, message     RFC 3261, pure
//!   ladder      what was said about a call, for an admin to read
//!   identity    who vouches for a caller (STIR/SHAKEN)
//!   transport, trunk                 the wire; who may use it
//! ```

pub mod dialog;
pub mod endpoint;
mod fills;
pub mod identity;
pub mod ladder;
pub mod message;
mod plane;
pub mod status;
pub mod transaction;
pub mod translate;
pub mod transport;
pub mod trunk;

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::net::NetError;
use ipnet::IpNet;
use tokio::sync::{mpsc, oneshot};

use crate::call::input::{Input, Payload};
use crate::call::leg::LegId;
use crate::call::output::Output;
use crate::clock::Clock;
use crate::domain::calling::ladder::Ladder;
use crate::domain::calling::stranger::Stranger;
use crate::domain::ids::CallId;
use crate::telemetry::Metrics;
pub use endpoint::{NewCall, Originator, content_type, is_description, without_hold};
use plane::Command;
pub use plane::Started;
use transport::tls::{self, TlsError};
use transport::{Advertised, Listen};
use trunk::accept::Trunk;
use trunk::out::Outward;
use trunk::state::TrunkState;
use trunk::strangers::Patience;

/// What the signalling plane is told at its start.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: Vec<Listen>,
    /// How others reach us, where that is not the address we listen on; each
    /// listener takes the first that is meant for it.
    pub advertised: Vec<Advertised>,
    pub tls: tls::Config,
    /// The websites whose pages may open a WebSocket; none: those of any.
    pub web_origins: Vec<String>,
    /// Who is asked for names; nobody: the system's servers.
    pub dns: Vec<SocketAddr>,
    pub user_agent: String,
    pub trunks: Vec<Trunk>,
    /// What peers that we ask for a login are shown as our name.
    pub realm: String,
    /// What is borne of those who knock in vain.
    pub strangers: Patience,
    /// How long a session lives without a sign of life (RFC 4028); zero: for ever.
    pub session: Duration,
    /// Where the ladders of calls go that are over; without it none are gathered.
    pub ladders: Option<mpsc::Sender<Ladder>>,
    pub outward: Outward,
}

/// What of it can change while calls are up.
#[derive(Clone, Debug)]
pub struct Changeable {
    pub user_agent: String,
    pub trunks: Vec<Trunk>,
    pub realm: String,
    pub strangers: Patience,
    pub session: Duration,
    pub ladders: Option<mpsc::Sender<Ladder>>,
    pub outward: Outward,
}

impl Config {
    pub fn changeable(self) -> Changeable {
        let Self { user_agent, trunks, realm, strangers, session, ladders, outward, .. } = self;
        Changeable { user_agent, trunks, realm, strangers, session, ladders, outward }
    }
}

/// Why the plane does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot listen on {listen}")]
    Listen { listen: Listen, source: io::Error },
    #[error("{listen} listens on every address; say in [sip] advertised which one others reach it at")]
    NeedsAdvertised { listen: Listen },
    #[error("{listen} needs a certificate; name one in [sip] tls_certificates")]
    NeedsCertificate { listen: Listen },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error("the name servers cannot be asked")]
    Dns(#[source] NetError),
    #[error("no SIP listener is configured")]
    NoListener,
}

/// A call at the door, and the queue on which everything that happens to it comes.
pub struct Arrival {
    pub new: NewCall,
    pub inputs: Inputs,
}

/// What happens to a call, in its order.
///
/// Boxed: a channel keeps room for dozens of what it carries, and an input is
/// large; a call that is held would hold kilobytes for nothing.
pub struct Inputs(mpsc::Receiver<Box<Input>>);

impl Inputs {
    pub fn channel(most: usize) -> (mpsc::Sender<Box<Input>>, Self) {
        let (inputs, receiver) = mpsc::channel(most);
        (inputs, Self(receiver))
    }

    /// The next one; `None` when the wire has let go of the call.
    pub async fn recv(&mut self) -> Option<Input> {
        self.0.recv().await.map(|input| *input)
    }
}

/// Opens the sockets and starts the plane. It ends when every handle is dropped.
pub async fn start(config: Config, clock: Clock, metrics: Metrics) -> Result<Started, StartError> {
    plane::start(config, clock, metrics).await
}

/// A hold on the plane; cheap to clone.
#[derive(Clone)]
pub struct SipHandle(mpsc::Sender<Command>);

/// A plane that is gone takes no orders, and there is nobody left to tell.
impl SipHandle {
    fn new(commands: mpsc::Sender<Command>) -> Self {
        Self(commands)
    }

    /// Has an output of a call carried out; outputs of one call keep their order.
    pub async fn carry_out(&self, call: CallId, output: Output) {
        let _ = self.0.send(Command::Order(call, output)).await;
    }

    /// Refuses a call that is not taken: 503 with Retry-After.
    pub async fn refuse_overload(&self, call: CallId) {
        let _ = self.0.send(Command::RefuseOverload(call)).await;
    }

    /// How the trunks stand that calls leave over; nothing when the plane is gone.
    pub async fn trunks(&self) -> Vec<TrunkState> {
        let (tell, told) = oneshot::channel();
        let _ = self.0.send(Command::Trunks(tell)).await;
        told.await.unwrap_or_default()
    }

    /// Takes no new call from now on: INVITE and OPTIONS get 503.
    pub async fn drain(&self) {
        let _ = self.0.send(Command::Drain).await;
    }

    /// Puts new settings in the place of the old ones; calls go on.
    pub async fn change(&self, settings: Changeable) {
        let _ = self.0.send(Command::Change(Box::new(settings))).await;
    }

    /// Whether the plane has ended.
    pub fn is_down(&self) -> bool {
        self.0.is_closed()
    }

    /// Who has knocked in vain, the latest first.
    pub async fn strangers(&self) -> Vec<Stranger> {
        let (tell, told) = oneshot::channel();
        let _ = self.0.send(Command::Strangers(tell)).await;
        told.await.unwrap_or_default()
    }

    /// From where else than it says a leg's media may come: its peer, and the
    /// ranges of the trunk that this is.
    pub async fn peers_of(&self, call: CallId, leg: LegId) -> Vec<IpNet> {
        let (tell, told) = oneshot::channel();
        let _ = self.0.send(Command::Peers(call, leg, tell)).await;
        told.await.unwrap_or_default()
    }

    /// Waits until nothing is under way on the wire, at most for `patience`.
    pub async fn settle(&self, patience: Duration) {
        let (done, settled) = oneshot::channel();
        let _ = self.0.send(Command::TellWhenIdle(done)).await;
        let _ = tokio::time::timeout(patience, settled).await;
    }

    /// A call whose caller is not on this wire: what it dials is from
    /// `from`, and what happens on the wire comes on the queue, besides what
    /// whoever has the caller puts there.
    pub async fn begin(&self, call: CallId, from: Originator, inputs: mpsc::Sender<Box<Input>>) {
        let _ = self.0.send(Command::Begin(call, from, inputs)).await;
    }

    /// Begins a call of our own on its [`LINE`](crate::call::leg::LegId::LINE)
    /// leg; what happens to it comes on the queue.
    pub async fn originate(&self, call: CallId, from: Originator, line: String, payload: Payload) -> Inputs {
        let (inputs, receiver) = Inputs::channel(64);
        let _ = self.0.send(Command::Originate { call, from, line, payload, inputs }).await;
        receiver
    }
}
