//! A webhook does not take what it is told: it is down, slow, gone, or where it may not be.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_taken_is_tried_again_and_what_comes_after_it_waits_for_it() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        let ada = write(&door, json!({"name": "Ada"})).await;
        crm.answer_next(503, 1);
        tell(&town).await;
        let first = crm.collect();
        assert_eq!(kinds(&first), ["contact.created"]);

        send(&door, "PATCH", &at(&ada), json!({"language": "fr"})).await;
        let bob = write(&door, json!({"name": "Bob"})).await;
        tell(&town).await;
        let heard = crm.collect();
        let subject = format!("contacts/{}", bob["id"].as_str().unwrap());
        assert_eq!((heard.len(), &heard[0].event["subject"]), (1, &json!(subject)), "another's do not wait");

        // A redirect is no answer, and not followed.
        crm.answer_next(307, 1);
        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        let again = crm.collect();
        assert_eq!((again.len(), id_of(&again[0])), (1, id_of(&first[0])), "the same message");
        let stamp = |it: &Heard| it.headers["webhook-timestamp"].to_str().unwrap().parse::<i64>().unwrap();
        assert_eq!(stamp(&again[0]) - stamp(&first[0]), 5);
        assert_signed(&again[0]);

        town.clock.advance(4 * MINUTE);
        tell(&town).await;
        assert!(crm.collect().is_empty(), "the pause is longer");
        town.clock.advance(MINUTE);
        tell(&town).await;
        assert_eq!(kinds(&crm.collect()), ["contact.created", "contact.changed"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_ten_tries_it_is_given_up_and_the_next_has_its_turn() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        let ada = write(&door, json!({"name": "Ada"})).await;
        send(&door, "PATCH", &at(&ada), json!({"language": "fr"})).await;
        crm.answer_next(500, 10);

        let mut tries = 0;
        while tries < 10 {
            tell(&town).await;
            tries += crm.collect().len();
            town.clock.advance(HOUR);
        }
        let elapsed = town.clock.now().since(crate::support::town::NOON);
        assert!(elapsed >= 75 * HOUR && elapsed < 90 * HOUR, "{elapsed:?}");
        tell(&town).await;
        assert_eq!(kinds(&crm.collect()), ["contact.changed"]);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_dies_in_between_leaves_it_to_be_told_again_and_two_nodes_tell_it_once() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        write(&door, json!({"name": "Ada"})).await;
        let (webhook, now): (Webhook, _) =
            (town.store.list_open_webhooks(town.clock.now()).await.unwrap().remove(0).0, town.clock.now());
        let id = webhook.id.clone();
        let claim = town.store.write(move |tx| {
            let id = id.clone();
            Box::pin(async move { tx.claim_deliveries(&id, now, now + MINUTE, 8).await })
        });
        let claimed = claim.await.unwrap();
        assert_eq!(claimed.len(), 1);
        tell(&town).await;
        assert!(crm.collect().is_empty(), "it is another's");
        town.clock.advance(MINUTE);
        tell(&town).await;
        let heard = crm.collect();
        assert_eq!((heard.len(), id_of(&heard[0])), (1, claimed[0].id.to_string().as_str()));

        for _ in 0..30 {
            write(&door, json!({"name": "Bob"})).await;
        }
        let other = database.open().await;
        let (north, south) = (courier(&town, &town.store), courier(&town, &other));
        let (one, two) = tokio::join!(north.send_due(&webhook), south.send_due(&webhook));
        one.unwrap();
        two.unwrap();
        let heard = crm.collect();
        let ids: BTreeSet<&str> = heard.iter().map(id_of).collect();
        assert_eq!((heard.len(), ids.len()), (30, 30));
        other.close().await;
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_says_that_it_is_gone_is_told_nothing_until_it_is_tried() {
    on_each_database(async |database| {
        let crm = Receiver::open().await;
        let (town, door) = town_that_tells(database, &told("crm", &crm, r#"["contact.*"]"#)).await;
        write(&door, json!({"name": "Ada"})).await;
        crm.answer_next(410, 1);
        tell(&town).await;
        assert_eq!(crm.collect().len(), 1);

        write(&door, json!({"name": "Bob"})).await;
        tell(&town).await;
        assert!(crm.collect().is_empty());
        assert_eq!(written(database).await, 1, "nothing is written for it");

        webhook_tested(&town.store, &town.clock, &"crm".parse().unwrap()).await.unwrap();
        write(&door, json!({"name": "Eve"})).await;
        tell(&town).await;
        let heard = crm.collect();
        let mut kinds = kinds(&heard);
        kinds.sort_unstable();
        assert_eq!(kinds, ["contact.created", "webhook.test"], "of two subjects either may come first");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_to_be_left_alone_is_told_nothing_until_then_and_others_are() {
    on_each_database(async |database| {
        let (crm, slow) = (Receiver::open().await, Receiver::open().await);
        let webhooks = told("crm", &crm, r#"["contact.*"]"#) + &told("slow", &slow, r#"["contact.*"]"#);
        let (town, door) = town_that_tells(database, &webhooks).await;
        crm.say_retry_after("90");
        crm.answer_next(429, 1);
        write(&door, json!({"name": "Ada"})).await;
        tell(&town).await;
        assert_eq!((crm.collect().len(), slow.collect().len()), (1, 1));

        // The first pause is of 5 seconds; another's event is none of what was refused.
        write(&door, json!({"name": "Bob"})).await;
        town.clock.advance(Duration::from_secs(89));
        tell(&town).await;
        assert_eq!((crm.collect().len(), slow.collect().len()), (0, 1));
        town.clock.advance(Duration::from_secs(1));
        // Where the pause is longer than what is asked for, that holds.
        crm.answer_next(503, 2);
        tell(&town).await;
        assert_eq!(crm.collect().len(), 2);
        town.clock.advance(Duration::from_secs(90));
        tell(&town).await;
        assert_eq!(crm.collect().len(), 1, "Bob's second; Ada's third is due in five minutes");

        // A date is as good as seconds, a day the most; of other answers it says nothing.
        town.clock.advance(4 * MINUTE);
        crm.say_retry_after("Fri, 01 Jan 2027 00:00:00 GMT");
        crm.answer_next(503, 1);
        tell(&town).await;
        assert_eq!(crm.collect().len(), 1);
        write(&door, json!({"name": "Eve"})).await;
        let at = door.api("/api/v1/webhooks").await.json()["items"][0]["rests_until"].clone();
        assert_eq!(at, (town.clock.now() + 24 * HOUR).to_string());
        town.clock.advance(24 * HOUR - MINUTE);
        tell(&town).await;
        assert!(crm.collect().is_empty());
        crm.answer_next(500, 2);
        town.clock.advance(MINUTE);
        tell(&town).await;
        assert_eq!(crm.collect().len(), 2);
        town.clock.advance(Duration::from_secs(5));
        tell(&town).await;
        assert_eq!(crm.collect().len(), 1, "Eve's second");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_takes_its_time_holds_up_no_other() {
    on_each_database(async |database| {
        let (crm, slow) = (Receiver::open().await, Receiver::open().await);
        let webhooks = told("crm", &crm, r#"["contact.*"]"#) + &told("slow", &slow, r#"["contact.*"]"#);
        let (town, door) = town_that_tells(database, &webhooks).await;
        slow.hold(true);
        write(&door, json!({"name": "Ada"})).await;

        let job = tokio::spawn(send_webhooks(courier(&town, &town.store)));
        slow.has_heard(1).await;
        crm.has_heard(1).await;
        write(&door, json!({"name": "Bob"})).await;
        town.clock.advance(Duration::from_secs(1));
        crm.has_heard(2).await;
        assert_eq!(slow.collect().len(), 1, "it has not answered the first");

        job.abort();
        slow.hold(false);
        town.store.close().await;
    })
    .await;
}

#[tokio::test]
async fn no_webhook_leads_into_a_private_network_unless_the_plan_says_so() {
    let receiver = Receiver::open().await;
    let port = receiver.address.port();
    let sender = Sender::new(PATIENCE);
    let secrets = [SECRET.parse().unwrap()];
    let data = json!({});
    let message = Message {
        specversion: "1.0",
        id: "1".into(),
        source: "https://whence.example/",
        kind: "webhook.test",
        subject: "webhooks/crm",
        time: crate::support::town::NOON,
        datacontenttype: "application/json",
        data: &data,
    };
    let send = async |url: String, private: bool| {
        let webhook = Webhook { id: "crm".parse().unwrap(), url, events: vec![], enabled: true, private };
        sender.send(&webhook, &secrets, &message, crate::support::town::NOON).await
    };
    for host in [
        "127.0.0.1",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "2130706433",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:a9fe:a9fe]",
        "[fd00:ec2::254]",
        "[fe80::1]",
        // A name, which leads to this machine.
        "localhost",
    ] {
        let url = format!("https://{host}:{port}/");
        assert_eq!(send(url, false).await, Err(Refused::Private), "{host}");
    }
    assert!(receiver.collect().is_empty());
    assert_eq!(
        send(format!("http://localhost:{port}/"), false).await,
        Err(Refused::Unreached),
        "in the clear"
    );
    assert_eq!(send(format!("http://localhost:{port}/"), true).await, Ok(()));
    assert_eq!(receiver.collect().len(), 1);
    // It speaks no TLS.
    assert_eq!(send(format!("https://localhost:{port}/"), true).await, Err(Refused::Unreached));
}
