//! What rings when a call comes: hours, order, all at once, and who is full.

use whence::demo::caller::End;
use whence::domain::calling::outcome::Outcome;

use super::stage::{COUNTER, Stage};
use crate::support::databases::on_each_database;

/// The demo's plan with another ring plan at its counter.
const COUNTER_RINGS: &str = "line = \"sip:counter@127.0.0.1:5070\"\nring_s = 30";

/// The stage's clock stands at noon on a Monday in November 2026.
async fn told(
    database: &crate::support::databases::Database,
    plan: &str,
) -> (End, Option<Outcome>, Option<String>) {
    let stage = Stage::open_with(database, &[(COUNTER_RINGS, plan)]).await;

    let call = stage.call(COUNTER, false).await;
    let end = stage.ended(call).await;

    let record = stage.latest_call().await;
    stage.close().await;
    (end, record.outcome, record.answered_by.map(|id| id.to_string()))
}

fn talked(by: &str) -> (End, Option<Outcome>, Option<String>) {
    (End::Talked, Some(Outcome::Answered), Some(by.to_owned()))
}

#[tokio::test]
async fn the_second_step_takes_the_call_that_the_first_did_not() {
    on_each_database(async |database| {
        let plan = "steps = [{ sip = \"sip:night@127.0.0.1:5070\", ring_s = 5 }, { sip = \"sip:counter@127.0.0.1:5070\" }]";

        assert_eq!(told(database, plan).await, talked("counter"));
    })
    .await;
}

#[tokio::test]
async fn of_two_lines_that_ring_at_once_the_one_that_answers_has_the_call() {
    on_each_database(async |database| {
        let plan = "strategy = \"all\"\nsteps = [{ sip = \"sip:night@127.0.0.1:5070\" }, { sip = \"sip:counter@127.0.0.1:5070\" }]";

        assert_eq!(told(database, plan).await, talked("counter"));
    })
    .await;
}

#[tokio::test]
async fn a_call_on_a_holiday_goes_to_another_destination() {
    on_each_database(async |database| {
        let closed = "line = \"sip:nobody@127.0.0.1:9\"\n\
            hours = { zone = \"Europe/Paris\", week = [\"mon-sun 00:00-24:00\"], closed = [\"2026-11-01..2026-11-30\"], outside = \"reserve\" }\n\
            [[destinations]]\nid = \"reserve\"\nname = \"Reserve\"\noutlet = \"lyon\"\nline = \"sip:counter@127.0.0.1:5070\"";

        assert_eq!(told(database, closed).await, talked("reserve"));
    })
    .await;
}

#[tokio::test]
async fn a_call_outside_the_hours_is_refused_when_nobody_else_takes_it() {
    on_each_database(async |database| {
        let plan = "line = \"sip:counter@127.0.0.1:5070\"\nhours = { zone = \"Europe/Paris\", week = [\"sun 03:00-04:00\"] }";

        let (end, outcome, by) = told(database, plan).await;

        assert!(matches!(end, End::Refused(words) if words.contains("480")));
        assert_eq!((outcome, by), (Some(Outcome::Failed), None));
    })
    .await;
}

#[tokio::test]
async fn a_call_above_the_limit_goes_to_the_fallback() {
    on_each_database(async |database| {
        let plan = "line = \"sip:counter@127.0.0.1:5070\"\ncalls_at_once = 1\nfallback = \"reserve\"\n\
            [[destinations]]\nid = \"reserve\"\nname = \"Reserve\"\noutlet = \"lyon\"\nline = \"sip:counter@127.0.0.1:5070\"";
        let stage = Stage::open_with(database, &[(COUNTER_RINGS, plan)]).await;

        let first = stage.call(COUNTER, false).await;
        let second = stage.call(COUNTER, false).await;
        assert_eq!((stage.ended(first).await, stage.ended(second).await), (End::Talked, End::Talked));

        let mut by = stage.answered_by().await;
        by.sort();
        assert_eq!(by, ["counter", "reserve"]);
        stage.close().await;
    })
    .await;
}
