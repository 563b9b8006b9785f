//! `/api/v1/prompts`: brought, heard, replaced, said by a plan and deleted.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use whence::domain::calling::prompt::{BUILT_IN, LENGTH_MAX, Prompt};
use whence::domain::ids::PromptId;
use whence::domain::plan::Plan;
use whence::flows::{plan_applied, plan_read};
use whence::jobs::refresh_prompts::Prompts;
use whence::wav;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, hand_out_keys, request};
use crate::support::town::Town;

const HERE: &str = "/api/v1/prompts";

/// So many seconds of a square wave.
fn file(seconds: usize) -> Vec<u8> {
    wav::write(&[[9_000; 8], [-9_000; 8]].concat().repeat(1_000 * seconds))
}

async fn put(door: &Door, path: &str, kind: &str, body: Vec<u8>) -> Answer {
    let headers = [("authorization", "Bearer all"), ("content-type", kind)];
    door.ask(request("PUT", &format!("{HERE}/{path}"), &headers, Body::from(body))).await
}

async fn delete(door: &Door, id: &str) -> Answer {
    let headers = [("authorization", "Bearer all")];
    door.ask(request("DELETE", &format!("{HERE}/{id}"), &headers, Body::empty())).await
}

/// The database's own plan, in which the destination of the first says this.
async fn say(town: &Town, prompt: Option<&str>) {
    let said = prompt.map(|prompt| format!("{{ say = {prompt:?} }}, ")).unwrap_or_default();
    let text = format!(
        "[[outlets]]\nid = \"lyon\"\nname = \"Lyon\"\n[[destinations]]\nid = \"desk\"\nname = \"Desk\"\n\
         outlet = \"lyon\"\nsteps = [{said}{{ sip = \"sip:desk@192.0.2.1\" }}]\n"
    );
    let prompts: Vec<PromptId> =
        town.store.list_prompts().await.unwrap().into_iter().map(|it| it.id).collect();
    let plan: Plan = plan_read(&text, &[], &prompts).unwrap();
    plan_applied(&town.store, &town.clock, &plan, true).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prompt_is_brought_heard_and_deleted_once_no_plan_says_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        let brought = put(&door, "own?title=Welcome&language=fr", "audio/wav", file(2)).await;
        assert_eq!(brought.status, 200, "{}", brought.body);
        let prompt = brought.json();
        assert_eq!(
            (&prompt["title"], &prompt["language"], &prompt["length_ms"], &prompt["built_in"]),
            (&"Welcome".into(), &"fr".into(), &2_000.into(), &false.into())
        );
        assert_eq!(door.api(&format!("{HERE}/own")).await.json(), prompt);
        let all = door.api(HERE).await.json();
        assert_eq!(
            (&all["items"][0]["id"], all["items"].as_array().unwrap().len()),
            (&"own".into(), BUILT_IN.len() + 1)
        );
        assert_eq!(all["items"][1]["built_in"], true);

        let key = ("authorization", "Bearer all");
        let (status, headers, sound) = door.answer(&format!("{HERE}/own/audio"), &[key]).await;
        assert_eq!((status, headers["content-type"].to_str().unwrap()), (200, "audio/wav"));
        assert_eq!(sound.len(), 44 + 2 * 32_000);
        let part = door.answer(&format!("{HERE}/own/audio"), &[key, ("range", "bytes=44-47")]).await;
        assert_eq!((part.0, part.2.as_slice()), (206, &sound[44..48]));
        let (_, _, built_in) = door.answer(&format!("{HERE}/fr-welcome/audio"), &[key]).await;
        assert_eq!(built_in.len(), 44 + 2 * 8_000);

        say(&town, Some("own")).await;
        assert_eq!(door.api(&format!("{HERE}/own")).await.json()["said_by"]["destinations"][0], "desk");
        let refused = delete(&door, "own").await.problem(409);
        assert!(refused["detail"].as_str().unwrap().contains("the destination desk"), "{refused}");
        say(&town, None).await;
        assert_eq!(delete(&door, "own").await.status, 200);
        delete(&door, "own").await.problem(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_a_prompt_is_refused_with_why() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);

        for (path, body, field, why) in [
            ("own", file(1), "title", "a title has 1 to 100 characters"),
            ("own?title=x&language=french", file(1), "language", "for instance fr"),
            ("own?title=x", b"ID3".to_vec(), "body", "no whole WAV file"),
            ("own?title=x", wav::write(&[0; 9]), "body", "nothing is to be heard"),
        ] {
            let told = put(&door, path, "audio/wav", body).await.problem(422);
            let error = &told["errors"][0];
            assert!(error["field"] == field && error["detail"].as_str().unwrap().contains(why), "{told}");
        }
        put(&door, "own?title=x", "audio/mpeg", file(1)).await.problem(415);
        put(&door, "Own?title=x", "audio/wav", file(1)).await.problem(400);
        let taken = put(&door, "fr-welcome?title=x", "audio/wav", file(1)).await.problem(409);
        assert!(taken["detail"].as_str().unwrap().contains("choose another name"), "{taken}");
        let stands_for_others = put(&door, "fr-campaign?title=x", "audio/wav", file(1)).await;
        stands_for_others.problem(409);
        delete(&door, "fr-welcome").await.problem(409);
        assert!(town.store.list_prompts().await.unwrap().is_empty());
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn all_prompts_together_last_an_hour_at_the_most() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let long = |nth| Prompt {
            id: format!("p{nth}").parse().unwrap(),
            title: "x".into(),
            language: None,
            length: LENGTH_MAX,
            digest: "x".into(),
            changed_at: town.clock.now(),
        };
        let all: Vec<Prompt> = (0..12).map(long).collect();
        let save = town.store.write(move |tx| {
            let all = all.clone();
            Box::pin(async move {
                for prompt in &all {
                    tx.save_prompt(prompt, &[]).await?;
                }
                Ok(())
            })
        });
        save.await.unwrap();

        let told = put(&door, "one-more?title=x", "audio/wav", file(1)).await.problem(409);
        assert!(told["detail"].as_str().unwrap().contains("60 minutes"), "{told}");
        // In the place of another one there is room.
        assert_eq!(put(&door, "p0?title=x", "audio/wav", file(1)).await.status, 200);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_node_hears_of_what_changes_and_of_nothing_else() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        put(&door, "a?title=x", "audio/wav", file(1)).await;
        put(&door, "b?title=x", "audio/wav", file(1)).await;
        let heard: Arc<Mutex<Vec<(String, usize)>>> = Arc::default();
        let told = Arc::clone(&heard);
        let tell = move |id: &PromptId, samples: Option<Vec<i16>>| {
            told.lock().unwrap().push((id.to_string(), samples.map_or(0, |it| it.len())));
        };
        let take = || {
            let mut heard = std::mem::take(&mut *heard.lock().unwrap());
            heard.sort();
            heard
        };

        let mut prompts = Prompts::load(town.store.clone(), Box::new(tell)).await.unwrap();
        assert_eq!(take(), [("a".into(), 16_000), ("b".into(), 16_000)]);
        put(&door, "a?title=y", "audio/wav", file(2)).await;
        put(&door, "b?title=y", "audio/wav", file(1)).await;
        prompts.refresh().await.unwrap();
        assert_eq!(take(), [("a".into(), 32_000)]);
        delete(&door, "b").await;
        prompts.refresh().await.unwrap();
        assert_eq!(take(), [("b".into(), 0)]);
        prompts.refresh().await.unwrap();
        assert_eq!(take(), []);
        town.store.close().await;
    })
    .await;
}
