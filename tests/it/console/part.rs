//! Whoever sees a part of the network: each page tells them of their own outlet, and nothing of another.
//!
//! Nice and Lyon have the same of everything, and everything of theirs bears their name: so one sentence holds for every
//! page.

use std::time::Duration;

use serde_json::json;
use whence::domain::calling::destination::{RingStep, StepTo};
use whence::domain::ids::{CallId, UserId};
use whence::domain::staff::{Post, Role};
use whence::flows::{call_arrives, call_ends, plan_applied, plan_exported, plan_read};
use whence::store::User;
use whence::switchboard::live::{LiveCall, Stage};

use super::live::{EVENTS, live, until};
use crate::api::contacts::write;
use crate::api::money::costs;
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys, session, sign_in};
use crate::support::town::{MINUTE, Town, page, phone, slug};

type Cookie = (&'static str, &'static str);

const NICE: Cookie = ("cookie", "whence_session=nice");
const LYON: Cookie = ("cookie", "whence_session=lyon");

/// What of each town nobody of the other may read: its name in whatever spelling, and its numbers.
const OF_NICE: [&str; 2] = ["nice", "99 00 41"];
const OF_LYON: [&str; 2] = ["lyon", "99 00 42"];

const BOTH: &str = r#"
[[outlets]]
id = "TOWN"
name = "TOWN shop"
parent = "bakery"

[[sites]]
id = "TOWN-site"
outlet = "TOWN"
name = "TOWN site"
origins = ["https://TOWN.example"]

[[destinations]]
id = "TOWN-desk"
outlet = "TOWN"
name = "TOWN desk"
line = "sip:TOWN@127.0.0.1:5071"
ring_s = 20

[[pools]]
id = "TOWN-web"
site = "TOWN-site"
target = "+33199004DIGIT02"
destination = "TOWN-desk"
numbers = ["+33199004DIGIT00"]

[[numbers]]
e164 = "+33199004DIGIT01"
label = "TOWN poster"
outlet = "TOWN"
destination = "TOWN-desk"
channel = "Offline"
source = "TOWN-poster"
medium = "print"
cost_minor = 4DIGIT00
currency = "EUR"
runs = "2026-11-01..2026-11-30"
"#;

/// A network of two towns with a user each, of this role.
async fn network(database: &Database, role: Role) -> (Town, Door) {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let exported = plan_exported(&town.store).await.unwrap();
    let of = |name: &str, digit: &str| BOTH.replace("TOWN", name).replace("DIGIT", digit);
    let text = format!("{exported}\n{}\n{}", of("nice", "1"), of("lyon", "2"));
    let wanted = plan_read(&text, &[], &[]).unwrap_or_else(|wrong| panic!("{wrong}"));
    plan_applied(&town.store, &town.clock, &wanted, false).await.unwrap();
    for (id, name, token) in [(21, "nice", "nice"), (22, "lyon", "lyon")] {
        let user = User {
            id: UserId(uuid::Uuid::from_u128(id)),
            email: format!("{name}@bakery.example"),
            password_hash: "no password".into(),
            post: Post { role, outlet: Some(slug(name)) },
            totp: None,
            created_at: town.clock.now(),
        };
        town.store.insert_user(user.clone()).await.unwrap();
        let until = town.clock.now() + Duration::from_secs(86_400);
        town.store.insert_session(session(token, &user, town.clock.now(), until)).await.unwrap();
    }
    let door = Door::of(&town);
    for (last, name) in [(7101, "Nicenora"), (7201, "Lyonluc")] {
        let phone = json!({"kind": "phone", "value": phone(last).reveal()});
        write(&door, json!({"given_name": name, "identities": [phone]})).await;
    }
    (town, door)
}

/// A call to the poster of a town, which nobody answers.
async fn missed(town: &Town, name: &str, number: u32, caller: u32) -> CallId {
    let mut call = town.call(number, Some(caller));
    (call.outlet, call.destination) = (Some(slug(name)), Some(slug(&format!("{name}-desk"))));
    call_arrives(&town.store, &town.clock, &call).await.unwrap();
    town.clock.advance(MINUTE);
    call_ends(&town.store, &town.clock, &town.end(&call, None)).await.unwrap();
    call.call
}

/// Each town reads its own name on the page, and nothing of the other.
async fn each_sees_their_own(door: &Door, path: &str) -> [String; 2] {
    let mut pages = vec![];
    for (cookie, own, others) in [(NICE, OF_NICE, OF_LYON), (LYON, OF_LYON, OF_NICE)] {
        let [en, fr] = door.in_both(path, cookie).await;
        for page in [&en, &fr] {
            // Who is signed in stands above each page.
            let body = page.split("<main").nth(1).unwrap().to_lowercase();
            assert!(body.contains(own[0]), "{path} says nothing of {}: {body}", own[0]);
            for word in others.into_iter().chain(["counter", "99 00 20", "number 2003"]) {
                assert!(!body.contains(word), "{path} tells {} of {word}: {body}", own[0]);
            }
        }
        pages.push(en);
    }
    pages.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn missed_callers_are_told_to_their_own_outlet_without_names() {
    on_each_database(async |database| {
        let (town, door) = network(database, Role::Outlet).await;
        missed(&town, "nice", 4101, 7101).await;
        let last = missed(&town, "nice", 4101, 7101).await;
        missed(&town, "lyon", 4201, 7201).await;
        // Nice's caller is answered in Lyon: to Nice they still wait.
        let mut again = town.call(4201, Some(7101));
        (again.outlet, again.destination) = (Some(slug("lyon")), Some(slug("lyon-desk")));
        call_arrives(&town.store, &town.clock, &again).await.unwrap();
        let at = town.clock.now();
        whence::flows::call_is_answered(&town.store, &town.clock, &town.answer(&again)).await.unwrap();
        call_ends(&town.store, &town.clock, &town.end(&again, Some(at))).await.unwrap();
        door.count().await;

        let [nice, lyon] = each_sees_their_own(&door, "/console/missed?period=7d&state=all").await;
        assert!(nice.contains("01 99 00 71 01") && nice.contains("2 missed calls"), "{nice}");
        assert!(nice.contains("waiting for") && !nice.contains("71 01</a>"), "{nice}");
        assert!(lyon.contains("01 99 00 72 01") && !lyon.contains("71 01"), "{lyon}");
        for untold in ["At stake", "/console/contacts/", "/console/tasks"] {
            assert!(!nice.contains(untold), "{untold}: {nice}");
        }
        assert!(nice.contains("aria-current=\"page\">Missed calls</a>"), "the menu leads there: {nice}");
        assert!(nice.contains(&format!("/console/calls/{last}")), "{nice}");

        for query in ["outlet=lyon", "destination=lyon-desk"] {
            let other = door.get(&format!("/console/missed?state=all&{query}"), &[NICE]).await;
            assert!(other.page(200).contains("Nobody here"), "{}", other.body);
            assert!(!other.body.contains("lyon shop") && !other.body.contains("lyon desk"), "{}", other.body);
        }
        let csv = door.get("/console/missed.csv?state=all", &[NICE]).await;
        assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
        assert!(csv.body.contains("+33199007101") && !csv.body.contains("lyon"), "{}", csv.body);
        for untold in ["contact", "at_stake", "task", "may_be_called_rule"] {
            assert!(!csv.body.lines().next().unwrap().contains(untold), "{untold}: {}", csv.body);
        }
        let sums = |csv: &str| csv.lines().filter(|line| line.contains("\"2.0\"")).count();
        let hours = door.get("/console/missed/hours.csv?period=7d", &[NICE]).await;
        assert_eq!(sums(&hours.body), 1, "two calls in one hour: {}", hours.body);
        let people = door.get("/console/missed/staffing.csv?period=7d", &[NICE]).await;
        assert!(!people.body.contains("lyon"), "{}", people.body);

        // To whom people are shown and costs are open, in all of the network, nothing is withheld.
        let ada = sign_in(&town.store).await;
        let [whole, _] = door.in_both("/console/missed?period=7d&state=called_again", ada).await;
        assert!(whole.contains("Nicenora") && whole.contains("At stake"), "{whole}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_live_page_shows_an_outlet_its_calls_pools_and_colleagues() {
    on_each_database(async |database| {
        let (town, door) = network(database, Role::Outlet).await;
        let ada = sign_in(&town.store).await;
        for (name, number, caller) in [("nice", 4101, 7101), ("lyon", 4201, 7201)] {
            let mut call = town.call(number, Some(caller));
            (call.outlet, call.destination) = (Some(slug(name)), Some(slug(&format!("{name}-desk"))));
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            door.live.enter(live(&call, Stage::Ringing));
        }
        // A call to a number that nobody knows is of no outlet.
        door.live.enter(LiveCall {
            outlet: None,
            destination: None,
            ..live(&town.call(9999, None), Stage::Ringing)
        });

        let [nice, _] = each_sees_their_own(&door, "/console/live").await;
        let [whole, _] = door.in_both("/console/live", ada).await;

        assert!(nice.contains("1 call just now") && nice.contains("nice-web"), "{nice}");
        for untold in ["Nicenora", "health-", "live-trunks"] {
            assert!(!nice.contains(untold), "{untold}: {nice}");
        }
        assert!(whole.contains("3 calls just now") && whole.contains("Nicenora"), "{whole}");

        let (_, mut whole) = door.stream(EVENTS, &[ada, ("accept-language", "en")]).await;
        let (_, mut of_nice) = door.stream(EVENTS, &[NICE, ("accept-language", "en")]).await;
        let (_, _of_lyon) = door.stream(EVENTS, &[LYON, ("accept-language", "en")]).await;
        let program = door.live.watch().unwrap();
        let all = "Watching: ada@bakery.example, lyon@bakery.example, nice@bakery.example, and a program";
        until(&town, &mut whole, "watchers", all).await;
        until(&town, &mut of_nice, "watchers", "Watching: nice@bakery.example. At most").await;
        drop(program);

        // Whoever is given another post begins anew, with what that shows.
        let moved = Post { role: Role::Outlet, outlet: Some(slug("lyon")) };
        town.store
            .write(move |tx| {
                let post = moved.clone();
                Box::pin(async move { tx.set_post(UserId(uuid::Uuid::from_u128(21)), &post).await })
            })
            .await
            .unwrap();
        until(&town, &mut of_nice, "signed_out", "").await;
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_is_read_by_each_outlet_as_far_as_it_is_theirs() {
    on_each_database(async |database| {
        let (town, door) = network(database, Role::Outlet).await;
        let ada = sign_in(&town.store).await;
        town.opens(page("/")).await;

        for list in ["numbers", "destinations", "outlets", "sites", "pools"] {
            let [nice, _] = each_sees_their_own(&door, &format!("/console/{list}")).await;
            let body = nice.split("<main").nth(1).unwrap();
            assert!(!body.contains("method=\"post\"") && !body.contains("/new\""), "{list}: {body}");
            let [whole, _] = door.in_both(&format!("/console/{list}"), ada).await;
            assert!(whole.contains("nice") && whole.contains("lyon"), "{list}: {whole}");
            assert!(
                whole.contains("/new\"") || whole.contains("action=\"/console/outlets\""),
                "{list}: {whole}"
            );
        }
        for (list, own, theirs) in [
            ("numbers", "+33199004101", "+33199004201"),
            ("numbers", "+33199004100", "+33199004200"),
            ("destinations", "nice-desk", "lyon-desk"),
            ("outlets", "nice", "lyon"),
            ("sites", "nice-site", "lyon-site"),
            ("pools", "nice-web", "lyon-web"),
        ] {
            let [en, fr] = door.in_both(&format!("/console/{list}/{own}"), NICE).await;
            for page in [&en, &fr] {
                let body = page.split("<main").nth(1).unwrap().to_lowercase();
                assert!(body.contains("nice") && !body.contains("method=\"post\""), "{list}: {body}");
                for word in OF_LYON {
                    assert!(!body.contains(word), "{list} tells of {word}: {body}");
                }
            }
            let other = door.get(&format!("/console/{list}/{theirs}"), &[NICE]).await;
            assert!(other.page(404).contains("href=\"/console/overview\""), "with the menu: {}", other.body);
            door.get(&format!("/console/{list}/{theirs}"), &[LYON]).await.page(200);
        }
        for query in ["outlet=lyon", "search=4201", "pool=lyon-web", "destination=lyon-desk"] {
            let other = door.get(&format!("/console/numbers?{query}"), &[NICE]).await;
            assert!(!other.page(200).contains("<table"), "{query}: {}", other.body);
        }
        for closed in
            ["numbers/table", "numbers/new", "numbers.csv", "pools/nice-web/edit", "sites/nice-site/tester"]
        {
            let refused = door.get(&format!("/console/{closed}"), &[NICE]).await;
            assert!(
                refused.page(403).contains("href=\"/console/overview\""),
                "with the menu: {}",
                refused.body
            );
        }
        door.form("/console/outlets/nice", &[("name", "Mine")], &[NICE]).await.page(403);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_destination_leads_elsewhere_that_is_all_that_is_said() {
    on_each_database(async |database| {
        let (town, door) = network(database, Role::Outlet).await;
        town.store
            .write(|tx| {
                Box::pin(async move {
                    let mut all = tx.list_destinations().await?;
                    let nice = all.iter_mut().find(|it| it.id.as_str() == "nice-desk").expect("it is there");
                    nice.ring_plan.fallback = Some(slug("lyon-desk"));
                    let step = nice.ring_plan.steps[0].clone();
                    let to = StepTo::Destination(slug("lyon-desk"));
                    nice.ring_plan.steps.push(RingStep { to, ..step });
                    tx.save_destination(nice).await
                })
            })
            .await
            .unwrap();

        let [en, fr] = door.in_both("/console/destinations/nice-desk", NICE).await;
        let [list, liste] = door.in_both("/console/destinations", NICE).await;

        for page in [&en, &fr, &list, &liste] {
            assert!(page.contains("nice-desk") && !page.contains("lyon-desk"), "{page}");
        }
        assert!(en.contains(">another part of the network</text>"), "the picture: {en}");
        assert!(liste.contains("une autre partie du réseau"), "{liste}");
        assert!(en.contains("Calls go on to another part of the network."), "{en}");
        assert!(fr.contains("dans une autre partie du réseau"), "{fr}");
        assert!(en.contains("sip:nice@127.0.0.1:5071"), "{en}");
        assert!(!en.contains("sip:lyon") && !en.contains("lyon desk"), "{en}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn money_is_told_of_what_is_written_for_their_own_outlet() {
    on_each_database(async |database| {
        let (town, door) = network(database, Role::Marketing).await;
        let ada = sign_in(&town.store).await;
        for (outlet, amount) in [(json!("nice"), 1_000), (json!("lyon"), 2_000), (json!(null), 777_000)] {
            let note = outlet.as_str().map_or("for all", |name| name).to_owned() + " note";
            costs(
                &door,
                json!({"first_day": "2026-11-22", "channel": "Paid Search", "outlet": outlet, "note": note,
                       "amount_minor": amount, "currency": "EUR"}),
            )
            .await;
        }
        missed(&town, "nice", 4101, 7101).await;
        missed(&town, "lyon", 4201, 7201).await;
        door.count().await;

        let [nice, lyon] = each_sees_their_own(&door, "/console/money?period=30d&by=outlet").await;
        assert!(nice.contains("Only what is written for an outlet of yours counts"), "{nice}");
        assert!(nice.contains("nice note") && lyon.contains("lyon note"), "{nice}");
        for untold in ["for all", "7,770", "777", "method=\"post\" action=\"/console/money"] {
            assert!(!nice.contains(untold), "{untold}: {nice}");
        }
        // Their row is what the whole network's table says of them.
        let table = "/console/money.csv?period=30d&by=outlet";
        let (whole, theirs) = (door.get(table, &[ada]).await.body, door.get(table, &[NICE]).await.body);
        let row = whole.lines().find(|line| line.contains("nice")).unwrap();
        assert_eq!(theirs.lines().skip(1).collect::<Vec<_>>(), [row], "{whole}");
        assert!(row.contains("\"1.0\""), "a call: {row}");
        let [all, _] = door.in_both("/console/money?period=30d", ada).await;
        assert!(all.contains("for all note") && all.contains("action=\"/console/money/costs\""), "{all}");
        town.store.close().await;
    })
    .await;
}
