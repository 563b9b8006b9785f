//! What a plan says of scenarios.

use super::*;
use crate::domain::plan::scenario::DraftScenario;

fn drafted() -> Draft {
    let named = |id: &str| DraftScenario { id: id.into(), ..DraftScenario::default() };
    let own = DraftScenario {
        when: Some("segment_entered".into()),
        segment: Some("vip".into()),
        filter: Some("segment(active) and has(phone)".into()),
        channel: Some("phone".into()),
        purpose: Some("offers".into()),
        controller: Some("shop".into()),
        title: Some("Thank them".into()),
        list: Some("care".into()),
        due_hours: Some(2),
        ..named("thanks")
    };
    Draft { scenarios: vec![named("call-back"), own], ..good() }
}

#[test]
fn scenarios_are_declared_compared_and_written_down() {
    let plan = check(&drafted()).unwrap();

    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    let told: Vec<_> = diff(&check(&good()).unwrap(), &plan).iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("+ scenario call-back: when call_missed, after_minutes 30"), "{}", told[0]);
    assert!(told[1].starts_with("+ scenario thanks: when segment_entered, segment vip"), "{}", told[1]);
}

#[test]
fn each_fault_of_a_scenario_is_told() {
    type Spoil = fn(&mut DraftScenario);
    let cases: [(Spoil, &str); 9] = [
        (|it| it.when = Some("call_missd".into()), "when: \"call_missd\" is not known"),
        (|it| it.segment = None, "when: \"segment_entered\" is not known"),
        (|it| it.filter = Some("has(fax)".into()), "filter: there is no kind of identity \"fax\""),
        (|it| it.filter = Some("segment(vip)".into()), "filter: there is no segment \"vip\""),
        (|it| it.channel = Some("web_tracking".into()), "channel: \"web_tracking\" is not known"),
        (|it| it.purpose = None, "channel and purpose go together"),
        (|it| it.controller = Some("butcher".into()), "there is no controller \"butcher\""),
        (|it| it.title = None, "title must not be empty"),
        (|it| it.after_minutes = Some(20_000), "after_minutes must be between 0 and 10080"),
    ];

    for (spoil, told) in cases {
        let mut draft = drafted();
        spoil(&mut draft.scenarios[1]);
        let problems = check(&draft).unwrap_err();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].to_string().contains(told), "{}", problems[0]);
    }
}
