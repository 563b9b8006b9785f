//! Any bytes as a message, and everything that a message can be asked for.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use whence::sip::message::{Builder, Message, Name, ParseError};

fuzz_target!(|data: &[u8]| {
    let message = match Message::parse(Bytes::copy_from_slice(data)) {
        Ok(message) => message,
        Err(ParseError::Answerable(refusal)) => {
            refusal.answer("192.0.2.1:5060".parse().unwrap());
            return;
        }
        Err(ParseError::Ignore(_)) => return,
    };
    message.top_via();
    message.from().display_name();
    message.to().tag();
    message.call_id();
    message.cseq();
    let _ = (message.reason(), message.status(), message.body(), message.bytes());
    let _ = (message.max_forwards(), message.expires(), message.content_type());
    for name in [Name::Via, Name::Contact, Name::Other, Name::Date, Name::RecordRoute, Name::Allow] {
        message.values(name).for_each(drop);
        message.addresses(name).flatten().for_each(|address| _ = address.parse_uri());
    }
    message.vias().flatten().for_each(|via| _ = (via.branch(), via.rport(), via.received()));
    message.passed_headers(&[Name::Via]);
    let _ = format!("{message:?}");
    if message.is_request() {
        let reply = Builder::reply(&message, "192.0.2.1:5060".parse().unwrap(), 486, "Busy", Some(b"tag")).finish();
        Message::parse(reply).expect("what we answer can be read");
    }
});
