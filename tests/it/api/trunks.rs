//! Trunks are told as they stand: hops, registration, calls.

use serde_json::json;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn a_trunk_tells_its_hops_its_registration_and_its_calls() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let trunk = door.api("/api/v1/trunks").await.json()["items"][0].clone();

        assert_eq!(trunk["id"], "carrier");
        assert_eq!(trunk["hops"][0]["up"], false);
        assert_eq!(
            trunk["hops"][0]["down"][0],
            json!({ "address": "udp:192.0.2.1:5060", "failures": 2, "since": "1970-01-01T00:00:00.000Z",
                    "fault": "silent", "until": "1970-01-01T00:00:00.000Z" })
        );
        assert_eq!(trunk["registration"], json!({ "registered": false, "until": null, "refused": 403 }));
        assert_eq!((&trunk["calls"], &trunk["calls_today"]), (&json!(1), &json!(7)));
    })
    .await;
}
