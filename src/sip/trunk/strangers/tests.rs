//! What is borne, what is not, and what is never held against anybody.

use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;

const PATIENCE: Patience = Patience { misses: 3, silence: Duration::from_secs(60) };
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7));

fn strangers() -> Strangers {
    Strangers::new(PATIENCE)
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_ms(1_000_000 + seconds * 1_000)
}

fn pbx() -> TrunkId {
    "pbx".parse().unwrap()
}

#[test]
fn who_never_answers_is_asked_a_few_times_and_then_not_for_a_while() {
    let mut strangers = strangers();

    let asked: Vec<bool> = (0..5).map(|second| strangers.may_be_asked(HERE, at(second))).collect();

    assert_eq!(asked, [true, true, true, false, false]);
    let listed = &strangers.list(at(5))[0];
    assert_eq!((listed.unanswered, listed.silent_until), (3, Some(at(2 + 60))));
    assert!(!strangers.may_be_asked(HERE, at(61)));
    assert!(strangers.may_be_asked(HERE, at(62)), "a while is over");
    assert!(strangers.may_be_asked("198.51.100.8".parse().unwrap(), at(5)), "somebody else");
}

#[test]
fn a_right_login_wipes_the_slate_and_is_trusted_for_an_hour() {
    let mut strangers = strangers();
    (0..5).for_each(|_| {
        strangers.may_be_asked(HERE, at(0));
    });

    strangers.proved(HERE, &pbx(), at(1));

    assert!((0..100).all(|_| strangers.may_be_asked(HERE, at(2))));
    assert!(strangers.is_proven(HERE, at(3_600)));
    assert!(!strangers.is_proven(HERE, at(3_601)));
    assert!(strangers.list(at(2)).is_empty(), "a peer is no stranger");
}

#[test]
fn wrong_logins_shut_an_address_out_for_a_while() {
    let mut strangers = strangers();
    strangers.failed(HERE, at(0));
    strangers.failed(HERE, at(1));
    assert!(!strangers.is_shut_out(HERE, at(1)));

    strangers.failed(HERE, at(2));

    assert!(strangers.is_shut_out(HERE, at(2)));
    assert!(strangers.is_shut_out(HERE, at(61)));
    assert!(!strangers.is_shut_out(HERE, at(62)));
    strangers.failed(HERE, at(62));
    assert!(!strangers.is_shut_out(HERE, at(62)), "old misses are forgotten");
}

#[test]
fn one_dead_number_dialled_again_and_again_is_one_miss() {
    let mut strangers = strangers();
    strangers.proved(HERE, &pbx(), at(0));

    (0..50).for_each(|_| strangers.missed(HERE, "0199009999", at(1)));
    assert!(!strangers.hides_numbers(HERE, at(1)));
    strangers.missed(HERE, "0199009998", at(2));
    strangers.missed(HERE, "0199009997", at(3));

    assert!(strangers.hides_numbers(HERE, at(3)));
    assert!(!strangers.hides_numbers(HERE, at(63)));
    let listed = &strangers.list(at(3))[0];
    assert_eq!((listed.numbers, listed.trunk.clone(), listed.silent_until), (3, Some(pbx()), Some(at(63))));
    assert!(!strangers.is_shut_out(HERE, at(3)) && strangers.may_be_asked(HERE, at(3)), "calls go on");
}

#[test]
fn a_limit_of_nought_counts_and_silences_nobody() {
    let mut strangers = Strangers::new(Patience { misses: 0, ..PATIENCE });

    for number in 0..1_000 {
        strangers.failed(HERE, at(0));
        strangers.missed(HERE, &number.to_string(), at(0));
        assert!(strangers.may_be_asked(HERE, at(0)));
    }

    assert!(!strangers.is_shut_out(HERE, at(0)) && !strangers.hides_numbers(HERE, at(0)));
    let listed = &strangers.list(at(0))[0];
    assert_eq!((listed.unanswered, listed.wrong_logins, listed.silent_until), (1_000, 1_000, None));
    assert!(strangers.known[&HERE].dialled.len() <= NUMBERS_MAX);
}

#[test]
fn an_ipv6_network_is_one_stranger() {
    let mut strangers = strangers();

    strangers.ignored("2001:db8::1".parse().unwrap(), at(0));
    strangers.ignored("2001:db8::ffff:1".parse().unwrap(), at(1));
    strangers.ignored("2001:db8:0:1::1".parse().unwrap(), at(2));
    strangers.ignored("::ffff:198.51.100.7".parse().unwrap(), at(3));

    let listed: Vec<_> =
        strangers.list(at(3)).into_iter().map(|s| (s.address.to_string(), s.ignored)).collect();
    let expected = [("198.51.100.7", 1), ("2001:db8:0:1::", 1), ("2001:db8::", 2)];
    assert_eq!(listed, expected.map(|(address, count)| (address.to_owned(), count)));
}

#[test]
fn whoever_was_heard_of_last_is_remembered() {
    let mut strangers = strangers();
    let address = |n: usize| IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + u32::try_from(n).unwrap()));
    for n in 0..ADDRESSES_MAX {
        strangers.ignored(address(n), at(0));
    }
    strangers.ignored(address(0), at(1));

    strangers.ignored(address(ADDRESSES_MAX), at(2));

    assert_eq!(strangers.known.len(), ADDRESSES_MAX);
    assert!(strangers.find(address(0)).is_some());
    assert!(strangers.find(address(1)).is_none(), "the one that was silent longest");
}

proptest! {
    /// Whatever comes in whatever order, memory is bounded and both sides of
    /// the map agree.
    #[test]
    fn nothing_grows(steps in proptest::collection::vec((0u32..6_000, 0u8..5, 0i64..100), 0..400)) {
        let mut strangers = strangers();
        for (who, what, second) in steps {
            let who = IpAddr::V4(Ipv4Addr::from_bits(who));
            match what {
                0 => strangers.ignored(who, at(second)),
                1 => { strangers.may_be_asked(who, at(second)); }
                2 => strangers.failed(who, at(second)),
                3 => strangers.proved(who, &pbx(), at(second)),
                _ => strangers.missed(who, &second.to_string(), at(second)),
            }
            prop_assert!(strangers.known.len() <= ADDRESSES_MAX);
            prop_assert_eq!(strangers.known.len(), strangers.order.len());
            prop_assert!(strangers.list(at(second)).len() <= strangers.known.len());
        }
    }
}
