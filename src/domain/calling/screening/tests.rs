//! Each rule in a table, and what comes before what.

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::block::{Block, Scope, Who};
use super::callers::{CALLERS_MAX, COUNT_MAX, Callers};
use super::*;
use crate::domain::calling::outcome::{HungUpBy, Outcome};
use crate::domain::calling::record::Ended;
use crate::domain::ids::CallId;
use crate::domain::outlet::Outlet;

const NOW: Timestamp = Timestamp::from_ms(1_795_348_800_000);
const SECOND: Duration = Duration::from_secs(1);
/// A number of 01 99 00, which Arcep keeps for fiction.
const CALLED: &str = "+33199002001";
/// Fictitious too (06 39 98).
const ADA: &str = "+33639981234";

fn phone(text: &str) -> Phone {
    text.parse().unwrap()
}

fn shown(text: &str) -> Caller {
    Caller::Shown(phone(text))
}

fn block(id: &str, who: Who, then: Action) -> Block {
    Block { id: id.parse().unwrap(), who, scope: Scope::All, then, until: None, note: None }
}

fn number(text: &str) -> Who {
    Who::Number(phone(text))
}

fn prefix(text: &str) -> Who {
    Who::Prefix(text.parse().unwrap())
}

fn lists(blocks: &[Block]) -> Rulebook {
    let outlet = |id: &str, parent: Option<&str>| Outlet {
        id: id.parse().unwrap(),
        parent: parent.map(|id| id.parse().unwrap()),
        name: id.to_owned(),
    };
    let outlets = [outlet("head", None), outlet("lyon", Some("head")), outlet("paris", Some("head"))];
    Rulebook { lists: Lists::new(blocks.to_vec(), &outlets), ..Rulebook::default() }
}

fn rules(then: &[(Rule, Action)]) -> Rulebook {
    Rulebook {
        settings: Settings { then: then.iter().copied().collect::<BTreeMap<_, _>>(), ..Settings::default() },
        ..Rulebook::default()
    }
}

struct Call {
    caller: Caller,
    outlet: &'static str,
    identity: Identity,
    must_be_signed: bool,
    habits: Habits,
}

fn call(caller: Caller) -> Call {
    let identity = Identity::unchecked();
    Call { caller, outlet: "lyon", identity, must_be_signed: false, habits: Habits::default() }
}

fn decide(book: &Rulebook, call: &Call) -> Option<Decision> {
    let (called, outlet) = (phone(CALLED), call.outlet.parse().unwrap());
    let knock = Knock {
        caller: &call.caller,
        called: &called,
        outlet: Some(&outlet),
        identity: &call.identity,
        must_be_signed: call.must_be_signed,
    };
    book.decide(&knock, call.habits, NOW)
}

/// The rule, the entry and the status in a line: `block_list robot 607`.
fn told(book: &Rulebook, call: &Call) -> String {
    let Some(decision) = decide(book, call) else { return "nothing".to_owned() };
    let block = decision.block.map(|id| format!(" {id}")).unwrap_or_default();
    let status = decision.status.map(|status| format!(" {status}")).unwrap_or_default();
    format!("{} {}{block}{status}", decision.verdict, decision.rule)
}

#[test]
fn an_entry_means_a_number_a_prefix_a_country_or_who_withholds_it() {
    let book = lists(&[
        block("robot", number("+33948001122"), Action::Refuse),
        block("platforms", prefix("+33949"), Action::Busy),
        block("abroad", Who::Country("BE".parse().unwrap()), Action::Mark),
        block("hidden", Who::Withheld, Action::Refuse),
    ]);

    for (caller, expected) in [
        (shown("+33948001122"), "refused block_list robot 607"),
        (shown("+33948001123"), "nothing"),
        (shown("+33949001122"), "refused block_list platforms 486"),
        (shown("+3225123452"), "marked block_list abroad"),
        (shown(ADA), "nothing"),
        (Caller::Withheld, "refused block_list hidden 607"),
        (Caller::NoNumber, "nothing"),
    ] {
        assert_eq!(told(&book, &call(caller.clone())), expected, "{caller:?}");
    }
}

#[test]
fn who_is_allowed_comes_in_whatever_else_holds() {
    let mut book = lists(&[
        block("all-mobiles", prefix("+336"), Action::Refuse),
        block("ada", number(ADA), Action::Allow),
    ]);
    book.settings = rules(&[(Rule::Rate, Action::Refuse)]).settings;
    let often = Call { habits: Habits { too_often: true, silent: true }, ..call(shown(ADA)) };

    assert_eq!(told(&book, &often), "allowed allow_list ada");
}

#[test]
fn an_allowed_number_that_somebody_else_shows_is_not_let_in_by_it() {
    let book = lists(&[
        block("all-mobiles", prefix("+336"), Action::Refuse),
        block("ada", number(ADA), Action::Allow),
    ]);
    let forged = Call { identity: Identity::of(Signature::Failed, None), ..call(shown(ADA)) };

    assert_eq!(told(&book, &forged), "refused block_list all-mobiles 607");
}

#[test]
fn the_entry_that_names_the_caller_closest_decides() {
    let book = lists(&[
        block("france", Who::Country("FR".parse().unwrap()), Action::Refuse),
        block("wide", prefix("+336"), Action::Busy),
        block("narrow", prefix("+33639"), Action::Mark),
    ]);

    assert_eq!(told(&book, &call(shown(ADA))), "marked block_list narrow");
    assert_eq!(told(&book, &call(shown("+33612345678"))), "refused block_list wide 486");
    assert_eq!(told(&book, &call(shown("+33145678901"))), "refused block_list france 607");
}

#[test]
fn an_entry_is_for_an_outlet_and_those_below_it_or_for_one_number() {
    let scoped = |id: &str, scope| Block { scope, ..block(id, number(ADA), Action::Refuse) };
    for (scope, at_lyon, at_paris) in [
        (Scope::Outlet("head".parse().unwrap()), true, true),
        (Scope::Outlet("lyon".parse().unwrap()), true, false),
        (Scope::Number(phone(CALLED)), true, true),
        (Scope::Number(phone("+33199002002")), false, false),
    ] {
        let book = lists(&[scoped("x", scope.clone())]);
        let found =
            ["lyon", "paris"].map(|outlet| decide(&book, &Call { outlet, ..call(shown(ADA)) }).is_some());
        assert_eq!(found, [at_lyon, at_paris], "{scope:?}");
    }
}

#[test]
fn an_entry_ends_by_itself() {
    let until = |at| Block { until: Some(at), ..block("x", number(ADA), Action::Refuse) };

    assert!(decide(&lists(&[until(NOW + SECOND)]), &call(shown(ADA))).is_some());
    assert_eq!(decide(&lists(&[until(NOW)]), &call(shown(ADA))), None);
}

#[test]
fn each_pattern_is_off_until_it_is_told_to_mark_or_refuse() {
    let signed = |signature, attestation| Identity { attestation, ..Identity::of(signature, None) };
    let with = |caller: &str, identity| Call { identity, ..call(shown(caller)) };
    let often = Habits { too_often: true, silent: false };
    let silent = Habits { too_often: false, silent: true };
    let cases = [
        (Rule::NoNumber, call(Caller::NoNumber)),
        (Rule::UnassignedNumber, call(shown(ADA))),
        (Rule::OwnNumber, call(shown(CALLED))),
        (Rule::PlatformNumber, call(shown("+33162001122"))),
        (Rule::PlatformNumber, call(shown("+33947512345"))),
        (Rule::PlatformNumber, call(shown("+33937001122"))),
        (Rule::IdentityFailed, with(ADA, signed(Signature::Failed, None))),
        (Rule::IdentityAbsent, with(ADA, signed(Signature::Absent, None))),
        (Rule::AttestationB, with(ADA, signed(Signature::Verified, Some(Attestation::B)))),
        (Rule::AttestationC, with(ADA, signed(Signature::Verified, Some(Attestation::C)))),
        (Rule::UnsignedMobile, with(ADA, signed(Signature::Absent, None))),
        (Rule::UnsignedMobile, with("+33712345678", signed(Signature::Verified, Some(Attestation::C)))),
        (Rule::Rate, Call { habits: often, ..call(shown(ADA)) }),
        (Rule::SilentCalls, Call { habits: silent, ..call(shown(ADA)) }),
    ];

    for (rule, breaks) in cases {
        assert_eq!(told(&Rulebook::default(), &breaks), "nothing", "{rule}");
        assert_eq!(told(&rules(&[(rule, Action::Mark)]), &breaks), format!("marked {rule}"));
        assert_eq!(told(&rules(&[(rule, Action::Refuse)]), &breaks), format!("refused {rule} 608"));
        assert_eq!(told(&rules(&[(rule, Action::Busy)]), &breaks), format!("refused {rule} 486"));
    }
}

#[test]
fn a_good_caller_breaks_no_rule() {
    let all: Vec<(Rule, Action)> = Rule::of_settings().map(|rule| (rule, Action::Refuse)).collect();
    let attested = Identity { attestation: Some(Attestation::A), ..Identity::of(Signature::Verified, None) };

    for caller in ["+33612345678", "+33145678901", "+3225123452", "+14155552671"] {
        let good = Call { identity: attested.clone(), ..call(shown(caller)) };
        assert_eq!(told(&rules(&all), &good), "nothing", "{caller}");
    }
    // Without a look at the signature nothing is held against anybody.
    assert_eq!(told(&rules(&all), &call(shown("+33612345678"))), "nothing");
    assert_eq!(told(&rules(&all), &call(Caller::Withheld)), "nothing");
}

#[test]
fn a_refusal_outweighs_a_mark_and_the_first_mark_is_told() {
    let own = |own, platform| rules(&[(Rule::OwnNumber, own), (Rule::Rate, platform)]);
    let both = Call { habits: Habits { too_often: true, silent: false }, ..call(shown(CALLED)) };

    assert_eq!(told(&own(Action::Mark, Action::Mark), &both), "marked own_number");
    assert_eq!(told(&own(Action::Mark, Action::Refuse), &both), "refused rate 608");
}

#[test]
fn where_signatures_are_demanded_each_lack_has_its_status() {
    use crate::domain::calling::identity::Why;
    for (signature, why, expected) in [
        (Signature::Verified, None, "nothing"),
        (Signature::Unchecked, Some(Why::Slow), "nothing"),
        (Signature::Absent, None, "refused identity_absent 428"),
        (Signature::Failed, Some(Why::Unsupported), "refused identity_failed 428"),
        (Signature::Failed, Some(Why::Stale), "refused identity_failed 403"),
        (Signature::Failed, Some(Why::Unreachable), "refused identity_failed 436"),
        (Signature::Failed, Some(Why::Untrusted), "refused identity_failed 437"),
        (Signature::Failed, Some(Why::Signature), "refused identity_failed 438"),
        (Signature::Failed, Some(Why::Called), "refused identity_failed 438"),
    ] {
        let identity = Identity::of(signature, why);
        let demanded = Call { must_be_signed: true, identity, ..call(shown(ADA)) };
        assert_eq!(told(&Rulebook::default(), &demanded), expected);
        assert_eq!(told(&Rulebook::default(), &Call { must_be_signed: false, ..demanded }), "nothing");
    }
}

fn settings() -> Settings {
    Settings {
        rate: rules::Limit { calls: 3, within: 60 * SECOND },
        silent: rules::Limit { calls: 2, within: 600 * SECOND },
        ..Settings::default()
    }
}

#[test]
fn a_caller_who_calls_too_often_is_known_until_they_rest() {
    let mut callers = Callers::default();
    let mut at = |seconds: u64| {
        callers.arrives(&phone(ADA), NOW + Duration::from_secs(seconds), &settings()).too_often
    };

    assert_eq!([at(0), at(1), at(2), at(3)], [false, false, false, true]);
    // Each call counts, also those that were refused.
    assert!(at(60));
    assert!(!at(121));
    assert!(!callers.arrives(&phone("+33639981235"), NOW, &settings()).too_often);
}

fn ended(outcome: Outcome, answered_at: Option<u64>, at: u64) -> Ended {
    let after = |seconds| NOW + Duration::from_secs(seconds);
    Ended {
        call: CallId(uuid::Uuid::nil()),
        outcome,
        sip_status: 200,
        hung_up_by: HungUpBy::Caller,
        reason: None,
        ringing_at: None,
        answered_at: answered_at.map(after),
        at: after(at),
    }
}

#[test]
fn a_call_is_silent_when_it_ends_as_soon_as_it_is_answered_or_before() {
    for (ended, silent) in [
        (ended(Outcome::Answered, Some(10), 12), true),
        (ended(Outcome::Answered, Some(10), 13), false),
        (ended(Outcome::Abandoned, None, 1), true),
        (ended(Outcome::Abandoned, None, 2), false),
        (ended(Outcome::Missed, None, 1), false),
        (ended(Outcome::Blocked, None, 0), false),
    ] {
        let mut callers = Callers::default();
        for _ in 0..2 {
            callers.leaves(&phone(ADA), NOW, &ended, &settings());
        }
        let habits = callers.arrives(&phone(ADA), NOW + 20 * SECOND, &settings());
        assert_eq!(habits.silent, silent, "{ended:?}");
        assert!(!callers.arrives(&phone(ADA), NOW + 700 * SECOND, &settings()).silent, "{ended:?}");
    }
}

#[test]
fn the_memory_of_callers_has_an_end_and_keeps_those_who_call_most() {
    let mut callers = Callers::default();
    let other = |n: usize| phone(&format!("+336{n:08}"));
    for n in 0..3 * CALLERS_MAX {
        if n % (CALLERS_MAX / 4) == 0 {
            callers.arrives(&phone("+33712345678"), NOW, &settings());
        }
        callers.arrives(&other(n), NOW, &settings());
    }

    assert!(callers.len() <= 2 * CALLERS_MAX);
    assert!(callers.arrives(&phone("+33712345678"), NOW, &settings()).too_often);
    for _ in 0..2 * COUNT_MAX {
        callers.arrives(&phone(ADA), NOW, &settings());
    }
    assert!(callers.arrives(&phone(ADA), NOW, &settings()).too_often);
}

proptest! {
    /// Whatever the lists hold: who is allowed is in, and nothing is refused without a status.
    #[test]
    fn an_allowed_caller_is_in_and_a_refused_one_is_told(
        entries in prop::collection::vec((0_usize..5, 0_usize..4, any::<bool>()), 0..8),
        habits in any::<(bool, bool)>(),
    ) {
        let who = [number(ADA), prefix("+336"), Who::Country("FR".parse().unwrap()), Who::Withheld, number(CALLED)];
        let actions = [Action::Allow, Action::Mark, Action::Refuse, Action::Busy];
        let blocks: Vec<Block> = entries.iter().enumerate().map(|(nth, (of, then, over))| Block {
            until: over.then_some(NOW),
            ..block(&format!("b{nth}"), who[*of].clone(), actions[*then])
        }).collect();
        let mut book = lists(&blocks);
        book.settings = rules(&[(Rule::Rate, Action::Refuse), (Rule::SilentCalls, Action::Mark)]).settings;
        let knocks = Call { habits: Habits { too_often: habits.0, silent: habits.1 }, ..call(shown(ADA)) };

        let decision = decide(&book, &knocks);

        let allowed = entries.iter().any(|(of, then, over)| *of < 3 && *then == 0 && !over);
        prop_assert_eq!(decision.as_ref().is_some_and(|it| it.verdict == Verdict::Allowed), allowed);
        if let Some(decision) = decision {
            prop_assert_eq!(decision.refuses(), decision.status.is_some());
        }
    }
}
