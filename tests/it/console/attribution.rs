//! What calls came from and how many numbers a pool needs: with nothing, something, and choices in the address.

use whence::domain::ids::CallId;
use whence::flows::{call_arrives, call_corrected, priors_learned};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page};

/// A visit by this address, and a call on the number it was lent.
async fn somebody_calls(town: &Town, path: &str) -> CallId {
    let shown = town.opens(page(path)).await;
    town.clock.advance(MINUTE);
    let mut call = town.call(1000, None);
    call.number = shown.swaps[0].number.clone().expect("the pool has a number left");
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    call.call
}

#[tokio::test(flavor = "multi_thread")]
async fn every_model_says_what_each_channel_earned_and_the_chosen_one_leads() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [nothing, rien] = door.in_both("/console/attribution", session).await;
        town.somebody_comes().await;
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(1000, None)).await.unwrap();
        call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();

        door.count().await;
        let [en, fr] = door.in_both("/console/attribution", session).await;
        let path = "/console/attribution?dimension=campaign&period=7d&model=shapley&lookback_days=7";
        let [campaigns, _] = door.in_both(path, session).await;
        let [other, _] = door.in_both("/console/attribution?site=nobodys", session).await;
        let [filtered, _] = door.in_both("/console/attribution?channel=Offline&outlet=bakery", session).await;
        let csv = door.get("/console/attribution.csv?model=linear", &[session]).await;

        assert!(nothing.contains("No calls in this time") && rien.contains("Aucun appel"), "{nothing}");
        assert!(en.contains("aria-current=\"page\">Attribution</a>"), "{en}");
        let heads: Vec<&str> = en.split("<th scope=\"col\" class=\"end\">").skip(1).collect();
        assert!(heads.len() == 8 && heads[0].starts_with("Markov<"), "{en}");
        for model in ["First", "Last non-direct", "Position-based", "Shapley"] {
            assert!(heads.iter().any(|it| it.starts_with(&format!("{model}<"))), "{model}: {en}");
        }
        assert!(en.contains("?channel=Paid+Search\">Paid Search</a>"), "{en}");
        assert!(
            fr.contains("Dernier non direct") && fr.contains("Ce qui serait perdu sans le canal"),
            "{fr}"
        );
        assert!(campaigns.contains(">bread</a>") && campaigns.contains("(not told)"), "{campaigns}");
        for chosen in ["Shapley", "7 days", "Campaign"] {
            assert!(
                campaigns.contains(&format!(" aria-current=\"true\">{chosen}</a>")),
                "{chosen}: {campaigns}"
            );
        }
        assert!(campaigns.contains("<strong aria-current=\"true\">7 days before</strong>"), "{campaigns}");
        assert!(
            campaigns.contains("name=\"model\" value=\"shapley\""),
            "the form of days keeps it: {campaigns}"
        );
        assert!(other.contains("No call fits all that is asked for."), "{other}");
        assert!(filtered.contains(">Offline</a>") && !filtered.contains(">Paid Search</a>"), "{filtered}");
        let lines: Vec<&str> = csv.body.lines().collect();
        assert!(
            lines[0].starts_with("\u{feff}\"channel\",\"linear\",\"linear_from\",\"linear_to\",\"first\""),
            "{}",
            csv.body
        );
        assert_eq!(lines.len(), 3, "{}", csv.body);
        for wrong in
            ["dimension=moon", "dimension=outcome", "model=best", "destination=counter", "lookback_days=0"]
        {
            door.get(&format!("/console/attribution?{wrong}"), &[session]).await.page(422);
        }
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

        let [few, fr] = door.in_both("/console/pools/web", session).await;
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

#[tokio::test(flavor = "multi_thread")]
async fn with_no_calls_both_pages_say_what_to_do() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        door.count().await;
        let [en, fr] = door.in_both("/console/attribution", session).await;
        let [pool, groupe] = door.in_both("/console/pools/web", session).await;

        assert!(en.contains("No calls in this time") && fr.contains("Aucun appel"), "{fr}");
        assert!(!en.contains("<table") && !fr.contains("<table"));
        assert!(pool.contains("Say how many visits an hour you expect."), "{pool}");
        assert!(
            groupe.contains("Trop peu de visites pour conclure") && !groupe.contains("<table"),
            "{groupe}"
        );
        for path in ["/console/attribution", "/console/pools/web"] {
            assert_eq!(door.get(path, &[]).await.status, 303, "for who is signed in alone");
        }
        town.store.close().await;

        door.get("/console/attribution", &[session]).await.page(503);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_far_too_much_is_cut_and_all_of_it_is_text() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 60).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        for n in 10..70 {
            let campaign = format!("%3Cb%3E{n}{}", "long".repeat(40));
            somebody_calls(&town, &format!("/?utm_source=google&utm_medium=cpc&utm_campaign={campaign}"))
                .await;
        }

        door.count().await;
        let path = "/console/attribution?dimension=campaign";
        let [en, fr] = door.in_both(path, session).await;

        for (page, cut) in
            [(&en, "Only the rows with the most calls"), (&fr, "Seules les lignes ayant le plus")]
        {
            assert_eq!(page.matches("<th scope=\"row\">").count(), 50);
            assert!(page.matches(">&#60;b&#62;").count() > 40, "{page}");
            assert!(page.contains(cut) && !page.contains("<b>"), "{page}");
        }
        assert!(en.contains("<span class=\"soft num\">60</span>"), "{en}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_channels_than_can_be_reckoned_exactly_show_how_sure_their_credit_is() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 20).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let sources = [
            ("google", "cpc"),
            ("google", "organic"),
            ("facebook", "referral"),
            ("facebook", "cpc"),
            ("youtube", "referral"),
            ("youtube", "cpc"),
            ("criteo", "display"),
            ("criteo", "cpc"),
            ("ebay.fr", "referral"),
            ("amazon", "cpc"),
            ("blog.example", "referral"),
            ("newsletter", "email"),
            ("awin", "affiliate"),
            ("spotify", "audio"),
            ("brevo", "sms"),
            ("brevo", "web-push"),
            ("chatgpt", "referral"),
            ("flyer", "qr"),
        ];
        for (source, medium) in sources {
            somebody_calls(&town, &format!("/?utm_source={source}&utm_medium={medium}")).await;
        }

        door.count().await;
        let [en, fr] = door.in_both("/console/attribution?model=shapley", session).await;

        assert_eq!(en.matches("<th scope=\"row\">").count(), sources.len());
        let bounds = |page: &str| page.matches("<td class=\"end num lead\">").count();
        assert!(en.contains(" – ") && bounds(&en) == sources.len(), "{en}");
        assert!(fr.contains(">Assistant IA</a>"), "{fr}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_is_reckoned_by_its_own_visits_at_its_own_keep_alive_or_at_three_others() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 5).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        for _ in 0..40 {
            town.somebody_comes().await;
            town.clock.advance(5 * MINUTE);
        }

        let [own, _] = door.in_both("/console/pools/web", session).await;
        let path = "/console/pools/web?keep_alive_min=1,20,60&number_price=0.35";
        let [en, fr] = door.in_both(path, session).await;

        assert!(own.contains("Visits replayed: <span class=\"num\">40</span>"), "{own}");
        assert_eq!(own.matches("<polyline class=\"exhausted\"").count(), 1, "{own}");
        assert!(own.contains("Keep-alive 20 min"), "the pool's own: {own}");
        for (page, keep_alive) in [(&en, "Keep-alive 1 h 00 min"), (&fr, "Maintien 1 h 00 min")] {
            assert_eq!(page.matches("<svg class=\"curve\"").count(), 3, "{page}");
            assert!(page.contains(keep_alive) && page.contains("value=\"1,20,60\""), "{page}");
        }
        for wrong in
            ["per_hour=10001", "keep_alive_min=1,2,3,4", "stay_s=0", "number_price=-1", "call_worth=dear"]
        {
            door.get(&format!("/console/pools/web?{wrong}"), &[session]).await.page(422);
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_lists_every_reckoning_of_its_origin_and_the_priors_of_each() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 2).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let taught = somebody_calls(&town, "/?utm_source=google&utm_medium=cpc").await;
        let address = format!("/console/calls/{taught}");
        let [once, _] = door.in_both(&address, session).await;
        town.clock.advance(MINUTE);
        call_corrected(&town.store, &town.clock, taught, None).await.unwrap();
        assert_eq!(priors_learned(&town.store, &town.clock).await.unwrap(), 1);
        let later = somebody_calls(&town, "/").await;
        let poster = town.call(POSTER, None);
        call_arrives(&town.store, &town.clock, &poster).await.unwrap();

        let [en, fr] = door.in_both(&address, session).await;
        let [learned, appris] = door.in_both(&format!("/console/calls/{later}"), session).await;
        let [alone, _] = door.in_both(&format!("/console/calls/{}", poster.call), session).await;

        assert!(
            once.contains("Reckoned when the call arrived,") && once.contains("By the stated priors."),
            "{once}"
        );
        assert!(!once.contains("Earlier reckonings"));
        let (newest, earlier) = en.split_once("Earlier reckonings (1)").expect("there are two");
        assert!(newest.contains("Corrected <time") && !newest.contains("priors"), "{newest}");
        assert!(
            earlier.contains("Reckoned when the call arrived,") && earlier.contains("Paid Search"),
            "{earlier}"
        );
        assert!(earlier.contains("By the stated priors."), "{earlier}");
        assert!(
            fr.contains("Calculs antérieurs (1)") && fr.contains("Selon les a priori de départ."),
            "{fr}"
        );
        assert!(learned.contains("By what labelled calls have taught, priors no. 1."), "{learned}");
        assert!(appris.contains("a priori nº 1."), "{appris}");
        assert!(alone.contains("Reckoned when the call arrived,") && !alone.contains("priors"), "{alone}");
        town.store.close().await;
    })
    .await;
}
