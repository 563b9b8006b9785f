//! Lists and reports as tables: the fields of the API as columns, for who may see them.

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::{POSTER, Town};

use super::overview::somebody_calls;

#[tokio::test(flavor = "multi_thread")]
async fn every_list_is_a_table_with_the_names_of_the_api() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, ada) = (Door::of(&town), sign_in(&town.store).await);
        somebody_calls(&town, POSTER, Some(7001), true).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        door.count().await;

        for (table, begins, lines, row) in [
            ("reports/money.csv?dimension=channel", "label,cost_minor,calls,", 2, "Offline,0,2.0,"),
            ("reports/missed.csv?state=all", "contact,call,caller,number,", 2, ",'+33199007002,"),
            ("reports/missed/hours.csv", "hour_of_week,open_share,missed_rate,open_calls,", 169, "\r\n156,"),
            (
                "users.csv",
                "id,email,role,outlet,second_factor,created_at",
                2,
                ",ada@bakery.example,admin,,false,",
            ),
            ("pools.csv", "id,site,destination,target,", 2, "web,bakery,counter,"),
        ] {
            let answer = door.api(&format!("/api/v1/{table}")).await;

            assert_eq!(
                (answer.status.as_u16(), answer.header("content-type")),
                (200, "text/csv; charset=utf-8"),
                "{table}"
            );
            assert!(answer.body.starts_with(begins), "{table}: {}", answer.body);
            assert_eq!(answer.body.lines().count(), lines, "{table}: {}", answer.body);
            let plain = row.replace('\'', "");
            assert!(answer.body.contains(row) || answer.body.contains(&plain), "{table}: {}", answer.body);
        }
        let staffing = door.api("/api/v1/reports/missed/staffing.csv").await.body;
        assert!(staffing.starts_with("destination,hour_of_week,people,could,"), "{staffing}");
        let audit = door.api("/api/v1/audit.csv?kind=user").await.body;
        assert!(
            audit.starts_with("id,at,who,name,what,kind,subject,seq,hash\r\n")
                && audit.contains(",list,user,"),
            "{audit}"
        );
        for (table, scope) in [
            ("audit.csv", "audit:read"),
            ("reports/missed.csv", "contacts:read"),
            ("reports/money.csv", "costs:read"),
        ] {
            let half = [("authorization", "Bearer calls:read")];
            let told = door.get(&format!("/api/v1/{table}"), &half).await.problem(403);
            assert!(told["detail"].as_str().unwrap().contains(scope), "{told}");
        }
        for page in ["money", "missed", "audit", "users"] {
            let [shown, _] = door.in_both(&format!("/console/{page}"), ada).await;
            assert!(shown.contains(&format!("href=\"/console/{page}.csv")), "{page}: {shown}");
            let table = door.get(&format!("/console/{page}.csv"), &[ada, ("accept-language", "fr")]).await;
            assert!(
                table.status == 200 && table.body.starts_with("\u{feff}\"") && table.body.contains("\";\""),
                "{page}: {}",
                table.body
            );
        }
        town.store.close().await;
    })
    .await;
}
