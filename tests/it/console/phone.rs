//! The page on which employees answer calls.

use whence::domain::calling::destination::StepTo;
use whence::domain::calling::routing::Target;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn the_phone_lists_the_destinations_that_ring_it_and_says_how_where_there_is_none() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        let [en, fr] = door.in_both("/console/phone", session).await;
        assert!(
            en.contains("No destination rings here yet") && en.contains("{ console = true, ring_s = 20 }")
        );
        assert!(fr.contains("Aucune destination ne sonne encore ici") && !fr.contains("phone.js"));

        let mut desk = town.store.list_destinations().await.unwrap().remove(0);
        let name = desk.name.clone();
        desk.ring_plan.steps[0].to = StepTo::Target(Target::Console);
        let save = town.store.write(move |tx| {
            let desk = desk.clone();
            Box::pin(async move { tx.save_destination(&desk).await })
        });
        save.await.unwrap();
        let [en, fr] = door.in_both("/console/phone", session).await;
        for page in [&en, &fr] {
            assert!(
                page.contains(&format!(" {name}</label>")) && page.contains("/console/assets/phone.js?v=")
            );
        }
        assert!(en.contains("Incoming call") && fr.contains("Appel entrant"));
        let file = door.get("/console/assets/phone.js", &[]).await;
        assert_eq!(
            (file.status.as_u16(), file.header("content-type")),
            (200, "text/javascript; charset=utf-8")
        );

        let without = door.get("/console/phone", &[]).await;
        assert_eq!(without.status, 303);
        let no_socket = [session, ("origin", "http://127.0.0.1:8080")];
        door.get("/console/phone/line", &no_socket).await.page(404);
        door.get("/console/phone/line", &[session, ("origin", "https://evil.example")]).await.page(403);
        town.store.close().await;
    })
    .await;
}
