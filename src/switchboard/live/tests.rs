//! What a list and a watcher of live calls promise.

use super::*;
use crate::call::input::{Payload, Status};
use crate::call::output::Because;
use crate::domain::calling::record::Answered;
use crate::domain::calling::routing::Target;

const ID: CallId = CallId(uuid::Uuid::from_u128(7));
const NOON: Timestamp = Timestamp::from_ms(1_000);

fn call(id: u128) -> LiveCall {
    LiveCall {
        id: CallId(uuid::Uuid::from_u128(id)),
        number: "+33199001000".parse().unwrap(),
        caller: None,
        trunk: "carrier".parse().unwrap(),
        destination: None,
        outlet: None,
        leg: None,
        line: None,
        stage: Stage::Dialling,
        arrived_at: NOON,
        answered_at: None,
        recorded: None,
    }
}

fn dial(leg: u8) -> Output {
    let to = Target::Uri(format!("sip:{leg}@pbx"));
    let (destination, payload) = ("shop".parse().unwrap(), Payload::default());
    Output::Dial { leg: LegId(leg), to, destination, because: Because::First, payload }
}

fn rings() -> Output {
    Output::Progress { leg: LegId::LINE, status: Status::new(180, "Ringing"), payload: Payload::default() }
}

#[test]
fn a_call_is_seen_dialling_ringing_and_talking_to_the_line_that_took_it() {
    let calls = LiveCalls::default();
    calls.enter(call(7));

    calls.sees(ID, &dial(1));
    calls.sees(ID, &dial(2));
    assert_eq!((calls.list()[0].stage, calls.list()[0].leg), (Stage::Dialling, Some(LegId(2))));
    calls.sees(ID, &rings());
    assert_eq!(calls.list()[0].stage, Stage::Ringing);
    calls.answers(ID, LegId(1));
    let answered =
        Answered { call: ID, destination: Some("shop".parse().unwrap()), ringing_at: None, at: NOON };
    calls.sees(ID, &Output::RecordAnswered(answered));
    // A second phone was too late.
    calls.answers(ID, LegId(2));

    let live = calls.list().remove(0);
    assert_eq!((live.stage, live.line.as_deref()), (Stage::Talking, Some("sip:1@pbx")));
    assert_eq!((live.answered_at, calls.count()), (Some(NOON), 1));
    calls.leave(ID, None);
    assert_eq!((calls.list(), calls.count()), (vec![], 0));
}

#[tokio::test]
async fn a_watcher_hears_all_at_first_and_then_each_change_once() {
    let calls = LiveCalls::default();
    calls.enter(call(6));
    let mut watcher = calls.watch().unwrap();
    let Some(News::All(all)) = watcher.next().await else { panic!("all come first") };
    assert_eq!(all.len(), 1);

    calls.enter(call(7));
    calls.sees(ID, &rings());
    calls.sees(ID, &rings());
    calls.leave(ID, None);
    calls.leave(ID, None);

    assert!(matches!(watcher.next().await, Some(News::Call(call)) if call.stage == Stage::Dialling));
    assert!(matches!(watcher.next().await, Some(News::Call(call)) if call.stage == Stage::Ringing));
    assert_eq!(watcher.next().await, Some(News::Gone(Gone { id: ID, how: None })));
    calls.close();
    assert_eq!(watcher.next().await, None);
    assert_eq!(calls.watch().unwrap().next().await, None, "nobody begins to watch what is over");
}

#[tokio::test]
async fn a_watcher_that_lags_is_told_all_anew_and_costs_no_more_memory() {
    let calls = LiveCalls::default();
    let mut watcher = calls.watch().unwrap();
    watcher.next().await;

    for n in 0..3 * CHANGES as u128 {
        calls.enter(call(n));
    }

    assert!(matches!(watcher.next().await, Some(News::All(all)) if all.len() == 3 * CHANGES));
    calls.leave(ID, None);
    assert_eq!(watcher.next().await, Some(News::Gone(Gone { id: ID, how: None })));
}

#[test]
fn only_so_many_watch_and_one_who_goes_makes_room() {
    let calls = LiveCalls::default();
    let mut watchers: Vec<_> = (0..WATCHERS_MAX).map(|_| calls.watch().unwrap()).collect();
    assert!(calls.watch().is_none());

    watchers.pop();

    assert!(calls.watch().is_some());
}

#[tokio::test]
async fn whoever_hangs_up_wakes_the_call_and_nobody_else() {
    let calls = LiveCalls::default();
    let (ends, stays) = (calls.enter(call(7)), calls.enter(call(8)));

    assert_eq!(calls.hang_up(ID).map(|call| call.id), Some(ID));

    ends.notified().await;
    assert!(futures_util::FutureExt::now_or_never(stays.notified()).is_none());
    assert_eq!(calls.hang_up(CallId(uuid::Uuid::from_u128(9))), None);
}
