//! Descriptions of browsers and of telephones with keys, as their makers publish
//! them: what is read of them, and what a plain telephone is given.

use std::net::IpAddr;

use crate::media::sdp::{Description, Keying, Setup, Stream, bare};
use crate::media::srtp::Suite;

/// As Chrome writes it, of which the fingerprint and its like are anybody's.
pub const CHROME: &str = "v=0\r\no=- 21249255991560522 3 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
    a=group:BUNDLE 0 1\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS stream\r\n\
    m=audio 9 UDP/TLS/RTP/SAVPF 111 63 9 0 8 13 110 126\r\nc=IN IP4 0.0.0.0\r\na=rtcp:9 IN IP4 0.0.0.0\r\n\
    a=ice-ufrag:dImP\r\na=ice-pwd:rFInqADrmnT4afhtZUyvnJgk\r\na=ice-options:trickle\r\n\
    a=fingerprint:sha-256 2A:33:9F:4C:70:16:F2:EA:17:AD:51:86:D8:E1:2E:82:63:94:EE:89:2F:AF:89:F3:EA:36:9B:8A:9C:69:50:8F\r\n\
    a=setup:actpass\r\na=mid:0\r\na=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=sendrecv\r\n\
    a=msid:stream track\r\na=rtcp-mux\r\na=rtcp-rsize\r\na=rtpmap:111 opus/48000/2\r\na=rtcp-fb:111 transport-cc\r\n\
    a=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:9 G722/8000\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n\
    a=rtpmap:126 telephone-event/8000\r\na=ssrc:2842620998 cname:vCdee5R7uS5u4dVJ\r\n\
    m=video 9 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:dImP\r\na=ice-pwd:rFInqADrmnT4afhtZUyvnJgk\r\n\
    a=fingerprint:sha-256 2A:33:9F:4C:70:16:F2:EA:17:AD:51:86:D8:E1:2E:82:63:94:EE:89:2F:AF:89:F3:EA:36:9B:8A:9C:69:50:8F\r\n\
    a=setup:actpass\r\na=mid:1\r\na=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\n";

/// As Firefox writes it: the fingerprint above all streams, attributes in the order of the alphabet.
const FIREFOX: &str = "v=0\r\no=mozilla...THIS_IS_SDPARTA-99.0 334197682572256242 0 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\n\
    a=sendrecv\r\na=fingerprint:sha-256 E3:1B:FE:36:28:50:1F:1D:58:8E:C0:E0:FB:45:F2:0B:28:DC:FE:F4:19:78:49:EB:75:50:4D:ED:3C:85:49:5D\r\n\
    a=group:BUNDLE 0\r\na=ice-options:trickle\r\na=msid-semantic:WMS *\r\n\
    m=audio 44440 UDP/TLS/RTP/SAVPF 109 9 0 8 101\r\nc=IN IP4 192.168.0.14\r\n\
    a=candidate:0 1 UDP 2122252543 192.168.0.14 44440 typ host\r\n\
    a=candidate:2 1 TCP 2105524479 192.168.0.14 9 typ host tcptype active\r\na=sendrecv\r\na=end-of-candidates\r\n\
    a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level\r\na=fmtp:109 maxplaybackrate=48000;stereo=1;useinbandfec=1\r\n\
    a=fmtp:101 0-15\r\na=ice-pwd:65255873441c59296e82b673959f8c67\r\na=ice-ufrag:7e2c17c9\r\na=mid:0\r\n\
    a=msid:{c537f11b} {6367c7c1}\r\na=rtcp-mux\r\na=rtpmap:109 opus/48000/2\r\na=rtpmap:9 G722/8000/1\r\n\
    a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000/1\r\na=setup:actpass\r\n\
    a=ssrc:1531004752 cname:{69b4b75e}\r\n";

/// As a telephone with SDES writes it: several suites, of which not all are known everywhere.
pub const SDES: &str = "v=0\r\no=FreeSWITCH 1693399738 1693399739 IN IP4 192.0.2.4\r\ns=FreeSWITCH\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n\
    m=audio 32102 RTP/SAVP 0 102 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:102 opus/48000/2\r\na=rtpmap:101 telephone-event/8000\r\n\
    a=rtcp-mux\r\na=rtcp:32102 IN IP4 192.0.2.4\r\n\
    a=crypto:1 AEAD_AES_256_GCM_8 inline:RAljZYCchVcceasO2doiQaz461C3K8Ijzm3A7CyeshLJXer7tOijXcO7Fik=\r\n\
    a=crypto:2 AEAD_AES_256_GCM inline:E5iU8QoUrWuumMzXqBQokss2XXOm18SMeVv9SuoVcT9zJhHFjUQSjO1vqKo=\r\n\
    a=crypto:4 AEAD_AES_128_GCM inline:MpFds95p8kkosg11k6kIxEBZUivYki6PaaCgcA==\r\na=ptime:20\r\n";

fn read(body: &str) -> Vec<Stream> {
    Description::read(body.as_bytes()).unwrap().streams
}

fn plain(body: &str) -> String {
    let address: IpAddr = "198.51.100.7".parse().unwrap();
    String::from_utf8(bare(body.as_bytes(), &read(body), address)).unwrap()
}

#[test]
fn browsers_are_read() {
    for (body, ufrag, is_open) in [(CHROME, "dImP", true), (FIREFOX, "7e2c17c9", true)] {
        let streams = read(body);
        let Some(Keying::Dtls(dtls)) = &streams[0].keying else { panic!("{streams:?}") };

        assert_eq!((streams[0].ufrag(), dtls.setup), (Some(ufrag), Setup::Either));
        assert!(streams[0].is_wanted && streams[0].is_open == is_open && !streams[0].is_sealed());
        assert!(streams[0].is_muxed && streams[0].mid.as_deref() == Some("0"));
        assert!(streams[1..].iter().all(|other| !other.is_live), "one stream is carried");
        assert!(Description::read(body.as_bytes()).unwrap().is_bundled);
    }
}

/// As baresip and linphone write it: no ICE, and either may begin.
pub const DTLS: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\na=tls-id:abc3de65cddef001be82\r\n\
    m=audio 4002 UDP/TLS/RTP/SAVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=setup:actpass\r\na=rtcp-mux\r\n\
    a=fingerprint:SHA-256 2A:33:9F:4C:70:16:F2:EA:17:AD:51:86:D8:E1:2E:82:63:94:EE:89:2F:AF:89:F3:EA:36:9B:8A:9C:69:50:8F\r\n";

#[test]
fn a_telephone_may_shake_hands_without_ice() {
    for (old, new, setup) in [
        ("", "", Setup::Either),
        ("setup:actpass", "setup:active", Setup::Active),
        ("setup:actpass", "setup:passive", Setup::Passive),
        ("a=setup:actpass\r\n", "", Setup::Active),
        ("t=0 0\r\n", "t=0 0\r\na=setup:passive\r\n", Setup::Either),
        ("UDP/TLS/RTP/SAVP", "RTP/SAVP", Setup::Either),
        ("UDP/TLS/RTP/SAVP", "UDP/TLS/RTP/SAVPF", Setup::Either),
    ] {
        let stream = read(&DTLS.replacen(old, new, 1)).remove(0);
        let Some(Keying::Dtls(dtls)) = &stream.keying else { panic!("{stream:?}") };

        assert_eq!((dtls.setup, &dtls.ice), (setup, &None));
        assert!(stream.is_dtls() && !stream.is_web() && !stream.is_sealed() && stream.is_muxed);
        assert_eq!(stream.rtp, Some("192.0.2.5:4002".parse().unwrap()));
    }
    let held = read(&DTLS.replace("c=IN IP4 192.0.2.5", "c=IN IP4 0.0.0.0")).remove(0);
    assert!(!held.is_wanted && !held.is_open, "noughts are a hold where there is no ICE");
    assert!(read(&DTLS.replace("UDP/TLS/RTP/SAVP", "RTP/AVP"))[0].keying.is_none());
}

#[test]
fn a_telephone_is_given_of_one_that_shakes_hands_all_but_that() {
    let expected = "v=0\r\no=- 1 1 IN IP4 192.0.2.5\r\ns=-\r\nc=IN IP4 192.0.2.5\r\nt=0 0\r\n\
        m=audio 4002 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\n";
    assert_eq!(plain(DTLS), expected);
}

#[test]
fn a_browser_that_waits_for_us_says_so_and_one_that_holds_is_not_open() {
    let answer = CHROME.replace("actpass", "passive").replace("a=sendrecv", "a=inactive");
    let stream = read(&answer).remove(0);

    assert!(matches!(&stream.keying, Some(Keying::Dtls(dtls)) if dtls.setup == Setup::Passive));
    assert!(stream.is_wanted && !stream.is_open);
}

#[test]
fn what_cannot_be_opened_stays_sealed() {
    for (old, new) in
        [("sha-256", "sha-1"), ("a=ice-pwd", "a=x"), ("a=fingerprint", "a=x"), (":8F", ":8"), (":8F", "")]
    {
        let streams = read(&CHROME.replace(old, new));
        assert!(streams[0].keying.is_none() && streams[0].is_sealed(), "{old}");
    }
    for key in [
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz UNENCRYPTED_SRTCP",
        "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19z",
        "1 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
        "AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz",
    ] {
        let body = format!("v=0\r\nc=IN IP4 192.0.2.4\r\nm=audio 4000 RTP/SAVP 0\r\na=crypto:{key}\r\n");
        assert!(read(&body)[0].keying.is_none(), "{key}");
    }
}

#[test]
fn the_first_key_that_is_known_is_taken() {
    let streams = read(SDES);
    let Some(Keying::Sdes(crypto)) = &streams[0].keying else { panic!("{streams:?}") };

    assert_eq!((crypto.tag, crypto.master.suite), (2, Suite::AeadAes256Gcm));
    assert_eq!(
        crypto.write(),
        "2 AEAD_AES_256_GCM inline:E5iU8QoUrWuumMzXqBQokss2XXOm18SMeVv9SuoVcT9zJhHFjUQSjO1vqKo="
    );
    let lasting = SDES.replace("vqKo=", "vqKo=|2^31");
    assert_eq!(read(&lasting)[0].keying, streams[0].keying);
}

#[test]
fn a_telephone_is_given_of_a_browser_what_telephones_know() {
    let expected = "v=0\r\no=- 21249255991560522 3 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n\
        m=audio 9 RTP/AVP 111 9 0 8 13 110 126\r\nc=IN IP4 198.51.100.7\r\na=sendrecv\r\n\
        a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\na=rtpmap:9 G722/8000\r\n\
        a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:13 CN/8000\r\na=rtpmap:110 telephone-event/48000\r\n\
        a=rtpmap:126 telephone-event/8000\r\n\
        m=video 0 UDP/TLS/RTP/SAVPF 96\r\nc=IN IP4 198.51.100.7\r\na=rtpmap:96 VP8/90000\r\n";
    assert_eq!(plain(CHROME), expected);
    let firefox = plain(FIREFOX);
    for gone in ["candidate", "ice-", "fingerprint", "setup", "mid", "ssrc", "extmap", "mux", "SAVP", "group"]
    {
        assert!(!firefox.contains(gone), "{gone}: {firefox}");
    }
    assert!(firefox.contains("m=audio 44440 RTP/AVP 109 9 0 8 101\r\n"));
}

#[test]
fn codecs_that_no_telephone_has_stay_where_there_are_no_others() {
    let odd = CHROME.replace("SAVPF 111 63 9 0 8 13 110 126", "SAVPF 63 126");

    assert!(plain(&odd).contains("m=audio 9 RTP/AVP 63 126\r\n"));
}

#[test]
fn a_telephone_is_given_of_one_with_keys_all_but_those() {
    let expected = "v=0\r\no=FreeSWITCH 1693399738 1693399739 IN IP4 192.0.2.4\r\ns=FreeSWITCH\r\nc=IN IP4 192.0.2.4\r\nt=0 0\r\n\
        m=audio 32102 RTP/AVP 0 102 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:102 opus/48000/2\r\n\
        a=rtpmap:101 telephone-event/8000\r\na=ptime:20\r\n";
    assert_eq!(plain(SDES), expected);
}
