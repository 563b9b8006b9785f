//! The list of calls with its search, columns and views; and what is written down on a call's page.

use whence::flows::call_arrives;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, sign_in};
use crate::support::town::{MINUTE, POSTER, Town};

/// A visitor calls from the page.
async fn a_call(town: &Town) -> String {
    town.somebody_comes().await;
    town.clock.advance(MINUTE);
    let call = town.call(1000, Some(5001));
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    call.call.to_string()
}

fn leads_to(answer: &Answer, place: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, place), "{}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_down_stands_on_the_page_and_in_the_columns_that_are_chosen() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = a_call(&town).await;
        let path = format!("/console/calls/{call}");

        let note = [("text", "Wants <b>rye</b>\r\nby Friday")];
        leads_to(&door.form(&format!("{path}/notes"), &note, &[session]).await, &format!("{path}#notes"));
        let tags = [("tags", "Offer sent, rye,, ")];
        leads_to(&door.form(&format!("{path}/tags"), &tags, &[session]).await, &format!("{path}#notes"));
        door.form(&format!("{path}/notes"), &[("text", " ")], &[session]).await.page(422);
        door.form(&format!("{path}/tags"), &[("tags", &"x".repeat(41))], &[session]).await.page(422);

        let [en, fr] = door.in_both(&path, session).await;
        for page in [&en, &fr] {
            assert!(page.contains("Wants &#60;b&#62;rye&#60;/b&#62;\nby Friday"), "{page}");
            assert!(
                page.contains("value=\"offer sent, rye\"")
                    && page.contains("href=\"/console/calls?tag=offer%20sent\""),
                "{page}"
            );
        }
        let list = door
            .get("/console/calls?columns=tags&columns=notes&columns=contact&search=rye", &[session])
            .await;
        let list = list.page(200);
        assert!(
            list.contains("offer sent, rye") && list.contains("by Friday") && list.contains(&call),
            "{list}"
        );
        assert!(!list.contains("c-from") && !list.contains("c-outcome"), "{list}");
        let by_tag = door.get("/console/calls?tag=rye", &[session]).await;
        assert!(by_tag.page(200).contains(&call) && by_tag.body.contains("value=\"rye\" selected"));

        let place = en.split(&format!("{path}/notes/")).nth(1).unwrap().split('"').next().unwrap();
        for _ in 0..2 {
            let gone = door.form(&format!("{path}/notes/{place}"), &[], &[session]).await;
            leads_to(&gone, &format!("{path}#notes"));
        }
        let [en, fr] = door.in_both(&path, session).await;
        assert!(
            en.contains("Nobody has written anything down yet")
                && fr.contains("Personne n’a encore rien noté"),
            "{en}"
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_knows_says_where_a_call_came_from_and_can_say_otherwise_later() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = a_call(&town).await;
        let path = format!("/console/calls/{call}");
        let visit = {
            let page = door.get(&path, &[session]).await.body;
            page.split("name=\"visit\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
        };

        let none = door.form(&format!("{path}/origin"), &[("visit", "")], &[session]).await;
        leads_to(&none, &format!("{path}#origin"));
        let corrected = door.get(&path, &[session]).await.body;
        assert!(corrected.contains("<strong>Not from a visit</strong>"), "{corrected}");
        assert!(corrected.contains(&format!("name=\"visit\" value=\"{visit}\"")), "it can be said otherwise");
        door.form(&format!("{path}/origin"), &[("visit", &visit)], &[session]).await;

        let again = door.get(&path, &[session]).await.body;
        assert!(again.contains("<strong>Paid Search</strong>"), "{again}");
        door.form(&format!("{path}/origin"), &[("visit", "abc")], &[session]).await.page(422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_view_is_opened_again_by_its_name_by_everybody_or_by_one() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        a_call(&town).await;
        let new = |name, for_all: &'static [(&str, &str)]| {
            [&[("page", "calls"), ("name", name), ("query", "outcome=missed&columns=tags")], for_all].concat()
        };

        let mine = door.form("/console/views", &new("Mine", &[]), &[session]).await;
        leads_to(&mine, "/console/calls?outcome=missed&columns=tags");
        door.form("/console/views", &new("Ours", &[("for_all", "true")]), &[session]).await;
        door.form("/console/views", &new("", &[]), &[session]).await.page(422);

        let list = door.get("/console/calls", &[session]).await.body;
        assert!(list.contains("href=\"/console/calls?outcome=missed&#38;columns=tags\">Mine<"), "{list}");
        assert!(list.contains(">Ours<") && list.contains("everybody’s"));
        let of_all = town.store.list_views(None, None, true).await.unwrap();
        assert_eq!(of_all.iter().map(|view| view.name.as_str()).collect::<Vec<_>>(), ["Ours"]);

        let gone = list.split("action=\"/console/views/").nth(1).unwrap().split('"').next().unwrap();
        leads_to(
            &door.form(&format!("/console/views/{gone}"), &[("page", "calls")], &[session]).await,
            "/console/calls",
        );
        let list = door.get("/console/calls", &[session]).await.body;
        assert_eq!([list.contains(">Mine<"), list.contains(">Ours<")].iter().filter(|is| **is).count(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_that_a_report_brought_are_seen_and_can_be_taken_away() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let call = a_call(&town).await;
        town.clock.advance(MINUTE);
        call_arrives(&town.store, &town.clock, &town.call(POSTER, None)).await.unwrap();
        door.count().await;

        let query = "campaign=bread&channel=Paid%20Search&period=today&zone=Europe%2FParis";
        let [en, fr] = door.in_both(&format!("/console/calls?{query}"), session).await;
        for page in [&en, &fr] {
            assert!(page.contains(&call) && page.matches("row-link").count() == 1, "{page}");
            assert!(page.contains("bread <span aria-hidden"), "{page}");
            assert!(page.contains("<input type=\"hidden\" name=\"campaign\" value=\"bread\">"), "{page}");
            assert!(page.contains("/console/calls.csv?campaign=bread"), "{page}");
        }
        let table = door.get(&format!("/console/calls.csv?{query}"), &[session]).await;
        assert_eq!((table.status.as_u16(), table.body.lines().count()), (200, 2), "{}", table.body);
        let yesterday = door.get("/console/calls?period=yesterday", &[session]).await;
        assert!(yesterday.page(200).contains("No call matches"));
        town.store.close().await;
    })
    .await;
}
