//! What a site says of its visits.

use super::*;
use crate::domain::plan::reading::{BadRule, DraftAliases, DraftRule, DraftTest, DraftThen, DraftWhen};
use crate::domain::tracking::source::{BadAlias, BadPattern};

fn test(how: &str, text: &str) -> Option<DraftTest> {
    let text = Some(text.to_owned());
    Some(match how {
        "equals" => DraftTest { equals: text, ..DraftTest::default() },
        "prefix" => DraftTest { prefix: text, ..DraftTest::default() },
        "suffix" => DraftTest { suffix: text, ..DraftTest::default() },
        _ => DraftTest { regex: text, ..DraftTest::default() },
    })
}

fn rule() -> DraftRule {
    DraftRule {
        name: "Fair".into(),
        when: DraftWhen { campaign: test("prefix", "fair-"), ..DraftWhen::default() },
        then: DraftThen { channel: Some("Offline".into()), ..DraftThen::default() },
    }
}

fn with_rule(spoil: fn(&mut DraftRule)) -> Vec<Fault> {
    let (mut draft, mut bad) = (good(), rule());
    spoil(&mut bad);
    draft.sites[0].rules = vec![bad];
    faults(&draft)
}

#[test]
fn each_fault_of_a_rule_is_told_with_its_name() {
    type Spoil = fn(&mut DraftRule);
    let cases: [(Spoil, BadRule); 9] = [
        (|r| r.when.campaign = Some(DraftTest::default()), BadRule::UnclearTest("campaign")),
        (
            |r| {
                r.when.source.insert(DraftTest::default()).clone_from(&DraftTest {
                    equals: Some("a".into()),
                    prefix: Some("a".into()),
                    ..DraftTest::default()
                })
            },
            BadRule::UnclearTest("source"),
        ),
        (|r| r.when.campaign = test("prefix", ""), BadRule::FitsAlways("campaign")),
        (
            |r| r.when.referrer_host = test("regex", "fair("),
            BadRule::Pattern("referrer_host", BadPattern::Syntax("unclosed group".into())),
        ),
        (|r| r.when.medium = test("suffix", &"x".repeat(201)), BadRule::TooLong("medium")),
        (|r| r.when = DraftWhen::default(), BadRule::NoCondition),
        (|r| r.then = DraftThen::default(), BadRule::NoEffect),
        (|r| r.then.source = Some(" ".into()), BadRule::Empty("source")),
        (|r| r.then.channel = Some("Paid".into()), BadRule::Channel("Paid".into())),
    ];

    for (spoil, wrong) in cases {
        assert_eq!(with_rule(spoil), [Fault::BadRule { rule: "Fair".into(), wrong }]);
    }
    assert_eq!(
        with_rule(|r| r.name = " ".into()),
        [Fault::BadRule { rule: " ".into(), wrong: BadRule::Empty("name") }]
    );
}

#[test]
fn hosts_aliases_and_numbers_of_rules_are_checked() {
    let site = |spoil: fn(&mut DraftSite)| {
        let mut draft = good();
        spoil(&mut draft.sites[0]);
        faults(&draft)
    };

    let host = site(|site| site.ignored_referrers = vec!["https://pay.example/".into()]);
    assert_eq!(host, [Fault::BadHost("https://pay.example/".into())]);
    let alias = site(|site| site.aliases.source = vec!["GCLID".into()]);
    assert_eq!(alias, [Fault::BadAlias(BadAlias::Taken("gclid".into()))]);
    let many = site(|site| site.rules = vec![rule(); 101]);
    assert_eq!(many, [Fault::TooMany { key: "rules", most: 100 }]);
}

#[test]
fn what_a_site_says_of_its_visits_reads_back_and_is_told_when_it_changes() {
    let mut draft = good();
    let before = check(&draft).unwrap();
    draft.sites[0].aliases =
        DraftAliases { campaign: vec!["mtm_campaign".into()], ..DraftAliases::default() };
    draft.sites[0].ignored_referrers = vec!["pay.example".into()];
    let mut all = rule();
    all.when.source = test("equals", "");
    all.when.landing_path = test("suffix", ".html");
    all.when.click_id = test("regex", "^g");
    all.then.source = Some("Fair".into());
    draft.sites[0].rules = vec![rule(), all];

    let plan = check(&draft).unwrap();

    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    let told: Vec<_> = diff(&before, &plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        ["~ site web: aliases nothing → campaign=mtm_campaign, ignored_referrers nothing → pay.example, \
          rules nothing → Fair: campaign prefix \"fair-\" → channel \"Offline\"; \
          Fair: source equals \"\", campaign prefix \"fair-\", landing_path suffix \".html\", click_id regex \"^g\" \
          → channel \"Offline\", source \"fair\""]
    );
}
