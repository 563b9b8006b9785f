//! Calls on whose way the gateway says something itself.

use super::*;
use crate::domain::calling::handover::Accept;
use crate::domain::calling::key::Key;
use crate::domain::calling::prompt::{Menu, Notice, Voicemail};

/// The gateway says something, then one line rings.
fn spoken() -> Way {
    let mut way = way(&[1]);
    way.steps.insert(0, Step::Say("fr-welcome".parse().unwrap()));
    way
}

pub(super) fn answer(leg: LegId) -> Input {
    Input::Answered { leg, payload: Payload { body: "answer".into(), ..Payload::default() } }
}

#[test]
fn a_caller_is_answered_told_something_and_given_to_the_line() {
    let (_, out) = run_on(spoken(), vec![(4, Input::Said { leg: LegId::CALLER }), (9, answer(LegId::LINE))]);

    let [
        Output::Attend,
        Output::Say { .. },
        Output::Dial { leg: LegId::LINE, .. },
        Output::Ring { music: None },
        Output::RecordAnswered(answered),
        Output::Align { leg: LegId::CALLER, payload },
    ] = &out[..]
    else {
        panic!("{out:?}")
    };
    assert_eq!((answered.at, &payload.body[..]), (at(9), &b"answer"[..]));
}

#[test]
fn who_cannot_be_spoken_to_is_carried_as_if_nothing_were_to_be_said() {
    let (_, out) = run_on(spoken(), vec![(0, Input::Mute { leg: LegId::CALLER }), (9, answer(LegId::LINE))]);

    assert!(matches!(
        out[2..],
        [Output::Dial { .. }, Output::RecordAnswered(_), Output::Answer { leg: LegId::LINE, .. }]
    ));
}

#[test]
fn who_hangs_up_while_they_are_told_something_has_abandoned_the_call() {
    let (call, out) = run_on(spoken(), vec![(2, Input::HungUp { leg: LegId::CALLER })]);

    assert!(call.is_over());
    let ended = ended(&out);
    assert_eq!((ended.outcome, ended.sip_status, ended.answered_at), (Outcome::Abandoned, 200, None));
}

#[test]
fn who_was_answered_hears_no_refusal_and_is_hung_up() {
    let busy = Input::Refused {
        leg: LegId::LINE,
        status: Status::new(486, "Busy Here"),
        payload: Payload::default(),
    };
    let (_, out) = run_on(spoken(), vec![(4, Input::Said { leg: LegId::CALLER }), (6, busy)]);

    let ended = ended(&out);
    assert_eq!((ended.outcome, ended.sip_status, ended.answered_at), (Outcome::Busy, 200, None));
    assert!(out.contains(&Output::HangUp { leg: LegId::CALLER }));
    assert!(!out.iter().any(|output| matches!(output, Output::Refuse { .. })));
}

#[test]
fn a_way_of_words_alone_ends_when_they_are_said() {
    let only =
        Way { steps: vec![Step::Say("fr-closed".parse().unwrap())], ..Way::nowhere(Otherwise::Closed) };

    let (call, out) = run_on(only, vec![(5, Input::Said { leg: LegId::CALLER })]);

    assert!(call.is_over());
    assert_eq!((ended(&out).outcome, ended(&out).sip_status), (Outcome::Failed, 200));
}

#[test]
fn what_the_caller_asks_meanwhile_is_settled_with_us() {
    let ask = Input::Asked { leg: LegId::CALLER, what: MidCall::Reinvite, payload: Payload::default() };
    let (_, out) = run_on(spoken(), vec![(1, ask)]);

    let Some(Output::Reply { leg: LegId::CALLER, what: MidCall::Reinvite, status, .. }) = out.last() else {
        panic!("{out:?}")
    };
    assert_eq!(status.code, 200);
}

#[test]
fn a_line_that_rings_is_heard_through_us_and_its_early_media_are_not() {
    let (status, payload) =
        (Status::new(183, "Session Progress"), Payload { body: "early".into(), ..Payload::default() });
    let progress = Input::Progressed { leg: LegId::LINE, status, payload };
    let (_, out) = run_on(spoken(), vec![(4, Input::Said { leg: LegId::CALLER }), (5, progress)]);

    assert!(!out.iter().any(|output| matches!(output, Output::Progress { .. })));
}

#[test]
fn words_between_two_lines_are_said_once_the_first_is_gone() {
    let way = Way {
        steps: vec![
            Step::Ring { lines: vec![line("counter")], ring: RING, music: None },
            Step::Say("fr-busy".parse().unwrap()),
            Step::Ring { lines: vec![line("office")], ring: RING, music: None },
        ],
        ..Way::nowhere(Otherwise::Closed)
    };
    let (_, out) = run_on(way, vec![(30, Input::Woken), (34, Input::Said { leg: LegId::CALLER })]);

    assert!(matches!(
        out[..],
        [
            Output::Dial { leg: LegId(1), .. },
            Output::Cancel { leg: LegId(1) },
            Output::Attend,
            Output::Say { .. },
            Output::Dial { leg: LegId(2), .. },
            Output::Ring { music: None }
        ]
    ));
}

#[test]
fn what_is_never_heard_to_be_said_holds_the_caller_for_a_while_only() {
    let (_, out) = run_on(spoken(), vec![(300, Input::Woken), (301, Input::Said { leg: LegId::CALLER })]);

    assert_eq!(out.iter().filter(|output| matches!(output, Output::Dial { .. })).count(), 1);
}

fn press(key: u8) -> Input {
    Input::Pressed { leg: LegId::CALLER, key: Key::new(key).unwrap() }
}

/// What is said in which order.
fn said(out: &[Output]) -> Vec<&str> {
    let prompts = out.iter().filter_map(|output| match output {
        Output::Say { prompt, .. } => Some(prompt.as_str()),
        _ => None,
    });
    prompts.collect()
}

fn is_recorded(out: &[Output]) -> bool {
    out.contains(&Output::Record)
}

fn refusals(out: &[Output]) -> usize {
    out.iter().filter(|it| matches!(it, Output::RecordRefused(_))).count()
}

/// The caller is told that they are recorded, then one line rings.
fn noticed() -> Way {
    let mut way = way(&[1]);
    let (prompt, refused) = ("fr-recording".parse().unwrap(), "fr-not-recorded".parse().ok());
    way.steps.insert(0, Step::Notice(Notice { prompt, refused }));
    Way { records: true, ..way }
}

#[test]
fn who_was_told_is_recorded_from_the_answer_on() {
    let (_, out) = run_on(noticed(), vec![(5, Input::Said { leg: LegId::CALLER }), (9, answer(LegId::LINE))]);

    assert!(is_recorded(&out));
    assert!(
        !is_recorded(
            &run_on(spoken(), vec![(5, Input::Said { leg: LegId::CALLER }), (9, answer(LegId::LINE))]).1
        ),
        "nobody asked for it"
    );
}

#[test]
fn who_refuses_or_cannot_be_told_is_not_recorded() {
    for before in [
        // While it is said, once it is said, …
        vec![(2, press(b'*')), (4, Input::Said { leg: LegId::CALLER })],
        vec![(5, Input::Said { leg: LegId::CALLER }), (7, press(b'*'))],
        vec![(0, Input::Mute { leg: LegId::CALLER })],
        // … and a call that is answered although its notice was never heard to end.
        vec![(300, Input::Woken)],
    ] {
        let told = format!("{before:?}");
        let (_, out) = run_on(noticed(), [before, vec![(309, answer(LegId::LINE))]].concat());

        assert!(out.iter().any(|output| matches!(output, Output::RecordAnswered(_))), "{told}");
        assert!(!is_recorded(&out), "{told}");
        assert_eq!(refusals(&out), usize::from(told.contains("Pressed")), "{told}");
    }
}

#[test]
fn who_refuses_is_told_so_and_any_other_key_is_no_refusal() {
    let (_, out) = run_on(
        noticed(),
        vec![(1, press(b'5')), (2, press(b'*')), (3, press(b'*')), (4, Input::Said { leg: LegId::CALLER })],
    );

    assert_eq!(said(&out), ["fr-recording", "fr-not-recorded"]);
    assert_eq!(refusals(&out), 1);
    assert!(matches!(out.last(), Some(Output::Ring { music: None })));
}

#[test]
fn where_somebody_else_tells_callers_they_are_recorded_at_once() {
    let (_, out) = run_on(Way { records: true, ..way(&[1]) }, vec![(9, answer(LegId::LINE))]);

    assert!(is_recorded(&out));
}

#[test]
fn keys_are_waited_for_where_one_means_something_and_nowhere_else() {
    let message = Voicemail { prompt: "fr-voicemail".parse().unwrap(), longest: RING, keep_days: 1 };
    let mut left = way(&[1]);
    left.steps.insert(0, Step::Voicemail(message));
    for (way, expected) in [(spoken(), false), (noticed(), true), (menu(1), true), (left, true)] {
        let (_, out) = run_on(way, vec![]);
        assert_eq!(out.contains(&Output::HeedKeys { leg: LegId::CALLER }), expected, "{out:?}");
    }
    for (accept, expected) in [(None, false), (Key::new(b'1'), true)] {
        let accept = accept.map(|key| Accept { key, within: RING });
        let whisper = vec!["en-accept".parse().unwrap()];
        let handover = Handover { whisper, accept, ..Handover::default() };
        let way = Way::to(Line { handover, ..line("counter") }, RING);
        let (_, out) = run_on(way, vec![(4, answer(LegId::LINE))]);
        assert_eq!(out.contains(&Output::HeedKeys { leg: LegId::LINE }), expected, "{out:?}");
    }
}

/// 1 leads to sales; who does not choose is put through to the counter.
fn menu(tries: u8) -> Way {
    let mut way = way(&[1]);
    let keys = [(Key::new(b'1').unwrap(), "sales".parse().unwrap())].into();
    let (prompt, again) = ("choices".parse().unwrap(), "fr-again".parse().ok());
    way.steps.insert(0, Step::Menu(Menu { prompt, keys, wait: Duration::from_secs(6), tries, again }));
    way
}

fn dialled(out: &[Output]) -> Vec<&str> {
    let lines = out.iter().filter_map(|output| match output {
        Output::Dial { destination, .. } => Some(destination.as_str()),
        _ => None,
    });
    lines.collect()
}

#[test]
fn a_key_leads_to_its_destination_also_while_the_menu_is_said() {
    for before in [vec![], vec![(4, Input::Said { leg: LegId::CALLER })]] {
        let sales = Way::to(line("sales"), RING);
        let after =
            vec![(5, press(b'1')), (5, Input::Chosen(sales)), (6, Input::Said { leg: LegId::CALLER })];
        let (_, out) = run_on(menu(2), [before, after].concat());

        assert_eq!((said(&out), dialled(&out)), (vec!["choices"], vec!["sales"]));
    }
}

#[test]
fn who_chooses_nothing_hears_the_menu_again_and_goes_on() {
    let (_, out) = run_on(
        menu(2),
        vec![
            (4, Input::Said { leg: LegId::CALLER }),
            (9, Input::Woken),
            (10, Input::Woken),
            (14, Input::Said { leg: LegId::CALLER }),
            (20, Input::Woken),
        ],
    );

    assert_eq!((said(&out), dialled(&out)), (vec!["choices", "choices"], vec!["counter"]));
}

#[test]
fn a_key_that_is_no_choice_says_so_and_counts() {
    let script = vec![
        (4, Input::Said { leg: LegId::CALLER }),
        (5, press(b'9')),
        (7, Input::Said { leg: LegId::CALLER }),
        (9, Input::Said { leg: LegId::CALLER }),
        (10, press(b'9')),
    ];
    let (_, out) = run_on(menu(2), script);

    assert_eq!((said(&out), dialled(&out)), (vec!["choices", "fr-again", "choices"], vec!["counter"]));
}

#[test]
fn who_cannot_be_spoken_to_is_not_asked() {
    let (_, out) = run_on(menu(2), vec![(0, Input::Mute { leg: LegId::CALLER })]);

    assert_eq!(dialled(&out), ["counter"]);
}

#[test]
fn whom_nobody_takes_where_they_chose_to_go_goes_on_as_who_chose_nothing() {
    let (_, out) = run_on(menu(2), vec![(2, press(b'1')), (2, Input::Chosen(Way::nowhere(Otherwise::Full)))]);

    assert_eq!(dialled(&out), ["counter"]);
}

#[test]
fn the_star_refuses_a_recording_also_while_a_menu_waits() {
    let mut way = menu(1);
    let prompt = "fr-recording".parse().unwrap();
    way.steps.insert(0, Step::Notice(Notice { prompt, refused: None }));
    let script = vec![
        (5, Input::Said { leg: LegId::CALLER }),
        (6, press(b'*')),
        (9, Input::Said { leg: LegId::CALLER }),
        (15, Input::Woken),
        (20, answer(LegId::LINE)),
    ];

    let (_, out) = run_on(Way { records: true, ..way }, script);

    assert_eq!((said(&out), is_recorded(&out)), (vec!["fr-recording", "choices"], false));
}

#[test]
fn a_notice_that_cannot_be_said_informs_nobody() {
    let (_, out) =
        run_on(noticed(), vec![(0, Input::Unsaid { leg: LegId::CALLER }), (9, answer(LegId::LINE))]);

    assert!(!is_recorded(&out));
    assert!(
        matches!(out.last(), Some(Output::Align { leg: LegId::CALLER, .. })),
        "they were answered all the same"
    );
}

/// One line rings; whom it does not take is asked for a message.
fn voicemail() -> Way {
    let mut way = way(&[1]);
    let (prompt, longest) = ("fr-voicemail".parse().unwrap(), Duration::from_secs(60));
    way.steps.push(Step::Voicemail(Voicemail { prompt, longest, keep_days: 30 }));
    way
}

fn rings() -> Input {
    let status = Status::new(180, "Ringing");
    Input::Progressed { leg: LegId::LINE, status, payload: Payload::default() }
}

#[test]
fn whom_nobody_takes_leaves_a_message_by_hanging_up_by_key_or_in_time() {
    let asked = vec![(1, rings()), (30, Input::Woken), (34, Input::Said { leg: LegId::CALLER })];
    let hangs_up = Input::HungUp { leg: LegId::CALLER };
    for (end, by) in [
        ((44, hangs_up), HungUpBy::Caller),
        ((44, press(b'#')), HungUpBy::Gateway),
        ((94, Input::Woken), HungUpBy::Gateway),
        ((44, Input::Stopped), HungUpBy::Gateway),
    ] {
        let (_, out) = run_on(voicemail(), [asked.clone(), vec![end]].concat());

        assert!(out.iter().any(|output| matches!(output, Output::TakeMessage(_))));
        let ended = ended(&out);
        assert_eq!((ended.outcome, ended.hung_up_by, ended.answered_at), (Outcome::Voicemail, by, None));
    }
}

#[test]
fn who_hangs_up_before_saying_anything_was_missed_and_left_no_message() {
    let asked = vec![(1, rings()), (30, Input::Woken), (34, Input::Said { leg: LegId::CALLER })];
    for (script, outcome) in [
        (vec![asked.clone(), vec![(35, Input::HungUp { leg: LegId::CALLER })]], Outcome::Missed),
        (vec![asked[..2].to_vec(), vec![(32, Input::HungUp { leg: LegId::CALLER })]], Outcome::Missed),
        (vec![vec![(3, Input::HungUp { leg: LegId::CALLER })]], Outcome::Abandoned),
    ] {
        let (_, out) = run_on(voicemail(), script.concat());

        assert_eq!(ended(&out).outcome, outcome);
    }
}

#[test]
fn out_of_hours_there_is_only_the_voicemail() {
    let mut only = voicemail();
    only.steps.remove(0);
    // What a plan that was not checked has after it is never reached.
    only.steps.push(Step::Ring { lines: vec![line("counter")], ring: RING, music: None });
    let (_, out) = run_on(only.clone(), vec![(4, Input::Said { leg: LegId::CALLER }), (64, Input::Woken)]);
    assert_eq!((ended(&out).outcome, dialled(&out)), (Outcome::Voicemail, vec![]));
    let (_, out) = run_on(
        only,
        vec![(4, Input::Said { leg: LegId::CALLER }), (20, Input::HungUp { leg: LegId::CALLER })],
    );

    assert!(matches!(
        out[..4],
        [Output::Attend, Output::Say { .. }, Output::HeedKeys { .. }, Output::TakeMessage(_)]
    ));
    assert_eq!(ended(&out).outcome, Outcome::Voicemail);
}
