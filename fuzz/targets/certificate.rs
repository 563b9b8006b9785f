//! Any bytes as a certificate, a chain of them, or the numbers that one is for:
//! nothing panics, names are those it stands for, and PEM says what DER says.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use libfuzzer_sys::fuzz_target;
use whence::domain::time::Timestamp;
use whence::sip::identity::certificate::{Anchors, Chain};
use whence::sip::identity::numbers::NumberList;
use whence::sip::transport::identity::{names, serves, stands_for};

const NUMBERS: [&str; 4] = ["33199001234", "1234", "0", ""];

fuzz_target!(|data: &[u8]| {
    for name in names(data) {
        assert_eq!(name, name.to_ascii_lowercase());
        let all = [name.clone()];
        assert!(stands_for(&all, &name) && serves(&all, &name));
    }
    let numbers = NumberList::read(data);
    let _ = NUMBERS.map(|digits| numbers.covers(digits));
    let _ = Anchors::read(&[data.to_vec()]);
    let Ok(chain) = Chain::read(data) else { return };
    chain.is_trusted(&Anchors::read(&[]).expect("nobody"), Timestamp::from_ms(1_795_348_800_000));
    chain.has_signed(b"input", &[0; 64]);
    if data.first() == Some(&0x30) {
        let pem = format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", STANDARD.encode(data));
        let written = Chain::read(pem.as_bytes()).expect("the same in PEM");
        assert_eq!(NUMBERS.map(|digits| written.covers(digits)), NUMBERS.map(|digits| chain.covers(digits)));
    }
});
