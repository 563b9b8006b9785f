//! What stands around every page: its language, its files, the way in.

use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn the_front_door_leads_to_the_console_by_its_sign_in() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);

        let sign_in = "/console/sign-in?next=%2Fconsole%2F";
        for (from, to) in [("/", "/console/"), ("/console", "/console/"), ("/console/", sign_in)] {
            let answer = door.get(from, &[]).await;
            assert_eq!((answer.status.as_u16(), answer.header("location")), (303, to));
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_speaks_the_browsers_language_until_the_reader_chooses() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let french = ("accept-language", "fr-FR,fr;q=0.9");

        let page = door.get("/console/sign-in", &[french]).await;
        assert!(page.page(200).contains("<html lang=\"fr\">") && page.body.contains("Mot de passe"));
        assert!(door.get("/console/sign-in", &[]).await.page(200).contains("<html lang=\"en\">"));

        let chosen = door.get("/console/sign-in?lang=en", &[french]).await;
        assert!(chosen.page(200).contains("<html lang=\"en\">"));
        let cookie = chosen.header("set-cookie").to_owned();
        assert!(cookie.starts_with("whence_lang=en; "), "{cookie}");
        let kept = door.get("/console/sign-in", &[french, ("cookie", "whence_lang=en")]).await;
        assert!(kept.page(200).contains("<html lang=\"en\">"));
        assert!(door.get("/console/nothing", &[french]).await.page(404).contains("n’existe pas"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_link_keeps_the_filters_of_the_page() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        door.count().await;
        let page = door.get("/console/calls?outcome=missed&channel=&lang=en", &[session]).await;

        let link = r#"href="/console/calls?outcome=missed&#38;lang=fr""#;
        assert!(page.page(200).contains(link), "{}", page.body);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_a_page_are_found_where_it_says_and_kept_by_version() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let door = Door::of(&town);
        let page = door.get("/console/sign-in", &[]).await.body;

        for (file, kind) in
            [("console.css", "text/css"), ("console.js", "text/javascript"), ("icon.svg", "image/svg")]
        {
            let start = page.find(&format!("/console/assets/{file}")).unwrap();
            let address = page[start..].split('"').next().unwrap();
            let answer = door.get(address, &[]).await;
            assert_eq!(answer.status, 200, "{address}");
            assert!(answer.header("content-type").starts_with(kind), "{file}");
            assert!(answer.header("cache-control").contains("immutable"), "{file}");
            assert!(!answer.header("etag").is_empty());
        }
        door.get("/console/assets/nothing.css", &[]).await.page(404);
        town.store.close().await;
    })
    .await;
}
