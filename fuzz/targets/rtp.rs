//! Packets of any kind from anywhere, through a relayed call: nothing goes but
//! to one of its two sides, and what is learned of them never overflows.
#![no_main]

use std::net::SocketAddr;
use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use whence::call::leg::LegId;
use whence::domain::time::Timestamp;
use whence::media::sdp::Description;
use whence::media::session::{Lane, Session};

fn description(place: SocketAddr) -> Description {
    let text = format!(
        "v=0\r\no=- 1 1 IN IP4 {0}\r\ns=-\r\nc=IN IP4 {0}\r\nt=0 0\r\nm=audio {1} RTP/AVP 0\r\n",
        place.ip(),
        place.port()
    );
    Description::read(text.as_bytes()).expect("a description of ours")
}

fuzz_target!(|data: &[u8]| {
    let sides = [SocketAddr::from(([192, 0, 2, 1], 4_000)), SocketAddr::from(([192, 0, 2, 2], 6_000))];
    let mut session = Session::default();
    for (leg, place) in [LegId::CALLER, LegId::LINE].into_iter().zip(sides) {
        session.add(leg, 0);
        session.describe(leg, &description(place).streams, &Arc::from([]));
    }
    session.join(LegId::CALLER, LegId::LINE);
    let (mut rest, mut now) = (data, Timestamp::from_ms(0));
    // How it comes, how much later than the one before, its length, and the packet.
    while let [how, later, length, more @ ..] = rest {
        let (packet, after) = more.split_at(usize::from(*length).min(more.len()));
        let side = usize::from(how & 1);
        let lane = if how & 2 == 0 { Lane::Rtp } else { Lane::Rtcp };
        let from = match how & 4 {
            0 => SocketAddr::new(sides[side].ip(), sides[side].port() + u16::from(how >> 3)),
            _ => SocketAddr::from(([203, 0, 113, *later], 4_000)),
        };
        now = now + std::time::Duration::from_millis(u64::from(*later));
        if let Ok(onward) = session.packet(side, lane, from, packet, now) {
            assert_ne!(onward.side, side);
            assert_eq!(onward.to.ip(), sides[onward.side].ip());
            assert_eq!(from.ip(), sides[side].ip());
        }
        rest = after;
    }
    let _ = session.quality();
});
