//! What may pass where sound has to be sealed, and what is refused.

use bytes::Bytes;

use super::*;
use crate::media::exchange::sealing::tests::*;
use crate::media::exchange::{Change, Sealing};
use crate::media::sdp::Unfit;
use crate::media::sdp::tests_sealed::DTLS as HANDS;

const KEY: &str = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz\r\n";

fn with_key() -> String {
    plain("8", KEY).replace("RTP/AVP", "RTP/SAVP")
}

/// A line that was dialled so and offered a plain telephone's media.
fn dialled(profile: Profile) -> Exchange {
    let mut exchange = exchange();
    exchange.dials(LINE, None, profile);
    passes(&mut exchange, CALLER, LINE, &plain("8 0", ""), false);
    exchange
}

fn is_refused(exchange: &mut Exchange, from: LegId, to: LegId, body: &str, is_asked: bool) -> Past {
    let body = Bytes::copy_from_slice(body.as_bytes());
    exchange.says(from, body.clone());
    let refused = exchange.gives(to, &body, is_asked, plenty).unwrap_err();
    assert!(exchange.must_seal(to, &body));
    refused
}

#[test]
fn a_line_may_answer_in_the_profile_that_it_was_dialled_with_and_in_no_other() {
    let answers = [plain("8", ""), with_key(), HANDS.replace("actpass", "active")];
    for (profile, fits) in [
        (Profile::Plain, [true; 3]),
        (Profile::Sdes, [false, true, false]),
        (Profile::Dtls, [false, false, true]),
    ] {
        for (answer, fits) in answers.iter().zip(fits) {
            let mut exchange = dialled(profile);
            let misfit = exchange.misfit(LINE, answer.as_bytes());
            assert_eq!(misfit, (!fits).then_some(Past::Unkeyed), "{profile:?}: {answer}");
            if fits {
                passes(&mut exchange, LINE, CALLER, answer, false);
            } else {
                // Whoever carries it all the same is told so as well.
                assert_eq!(is_refused(&mut exchange, LINE, CALLER, answer, false), Past::Unkeyed);
            }
        }
    }
}

#[test]
fn a_line_that_has_described_itself_nowhere_does_not_fit() {
    let mut exchange = dialled(Profile::Sdes);
    assert_eq!(exchange.misfit(LINE, b""), Some(Past::Unsaid));

    exchange.says(LINE, with_key().into());
    assert_eq!(exchange.misfit(LINE, b""), None);
}

#[test]
fn what_cannot_be_relayed_does_not_go_past_a_line_that_has_to_be_sealed_and_all_is_as_before() {
    let streams = "m=audio 6002 RTP/AVP 8\r\n".repeat(8);
    for (odd, why) in [
        (plain("8", &streams), Past::Unfit(Unfit::TooMany)),
        (plain("8", "m=message 9 TCP/MSRP *\r\n"), Past::Unfit(Unfit::Transport)),
        (plain("8", "a=crypto:1 UNKNOWN inline:x\r\n").replace("RTP/AVP", "RTP/SAVP"), Past::Sealed),
        (plain("", "").replace("audio 6000 RTP/AVP ", "image 6000 udptl t38"), Past::Sealed),
    ] {
        let mut exchange = dialled(Profile::Sdes);
        passes(&mut exchange, LINE, CALLER, &with_key(), false);

        assert_eq!(is_refused(&mut exchange, CALLER, LINE, &odd, true), why);

        assert!(exchange.is_open());
        assert_eq!(exchange.replies(LINE, false), []);
        let (hold, changes) = passes(&mut exchange, CALLER, LINE, &plain("8", "a=sendonly\r\n"), true);
        assert!(hold.contains("m=audio 31000 RTP/SAVP 8"), "{hold}");
        assert!(matches!(changes[..], [Change::Describe(CALLER, _)]), "{changes:?}");
    }
}

#[test]
fn what_the_caller_says_has_to_be_relayed_only_while_they_hear_a_line_that_is_sealed() {
    let odd = plain("8", "m=message 9 TCP/MSRP *\r\n");
    for (profile, misfit) in [(Profile::Plain, None), (Profile::Dtls, Some(Past::Unfit(Unfit::Transport)))] {
        let mut exchange = dialled(profile);
        assert_eq!(exchange.misfit(CALLER, odd.as_bytes()), None);

        let answer =
            if profile == Profile::Dtls { HANDS.replace("actpass", "active") } else { plain("8", "") };
        passes(&mut exchange, LINE, CALLER, &answer, false);

        assert_eq!(exchange.misfit(CALLER, odd.as_bytes()), misfit);
        assert_eq!(exchange.misfit(CALLER, plain("8", "").as_bytes()), None, "it may be plain itself");
        assert_eq!(exchange.is_sealed(CALLER), profile == Profile::Dtls);
    }
}

#[test]
fn a_line_that_is_dialled_with_keys_is_offered_them_alone_or_nothing() {
    let mut exchange = dialled(Profile::Sdes);
    let fax = plain("8 0", "m=image 6002 udptl t38\r\n");
    let (offered, _) = passes(&mut exchange, CALLER, LINE, &fax, false);
    assert!(offered.contains("m=audio 31000 RTP/SAVP 8 0 96\r\n"), "{offered}");
    assert!(line(&offered, "a=crypto").starts_with("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:"));
    assert!(offered.contains("m=image 0 udptl t38\r\n"), "it would not be sealed: {offered}");

    let unknown = plain("8", "a=crypto:1 UNKNOWN inline:x\r\n").replace("RTP/AVP", "RTP/SAVP");
    exchange.dials(OTHER, None, Profile::Sdes);
    assert_eq!(is_refused(&mut exchange, CALLER, OTHER, &unknown, false), Past::Sealed);
    assert_eq!(exchange.given_to(OTHER), None);
}

#[test]
fn a_session_that_was_refused_opens_nothing() {
    let mut exchange = dialled(Profile::Dtls);
    let (_, changes) = passes(&mut exchange, LINE, CALLER, &HANDS.replace("actpass", "active"), false);
    assert!(matches!(sealings(&changes)[..], [Sealing::Dtls { .. }]));

    assert_eq!(is_refused(&mut exchange, LINE, CALLER, &plain("8", ""), true), Past::Unkeyed);

    assert_eq!(exchange.replies(CALLER, true), []);
}
