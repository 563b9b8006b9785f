//! The page of prompts: brought by a form, listened to, and deleted, in both languages.

use axum::body::Body;
use whence::wav;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, request, sign_in};
use crate::support::town::Town;

const HERE: &str = "/console/prompts";

async fn bring(door: &Door, fields: [(&str, &str); 3], file: &[u8], headers: &[(&str, &str)]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!("--b\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        body.extend(part.into_bytes());
    }
    body.extend(b"--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a.wav\"\r\n\r\n");
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let own = [("content-type", "multipart/form-data; boundary=b"), ("sec-fetch-site", "same-origin")];
    let headers: Vec<_> = own.into_iter().chain(headers.iter().copied()).collect();
    door.ask(request("POST", HERE, &headers, Body::from(body))).await
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_at_the_console_brings_a_prompt_listens_and_deletes_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let sound = wav::write(&[9_000, -9_000].repeat(160_000));

        let fields = [("id", "own"), ("title", "Bonjour <tous>"), ("language", "fr")];
        let brought = bring(&door, fields, &sound, &[session]).await;
        assert_eq!((brought.status.as_u16(), brought.header("location")), (303, HERE), "{}", brought.body);

        let [en, fr] = door.in_both(HERE, session).await;
        assert!(en.contains("src=\"/console/prompts/own/audio\"") && en.contains("fr · 20 s"), "{en}");
        assert!(en.contains("<span lang=\"fr\">Bonjour &#60;tous&#62;</span>"), "{en}");
        assert!(en.contains("Comes along") && fr.contains("Fournie") && fr.contains("Annonces"), "{fr}");
        assert!(!en.contains("/console/prompts/fr-welcome/delete"), "{en}");
        let (status, headers, body) = door.answer(&format!("{HERE}/own/audio"), &[session]).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "audio/wav"));
        assert_eq!(body.len(), sound.len());

        let gone = door.form(&format!("{HERE}/own/delete"), &[], &[session]).await;
        assert_eq!((gone.status.as_u16(), gone.header("location")), (303, HERE));
        assert!(town.store.list_prompts().await.unwrap().is_empty());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_will_not_do_is_told_and_stays_in_the_form() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let sound = wav::write(&[9_000, -9_000].repeat(8_000));

        for (fields, file, en, fr) in [
            ([("id", "A b"), ("title", "\"><b>"), ("language", "")], &sound[..], "A name has", "Un nom"),
            ([("id", "own"), ("title", ""), ("language", "")], &sound, "what it is", "ce que c’est"),
            ([("id", "own"), ("title", "x"), ("language", "x")], &sound, "by its tag", "par son code"),
            ([("id", "own"), ("title", "x"), ("language", "")], b"ID3", "no whole WAV", "WAV complet"),
            ([("id", "fr-again"), ("title", "x"), ("language", "")], &sound, "comes along", "est fournie"),
        ] {
            for (lang, told) in [("en", en), ("fr", fr)] {
                let answer = bring(&door, fields, file, &[session, ("accept-language", lang)]).await;
                let page = answer.page(422);
                assert!(page.contains(told) && page.contains("role=\"alert\""), "{told}: {page}");
                assert!(page.contains(&format!("value=\"{}\"", fields[0].1)), "{page}");
                assert!(!page.contains("<b>"), "{page}");
            }
        }
        let foreign =
            [("content-type", "multipart/form-data; boundary=b"), ("sec-fetch-site", "cross-site"), session];
        assert_eq!(door.ask(request("POST", HERE, &foreign, Body::empty())).await.status, 403);
        town.store.close().await;
    })
    .await;
}
