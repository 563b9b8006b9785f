//! A description that can be read is still one with other places in it, and
//! names those alone; the other lines are the same.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use whence::media::sdp::{Anew, Description, rewrite};

fuzz_target!(|data: &[u8]| {
    let ours: IpAddr = if data.len() % 2 == 0 { [198, 51, 100, 7].into() } else { "2001:db8::7".parse().unwrap() };
    let ports: Vec<[u16; 2]> = (0..8).map(|nth| [30_000 + 2 * nth, 30_001 + 2 * nth]).collect();
    let new = rewrite(data, &Anew { address: ours, ports: &ports, origin: [7, 1], first: Some(8) });
    let Ok(read) = Description::read(data) else { return };
    let again = Description::read(&new).expect("it is one still");
    assert_eq!(read.streams.len(), again.streams.len());
    for ((old, new), [rtp, _]) in read.streams.iter().zip(&again.streams).zip(&ports) {
        assert_eq!((old.is_live, &old.kind, &old.proto), (new.is_live, &new.kind, &new.proto));
        if let Some(place) = new.rtp {
            assert_eq!((place.ip(), place.port()), (ours, *rtp));
        }
    }
});
