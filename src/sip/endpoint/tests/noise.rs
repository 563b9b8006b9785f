//! Whatever comes in, nothing panics, what is held stays bounded, and in the
//! end nothing is held: packets of a real call are cut, garbled and said again
//! at any time, by its caller, its line and by strangers.

use std::net::SocketAddr;
use std::time::Duration;

use proptest::prelude::*;

use super::world::{CALLER, GATEWAY, LineDoes, NUMBER, OFFER, Weather, World};
use crate::call::output::Output;

/// What a message can make the gateway hold at most: a transaction of its own
/// and a leg each way, with the transactions of both.
const HELD_BY_ONE: usize = 8;

const WORDS: &[&str] = &[
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "PRACK",
    "UPDATE",
    "INFO",
    "REFER",
    "MESSAGE",
    "SIP/2.0 100",
    "SIP/2.0 183",
    "SIP/2.0 200",
    "SIP/2.0 302",
    "SIP/2.0 401",
    "SIP/2.0 422",
    "SIP/2.0 487",
    "SIP/2.0 503",
    ";tag=",
    "branch=",
    "z9hG4bK",
    "RAck: 1 1 INVITE\r\n",
    "Require: 100rel\r\n",
    "RSeq: 4294967295\r\n",
    "Session-Expires: 1;refresher=uas\r\n",
    "Min-SE: 4294967295\r\n",
    "Content-Length: 99999\r\n",
    "CSeq: 0 BYE\r\n",
    "Contact: <sip:x@192.0.2.9>\r\n",
    "Record-Route: <sip:192.0.2.9;lr>\r\n",
    "Max-Forwards: 0\r\n",
    "\r\n\r\n",
    "Identity: a.b.c;info=<https://h/>;alg=ES256\r\n",
    "\0",
    "\u{e9}",
    "\"",
    "<",
    "%",
];

#[derive(Clone, Debug)]
enum Noise {
    /// A packet that was sent, as it was or spoilt.
    Again {
        which: proptest::sample::Index,
        spoil: Vec<Spoil>,
    },
    Bytes(Vec<u8>),
}

#[derive(Clone, Debug)]
enum Spoil {
    Cut(proptest::sample::Index),
    Byte(proptest::sample::Index, u8),
    Word(proptest::sample::Index, &'static str),
    /// Another method or status at the beginning, and in CSeq.
    Start(&'static str),
}

fn noise() -> impl Strategy<Value = Noise> {
    let spoil = prop_oneof![
        any::<proptest::sample::Index>().prop_map(Spoil::Cut),
        (any::<proptest::sample::Index>(), any::<u8>()).prop_map(|(at, byte)| Spoil::Byte(at, byte)),
        (any::<proptest::sample::Index>(), proptest::sample::select(WORDS))
            .prop_map(|(at, w)| Spoil::Word(at, w)),
        proptest::sample::select(&WORDS[..10]).prop_map(Spoil::Start),
    ];
    prop_oneof![
        8 => (any::<proptest::sample::Index>(), proptest::collection::vec(spoil, 0..4))
            .prop_map(|(which, spoil)| Noise::Again { which, spoil }),
        1 => proptest::collection::vec(any::<u8>(), 0..200).prop_map(Noise::Bytes),
    ]
}

fn bytes(noise: &Noise, world: &World) -> Vec<u8> {
    let (which, spoil) = match noise {
        Noise::Again { which, spoil } if !world.packets.is_empty() => (which, spoil),
        Noise::Again { .. } => return vec![],
        Noise::Bytes(bytes) => return bytes.clone(),
    };
    let mut bytes = which.get(&world.packets).2.to_vec();
    for spoil in spoil {
        if bytes.is_empty() {
            break;
        }
        let length = bytes.len();
        match spoil {
            Spoil::Cut(at) => bytes.truncate(at.index(length)),
            Spoil::Byte(at, byte) => bytes[at.index(length)] = *byte,
            Spoil::Word(at, word) => drop(bytes.splice(at.index(length)..at.index(length), word.bytes())),
            Spoil::Start(word) => {
                let text = String::from_utf8_lossy(&bytes).into_owned();
                let method = text.split(' ').next().unwrap_or_default().to_owned();
                bytes = text.replace(&method, word).into_bytes();
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_packets_at_any_time_leave_nothing_behind(
        answers in any::<bool>(),
        noises in proptest::collection::vec((noise(), 0_usize..4, 0_u64..3_000), 1..24),
    ) {
        const FROM: [&str; 4] = ["192.0.2.1:5060", "192.0.2.1:6000", "192.0.2.3:5060", "203.0.113.9:5060"];
        let line = if answers { LineDoes::Answer { after_ms: 300 } } else { LineDoes::RingForever };
        let mut world = World::new(Weather::default(), line);
        let call = world.dial(NUMBER, OFFER);
        world.order_in(Duration::from_secs(20), CALLER, call, Output::Cancel { leg: crate::call::leg::LegId::LINE });

        for (place, (noise, from, after_ms)) in noises.iter().enumerate() {
            world.run_for(Duration::from_millis(*after_ms));
            let from: SocketAddr = FROM[*from].parse().unwrap();
            let said = bytes(noise, &world);
            world.inject(GATEWAY, from, &said);
            let (legs, transactions) = world.nodes[GATEWAY].held();
            prop_assert!(legs + transactions <= HELD_BY_ONE * (place + 2), "{legs} legs, {transactions} transactions");
        }
        world.run();

        prop_assert!(world.nodes[GATEWAY].is_idle(), "{:?}", world.nodes[GATEWAY].held());
        prop_assert_eq!(world.ended.len(), world.arrived[GATEWAY].len());
    }
}
