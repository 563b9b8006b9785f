//! What is said in another codec than the other side has: what is made of it is
//! sealed and sent from where it is made.

use tracing::debug;

use super::Call;
use crate::media::rtp::packet::Packet;
use crate::media::session::Onward;
use crate::telemetry::MediaPackets;

impl Call {
    /// Sends what a packet is for the side that it goes to; `false`: what it is already.
    #[inline]
    pub(super) fn convert(
        &mut self,
        side: usize,
        onward: Onward,
        packet: &mut [u8],
        packets: &mut MediaPackets,
    ) -> bool {
        if !self.session.may_convert(side) {
            return false;
        }
        if Packet::read(packet) == Packet::Rtcp {
            self.session.convert_report(side, packet);
            return false;
        }
        let Some(Some(out)) = self.pairs.get(onward.side) else { return false };
        let socket = &out.sockets[onward.lane as usize];
        let door = &mut self.doors[onward.side];
        let converted = self.session.convert(side, packet, &mut |out, length| match Call::seal(
            door,
            onward.lane,
            out,
            length,
        ) {
            None => packets.unsealed += 1,
            Some(length) if socket.send_to(&out[..length], onward.to).is_ok() => packets.relayed += 1,
            Some(_) => packets.unsendable += 1,
        });
        let Some(converted) = converted else { return false };
        packets.unconverted += u64::from(converted.sent == 0);
        if let Some(codec) = converted.begun {
            debug!(call.id = %self.id, codec = codec.as_str(), "what a side says is converted");
            packets.converts(codec.as_str());
        }
        true
    }
}
