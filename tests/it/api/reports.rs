//! What calls came from, added up, and what each channel earned.

use serde_json::Value;
use whence::flows::{Opened, call_arrives, call_corrected};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{MINUTE, NOON, POSTER, Town, page};

fn row<'a>(report: &'a Value, label: &str) -> &'a Value {
    let rows = report["rows"].as_array().unwrap().iter();
    let found = rows.into_iter().find(|row| row["label"].as_str().unwrap_or("-") == label);
    found.unwrap_or_else(|| panic!("no {label} in {report}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_added_up_with_their_probabilities_and_shares_of_one_channel_are_one() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let nothing = door.api("/api/v1/reports/channels").await.json();
        // The second visitor shares the number of the first: which of them calls nobody knows.
        town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_term=rye")).await;
        town.opens(page("/cake?utm_source=google&utm_medium=cpc&utm_term=bun")).await;
        town.clock.advance(MINUTE / 6);
        let call = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        let end = [town.answer(&call)];
        whence::flows::call_is_answered(&town.store, &town.clock, &end[0]).await.unwrap();
        whence::flows::call_ends(&town.store, &town.clock, &town.end(&call, Some(town.clock.now())))
            .await
            .unwrap();
        call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();
        town.clock.advance(MINUTE);

        door.count().await;
        let channels = door.api("/api/v1/reports/channels").await.json();
        let terms = door.api("/api/v1/reports/channels?dimension=term").await.json();
        let pages = door.api("/api/v1/reports/channels?dimension=landing_page&site=bakery").await.json();
        let poster = door.api("/api/v1/reports/channels?number=%2B33199002003&outlet=bakery").await.json();
        let nobody = door.api("/api/v1/reports/channels?site=nobodys&outlet=nobodys").await.json();
        let before = door.api("/api/v1/reports/channels?until=2026-11-22T12:00:00Z").await.json();

        assert_eq!((&nothing["calls"], &nothing["rows"]), (&0.into(), &Value::Array(vec![])));
        assert_eq!(
            (&channels["calls"], &channels["level"], &channels["cut"]),
            (&2.into(), &0.9.into(), &false.into())
        );
        let paid = row(&channels, "Paid Search");
        assert!(number(&paid["calls"]) > 0.98, "{channels}");
        assert_eq!((&paid["calls_from"], &paid["calls_to"]), (&1.0.into(), &1.0.into()));
        assert_eq!((&paid["answered"], &paid["unanswered"]), (&paid["calls"], &0.0.into()));
        let offline = row(&channels, "Offline");
        assert_eq!((&offline["calls"], &offline["answered"]), (&1.0.into(), &0.0.into()));
        let sum: f64 = channels["rows"].as_array().unwrap().iter().map(|row| number(&row["calls"])).sum();
        assert!((sum - 2.0).abs() < 1e-9, "{channels}");
        // Of the terms nobody is sure.
        let (rye, bun) = (row(&terms, "rye"), row(&terms, "bun"));
        assert!((number(&rye["calls"]) + number(&bun["calls"]) - number(&paid["calls"])).abs() < 1e-9);
        assert_eq!((&rye["calls_from"], &rye["calls_to"]), (&0.0.into(), &1.0.into()));
        assert!(number(&row(&terms, "-")["calls"]) >= 1.0, "{terms}");
        assert_eq!(row(&pages, "https://bakery.example/bread")["calls"], rye["calls"]);
        assert_eq!((&poster["calls"], poster["rows"].as_array().unwrap().len()), (&1.into(), 1));
        assert_eq!((&nobody["calls"], &before["calls"]), (&0.into(), &0.into()));
        let bad = door.api("/api/v1/reports/channels?dimension=moon&from=x").await.problem(422);
        assert_eq!(bad["errors"].as_array().unwrap().len(), 2);
        town.store.close().await;
    })
    .await;
}

/// The published case: A>B>A>B>B>A, A>B>B>A>A and A>A, all with a call, give Markov credit 2 and 1.
#[tokio::test(flavor = "multi_thread")]
async fn journeys_earn_over_the_api_what_a_hand_computes() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 40).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        for path in ["ABABBA", "ABBAA", "AA"] {
            let mut visitor = None;
            let mut last = None;
            for channel in path.chars() {
                let medium = if channel == 'A' { "cpc" } else { "email" };
                let opened = page(&format!("/?utm_source=shop&utm_medium={medium}"));
                let shown = town.opens(Opened { visitor, ..opened }).await;
                (visitor, last) = (shown.visitor, shown.visit);
                town.clock.advance(60 * MINUTE);
            }
            let call = town.call(1000, None);
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            call_corrected(&town.store, &town.clock, call.call, last).await.unwrap();
        }
        town.clock.advance(MINUTE);

        let all = door.api("/api/v1/reports/credit").await.json();
        let earned = |model: &str, channel: &str| {
            let models = all["models"].as_array().unwrap().iter();
            let model = models.into_iter().find(|it| it["model"] == model).unwrap();
            let credits = model["credits"].as_array().unwrap().iter();
            number(&credits.into_iter().find(|it| it["label"] == channel).unwrap()["calls"])
        };

        assert_eq!(
            (&all["calls"], &all["untouched"], &all["cut"], &all["calls_since"]),
            (&3.0.into(), &0.0.into(), &false.into(), &Value::Null)
        );
        let (paid, email) = (a_channel(&all, 0), a_channel(&all, 1));
        for (model, a, b) in [
            ("first", 3.0, 0.0),
            ("last", 3.0, 0.0),
            ("last_non_direct", 3.0, 0.0),
            // 3/6 + 3/5 + 1.
            ("linear", 2.1, 0.9),
            // 0.8 + 0.05 (one of four between), 0.8 + 0.2/3, 1.
            ("position_based", 2.6 + 0.05 + 0.2 / 3.0, 0.15 + 0.4 / 3.0),
            ("markov", 2.0, 1.0),
            // Alone A makes each of its journeys a call, and so do both together; B alone made none.
            ("shapley", 3.0, 0.0),
        ] {
            assert!((earned(model, &paid) - a).abs() < 1e-9, "{model}: {all}");
            assert!((earned(model, &email) - b).abs() < 1e-9, "{model}: {all}");
        }
        // Which visit called is certain: rules have no width, and what is learnt from three calls has.
        let bounds = |model: usize| {
            let credit = &all["models"][model]["credits"][0];
            (number(&credit["calls_from"]), number(&credit["calls"]), number(&credit["calls_to"]))
        };
        assert_eq!((all["level"].clone(), all["dimension"].clone()), (0.9.into(), "channel".into()));
        let (from, calls, to) = bounds(3);
        assert!((from - calls).abs() < 1e-9 && (to - calls).abs() < 1e-9, "{all}");
        let (from, calls, to) = bounds(6);
        assert!(from < calls && calls < to && to <= 3.0, "{all}");
        let one = door.api("/api/v1/reports/credit?model=linear&lookback_days=7&site=bakery").await.json();
        assert_eq!(one["models"].as_array().unwrap().len(), 1);
        let none = door.api(&format!("/api/v1/reports/credit?until={NOON}")).await.json();
        assert_eq!((&none["calls"], none["models"].as_array().unwrap().len()), (&0.0.into(), 8));
        let bad = door.api("/api/v1/reports/credit?model=best&lookback_days=0&order=9").await.problem(422);
        assert_eq!(bad["errors"].as_array().unwrap().len(), 3);
        town.store.close().await;
    })
    .await;
}

fn a_channel(all: &Value, place: usize) -> String {
    all["models"][3]["credits"][place]["label"].as_str().unwrap().to_owned()
}
