//! How the media of relayed calls went.

use whence::domain::calling::quality::{Heard, Relayed, StreamQuality};
use whence::domain::calling::record::Fact;
use whence::flows::{FlowError, calls_written};

use crate::support::databases::on_each_database;
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn the_streams_of_a_call_are_kept_once_and_wait_for_their_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let call = town.call(1000, None);
        let heard = Heard { lost: 4, jitter_us: Some(2_000), round_trip_us: None };
        let caller = StreamQuality {
            leg: 0,
            stream: 0,
            kind: "audio".into(),
            received: u64::from(u32::MAX) + 1,
            lost: 3,
            jitter_us: Some(1_500),
            sent: 9,
            strangers: 1,
            heard: Some(heard),
        };
        let line =
            StreamQuality { leg: 1, kind: "a\0b".into(), jitter_us: None, heard: None, ..caller.clone() };
        let relayed = Relayed { call: call.call, streams: vec![line.clone(), caller.clone()] };
        let facts = [Fact::Relayed(relayed.clone()), Fact::Relayed(relayed)];

        let early = calls_written(&town.store, &town.clock, &facts).await;
        assert!(matches!(early, Err(FlowError::CallUnknown { calls }) if calls == [call.call]));
        for _ in 0..2 {
            let facts = [&facts[..], &[Fact::Arrived(call.clone())]].concat();
            calls_written(&town.store, &town.clock, &facts).await.unwrap();
        }

        let line = StreamQuality { kind: "a\u{fffd}b".into(), ..line };
        assert_eq!(town.store.list_streams(call.call).await.unwrap(), [caller, line]);
        town.store.close().await;
    })
    .await;
}
