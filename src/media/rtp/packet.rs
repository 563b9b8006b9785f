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

/// What an RTP packet carries behind its header, sources and extension, without padding
/// (RFC 3550 §5.1); empty where it contradicts itself.
pub fn payload(packet: &[u8]) -> &[u8] {
    let Some((first, _)) = packet.split_first() else { return &[] };
    let mut start = 12 + 4 * usize::from(first & 0x0f);
    if first & 0x10 != 0 {
        let words = packet.get(start + 2..start + 4).map(|length| u16::from_be_bytes([length[0], length[1]]));
        start += 4 + 4 * usize::from(words.unwrap_or_default());
    }
    let padding = if first & 0x20 != 0 { usize::from(packet[packet.len() - 1]) } else { 0 };
    packet.get(start..packet.len().saturating_sub(padding)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
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
    fn a_payload_is_what_is_behind_the_header() {
        let head = |first: u8| [&[first, 0][..], &[0; 10]].concat();
        for (packet, expected) in [
            ([&head(0x80)[..], b"ab"].concat(), &b"ab"[..]),
            ([&head(0x81)[..], &[0; 4], b"ab"].concat(), b"ab"),
            ([&head(0x90)[..], &[0xbe, 0xde, 0, 1, 9, 9, 9, 9], b"ab"].concat(), b"ab"),
            ([&head(0xa0)[..], b"ab", &[0, 2]].concat(), b"ab"),
            ([&head(0xa0)[..], b"ab", &[0, 200]].concat(), b""),
            ([&head(0x90)[..], &[0xbe, 0xde, 0, 9]].concat(), b""),
            ([&head(0x9f)[..]].concat(), b""),
        ] {
            assert_eq!(payload(&packet), expected, "{packet:?}");
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
}
