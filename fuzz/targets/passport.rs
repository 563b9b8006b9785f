//! Any Identity header: nothing panics, and what was read reads the same when
//! it is written in full. With a zero byte in it, the parts before those are
//! put into base64 first: the header, the claims, the signature.
#![no_main]

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use libfuzzer_sys::fuzz_target;
use whence::domain::time::Timestamp;
use whence::sip::identity::passport::Passport;
use whence::sip::identity::{IDENTITY_LEN_MAX, Signed, verify};

const NOW: Timestamp = Timestamp::from_ms(1_795_348_800_000);

fuzz_target!(|data: &[u8]| {
    let signed = Signed {
        identities: vec![],
        date: Some(NOW),
        callers: vec!["+33612345678".parse().unwrap()],
        called: vec!["+33199002001".parse().unwrap()],
    };
    let value = value(data);
    let Ok(passport) = Passport::read(&value, &signed) else { return };
    assert!(value.len() <= IDENTITY_LEN_MAX);
    let _ = verify::fits(&passport, &signed, NOW);

    let input = String::from_utf8(passport.input.clone()).expect("base64");
    let full = format!("{input}.{};alg=ES256", URL_SAFE_NO_PAD.encode(&passport.signature));
    if full.len() <= IDENTITY_LEN_MAX {
        assert_eq!(Passport::read(full.as_bytes(), &signed), Ok(passport));
    }
});

fn value(data: &[u8]) -> Vec<u8> {
    let mut parts = data.splitn(4, |byte| *byte == 0);
    let (first, rest) = (parts.next().unwrap_or_default(), parts.collect::<Vec<_>>());
    let [claims, signature, parameters] = rest[..] else { return data.to_vec() };
    let token = [first, claims, signature].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    [token.as_bytes(), b";", parameters].concat()
}
