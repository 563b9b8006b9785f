//! The fixed header of an RTP packet (RFC 3550 §5.1), and what is none.

/// What a datagram is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Packet {
    Rtp(Header),
    Rtcp,
    /// STUN, DTLS, T.38 …: not ours to read.
    Other,
}

/// What a relay reads of an RTP packet; encryption leaves it in the clear (RFC 3711 §3.1).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    pub payload_type: u8,
    pub sequence: u16,
    pub timestamp: u32,
    pub ssrc: u32,
}

impl Packet {
    /// RTP and RTCP may share a port, where the second byte tells them apart (RFC 5761 §4).
    pub fn read(bytes: &[u8]) -> Self {
        match *bytes {
            [first, ..] if first >> 6 != 2 => Packet::Other,
            [_, 192..=223, _, _, _, _, _, _, ..] => Packet::Rtcp,
            [_, second, s0, s1, t0, t1, t2, t3, a, b, c, d, ..] => Packet::Rtp(Header {
                payload_type: second & 0x7f,
                sequence: u16::from_be_bytes([s0, s1]),
                timestamp: u32::from_be_bytes([t0, t1, t2, t3]),
                ssrc: u32::from_be_bytes([a, b, c, d]),
            }),
            _ => Packet::Other,
        }
    }
}

/// Where the payload of an RTP packet begins: behind sources that were mixed and
/// an extension. `None`: it is cut off.
pub fn body_at(packet: &[u8]) -> Option<usize> {
    let first = *packet.first()?;
    let sources = 12 + 4 * usize::from(first & 0x0f);
    let body = if first & 0x10 == 0 {
        sources
    } else {
        let words = u16::from_be_bytes(packet.get(sources + 2..sources + 4)?.try_into().ok()?);
        sources + 4 + 4 * usize::from(words)
    };
    (body <= packet.len()).then_some(body)
}

/// What an RTP packet carries, without what stands before and behind it, padding
/// too. `None`: it is cut off.
pub fn payload(packet: &[u8]) -> Option<&[u8]> {
    let rest = &packet[body_at(packet)?..];
    let padding = if packet[0] & 0x20 == 0 { 0 } else { usize::from(*rest.last()?) };
    rest.get(..rest.len().checked_sub(padding)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_second_byte_tells_a_report_from_a_packet() {
        let mut bytes = [0; 12];
        for (first, second, expected) in [
            (0x80, 0, "rtp"),
            (0x80, 0x80 | 8, "rtp"),
            (0x80, 200, "rtcp"),
            (0x81, 201, "rtcp"),
            (0x00, 1, "other"),
            (22, 254, "other"),
        ] {
            (bytes[0], bytes[1]) = (first, second);
            let found = match Packet::read(&bytes) {
                Packet::Rtp(_) => "rtp",
                Packet::Rtcp => "rtcp",
                Packet::Other => "other",
            };
            assert_eq!(found, expected, "{first:#x} {second:#x}");
        }
    }

    #[test]
    fn a_header_is_read_and_a_short_one_is_none() {
        let bytes = [0x80, 0x88, 0x12, 0x34, 0, 0, 0, 160, 0xde, 0xad, 0xbe, 0xef, 1, 2];
        let header = Header { payload_type: 8, sequence: 0x1234, timestamp: 160, ssrc: 0xdead_beef };

        assert_eq!(Packet::read(&bytes), Packet::Rtp(header));
        for short in 0..12 {
            assert_eq!(Packet::read(&bytes[..short]), Packet::Other, "{short}");
        }
    }

    #[test]
    fn a_payload_stands_behind_sources_and_an_extension_and_before_padding() {
        type Case<'a> = (Vec<&'a [u8]>, Option<Vec<u8>>);
        let cases: [Case<'_>; 7] = [
            (vec![&[0x80], &[0; 11], &[1, 2]], Some(vec![1, 2])),
            (vec![&[0x80], &[0; 11]], Some(vec![])),
            (vec![&[0x82], &[0; 11], &[9; 8], &[1, 2]], Some(vec![1, 2])),
            (vec![&[0x90], &[0; 11], &[0xbe, 0xde, 0, 1], &[9; 4], &[1, 2]], Some(vec![1, 2])),
            (vec![&[0xa0], &[0; 11], &[1, 2, 0, 0, 3]], Some(vec![1, 2])),
            (vec![&[0xa0], &[0; 11], &[1, 2, 9]], None),
            (vec![&[0x90], &[0; 11], &[0xbe, 0xde, 0, 9]], None),
        ];
        for (parts, expected) in cases {
            assert_eq!(payload(&parts.concat()).map(<[u8]>::to_vec), expected, "{parts:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_end(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            prop_assert!(payload(&bytes).is_none_or(|payload| payload.len() <= bytes.len()));
        }
    }
}
