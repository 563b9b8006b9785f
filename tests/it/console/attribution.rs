//! What calls came from and how many numbers a pool needs: with nothing, something, and choices in the address.

use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, POSTER, Town};

async fn in_both(door: &Door, path: &str, session: (&str, &str)) -> [String; 2] {
    let mut pages = [String::new(), String::new()];
    for (page, lang) in pages.iter_mut().zip(["en", "fr"]) {
        let answer = door.get(path, &[session, ("accept-language", lang)]).await;
        *page = answer.page(200).replace(['\u{a0}', '\u{202f}'], " ");
        for inline in ["<style", "style=\"", "onclick", "javascript:"] {
            assert!(!page.contains(inline), "{path}: {inline}");
        }
    }
    pages
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_are_shown_by_channel_with_their_interval_and_what_each_model_says() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let [nothing, _] = in_both(&door, "/console/attribution", session).await;
        town.somebody_comes().await;
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1000, None)).await.unwrap();
        call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();

        let [en, fr] = in_both(&door, "/console/attribution", session).await;
        let path = "/console/attribution?dimension=campaign&period=week&site=bakery";
        let [campaigns, _] = in_both(&door, path, session).await;
        let [other, _] = in_both(&door, "/console/attribution?site=nobodys", session).await;

        assert!(nothing.contains("No calls yet"), "{nothing}");
        assert!(en.contains("aria-current=\"page\">Attribution</a>"), "{en}");
        assert!(en.contains("<th scope=\"row\">Paid Search</th>") && en.contains("1 – 1"), "{en}");
        assert!(fr.contains("Recherche payante") || fr.contains("Recherche"), "{fr}");
        for model in ["First", "Last non-direct", "Position-based", "Markov", "Shapley"] {
            assert!(en.contains(&format!("<th scope=\"col\" class=\"end\">{model}</th>")), "{model}: {en}");
        }
        assert!(
            fr.contains("Dernier non direct") && fr.contains("Ce qui serait perdu sans le canal"),
            "{fr}"
        );
        assert!(campaigns.contains("<th scope=\"row\">bread</th>"), "{campaigns}");
        assert!(campaigns.contains("<option value=\"week\" selected>"), "{campaigns}");
        assert!(campaigns.contains("<option value=\"campaign\" selected>"), "{campaigns}");
        assert!(other.contains("No calls yet"), "{other}");
        assert_eq!(door.get("/console/attribution?dimension=moon", &[session]).await.status, 422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_shows_how_many_numbers_it_needs_as_a_curve_and_a_table() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        let [few, fr] = in_both(&door, "/console/pools/web", session).await;
        let path = "/console/pools/web?per_hour=10&keep_alive_min=2&number_price=2&call_worth=9";
        let en = door.get(path, &[session]).await.page(200).to_owned();

        assert!(few.contains("Too few visits") && !few.contains("<polyline"), "{few}");
        assert_eq!(en.matches("<polyline class=\"exhausted\" points=\"").count(), 1, "{en}");
        assert_eq!(en.matches("<tr class=\"chosen\">").count(), 1, "{en}");
        assert!(en.contains("value=\"10\"") && en.contains("value=\"2\""), "{en}");
        assert!(fr.contains("Combien de numéros"), "{fr}");
        assert_eq!(door.get("/console/pools/nobodys", &[session]).await.status, 404);
        assert_eq!(door.get("/console/pools/web?per_hour=0", &[session]).await.status, 422);
        town.store.close().await;
    })
    .await;
}
