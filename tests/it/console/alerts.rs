//! The page of alerts: what is watched in words, what somebody writes, and who may.

use whence::domain::staff::{Post, Role};

use crate::api::alerts::Judge;
use crate::api::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in, sign_in_as};
use crate::support::town::{POSTER, Town};

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_each_alert_in_words_and_takes_new_ones_from_who_may() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let (door, judge, ada) = (Door::of(&town), Judge::new(), sign_in(&town.store).await);
        let [nothing, rien] = door.in_both("/console/alerts", ada).await;
        assert!(nothing.contains("Nothing is watched yet") && rien.contains("Rien n’est encore surveillé"));
        for kind in ["missed", "silence", "pool", "trunk", "cost"] {
            let [form, _] = door.in_both(&format!("/console/alerts?kind={kind}"), ada).await;
            assert!(form.contains(&format!("name=\"kind\" value=\"{kind}\"")), "{form}");
        }
        let form = async |fields: &[(&str, &str)]| {
            let answer = door.form("/console/alerts", fields, &[ada, ("accept-language", "en")]).await;
            (answer.status.as_u16(), answer.header("location").to_owned(), answer.body)
        };

        let missed = [
            ("kind", "missed"),
            ("name", "<b>Missed</b>"),
            ("number", "01 99 00 20 03"),
            ("minutes", "60"),
            ("calls", "0"),
            ("least_calls", "10"),
            ("share_percent", ""),
            ("emails", "ada@example.org, bo@example.org"),
            ("language", "fr"),
            ("enabled", "true"),
        ];
        let (status, place, body) = form(&missed).await;
        assert_eq!(status, 303, "{body}");
        let cost = [
            ("kind", "cost"),
            ("name", "Dear"),
            ("days", "7"),
            ("low", "2,50"),
            ("high", "20"),
            ("currency", "eur"),
            ("past_percent", ""),
            ("zone", "Europe/Paris"),
            ("enabled", "true"),
        ];
        assert_eq!(form(&cost).await.0, 303);
        let (refused, _, body) = form(&[
            ("kind", "cost"),
            ("name", "Dear"),
            ("low", "1.000"),
            ("emails", "ada"),
            ("zone", "Mars"),
        ])
        .await;
        assert!(
            refused == 422 && body.contains("or less than: is no amount") && body.contains("value=\"1.000\""),
            "{body}"
        );
        somebody_calls(&town, POSTER, Some(7001), false).await;
        judge.looks(&town).await;
        let [en, fr] = door.in_both("/console/alerts", ada).await;
        assert!(en.contains("&#60;b&#62;Missed&#60;/b&#62;") && en.contains("01 99 00 20 03"), "{en}");
        assert!(
            en.contains("more than 0 calls missed within 60 min") && en.contains("1 of 1 calls missed"),
            "{en}"
        );
        assert!(en.contains("less than EUR 2.50 or more than EUR 20.00, over 7 days"), "{en}");
        assert!(
            fr.contains("Levée") && fr.contains("un appel coûte moins de 2,50 EUR ou plus de 20,00 EUR"),
            "{fr}"
        );
        let [detail, _] = door.in_both(&place, ada).await;
        assert!(detail.contains("goes on") && detail.contains("ada@example.org, bo@example.org"), "{detail}");
        assert!(detail.contains("name=\"calls\" min=\"0\" value=\"0\""), "{detail}");
        let mut other = missed;
        other[4].1 = "5";
        assert_eq!(door.form(&place, &other, &[ada]).await.status, 303);
        let [changed, _] = door.in_both(&place, ada).await;
        assert!(changed.contains("more than 5 calls missed") && !changed.contains("goes on"), "{changed}");

        // Who may not see costs is told of no cost, and who only sees changes nothing.
        let ben = sign_in_as(&town.store, Post { role: Role::Telephony, outlet: None }).await;
        let [seen, _] = door.in_both("/console/alerts", ben).await;
        assert!(!seen.contains("Dear") && seen.contains("Missed") && !seen.contains("kind=cost"), "{seen}");
        assert_eq!(door.form("/console/alerts", &cost, &[ben]).await.status, 403);
        assert_eq!(door.form(&format!("{place}/delete"), &[], &[ben]).await.status, 303);
        assert_eq!(door.get(&place, &[ada]).await.status, 404);
        town.store.close().await;
    })
    .await;
}
