//! Webhooks at the console: how each stands, what it was told, a test, and telling it again.

use super::*;
use crate::support::door::{request, sign_in};

const HERE: &str = "/console/webhooks";

#[tokio::test(flavor = "multi_thread")]
async fn who_has_no_webhook_is_told_how_to_declare_one() {
    on_each_database(async |database| {
        let (town, door) = town_that_tells(database, "").await;
        let session = sign_in(&town.store).await;

        let [english, french] = door.in_both(HERE, session).await;
        assert!(
            english.contains("No program is told anything") && english.contains("[[webhooks]]"),
            "{english}"
        );
        assert!(french.contains("Aucun programme n’est informé"), "{french}");
        for from in ["/console/tasks", "/console/duplicates"] {
            assert!(
                door.get(from, &[session]).await.page(200).contains("href=\"/console/webhooks\""),
                "{from}"
            );
        }
        door.get(&format!("{HERE}/none"), &[session]).await.page(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_sees_what_went_wrong_and_has_it_sent_again() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        let session = sign_in(&town.store).await;
        let [empty, _] = door.in_both("/console/webhooks/crm", session).await;
        assert!(empty.contains("It has been told nothing yet") && empty.contains("Send a test"), "{empty}");

        let ada = write(&door, json!({"name": "Ada"})).await;
        crm.answer_next(503, 1);
        tell(&town).await;
        let [english, french] = door.in_both(HERE, session).await;
        assert!(english.contains("is told what happens") && english.contains("it answered 503"), "{english}");
        assert!(french.contains("informé de ce qui se passe") && french.contains("réponse 503"), "{french}");
        let [english, french] = door.in_both("/console/webhooks/crm", session).await;
        assert!(english.contains("Waiting · 1 try") && english.contains("Try now"), "{english}");
        assert!(french.contains("En attente · 1 essai") && french.contains("Essayer maintenant"), "{french}");
        let contact = ada["id"].as_str().unwrap();
        assert!(english.contains(&format!("href=\"/console/contacts/{contact}\"")), "{english}");
        assert!(english.contains(&format!("&#34;contact&#34;: &#34;{contact}&#34;")), "{english}");
        let [taken, _] = door.in_both("/console/webhooks/crm?state=taken", session).await;
        assert!(
            taken.contains("There is none that stands so") && !taken.contains("contact.created"),
            "{taken}"
        );

        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        assert_eq!(crm.collect().len(), 2);
        let [taken, _] = door.in_both("/console/webhooks/crm?state=taken", session).await;
        assert!(taken.contains("Taken · 2 tries") && taken.contains("Send again"), "{taken}");
        let action = taken.split("action=\"").find(|it| it.contains("/resend\"")).unwrap();
        let action = action.split('"').next().unwrap();
        let again = door.form(action, &[], &[session]).await;
        assert!(again.header("location").starts_with("/console/webhooks/crm#"), "{}", again.body);
        tell(&town).await;
        assert_eq!(kinds(&crm.collect()), ["contact.created"]);

        let foreign = [
            session,
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
        ];
        for path in [action, "/console/webhooks/crm/test"] {
            door.ask(request("POST", path, &foreign, "".into())).await.page(403);
            assert!(door.form(path, &[], &[]).await.header("location").starts_with("/console/sign-in"));
        }
        tell(&town).await;
        assert!(crm.collect().is_empty());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_webhook_that_is_gone_off_or_unsigned_says_so_and_offers_what_helps() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let webhooks = told("crm", &crm, r#"["contact.*"]"#)
            + &told("mute", &crm, r#"["*"]"#)
            + &told("off", &crm, r#"["*"]"#)
            + "enabled = false\n";
        let (town, door) = town_that_tells(database, &webhooks).await;
        let session = sign_in(&town.store).await;
        write(&door, json!({"name": "Ada"})).await;
        crm.answer_next(410, 1);
        tell(&town).await;

        let [english, french] = door.in_both(HERE, session).await;
        for words in
            ["it answered 410 (gone) on", "no secret in the settings of this node", "off: the plan has"]
        {
            assert!(english.contains(words), "{words}: {english}");
        }
        assert!(
            french.contains("informé de rien jusqu’à un test") && french.contains("aucun secret"),
            "{french}"
        );
        let [gone, _] = door.in_both("/console/webhooks/crm", session).await;
        assert!(gone.contains("Given up · 1 try") && !gone.contains("/resend"), "{gone}");
        let [off, _] = door.in_both("/console/webhooks/off", session).await;
        assert!(!off.contains("/test\""), "{off}");
        assert_eq!(door.form("/console/webhooks/off/test", &[], &[session]).await.status, 409);

        assert_eq!(door.form("/console/webhooks/crm/test", &[], &[session]).await.status, 303);
        tell(&town).await;
        assert!(kinds(&crm.collect()).contains(&"webhook.test"));
        let [open, _] = door.in_both("/console/webhooks/crm", session).await;
        assert!(open.contains("is told what happens") && open.contains("/resend"), "{open}");
        town.store.close().await;
    })
    .await;
}
