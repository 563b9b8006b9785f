//! SIP over TCP: connections, opened by either side and used again.
//!
//! One task holds one connection: it cuts what comes in into messages and
//! writes what is queued for it. When it ends, its flow is closed and whoever
//! waits for a message to leave is told.

use std::collections::HashMap;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tracing::{debug, warn};

use super::{Flow, Received, Transport};
use crate::sip::endpoint::TxId;
use crate::sip::message::{Frame, FrameError, Framer};

/// Connections that others may hold open at a listener.
const CONNECTIONS_MAX: usize = 1_024;
/// Messages that may wait for one connection.
const QUEUE: usize = 256;
/// A connection that says nothing for so long, not even a keep-alive, is closed.
const IDLE: Duration = Duration::from_secs(30 * 60);
const CONNECT_LIMIT: Duration = Duration::from_secs(5);
/// A peer that takes no byte for so long is gone.
const WRITE_LIMIT: Duration = Duration::from_secs(10);

/// A message on its way, with who is told when it cannot leave.
type Queued = (Bytes, Option<TxId>);

/// A connection, as whoever sends holds it; dropping it closes the connection.
#[derive(Debug)]
pub struct Link(mpsc::Sender<Queued>);

/// The connections that are open, by their flow.
#[derive(Default)]
pub struct Links(HashMap<Flow, Link>);

impl Links {
    pub fn opened(&mut self, flow: Flow, link: Link) {
        self.0.insert(flow, link);
    }

    /// Ends a connection.
    pub fn close(&mut self, flow: &Flow) {
        self.0.remove(flow);
    }

    /// A connection has ended; another may have taken its place meanwhile.
    pub fn closed(&mut self, flow: &Flow) {
        if self.0.get(flow).is_some_and(|link| link.0.is_closed()) {
            self.0.remove(flow);
        }
    }

    /// Queues a message, on a new connection if there is none. What cannot
    /// leave is reported through `inbox`.
    pub fn send(&mut self, flow: Flow, bytes: Bytes, tx: Option<TxId>, inbox: &mpsc::Sender<Received>) {
        let link = self.0.entry(flow).or_insert_with(|| connect(flow, inbox.clone()));
        match link.0.try_send((bytes, tx)) {
            Ok(()) => {}
            // A peer that does not read its mail loses it: the transaction gives up in time.
            Err(mpsc::error::TrySendError::Full(_)) => {
                warn!("a connection takes no more messages");
            }
            Err(mpsc::error::TrySendError::Closed(queued)) => {
                // It ended meanwhile, and the report is on its way: once more, on a fresh one.
                let link = connect(flow, inbox.clone());
                let _ = link.0.try_send(queued);
                self.0.insert(flow, link);
            }
        }
    }
}

pub async fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    TcpListener::bind(address).await
}

/// Takes connections in until the plane is gone.
pub async fn accept(listener: TcpListener, index: usize, inbox: mpsc::Sender<Received>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        let (stream, remote) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(failure) => {
                // Out of file descriptors, or the peer was faster: go on, but not in a tight circle.
                debug!(error = &failure as &dyn std::error::Error, "a connection was not taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let flow = Flow { transport: Transport::Tcp, listener: index, remote };
        let (queue, outbox) = mpsc::channel(QUEUE);
        if inbox.send(Received::Opened { flow, link: Link(queue) }).await.is_err() {
            return;
        }
        let inbox = inbox.clone();
        tokio::spawn(async move {
            serve(stream, flow, outbox, inbox).await;
            drop(place);
        });
    }
}

fn connect(flow: Flow, inbox: mpsc::Sender<Received>) -> Link {
    let (queue, mut outbox) = mpsc::channel(QUEUE);
    tokio::spawn(async move {
        match timeout(CONNECT_LIMIT, TcpStream::connect(flow.remote)).await {
            Ok(Ok(stream)) => serve(stream, flow, outbox, inbox).await,
            Ok(Err(_)) | Err(_) => {
                outbox.close();
                report_unsent(&mut outbox, &inbox).await;
                let _ = inbox.send(Received::Closed { flow }).await;
            }
        }
    });
    Link(queue)
}

async fn serve(
    stream: TcpStream,
    flow: Flow,
    mut outbox: mpsc::Receiver<Queued>,
    inbox: mpsc::Sender<Received>,
) {
    let _ = stream.set_nodelay(true);
    let (mut reader, mut writer) = stream.into_split();
    let mut framer = Framer::new();
    loop {
        tokio::select! {
            read = timeout(IDLE, reader.read_buf(framer.buffer())) => match read {
                Ok(Ok(1..)) => {
                    if !hand_on(&mut framer, &mut writer, flow, &inbox).await {
                        break;
                    }
                }
                Ok(Ok(0) | Err(_)) | Err(_) => break,
            },
            queued = outbox.recv() => {
                let Some((bytes, tx)) = queued else { break };
                let written = timeout(WRITE_LIMIT, writer.write_all(&bytes)).await;
                if !matches!(written, Ok(Ok(()))) {
                    report(tx, &inbox).await;
                    break;
                }
            }
        }
    }
    outbox.close();
    report_unsent(&mut outbox, &inbox).await;
    let _ = inbox.send(Received::Closed { flow }).await;
}

/// Hands on what the stream holds by now; false when it cannot be read further.
async fn hand_on(
    framer: &mut Framer,
    writer: &mut (impl AsyncWriteExt + Unpin),
    flow: Flow,
    inbox: &mpsc::Sender<Received>,
) -> bool {
    loop {
        let message = match framer.next() {
            Ok(Some(Frame::Message(bytes))) => bytes,
            // RFC 5626 §4.4.1: a ping wants one CRLF.
            Ok(Some(Frame::Ping)) => {
                if writer.write_all(b"\r\n").await.is_err() {
                    return false;
                }
                continue;
            }
            Ok(None) => return true,
            Err(FrameError::BadHead { head } | FrameError::BodyTooLong { head }) => {
                // It is refused as any malformed message; then nothing more can be told apart.
                let _ = inbox.send(Received::Message { bytes: head, flow }).await;
                return false;
            }
            Err(FrameError::HeadTooLong) => return false,
        };
        if inbox.send(Received::Message { bytes: message, flow }).await.is_err() {
            return false;
        }
    }
}

async fn report_unsent(outbox: &mut mpsc::Receiver<Queued>, inbox: &mpsc::Sender<Received>) {
    while let Some((_, tx)) = outbox.recv().await {
        report(tx, inbox).await;
    }
}

async fn report(tx: Option<TxId>, inbox: &mpsc::Sender<Received>) {
    if let Some(tx) = tx {
        let _ = inbox.send(Received::Undeliverable { tx }).await;
    }
}
