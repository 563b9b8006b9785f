//! The pages of numbers.

use axum::body::Body;
use serde_json::json;
use whence::flows::call_arrives;

use super::{Office, leads_to};
use crate::support::databases::on_each_database;
use crate::support::door::{Answer, request};
use crate::support::town::{MINUTE, POSTER, phone, slug};

const LIST: &str = "/console/numbers";

impl Office {
    async fn brings(&self, table: &str) -> Answer {
        let kind = ("content-type", "multipart/form-data; boundary=x");
        let headers = [self.session, kind, ("sec-fetch-site", "same-origin"), ("accept-language", "en")];
        let body = format!(
            "--x\r\ncontent-disposition: form-data; name=\"file\"; filename=\"numbers.csv\"\r\n\r\n{table}\r\n--x--\r\n"
        );
        self.door.ask(request("POST", "/console/numbers/table", &headers, Body::from(body))).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_listed_searched_and_filtered_with_where_they_are_in_their_life() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let mut call = office.town.call(POSTER, Some(5001));
        call.destination = Some(slug("night"));
        call_arrives(&office.town.store, &office.town.clock, &call).await.unwrap();
        office.town.clock.advance(MINUTE);

        let [en, fr] = office.door.in_both(LIST, office.session).await;
        let rows = |page: &str| page.matches("<th scope=\"row\">").count();
        let found = async |query: &str| {
            let answer = office.door.get(&format!("{LIST}?{query}"), &[office.session]).await;
            answer.page(200).to_owned()
        };

        assert_eq!(rows(&en), 14);
        assert!(en.contains("aria-current=\"page\">All numbers</a>"), "{en}");
        assert!(
            en.contains("Counter in Lyon") && en.contains("<code>boulangerie</code>") && en.contains(">free")
        );
        assert!(
            fr.contains("Dernier appel") && fr.contains("Hors ligne · ") && fr.contains(">libre"),
            "{fr}"
        );
        assert_eq!(rows(&found("search=01+99+00+20").await), 4);
        assert_eq!(rows(&found("search=%25").await), 14, "what is typed is no pattern");
        assert_eq!(
            rows(&found("destination=night").await),
            rows(&found("destination=night&service=in").await)
        );
        assert_eq!(rows(&found("pool=boulangerie&kind=pool").await), 10);
        assert!(found("kind=pool&destination=night").await.contains("No number is so"));
        assert_eq!(rows(&found("outlet=lyon&kind=medium&service=out").await), 0);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_is_added_changed_taken_out_by_its_name_and_put_back() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let [new, nouveau] = office.door.in_both("/console/numbers/new", office.session).await;
        assert!(new.contains("A new number") && nouveau.contains("Un nouveau numéro"));
        let mut fields = vec![
            ("new", "1"),
            ("e164", "01 99 00 20 77"),
            ("label", "Flyer"),
            ("outlet", "lyon"),
            ("destination", "night"),
            ("channel", "Offline"),
            ("source", "flyer"),
            ("medium", "print"),
        ];

        let review = office.sends(LIST, &fields).await;
        assert!(review.page(200).contains("New: number +33199002077"), "{}", review.body);
        assert!(
            office.town.store.find_number(&phone(2077)).await.unwrap().is_none(),
            "looking changes nothing"
        );
        let one = "/console/numbers/+33199002077";
        leads_to(&office.confirms(LIST, &fields, &[]).await, &format!("{one}?saved=1"));
        let [en, fr] = office.door.in_both(&format!("{one}?saved=1"), office.session).await;
        assert!(en.contains("The plan is changed.") && fr.contains("Le plan est changé."));
        assert!(en.contains("value=\"flyer\"") && en.contains("Night line in Paris"), "{en}");
        let twice = office.sends(LIST, &fields).await;
        assert!(twice.page(422).contains("already"), "{}", twice.body);

        fields.remove(0);
        fields[3] = ("destination", "nowhere");
        let wrong = office.sends(LIST, &fields).await;
        assert!(wrong.page(422).contains("there is no destination"), "{}", wrong.body);
        fields[3] = ("destination", "counter");
        leads_to(&office.confirms(LIST, &fields, &[]).await, &format!("{one}?saved=1"));

        let out = format!("{one}/out");
        let unforced = office.confirms(&out, &[], &[("typed", "+33199002077")]).await;
        assert!(unforced.page(200).contains("may stand in print"), "{}", unforced.body);
        let unnamed = office.confirms(&out, &[], &[("typed", "77"), ("forced", "1")]).await;
        assert!(unnamed.page(409).contains("does not match"), "{}", unnamed.body);
        let done = office.confirms(&out, &[], &[("typed", "+33199002077"), ("forced", "1")]).await;
        leads_to(&done, &format!("{one}?saved=1"));
        let [gone, parti] = office.door.in_both(one, office.session).await;
        assert!(gone.contains("Put back into service") && parti.contains("Remettre en service"));
        assert!(gone.contains("value=\"Flyer\""), "as it was before: {gone}");
        leads_to(&office.confirms(LIST, &fields, &[]).await, &format!("{one}?saved=1"));
        assert!(office.town.store.find_number(&phone(2077)).await.unwrap().unwrap().number.in_service);
        let into = [("e164", "+33199002077"), ("pool", "boulangerie")];
        let moved = office.sends(LIST, &into).await;
        assert!(moved.page(200).contains("may still call") && moved.body.contains("<code>pool</code>"));
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_numbers_are_changed_at_once_and_an_edit_in_between_is_told() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let bulk = "/console/numbers/bulk";
        let two = [("number", "+33199002003"), ("number", "+33199002001"), ("do", "destination")];
        let to_desk: Vec<_> = two.iter().copied().chain([("destination", "desk")]).collect();

        assert!(office.sends(bulk, &[("do", "out")]).await.page(422).contains("No number is chosen."));
        assert!(office.sends(bulk, &two).await.page(422).contains("Choose where to."));
        let pooled = [("number", "+33199001000"), ("do", "outlet"), ("outlet", "paris")];
        assert!(office.sends(bulk, &pooled).await.page(422).contains("is in the pool"));
        let review = office.sends(bulk, &to_desk).await;
        assert!(review.page(200).contains("Send calls to: 2 numbers"), "{}", review.body);
        let mut stale = super::hidden(&review.body);
        leads_to(&office.confirms(bulk, &to_desk, &[]).await, "/console/numbers?saved=1");
        assert_eq!(
            office.town.store.find_number(&phone(2003)).await.unwrap().unwrap().number.destination,
            slug("desk")
        );
        // The page that was opened before is confirmed now.
        stale.iter_mut().filter(|(name, _)| name == "destination").for_each(|(_, to)| *to = "counter".into());
        let stale: Vec<(&str, &str)> =
            stale.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let moved = office.sends(bulk, &stale).await;
        assert!(moved.page(409).contains("changed the plan meanwhile"), "{}", moved.body);
        assert_eq!(
            office.town.store.find_number(&phone(2003)).await.unwrap().unwrap().number.destination,
            slug("desk")
        );

        let out = [("number", "+33199001008"), ("number", "+33199001009"), ("do", "out")];
        leads_to(&office.confirms(bulk, &out, &[("typed", "2")]).await, "/console/numbers?saved=1");
        let list = office.door.get("/console/numbers?service=out", &[office.session]).await;
        assert_eq!(list.page(200).matches("<th scope=\"row\">").count(), 2);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_shown_line_by_line_before_it_is_brought_and_goes_out_as_it_came() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let table = "number;label;pool;outlet;destination;channel;source;medium\r\n\
                     +33199002003;Big poster;;lyon;counter;Offline;poster;print\r\n\
                     +33199002500;Card;;lyon;counter;Offline;card;print\r\n\
                     01 99 00 10 10;;boulangerie;;;;;\r\n";

        let [page, tableau] = office.door.in_both("/console/numbers/table", office.session).await;
        assert!(page.contains("Bring a table") && tableau.contains("Importer un tableau"));
        let bad = office.brings("number,label\r\nnobody,x\r\n+33199001000,y\r\n").await;
        let told = bad.page(422);
        assert!(told.contains("Line 2:") && told.contains("Line 3: the number is in the pool"), "{told}");
        let bad = office.brings(&table.replace("lyon;counter;Offline;card", "lyon;bar;Offline;card")).await;
        assert!(
            bad.page(422).contains("Line 3: numbers &#34;+33199002500&#34;: there is no destination"),
            "{}",
            bad.body
        );

        let review = office.brings(table).await;
        let shown = review.page(200).replace('\u{a0}', " ");
        for state in ["state changed", "state new"] {
            assert!(shown.contains(state), "{state}: {shown}");
        }
        let fields = super::hidden(&review.body);
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        leads_to(&office.sends("/console/numbers/table/apply", &fields).await, "/console/numbers?saved=1");
        let number = office.town.store.find_number(&phone(2500)).await.unwrap().unwrap().number;
        assert_eq!(number.label, "Card");

        let out = office.door.get("/console/numbers.csv", &[office.session]).await;
        assert!(out.body.contains("\"+33199002500\"") || out.body.contains("33199002500"), "{}", out.body);
        let again = office.brings(out.body.trim_start_matches('\u{feff}')).await;
        assert!(again.page(200).contains("Nothing: the plan says this already."), "{}", again.body);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_change_numbers_try_first_and_are_told_of_those_still_called() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let send = async |path: &str, kind: &str, body: String| {
            let headers = [("authorization", "Bearer plan:write"), ("content-type", kind)];
            office.door.ask(request("POST", path, &headers, Body::from(body))).await
        };
        let json = "application/json";
        let out = json!({"numbers": ["+33199002003"], "out_of_service": true}).to_string();

        let tried = send("/api/v1/numbers/change?dry_run=true", json, out.clone()).await.json();
        assert_eq!((&tried["applied"], &tried["changes"][0]["action"]), (&json!(false), &json!("remove")));
        assert!(tried["orphans"][0].as_str().unwrap().contains("static"), "{tried}");
        let refused = send("/api/v1/numbers/change", json, out.clone()).await.problem(409);
        assert!(refused["detail"].as_str().unwrap().contains("allow_orphans"));
        let done = send("/api/v1/numbers/change?allow_orphans=true", json, out).await.json();
        assert_eq!(done["applied"], true);
        for (wrong, field) in [
            (json!({"numbers": ["12"], "pool": "boulangerie"}), "numbers"),
            (json!({"numbers": ["+33199001000"]}), "numbers"),
            (json!({"numbers": ["+33199001000"], "pool": "boulangerie", "outlet": "lyon"}), "numbers"),
            (json!({"numbers": ["+33199001000"], "outlet": "lyon"}), "plan"),
        ] {
            let problem = send("/api/v1/numbers/change", json, wrong.to_string()).await.problem(422);
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
        let table = "number,pool\n+33199002003,boulangerie\n".to_owned();
        let brought = send("/api/v1/numbers/import", "text/csv", table.clone()).await.json();
        assert_eq!(brought["changes"][0]["thing"], "number +33199002003");
        send("/api/v1/numbers/import", json, table).await.problem(415);
        let bad = send("/api/v1/numbers/import", "text/csv", "number,pool\n+33199002003,web\n".into()).await;
        assert_eq!(bad.problem(422)["errors"][0]["field"], "line 2");
        let csv = office.door.api("/api/v1/numbers.csv").await;
        assert!(csv.body.starts_with("number,pool,label,"), "{}", csv.body);
        office.town.store.close().await;
    })
    .await;
}
