//! What calls cost, on its page: with nothing, with costs and calls, and the costs written, brought, deleted and put back.

use axum::body::Body;
use serde_json::json;

use crate::api::money::costs;
use crate::api::overview::somebody_calls;
use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request, sign_in};
use crate::support::town::{MINUTE, POSTER, Town, page};

async fn bring(door: &Door, session: (&str, &str), table: &str) -> Answer {
    let kind = ("content-type", "multipart/form-data; boundary=x");
    let headers = [session, kind, ("sec-fetch-site", "same-origin"), ("accept-language", "en")];
    let body = format!(
        "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"costs.csv\"\r\n\r\n{table}\r\n--x--\r\n"
    );
    door.ask(request("POST", "/console/money/table", &headers, Body::from(body))).await
}

fn plain(answer: &Answer, status: u16) -> String {
    answer.page(status).replace(['\u{a0}', '\u{202f}'], " ")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_calls_cost_and_brought_is_shown_in_figures_rows_and_words() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [nothing, rien] = door.in_both("/console/money", session).await;
        costs(
            &door,
            json!({"first_day": "2026-11-01", "last_day": "2026-11-30", "channel": "Paid Search",
                            "campaign": "rye", "amount_minor": 3_000_000, "currency": "EUR"}),
        )
        .await;
        costs(
            &door,
            json!({"first_day": "2026-11-22", "channel": "Audio", "amount_minor": 5, "currency": "CHF"}),
        )
        .await;
        town.opens(page("/bread?utm_source=google&utm_medium=cpc&utm_campaign=rye")).await;
        town.clock.advance(MINUTE);
        somebody_calls(&town, 1000, Some(7001), true).await;
        somebody_calls(&town, POSTER, Some(7002), false).await;
        door.count().await;

        let [en, fr] = door.in_both("/console/money?period=today&zone=Europe%2FParis", session).await;
        let [by_campaign, _] =
            door.in_both("/console/money?period=today&by=campaign&channel=Email", session).await;
        let [unknown, inconnu] = door.in_both("/console/money?period=today&outcome=answered", session).await;
        let [overview, vue] = door.in_both("/console/overview?period=today", session).await;
        let [hidden, _] = door.in_both("/console/overview?period=today&outcome=answered", session).await;

        assert!(nothing.contains("No costs in this time") && rien.contains("Aucun coût sur cette période"));
        assert!(nothing.contains("No costs are known of the last year"), "{nothing}");
        assert!(en.contains("aria-current=\"page\">Money</a>"), "{en}");
        // A day of thirty for two calls; the day before cost as much.
        assert!(
            en.contains("<dt>Cost</dt>") && en.contains("<span class=\"large num\">EUR 1,000</span>"),
            "{en}"
        );
        assert!(en.contains("<span class=\"large num\">EUR 500.00</span>") && en.contains("±0%"), "{en}");
        assert!(en.contains("Left out, being in another currency: cost CHF 0.05, revenue CHF 0.00."), "{en}");
        assert!(
            en.contains("&#38;channel=Paid+Search\">Paid Search</a>") && en.contains(">Offline</a>"),
            "{en}"
        );
        assert!(en.contains("amounts in EUR") && fr.contains("montants en EUR"), "{en}");
        assert!(en.contains("<rect class=\"spent\" width=\"1000\""), "{en}");
        assert!(en.contains("Too few weeks: 3 of the last 52 cost something, and 8 are needed."), "{en}");
        assert!(
            fr.contains("500,00 EUR") && fr.contains("Où va le prochain euro") && fr.contains("Hors ligne"),
            "{fr}"
        );
        assert!(
            by_campaign.contains("Channel: Email") && by_campaign.contains("No costs in this time"),
            "{by_campaign}"
        );
        assert!(
            unknown.contains("What calls cost is not known with this filter")
                && inconnu.contains("on ne sait pas")
        );
        assert!(overview.contains("<dt>Cost per call</dt>") && overview.contains("EUR 500.00"), "{overview}");
        assert!(vue.contains("<dt>Coût par appel</dt>"), "{vue}");
        let tile = hidden.split("<dt>Cost per call</dt>").nth(1).unwrap();
        assert!(tile.trim_start().starts_with("<dd><span class=\"large num\">–</span>"), "{tile}");
        for bad in ["period=moon", "currency=euro", "deleted=x", "by=x"] {
            assert_eq!(door.get(&format!("/console/money?{bad}"), &[session]).await.status, 422, "{bad}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn costs_are_written_by_a_form_deleted_and_put_back() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let good = [
            ("first_day", "2026-11-01"),
            ("last_day", "2026-11-30"),
            ("amount", "1 250,50"),
            ("currency", "EUR"),
            ("channel", "Paid Search"),
            ("source", "google"),
            ("campaign", "<b>rye</b>"),
            ("outlet", "bakery"),
            ("note", ""),
        ];
        let mut bad = good;
        (bad[1].1, bad[2].1, bad[7].1) = ("2026-10-01", "1.250", "harbour");
        let path = "/console/money/costs";

        let refused = door.form(path, &bad, &[session, ("accept-language", "en")]).await;
        let abgelehnt = door.form(path, &bad, &[session, ("accept-language", "fr")]).await;
        let stranger = door.form(path, &good, &[]).await;
        let written = door.form(path, &good, &[session]).await;

        let refused = plain(&refused, 422);
        assert!(refused.contains("Last day: comes before the first day"), "{refused}");
        assert!(refused.contains("Amount: not an amount") && refused.contains("value=\"1.250\""), "what was sent stays");
        assert!(refused.contains("<option value=\"Paid Search\" selected>"), "{refused}");
        assert!(plain(&abgelehnt, 422).contains("Dernier jour : vient avant le premier jour"));
        assert_eq!((stranger.status.as_u16(), written.status.as_u16()), (303, 303));
        assert!(stranger.header("location").contains("sign-in"));
        assert_eq!(written.header("location"), "/console/money#costs");
        let mut nowhere = good;
        nowhere[7].1 = "harbour";
        let nowhere = door.form(path, &nowhere, &[session, ("accept-language", "en")]).await;
        assert!(plain(&nowhere, 422).contains("Outlet: must be an outlet of the plan"));
        let [en, fr] = door.in_both("/console/money", session).await;
        let whole = "EUR 1,250.50 · Paid Search · google · &#60;b&#62;rye&#60;/b&#62; · Bakery · 1 Nov 2026 – 30 Nov 2026";
        assert!(en.contains(&format!("title=\"Delete: {whole}\"")), "{en}");
        assert!(fr.contains("1 250,50 EUR"), "{fr}");

        let id = en.split("/console/money/costs/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let deleted = door.form(&format!("{path}/{id}/delete"), &[], &[session]).await;
        let again = door.form(&format!("{path}/{id}/delete"), &[], &[session]).await;
        assert_eq!(deleted.header("location"), format!("/console/money?deleted={id}#costs"));
        assert_eq!(again.status, 303, "one that is gone is gone");
        let [gone, _] = door.in_both(&format!("/console/money?deleted={id}"), session).await;
        assert!(gone.contains(&format!("Deleted, and gone from the reports of these days: {whole}")), "{gone}");
        assert!(gone.contains("Nothing has been written down yet."), "{gone}");
        assert!(!gone.contains("deleted%3D") && !gone.contains("&#38;deleted="), "it is told once");
        let back = door.form(&format!("{path}/{id}/restore"), &[], &[session]).await;
        assert_eq!(back.header("location"), "/console/money#costs");
        let [there, _] = door.in_both(&format!("/console/money?deleted={id}"), session).await;
        assert!(there.contains(whole) && !there.contains("Put it back"), "{there}");
        assert_eq!(door.form(&format!("{path}/{}/restore", town.clock.new_id()), &[], &[session]).await.status, 404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_brought_and_its_bad_lines_are_told() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [page, _] = door.in_both("/console/money", session).await;
        let example = page.split("<pre tabindex=\"0\">").nth(1).unwrap().split("</pre>").next().unwrap();
        let example = example.replace("&#34;", "\"");

        let brought = bring(&door, session, &example).await;
        let refused =
            bring(&door, session, "first_day,channel,amount,currency\n2026-11-01,Post,1,EUR\n").await;
        let many: String = (0..25).map(|nth| format!("2026-11-02,Email,{nth},EUR\n")).collect();
        bring(&door, session, &format!("first_day,channel,amount,currency\n{many}")).await;
        let huge = bring(&door, session, &"x".repeat(4 << 20)).await;

        assert_eq!(
            brought.header("location"),
            "/console/money?brought=2#costs",
            "the example is one: {}",
            brought.body
        );
        let refused = plain(&refused, 422);
        assert!(refused.contains("Line 2: Channel: must be a channel"), "{refused}");
        assert_eq!(huge.status, 413);
        let [first, _] = door.in_both("/console/money?brought=2", session).await;
        assert!(first.contains("2 lines are written down.") && first.contains("Older costs"), "{first}");
        let older = first.split("rel=\"next\"").next().unwrap().rsplit("href=\"").next().unwrap();
        let older = older.split("#costs").next().unwrap().replace("&#38;", "&");
        let [rest, _] = door.in_both(&older, session).await;
        assert!(rest.contains("Printed, 2000 pieces") && rest.contains("Newest costs"), "{rest}");
        town.store.close().await;
    })
    .await;
}
