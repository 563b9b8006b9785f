//! What a plan says of whom may be reached.

use super::*;
use crate::domain::people::rules::RuleId;
use crate::domain::plan::contactability::{DraftCap, DraftContactability};

fn drafted() -> Draft {
    let cap = DraftCap {
        id: "mails".into(),
        channel: Some("email".into()),
        count: 4,
        days: 30,
        ..DraftCap::default()
    };
    let named = DraftCap {
        id: "all".into(),
        purpose: Some("offers".into()),
        segment: Some("vip".into()),
        count: 9,
        days: 90,
        ..DraftCap::default()
    };
    let contactability = DraftContactability {
        off: vec!["phone-hours".into()],
        call_back_h: Some(24),
        zone: Some("Indian/Reunion".into()),
    };
    Draft { caps: vec![cap, named], contactability, ..good() }
}

#[test]
fn caps_and_rules_are_declared_compared_and_written_down() {
    let plan = check(&drafted()).unwrap();

    assert_eq!(plan.contactability.off.iter().collect::<Vec<_>>(), [&RuleId::PhoneHours]);
    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    let told: Vec<_> = diff(&check(&good()).unwrap(), &plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "+ cap all: purpose offers, segment vip, count 9, days 90",
            "+ cap mails: channel email, count 4, days 30",
            "~ contactability: off nothing → phone-hours, call_back_h 72 → 24, zone Europe/Paris → Indian/Reunion",
        ]
    );
}

#[test]
fn each_fault_of_a_cap_and_a_rule_is_told() {
    type Spoil = fn(&mut Draft);
    let cases: [(Spoil, &str); 9] = [
        (|it| it.caps[0].channel = Some("web_tracking".into()), "channel: \"web_tracking\" is not known"),
        (|it| it.caps[0].purpose = Some("offer".into()), "there is no purpose \"offer\""),
        (|it| it.caps[0].segment = Some("V I P".into()), "\"V I P\""),
        (|it| it.caps[0].count = 0, "count must be between 1 and 1000"),
        (|it| it.caps[0].days = 367, "days must be between 1 and 366"),
        (|it| it.caps[1].id = "mails".into(), "is declared twice"),
        (|it| it.contactability.off = vec!["phone-ours".into()], "there is no rule \"phone-ours\""),
        (|it| it.contactability.call_back_h = Some(1_000), "call_back_h must be between 0 and 336"),
        (|it| it.contactability.zone = Some("Paris".into()), "\"Paris\" cannot be read"),
    ];

    for (spoil, told) in cases {
        let mut draft = drafted();
        spoil(&mut draft);
        let problems = check(&draft).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].to_string().contains(told), "{}", problems[0]);
    }
}
