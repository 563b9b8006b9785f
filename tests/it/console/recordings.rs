//! A call's recordings on its page: a player, an outline, who listened, and the way to delete them.

use whence::domain::calling::recording::{Format, Informed, RecordingRule};
use whence::domain::tracking::number::TrackingNumber;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::recorded::recorded;
use crate::support::town::{MINUTE, POSTER, Town, phone};

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_played_and_deleted_from_the_page_of_its_call() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let (began, sound) = recorded(&town, &door.vault).await;
        let page = format!("/console/calls/{}", began.call);
        let recording = format!("/console/recordings/{}", began.recording);

        let [en, fr] = door.in_both(&page, session).await;
        assert!(en.contains(&format!("<audio controls preload=\"none\" src=\"{recording}/audio\">")), "{en}");
        let outline = "0:10 of sound: the caller is heard in 50% of it, the line in 100%";
        assert!(en.contains(&format!("role=\"img\" aria-label=\"{outline}\"")), "{en}");
        assert!(en.contains("M0 50v-1M1 50v-1") && en.contains("M0 50v50M1 50v1"), "{en}");
        assert!(en.contains("training") && en.contains("0:01 – 0:02") && en.contains("Nobody yet."), "{en}");
        assert!(fr.contains("Finalité") && fr.contains("Personne pour l’instant."), "{fr}");

        let (status, headers, body) = door.answer(&format!("{recording}/audio"), &[session]).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "audio/wav"));
        assert_eq!(body[44..], sound);
        let [en, fr] = door.in_both(&page, session).await;
        assert!(en.contains("ada@bakery.example · listened"), "{en}");
        assert!(fr.contains("ada@bakery.example · écouté"), "{fr}");

        let deleted = door.form(&format!("{recording}/delete"), &[("why", "person")], &[session]).await;
        assert_eq!(deleted.status, 303);
        assert_eq!(deleted.header("location"), format!("{page}#recording-{}", began.recording));
        let [en, _] = door.in_both(&page, session).await;
        assert!(en.contains("Deleted: somebody who is heard in it asked for it."), "{en}");
        assert!(!en.contains("<audio") && !en.contains(&format!("{recording}/delete")), "{en}");
        assert_eq!(door.get(&format!("{recording}/audio"), &[session]).await.status, 410);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_of_a_contact_tells_where_a_call_came_from_and_whether_it_can_be_heard() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        town.somebody_comes().await;
        town.clock.advance(MINUTE);
        let (began, _) = recorded(&town, &door.vault).await;
        let contact = town.store.find_call(began.call).await.unwrap().unwrap().contact.unwrap();
        let page = format!("/console/contacts/{contact}");
        let line = |page: &str| {
            let (_, rest) = page.split_once(&format!("/console/calls/{}", began.call)).expect("the call");
            let (_, rest) = rest.split_once("class=\"second\">").expect("its second line");
            rest.split_once("</span>").expect("the end of it").0.to_owned()
        };

        let [en, fr] = door.in_both(&page, session).await.map(|page| line(&page));

        assert!(en.contains("Paid Search &#62; 99%") && en.ends_with(" · Recording"), "{en}");
        assert!(fr.contains("Recherche payante &#62; 99 %") && fr.ends_with(" · Enregistrement"), "{fr}");
        let delete = format!("/console/recordings/{}/delete", began.recording);
        assert_eq!(door.form(&delete, &[("why", "person")], &[session]).await.status, 303);
        let told = door.in_both(&page, session).await.map(|page| line(&page));
        assert!(
            told.iter().all(|line| !line.contains("Recording") && !line.contains("Enregistrement")),
            "{told:?}"
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_stands_with_the_medium() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let poster = town.store.find_number(&phone(POSTER)).await.unwrap().unwrap().number;
        let rule = RecordingRule {
            purpose: "training".into(),
            keep_days: 30,
            longer_because: None,
            every: 10,
            format: Format::OggOpus,
            informed: Informed::By("the carrier".into()),
            pause_key: None,
        };
        let poster = TrackingNumber { recording: Some(rule.clone()), ..poster };
        let saved = poster.clone();
        let write = town.store.write(move |tx| {
            let saved = saved.clone();
            Box::pin(async move { tx.save_number(&saved).await })
        });
        write.await.unwrap();

        assert_eq!(town.store.find_number(&phone(POSTER)).await.unwrap().unwrap().number, poster);
        let routes = town.store.load_routes().await.unwrap();
        assert_eq!(routes.find(&phone(POSTER)).unwrap().recording.as_deref(), Some(&rule));
        assert_eq!(routes.find(&phone(1000)).unwrap().recording, None);
        hand_out_keys(&town.store).await;
        let told = door.api(&format!("/api/v1/numbers/{}", phone(POSTER).reveal())).await.json();
        assert_eq!(
            (&told["recording"]["every"], &told["recording"]["informed_by"]),
            (&10.into(), &"the carrier".into())
        );
        let [en, fr] = door.in_both("/console/media", session).await;
        assert!(en.contains("training: one call of 10, for 30 days"), "{en}");
        assert!(fr.contains("training : un appel sur 10, pendant 30 jours"), "{fr}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sound_is_for_those_who_are_signed_in() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let (began, _) = recorded(&town, &door.vault).await;
        let recording = format!("/console/recordings/{}", began.recording);

        let heard = door.get(&format!("{recording}/audio"), &[]).await;
        let deleted = door.form(&format!("{recording}/delete"), &[], &[]).await;

        assert_eq!((heard.status.as_u16(), deleted.status.as_u16()), (303, 303));
        assert!(door.vault.read(began.recording).await.is_ok());
        assert!(town.store.list_accesses(began.recording).await.unwrap().is_empty());
        town.store.close().await;
    })
    .await;
}
