//! The connections that are open, whoever opened them: a message to a known
//! flow uses its connection again, another opens one.

use std::collections::HashMap;
use std::error::Error;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tracing::debug;

use super::connection::{Connection, Standing};
use super::stream::Stream;
use super::tls::Tls;
use super::{Flow, Received, Transport};
use crate::sip::endpoint::TxId;

/// Messages that may wait for one connection.
const QUEUE: usize = 256;
/// Connections that we hold open to others.
pub const OUTWARD_CONNECTIONS: usize = 1_024;
/// How long a peer may take to be there, and as long again for its TLS handshake.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// What a connection is told.
pub enum Queued {
    /// A message on its way, with who is told when it cannot leave.
    Message(Bytes, Option<TxId>),
    /// A call that came on it has been taken: its peer is no stranger.
    Vouched,
}

/// A connection, as whoever sends holds it; dropping it ends the connection
/// once its queue is written.
#[derive(Clone)]
pub struct Link {
    queue: mpsc::Sender<Queued>,
    /// We opened it.
    ours: bool,
}

impl Link {
    pub(super) fn new(queue: mpsc::Sender<Queued>, ours: bool) -> Self {
        Self { queue, ours }
    }

    /// A queue with its two ends.
    pub(super) fn queue() -> (mpsc::Sender<Queued>, mpsc::Receiver<Queued>) {
        mpsc::channel(QUEUE)
    }
}

/// The connections that are open, by their flow.
pub struct Links {
    open: HashMap<Flow, Link>,
    tls: Tls,
    places: Arc<Semaphore>,
    inbox: mpsc::Sender<Received>,
}

impl Links {
    pub fn new(tls: Tls, inbox: mpsc::Sender<Received>) -> Self {
        Self { open: HashMap::new(), tls, places: Arc::new(Semaphore::new(OUTWARD_CONNECTIONS)), inbox }
    }

    pub fn opened(&mut self, flow: Flow, link: Link) {
        // One of ours stands there since it was begun.
        if !link.ours {
            self.open.insert(flow, link);
        }
    }

    /// Ends a connection that its peer opened; on ours there are calls.
    pub fn close_if_theirs(&mut self, flow: &Flow) {
        if self.open.get(flow).is_some_and(|link| !link.ours) {
            self.open.remove(flow);
        }
    }

    /// A call has been taken that came on this flow.
    pub fn vouch(&self, flow: &Flow) {
        if let Some(link) = self.open.get(flow) {
            // With a full queue it is vouched for by the next call.
            let _ = link.queue.try_send(Queued::Vouched);
        }
    }

    /// A connection has ended; another may have taken its place meanwhile.
    pub fn closed(&mut self, flow: &Flow, ended: Option<Link>) {
        let Some(ended) = ended else { return };
        if self.open.get(flow).is_some_and(|link| link.queue.same_channel(&ended.queue)) {
            self.open.remove(flow);
        }
    }

    /// Queues a message, on a new connection if there is none. What cannot
    /// leave is reported to the inbox.
    pub fn send(&mut self, flow: Flow, bytes: Bytes, tx: Option<TxId>) {
        let mut queued = Queued::Message(bytes, tx);
        if let Some(link) = self.open.get(&flow) {
            queued = match link.queue.try_send(queued) {
                Ok(()) => return,
                Err(TrySendError::Full(queued)) => {
                    debug!("a connection takes no more messages");
                    return self.report(queued);
                }
                // It ended meanwhile, and the report is on its way: once more, on a fresh one.
                Err(TrySendError::Closed(queued)) => queued,
            };
        }
        match self.connect(flow) {
            Some(link) => {
                let _ = link.queue.try_send(queued);
                self.open.insert(flow, link);
            }
            None => self.report(queued),
        }
    }

    fn report(&self, queued: Queued) {
        if let Queued::Message(_, Some(tx)) = queued {
            // Not from here: the endpoint may be in the middle of its outputs.
            let _ = self.inbox.try_send(Received::Undeliverable { tx });
        }
    }

    fn connect(&self, flow: Flow) -> Option<Link> {
        // Browsers cannot be connected to (RFC 7118 §5.2).
        if matches!(flow.transport, Transport::Ws | Transport::Wss) {
            return None;
        }
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else {
            debug!("there are as many connections to others as may be");
            return None;
        };
        let (queue, outbox) = Link::queue();
        let standing = Standing::Ours(place);
        let connection = Connection { flow, link: queue.downgrade(), standing, inbox: self.inbox.clone() };
        tokio::spawn(open(connection, outbox, self.tls.clone()));
        Some(Link::new(queue, true))
    }
}

/// The task of a connection that we open.
async fn open(connection: Connection, outbox: mpsc::Receiver<Queued>, tls: Tls) {
    let remote = connection.flow.remote;
    let Some(stream) = reach(remote).await else { return connection.give_up(outbox).await };
    if connection.flow.transport != Transport::Tls {
        connection.report_opened(vec![]).await;
        return connection.serve(Stream::new(stream), outbox).await;
    }
    // Nobody may be expected there by another name as long as it lasts.
    let visit = tls.domains().visit(remote);
    match timeout(CONNECT_LIMIT, tls.connect(stream, &visit)).await {
        Ok(Ok((stream, names))) => {
            visit.proven(&names);
            connection.report_opened(names).await;
            return connection.serve(Stream::new(stream), outbox).await;
        }
        Ok(Err(failure)) => debug!(error = &failure as &dyn Error, "a TLS handshake has failed"),
        Err(_) => debug!("a TLS handshake took too long"),
    }
    connection.give_up(outbox).await;
}

async fn reach(remote: SocketAddr) -> Option<TcpStream> {
    let stream = timeout(CONNECT_LIMIT, TcpStream::connect(remote)).await.ok()?.ok()?;
    let _ = stream.set_nodelay(true);
    Some(stream)
}
