//! What is wrong with a ring plan is told.

use std::collections::BTreeMap;

use super::*;
use crate::domain::calling::destination::RingPlan;
use crate::domain::ids::PromptId;

#[test]
fn each_fault_of_a_ring_plan_is_told() {
    type Spoil = fn(&mut DraftDestination);
    let cases: [(Spoil, &str); 31] = [
        (|d| d.line = Some("sip:a@h".into()), "say either where it rings with line, or how with steps"),
        (|d| d.steps.clear(), "say either where it rings with line, or how with steps"),
        (
            |d| d.whisper = vec!["en-channel".into()],
            "its lines cannot be spoken to: their media go past the gateway; write media = \"relayed\"",
        ),
        (
            |d| (d.whisper, d.media) = (vec!["en-hello".into()], Some("relayed".into())),
            "there is no prompt \"en-hello\"; did you mean \"fr-welcome\"?",
        ),
        (
            |d| d.accept = Some("1".into()),
            "whoever is to press a key must be told which: accept goes with whisper, for instance [\"en-accept\"]",
        ),
        (
            |d| {
                (d.whisper, d.media) = (vec!["en-accept".into()], Some("relayed".into()));
                d.accept = Some("yes".into());
            },
            "\"yes\" is no key to take a call by; write one of 0 to 9, * and #",
        ),
        (
            |d| {
                (d.whisper, d.media) = (vec!["en-accept".into()], Some("relayed".into()));
                (d.accept, d.accept_s) = (Some("1".into()), Some(0));
            },
            "accept_s must be between 1 and 60",
        ),
        (
            |d| {
                (d.whisper, d.media) = (vec!["en-channel".into()], Some("relayed".into()));
                d.whisper_sources = [("google".into(), "en-welcome".into())].into();
            },
            "whisper_campaigns and whisper_sources go with \"en-campaign\" or \"fr-campaign\" in whisper",
        ),
        (
            |d| {
                (d.whisper, d.media) = (vec!["en-campaign".into()], Some("relayed".into()));
                d.whisper_campaigns = [("spring".into(), "en-spring".into())].into();
            },
            "there is no prompt \"en-spring\"; did you mean \"fr-welcome\"?",
        ),
        (|d| d.accept_s = Some(9), "accept_s goes with accept"),
        (|d| d.rating_s = Some(9), "rating_s goes with rating"),
        (
            |d| d.rating = Some("en-rating".into()),
            "its lines cannot be spoken to: their media go past the gateway; write media = \"relayed\"",
        ),
        (|d| d.ring_s = Some(5), "ring_s goes with line; each step has its own"),
        (
            |d| d.steps[1].trunk = Some("carier".into()),
            "there is no trunk \"carier\"; did you mean \"carrier\"?",
        ),
        (
            |d| d.steps[1].number = Some("+88299123456".into()),
            "\"+88299123456\" begins with none of the prefixes that the trunk \"carrier\" may call: +33",
        ),
        (
            |d| d.steps[1].trunk = None,
            "a step rings at one place: sip, or number and trunk, or console, or destination; or it says something: say, menu or voicemail",
        ),
        (
            |d| d.steps[0].console = true,
            "a step rings at one place: sip, or number and trunk, or console, or destination; or it says something: say, menu or voicemail",
        ),
        (
            |d| {
                d.steps.push(DraftStep { say: Some("fr-hello".into()), ..DraftStep::default() });
                d.strategy = None;
            },
            "there is no prompt \"fr-hello\"; did you mean \"fr-welcome\"?",
        ),
        (
            |d| {
                let say = Some("fr-welcome".into());
                d.steps.push(DraftStep { say, ring_s: Some(5), ..DraftStep::default() });
                d.strategy = None;
            },
            "what says something does not ring: it has neither ring_s, nor weight, nor music",
        ),
        (
            |d| {
                d.steps.push(DraftStep { say: Some("fr-welcome".into()), ..DraftStep::default() });
                d.strategy = Some("all".into());
            },
            "what is said goes with the strategy order alone: nobody can listen while something else rings",
        ),
        (
            |d| d.strategy = Some("random".into()),
            "\"random\" is no strategy; write order, all, round_robin or weighted",
        ),
        (|d| d.steps[0].weight = Some(0), "weight must be between 1 and 4294967295"),
        (|d| d.fallback = Some("counter".into()), "calls would run in a circle: counter → counter"),
        (
            |d| d.hours.as_mut().unwrap().week[0] = "weekdays".into(),
            "\"weekdays\" cannot be read; expected days and hours such as mon-fri 09:00-12:30 14:00-18:00",
        ),
        (
            |d| d.hours.as_mut().unwrap().zone = "Europe/Lyon".into(),
            "\"Europe/Lyon\" cannot be read; expected a time zone such as Europe/Paris",
        ),
        (
            |d| d.hours.as_mut().unwrap().holidays = Some("fr".into()),
            "there is no calendar \"fr\"; known are FR, FR-alsace-moselle, FR-guadeloupe, FR-guyane, FR-martinique, \
             FR-mayotte, FR-reunion",
        ),
        (
            |d| {
                d.steps.push(DraftStep { menu: Some("fr-welcome".into()), ..DraftStep::default() });
                d.strategy = None;
            },
            "keys must not be empty",
        ),
        (
            |d| {
                let keys = [("*".into(), "night".into())].into();
                d.steps.push(DraftStep { menu: Some("fr-welcome".into()), keys, ..DraftStep::default() });
                d.strategy = None;
            },
            "\"*\" is no key for a menu; write one of 0 to 9 and #: by * callers refuse to be recorded",
        ),
        (
            |d| {
                d.steps
                    .insert(0, DraftStep { voicemail: Some("fr-voicemail".into()), ..DraftStep::default() });
                d.strategy = None;
            },
            "a call ends with its voicemail: nothing comes after it, no fallback either",
        ),
        (|d| d.steps[0].longest_s = Some(5), "longest_s and keep_days go with voicemail"),
        (|d| d.steps[0].wait_s = Some(5), "keys, wait_s, tries and again go with menu"),
    ];

    for (spoil, told) in cases {
        let mut draft = rich();
        spoil(&mut draft.destinations[0]);
        let faults: Vec<String> = faults(&draft).iter().map(ToString::to_string).collect();
        assert_eq!(faults, [told]);
    }
}

#[test]
fn calls_that_would_run_in_a_circle_are_told_the_whole_way() {
    let mut draft = rich();
    draft.destinations[1].fallback = Some("counter".into());

    assert_eq!(faults(&draft), [Fault::CallsInACircle("counter → night → counter".into())]);
}

#[test]
fn a_menu_reads_back_and_leads_to_its_destinations() {
    let mut draft = rich();
    let keys = BTreeMap::from([("1".to_owned(), "night".to_owned()), ("#".to_owned(), "night".to_owned())]);
    let again = Some("fr-again".to_owned());
    let (menu, wait_s, tries) = (Some("fr-welcome".to_owned()), Some(4), Some(3));
    let step = DraftStep { menu, keys, wait_s, tries, again, ..DraftStep::default() };
    draft.destinations[0].steps.insert(0, step.clone());
    draft.destinations[0].strategy = None;

    let plan = check(&draft).unwrap();

    assert_eq!(Draft::from(&plan).destinations[0].steps[0], step);
    assert!(plan.destinations[0].ring_plan.leads_to().any(|id| id.as_str() == "night"));
    let kept = serde_json::to_string(&plan.destinations[0].ring_plan).unwrap();
    assert_eq!(serde_json::from_str::<RingPlan>(&kept).unwrap(), plan.destinations[0].ring_plan);
    draft.destinations[1].fallback = Some("counter".into());
    assert!(faults(&draft).iter().any(|fault| matches!(fault, Fault::CallsInACircle(_))));
}

#[test]
fn a_voicemail_reads_back() {
    let mut draft = rich();
    let voicemail = Some("fr-voicemail".to_owned());
    let step = DraftStep { voicemail, longest_s: Some(60), keep_days: Some(10), ..DraftStep::default() };
    draft.destinations[0].steps.push(step.clone());
    (draft.destinations[0].strategy, draft.destinations[0].fallback) = (None, None);

    let plan = check(&draft).unwrap();

    assert_eq!(Draft::from(&plan).destinations[0].steps.last(), Some(&step));
    let kept = serde_json::to_string(&plan.destinations[0].ring_plan).unwrap();
    assert_eq!(serde_json::from_str::<RingPlan>(&kept).unwrap(), plan.destinations[0].ring_plan);
}

#[test]
fn music_is_a_prompt_that_reads_back() {
    let mut draft = rich();
    draft.destinations[0].music = Some("own-welcome".into());
    draft.destinations[0].steps[0].music = Some("fr-welcome".into());

    let plan = check(&draft).unwrap();

    let ring_plan = &plan.destinations[0].ring_plan;
    let again = &Draft::from(&plan).destinations[0];
    assert_eq!(again.music, draft.destinations[0].music);
    assert_eq!(again.steps[0].music, draft.destinations[0].steps[0].music);
    assert_eq!(ring_plan.prompts().map(PromptId::as_str).collect::<Vec<_>>(), ["fr-welcome", "own-welcome"]);
    let kept = serde_json::to_string(ring_plan).unwrap();
    assert_eq!(serde_json::from_str::<RingPlan>(&kept).unwrap(), *ring_plan);
    draft.destinations[0].music = Some("own-welcom".into());
    assert!(matches!(&faults(&draft)[..], [Fault::Unknown { what: "prompt", .. }]));
}

#[test]
fn consoles_are_a_line_that_reads_back() {
    let mut draft = rich();
    let step = DraftStep { console: true, ring_s: Some(20), ..DraftStep::default() };
    draft.destinations[0].steps[0] = step.clone();

    let plan = check(&draft).unwrap();

    let ring_plan = &plan.destinations[0].ring_plan;
    assert_eq!(Draft::from(&plan).destinations[0].steps[0], step);
    assert_eq!([0, 1].map(|at| plan.destinations[at].ring_plan.rings_consoles()), [true, false]);
    let kept = serde_json::to_value(ring_plan).unwrap();
    assert_eq!(kept["steps"][0]["target"], "console");
    assert_eq!(serde_json::from_value::<RingPlan>(kept).unwrap(), *ring_plan);
}
