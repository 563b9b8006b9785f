//! Whether a PASSporT is for this call, and whether somebody whom we trust
//! made it (RFC 8224 §6.2).

use std::time::Duration;

use super::Signed;
use super::certificate::{Anchors, Chain};
use super::passport::{Passport, is_number};
use crate::domain::calling::identity::Why;
use crate::domain::time::Timestamp;

/// RFC 8224 §6.2.1 recommends a minute: whoever records a signature can use it no longer.
const FRESH: Duration = Duration::from_secs(60);

/// Whether it was made for this call, just now.
pub fn fits(passport: &Passport, signed: &Signed, now: Timestamp) -> Result<(), Why> {
    if now.since(passport.issued_at) > FRESH || passport.issued_at.since(now) > FRESH {
        return Err(Why::Stale);
    }
    if signed.callers.is_empty() {
        return Err(Why::NoCaller);
    }
    let orig = passport.orig.as_deref().ok_or(Why::Caller)?;
    if !signed.callers.iter().any(|caller| is_number(orig, caller)) {
        return Err(Why::Caller);
    }
    let is_called = |dest: &String| signed.called.iter().any(|called| is_number(dest, called));
    if passport.dest.iter().any(is_called) { Ok(()) } else { Err(Why::Called) }
}

/// Whether the certificate is to be believed, covers the caller, and made the signature.
pub fn is_vouched_for(
    passport: &Passport,
    chain: &Chain,
    anchors: &Anchors,
    now: Timestamp,
) -> Result<(), Why> {
    if !chain.is_trusted(anchors, now) {
        return Err(Why::Untrusted);
    }
    if !chain.has_signed(&passport.input, &passport.signature) {
        return Err(Why::Signature);
    }
    let orig = passport.orig.as_deref().unwrap_or_default();
    if chain.covers(orig) { Ok(()) } else { Err(Why::NotCovered) }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::super::testing::{
        CALLED, CALLER, NOW, Operator, Token, anchors, chain, one, provider, range, signed,
    };
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn read(value: &str) -> Passport {
        Passport::read(value.as_bytes(), &Signed::default()).unwrap()
    }

    fn judge(passport: &Passport, chain_of: &Operator, anchor_of: &Operator) -> Result<(), Why> {
        is_vouched_for(passport, &chain(chain_of), &anchors(anchor_of), NOW)
    }

    #[test]
    fn a_signature_is_for_one_call_at_one_moment() {
        let passport = read(&Token::shaken("A").with(&[7; 64]));
        let own = signed(&[]);
        let other = |text: &str| vec![text.parse().unwrap()];

        for (at, expected) in [
            (NOW, Ok(())),
            (NOW + 60 * SECOND, Ok(())),
            (NOW - 60 * SECOND, Ok(())),
            (NOW + 61 * SECOND, Err(Why::Stale)),
            (NOW - 61 * SECOND, Err(Why::Stale)),
        ] {
            assert_eq!(fits(&passport, &own, at), expected, "{at}");
        }
        for (signed, expected) in [
            (Signed { callers: other("+33612345679"), ..own.clone() }, Err(Why::Caller)),
            (Signed { called: other("+33199002002"), ..own.clone() }, Err(Why::Called)),
            (Signed { callers: vec![], ..own.clone() }, Err(Why::NoCaller)),
            // The network's word for the caller, and the number before a forwarding, will do.
            (Signed { callers: [other("+33612345679"), other(CALLER)].concat(), ..own.clone() }, Ok(())),
            (Signed { called: [other("+33199002002"), other(CALLED)].concat(), ..own.clone() }, Ok(())),
        ] {
            assert_eq!(fits(&passport, &signed, NOW), expected);
        }
    }

    #[test]
    fn a_signature_holds_under_a_chain_to_one_of_our_anchors() {
        let (operator, stranger) = (Operator::new(), Operator::new());
        let passport = read(&Token::shaken("A").by(&operator));

        assert_eq!(judge(&passport, &operator, &operator), Ok(()));
        assert_eq!(judge(&passport, &operator, &stranger), Err(Why::Untrusted), "another root");
        assert_eq!(judge(&passport, &stranger, &stranger), Err(Why::Signature), "another signer");
        // rcgen's certificates are valid from 1975 to 4096.
        let never = Timestamp::from_ms(0);
        let ended = Timestamp::from_ms(100_000_000_000_000);
        for at in [never, ended] {
            let found = is_vouched_for(&passport, &chain(&operator), &anchors(&operator), at);
            assert_eq!(found, Err(Why::Untrusted), "{at}");
        }
    }

    #[test]
    fn what_was_changed_on_the_way_is_noticed() {
        let operator = Operator::new();
        let passport = read(&Token::shaken("C").by(&operator));
        let forged = Passport { input: read(&Token::shaken("A").by(&operator)).input, ..passport.clone() };
        let mut bent = passport.clone();
        bent.signature[40] ^= 1;
        let mut short = passport;
        short.signature.pop();

        for changed in [forged, bent, short] {
            assert_eq!(judge(&changed, &operator, &operator), Err(Why::Signature));
        }
    }

    proptest::proptest! {
        /// Any bytes, and a good chain of which some bytes are others, in PEM and in DER.
        #[test]
        fn any_chain_is_read_or_refused(
            any in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200),
            spoilt in proptest::collection::vec((0_usize..4_000, proptest::prelude::any::<u8>()), 1..4),
        ) {
            static GOOD: LazyLock<Operator> = LazyLock::new(Operator::new);
            let mut pem = GOOD.chain.clone().into_bytes();
            let mut der = chain(&GOOD).leaf().to_vec();
            for text in [&mut pem, &mut der] {
                let length = text.len();
                spoilt.iter().for_each(|(at, byte)| text[at % length] = *byte);
            }

            for bytes in [any, pem, der] {
                let Ok(chain) = Chain::read(&bytes) else { continue };
                chain.is_trusted(&anchors(&GOOD), NOW);
                chain.has_signed(b"", &[]);
                chain.covers(&CALLER[1..]);
            }
        }
    }

    #[test]
    fn a_certificate_for_certain_numbers_vouches_for_no_other() {
        let digits = &CALLER[1..];
        let below = format!("{}", digits.parse::<u64>().unwrap() - 5);
        for (numbers, expected) in [
            (Some(provider("1234")), Ok(())),
            (Some(one(digits)), Ok(())),
            (Some(one("33612345679")), Err(Why::NotCovered)),
            (Some(range(&below, 6)), Ok(())),
            (Some(range(&below, 5)), Err(Why::NotCovered)),
            (Some(vec![0x30, 0x03, 0x80]), Err(Why::NotCovered)),
            (None, Ok(())),
        ] {
            let operator = Operator::with_numbers(numbers.clone());
            let passport = read(&Token::shaken("A").by(&operator));
            assert_eq!(judge(&passport, &operator, &operator), expected, "{numbers:?}");
        }
    }
}
