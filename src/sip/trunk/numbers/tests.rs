//! What carriers write, in several countries.

use super::*;

fn numbers(country: &str, format: Format) -> Numbers {
    Numbers { home: Some(country.parse().unwrap()), format, dialled: Dialled::RequestUri }
}

fn invite(uri: &str, lines: &str) -> Message {
    let text = format!(
        "INVITE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nTo: <sip:+33199001777@h>\r\n\
         Call-ID: c\r\nCSeq: 1 INVITE\r\n{lines}\r\n"
    );
    Message::parse(text.into()).unwrap()
}

fn dialled(numbers: Numbers, uri: &str) -> Option<String> {
    numbers.dialled(&invite(uri, "From: <sip:a@h>;tag=1\r\n")).map(|phone| phone.reveal().to_owned())
}

#[test]
fn every_way_to_write_a_french_number_is_the_same_number() {
    for uri in [
        "sip:0199001234@gw",
        "sip:33199001234@gw",
        "sip:0033199001234@gw",
        "sip:+33199001234@gw",
        "sip:%2B33199001234@gw",
        "sips:+33199001234@gw:5061",
        "sip:+33-1-99-00-12-34@gw;user=phone",
        "sip:01.99.00.12.34@gw;user=phone",
        "sip:+33(0)199001234@gw;user=phone",
        "sip:+33199001234;npdi@gw;user=phone",
        "sip:+33199001234;npdi=yes;rn=+33199009999@gw;user=phone",
        "sip:0199001234;rn=0199009999;npdi@gw;user=phone",
        "sip:0199001234;phone-context=+33@gw;user=phone",
        "sip:199001234;phone-context=+33@gw;user=phone",
        "sip:0199001234;phone-context=carrier.example@gw;user=phone",
        "tel:+33199001234",
        "tel:+33-1-99-00-12-34;npdi;rn=+33199009999",
        "tel:0199001234;phone-context=+33",
        "tel:99001234;phone-context=+331",
        "tel:0199001234;phone-context=carrier.example",
    ] {
        for format in [Format::Auto, Format::National] {
            assert_eq!(
                dialled(numbers("FR", format), uri).as_deref(),
                Some("+33199001234"),
                "{uri} {format:?}"
            );
        }
    }
}

#[test]
fn digits_alone_are_what_they_can_be_in_the_country_of_the_trunk() {
    for (country, digits, expected) in [
        // A prefix tells, whether of the country or of the world.
        ("FR", "0612345678", "+33612345678"),
        ("GB", "02079460123", "+442079460123"),
        ("DE", "030123456", "+4930123456"),
        ("US", "12025550123", "+12025550123"),
        ("US", "01133142685300", "+33142685300"),
        ("HU", "0612345678", "+3612345678"),
        // Without one, the reading that is valid.
        ("FR", "33142685300", "+33142685300"),
        ("FR", "142685300", "+33142685300"),
        ("FR", "442079460123", "+442079460123"),
        ("FR", "12025550123", "+12025550123"),
        ("BE", "3225123456", "+3225123456"),
        ("BE", "33142685300", "+33142685300"),
        ("GB", "442079460123", "+442079460123"),
        ("US", "2025550123", "+12025550123"),
        ("US", "33142685300", "+33142685300"),
        ("ES", "912345678", "+34912345678"),
        ("ES", "34912345678", "+34912345678"),
        ("IT", "0612345678", "+390612345678"),
        ("IT", "390612345678", "+390612345678"),
        ("CH", "41446681800", "+41446681800"),
        ("DE", "4930123456", "+4930123456"),
        // Valid both ways: who has a prefix at home would have written it …
        ("DE", "49212123456", "+49212123456"),
        // … and who has none writes no more than this.
        ("IT", "3906123456", "+393906123456"),
    ] {
        let found = dialled(numbers(country, Format::Auto), &format!("sip:{digits}@gw"));
        assert_eq!(found.as_deref(), Some(expected), "{country} {digits}");
    }
}

#[test]
fn who_knows_better_says_so() {
    for (country, format, digits, expected) in [
        ("IT", Format::E164, "3906123456", Some("+3906123456")),
        ("IT", Format::National, "3906123456", Some("+393906123456")),
        ("DE", Format::National, "49212123456", Some("+4949212123456")),
        ("FR", Format::E164, "0033142685300", Some("+33142685300")),
        ("FR", Format::E164, "33142685300", Some("+33142685300")),
        // No country's code begins with 0.
        ("FR", Format::E164, "0142685300", Some("+33142685300")),
        ("FR", Format::National, "442079460123", None),
        ("FR", Format::National, "+442079460123", Some("+442079460123")),
    ] {
        let found = dialled(numbers(country, format), &format!("sip:{digits}@gw"));
        assert_eq!(found.as_deref(), expected, "{country} {format:?} {digits}");
    }
    let nowhere = Numbers { home: None, ..Numbers::default() };
    assert_eq!(dialled(nowhere, "sip:0142685300@gw"), None);
    assert_eq!(dialled(nowhere, "sip:33142685300@gw").as_deref(), Some("+33142685300"));
}

#[test]
fn what_is_no_number_is_none() {
    for uri in
        ["sip:gw", "sip:alice@gw", "sip:*21@gw", "sip:112@gw", "sip:0199001234x@gw", "mailto:0199001234"]
    {
        assert_eq!(dialled(numbers("FR", Format::Auto), uri), None, "{uri}");
    }
}

#[test]
fn the_dialled_number_stands_where_the_trunk_says() {
    let lines = "From: <sip:a@h>;tag=1\r\n\
        P-Called-Party-ID: \"We\" <sip:+33199001001@h>;np=x\r\n\
        Diversion: <sip:0199001002@h>;reason=unconditional, <sip:0199001003@h>;reason=user-busy\r\n\
        History-Info: <sip:+33199001004@h>;index=1, <sip:+33199001005@h?Reason=SIP%3Bcause%3D302>;index=1.1\r\n\
        History-Info: <sip:us@gw>;index=1.1.1\r\n";
    for (place, expected) in [
        (Dialled::RequestUri, "+33199001000"),
        (Dialled::To, "+33199001777"),
        (Dialled::PCalledPartyId, "+33199001001"),
        (Dialled::Diversion, "+33199001002"),
        (Dialled::HistoryInfo, "+33199001005"),
    ] {
        let numbers = Numbers { dialled: place, ..numbers("FR", Format::Auto) };

        let found = numbers.dialled(&invite("sip:0199001000@gw", lines)).unwrap();
        assert_eq!(found.reveal(), expected, "{place:?}");

        // A call that was not forwarded is for whom it says.
        if !matches!(place, Dialled::To) {
            let plain = numbers.dialled(&invite("sip:0199001000@gw", "From: <sip:a@h>;tag=1\r\n")).unwrap();
            assert_eq!(plain.reveal(), "+33199001000", "{place:?}");
        }
    }
}

#[test]
fn a_caller_is_who_the_network_says_unless_they_withhold_it() {
    let plain = "From: \"Ann\" <sip:0639980001@h>;tag=1\r\n";
    for (lines, expected) in [
        (plain.to_owned(), Some("+33639980001")),
        ("From: <tel:+33639980001>;tag=1\r\n".to_owned(), Some("+33639980001")),
        ("From: <sip:33639980001;cpc=ordinary@h;user=phone>;tag=1\r\n".to_owned(), Some("+33639980001")),
        (format!("{plain}P-Asserted-Identity: <sip:line@h>, <tel:+33639980002>\r\n"), Some("+33639980002")),
        (format!("{plain}Remote-Party-ID: <sip:0639980003@h>;party=calling\r\n"), Some("+33639980003")),
        (
            format!(
                "{plain}Remote-Party-ID: <sip:0639980003@h>\r\nP-Asserted-Identity: <tel:+33639980002>\r\n"
            ),
            Some("+33639980002"),
        ),
        (format!("{plain}P-Asserted-Identity: <tel:+33639980002>\r\nPrivacy: id\r\n"), None),
        ("From: \"Anonymous\" <sip:anonymous@anonymous.invalid>;tag=1\r\n".to_owned(), None),
        ("From: <sip:anonymous@h>;tag=1\r\nP-Asserted-Identity: <tel:+33639980002>\r\n".to_owned(), None),
        ("From: <sip:alice@h>;tag=1\r\n".to_owned(), None),
    ] {
        let caller = numbers("FR", Format::Auto).caller(&invite("sip:+33199001234@gw", &lines));
        assert_eq!(caller.as_ref().map(Phone::reveal), expected, "{lines}");
    }
}

proptest::proptest! {
    #[test]
    fn a_number_reads_the_same_once_it_is_in_e164(
        uri in "(sip:|tel:|sips:)?[+0-9a-z;=@().% -]{0,40}",
        any: Vec<u8>,
    ) {
        for format in [Format::Auto, Format::E164, Format::National] {
            let numbers = numbers("FR", format);
            for uri in [uri.as_bytes(), &any] {
                let Some(number) = numbers.of_uri(uri) else { continue };
                let again = numbers.of_uri(format!("sip:{}@h", number.reveal()).as_bytes());
                proptest::prop_assert_eq!(again, Some(number));
            }
        }
    }
}
