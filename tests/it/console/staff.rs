//! Who may what at the console, of which part of the network; second factors and sessions.

use std::time::Duration;

use totp_rs::{Builder, Secret};
use whence::domain::outlet::Outlet;
use whence::domain::staff::{Post, Role};
use whence::flows::call_arrives;
use whence::http::console::hash_password;
use whence::store::User;

use crate::support::databases::on_each_database;
use crate::support::door::{Answer, Door, session, sign_in, sign_in_as};
use crate::support::town::{MINUTE, NOON, POSTER, Town, slug};

const PASSWORD: &str = "a long walk by the river";

fn leads_to(answer: &Answer, place: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, place), "{}", answer.body);
}

fn post(role: Role, outlet: Option<&str>) -> Post {
    Post { role, outlet: outlet.map(slug) }
}

/// The cookie that an answer sets, as a header.
fn cookie(answer: &Answer) -> String {
    answer.header("set-cookie").split(';').next().unwrap().to_owned()
}

/// A second point of sale, and a call to each.
async fn two_outlets(town: &Town) -> [String; 2] {
    town.store
        .write(|tx| {
            Box::pin(async move {
                let nice = Outlet { id: slug("nice"), parent: None, name: "Nice".into() };
                tx.save_outlet(&nice).await
            })
        })
        .await
        .unwrap();
    let mut ids = Vec::new();
    for outlet in ["bakery", "nice"] {
        town.clock.advance(MINUTE);
        let mut call = town.call(POSTER, Some(5001));
        call.outlet = Some(slug(outlet));
        call_arrives(&town.store, &town.clock, &call).await.unwrap();
        ids.push(call.call.to_string());
    }
    ids.try_into().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_a_part_of_the_network_sees_nothing_of_the_rest() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let [bakery, nice] = two_outlets(&town).await;
        let ben = sign_in_as(&town.store, post(Role::Outlet, Some("nice"))).await;
        let door = Door::of(&town);
        door.count().await;

        let list = door.get("/console/calls", &[ben]).await;
        assert!(list.page(200).contains(&nice) && !list.body.contains(&bakery), "{}", list.body);
        assert!(!list.body.contains(">Bakery<") && !list.body.contains("Counter ·"), "{}", list.body);
        // Asking for the other does not help.
        let other = door.get("/console/calls?outlet=bakery", &[ben]).await;
        assert!(!other.page(200).contains("row-link"));
        let table = door.get("/console/calls.csv", &[ben]).await;
        assert_eq!((table.status.as_u16(), table.body.lines().count()), (200, 2), "{}", table.body);
        let overview = door.get("/console/overview?all=outlet", &[ben]).await;
        assert!(
            overview.page(200).contains(">Nice<") && !overview.body.contains(">Bakery<"),
            "{}",
            overview.body
        );

        door.get(&format!("/console/calls/{nice}"), &[ben]).await.page(200);
        let theirs = format!("/console/calls/{bakery}");
        door.get(&theirs, &[ben]).await.page(404);
        let note = [("text", "seen")];
        door.form(&format!("{theirs}/notes"), &note, &[ben]).await.page(404);
        door.form(&format!("{theirs}/qualification"), &[("qualification", "sale")], &[ben]).await.page(404);
        for ladder in ["ladder.txt", "ladder.pcap"] {
            assert_eq!(door.get(&format!("{theirs}/{ladder}"), &[ben]).await.status, 404, "{ladder}");
        }
        let shared = [("page", "calls"), ("name", "All"), ("query", "outlet=bakery"), ("for_all", "true")];
        door.form("/console/views", &shared, &[ben]).await.page(403);
        let chip = door.get("/console/calls?site=bakery&number=%2B33199002003", &[ben]).await;
        assert!(!chip.page(200).contains("number 2003"), "{}", chip.body);
        assert!(!chip.body.contains("whence dial"), "{}", chip.body);
        leads_to(
            &door.form(&format!("/console/calls/{nice}/notes"), &note, &[ben]).await,
            &format!("/console/calls/{nice}#notes"),
        );
        for closed in ["/console/segments", "/console/phone", "/console/users", "/console/prompts"] {
            let refused = door.get(closed, &[ben]).await;
            assert!(refused.page(403).contains("Not with your role"), "{closed}");
        }
        assert!(!list.body.contains("href=\"/console/segments\""), "no menu leads there");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_is_let_to_what_it_may_and_no_further() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let reader = sign_in_as(&town.store, post(Role::Reader, None)).await;
        let door = Door::of(&town);
        let [call, _] = two_outlets(&town).await;

        door.get(&format!("/console/calls/{call}"), &[reader]).await.page(200);
        door.get("/console/segments", &[reader]).await.page(200);
        for (closed, fields) in [
            (format!("/console/calls/{call}/notes"), [("text", "seen")]),
            (format!("/console/calls/{call}/origin"), [("visit", "")]),
            ("/console/blocks".to_owned(), [("number", "+33639980001")]),
            ("/console/users".to_owned(), [("email", "eve@example.org")]),
        ] {
            door.form(&closed, &fields, &[reader]).await.page(403);
        }
        door.get("/console/phone", &[reader]).await.page(403);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_adds_people_and_cannot_lock_everybody_out() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let ada = sign_in(&town.store).await;
        let door = Door::of(&town);
        let new = |email, password, outlet| {
            [("email", email), ("password", password), ("role", "marketing"), ("outlet", outlet)]
        };

        leads_to(
            &door.form("/console/users", &new("Cy@Example.org ", PASSWORD, "bakery"), &[ada]).await,
            "/console/users",
        );
        for (wrong, says) in [
            (new("cy@example.org", PASSWORD, ""), "already"),
            (new("nobody", PASSWORD, ""), "no e-mail address"),
            (new("dan@example.org", "short", ""), "12 characters"),
            (new("dan@example.org", PASSWORD, "elsewhere"), "no such outlet"),
        ] {
            let again = door.form("/console/users", &wrong, &[ada]).await;
            assert!(again.page(422).contains(says), "{says}: {}", again.body);
        }
        let [en, fr] = door.in_both("/console/users", ada).await;
        assert!(en.contains("cy@example.org") && en.contains("Marketing") && en.contains(">Bakery<"), "{en}");
        assert!(fr.contains("Tout le réseau") && fr.contains("Ce que chaque rôle peut faire"), "{fr}");

        let cy = town.store.find_user_by_email("cy@example.org").await.unwrap().unwrap();
        let own = town.store.find_user_by_email("ada@bakery.example").await.unwrap().unwrap();
        let last = door.form(&format!("/console/users/{}", own.id), &[("role", "reader")], &[ada]).await;
        assert!(last.page(422).contains("Nobody else is an administrator"), "{}", last.body);
        let gone = format!("/console/users/{}/delete", own.id);
        door.form(&gone, &[("email", "ada@bakery.example")], &[ada]).await.page(422);

        let path = format!("/console/users/{}", cy.id);
        leads_to(&door.form(&path, &[("role", "admin")], &[ada]).await, &path);
        assert_eq!(town.store.find_user(cy.id).await.unwrap().unwrap().post, post(Role::Admin, None));
        let wrong = door.form(&format!("{path}/delete"), &[("email", "cy")], &[ada]).await;
        assert!(wrong.page(422).contains("nobody was removed"));
        let at = town.clock.now();
        town.store.insert_session(session("cys", &cy, at, at + MINUTE)).await.unwrap();
        let cys = ("cookie", "whence_session=cys");
        door.get("/console/calls", &[cys]).await.page(200);
        leads_to(
            &door.form(&format!("{path}/delete"), &[("email", "cy@example.org")], &[ada]).await,
            "/console/users",
        );
        assert_eq!(door.get("/console/calls", &[cys]).await.status, 303, "who is removed is out at once");
        door.get(&path, &[ada]).await.page(404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_second_factor_a_password_alone_opens_nothing() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        town.clock.advance(Duration::from_secs(7));
        town.store
            .insert_user(User {
                id: whence::domain::ids::UserId(uuid::Uuid::from_u128(8)),
                email: "bob@bakery.example".into(),
                password_hash: hash_password(PASSWORD),
                post: post(Role::Admin, None),
                totp: None,
                created_at: NOON,
            })
            .await
            .unwrap();
        let door = Door::of(&town);
        let sign_in = [("email", "bob@bakery.example"), ("password", PASSWORD), ("next", "/console/account")];
        let whole = cookie(&door.form("/console/sign-in", &sign_in, &[("user-agent", "Lynx 2")]).await);
        let bob = ("cookie", whole.as_str());

        let [offer, fr] = door.in_both("/console/account?second-factor=new", bob).await;
        assert!(offer.contains("<svg") && fr.contains("Scannez ceci") && offer.contains("Lynx 2"), "{offer}");
        let secret =
            offer.split("name=\"secret\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let code = |at: u64| {
            let secret = Secret::try_from_base32(&secret).unwrap();
            let totp = Builder::new().with_secret(secret).build().unwrap();
            totp.generate(town.clock.now().as_ms() as u64 / 1_000 + at).to_string()
        };
        let wrong = [("secret", secret.as_str()), ("code", "000000"), ("current", PASSWORD)];
        let again = door.form("/console/account/second-factor", &wrong, &[bob]).await;
        assert!(again.page(422).contains(&secret) && again.body.contains("not right"), "{}", again.body);
        let (first, second) = (code(0), code(30));
        let stolen = [("secret", secret.as_str()), ("code", first.as_str()), ("current", "nonsense")];
        let again = door.form("/console/account/second-factor", &stolen, &[bob]).await;
        assert!(again.page(422).contains("not your password"), "{}", again.body);
        let right = [("secret", secret.as_str()), ("code", first.as_str()), ("current", PASSWORD)];
        leads_to(
            &door.form("/console/account/second-factor", &right, &[bob]).await,
            "/console/account?done=second-factor",
        );

        let half = door.form("/console/sign-in", &sign_in, &[]).await;
        leads_to(&half, "/console/sign-in/code?next=%2Fconsole%2Faccount");
        let half = cookie(&half);
        let half = ("cookie", half.as_str());
        assert_eq!(door.get("/console/account", &[half]).await.status, 303, "the code is missing");
        let [en, fr] = door.in_both("/console/sign-in/code", half).await;
        assert!(en.contains("Six digits") && fr.contains("Six chiffres"));
        let give = async |code: &str| {
            let fields = [("code", code), ("next", "/console/account")];
            door.form("/console/sign-in/code", &fields, &[half]).await
        };
        give("123").await.page(422);
        // It had been used to switch it on.
        give(&first).await.page(422);
        let through = give(&second).await;
        leads_to(&through, "/console/account");
        let through = cookie(&through);
        let account = door.get("/console/account", &[("cookie", &through)]).await;
        assert!(account.page(200).contains("bob@bakery.example"));
        assert_eq!(give(&second).await.status, 303, "the half session is over");

        let wrong =
            door.form("/console/account/second-factor/delete", &[("current", "nonsense")], &[bob]).await;
        assert!(wrong.page(422).contains("not your password"), "{}", wrong.body);
        leads_to(
            &door.form("/console/account/second-factor/delete", &[("current", PASSWORD)], &[bob]).await,
            "/console/account",
        );
        leads_to(&door.form("/console/sign-in", &sign_in, &[]).await, "/console/account");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_wrong_codes_even_the_right_one_has_to_wait() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let id = whence::domain::ids::UserId(uuid::Uuid::from_u128(8));
        let user = User {
            id,
            email: "bob@bakery.example".into(),
            password_hash: hash_password(PASSWORD),
            post: post(Role::Reader, None),
            totp: Some("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into()),
            created_at: NOON,
        };
        town.store.insert_user(user.clone()).await.unwrap();
        let door = Door::of(&town);
        let at = town.clock.now();
        let mut half = session("half", &user, at, at + 10 * MINUTE);
        half.awaits_code = true;
        town.store.insert_session(half).await.unwrap();
        let half = ("cookie", "whence_session=half");

        for _ in 0..5 {
            door.form("/console/sign-in/code", &[("code", "000000")], &[half]).await.page(422);
        }
        // RFC 6238: what its example shows at that time would open it.
        let secret = Secret::try_from_base32("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ").unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        let right = totp.generate(town.clock.now().as_ms() as u64 / 1_000).to_string();
        door.form("/console/sign-in/code", &[("code", right.as_str())], &[half]).await.page(429);
        town.clock.advance(11 * MINUTE);
        assert_eq!(
            door.form("/console/sign-in/code", &[("code", "000000")], &[half]).await.status,
            303,
            "it has expired"
        );
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_changes_their_password_is_out_everywhere_else_and_can_end_any_session() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let id = whence::domain::ids::UserId(uuid::Uuid::from_u128(8));
        let user = User {
            id,
            email: "bob@bakery.example".into(),
            password_hash: hash_password(PASSWORD),
            post: post(Role::Reader, None),
            totp: None,
            created_at: NOON,
        };
        town.store.insert_user(user.clone()).await.unwrap();
        let at = town.clock.now();
        for token in ["here", "there", "elsewhere"] {
            town.store.insert_session(session(token, &user, at, at + 60 * MINUTE)).await.unwrap();
        }
        let door = Door::of(&town);
        let [here, there, elsewhere] =
            ["whence_session=here", "whence_session=there", "whence_session=elsewhere"]
                .map(|it| ("cookie", it));
        let is_in = async |who: (&str, &str)| door.get("/console/account", &[who]).await.status == 200;

        let page = door.get("/console/account", &[here]).await.body;
        let one = page.split("name=\"session\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        door.form("/console/account/sessions/end", &[("session", one)], &[here]).await;
        assert_eq!([is_in(there).await, is_in(elsewhere).await].iter().filter(|is| **is).count(), 1);
        assert!(is_in(here).await);

        let change = |current, new| [("current", current), ("new", new)];
        for (fields, says) in [
            (change("nonsense", "another long walk"), "not your password"),
            (change(PASSWORD, "short"), "12 characters"),
        ] {
            let again = door.form("/console/account/password", &fields, &[here]).await;
            assert!(again.page(422).contains(says), "{}", again.body);
        }
        let changed =
            door.form("/console/account/password", &change(PASSWORD, "another long walk"), &[here]).await;
        leads_to(&changed, "/console/account?done=password");
        assert!(is_in(here).await && !is_in(there).await && !is_in(elsewhere).await);
        let sign_in = [("email", "bob@bakery.example"), ("password", "another long walk")];
        assert_eq!(door.form("/console/sign-in", &sign_in, &[]).await.status, 303);
        door.form("/console/account/sessions/end", &[], &[here]).await;
        assert_eq!(town.store.list_sessions(id, town.clock.now()).await.unwrap().len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audit_log_tells_an_administrator_who_asked_for_what() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let ada = sign_in(&town.store).await;
        let door = Door::of(&town);
        let [call, _] = two_outlets(&town).await;
        door.get(&format!("/console/calls/{call}"), &[ada]).await.page(200);
        door.get("/console/users", &[ada]).await.page(200);

        let [en, fr] = door.in_both("/console/audit", ada).await;
        for page in [&en, &fr] {
            assert!(page.contains("ada@bakery.example") && page.contains(&call), "{page}");
        }
        let reads = door.get("/console/audit?what=read", &[ada]).await;
        assert!(reads.page(200).contains(&call) && !reads.body.contains("<td>list</td>"), "{}", reads.body);
        let of_call = door.get(&format!("/console/audit?subject={call}"), &[ada]).await;
        assert_eq!(of_call.page(200).matches("<td>read</td>").count(), 1);
        let none = door.get("/console/audit?subject=nobody", &[ada]).await;
        assert!(none.page(200).contains("Nothing fits"));
        let reader = sign_in_as(&town.store, post(Role::Reader, None)).await;
        door.get("/console/audit", &[reader]).await.page(403);
        town.store.close().await;
    })
    .await;
}
