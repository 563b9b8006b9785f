//! What is said about a call is told when it is over, whatever became of it.

use super::world::{LineDoes, NUMBER, OFFER, Weather, World};
use crate::domain::calling::ladder::reading::{first_line, said};
use crate::domain::calling::ladder::why::Why;
use crate::domain::calling::ladder::{Ladder, Way};

fn told(line_does: LineDoes, line_is_gone: bool) -> Ladder {
    let mut world = World::new(Weather::default(), line_does);
    world.line_is_gone = line_is_gone;
    world.dial(NUMBER, OFFER);
    world.run();
    assert!(world.is_idle());
    assert_eq!(world.ladders.len(), 1, "one call, one ladder");
    world.ladders.remove(0)
}

/// `0<INVITE` came from the caller, `1>INVITE` went to the line.
fn short(ladder: &Ladder) -> Vec<String> {
    let rung = |rung: &crate::domain::calling::ladder::Rung| {
        let way = if rung.way == Way::In { '<' } else { '>' };
        let what = match said(&rung.message) {
            crate::domain::calling::ladder::reading::Said::Request { method, .. } => method.into_owned(),
            crate::domain::calling::ladder::reading::Said::Response { status, .. } => status.to_string(),
        };
        format!("{}{way}{what}", rung.leg)
    };
    ladder.rungs.iter().map(rung).collect()
}

#[test]
fn a_refused_call_tells_every_message_up_to_the_last_ack_and_who_refused() {
    let ladder = told(LineDoes::Refuse(486), false);

    let expected =
        ["0<INVITE", "0>100", "1>INVITE", "1<100", "1<180", "0>180", "1<486", "1>ACK", "0>486", "0<ACK"];
    let mut found = short(&ladder);
    // The line rings or not before it refuses; that is not at stake here.
    found.retain(|it| !it.ends_with("180"));
    let expected: Vec<_> =
        expected.iter().filter(|it| !it.ends_with("180")).map(|it| (*it).to_owned()).collect();
    assert_eq!(found, expected);
    assert!(
        matches!(ladder.why(), Some(Why::Refused { leg: 1, status: 486, reason, .. }) if reason == "In My Own Words")
    );
}

#[test]
fn a_call_that_was_answered_ends_with_the_answer_to_its_bye() {
    let mut world = World::new(Weather::default(), LineDoes::Answer { after_ms: 1_000 });
    let call = world.dial(NUMBER, OFFER);
    world.run_for(std::time::Duration::from_secs(5));
    assert!(world.ladders.is_empty(), "it goes on");
    let hang_up = crate::call::output::Output::HangUp { leg: super::world::THEIR_LEG };
    world.order_in(std::time::Duration::ZERO, super::world::CALLER, call, hang_up);
    world.run();

    let ladder = world.ladders.remove(0);
    let found = short(&ladder);
    assert_eq!(ladder.why(), None);
    assert_eq!(found.first().map(String::as_str), Some("0<INVITE"));
    for last in ["0<BYE", "1>BYE", "1<200", "0>200"] {
        assert!(found[found.len() - 4..].iter().any(|it| it == last), "{found:?}");
    }
}

#[test]
fn a_line_that_is_gone_is_silent_and_each_copy_of_the_invite_stands_there() {
    let ladder = told(LineDoes::Nothing, true);

    assert!(matches!(ladder.why(), Some(Why::Silent { leg: 1, times: 7, .. })), "{:?}", ladder.why());
    assert!(ladder.rungs.iter().all(|rung| !first_line(&rung.message).is_empty()));
}

#[test]
fn in_bad_weather_each_call_has_its_ladder_and_nothing_is_held_afterwards() {
    for seed in 1..40 {
        let mut world =
            World::new(Weather { lost: 20, doubled: 10, seed }, LineDoes::Answer { after_ms: 500 });
        world.dial(NUMBER, OFFER);
        world.run();

        assert!(world.is_idle(), "seed {seed}");
        assert_eq!(world.ladders.len(), world.arrived[super::world::GATEWAY].len(), "seed {seed}");
        assert!(world.nodes[super::world::GATEWAY].holds_no_ladder(), "seed {seed}");
    }
}
