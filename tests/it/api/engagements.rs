//! What other systems tell of contacts: written down once, attributed, with what follows from it.

use serde_json::{Value, json};
use whence::domain::ids::ContactId;
use whence::flows::{plan_applied, plan_exported, plan_read};

use super::contacts::{at, declaring_town, send, write};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, sign_in};
use crate::support::town::{MINUTE, Town};

const PURPOSES: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[purposes]]
id = "news"
name_en = "News"
name_fr = "Nouvelles"

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"
"#;

/// A town with purposes, where Ada is known by an address and a customer's number.
async fn town_of_ada(database: &Database) -> (Town, Door, Value) {
    let (town, door) = declaring_town(database).await;
    let before = plan_exported(&town.store).await.unwrap();
    let plan = plan_read(&format!("{before}{PURPOSES}"), &[], &[]).unwrap();
    plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
    let ada = write(
        &door,
        json!({"given_name": "Ada", "addresses": [{"line": "12 rue de la Paix", "city": "Paris"}],
               "identities": [{"kind": "email", "value": "ada@example.org"},
                              {"kind": "customer", "value": "crm:4711"}]}),
    )
    .await;
    (town, door, ada)
}

async fn tell(door: &Door, contact: &Value, body: Value) -> Answer {
    send(door, "POST", &format!("{}/engagements", at(contact)), body).await
}

async fn tell_many(door: &Door, engagements: &[Value]) -> Answer {
    send(door, "POST", "/api/v1/engagements", json!({ "engagements": engagements })).await
}

fn bought(reference: &str, amount: i64) -> Value {
    json!({"contact": null, "identity": {"kind": "customer", "value": "crm:4711"}, "kind": "purchase",
           "source": "shop", "reference": reference, "amount": amount, "currency": "EUR"})
}

fn fields(refused: &Value) -> Vec<&str> {
    refused["errors"].as_array().unwrap().iter().map(|it| it["field"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engagement_stands_once_and_is_told_as_it_was() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let mailing = json!({
            "kind": "email_sent", "source": "newsletter", "reference": "12 to 4711", "name": "Spring",
            "purpose": "offers", "utm_source": "newsletter", "utm_medium": "email", "utm_campaign": "spring",
            "properties": {"subject": "Bread", "rate": 0.1},
        });

        let first = tell(&door, &ada, mailing.clone()).await;
        town.clock.advance(MINUTE);
        let again = tell(&door, &ada, mailing.clone()).await;
        let mut other = mailing;
        other["properties"]["rate"] = json!(0.2);
        let differs = tell(&door, &ada, other).await;

        assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200), "{}", first.body);
        assert_eq!(first.json(), again.json());
        differs.problem(409);
        let listed = door.api(&format!("{}/engagements", at(&ada))).await.json();
        assert_eq!(listed["items"], json!([first.json()]));
        let told = first.json();
        assert_eq!((&told["solicits"], &told["purpose"]), (&json!(true), &json!("offers")));
        let came_by =
            json!({"channel": "Email", "source": "newsletter", "medium": "email", "campaign": "spring"});
        assert_eq!(told["came_by"], came_by);
        assert_eq!(told["properties"], json!({"subject": "Bread", "rate": 0.1}));
        let contact = door.api(&at(&ada)).await.json();
        let entry = &contact["timeline"][0];
        assert_eq!((&entry["kind"], &entry["engagement"]), (&json!("email_sent"), &told));
        assert_eq!(contact["acts"], json!({"first_at": null, "last_at": null, "purchases": []}));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_visit_led_to_came_by_what_the_visit_came_by() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let visit = town.somebody_comes().await.visit.unwrap();
        let form = json!({"kind": "form_submitted", "source": "site", "visit": visit});

        let told = tell(&door, &ada, form).await.json();

        assert_eq!((&told["visit"], &told["came_by"]["channel"]), (&json!(visit), &json!("Paid Search")));
        let nowhere = json!({"kind": "form_submitted", "source": "site", "visit": town.clock.new_id()});
        assert_eq!(fields(&tell(&door, &ada, nowhere).await.problem(422)), ["visit"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn purchases_add_up_by_currency_and_refunds_take_away() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let start = town.clock.now();
        let mut yen = bought("order 3", 700);
        yen["currency"] = json!("JPY");
        yen["at"] = json!(start - MINUTE);
        let told = [bought("order 1", 1250), bought("order 2", 500), yen, bought("refund 1", -1250)];

        let taken = tell_many(&door, &told).await;
        let again = tell_many(&door, &[bought("order 1", 1250), bought("order 4", 1), bought("order 4", 1)]).await;

        assert_eq!(taken.status, 200, "{}", taken.body);
        assert_eq!(taken.json()["new"], 4);
        let new: Vec<_> =
            again.json()["items"].as_array().unwrap().iter().map(|it| it["new"].clone()).collect();
        assert_eq!(new, [false, true, false]);
        let contact = door.api(&at(&ada)).await.json();
        let purchases = json!([{"count": 3, "total": 501, "currency": "EUR"}, {"count": 1, "total": 700, "currency": "JPY"}]);
        assert_eq!(contact["acts"], json!({"first_at": start - MINUTE, "last_at": start, "purchases": purchases}));

        let list = format!("{}/engagements", at(&ada));
        let count = async |query: &str| {
            door.api(&format!("{list}?{query}")).await.json()["items"].as_array().unwrap().len()
        };
        assert_eq!((count("kind=purchase").await, count("kind=visit").await), (5, 0));
        assert_eq!((count(&format!("to={start}")).await, count(&format!("from={start}")).await), (1, 4));
        door.api(&format!("{list}?kind=fax")).await.problem(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_all_are_taken_or_none() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let mut nobody = bought("order 2", 1);
        nobody["identity"]["value"] = json!("crm:4712");
        let mut nameless = bought("order 3", 1);
        nameless["identity"] = json!(null);
        let mut wrong = bought("order 4", 1);
        wrong["kind"] = json!("email_sent");
        let mut stranger = bought("order 5", 1);
        stranger["identity"] = json!(null);
        stranger["contact"] = json!(ContactId(town.clock.new_id()));

        let together = [bought("order 1", 1), nameless, wrong.clone()];
        let unreadable = tell_many(&door, &together).await.problem(422);
        let refused = tell_many(&door, &[bought("order 1", 1), nobody, wrong, stranger]).await.problem(422);
        let twice = tell_many(&door, &[bought("order 1", 1), bought("order 1", 2)]).await.problem(409);
        let none = tell_many(&door, &[]).await.problem(422);
        let many = tell_many(&door, &vec![bought("order 1", 1); 1_001]).await.problem(422);

        let all = ["engagements[1].contact", "engagements[2].amount", "engagements[2].currency"];
        assert_eq!(fields(&unreadable), all);
        let expected = [
            "engagements[1].identity",
            "engagements[2].amount",
            "engagements[2].currency",
            "engagements[3].contact",
        ];
        assert_eq!(fields(&refused), expected);
        assert!(twice["detail"].as_str().unwrap().starts_with("engagements[1].reference: "), "{twice}");
        assert_eq!((fields(&none), fields(&many)), (vec!["engagements"], vec!["engagements"]));
        assert_eq!(door.api(&at(&ada)).await.json()["timeline"], json!([]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_mails_come_back_from_is_marked_until_one_is_opened() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let start = town.clock.now();
        let mail = |kind: &str, minutes: u32| {
            json!({"kind": kind, "source": "newsletter", "at": start - MINUTE * minutes})
        };
        let bounced = async || {
            let known = door.api(&at(&ada)).await.json()["identities"].clone();
            let email = known.as_array().unwrap().iter().find(|it| it["kind"] == "email").cloned();
            email.unwrap()["bounced_at"].clone()
        };

        tell(&door, &ada, mail("email_bounced_soft", 9)).await;
        assert_eq!(bounced().await, Value::Null);
        tell(&door, &ada, mail("email_bounced_hard", 8)).await;
        assert_eq!(bounced().await, json!(start - MINUTE * 8));
        // Told late, it was opened before.
        tell(&door, &ada, mail("email_opened", 9)).await;
        assert_eq!(bounced().await, json!(start - MINUTE * 8));
        tell(&door, &ada, mail("email_clicked", 5)).await;
        assert_eq!(bounced().await, Value::Null);
        tell(&door, &ada, mail("email_bounced_hard", 6)).await;
        assert_eq!(bounced().await, Value::Null);

        // Of several addresses the one that is named.
        tell(&door, &ada, mail("email_bounced_hard", 4)).await;
        assert_eq!(bounced().await, json!(start - MINUTE * 4));
        let work = json!({"kind": "email", "value": "ada@work.example"});
        send(&door, "POST", &format!("{}/identities", at(&ada)), work.clone()).await;
        tell(&door, &ada, mail("email_opened", 3)).await;
        assert_eq!(bounced().await, json!(start - MINUTE * 4));
        let checked = json!({"kind": "email", "value": "ada@example.org", "verified": true});
        send(&door, "POST", &format!("{}/identities", at(&ada)), checked).await;
        assert_eq!(bounced().await, Value::Null);
        let mut named = mail("email_bounced_hard", 2);
        named["email"] = json!("Ada@Work.example");
        tell(&door, &ada, named).await;
        let known = door.api(&at(&ada)).await.json()["identities"].clone();
        let marked: Vec<_> =
            known.as_array().unwrap().iter().filter(|it| !it["bounced_at"].is_null()).map(|it| &it["value"]).collect();
        assert_eq!(marked, [&work["value"]]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_letters_come_back_from_is_marked_until_another_is_written() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let start = town.clock.now();
        let returned = async || door.api(&at(&ada)).await.json()["addresses"][0]["returned_at"].clone();
        let rewrite = async |city: &str| {
            let addresses = json!({"addresses": [{"line": "12 rue de la Paix", "city": city}]});
            assert_eq!(send(&door, "PATCH", &at(&ada), addresses).await.status, 200);
        };

        let elsewhere = json!({"kind": "letter_returned", "source": "post", "address": "work"});
        tell(&door, &ada, elsewhere).await;
        assert_eq!(returned().await, Value::Null);
        tell(&door, &ada, json!({"kind": "letter_returned", "source": "post"})).await;
        assert_eq!(returned().await, json!(start));

        // A system that writes every night what it always wrote knows no better.
        rewrite("Paris").await;
        assert_eq!(returned().await, json!(start));
        rewrite("Lyon").await;
        assert_eq!(returned().await, Value::Null);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_unsubscribes_has_taken_back_what_they_named_or_all() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let standing = async || {
            let found = door.api(&format!("{}/consents/standing", at(&ada))).await.json();
            let lines = found["items"].as_array().unwrap().iter().map(|it| {
                let line = &it["line"];
                assert_eq!((&line["channel"], &line["method"]), (&json!("email"), &json!("unsubscribe")));
                assert_eq!((&line["source"], &it["standing"]), (&json!("newsletter"), &json!("withdrawn")));
                line["purpose"].as_str().unwrap().to_owned()
            });
            lines.collect::<Vec<_>>()
        };
        let gone = json!({"kind": "email_unsubscribed", "source": "newsletter", "reference": "1", "purpose": "news"});

        for _ in 0..2 {
            assert!(tell(&door, &ada, gone.clone()).await.status.is_success());
        }
        assert_eq!(standing().await, ["news"]);
        assert_eq!(door.api(&format!("{}/consents", at(&ada))).await.json()["items"].as_array().unwrap().len(), 1);
        tell(&door, &ada, json!({"kind": "email_unsubscribed", "source": "newsletter"})).await;
        assert_eq!(standing().await, ["news", "offers"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn engagements_go_with_a_merge_and_come_back() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        town.clock.advance(MINUTE);
        let other = write(&door, json!({"identities": [{"kind": "phone", "value": "+33639980001"}]})).await;
        let call = json!({"kind": "call_made", "source": "crm", "reference": "7"});
        let first = tell(&door, &other, call.clone()).await.json();
        let merge =
            send(&door, "POST", &format!("{}/merge", at(&ada)), json!({"contact": other["id"]})).await.json();

        let timeline = door.api(&at(&ada)).await.json()["timeline"].clone();
        assert_eq!(timeline[0]["engagement"], first);
        assert_eq!(tell(&door, &ada, call.clone()).await.json(), first);
        tell(&door, &other, call.clone()).await.problem(409);
        let listed = door.api(&format!("{}/engagements", at(&other))).await;
        assert_eq!(listed.problem(301)["merged_into"], ada["id"]);

        let undo = format!("/api/v1/merges/{}/undo", merge["id"].as_str().unwrap());
        assert_eq!(send(&door, "POST", &undo, json!({})).await.status, 200);
        assert_eq!(tell(&door, &other, call).await.json(), first);
        assert_eq!(door.api(&at(&ada)).await.json()["timeline"], json!([]));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_tell_or_names_nobody_is_refused() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let call = json!({"kind": "call_made", "source": "crm"});

        let nobody = json!({"id": town.clock.new_id()});
        tell(&door, &nobody, call.clone()).await.problem(404);
        let mut named = call;
        named["contact"] = ada["id"].clone();
        assert_eq!(fields(&tell(&door, &ada, named).await.problem(422)), ["contact"]);
        let list = format!("{}/engagements", at(&ada));
        let reader = [("authorization", "Bearer engagements:write")];
        assert_eq!(
            door.get(&list, &reader).await.problem(403)["detail"],
            "the API key lacks the scope engagements:read"
        );
        door.api("/api/v1/contacts/me/engagements").await.problem(400);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_shows_what_was_told_in_both_languages_however_much_it_is() {
    on_each_database(async |database| {
        let (town, door, ada) = town_of_ada(database).await;
        let session = sign_in(&town.store).await;
        let start = town.clock.now();
        let name = format!("<b>{}</b>", "a".repeat(193));
        let many: Vec<Value> = (0..1_000)
            .map(|n| {
                json!({"contact": ada["id"], "kind": "email_sent", "source": "newsletter", "name": name,
                       "reference": n.to_string(), "at": start - MINUTE * (n + 1), "purpose": "offers"})
            })
            .collect();
        assert_eq!(tell_many(&door, &many).await.json()["new"], 1_000);
        tell_many(&door, &[bought("order 1", 125_000), bought("refund 1", -1_250)]).await;
        tell(&door, &ada, json!({"kind": "email_bounced_hard", "source": "newsletter"})).await;
        tell(&door, &ada, json!({"kind": "letter_returned", "source": "post"})).await;

        let page = format!("/console/contacts/{}", ada["id"].as_str().unwrap());
        let [en, fr] = door.in_both(&page, session).await;

        for told in [
            "Purchase · EUR 1,250.00",
            "Refund · EUR −12.50",
            "EUR 1,237.50 (1)",
            "mails come back since",
            "letters come back since",
            "offers · solicitation · by newsletter",
            "&#60;b&#62;aaa",
        ] {
            assert!(en.contains(told), "{told}: {en}");
        }
        for told in [
            "Achat · 1 250,00 EUR",
            "Remboursement · −12,50 EUR",
            "Courrier retourné (NPAI)",
            "sollicitation · par newsletter",
        ] {
            assert!(fr.contains(told), "{told}: {fr}");
        }
        // 20 pages of 50, and four more.
        let (mut pages, mut next) = (1, older(&en));
        while let Some(address) = next {
            pages += 1;
            next = older(door.get(&address, &[session]).await.page(200));
        }
        assert_eq!(pages, 21);
        town.store.close().await;
    })
    .await;
}

/// The address of the part that follows.
fn older(page: &str) -> Option<String> {
    let (before, _) = page.split_once("\" rel=\"next\"")?;
    let (_, address) = before.rsplit_once("href=\"")?;
    Some(address.replace("&#38;", "&"))
}
