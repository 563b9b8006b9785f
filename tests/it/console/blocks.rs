//! The block list by hand: made, refused, changed and taken back, in both languages.

use crate::support::databases::on_each_database;
use crate::support::door::{Door, request, sign_in};
use crate::support::town::Town;

const HERE: &str = "/console/blocks";

#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_the_console_blocks_a_caller_and_lets_them_in_again() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        assert!(door.get(HERE, &[session]).await.page(200).contains("Everybody may ring"));

        let fields =
            [("kind", "number"), ("value", "09 48 00 11 22"), ("then", "busy"), ("note", "silent <calls>")];
        let made = door.form(HERE, &fields, &[session]).await;
        assert_eq!((made.status.as_u16(), made.header("location")), (303, HERE));
        // Said again, it is changed.
        let changed =
            [("kind", "number"), ("value", "+33948001122"), ("then", "refuse"), ("until", "2027-01-01")];
        door.form(HERE, &changed, &[session]).await;
        door.form(HERE, &[("kind", "withheld"), ("value", ""), ("then", "mark")], &[session]).await;

        let blocks = town.store.list_blocks(&whence::store::Window::first(9)).await.unwrap().items;
        assert_eq!(blocks.len(), 2);
        let french = door.get(HERE, &[session, ("accept-language", "fr")]).await;
        let french = french.page(200);
        assert!(
            french.contains("09\u{a0}48\u{a0}00\u{a0}11\u{a0}22") && french.contains("Numéro masqué"),
            "{french}"
        );
        assert!(french.contains("2027-01-01T00:00:00.000Z") && french.contains("Refuser"), "{french}");

        for row in blocks {
            let gone = door.form(&format!("{HERE}/{}/delete", row.block.id), &[], &[session]).await;
            assert_eq!((gone.status.as_u16(), gone.header("location")), (303, HERE));
        }
        assert!(door.get(HERE, &[session]).await.page(200).contains("Everybody may ring"));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_told_and_stays_in_the_form() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);

        for (fields, en, fr) in [
            ([("kind", "number"), ("value", "\"><b>x")], "no telephone number", "pas un numéro"),
            ([("kind", "prefix"), ("value", "0948")], "A prefix is a +", "Un préfixe est un +"),
            ([("kind", "country"), ("value", "Belgium")], "two letters", "en deux lettres"),
            ([("kind", "nonsense"), ("value", "x")], "cannot be meant so", "pas compréhensible"),
        ] {
            let fields = [&fields[..], &[("then", "refuse"), ("note", "why not")]].concat();
            for (lang, told) in [("en", en), ("fr", fr)] {
                let answer = door.form(HERE, &fields, &[session, ("accept-language", lang)]).await;
                let page = answer.page(422);
                assert!(page.contains(told) && page.contains("why not"), "{lang}: {page}");
                assert!(!page.contains("<b>x"), "{page}");
            }
        }
        let bad_day = [("kind", "withheld"), ("then", "refuse"), ("until", "soon")];
        assert!(door.form(HERE, &bad_day, &[session]).await.page(422).contains("This is no day"));
        let nowhere = [("kind", "withheld"), ("then", "refuse"), ("outlet", "mars")];
        assert!(door.form(HERE, &nowhere, &[session]).await.page(422).contains("no such outlet"));
        assert!(town.store.list_blocks(&whence::store::Window::first(1)).await.unwrap().items.is_empty());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_changes_the_list_without_signing_in_or_from_another_website() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let fields = [("kind", "withheld"), ("then", "refuse")];

        let stranger = door.form(HERE, &fields, &[]).await;
        let headers = [
            session,
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "cross-site"),
        ];
        let body = "kind=withheld&then=refuse";
        let page_of_another = door.ask(request("POST", HERE, &headers, body.into())).await;

        assert!(stranger.header("location").starts_with("/console/sign-in"), "{:?}", stranger.headers);
        page_of_another.page(403);
        assert!(town.store.list_blocks(&whence::store::Window::first(1)).await.unwrap().items.is_empty());
        town.store.close().await;
    })
    .await;
}
