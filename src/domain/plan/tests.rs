//! What a draft may say, and what a difference tells.

use proptest::prelude::*;

use super::consent::{DraftController, DraftPurpose};
use super::diff::{Action, Thing};
use super::draft::{DraftDestination, DraftNumber, DraftOutlet, DraftPool, DraftSite};
use super::problem::{Fault, Hint};
use super::ring_plan::{DraftHours, DraftStep};
use super::screening::DraftScreening;
use super::*;
use crate::domain::calling::destination::{MediaPath, RingPlan};
use crate::domain::calling::tolls::Exit;

mod consent;
mod contactability;
mod medium;
mod people;
mod reading;
mod recording;
mod retention;
mod rfm;
mod ring_plan;
mod scenario;
mod screening;
mod webhook;

fn outlet(id: &str, parent: Option<&str>) -> DraftOutlet {
    DraftOutlet { id: id.into(), name: id.to_uppercase(), parent: parent.map(Into::into) }
}

/// A draft without a fault.
fn good() -> Draft {
    Draft {
        outlets: vec![outlet("shop", Some("head")), outlet("head", None)],
        sites: vec![DraftSite {
            id: "web".into(),
            name: "Web".into(),
            outlet: "shop".into(),
            origins: vec!["https://example.org".into()],
            ..DraftSite::default()
        }],
        destinations: vec![DraftDestination {
            id: "counter".into(),
            name: "Counter".into(),
            outlet: "shop".into(),
            line: Some("sip:counter@127.0.0.1:5070".into()),
            ring_s: Some(30),
            ..DraftDestination::default()
        }],
        pools: vec![DraftPool {
            id: "pool".into(),
            site: "web".into(),
            target: "+33199000001".into(),
            destination: "counter".into(),
            keep_alive_s: 1200,
            quarantine_s: 600,
            ageing_s: 0,
            calls_at_once: None,
            numbers: vec!["+33199001000..+33199001003".into(), "+33199001005".into()],
            recording: None,
        }],
        numbers: vec![DraftNumber {
            e164: "+33199002004".into(),
            label: "Paid search".into(),
            outlet: "head".into(),
            destination: "counter".into(),
            calls_at_once: Some(2),
            channel: "Paid Search".into(),
            source: "website".into(),
            medium: "cpc".into(),
            campaign: None,
            site: Some("web".into()),
            target: Some("+33199000001".into()),
            ..DraftNumber::default()
        }],
        screening: DraftScreening::default(),
        blocks: vec![],
        purposes: vec![DraftPurpose {
            id: "offers".into(),
            kind: None,
            name_en: "Offers".into(),
            name_fr: "Offres".into(),
            channels: vec!["sms".into(), "web_tracking".into()],
        }],
        controllers: vec![DraftController {
            id: "shop".into(),
            name: "Shop SAS".into(),
            address: "1 rue du Four, Lyon".into(),
            email: "privacy@example.org".into(),
            policy_url: Some("https://example.org/privacy".into()),
        }],
        ..Draft::default()
    }
}

fn check(draft: &Draft) -> Result<Plan, Vec<Problem>> {
    let exit = Exit {
        trunk: "carrier".parse().unwrap(),
        leads_out: true,
        prefixes: vec!["+33".into()],
        calls_per_day: None,
    };
    draft.check(&[exit], &["own-welcome".parse().unwrap()], |_, known| {
        known.first().map(|name| (*name).to_owned())
    })
}

fn faults(draft: &Draft) -> Vec<Fault> {
    check(draft).unwrap_err().into_iter().map(|problem| problem.fault).collect()
}

#[test]
fn a_good_draft_is_a_plan_with_parents_first() {
    let plan = check(&good()).unwrap();

    assert_eq!(plan.outlets.iter().map(|o| o.id.as_str()).collect::<Vec<_>>(), ["head", "shop"]);
    assert_eq!(plan.numbers.len(), 6);
    assert!(plan.numbers[..5].iter().all(|number| number.outlet.as_str() == "shop"));
}

#[test]
fn a_plan_written_down_reads_back_as_the_same_plan() {
    let plan = check(&good()).unwrap();

    let draft = Draft::from(&plan);

    assert_eq!(draft.pools[0].numbers, ["+33199001000..+33199001003", "+33199001005"]);
    assert_eq!(check(&draft).unwrap(), plan);
}

#[test]
fn each_fault_is_told() {
    type Spoil = fn(&mut Draft);
    let cases: [(&str, Spoil, Fault); 19] = [
        ("name", |d| d.sites[0].name = " ".into(), Fault::Empty("name")),
        ("twice", |d| d.outlets.push(outlet("head", None)), Fault::Twice),
        ("parent", |d| d.outlets[0].parent = Some("haed".into()), unknown("outlet", "haed", "shop")),
        ("site", |d| d.pools[0].site = "wep".into(), unknown("site", "wep", "web")),
        ("own parent", |d| d.outlets.push(outlet("lost", Some("lost"))), Fault::Cycle),
        ("origin", |d| d.sites[0].origins[0].push('/'), Fault::BadOrigin("https://example.org/".into())),
        ("no origin", |d| d.sites[0].origins.clear(), Fault::Empty("origins")),
        ("line", |d| d.destinations[0].line = Some("counter".into()), Fault::BadLine("counter".into())),
        ("ring", |d| d.destinations[0].ring_s = Some(0), bounds("ring_s", 1, 600)),
        ("target", |d| d.pools[0].target = "0199".into(), Fault::BadPhone("0199".into())),
        ("keep alive", |d| d.pools[0].keep_alive_s = 89, bounds("keep_alive_s", 90, 2_592_000)),
        ("quarantine", |d| d.pools[0].quarantine_s = u64::MAX, bounds("quarantine_s", 0, 31_536_000)),
        ("ageing", |d| d.pools[0].ageing_s = u64::MAX, bounds("ageing_s", 0, 31_536_000)),
        (
            "headless",
            |d| d.sites[0].headless = Some("maybe".into()),
            Fault::BadAction { key: "headless", word: "maybe".into(), known: "refuse or lend" },
        ),
        ("in two", |d| d.numbers[0].e164 = "+33199001001".into(), Fault::NumberTwice("+33199001001".into())),
        ("channel", |d| d.numbers[0].channel = "paid".into(), Fault::BadChannel("paid".into())),
        ("half", |d| d.numbers[0].target = None, Fault::HalfAPlace),
        ("label", |d| d.numbers[0].label.clear(), Fault::Empty("label")),
        ("source", |d| d.numbers[0].source.clear(), Fault::Empty("source")),
    ];

    for (name, spoil, fault) in cases {
        let mut draft = good();
        spoil(&mut draft);
        assert_eq!(faults(&draft), [fault], "{name}");
    }
}

fn unknown(what: &'static str, name: &str, hint: &str) -> Fault {
    Fault::Unknown { what, name: name.into(), hint: Hint(Some(hint.into())) }
}

fn bounds(key: &'static str, least: u64, most: u64) -> Fault {
    Fault::OutOfBounds { key, least, most }
}

#[test]
fn two_pools_or_two_numbers_cannot_do_the_same_job() {
    let mut draft = good();
    draft.pools.push(DraftPool { id: "again".into(), numbers: vec![], ..draft.pools[0].clone() });
    draft.numbers.push(DraftNumber { e164: "+33199002005".into(), ..draft.numbers[0].clone() });

    assert_eq!(
        faults(&draft),
        [Fault::SameJob { name: "pool".into() }, Fault::SameJob { name: "+33199002004".into() }]
    );
}

#[test]
fn every_outlet_of_a_ring_is_told() {
    let mut draft = good();
    draft.outlets = vec![outlet("shop", Some("head")), outlet("head", Some("shop"))];

    assert_eq!(faults(&draft), [Fault::Cycle, Fault::Cycle]);
}

#[test]
fn all_problems_are_told_at_once_with_their_places() {
    let mut draft = good();
    draft.sites[0].outlet = "shpo".into();
    draft.destinations[0].line = Some("tel:+33199000001".into());
    draft.numbers[0].e164 = "12".into();

    let told: Vec<String> = check(&draft).unwrap_err().iter().map(ToString::to_string).collect();

    assert_eq!(
        told,
        [
            "sites \"web\": there is no outlet \"shpo\"; did you mean \"shop\"?",
            "destinations \"counter\": \"tel:+33199000001\" is no SIP URI; write sip:user@host or sip:user@host:port, and behind it ;transport=tcp or tls where it is needed",
            "numbers \"12\": \"12\" is no telephone number; write it with + and its country code",
        ]
    );
}

#[test]
fn a_line_is_a_sip_uri_with_a_user_and_a_host() {
    for (line, fine) in [
        ("sip:counter@127.0.0.1:5070", true),
        ("sip:+33199000001@carrier.example", true),
        ("sip:a.b-c@[2001:db8::1]:5061", true),
        ("sip:a@h;transport=tcp", true),
        ("sip:a@h;transport=tls", true),
        ("sips:a@h", true),
        ("sip:a@h;transport=ws", false),
        ("sip:127.0.0.1", false),
        ("sip:@host", false),
        ("sip:a b@host", false),
        ("sip:a@host:port", false),
        ("sip:a@host/path", false),
        ("sip:a@b@c", false),
        ("sip:a@", false),
    ] {
        let mut draft = good();
        draft.destinations[0].line = Some(line.into());
        assert_eq!(check(&draft).is_ok(), fine, "{line}");
    }
}

fn sip(user: &str) -> DraftStep {
    DraftStep { sip: Some(format!("sip:{user}@192.0.2.1")), ..DraftStep::default() }
}

/// A destination with everything that one can have.
fn rich() -> Draft {
    let mut draft = good();
    let number = Some("+33612345678".to_owned());
    draft.destinations[0] = DraftDestination {
        line: None,
        ring_s: None,
        strategy: Some("weighted".into()),
        steps: vec![
            DraftStep { weight: Some(3), ring_s: Some(15), ..sip("a") },
            DraftStep { number, trunk: Some("carrier".into()), ..DraftStep::default() },
            DraftStep { destination: Some("night".into()), ..DraftStep::default() },
        ],
        calls_at_once: Some(4),
        fallback: Some("night".into()),
        hours: Some(DraftHours {
            zone: "Europe/Paris".into(),
            week: vec!["mon-fri 09:00-12:30 14:00-18:00".into()],
            holidays: Some("FR".into()),
            closed: vec!["2026-08-01..2026-08-15".into()],
            special: vec!["2026-12-24 09:00-12:00".into()],
            outside: Some("night".into()),
        }),
        ..draft.destinations[0].clone()
    };
    draft.destinations.push(DraftDestination { id: "night".into(), ..good().destinations.remove(0) });
    draft
}

#[test]
fn a_ring_plan_written_down_reads_back_as_the_same() {
    let plan = check(&rich()).unwrap();

    let draft = Draft::from(&plan);

    assert_eq!(draft.destinations[1].line.as_deref(), Some("sip:counter@127.0.0.1:5070"));
    assert_eq!(check(&draft).unwrap(), plan);
    let stored = serde_json::to_string(&plan.destinations[0].ring_plan).unwrap();
    assert_eq!(serde_json::from_str::<RingPlan>(&stored).unwrap(), plan.destinations[0].ring_plan);
}

#[test]
fn media_go_past_unless_the_plan_says_that_they_are_relayed() {
    let path = |media: Option<&str>| {
        let mut draft = good();
        draft.destinations[0].media = media.map(Into::into);
        check(&draft)
            .map(|plan| (plan.destinations[0].media, Draft::from(&plan).destinations[0].media.clone()))
    };

    assert_eq!(path(None), Ok((MediaPath::Past, None)));
    assert_eq!(path(Some("past")), Ok((MediaPath::Past, None)));
    assert_eq!(path(Some("relayed")), Ok((MediaPath::Relayed, Some("relayed".into()))));
    let fault = Fault::BadAction { key: "media", word: "loud".into(), known: "past or relayed" };
    assert_eq!(path(Some("loud")).unwrap_err()[0].fault, fault);
}

#[test]
fn a_difference_is_told_in_a_line() {
    let before = check(&good()).unwrap();
    let mut draft = good();
    draft.pools[0].keep_alive_s = 600;
    draft.pools[0].numbers = vec!["+33199001000..+33199001003".into(), "+33199001006".into()];
    draft.numbers[0].campaign = Some("spring".into());
    let after = check(&draft).unwrap();

    let lines: Vec<String> = diff(&before, &after).iter().map(ToString::to_string).collect();

    assert_eq!(
        lines,
        [
            "~ pool pool: keep_alive_s 1200 → 600",
            "- number +33199001005: out of service",
            "+ number +33199001006: label pool pool, outlet shop, destination counter, pool pool",
            "~ number +33199002004: campaign nothing → spring",
        ]
    );
}

#[test]
fn only_a_number_that_goes_or_changes_its_pool_is_taken_from_its_visit() {
    let before = check(&good()).unwrap();
    let mut after = before.clone();
    after.numbers[0].label = "new name".into();
    after.numbers[1].kind = after.numbers[5].kind.clone();
    after.numbers.remove(2);

    let changes = diff(&before, &after);
    let taken: Vec<&str> = changes.iter().filter_map(Change::orphans).map(Phone::reveal).collect();

    assert_eq!(taken, ["+33199001001", "+33199001002"]);
    assert!(diff(&Plan::default(), &before).iter().all(|change| change.orphans().is_none()));
}

proptest! {
    /// Which entries there are on either side says what is done to each.
    #[test]
    fn what_is_missing_is_created_what_is_left_over_removed(before: [bool; 6], after: [bool; 6]) {
        let whole = check(&good()).unwrap();
        let part = |present: [bool; 6]| Plan {
            numbers: whole.numbers.iter().zip(present).filter(|(_, p)| *p).map(|(n, _)| n.clone()).collect(),
            ..whole.clone()
        };

        let changes = diff(&part(before), &part(after));

        for (number, (was, will)) in whole.numbers.iter().zip(before.into_iter().zip(after)) {
            let thing = Thing::Number(number.e164.clone());
            let action = changes.iter().find(|change| change.thing == thing).map(|change| change.action);
            let expected = match (was, will) {
                (false, true) => Some(Action::Create),
                (true, false) => Some(Action::Remove),
                (true, true) | (false, false) => None,
            };
            prop_assert_eq!(action, expected);
        }
    }
}
