//! One connection, whatever carries it: its task hands on what the peer says,
//! writes what is queued for it, and ends it when it has been quiet for too long.
//!
//! ```text
//!   queue ─▶ ┌────────────┐ ─ say ──▶ ┌──────┐ TCP, TLS: cut by Content-Length
//!            │ Connection │           │ Pipe │
//!   inbox ◀─ └────────────┘ ◀─ hear ─ └──────┘ WS, WSS: a frame is a message
//! ```
//!
//! When nothing more can be read its flow is closed; what is queued by then still leaves.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{sleep, timeout};

use super::links::{Link, Queued};
use super::{Flow, Received};
use crate::sip::endpoint::TxId;

/// A peer that takes no byte for so long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(10);
/// A connection of a trunk that says nothing for so long, not even a
/// keep-alive, is closed; so is one of ours.
const TRUNK_IDLE: Duration = Duration::from_secs(30 * 60);
/// Everybody else's, until a call of theirs has been taken.
const OTHER_IDLE: Duration = Duration::from_secs(35);
/// RFC 5626 §4.4.1: who has opened a stream pings it at most every two minutes.
const STREAM_PING: Duration = Duration::from_secs(100);
/// Browsers lose their network more often than they say so.
const WEB_PING: Duration = Duration::from_secs(30);
/// RFC 5626 §4.4.1: a pong that is not there by then does not come any more.
const PONG_LIMIT: Duration = Duration::from_secs(10);

/// What a peer has said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Heard {
    Message(Bytes),
    /// It wants a pong.
    Ping,
    Pong,
    /// A message that can be refused, and after which nothing more can be told apart.
    Broken(Bytes),
}

/// What carries the messages of a connection.
pub trait Pipe: Send {
    /// Either side may ping, and every ping is answered (RFC 6455 §5.5.2). On a
    /// stream only the side that opened it pings, and not everybody answers.
    const IS_WEB: bool;

    /// What the peer says next; `None` when nothing more can be read. Nothing
    /// is lost when the future is dropped.
    fn hear(&mut self) -> impl Future<Output = Option<Heard>> + Send;

    /// False when it cannot be written.
    fn say(&mut self, message: &Bytes) -> impl Future<Output = bool> + Send;

    fn ping(&mut self) -> impl Future<Output = bool> + Send;

    fn pong(&mut self) -> impl Future<Output = bool> + Send;

    /// Says good-bye, so that the peer knows that nothing has been cut off.
    fn close(&mut self) -> impl Future<Output = ()> + Send;
}

/// Whose connection it is.
pub(super) enum Standing {
    /// We have opened it.
    Ours(#[allow(dead_code, reason = "held while it lasts")] OwnedSemaphorePermit),
    Trunk(#[allow(dead_code, reason = "held while it lasts")] OwnedSemaphorePermit),
    /// It takes a trunk's place when a call of its has been taken.
    Other {
        place: OwnedSemaphorePermit,
        trunks: Arc<Semaphore>,
    },
}

/// What the task of one connection knows.
pub(super) struct Connection {
    pub flow: Flow,
    /// Weak, so that the connection ends when nobody else holds it.
    pub link: mpsc::WeakSender<Queued>,
    pub standing: Standing,
    pub inbox: mpsc::Sender<Received>,
}

impl Connection {
    pub async fn serve(mut self, mut pipe: impl Pipe, mut outbox: mpsc::Receiver<Queued>) {
        let mut quiet = self.quiet(&pipe);
        let mut deadline = pin!(sleep(quiet.first()));
        let mut reading = true;
        loop {
            tokio::select! {
                heard = pipe.hear(), if reading => {
                    let goes_on = match heard {
                        Some(heard) => {
                            quiet.heard(heard == Heard::Pong);
                            deadline.set(sleep(quiet.first()));
                            self.hand_on(heard, &mut pipe).await
                        }
                        None => false,
                    };
                    if !goes_on {
                        reading = false;
                        self.report_closed().await;
                    }
                }
                queued = outbox.recv() => match queued {
                    Some(Queued::Message(bytes, tx)) => {
                        if !in_time(pipe.say(&bytes)).await {
                            self.report(tx).await;
                            break;
                        }
                    }
                    Some(Queued::Vouched) if matches!(self.standing, Standing::Other { .. }) => {
                        self.standing = self.standing.vouched();
                        quiet = self.quiet(&pipe);
                        deadline.set(sleep(quiet.first()));
                    }
                    Some(Queued::Vouched) => {}
                    None => break,
                },
                () = &mut deadline, if reading => match quiet.passed() {
                    Some(next) if in_time(pipe.ping()).await => deadline.set(sleep(next)),
                    _ => {
                        reading = false;
                        self.report_closed().await;
                    }
                },
            }
        }
        if reading {
            self.give_up(outbox).await;
        } else {
            outbox.close();
            self.report_unsent(&mut outbox).await;
        }
        // A stranger hears nothing, not even that.
        if !matches!(self.standing, Standing::Other { .. }) {
            let _ = timeout(WRITE_LIMIT, pipe.close()).await;
        }
    }

    /// False when nothing more is read.
    async fn hand_on(&self, heard: Heard, pipe: &mut impl Pipe) -> bool {
        let flow = self.flow;
        match heard {
            Heard::Message(bytes) => self.inbox.send(Received::Message { bytes, flow }).await.is_ok(),
            Heard::Pong => true,
            // A stranger hears nothing, not even that.
            Heard::Ping => !matches!(self.standing, Standing::Other { .. }) && in_time(pipe.pong()).await,
            Heard::Broken(head) => {
                let _ = self.inbox.send(Received::Message { bytes: head, flow }).await;
                false
            }
        }
    }

    fn quiet<P: Pipe>(&self, _: &P) -> Quiet {
        match &self.standing {
            Standing::Other { .. } => Quiet::patient(OTHER_IDLE),
            Standing::Ours(_) | Standing::Trunk(_) if P::IS_WEB => Quiet::pinged(WEB_PING, true),
            Standing::Ours(_) => Quiet::pinged(STREAM_PING, false),
            Standing::Trunk(_) => Quiet::patient(TRUNK_IDLE),
        }
    }

    /// A peer has connected, and has proven these names.
    pub async fn report_accepted(&self, queue: mpsc::Sender<Queued>, names: Vec<String>) {
        let link = Link::new(queue, false);
        let _ = self.inbox.send(Received::Opened { flow: self.flow, link, names }).await;
    }

    /// We have connected to a peer that has proven these names.
    pub async fn report_opened(&self, names: Vec<String>) {
        let Some(queue) = self.link.upgrade() else { return };
        let _ =
            self.inbox.send(Received::Opened { flow: self.flow, link: Link::new(queue, true), names }).await;
    }

    /// It was never open.
    pub async fn give_up(&self, mut outbox: mpsc::Receiver<Queued>) {
        outbox.close();
        self.report_unsent(&mut outbox).await;
        self.report_closed().await;
    }

    async fn report_closed(&self) {
        let link =
            self.link.upgrade().map(|queue| Link::new(queue, matches!(self.standing, Standing::Ours(_))));
        let _ = self.inbox.send(Received::Closed { flow: self.flow, link }).await;
    }

    async fn report_unsent(&self, outbox: &mut mpsc::Receiver<Queued>) {
        while let Some(queued) = outbox.recv().await {
            if let Queued::Message(_, tx) = queued {
                self.report(tx).await;
            }
        }
    }

    async fn report(&self, tx: Option<TxId>) {
        if let Some(tx) = tx {
            let _ = self.inbox.send(Received::Undeliverable { tx }).await;
        }
    }
}

impl Standing {
    /// A peer that is known, or brought a call, is no stranger any more; it stays one as
    /// long as all places of the trunks are taken.
    pub fn vouched(self) -> Self {
        match self {
            Standing::Other { place, trunks } => match Arc::clone(&trunks).try_acquire_owned() {
                Ok(better) => Standing::Trunk(better),
                Err(_) => Standing::Other { place, trunks },
            },
            Standing::Ours(_) | Standing::Trunk(_) => self,
        }
    }
}

/// How long a peer may say nothing, and when it is pinged meanwhile.
struct Quiet {
    ping_every: Option<Duration>,
    idle: Duration,
    /// The peer has answered a ping before, or must: one that it does not
    /// answer now has not reached it.
    pongs: bool,
    /// How long it has said nothing.
    passed: Duration,
    pinged: bool,
}

impl Quiet {
    fn patient(idle: Duration) -> Self {
        Self { ping_every: None, idle, pongs: false, passed: Duration::ZERO, pinged: false }
    }

    fn pinged(every: Duration, pongs: bool) -> Self {
        Self { ping_every: Some(every), pongs, ..Self::patient(TRUNK_IDLE) }
    }

    /// How long to wait from the last word on.
    fn first(&self) -> Duration {
        self.ping_every.unwrap_or(self.idle)
    }

    fn heard(&mut self, pong: bool) {
        (self.passed, self.pinged) = (Duration::ZERO, false);
        self.pongs |= pong;
    }

    /// The wait is over: ping it and wait so long again, or give it up.
    fn passed(&mut self) -> Option<Duration> {
        let every = self.ping_every?;
        self.passed += every;
        if self.pinged && self.pongs || self.passed >= self.idle {
            return None;
        }
        self.pinged = true;
        Some(if self.pongs { PONG_LIMIT } else { every })
    }
}

async fn in_time(writing: impl Future<Output = bool>) -> bool {
    timeout(WRITE_LIMIT, writing).await.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::super::Transport;
    use super::super::stream::Stream;
    use super::*;

    /// Both ends of a connection that stands so, and what the plane hears of it.
    fn connection(standing: Standing) -> (DuplexStream, mpsc::Sender<Queued>, mpsc::Receiver<Received>) {
        let (ours, theirs) = duplex(4_096);
        let (inbox, received) = mpsc::channel(16);
        let (queue, outbox) = Link::queue();
        let remote = "192.0.2.1:5060".parse().unwrap();
        let flow = Flow { transport: Transport::Tcp, listener: 0, remote };
        let connection = Connection { flow, link: queue.downgrade(), standing, inbox };
        tokio::spawn(connection.serve(Stream::new(ours), outbox));
        (theirs, queue, received)
    }

    fn place() -> OwnedSemaphorePermit {
        Arc::new(Semaphore::new(1)).try_acquire_owned().unwrap()
    }

    async fn is_closed(received: &mut mpsc::Receiver<Received>) -> bool {
        matches!(received.recv().await, Some(Received::Closed { .. }))
    }

    async fn nothing_before(span: Duration, received: &mut mpsc::Receiver<Received>) -> bool {
        timeout(span - Duration::from_secs(1), received.recv()).await.is_err()
    }

    async fn hears(peer: &mut DuplexStream, expected: &[u8]) {
        let mut heard = vec![0; expected.len()];
        peer.read_exact(&mut heard).await.unwrap();
        assert_eq!(heard, expected);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_of_ours_is_pinged_and_given_up_when_its_pongs_cease() {
        let (mut peer, _queue, mut received) = connection(Standing::Ours(place()));

        timeout(STREAM_PING - Duration::from_secs(1), peer.read_u8()).await.expect_err("too early");
        hears(&mut peer, b"\r\n\r\n").await;
        peer.write_all(b"\r\n").await.unwrap();
        assert!(nothing_before(STREAM_PING, &mut received).await);
        hears(&mut peer, b"\r\n\r\n").await;

        assert!(timeout(PONG_LIMIT + Duration::from_secs(1), is_closed(&mut received)).await.unwrap());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_hears_no_pong_until_its_call_is_taken() {
        let trunks = Arc::new(Semaphore::new(1));
        let standing = Standing::Other { place: place(), trunks: Arc::clone(&trunks) };
        let (mut peer, queue, mut received) = connection(standing);
        queue.send(Queued::Vouched).await.unwrap();
        while trunks.available_permits() > 0 {
            tokio::task::yield_now().await;
        }

        peer.write_all(b"\r\n\r\n").await.unwrap();
        hears(&mut peer, b"\r\n").await;
        assert!(nothing_before(TRUNK_IDLE, &mut received).await);
        assert!(is_closed(&mut received).await);

        let standing = Standing::Other { place: place(), trunks };
        let (mut peer, _queue, mut received) = connection(standing);
        peer.write_all(b"\r\n\r\n").await.unwrap();
        assert!(is_closed(&mut received).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stranger_that_says_nothing_is_shown_out() {
        let standing = Standing::Other { place: place(), trunks: Arc::new(Semaphore::new(1)) };
        let (_peer, _queue, mut received) = connection(standing);

        assert!(nothing_before(OTHER_IDLE, &mut received).await);
        assert!(is_closed(&mut received).await);
    }

    #[test]
    fn who_has_answered_a_ping_must_answer_the_next() {
        let mut quiet = Quiet::pinged(STREAM_PING, false);
        assert_eq!(quiet.passed(), Some(STREAM_PING), "not everybody answers");
        quiet.heard(true);

        assert_eq!(quiet.passed(), Some(PONG_LIMIT));
        quiet.heard(false);
        assert_eq!(quiet.passed(), Some(PONG_LIMIT), "any word is a sign of life");
        assert_eq!(quiet.passed(), None);
    }

    #[test]
    fn who_never_answers_a_ping_may_be_quiet_for_as_long_as_a_trunk() {
        let mut quiet = Quiet::pinged(STREAM_PING, false);

        let pings = std::iter::from_fn(|| quiet.passed()).count() as u32;

        assert_eq!(pings, (TRUNK_IDLE.as_secs() / STREAM_PING.as_secs()) as u32 - 1);
    }
}
