//! Single values, which messages hold and settings too: credentials, addresses,
//! URIs and the telephone numbers in them; and a line of the spool. A number
//! reads the same once it is in E.164, a fact once it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use whence::domain::calling::record::Fact;
use whence::sip::message::{Auth, Method, NameAddr, Uri, Via};
use whence::sip::trunk::digest::{Credentials, Login};
use whence::sip::trunk::numbers::{Dialled, Format, Numbers};

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
    let home = "FR".parse().ok();
    for format in [Format::Auto, Format::E164, Format::National] {
        let numbers = Numbers { home, format, dialled: Dialled::RequestUri };
        let Some(number) = numbers.of_uri(data) else { continue };
        let plain = format!("sip:{}@h", number.reveal());
        assert_eq!(numbers.of_uri(plain.as_bytes()).as_ref().map(|read| read.reveal()), Some(number.reveal()));
        let _ = (number.national(), home.map(|home| number.for_reader_in(home)));
    }
    if let Ok(fact) = serde_json::from_slice::<Fact>(data) {
        let written = serde_json::to_vec(&fact).expect("a fact can be written");
        assert_eq!(serde_json::from_slice::<Fact>(&written).expect("what was written"), fact);
    }
});
