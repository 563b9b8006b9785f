//! How a plan says that calls are recorded.

use super::*;
use crate::domain::calling::recording::{Format, Informed, RecordingRule};
use crate::domain::plan::recording::DraftRecording;

fn training() -> DraftRecording {
    DraftRecording {
        purpose: "training".into(),
        informed_by: Some("the carrier's welcome message".into()),
        ..DraftRecording::default()
    }
}

fn recorded(recording: DraftRecording) -> Draft {
    let mut draft = good();
    draft.numbers[0].recording = Some(recording);
    draft
}

#[test]
fn nothing_is_recorded_unless_the_plan_says_so() {
    assert!(check(&good()).unwrap().numbers.iter().all(|number| number.recording.is_none()));
}

#[test]
fn a_rule_has_the_usual_values_where_it_says_nothing() {
    let plan = check(&recorded(training())).unwrap();

    assert_eq!(
        plan.numbers[5].recording,
        Some(RecordingRule {
            purpose: "training".into(),
            keep_days: 30,
            longer_because: None,
            every: 1,
            format: Format::OggOpus,
            informed: Informed::By("the carrier's welcome message".into()),
            pause_key: None
        })
    );
    assert_eq!(Draft::from(&plan).numbers[0].recording, Some(training()));
}

#[test]
fn the_rule_of_a_pool_is_that_of_each_of_its_numbers_and_reads_back() {
    let mut draft = good();
    let rich = DraftRecording {
        keep_days: Some(400),
        longer_because: Some("consumer disputes, five years by contract".into()),
        every: Some(10),
        format: Some("wav".into()),
        ..training()
    };
    draft.pools[0].recording = Some(rich.clone());

    let plan = check(&draft).unwrap();

    let rules = plan.numbers[..5].iter().map(|number| number.recording.as_ref().unwrap());
    assert!(rules.into_iter().all(|rule| (rule.every, rule.format) == (10, Format::Wav)));
    assert_eq!(plan.numbers[5].recording, None);
    let written = Draft::from(&plan);
    assert_eq!(written.pools[0].recording, Some(rich));
    let text = toml::to_string_pretty(&written).unwrap();
    assert_eq!(check(&toml::from_str(&text).unwrap()).unwrap(), plan);
}

#[test]
fn each_fault_of_a_rule_is_told() {
    type Spoil = fn(&mut DraftRecording);
    let cases: [(Spoil, &str); 11] = [
        (|r| r.purpose = " ".into(), "recording.purpose must not be empty"),
        (|r| r.purpose = "x".repeat(201), "recording.purpose is longer than 200 characters"),
        (|r| r.keep_days = Some(0), "recording.keep_days must be between 1 and 3650"),
        (|r| r.keep_days = Some(184), "recordings are kept for 183 days at the most"),
        (|r| r.every = Some(0), "recording.every must be between 1 and"),
        (|r| r.format = Some("mp3".into()), "\"mp3\" is not known here; write ogg_opus or wav"),
        (|r| r.pause_key = Some("*77777".into()), "recording.pause_key: \"*77777\" is not one to four keys"),
        (|r| r.informed_by = None, "callers must learn that they are recorded before they are connected"),
        (|r| r.notice = Some("fr-recording".into()), "callers must learn that they are recorded"),
        (|r| r.refused = Some("fr-not-recorded".into()), "callers must learn that they are recorded"),
        (
            |r| (r.notice, r.informed_by) = (Some("fr-recorded".into()), None),
            "there is no prompt \"fr-recorded\"",
        ),
    ];
    for (spoil, told) in cases {
        let mut recording = training();
        spoil(&mut recording);

        let problems = check(&recorded(recording)).unwrap_err();

        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(texts.len() == 1 && texts[0].contains(told), "{texts:?} lacks {told}");
        assert!(texts[0].starts_with("numbers \"+33199002004\": "), "{texts:?}");
    }
}

#[test]
fn the_keys_that_pause_read_back() {
    let draft = DraftRecording { pause_key: Some("*7".into()), ..training() };

    let plan = check(&recorded(draft.clone())).unwrap();

    assert_eq!(Draft::from(&plan).numbers[0].recording, Some(draft));
    assert!(
        crate::domain::plan::recording::in_short(plan.numbers[5].recording.as_ref())
            .ends_with(" pause_key *7")
    );
}

#[test]
fn a_notice_reads_back() {
    let (notice, refused) = (Some("fr-recording".to_owned()), Some("fr-not-recorded".to_owned()));
    for refused in [refused, None] {
        let draft = DraftRecording { notice: notice.clone(), refused, informed_by: None, ..training() };

        let plan = check(&recorded(draft.clone())).unwrap();

        assert_eq!(Draft::from(&plan).numbers[0].recording, Some(draft));
    }
}

#[test]
fn a_change_of_a_rule_is_told() {
    let (off, on) = (check(&good()).unwrap(), check(&recorded(training())).unwrap());

    let [change] = &diff(&off, &on)[..] else { panic!("one number changes") };

    assert_eq!(
        change.to_string(),
        "~ number +33199002004: recording nothing → purpose \"training\" keep_days 30 every 1 format ogg_opus \
         informed_by \"the carrier's welcome message\""
    );
}
