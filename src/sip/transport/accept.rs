//! Takes connections in: who may have one, and what is agreed on before the
//! first message.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::time::timeout;
use tracing::debug;

use super::connection::{Connection, Standing};
use super::links::{Link, Queued};
use super::stream::Stream;
use super::tls::Tls;
use super::ws::Web;
use super::{Flow, Received, Transport};
use crate::sip::trunk::accept::{Sender, SharedTrunks};

/// Connections that trunks may hold open at a listener.
pub const TRUNK_CONNECTIONS: usize = 1_024;
/// Those of everybody else: business lines that call back, and strangers, who
/// must not take the trunks' places.
pub const OTHER_CONNECTIONS: usize = 128;
/// How long a peer may take for the handshakes of TLS and WebSocket together.
const HANDSHAKE_LIMIT: Duration = Duration::from_secs(5);
/// Connections that the kernel keeps until we take them.
const BACKLOG: i32 = 1_024;

/// Listens; an IPv6 address takes IPv6 peers alone, so that both families can
/// have a listener at one port.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

/// What every connection of one listener is taken in with.
pub struct Door {
    pub transport: Transport,
    /// Its place in the configuration.
    pub listener: usize,
    pub trunks: SharedTrunks,
    pub tls: Tls,
    /// The websites whose pages may open a WebSocket; none: those of any.
    pub origins: Arc<[String]>,
    pub inbox: mpsc::Sender<Received>,
}

impl Door {
    /// Takes connections in until the plane is gone.
    pub async fn keep(self, listener: TcpListener) {
        let door = Arc::new(self);
        let trunk_places = Arc::new(Semaphore::new(TRUNK_CONNECTIONS));
        let other_places = Arc::new(Semaphore::new(OTHER_CONNECTIONS));
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = door.inbox.closed() => return,
            };
            let (stream, remote) = match accepted {
                Ok(accepted) => accepted,
                Err(failure) => {
                    // Out of file descriptors, or the peer was faster: go on, but not in a tight circle.
                    debug!(error = &failure as &dyn std::error::Error, "a connection was not taken");
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    continue;
                }
            };
            let is_trunk = door.trunks.load().find(remote.ip()).is_some();
            let places = if is_trunk { &trunk_places } else { &other_places };
            let Ok(place) = Arc::clone(places).try_acquire_owned() else { continue };
            let standing = if is_trunk {
                Standing::Trunk(place)
            } else {
                Standing::Other { place, trunks: Arc::clone(&trunk_places) }
            };
            let flow = Flow { transport: door.transport, listener: door.listener, remote };
            let (queue, outbox) = Link::queue();
            let link = queue.downgrade();
            let connection = Connection { flow, link, standing, inbox: door.inbox.clone() };
            let guest = Guest { connection, queue, outbox };
            tokio::spawn(Arc::clone(&door).welcome(stream, guest));
        }
    }

    /// Does the handshakes, in the task of the connection: nobody else waits for them.
    async fn welcome(self: Arc<Self>, stream: TcpStream, guest: Guest) {
        let _ = stream.set_nodelay(true);
        match self.transport {
            Transport::Tls | Transport::Wss => {
                match timeout(HANDSHAKE_LIMIT, self.tls.accept(stream)).await {
                    Ok(Ok((stream, names))) => self.talk(stream, names, guest).await,
                    Ok(Err(failure)) => {
                        debug!(error = &failure as &dyn std::error::Error, "a TLS handshake has failed");
                    }
                    Err(_) => {}
                }
            }
            Transport::Udp | Transport::Tcp | Transport::Ws => self.talk(stream, vec![], guest).await,
        }
    }

    async fn talk<S>(&self, stream: S, names: Vec<String>, guest: Guest)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send,
    {
        let Guest { mut connection, queue, outbox } = guest;
        let who = Sender::new(connection.flow.remote.ip(), &names);
        if self.trunks.load().without_login(who).is_some() {
            connection.standing = connection.standing.vouched();
        }
        match self.transport {
            Transport::Ws | Transport::Wss => {
                let accepted = timeout(HANDSHAKE_LIMIT, Web::accept(stream, &self.origins)).await;
                let Ok(Some(web)) = accepted else { return };
                connection.report_accepted(queue, names).await;
                connection.serve(web, outbox).await;
            }
            Transport::Udp | Transport::Tcp | Transport::Tls => {
                connection.report_accepted(queue, names).await;
                connection.serve(Stream::new(stream), outbox).await;
            }
        }
    }
}

/// A connection that has come in, with the two ends of its queue.
struct Guest {
    connection: Connection,
    queue: mpsc::Sender<Queued>,
    outbox: mpsc::Receiver<Queued>,
}
