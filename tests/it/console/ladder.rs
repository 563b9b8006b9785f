//! The messages of a call on its page, and as files to take away.

use bytes::Bytes;
use whence::domain::calling::ladder::{Ladder, Rung, Way};
use whence::flows::{call_arrives, ladders_written};

use crate::support::databases::on_sqlite;
use crate::support::door::{Door, sign_in};
use crate::support::town::Town;

fn busy(town: &Town, call: whence::domain::ids::CallId) -> Ladder {
    let rung = |leg, way, text: &str| Rung {
        at: town.clock.now(),
        leg,
        way,
        transport: "UDP",
        local: "192.0.2.2:5060".parse().unwrap(),
        remote: format!("192.0.2.{}:5060", 1 + 2 * leg).parse().unwrap(),
        message: Bytes::from(format!("{text}\r\nCSeq: 1 INVITE\r\nSubject: <b>&amp;\r\n\r\n")),
    };
    let rungs = vec![
        rung(0, Way::In, "INVITE sip:0199001000@192.0.2.2 SIP/2.0"),
        rung(1, Way::Out, "INVITE sip:shop@192.0.2.3 SIP/2.0"),
        rung(1, Way::In, "SIP/2.0 486 Busy Here"),
        rung(0, Way::Out, "SIP/2.0 486 Busy Here"),
    ];
    Ladder { call, rungs, left_out: 3 }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_failed_call_shows_its_messages_and_why() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let ada = sign_in(&town.store).await;
        let arrived = town.call(1000, None);
        call_arrives(&town.store, &town.clock, &arrived).await.unwrap();
        let path = format!("/console/calls/{}", arrived.call);

        let before = door.get(&path, &[ada]).await;
        assert!(!before.page(200).contains("class=\"card ladder\""), "nothing is kept yet");
        ladders_written(&town.store, &town.clock, &[busy(&town, arrived.call)]).await.unwrap();

        let page = door.get(&path, &[ada]).await;
        let text = page.page(200);
        assert!(text.contains("The line at 192.0.2.3:5060 refused with 486 Busy Here."), "{text}");
        assert!(text.contains("<details class=\"wire\" open>"), "what failed is open");
        assert_eq!(text.matches("<li class=\"on-").count(), 4);
        assert!(text.contains("3 messages in between were not kept."));
        assert!(text.contains("Subject: &#60;b&#62;&#38;amp;"), "a message is text, never markup");
        let french = door.get(&format!("{path}?lang=fr"), &[ada]).await;
        assert!(french.page(200).contains("La ligne 192.0.2.3:5060 a refusé\u{a0}: 486 Busy Here."));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_messages_are_files_for_who_is_signed_in() {
    on_sqlite(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let ada = sign_in(&town.store).await;
        let arrived = town.call(1000, None);
        let path = format!("/console/calls/{}/ladder", arrived.call);
        door.get(&format!("{path}.txt"), &[ada]).await.page(404);
        ladders_written(&town.store, &town.clock, &[busy(&town, arrived.call)]).await.unwrap();

        let text = door.get(&format!("{path}.txt"), &[ada]).await;
        assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
        assert!(text.body.starts_with("U 2026/11/22 "));
        assert_eq!(door.get_bytes(&format!("{path}.pcap"), &[ada]).await[..4], [0xd4, 0xc3, 0xb2, 0xa1]);
        let stranger = door.get(&format!("{path}.pcap"), &[]).await;
        assert!(stranger.header("location").starts_with("/console/sign-in"), "{}", stranger.body);
        town.store.close().await;
    })
    .await;
}
