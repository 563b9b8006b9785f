//! Ladders are kept beside calls for some days, and then they are gone.

use std::time::Duration;

use bytes::Bytes;
use uuid::Uuid;
use whence::domain::calling::ladder::{Ladder, Rung, Way};
use whence::domain::ids::CallId;
use whence::flows::ladders_written;

use crate::support::databases::on_each_database;
use crate::support::town::Town;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn ladder(town: &Town, call: u128) -> Ladder {
    let message = b"INVITE sip:a@b SIP/2.0\r\nSubject: caf\xe9 \0\r\nAuthorization: Digest 5ecre7\r\n\r\n";
    let rung = Rung {
        at: town.clock.now(),
        leg: 0,
        way: Way::In,
        transport: "UDP",
        local: "192.0.2.2:5060".parse().unwrap(),
        remote: "192.0.2.1:5060".parse().unwrap(),
        message: Bytes::from_static(message),
    };
    Ladder { call: CallId(Uuid::from_u128(call)), rungs: vec![rung], left_out: 0 }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ladder_is_kept_byte_for_byte_without_its_passwords() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let told = ladder(&town, 1);

        ladders_written(&town.store, &town.clock, &[told.clone(), ladder(&town, 2)]).await.unwrap();
        // Twice is as good as once.
        ladders_written(&town.store, &town.clock, std::slice::from_ref(&told)).await.unwrap();

        let found = town.store.find_ladder(told.call).await.unwrap().unwrap();
        let kept = b"INVITE sip:a@b SIP/2.0\r\nSubject: caf\xe9 \0\r\nAuthorization: (not kept)\r\n\r\n";
        assert_eq!(found.rungs[0].message[..], kept[..]);
        assert_eq!((found.rungs[0].at, found.rungs[0].remote), (told.rungs[0].at, told.rungs[0].remote));
        assert_eq!(town.store.find_ladder(CallId(Uuid::from_u128(3))).await.unwrap(), None);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_its_time_is_deleted_and_nothing_else() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        for call in 0..600 {
            ladders_written(&town.store, &town.clock, &[ladder(&town, call)]).await.unwrap();
        }
        town.clock.advance(DAY);
        let young = ladder(&town, 1_000);
        ladders_written(&town.store, &town.clock, std::slice::from_ref(&young)).await.unwrap();

        let (_days, days) = tokio::sync::watch::channel(1);
        town.clock.advance(Duration::from_millis(1));
        let job = tokio::spawn(whence::jobs::forget_ladders::forget_ladders(
            town.store.clone(),
            town.clock.clone(),
            days,
        ));
        while town.store.find_ladder(CallId(Uuid::from_u128(599))).await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }

        assert_eq!(town.store.find_ladder(CallId(Uuid::from_u128(0))).await.unwrap(), None);
        assert!(town.store.find_ladder(young.call).await.unwrap().is_some());
        job.abort();
        town.store.close().await;
    })
    .await;
}
