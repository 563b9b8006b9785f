//! Any datagrams at any time, from a trunk and from a stranger: nothing panics
//! and what is held stays bounded. A datagram ends at 0xff; the byte after it
//! says who sends the next one, and how much later.
#![no_main]

use std::time::Duration;

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use whence::domain::time::Timestamp;
use whence::sip::endpoint::{Config, Endpoint, Local};
use whence::sip::transport::{Flow, Transport};
use whence::sip::trunk::accept::{Trunk, Trunks};
use whence::sip::trunk::out::Outward;
use whence::sip::trunk::strangers::Patience;

/// A transaction and a leg each way, with the transactions of both.
const HELD_BY_ONE: usize = 8;

fuzz_target!(|data: &[u8]| {
    let local = Local {
        transport: Transport::Udp,
        address: "192.0.2.2:5060".parse().unwrap(),
        advertised: "192.0.2.2:5060".to_owned(),
    };
    let trunk = Trunk::known_by_address("carrier".parse().unwrap(), vec!["192.0.2.1/32".parse().unwrap()], "FR".parse().ok());
    let config = Config {
        listeners: vec![local],
        user_agent: "Whence".to_owned(),
        trunks: Trunks::new(vec![trunk]),
        realm: "whence".to_owned(),
        // Never silent, so that every datagram is looked at.
        strangers: Patience { misses: 0, silence: Duration::ZERO },
        session: Duration::from_secs(1_800),
        ladders: true,
        outward: Outward::default(),
    };
    let mut endpoint = Endpoint::new(config, [7; 32]);
    let mut now = Timestamp::from_ms(1_000_000);
    let mut how = 0_u8;
    for (count, datagram) in data.split(|byte| *byte == 0xff).enumerate() {
        let remote = if how & 1 == 0 { "192.0.2.1:5060" } else { "203.0.113.9:5060" };
        now = now + Duration::from_millis(u64::from(how) * 200);
        let flow = Flow { transport: Transport::Udp, listener: 0, remote: remote.parse().unwrap() };
        endpoint.receive(Bytes::copy_from_slice(datagram), flow, now);
        endpoint.wake(now);
        endpoint.drain_transmits().for_each(drop);
        endpoint.drain_events().for_each(drop);
        let (legs, transactions) = endpoint.held();
        assert!(legs + transactions <= HELD_BY_ONE * (count + 1), "{legs} legs, {transactions} transactions");
        how = datagram.first().copied().unwrap_or_default();
    }
});
