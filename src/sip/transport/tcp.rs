//! SIP over TCP: connections, opened by either side and used again.
//!
//! One task holds one connection: it cuts what comes in into messages and
//! writes what is queued for it. When nothing more can be read its flow is
//! closed; what is queued by then still leaves.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tracing::debug;

use super::{Flow, Received, Transport};
use crate::sip::endpoint::TxId;
use crate::sip::message::{Frame, FrameError, Framer};
use crate::sip::trunk::accept::SharedTrunks;

/// Connections that trunks may hold open at a listener.
const TRUNK_CONNECTIONS: usize = 1_024;
/// Those of everybody else: business lines that call back, and strangers, who
/// must not take the trunks' places.
const OTHER_CONNECTIONS: usize = 128;
/// Messages that may wait for one connection.
const QUEUE: usize = 256;
/// A connection of a trunk that says nothing for so long, not even a
/// keep-alive, is closed.
const TRUNK_IDLE: Duration = Duration::from_secs(30 * 60);
const OTHER_IDLE: Duration = Duration::from_secs(35);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// A peer that takes no byte for so long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// A message on its way, with who is told when it cannot leave.
type Queued = (Bytes, Option<TxId>);

/// A connection, as whoever sends holds it; dropping it ends the connection
/// once its queue is written.
#[derive(Clone)]
pub struct Link {
    queue: mpsc::Sender<Queued>,
    /// We opened it.
    ours: bool,
}

/// The connections that are open, by their flow.
#[derive(Default)]
pub struct Links(HashMap<Flow, Link>);

impl Links {
    pub fn opened(&mut self, flow: Flow, link: Link) {
        self.0.insert(flow, link);
    }

    /// Ends a connection that its peer opened; on ours there are calls.
    pub fn close_if_theirs(&mut self, flow: &Flow) {
        if self.0.get(flow).is_some_and(|link| !link.ours) {
            self.0.remove(flow);
        }
    }

    /// A connection has ended; another may have taken its place meanwhile.
    pub fn closed(&mut self, flow: &Flow, ended: Option<Link>) {
        let Some(ended) = ended else { return };
        if self.0.get(flow).is_some_and(|link| link.queue.same_channel(&ended.queue)) {
            self.0.remove(flow);
        }
    }

    /// Queues a message, on a new connection if there is none. What cannot
    /// leave is reported through `inbox`.
    pub fn send(&mut self, flow: Flow, bytes: Bytes, tx: Option<TxId>, inbox: &mpsc::Sender<Received>) {
        let link = self.0.entry(flow).or_insert_with(|| connect(flow, inbox.clone()));
        match link.queue.try_send((bytes, tx)) {
            Ok(()) => {}
            Err(TrySendError::Full((_, tx))) => {
                debug!("a connection takes no more messages");
                if let Some(tx) = tx {
                    let _ = inbox.try_send(Received::Undeliverable { tx });
                }
            }
            Err(TrySendError::Closed(queued)) => {
                // It ended meanwhile, and the report is on its way: once more, on a fresh one.
                let link = connect(flow, inbox.clone());
                let _ = link.queue.try_send(queued);
                self.0.insert(flow, link);
            }
        }
    }
}

pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Takes connections in until the plane is gone.
pub async fn accept(
    listener: TcpListener,
    index: usize,
    trunks: SharedTrunks,
    inbox: mpsc::Sender<Received>,
) {
    let trunk_places = Arc::new(Semaphore::new(TRUNK_CONNECTIONS));
    let other_places = Arc::new(Semaphore::new(OTHER_CONNECTIONS));
    loop {
        let (stream, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(failure) => {
                // Out of file descriptors, or the peer was faster: go on, but not in a tight circle.
                debug!(error = &failure as &dyn std::error::Error, "a connection was not taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let is_trunk = trunks.load().find(remote.ip()).is_some();
        let places = if is_trunk { &trunk_places } else { &other_places };
        let Ok(place) = Arc::clone(places).try_acquire_owned() else { continue };
        let flow = Flow { transport: Transport::Tcp, listener: index, remote };
        let (queue, outbox) = mpsc::channel(QUEUE);
        let connection = Connection {
            flow,
            link: queue.downgrade(),
            ours: false,
            idle: if is_trunk { TRUNK_IDLE } else { OTHER_IDLE },
            answers_pings: is_trunk,
            inbox: inbox.clone(),
        };
        if inbox
            .send(Received::Opened { flow, link: Link { queue, ours: false }, names: vec![] })
            .await
            .is_err()
        {
            return;
        }
        tokio::spawn(async move {
            connection.serve(stream, outbox).await;
            drop(place);
        });
    }
}

fn connect(flow: Flow, inbox: mpsc::Sender<Received>) -> Link {
    let (queue, mut outbox) = mpsc::channel(QUEUE);
    let link = queue.downgrade();
    let connection = Connection { flow, link, ours: true, idle: TRUNK_IDLE, answers_pings: true, inbox };
    tokio::spawn(async move {
        match timeout(CONNECT_LIMIT, TcpStream::connect(flow.remote)).await {
            Ok(Ok(stream)) => connection.serve(stream, outbox).await,
            Ok(Err(_)) | Err(_) => {
                outbox.close();
                connection.report_unsent(&mut outbox).await;
                connection.report_closed().await;
            }
        }
    });
    Link { queue, ours: true }
}

/// What the task of one connection knows.
struct Connection {
    flow: Flow,
    /// Weak, so that the connection ends when nobody else holds it.
    link: mpsc::WeakSender<Queued>,
    ours: bool,
    idle: Duration,
    /// A stranger hears nothing, not even that.
    answers_pings: bool,
    inbox: mpsc::Sender<Received>,
}

impl Connection {
    async fn serve(self, stream: TcpStream, mut outbox: mpsc::Receiver<Queued>) {
        let _ = stream.set_nodelay(true);
        let (mut reader, mut writer) = stream.into_split();
        let mut framer = Framer::new();
        let mut reading = true;
        loop {
            tokio::select! {
                read = timeout(self.idle, reader.read_buf(framer.buffer())), if reading => {
                    let came = matches!(read, Ok(Ok(1..)));
                    if !came || !self.hand_on(&mut framer, &mut writer).await {
                        reading = false;
                        self.report_closed().await;
                    }
                }
                queued = outbox.recv() => {
                    let Some((bytes, tx)) = queued else { break };
                    if !write(&mut writer, &bytes).await {
                        self.report(tx).await;
                        break;
                    }
                }
            }
        }
        outbox.close();
        self.report_unsent(&mut outbox).await;
        if reading {
            self.report_closed().await;
        }
    }

    /// Hands on what the stream holds by now; false when it cannot be read further.
    async fn hand_on(&self, framer: &mut Framer, writer: &mut (impl AsyncWriteExt + Unpin)) -> bool {
        let flow = self.flow;
        loop {
            let message = match framer.next() {
                Ok(Some(Frame::Message(bytes))) => bytes,
                // RFC 5626 §4.4.1: a ping wants one CRLF.
                Ok(Some(Frame::Ping)) => {
                    if !self.answers_pings || !write(writer, b"\r\n").await {
                        return false;
                    }
                    continue;
                }
                Ok(None) => return true,
                Err(FrameError::BadHead { head } | FrameError::BodyTooLong { head }) => {
                    // It is refused as any malformed message; then nothing more can be told apart.
                    let _ = self.inbox.send(Received::Message { bytes: head, flow }).await;
                    return false;
                }
                Err(FrameError::HeadTooLong) => return false,
            };
            if self.inbox.send(Received::Message { bytes: message, flow }).await.is_err() {
                return false;
            }
        }
    }

    async fn report_closed(&self) {
        let link = self.link.upgrade().map(|queue| Link { queue, ours: self.ours });
        let _ = self.inbox.send(Received::Closed { flow: self.flow, link }).await;
    }

    async fn report_unsent(&self, outbox: &mut mpsc::Receiver<Queued>) {
        while let Some((_, tx)) = outbox.recv().await {
            self.report(tx).await;
        }
    }

    async fn report(&self, tx: Option<TxId>) {
        if let Some(tx) = tx {
            let _ = self.inbox.send(Received::Undeliverable { tx }).await;
        }
    }
}

async fn write(writer: &mut (impl AsyncWriteExt + Unpin), bytes: &[u8]) -> bool {
    matches!(timeout(WRITE_LIMIT, writer.write_all(bytes)).await, Ok(Ok(())))
}
