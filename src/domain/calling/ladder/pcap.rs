//! A ladder as a packet capture, for Wireshark and `sngrep -I`.
//!
//! Each message becomes one datagram, also what came over a stream: nobody
//! wants to put segments together again, least of all encrypted ones. Packets
//! begin with their IP header (LINKTYPE_RAW), since there was no wire to copy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::{Ladder, Rung};

const MAGIC: u32 = 0xa1b2_c3d4;
const LINKTYPE_RAW: u32 = 101;
const UDP: u8 = 17;
const UDP_HEAD: usize = 8;
/// With the head of IPv6, the longer one.
const PACKET_MAX: u32 = 65_535 + 40;
/// What a datagram in the smaller of the two kinds of packet may hold.
const MESSAGE_MAX: usize = 65_535 - 20 - UDP_HEAD;

impl Ladder {
    pub fn as_pcap(&self) -> Vec<u8> {
        let mut file = Vec::new();
        file.extend_from_slice(&MAGIC.to_le_bytes());
        for version in [2u16, 4] {
            file.extend_from_slice(&version.to_le_bytes());
        }
        // Times are UTC, and as exact as they are; then the longest packet.
        for field in [0, 0, PACKET_MAX, LINKTYPE_RAW] {
            file.extend_from_slice(&field.to_le_bytes());
        }
        for rung in &self.rungs {
            let packet = packet(rung);
            let ms = rung.at.as_ms().max(0);
            let seconds = u32::try_from(ms / 1_000).unwrap_or(u32::MAX);
            let length = packet.len() as u32;
            for field in [seconds, (ms % 1_000 * 1_000) as u32, length, length] {
                file.extend_from_slice(&field.to_le_bytes());
            }
            file.extend_from_slice(&packet);
        }
        file
    }
}

fn packet(rung: &Rung) -> Vec<u8> {
    let message = &rung.message[..rung.message.len().min(MESSAGE_MAX)];
    let (from, to) = rung.ends();
    match (from.ip().to_canonical(), to.ip().to_canonical()) {
        (IpAddr::V4(source), IpAddr::V4(target)) => {
            let udp = datagram(from, to, message);
            [&ipv4_head(source, target, udp.len())[..], &udp].concat()
        }
        (source, target) => {
            let wide = |ip| match ip {
                IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
                IpAddr::V6(ip) => ip.octets(),
            };
            let (source, target) = (wide(source), wide(target));
            let mut udp = datagram(from, to, message);
            // IPv6 wants the checksum (RFC 8200 §8.1).
            let length = udp.len() as u16;
            let pseudo = [&source[..], &target, &[0, 0], &length.to_be_bytes(), &[0, 0, 0, UDP]].concat();
            let sum = checksum(&[pseudo, udp.clone()].concat());
            udp[6..8].copy_from_slice(&if sum == 0 { u16::MAX } else { sum }.to_be_bytes());
            [&[0x60, 0, 0, 0][..], &length.to_be_bytes(), &[UDP, 64], &source, &target, &udp].concat()
        }
    }
}

/// Without a checksum, which IPv4 allows.
fn datagram(from: SocketAddr, to: SocketAddr, message: &[u8]) -> Vec<u8> {
    let length = (UDP_HEAD + message.len()) as u16;
    [&from.port().to_be_bytes()[..], &to.port().to_be_bytes(), &length.to_be_bytes(), &[0, 0], message]
        .concat()
}

fn ipv4_head(source: Ipv4Addr, target: Ipv4Addr, payload: usize) -> [u8; 20] {
    let mut head = [0; 20];
    head[0] = 0x45;
    head[2..4].copy_from_slice(&((20 + payload) as u16).to_be_bytes());
    head[8] = 64;
    head[9] = UDP;
    head[12..16].copy_from_slice(&source.octets());
    head[16..20].copy_from_slice(&target.octets());
    let sum = checksum(&head);
    head[10..12].copy_from_slice(&sum.to_be_bytes());
    head
}

/// RFC 1071.
fn checksum(bytes: &[u8]) -> u16 {
    let mut sum: u32 = 0;
    for pair in bytes.chunks(2) {
        sum += u32::from(u16::from_be_bytes([pair[0], *pair.get(1).unwrap_or(&0)]));
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

#[cfg(test)]
mod tests {
    use super::super::testing::ladder;
    use super::*;

    #[test]
    fn a_packet_holds_its_message_and_its_checksum_is_right() {
        let told = ladder(&[(1_500, 0, "> OPTIONS")]);

        let file = told.as_pcap();

        let message = &told.rungs[0].message;
        assert_eq!(file.len(), 24 + 16 + 28 + message.len());
        assert_eq!(&file[..8], [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]);
        assert_eq!(file[24..32], [1, 0, 0, 0, 0x20, 0xa1, 7, 0], "1 s and 500,000 µs");
        let head = &file[40..60];
        assert_eq!(checksum(head), 0);
        assert_eq!((&head[12..16], &head[16..]), (&[192, 0, 2, 1][..], &[192, 0, 2, 2][..]));
        assert!(file.ends_with(message));
    }

    #[test]
    fn a_packet_of_ipv6_has_its_checksum() {
        let mut told = ladder(&[(0, 0, "> OPTIONS")]);
        told.rungs[0].local = "[2001:db8::1]:5060".parse().unwrap();

        let file = told.as_pcap();

        let packet = &file[40..];
        assert_eq!((packet[0] >> 4, packet[6]), (6, UDP));
        let length = (packet.len() - 40) as u16;
        let pseudo =
            [&packet[8..40], &[0, 0], &length.to_be_bytes(), &[0, 0, 0, UDP], &packet[40..]].concat();
        assert_eq!(checksum(&pseudo), 0);
    }
}
