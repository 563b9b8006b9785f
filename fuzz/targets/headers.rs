//! Single values, which messages hold and settings too: credentials, addresses,
//! URIs; and a line of the spool.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence::domain::calling::record::Fact;
use whence::sip::message::{Auth, Method, NameAddr, Uri, Via};
use whence::sip::trunk::digest::{Credentials, Login};

fuzz_target!(|data: &[u8]| {
    for auth in Auth::read_all(data) {
        let _ = auth.get("nonce");
    }
    if let Some(credentials) = Credentials::read(data) {
        credentials.count();
        let login = Login { user: "user".to_owned(), password: "secret".to_owned() };
        credentials.proves(&login, &Method::Invite);
    }
    let _ = Via::parse(data);
    if let Some(address) = NameAddr::parse(data) {
        let _ = (address.display_name(), address.tag(), address.parse_uri());
    }
    if let Ok(uri) = Uri::parse(data) {
        let _ = format!("{uri:?}");
    }
    let _ = serde_json::from_slice::<Fact>(data);
});
