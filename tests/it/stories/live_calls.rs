//! An admin at work while calls are up: watches, hangs up, changes settings.

use std::sync::{Arc, Mutex};

use whence::config::Config;
use whence::demo::caller::End;
use whence::domain::calling::ladder::why::Why;
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::switchboard::live::{News, Stage, Watcher};

use super::stage::{COUNTER, POSTER, Stage as Theatre};
use crate::support::databases::{on_each_database, on_sqlite};

/// Lets time pass until the watcher hears something.
async fn heard(stage: &Theatre, watcher: &mut Watcher) -> News {
    let watcher = tokio::sync::Mutex::new(watcher);
    let soon = async || {
        let mut watcher = watcher.lock().await;
        tokio::select! {
            biased;
            news = watcher.next() => news,
            () = std::future::ready(()) => None,
        }
    };
    stage.until(soon).await
}

#[tokio::test]
async fn a_watcher_sees_a_call_ring_be_answered_and_end() {
    on_sqlite(async |database| {
        let stage = Theatre::open(database).await;
        let mut watcher = stage.gateway.live_calls().watch().unwrap();
        assert_eq!(watcher.next().await, Some(News::All(vec![])));

        let call = stage.call(COUNTER, false).await;

        let mut stages = vec![];
        let gone = loop {
            match heard(&stage, &mut watcher).await {
                News::Call(call) => stages.push((call.stage, call.line.is_some())),
                News::Gone(gone) => break gone,
                News::All(_) => panic!("it does not lag"),
            }
        };
        let (dialling, ringing) = (Stage::Dialling, Stage::Ringing);
        assert_eq!(stages, [(dialling, false), (dialling, true), (ringing, true), (Stage::Talking, true)]);
        assert_eq!(gone.how, Some((Outcome::Answered, HungUpBy::Caller)));
        assert_eq!(stage.ended(call).await, End::Talked);
        stage.close().await;
        assert_eq!(watcher.next().await, None);
    })
    .await;
}

#[tokio::test]
async fn an_admin_hangs_up_a_call_that_talks_and_one_that_rings() {
    on_each_database(async |database| {
        let stage = Theatre::open(database).await;
        let live = stage.gateway.live_calls();
        for (number, wanted, outcome, status) in [
            (COUNTER, Stage::Talking, Outcome::Answered, 200),
            (POSTER, Stage::Ringing, Outcome::Failed, 503),
        ] {
            let call = stage.call(number, false).await;
            let id = stage
                .until(async || live.list().first().filter(|call| call.stage == wanted).map(|call| call.id))
                .await;

            assert!(live.hang_up(id).is_some());

            stage.ended(call).await;
            let over =
                async || stage.gateway.store.find_call(id).await.unwrap().filter(|it| it.outcome.is_some());
            let record = stage.until(over).await;
            assert_eq!((record.outcome, record.sip_status), (Some(outcome), Some(status)));
            assert_eq!(record.hung_up_by, Some(HungUpBy::Gateway));
            assert!(live.hang_up(id).is_none());
            stage
                .gateway
                .store
                .list_calls(&Default::default(), &whence::store::Window::first(1))
                .await
                .unwrap();
        }
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn settings_change_while_a_call_is_up_and_a_mistake_changes_nothing() {
    on_sqlite(async |database| {
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let texts = Arc::clone(&told);
        let stage = Theatre::open_reading(database, move |config| {
            let text = texts.lock().unwrap().pop().unwrap_or_default();
            let path = std::path::Path::new("whence.toml");
            let read = Config::parse(path, &text, std::iter::empty())?;
            Ok(Config {
                trunks: read.trunks,
                calls: whence::config::CallsConfig { limit: read.calls.limit, ..config.calls },
                ..config
            })
        })
        .await;
        let call = stage.call(COUNTER, false).await;
        let live = stage.gateway.live_calls();
        stage
            .until(async || live.list().first().filter(|call| call.stage == Stage::Talking).map(|_| ()))
            .await;

        // Nobody may call any more.
        told.lock().unwrap().push("[calls]\nlimit = 7\n".into());
        let done = stage.gateway.reload().await.unwrap();
        assert_eq!(done.summary, "changed: trunks, [calls] limit");
        let stranger = stage.call(COUNTER, false).await;
        assert_eq!(stage.ended(call).await, End::Talked, "the call goes on to its end");
        assert!(matches!(stage.ended(stranger).await, End::Refused(_)), "a stranger hears nothing");

        // A mistake, and all stays as it was.
        told.lock().unwrap().push("[calls]\nlimt = 8\n".into());
        let mistake = stage.gateway.reload().await.unwrap_err();
        assert!(mistake.contains("unknown key `limt` in [calls]; did you mean `limit`?"), "{mistake}");

        // And back again.
        told.lock()
            .unwrap()
            .push("[[trunk]]\nname = \"t\"\nfrom = [\"127.0.0.0/8\"]\ncountry = \"FR\"\n".into());
        assert_eq!(stage.gateway.reload().await.unwrap().changed, ["trunks", "[calls] limit"]);
        let known = stage.call(COUNTER, false).await;
        assert_eq!(stage.ended(known).await, End::Talked);
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_call_that_failed_leaves_a_ladder_that_says_why() {
    on_each_database(async |database| {
        let stage = Theatre::open(database).await;

        let call = stage.call(POSTER, false).await;
        stage.ended(call).await;

        let record = stage.latest_call().await;
        let ladder = stage.until(async || stage.gateway.store.find_ladder(record.id).await.unwrap()).await;
        assert!(
            matches!(ladder.why(), Some(Why::RangInVain { leg: 1, rang }) if rang.as_secs() >= 9),
            "{ladder:?}"
        );
        assert_eq!(ladder.legs(), [0, 1]);
        assert!(ladder.rungs[0].message.starts_with(b"INVITE "));
        stage.close().await;
    })
    .await;
}
