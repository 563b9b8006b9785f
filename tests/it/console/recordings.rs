//! A call's recordings on its page: a player, an outline, who listened, and the way to delete them.

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::recorded::recorded;
use crate::support::town::Town;

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
