//! Packets sealed and opened: by the vectors of the RFCs, against another
//! implementation, and spoilt.

use proptest::prelude::*;
use webrtc_srtp::context::Context as Other;
use webrtc_srtp::protection_profile::ProtectionProfile;

use super::*;

/// As the other implementation calls them.
const BOTH: [(Suite, ProtectionProfile); 6] = [
    (Suite::AesCm128Sha1_80, ProtectionProfile::Aes128CmHmacSha1_80),
    (Suite::AesCm128Sha1_32, ProtectionProfile::Aes128CmHmacSha1_32),
    (Suite::AesCm256Sha1_80, ProtectionProfile::Aes256CmHmacSha1_80),
    (Suite::AesCm256Sha1_32, ProtectionProfile::Aes256CmHmacSha1_32),
    (Suite::AeadAes128Gcm, ProtectionProfile::AeadAes128Gcm),
    (Suite::AeadAes256Gcm, ProtectionProfile::AeadAes256Gcm),
];

fn master(suite: Suite) -> Master {
    let bytes: Vec<u8> = (1..=(suite.key_len() + suite.salt_len()) as u8).collect();
    Master::new(suite, &bytes).unwrap()
}

fn other(suite: Suite, profile: ProtectionProfile) -> Other {
    let master = master(suite);
    let (key, salt) = master.reveal().split_at(suite.key_len());
    Other::new(key, salt, profile, None, None).unwrap()
}

fn rtp(sequence: u16, extended: bool, body: &[u8]) -> Vec<u8> {
    let first = if extended { 0x91 } else { 0x80 };
    let mut packet = vec![first, 0x88];
    packet.extend(sequence.to_be_bytes());
    packet.extend([0, 0, 3, 32, 0xde, 0xad, 0xbe, 0xef]);
    if extended {
        packet.extend([0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0x10, 5, 0, 0]);
    }
    packet.extend(body);
    packet
}

/// A receiver report of one source.
fn rtcp() -> Vec<u8> {
    let mut report = vec![0x81, 201, 0, 7, 0xde, 0xad, 0xbe, 0xef];
    report.extend((0..24).map(|n| n * 7));
    report
}

fn sealed(context: &mut Context, packet: &[u8]) -> Vec<u8> {
    let mut buffer = packet.to_vec();
    buffer.resize(packet.len() + TRAILER_MAX, 0);
    let length = context.seal(&mut buffer, packet.len()).unwrap();
    buffer.truncate(length);
    buffer
}

fn opened(context: &mut Context, packet: &[u8]) -> Result<Vec<u8>, Refused> {
    let mut buffer = packet.to_vec();
    let length = context.open(&mut buffer)?;
    buffer.truncate(length);
    Ok(buffer)
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits.chunks(2).map(|two| u8::from_str_radix(str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

#[test]
fn another_implementation_opens_what_is_sealed_here_and_the_other_way_about() {
    for (suite, profile) in BOTH {
        let (mut ours, mut theirs) = (Context::new(&master(suite)), other(suite, profile));
        let (mut back, mut from) = (Context::new(&master(suite)), other(suite, profile));
        // Across the wrap of the numbers.
        for sequence in (65_500..=65_535).chain(0..100) {
            let packet = rtp(sequence, sequence % 3 == 0, &[sequence as u8; 160]);
            let there = theirs.decrypt_rtp(&sealed(&mut ours, &packet)).unwrap();
            assert_eq!(there.to_vec(), packet, "{suite:?} {sequence}");

            let sealed = from.encrypt_rtp(&packet).unwrap();
            assert_eq!(opened(&mut back, &sealed).as_ref(), Ok(&packet), "{suite:?} {sequence}");
        }
        for _ in 0..3 {
            let there = theirs.decrypt_rtcp(&sealed(&mut ours, &rtcp())).unwrap();
            assert_eq!(there.to_vec(), rtcp(), "{suite:?}");
            let sealed = from.encrypt_rtcp(&rtcp()).unwrap();
            assert_eq!(opened(&mut back, &sealed), Ok(rtcp()), "{suite:?}");
        }
    }
}

/// The vectors of RFC 3711 B.3 and RFC 6188 §7.2, seen as the keystream of a packet of noughts.
#[test]
fn keys_are_derived_as_the_rfcs_have_it() {
    let long =
        "f0f04914b513f2763a1b1fa130f10e2998f6f6e43e4309d1e622a0e332b9f1b6 3b04803de51ee7c96423ab5b78d2";
    let short = "E1F97A0D3E018BE0D64FA32C06DE4139 0EC675AD498AFEEBB6960B3AABE6";
    for (suite, master, key, salt) in [
        (Suite::AesCm128Sha1_80, short, "C61E7A93744F39EE10734AFE3FF7A087", "30CBBC08863D8C85D49DB34A9AE1"),
        (
            Suite::AesCm256Sha1_80,
            long,
            "5ba1064e30ec51613cad926c5a28ef731ec7fb397f70a960653caf06554cd8c4",
            "fa31791685ca444a9e07c6c64e93",
        ),
    ] {
        let mut context = Context::new(&Master::new(suite, &hex(master)).unwrap());
        let noughts = rtp(0, false, &[0; 32]);

        let stream = sealed(&mut context, &noughts)[12..44].to_vec();

        let mut iv = [0; 16];
        iv[..14].copy_from_slice(&hex(salt));
        [0xde, 0xad, 0xbe, 0xef].iter().zip(&mut iv[4..8]).for_each(|(a, b)| *b ^= a);
        assert_eq!(stream, keystream(&hex(key), iv), "{suite:?}");
    }
}

fn keystream(key: &[u8], iv: [u8; 16]) -> Vec<u8> {
    use aes::cipher::{KeyIvInit, StreamCipher};
    let mut stream = vec![0; 32];
    match key.len() {
        16 => ctr::Ctr128BE::<aes::Aes128>::new_from_slices(key, &iv).unwrap().apply_keystream(&mut stream),
        _ => ctr::Ctr128BE::<aes::Aes256>::new_from_slices(key, &iv).unwrap().apply_keystream(&mut stream),
    }
    stream
}

#[test]
fn what_comes_twice_is_opened_once() {
    for suite in Suite::ALL {
        let (mut ours, mut theirs) = (Context::new(&master(suite)), Context::new(&master(suite)));
        for packet in [rtp(5, false, b"hello"), rtcp()] {
            let packet = sealed(&mut ours, &packet);
            assert!(opened(&mut theirs, &packet).is_ok());
            assert_eq!(opened(&mut theirs, &packet), Err(Refused::Replayed), "{suite:?}");
        }
    }
}

#[test]
fn a_keystream_is_used_once() {
    let mut ours = Context::new(&master(Suite::AesCm128Sha1_80));
    sealed(&mut ours, &rtp(5, false, b"hello"));
    let mut again = rtp(5, false, b"other");
    again.resize(again.len() + TRAILER_MAX, 0);

    assert_eq!(ours.seal(&mut again, 17), Err(Refused::Replayed));
}

#[test]
fn a_key_says_nothing_of_itself() {
    assert_eq!(format!("{:?}", master(Suite::AeadAes128Gcm)), "Master(AEAD_AES_128_GCM)");
    assert_eq!(Master::new(Suite::AeadAes128Gcm, &[0; 27]), None);
}

proptest! {
    /// Whatever is changed on the way: nothing is opened, and what follows is as before.
    #[test]
    fn what_is_spoilt_is_refused(
        suite in prop::sample::select(&Suite::ALL[..]),
        is_report in any::<bool>(),
        at in any::<prop::sample::Index>(),
        bit in 0_u8..8,
    ) {
        let (mut ours, mut theirs) = (Context::new(&master(suite)), Context::new(&master(suite)));
        let packet = if is_report { rtcp() } else { rtp(9, true, b"hello") };
        let whole = sealed(&mut ours, &packet);
        let mut spoilt = whole.clone();
        spoilt[at.index(whole.len())] ^= 1 << bit;

        prop_assert!(opened(&mut theirs, &spoilt).is_err());
        prop_assert_eq!(opened(&mut theirs, &whole), Ok(packet));
    }

    #[test]
    fn any_bytes_end(mut bytes in proptest::collection::vec(any::<u8>(), 0..80), first in 0x80_u8..0xc0) {
        if let Some(byte) = bytes.first_mut() { *byte = first }
        for suite in Suite::ALL {
            let mut context = Context::new(&master(suite));
            prop_assert!(opened(&mut context, &bytes).is_err());
            let length = bytes.len();
            let mut buffer = [&bytes[..], &[0; TRAILER_MAX]].concat();
            let _ = context.seal(&mut buffer, length);
        }
    }
}
