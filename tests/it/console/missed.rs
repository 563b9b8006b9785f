//! The page of callers whom nobody answered: with none, with some, and with more than a page of them.

use crate::api::missed::{opens_for_an_hour, rung, town_with_offers};
use crate::api::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::sign_in;
use crate::support::town::{MINUTE, POSTER};

#[tokio::test(flavor = "multi_thread")]
async fn callers_who_wait_stand_with_what_may_be_done_about_them() {
    on_each_database(async |database| {
        let (town, door) = town_with_offers(database).await;
        let session = sign_in(&town.store).await;
        opens_for_an_hour(&town, None).await;
        door.count().await;
        let [nobody, personne] = door.in_both("/console/missed", session).await;
        somebody_calls(&town, POSTER, Some(7001), false).await;
        somebody_calls(&town, POSTER, Some(7001), false).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        somebody_calls(&town, POSTER, None, false).await;
        somebody_calls(&town, POSTER, Some(7003), true).await;
        town.clock.advance(4 * MINUTE);
        rung(&door, 7002, "answered").await;
        door.count().await;

        let [en, fr] =
            door.in_both("/console/missed?zone=Europe%2FParis&share=99&within_seconds=1", session).await;
        let [back, rappele] = door.in_both("/console/missed?state=called_back&outlet=bakery", session).await;
        let [unfit, _] = door.in_both("/console/missed?state=all&channel=Email&period=today", session).await;

        assert!(nobody.contains("Nobody here") && personne.contains("Personne ici"), "{nobody}");
        assert!(nobody.contains("No calls came while a destination was open."), "{nobody}");
        assert!(en.contains("aria-current=\"page\">Missed calls</a>"), "{en}");
        assert!(en.contains(">01 99 00 70 01</a>") && !en.contains("70 02"), "{en}");
        assert!(
            en.contains("2 missed calls") && en.contains("not known") && en.contains("waiting for"),
            "{en}"
        );
        assert!(en.contains("<a class=\"button dial\" href=\"tel:+33199007001\">Call back</a>"), "{en}");
        assert!(
            en.contains("A call back is service until <time datetime=\"2026-11-25T12:01:00.000Z\""),
            "{en}"
        );
        assert!(fr.contains("Rappeler est un service jusqu’au"), "{fr}");
        assert!(en.contains("One more missed call came from a withheld number"), "{en}");
        assert!(
            fr.contains("Appels manqués") && fr.contains("Hors ligne") && fr.contains("attend depuis"),
            "{fr}"
        );
        assert!(en.contains("title=\"Sunday 13–14: 4 missed (While open)\""), "{en}");
        assert!(en.contains("title=\"Sunday 15–16: 0 missed (While closed)\""), "{en}");
        assert!(fr.contains("<th scope=\"row\">dimanche 13–14 h</th>"), "{fr}");
        assert!(
            en.contains("Sunday 13–14: 2 people needed, 1 could answer; 4 of 5 calls were missed."),
            "{en}"
        );
        assert!(en.contains("Few data: 0.2 such hours, 5 calls.") || en.contains("Few data:"), "{en}");
        assert!(back.contains("called back after") && rappele.contains("rappelé après"), "{back}");
        assert!(back.contains("<option value=\"bakery\" selected>") && !back.contains("70 01"), "{back}");
        assert!(back.contains("<input type=\"hidden\" name=\"state\" value=\"called_back\">"), "{back}");
        assert!(unfit.contains("Nobody here"), "{unfit}");
        for bad in ["state=lost", "period=moon", "share=100", "colour=red"] {
            assert_eq!(door.get(&format!("/console/missed?{bad}"), &[session]).await.status, 422, "{bad}");
        }
        assert_eq!(door.get("/console/missed", &[]).await.status, 303);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_callers_are_told_in_parts() {
    on_each_database(async |database| {
        let (town, door) = town_with_offers(database).await;
        let session = sign_in(&town.store).await;
        for caller in 0..27 {
            somebody_calls(&town, POSTER, Some(7000 + caller), false).await;
        }
        door.count().await;

        let [first, _] = door.in_both("/console/missed?period=7d", session).await;
        let rest = first.split("<a class=\"button\" href=\"").nth(1).and_then(|it| it.split('"').next());
        let rest = rest.unwrap_or_else(|| panic!("there is more: {first}")).replace("&#38;", "&");
        let [second, _] = door.in_both(&rest, session).await;

        assert_eq!(
            (first.matches("class=\"fate-open\"").count(), second.matches("class=\"fate-open\"").count()),
            (25, 2)
        );
        assert!(
            first.contains("70 26") && second.contains("70 00") && second.contains("Back to the latest"),
            "{second}"
        );
        town.store.close().await;
    })
    .await;
}
