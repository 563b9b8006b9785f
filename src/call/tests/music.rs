//! What callers hear while lines ring, in the place of a tone.

use super::attending::answer;
use super::*;

/// The line rings with music, then another one with the same, then one with a tone.
fn musical() -> Way {
    let ring = |music: Option<&str>| Step::Ring {
        lines: vec![line("counter")],
        ring: RING,
        music: music.map(|prompt| prompt.parse().unwrap()),
    };
    Way {
        steps: vec![ring(Some("waltz")), ring(Some("waltz")), ring(None)],
        ..Way::nowhere(Otherwise::Closed)
    }
}

#[test]
fn who_is_to_hear_music_is_answered_before_anything_rings_and_hears_it_on() {
    let (_, out) = run_on(musical(), vec![(30, Input::Woken), (60, Input::Woken), (70, answer(LegId(3)))]);

    let waltz = || Output::Ring { music: Some("waltz".parse().unwrap()) };
    assert_eq!(out[..1], [Output::Attend]);
    assert!(matches!(out[1], Output::Dial { .. }));
    assert_eq!(out[2], waltz());
    let heard: Vec<_> = out.iter().filter(|output| matches!(output, Output::Ring { .. })).collect();
    assert_eq!(heard, [&waltz(), &Output::Ring { music: None }]);
    assert_eq!(out.iter().filter(|output| **output == Output::Attend).count(), 1);
    assert!(out.iter().any(|output| matches!(output, Output::Align { leg: LegId::CALLER, .. })));
}

#[test]
fn who_cannot_be_answered_for_music_hears_the_line_itself() {
    let progress = Input::Progressed {
        leg: LegId::LINE,
        status: Status::new(180, "Ringing"),
        payload: Payload::default(),
    };
    let (_, out) = run_on(
        musical(),
        vec![(0, Input::Mute { leg: LegId::CALLER }), (1, progress), (9, answer(LegId::LINE))],
    );

    assert!(out.iter().any(|output| matches!(output, Output::Progress { .. })));
    assert!(out.iter().any(|output| matches!(output, Output::Answer { leg: LegId::LINE, .. })));
}
