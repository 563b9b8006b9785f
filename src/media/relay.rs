//! The media of one call, as its task holds them: what is said goes in, what
//! is given comes out, and the worker is told what follows.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use ipnet::IpNet;
use tokio::sync::{mpsc, oneshot};

use super::exchange::{Change, Exchange, Given, Past, Place, Profile, Secrets};
use super::prompts::Clip;
use super::recorder::{Hold, NewRecording};
use super::worker::{Command, Order, Saying, Told};
use super::{Media, lock};
use crate::call::leg::LegId;
use crate::domain::calling::key::Key;
use crate::domain::calling::quality::StreamQuality;
use crate::domain::calling::recording::RecordingEnded;
use crate::domain::ids::CallId;
use crate::domain::time::Timestamp;

/// How long the worker may take to tell how the streams of a call went.
const PATIENCE: Duration = Duration::from_millis(200);

/// What a call has not been told yet, keys above all; who presses faster presses in vain.
const TOLD: usize = 32;

/// One relayed call; its ports are free when it is dropped.
pub struct Relay {
    media: Media,
    call: CallId,
    exchange: Arc<Mutex<Exchange>>,
    /// When something of it was heard last, in milliseconds; the worker writes it.
    heard: Arc<AtomicI64>,
    /// What its legs press, and what becomes of their handshakes.
    told: mpsc::Receiver<Told>,
    tell: mpsc::Sender<Told>,
    /// From where each leg may send, besides what it says.
    peers: Vec<(LegId, Arc<[IpNet]>)>,
    has_begun: bool,
    /// Since when media are waited for.
    open_since: Option<Timestamp>,
}

impl Relay {
    pub(super) fn new(media: Media, call: CallId) -> Self {
        // Ids are a matter of chance but for their first half (RFC 9562 §5.7).
        let name = (call.0.as_u128() as u64) >> 4;
        let mut seed = [0; 32];
        getrandom::fill(&mut seed).expect("the operating system gives random bytes");
        let secrets = Secrets::new(&seed, media.0.identity.fingerprint.clone());
        let exchange = Arc::new(Mutex::new(Exchange::new(name, secrets)));
        let (tell, told) = mpsc::channel(TOLD);
        media.calls().insert(call, Arc::clone(&exchange));
        Self {
            media,
            call,
            exchange,
            heard: Arc::default(),
            told,
            tell,
            peers: Vec::new(),
            has_begun: false,
            open_since: None,
        }
    }

    /// A leg is dialled, with media in that profile; whether at an IPv6 address, where that is known.
    pub fn dials(&self, leg: LegId, is_ipv6: Option<bool>, profile: Profile) {
        lock(&self.exchange).dials(leg, is_ipv6, profile);
    }

    /// Whether it is known from where a leg may send.
    pub fn knows(&self, leg: LegId) -> bool {
        self.peers.iter().any(|(known, _)| *known == leg)
    }

    /// A leg may send from these, besides what it says itself.
    pub fn allow(&mut self, leg: LegId, peers: Vec<IpNet>) {
        self.peers.push((leg, peers.into()));
    }

    /// A leg has said this of its media.
    pub fn says(&self, leg: LegId, body: &[u8]) {
        // A copy: a slice would hold on to the whole packet.
        lock(&self.exchange).says(leg, Bytes::copy_from_slice(body));
    }

    /// What a leg was given last, as the other had said it.
    pub fn given_to(&self, leg: LegId) -> Option<Bytes> {
        lock(&self.exchange).given_to(leg)
    }

    /// What is said with this leg goes past us from now on.
    pub fn goes_past(&self, leg: LegId) {
        lock(&self.exchange).goes_past(leg);
    }

    /// Whether what this leg is to be given may not go past us, since sound has to be sealed there.
    pub fn must_seal(&self, to: LegId, body: &[u8]) -> bool {
        lock(&self.exchange).must_seal(to, body)
    }

    /// Whether this leg, or the line that the caller hears, has to be sealed.
    pub fn is_sealed(&self, leg: LegId) -> bool {
        lock(&self.exchange).is_sealed(leg)
    }

    /// Why what a leg says may not pass where sound has to be sealed; an empty body: that it says
    /// nothing more.
    pub fn misfit(&self, by: LegId, body: &[u8]) -> Option<Past> {
        lock(&self.exchange).misfit(by, body)
    }

    /// What a leg is to be given in the place of `body`; `is_asked`: it may
    /// decline. `None`: `body` as it is, since what is said with this leg goes past us.
    pub async fn gives(&mut self, to: LegId, body: &Bytes, is_asked: bool) -> Result<Option<Bytes>, Past> {
        if self.media.0.worker.is_down() {
            return Err(Past::Down);
        }
        let mut orders = self.beginning();
        let open = |leg, stream, is_ipv6| self.open(leg, stream, is_ipv6, &mut orders);
        let given = lock(&self.exchange).gives(to, body, is_asked, open);
        let given = given.map(|given| {
            given.map(|Given { body, changes }| {
                orders.extend(self.orders(changes));
                body
            })
        });
        // Also where it goes past: the ports that were opened may face a leg that is relayed with others.
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
        given
    }

    /// The gateway itself answers what a leg has offered: what it is told.
    pub async fn attends(&mut self, leg: LegId) -> Result<Bytes, Past> {
        if self.media.0.worker.is_down() {
            return Err(Past::Down);
        }
        let mut orders = self.beginning();
        let open = |leg, stream, is_ipv6| self.open(leg, stream, is_ipv6, &mut orders);
        let attended = lock(&self.exchange).attends(leg, open);
        let attended = attended.map(|Given { body, changes }| {
            orders.extend(self.orders(changes));
            body
        });
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
        attended
    }

    /// The gateway speaks to a line from now on that talks to nobody just now.
    pub async fn turns_to(&mut self, leg: LegId) -> Result<(), Past> {
        if self.media.0.worker.is_down() {
            return Err(Past::Down);
        }
        let changes = lock(&self.exchange).turns_to(leg)?;
        let orders = self.orders(changes);
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
        Ok(())
    }

    /// Says these, one after the other, to a leg that the gateway speaks to; `false`: it speaks to
    /// another.
    pub async fn speaks(&self, leg: LegId, clips: &[Arc<Clip>], repeats: bool) -> bool {
        let Some(spoken) = lock(&self.exchange).spoken(leg) else { return false };
        let source = (self.call.0.as_u128() as u32).wrapping_add(u32::from(leg.0));
        let mut voices = VecDeque::with_capacity(clips.len());
        for clip in clips {
            let voice = match clip.known_voice(spoken.codec) {
                Some(voice) => voice,
                None => {
                    let clip = Arc::clone(clip);
                    let made = tokio::task::spawn_blocking(move || clip.voice(spoken.codec)).await;
                    let Ok(voice) = made else { return false };
                    voice
                }
            };
            voices.push_back(voice);
        }
        let saying = Saying { leg, spoken, source, voices, repeats };
        let orders = vec![Order::Say(saying)];
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
        true
    }

    /// The gateway says no more to a leg, which talks to somebody past us.
    pub async fn hushes(&self, leg: LegId) {
        let change = lock(&self.exchange).hushes(leg);
        if let Some(change) = change {
            let orders = vec![Order::Change(change, Arc::default())];
            self.media.0.worker.tell(Command { call: self.call, orders }).await;
        }
    }

    /// What a leg had offered when the gateway answered it last.
    pub fn offered(&self, by: LegId) -> Option<Bytes> {
        lock(&self.exchange).offered(by)
    }

    /// Keys of a leg that the gateway speaks to are waited for, until it talks to somebody: where it
    /// names no events for them (RFC 4733) they are looked for among its sound.
    pub async fn heeds(&self, leg: LegId) {
        if self.is_spoken_to(leg) {
            let orders = vec![Order::Heed(leg)];
            self.media.0.worker.tell(Command { call: self.call, orders }).await;
        }
    }

    /// Whether the gateway itself has answered a leg that talks to nobody else.
    pub fn is_spoken_to(&self, leg: LegId) -> bool {
        lock(&self.exchange).spoken(leg).is_some()
    }

    /// Whether it is this leg that the caller hears.
    pub fn is_heard(&self, leg: LegId) -> bool {
        lock(&self.exchange).heard() == Some(leg)
    }

    /// Whether the gateway's own answer to a leg has told it all that `body` would.
    pub fn has_agreed(&self, to: LegId, body: &[u8]) -> bool {
        lock(&self.exchange).has_agreed(to, body)
    }

    /// Whether what a leg answers has no sound that it was offered.
    pub fn is_vain(&self, leg: LegId, body: &[u8]) -> bool {
        lock(&self.exchange).is_vain(leg, body)
    }

    /// What comes next of its legs: a key, or the end of a handshake in vain.
    pub async fn told(&mut self) -> Told {
        match self.told.recv().await {
            Some(told) => told,
            None => std::future::pending().await,
        }
    }

    /// A leg has replied to what it was asked.
    pub async fn replies(&mut self, leg: LegId, accepts: bool) {
        let changes = lock(&self.exchange).replies(leg, accepts);
        if !changes.is_empty() {
            let orders = self.orders(changes);
            self.media.0.worker.tell(Command { call: self.call, orders }).await;
        }
    }

    /// What caller and line say to each other from now on is kept, until the hold is
    /// dropped; how that ended is told later.
    ///
    /// `is_message`: nobody else need hear the caller.
    pub async fn records(
        &mut self,
        new: NewRecording,
        is_message: bool,
    ) -> (Hold, oneshot::Receiver<RecordingEnded>) {
        let (hold, told) = self.media.0.recorder.begin(new);
        let mut orders = self.beginning();
        orders.push(Order::Record { tap: hold.tap(), is_message });
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
        (hold, told)
    }

    /// The caller hears none of these keys of a line, where they are events of their own; where the
    /// line has none, they are looked for among its sound.
    pub async fn withholds(&self, keys: &[Key]) {
        let orders = vec![Order::Withhold(keys.to_vec())];
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
    }

    /// A line is gone: its ports are free.
    pub async fn shuts(&self, leg: LegId) {
        lock(&self.exchange).leaves(leg);
        if self.has_begun {
            self.media.0.worker.tell(Command { call: self.call, orders: vec![Order::Shut(leg)] }).await;
        }
    }

    /// When the call will be dead if nothing is heard until then. It is waited
    /// for from the moment on when both sides have agreed to send.
    pub fn dead_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        let idle = self.media.0.idle;
        if idle.is_zero() || !lock(&self.exchange).is_open() {
            self.open_since = None;
            return None;
        }
        let since = *self.open_since.get_or_insert(now);
        let heard = Timestamp::from_ms(self.heard.load(Ordering::Relaxed));
        Some(heard.max(since) + idle)
    }

    /// It is over; how its streams went. A worker that does not say so soon is not waited for.
    pub async fn ends(&mut self) -> Vec<StreamQuality> {
        if !std::mem::take(&mut self.has_begun) {
            return vec![];
        }
        let (tell, told) = oneshot::channel();
        let orders = vec![Order::End(tell)];
        self.media.0.worker.tell(Command { call: self.call, orders }).await;
        let told = tokio::time::timeout(PATIENCE, told).await;
        told.ok().and_then(Result::ok).unwrap_or_default()
    }

    fn open(&self, leg: LegId, stream: u8, is_ipv6: bool, orders: &mut Vec<Order>) -> Option<Place> {
        let pair = self.media.0.ports.open(is_ipv6)?;
        let place = pair.place();
        orders.push(Order::Open { leg, stream, pair });
        Some(place)
    }

    fn beginning(&mut self) -> Vec<Order> {
        if std::mem::replace(&mut self.has_begun, true) {
            return vec![];
        }
        vec![Order::Begin(Arc::clone(&self.heard), self.tell.clone())]
    }

    fn orders(&self, changes: Vec<Change>) -> Vec<Order> {
        let peers = |leg: LegId| {
            let known = self.peers.iter().find(|(known, _)| *known == leg);
            known.map(|(_, peers)| Arc::clone(peers)).unwrap_or_default()
        };
        let order = |change: Change| match change {
            Change::Describe(leg, _) => Order::Change(change, peers(leg)),
            Change::Seal(..) | Change::Join(..) | Change::Hush(_) => Order::Change(change, Arc::default()),
        };
        changes.into_iter().map(order).collect()
    }
}

/// A task that breaks off says no more: its sockets are closed all the same.
impl Drop for Relay {
    fn drop(&mut self) {
        self.media.calls().remove(&self.call);
        if self.has_begun {
            let (tell, _) = oneshot::channel();
            let command = Command { call: self.call, orders: vec![Order::End(tell)] };
            if let Err(command) = self.media.0.worker.try_tell(command) {
                let media = self.media.clone();
                if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                    runtime.spawn(async move { media.0.worker.tell(command).await });
                }
            }
        }
    }
}
