//! The two ports of a sealed side. One handshake, or one key of its description,
//! is for both; but where reports have a port of their own and keys come of a
//! handshake, there are two (RFC 5764 §4.1).

use std::net::SocketAddr;
use std::sync::Arc;

use super::{Ended, Opened, Seal};
use crate::domain::time::Timestamp;
use crate::media::dtls::Identity;
use crate::media::exchange::Sealing;
use crate::media::session::Lane;

/// One side.
#[derive(Default)]
pub struct Door {
    packets: Seal,
    /// `None`: they go by the keys of packets.
    reports: Option<Seal>,
}

impl Door {
    /// How the side is sealed from now on. What is as before goes on.
    pub fn describe(&mut self, sealing: &Sealing, identity: &Arc<Identity>) {
        self.packets.describe(sealing, Lane::Rtp, identity);
        match sealing {
            Sealing::Dtls { is_muxed: false, .. } => {
                self.reports.get_or_insert_default().describe(sealing, Lane::Rtcp, identity);
            }
            _ => self.reports = None,
        }
    }

    /// Takes what came off a socket. `send` gets what is to be sent back from there. If it ends a
    /// handshake: that for packets or for reports, and how.
    pub fn open(
        &mut self,
        lane: Lane,
        packet: &mut [u8],
        from: SocketAddr,
        now: Timestamp,
        send: &mut dyn FnMut(&[u8], SocketAddr),
    ) -> (Opened, Option<(Lane, Ended)>) {
        let of = if self.reports.is_some() { lane } else { Lane::Rtp };
        let (opened, ended) = self.on(lane).open(packet, from, now, send);
        (opened, ended.map(|ended| (of, ended)))
    }

    /// Seals what `buffer` begins with for the side and gives its new length;
    /// `None`: there is no key, or it is nothing that is sealed.
    pub fn seal(&mut self, lane: Lane, buffer: &mut [u8], length: usize) -> Option<usize> {
        self.on(lane).seal(buffer, length)
    }

    /// Time has passed: which handshakes have ended, and how.
    pub fn wakes(
        &mut self,
        now: Timestamp,
        send: &mut dyn FnMut(Lane, &[u8], SocketAddr),
    ) -> impl Iterator<Item = (Lane, Ended)> {
        let packets = self.packets.wakes(now, &mut |out, to| send(Lane::Rtp, out, to));
        let reports = self.reports.as_mut();
        let reports = reports.and_then(|it| it.wakes(now, &mut |out, to| send(Lane::Rtcp, out, to)));
        let of = |lane| move |ended| (lane, ended);
        [packets.map(of(Lane::Rtp)), reports.map(of(Lane::Rtcp))].into_iter().flatten()
    }

    /// There are not all keys yet, and may still be.
    pub fn is_shaking(&self) -> bool {
        [Some(&self.packets), self.reports.as_ref()].into_iter().flatten().any(Seal::is_shaking)
    }

    /// So it is with what comes in on this port.
    pub fn is_shaking_on(&self, lane: Lane) -> bool {
        match (lane, &self.reports) {
            (Lane::Rtcp, Some(reports)) => reports.is_shaking(),
            _ => self.packets.is_shaking(),
        }
    }

    /// Whether a check of ICE came from there.
    pub fn knows(&self, from: SocketAddr) -> bool {
        self.packets.web.as_ref().is_some_and(|web| web.ways.contains(&from))
    }

    /// It is known by where its packets come from, not by checks of ICE.
    pub fn is_known_by_address(&self) -> bool {
        self.packets.web.is_none()
    }

    fn on(&mut self, lane: Lane) -> &mut Seal {
        match (lane, &mut self.reports) {
            (Lane::Rtcp, Some(reports)) => reports,
            _ => &mut self.packets,
        }
    }
}
