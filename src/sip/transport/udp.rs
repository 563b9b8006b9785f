//! SIP over UDP: one socket per listener, one message per datagram.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tracing::debug;

use super::{Flow, Received, Transport};

/// The largest datagram there is.
const DATAGRAM_MAX: usize = 65_535;
/// What the kernel keeps for us while we are busy: several thousand messages.
const KERNEL_BUFFER: usize = 4 << 20;

/// Opens a socket with a roomy receive buffer, so that a burst is not lost. An
/// IPv6 address takes IPv6 peers alone, so that both families can have a
/// listener at one port.
pub fn bind(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_nonblocking(true)?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // The kernel may grant less than we ask for; that is fine.
    let _ = socket.set_recv_buffer_size(KERNEL_BUFFER);
    let _ = socket.set_send_buffer_size(KERNEL_BUFFER);
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// Hands every datagram on until the plane is gone.
pub async fn receive(socket: Arc<UdpSocket>, listener: usize, inbox: mpsc::Sender<Received>) {
    let mut buffer = vec![0; DATAGRAM_MAX];
    loop {
        match socket.recv_from(&mut buffer).await {
            // RFC 5626 §3.5.1 and older habits: nothing but line breaks, or a zero.
            Ok((length, _)) if is_keep_alive(&buffer[..length]) => {}
            Ok((length, remote)) => {
                // A copy of its own: a call may hold its INVITE for hours.
                let bytes = Bytes::copy_from_slice(&buffer[..length]);
                let flow = Flow { transport: Transport::Udp, listener, remote };
                if inbox.send(Received::Message { bytes, flow }).await.is_err() {
                    return;
                }
            }
            // On Linux an ICMP error of an earlier send may surface here; the next datagram is fine.
            Err(failure) => debug!(error = &failure as &dyn std::error::Error, "a datagram was not received"),
        }
    }
}

fn is_keep_alive(datagram: &[u8]) -> bool {
    datagram.iter().all(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// Sends at once or not at all: what UDP loses is sent again by its timer.
pub fn send(socket: &UdpSocket, bytes: &Bytes, remote: SocketAddr) -> io::Result<()> {
    match socket.try_send_to(bytes, remote) {
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => {
            debug!("the send buffer is full; a message waits for its retransmission");
            Ok(())
        }
        Err(e) => Err(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_keeps_a_hole_open_is_no_message() {
        for datagram in [&b""[..], b"\r\n\r\n", b"\r\n", b"\0\0\0\0"] {
            assert!(is_keep_alive(datagram));
        }
        assert!(!is_keep_alive(b"\r\nBYE sip:a SIP/2.0"));
    }
}
