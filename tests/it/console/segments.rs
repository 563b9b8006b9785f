//! Segments at the console: listed, tried, kept, changed and deleted, in both languages.

use serde_json::json;
use whence::flows::segments_reckoned;

use crate::api::contacts::{declaring_town, write};
use crate::support::databases::on_each_database;
use crate::support::door::sign_in;

const HERE: &str = "/console/segments";

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_is_tried_kept_changed_and_deleted_at_the_console() {
    on_each_database(async |database| {
        let (town, door) = declaring_town(database).await;
        let session = sign_in(&town.store).await;
        for (n, given) in [(1, "Ada"), (2, "<Bob>")] {
            let known = json!([{"kind": "customer", "value": format!("crm:{n}")}]);
            write(&door, json!({"given_name": given, "identities": known})).await;
        }

        let [english, french] = door.in_both(&format!("{HERE}?filter=has(customer)"), session).await;
        assert!(english.contains("<strong class=\"num\">2</strong> contacts fit"), "{english}");
        assert!(english.contains("&#60;Bob&#62;") && english.contains("being counted"), "{english}");
        assert!(
            french.contains("2</strong> contacts répondent au filtre") && french.contains("Actifs"),
            "{french}"
        );

        let [english, french] =
            door.in_both(&format!("{HERE}?filter=has(email)+and+langage+%3D+%22fr%22"), session).await;
        let pointed = "has(email) and langage = &#34;fr&#34;\n               ^^^^^^^</pre>";
        assert!(english.contains(pointed), "{english}");
        assert!(english.contains("did you mean &#34;language&#34;?"), "{english}");
        assert!(
            french.contains("critère inconnu : « langage » ; vouliez-vous dire « language » ?"),
            "{french}"
        );

        let fields = |id, name, filter| [("id", id), ("name", name), ("filter", filter)];
        let wrong = door.form(HERE, &fields("Good!", "", "has(email)"), &[session]).await;
        let wrong = wrong.page(422);
        assert!(wrong.contains("The short name has") && wrong.contains("The name has"), "{wrong}");
        let wrong = door.form(HERE, &fields("good", "Good", "has(email"), &[session]).await;
        assert!(
            wrong.page(422).contains("expected &#34;)&#34;, found the end")
                && wrong.body.contains("value=\"good\"")
        );
        let kept = door
            .form(HERE, &fields("good", "Good", "has(customer)\r\n and not has(email)"), &[session])
            .await;
        assert_eq!((kept.status.as_u16(), kept.header("location")), (303, "/console/segments/good"));

        segments_reckoned(&town.store, &town.clock, true).await.unwrap();
        let [english, french] = door.in_both("/console/segments/good", session).await;
        assert!(english.contains("has(customer) and not has(email)</textarea>"), "{english}");
        assert!(english.contains("&#60;Bob&#62;") && english.contains("2026-11-22"), "{english}");
        assert!(french.contains("Qui en fait partie") && french.contains("Supprimer"), "{french}");
        let [english, _] = door.in_both("/console/segments/good?filter=has(email)", session).await;
        assert!(english.contains("<strong class=\"num\">0</strong> contacts fit"), "{english}");

        assert!(!door.get("/console/segments/active", &[session]).await.page(200).contains("/delete"));
        door.form("/console/segments/active/delete", &[], &[session]).await.page(409);
        door.form(HERE, &fields("active", "Active", "segment(good)"), &[session]).await;
        door.form("/console/segments/good/delete", &[], &[session]).await.page(409);
        door.form(HERE, &fields("active", "Active", "last(act) < 90d"), &[session]).await;
        for _ in 0..2 {
            let gone = door.form("/console/segments/good/delete", &[], &[session]).await;
            assert_eq!((gone.status.as_u16(), gone.header("location")), (303, HERE));
        }
        door.get("/console/segments/good", &[session]).await.page(404);
        town.store.close().await;
    })
    .await;
}
