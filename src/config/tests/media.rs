//! Where the sound of relayed calls comes in, as it follows from `[media]` and `[sip]`.

use super::*;

fn faces(text: &str) -> Vec<String> {
    let config = parse(text).unwrap();
    let faces = config.media.faces(&config.sip);
    faces.iter().map(|(address, told)| format!("{address} as {told}")).collect()
}

#[test]
fn it_comes_in_where_sip_does_and_is_told_as_sip_is() {
    for (text, expected) in [
        ("", &["127.0.0.1 as 127.0.0.1"][..]),
        (
            "[sip]\nlisten = [\"udp:0.0.0.0:5060\"]\nadvertised = \"203.0.113.10\"\n",
            &["0.0.0.0 as 203.0.113.10"],
        ),
        (
            "[sip]\nlisten = [\"udp:192.0.2.1:5060\", \"tcp:192.0.2.2:5060\", \"udp:[2001:db8::1]:5060\"]\n",
            &["192.0.2.1 as 192.0.2.1", "2001:db8::1 as 2001:db8::1"],
        ),
        // A name is no place for packets.
        ("[sip]\nlisten = [\"udp:0.0.0.0:5060\"]\nadvertised = \"sip.example.org\"\n", &[]),
        (
            "[sip]\nlisten = [\"udp:0.0.0.0:5060\"]\nadvertised = \"sip.example.org\"\n\
             [media]\nadvertised = [\"203.0.113.10\"]\n",
            &["0.0.0.0 as 203.0.113.10"],
        ),
        (
            "[media]\nlisten = [\"10.0.0.1\", \"::1\"]\nadvertised = [\"203.0.113.10\"]\n",
            &["10.0.0.1 as 203.0.113.10", "::1 as ::1"],
        ),
    ] {
        assert_eq!(faces(text), expected, "{text}");
    }
}

#[test]
fn what_cannot_be_is_told() {
    for (text, told) in [
        ("listen = [\"0.0.0.0\"]", "nobody can send to \"every address\""),
        ("listen = [\"10.0.0.1\", \"10.0.0.2\"]", "there is one address a family"),
        ("listen = [\"eth0\"]", "expected an address"),
        ("first_port = 5000\nlast_port = 5000", "a stream takes two ports"),
        ("first_port = 20001\nlast_port = 20002", "a stream takes two ports"),
        ("first_port = 80", "80 is not within 1024 to 65535"),
    ] {
        let error = parse(&format!("[media]\n{text}\n")).unwrap_err();
        assert!(error.contains(told), "{text}: {error}");
    }
}
