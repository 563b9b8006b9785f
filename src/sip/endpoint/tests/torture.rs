//! The messages of RFC 4475 that can be read: what the gateway as a whole
//! answers to them, when a trunk sends them.

use bytes::Bytes;

use super::gateway::{Gateway, statuses};
use crate::sip::endpoint::Event;

macro_rules! file {
    ($name:literal) => {
        ($name, include_bytes!(concat!("../../message/torture/", $name, ".sip")).as_slice())
    };
}

/// A call for the switchboard to judge, whose first answer is 100.
const CALL: u16 = 100;

#[test]
fn every_request_of_rfc_4475_that_can_be_read_is_answered_as_the_rfc_says() {
    let table = [
        // An INVITE with a To tag that names no dialog of ours.
        (file!("wsinv"), 481),
        // A method that nobody knows, however it is written.
        (file!("intmeth"), 501),
        (file!("esc02"), 501),
        // We are no registrar.
        (file!("escnull"), 405),
        (file!("dblreq"), 405),
        (file!("regbadct"), 405),
        (file!("regaut01"), 405),
        (file!("regescrt"), 405),
        (file!("cparam01"), 405),
        (file!("cparam02"), 405),
        (file!("unksm2"), 405),
        (file!("mpart01"), 405),
        (file!("semiuri"), 200),
        (file!("transports"), 200),
        (file!("badbranch"), 200),
        (file!("badaspec"), 200),
        (file!("baddn"), 200),
        (file!("esc01"), CALL),
        (file!("lwsdisp"), 200),
        (file!("longreq"), CALL),
        (file!("escruri"), CALL),
        (file!("baddate"), CALL),
        // Their bodies are the line's to judge: 415 and 406 come from there.
        (file!("invut"), CALL),
        (file!("sdp01"), CALL),
        (file!("inv2543"), CALL),
        (file!("unkscm"), 416),
        (file!("novelsc"), 416),
        (file!("bext01"), 420),
        // An OPTIONS that has no hop left has reached the one it asks (RFC 3261 §11).
        (file!("zeromf"), 200),
    ];

    for ((name, bytes), status) in table {
        let mut gateway = Gateway::new();

        gateway.receive(Bytes::from_static(bytes), 0);

        let arrived = gateway.0.drain_events().any(|event| matches!(event, Event::Arrived(_)));
        assert_eq!(statuses(&gateway.sent()), [status], "{name}");
        assert_eq!(arrived, status == CALL, "{name}");
    }
}

/// A response that nobody asked for, with the status lines that RFC 4475
/// finds odd, or with a Via of somebody else, is dropped (§3.3.9).
#[test]
fn responses_to_nothing_are_dropped() {
    for (name, bytes) in [file!("unreason"), file!("noreason"), file!("bcast")] {
        let mut gateway = Gateway::new();

        gateway.receive(Bytes::from_static(bytes), 0);

        assert!(gateway.sent().is_empty(), "{name}");
    }
}
