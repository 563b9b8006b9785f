//! What a draft may say of screening.

use super::super::screening::{DraftBlock, DraftScreening};
use super::super::*;
use super::{check, good};

/// A draft that screens.
fn screened() -> Draft {
    let block = |id: &str| DraftBlock { id: id.into(), ..DraftBlock::default() };
    Draft {
        screening: DraftScreening {
            rate: Some("refuse".into()),
            rate_calls: Some(5),
            silent_calls: Some("mark".into()),
            silent_answered_under_s: Some(4),
            ..DraftScreening::default()
        },
        blocks: vec![
            DraftBlock { number: Some("+33948001122".into()), outlet: Some("shop".into()), ..block("robot") },
            DraftBlock { prefix: Some("+33949".into()), then: Some("busy".into()), ..block("platforms") },
            DraftBlock {
                withheld: Some(true),
                called: Some("+33199002004".into()),
                until: Some("2027-01-01T00:00:00.000Z".into()),
                ..block("hidden")
            },
            DraftBlock { country: Some("BE".into()), then: Some("allow".into()), ..block("friends") },
        ],
        ..good()
    }
}

#[test]
fn screening_written_down_reads_back_as_the_same() {
    let plan = check(&screened()).unwrap();

    let draft = Draft::from(&plan);

    assert_eq!((&draft.screening, &draft.blocks), (&screened().screening, &screened().blocks));
    assert_eq!(check(&draft).unwrap(), plan);
    let stored = serde_json::to_string(&plan.screening).unwrap();
    assert_eq!(serde_json::from_str::<Settings>(&stored).unwrap(), plan.screening);
}

#[test]
fn each_fault_of_screening_is_told() {
    type Spoil = fn(&mut Draft);
    let cases: [(Spoil, &str); 11] = [
        (
            |d| d.screening.rate = Some("allow".into()),
            "screening: rate: \"allow\" is not known here; write off, mark, refuse or busy",
        ),
        (|d| d.screening.rate_calls = Some(101), "screening: rate_calls must be between 1 and 100"),
        (|d| d.screening.rate_within_s = Some(0), "screening: rate_within_s must be between 1 and 604800"),
        (
            |d| d.blocks[0].prefix = Some("+33".into()),
            "blocks \"robot\": say whom it means in one way: number, prefix, country, or withheld = true",
        ),
        (
            |d| d.blocks[0].number = Some("12".into()),
            "blocks \"robot\": \"12\" is no telephone number; write it with + and its country code",
        ),
        (
            |d| d.blocks[1].prefix = Some("33".into()),
            "blocks \"platforms\": not the beginning of telephone numbers; write + and 1 to 14 digits, for instance \
             +33948",
        ),
        (
            |d| d.blocks[3].country = Some("XX".into()),
            "blocks \"friends\": \"XX\" is no country of ISO 3166-1, for instance \"FR\"",
        ),
        (
            |d| d.blocks[0].outlet = Some("shpo".into()),
            "blocks \"robot\": there is no outlet \"shpo\"; did you mean \"shop\"?",
        ),
        (
            |d| d.blocks[2].called = Some("+33199009999".into()),
            "blocks \"hidden\": there is no number \"+33199009999\"",
        ),
        (
            |d| d.blocks[2].until = Some("soon".into()),
            "blocks \"hidden\": \"soon\" is no time; write it as in RFC 3339, for instance \"2026-12-31T18:00:00Z\"",
        ),
        (|d| d.blocks[1].id = "robot".into(), "blocks \"robot\": is declared twice"),
    ];

    for (spoil, told) in cases {
        let mut draft = screened();
        spoil(&mut draft);
        let problems: Vec<String> = check(&draft).unwrap_err().iter().map(ToString::to_string).collect();
        assert_eq!(problems, [told]);
    }
}

#[test]
fn a_change_of_screening_is_told_by_the_rule_and_the_entry() {
    let before = check(&good()).unwrap();
    let mut draft = good();
    draft.screening.own_number = Some("refuse".into());
    draft.blocks = screened().blocks.drain(..1).collect();

    let lines: Vec<String> = diff(&before, &check(&draft).unwrap()).iter().map(ToString::to_string).collect();

    assert_eq!(
        lines,
        [
            "+ block robot: who number +33948001122, scope shop, then refuse",
            "~ screening: own_number off → refuse"
        ]
    );
}
