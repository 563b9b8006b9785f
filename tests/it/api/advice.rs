//! How many numbers a pool needs, asked over the API.

use serde_json::Value;
use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, Town};

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_advised_from_its_own_visits() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 3).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let path = "/api/v1/pools/web/advice?sizes=1,3,9&keep_alive_s=60,1200&number_price=2";

        let nothing = door.api(path).await.json();
        for _ in 0..40 {
            town.somebody_comes().await;
            town.clock.advance(5 * MINUTE);
        }
        call_arrives(&town.store, &town.clock, &town.call(1000, None)).await.unwrap();
        let advice = door.api(path).await.json();

        assert_eq!((&nothing["visits"], &nothing["rows"]), (&0.into(), &Value::Array(vec![])));
        assert_eq!(advice["visits"], 40);
        assert!((advice["visits_per_hour"].as_f64().unwrap() - 12.0).abs() < 0.5, "{advice}");
        let rows = advice["rows"].as_array().unwrap();
        let sizes: Vec<_> =
            rows.iter().map(|row| (row["keep_alive_ms"].as_u64(), row["numbers"].as_u64())).collect();
        let expected = [60_000, 1_200_000].map(|ms| [1, 3, 9].map(|size| (Some(ms), Some(size))));
        assert_eq!(sizes, expected.concat());
        // A visit every five minutes that holds its number for 30 (a keep-alive of 20 and 10 of
        // quarantine): one number serves every seventh visitor or so, nine serve all.
        assert!(rows[3]["exhausted"].as_f64().unwrap() > 0.8, "{advice}");
        assert_eq!((&rows[5]["exhausted"], &rows[5]["monthly_cost"]), (&0.0.into(), &18.0.into()));
        assert_eq!(rows.iter().filter(|row| row["enough"] == true).count(), 2);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_pool_and_sizes_that_no_pool_has_are_told() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        door.api("/api/v1/pools/nobodys/advice").await.problem(404);
        door.api("/api/v1/pools/No%20Name/advice").await.problem(400);
        let asked =
            "/api/v1/pools/web/advice?days=0&sizes=0,x&keep_alive_s=1,2,3,4&number_price=-1&colour=red";
        let problem = door.api(asked).await.problem(422);

        let fields: Vec<_> =
            problem["errors"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect();
        assert_eq!(fields, ["days", "sizes", "keep_alive_s", "number_price", "colour"]);
        town.store.close().await;
    })
    .await;
}
