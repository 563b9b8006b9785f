//! A visitor calls and is recognised; one who gives up is as well.

use whence::demo::caller::End;
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::people::contact::Identity;
use whence::domain::people::engagement::Deed;
use whence::domain::tracking::channels::Channel;
use whence::store::Window;

use super::stage::{COUNTER, POSTER, Stage};
use crate::support::databases::on_each_database;

const AD: &str = "http://127.0.0.1:8080/demo/?utm_source=google&utm_medium=cpc&utm_campaign=test";

#[tokio::test]
async fn a_visitor_calls_and_is_recognised() {
    on_each_database(async |database| {
        let stage = Stage::open(database).await;
        let shown = stage.visit(AD).await;
        let number = shown.swaps[0].number.clone().expect("a number of their own");

        let call = stage.call(number.reveal(), false).await;
        assert_eq!(stage.ended(call).await, End::Talked);

        let record = stage.latest_call().await;
        assert_eq!((record.outcome, record.hung_up_by), (Some(Outcome::Answered), Some(HungUpBy::Caller)));
        assert_eq!((&record.number, record.interrupted), (&number, false));
        let store = &stage.gateway.store;
        let best = store.find_attribution(record.id).await.unwrap().unwrap().shares.swap_remove(0);
        assert_eq!((best.visit, best.source.channel), (shown.visit, Channel::PaidSearch));
        assert!(best.probability > 0.95, "{}", best.probability);

        let contact = record.contact.expect("a contact");
        let identities = store.list_identities(contact).await.unwrap();
        assert!(identities.iter().any(|known| known.identity == Identity::Visitor(shown.visitor.unwrap())));
        let timeline = store.list_engagements(contact, &Window::first(10)).await.unwrap().items;
        let deeds: Vec<Deed> = timeline.iter().map(|engagement| engagement.what.clone()).collect();
        assert!(deeds.contains(&Deed::Call(record.id)) && deeds.contains(&Deed::Visit(shown.visit.unwrap())));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_gives_up_is_abandoned_and_nobody_answers_the_night_line() {
    on_each_database(async |database| {
        let stage = Stage::open(database).await;

        let gives_up = stage.call(POSTER, true).await;
        assert_eq!(stage.ended(gives_up).await, End::GaveUp);
        assert_eq!(stage.latest_call().await.outcome, Some(Outcome::Abandoned));

        let waits = stage.call(POSTER, false).await;
        assert!(matches!(stage.ended(waits).await, End::Refused(words) if words.contains("480")));
        let record = stage.latest_call().await;
        assert_eq!(record.outcome, Some(Outcome::Missed));
        let rang = record.ended_at.unwrap().since(record.ringing_at.unwrap());
        assert!(rang.as_secs() >= 9, "the plan's ten seconds: {rang:?}");
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_is_told_to_stop_withdraws_or_hangs_up_first() {
    on_each_database(async |database| {
        let stage = Stage::open(database).await;

        let rings = stage.call_until_told(POSTER, "180 ").await;
        assert_eq!(stage.ended(rings).await, End::GaveUp);
        assert_eq!(stage.latest_call().await.outcome, Some(Outcome::Abandoned));

        let talks = stage.call_until_told(COUNTER, "answered").await;
        assert_eq!(stage.ended(talks).await, End::Talked);
        let record = stage.latest_call().await;
        assert_eq!((record.outcome, record.hung_up_by), (Some(Outcome::Answered), Some(HungUpBy::Caller)));
        let talked = record.ended_at.unwrap().since(record.answered_at.unwrap());
        assert!(talked.as_secs() < 5, "as long as without a word: {talked:?}");
        stage.close().await;
    })
    .await;
}
