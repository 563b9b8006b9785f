//! What is known of a number itself: that it was shared, and how often it rang before it was lent.

use super::*;

#[test]
fn a_call_to_a_shared_number_is_said_to_be_ambiguous_and_its_channel_is_not() {
    let earlier = visit(1, START - 60 * MINUTE, START - 59 * MINUTE);
    let holder = visit(2, START, START + MINUTE);
    let sharer = Candidate { is_shared: true, ..visit(3, START, START + MINUTE) };

    let shares = attribute(START + MINUTE, &[earlier, holder, sharer]);

    assert!(evidence_of(&shares, 2).is_shared && evidence_of(&shares, 3).is_shared);
    assert!(!evidence_of(&shares, 1).is_shared, "it had the number for itself");
    assert!((share_of(&shares, 2) - share_of(&shares, 3)).abs() < 1e-9);
    let of_channel: f64 =
        shares.iter().filter(|share| share.source.source == "google").map(|share| share.probability).sum();
    assert!(of_channel > 0.98, "{of_channel}");
}

#[test]
fn a_number_that_rang_before_it_was_lent_has_a_background_of_its_own() {
    let left_an_hour_ago = visit(1, START, START + MINUTE);
    let at = START + 61 * MINUTE;
    let share = |priors: Priors| {
        let shares = super::super::attribute(&priors, &ring(at), std::slice::from_ref(&left_an_hour_ago));
        share_of(&shares, 1)
    };
    let (stated, quiet) = (Priors::STATED, Priors::STATED.with_background(0, 90 * DAY));
    let busy = Priors::STATED.with_background(90, 30 * DAY);

    assert_eq!(stated.with_background(0, Duration::ZERO), stated, "nothing counted, nothing learnt");
    assert!((busy.background_per_day - 91.0 / 120.0).abs() < 1e-9);
    assert!(share(quiet) > share(stated) && share(stated) > share(busy));
    assert!(share(busy) < 0.1, "{}", share(busy));
}
