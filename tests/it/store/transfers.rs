//! Talks that were carried on elsewhere.

use whence::domain::calling::outcome::HungUpBy;
use whence::domain::calling::record::Fact;
use whence::domain::calling::transfer::{TransferKind, TransferOutcome, Transferred};
use whence::flows::{FlowError, calls_written};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, Town};

#[tokio::test(flavor = "multi_thread")]
async fn each_transfer_of_a_call_is_kept_once_and_in_order() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let (call, lost) = (town.call(1000, None), town.call(1000, None));
        let done = Transferred {
            call: call.call,
            asked_at: call.at + 2 * MINUTE,
            settled_at: call.at + 3 * MINUTE,
            by: HungUpBy::Line,
            to: "sip:204@pbx.example".into(),
            kind: TransferKind::Attended,
            destination: Some("counter".parse().unwrap()),
            outcome: TransferOutcome::Done,
            sip_status: 200,
        };
        let asked_at = call.at + MINUTE;
        let outcome = TransferOutcome::Refused;
        let refused = Transferred { asked_at, destination: None, outcome, sip_status: 603, ..done.clone() };
        let unknown = Transferred { call: lost.call, ..done.clone() };
        // Both are asked for and settled within a millisecond.
        let at = done.settled_at;
        let first = Transferred { asked_at: at, to: "sip:9@pbx.example".into(), ..refused.clone() };
        let second = Transferred { asked_at: at, to: "sip:1@pbx.example".into(), ..done.clone() };
        let all = [&done, &refused, &first, &second, &done].map(|fact| Fact::Transferred(fact.clone()));

        let early = calls_written(&town.store, &town.clock, &all).await;
        assert!(matches!(early, Err(FlowError::CallUnknown { calls }) if calls == [call.call]));
        let facts = [&all[..], &[Fact::Transferred(unknown), Fact::Arrived(call.clone())]].concat();
        let written = calls_written(&town.store, &town.clock, &facts).await;

        assert!(matches!(written, Err(FlowError::CallUnknown { calls }) if calls == [lost.call]));
        assert_eq!(town.store.list_transfers(call.call).await.unwrap(), [refused, done, first, second]);
        assert_eq!(town.store.list_transfers(lost.call).await.unwrap(), []);
        town.store.close().await;
    })
    .await;
}
