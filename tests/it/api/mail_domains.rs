//! Whether the domains of people's addresses take mail: asked of a name server on loopback, marked, and put right.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::timeout;
use whence::domain::people::claims::Claims;
use whence::flows::{mail_domains_forgotten, visitor_identified};
use whence::jobs::ask_mail_domains::AskMailDomains;
use whence::name_servers::resolver;

use super::erasures::{dump, send};
use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::name_server::NameServer;
use crate::support::town::{MINUTE, Town};

const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

struct Stage {
    town: Town,
    door: Door,
    server: NameServer,
    asker: AskMailDomains,
}

async fn stage(database: &Database, zone: &str) -> Stage {
    let town = Town::with_pool_of(database, 1).await;
    hand_out_keys(&town.store).await;
    let door = Door::of(&town);
    let server = NameServer::start(zone).await;
    let dns = resolver(&[server.address], 0).unwrap();
    let asker = AskMailDomains { store: town.store.clone(), clock: town.clock.clone(), dns };
    Stage { town, door, server, asker }
}

impl Stage {
    /// A contact with this address; where it is served.
    async fn written(&self, email: &str) -> String {
        let body = json!({"identities": [{"kind": "email", "value": email}]});
        let written = send(&self.door, "POST", "/api/v1/contacts", body).await;
        assert_eq!(written.status, 201, "{}", written.body);
        format!("/api/v1/contacts/{}", written.json()["id"].as_str().unwrap())
    }

    /// What is new and what is due is asked about; tells of which domains records were asked for, in order.
    async fn asks(&self) -> Vec<String> {
        self.asker.meet().await.unwrap();
        while self.asker.ask().await.unwrap() > 0 {}
        let mut asked = self.server.take_asked();
        asked.sort();
        asked
    }

    async fn marks(&self, contact: &str) -> Vec<Value> {
        self.door.api(contact).await.json()["marks"].as_array().unwrap().clone()
    }

    async fn is_marked(&self, contact: &str) -> bool {
        self.marks(contact).await.iter().any(|mark| mark["code"] == "email_no_mail")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_an_address_where_no_mail_is_taken_is_marked_with_who_wrote_it() {
    on_each_database(async |database| {
        let stage = stage(
            database,
            "mail.example      MX   10 mx.mail.example
             address.example   A    192.0.2.1
             six.example       AAAA 2001:db8::1
             null.example      MX   0 .
             services.example  SRV  0 0 1 other.example
             xn--t-9fab.example MX  10 mx.mail.example
             broken.example    SERVFAIL",
        )
        .await;
        let taken = ["mail", "address", "six", "été", "broken"];
        let none = ["null", "services", "gone"];
        let mut contacts = Vec::new();
        for domain in taken.iter().chain(&none) {
            contacts.push((*domain, stage.written(&format!("ada@{domain}.example")).await));
        }
        let other = stage.written("bob@gone.example").await;
        let visit = stage.town.somebody_comes().await.visit.unwrap();
        let visit = stage.town.store.find_visit(visit).await.unwrap().unwrap();
        let claims = Claims { email: "eve@gone.example".parse().ok(), ..Claims::default() };
        visitor_identified(&stage.town.store, &stage.town.clock, &visit, claims).await.unwrap();
        stage.town.clock.advance(MINUTE);
        let before = stage.door.api("/api/v1/reports/quality").await.json();
        assert_eq!(before["email"], json!({"any": 10, "valid": 10, "share": 1.0}), "nobody has asked");

        let asked = stage.asks().await;

        let of = |domain: &str| asked.iter().filter(|it| it.starts_with(domain)).count();
        assert_eq!(
            (of("gone.example"), of("mail.example"), of("null.example")),
            (1, 1, 1),
            "each once: {asked:?}"
        );
        assert_eq!(of("xn--t-9fab.example"), 1, "{asked:?}");
        assert!(asked.contains(&"services.example. AAAA".to_owned()), "{asked:?}");
        for (domain, contact) in &contacts {
            assert_eq!(stage.is_marked(contact).await, none.contains(domain), "{domain}");
        }
        let mark = stage.marks(&other).await.remove(0);
        assert_eq!((&mark["kind"], &mark["value"]), (&json!("email"), &json!("bob@gone.example")));
        assert!(mark["source"].as_str().unwrap().starts_with("key:"), "{mark}");
        let report = stage.door.api("/api/v1/reports/quality").await.json();
        assert_eq!((&report["email"]["any"], &report["email"]["valid"]), (&json!(10), &json!(5)));
        let by_visitors =
            json!({"source": format!("site:{}", visit.site), "code": "email_no_mail", "marks": 1});
        let lines = report["lines"].as_array().unwrap();
        assert!(lines.contains(&by_visitors), "{report}");
        assert!(
            lines.iter().any(|it| it["source"].as_str().unwrap().starts_with("key:") && it["marks"] == 4)
        );
        let found = stage.door.api("/api/v1/contacts?mark=email_no_mail").await.json();
        assert_eq!(found["items"].as_array().unwrap().len(), 5);
        let page = other.replace("/api/v1/", "/console/");
        let [english, french] = stage.door.in_both(&page, sign_in(&stage.town.store).await).await;
        assert!(
            english.contains("a domain that takes no mail") && french.contains("ne reçoit pas d’e-mails")
        );

        // From now on it is known at once, and nobody is asked.
        let body = json!({"identities": [
            {"kind": "email", "value": "new@gone.example"}, {"kind": "email", "value": "new@mail.example"}]});
        let checked = send(&stage.door, "POST", "/api/v1/quality/check", body).await.json();
        let codes: Vec<_> = checked["marks"].as_array().unwrap().iter().map(|it| &it["value"]).collect();
        assert_eq!(codes, ["new@gone.example"]);
        assert!(stage.is_marked(&stage.written("new@gone.example").await).await);
        assert_eq!(stage.asks().await, [""; 0]);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mark_goes_when_mail_is_taken_again_and_a_server_that_fails_says_nothing() {
    on_each_database(async |database| {
        let stage = stage(database, "mail.example MX 10 mx.mail.example\nbroken.example SERVFAIL").await;
        let (mail, gone) = (stage.written("ada@mail.example").await, stage.written("ada@gone.example").await);
        let broken = stage.written("ada@broken.example").await;
        stage.asks().await;
        assert!(stage.is_marked(&gone).await && !stage.is_marked(&broken).await);
        let since = stage.marks(&gone).await[0]["since"].clone();

        // A failure is asked about again, ever later.
        for (hours, asks) in [(1, true), (1, false), (1, true), (3, false), (1, true)] {
            stage.town.clock.advance(HOUR * hours);
            let asked = stage.asks().await;
            assert_eq!(asked.iter().any(|it| it == "broken.example. MX"), asks, "{hours}: {asked:?}");
            assert!(asked.iter().all(|it| it.starts_with("broken.example.")), "{asked:?}");
        }
        let changed = send(&stage.door, "PATCH", &gone, json!({"given_name": "Ada"})).await.json();
        assert_eq!(changed["marks"][0]["since"], since, "what is written does not take it away");

        stage.server.says("mail.example SERVFAIL\ngone.example SERVFAIL");
        stage.town.clock.advance(DAY * 7);
        let asked = stage.asks().await;
        assert!(asked.contains(&"gone.example. MX".to_owned()), "{asked:?}");
        assert!(asked.iter().all(|it| !it.starts_with("mail.example.")), "a month is not over: {asked:?}");
        assert!(stage.is_marked(&gone).await, "what was known stays");
        assert!(stage.is_marked(&broken).await, "now it is told");

        stage.server.says("gone.example MX 10 mx.gone.example");
        stage.town.clock.advance(DAY);
        stage.asks().await;
        assert!(!stage.is_marked(&gone).await);
        assert!(!stage.is_marked(&mail).await);
        stage.town.clock.advance(DAY * 23);
        assert!(stage.asks().await.contains(&"mail.example. MX".to_owned()));
        assert!(stage.is_marked(&mail).await, "it takes none any more");
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_has_or_is_only_kept_is_not_asked_about_and_all_is_forgotten_when_nobody_is_to_be_asked()
{
    on_each_database(async |database| {
        let stage = stage(database, "").await;
        let (left, kept) = (stage.written("ada@left.example").await, stage.written("ada@kept.example").await);
        let erased = stage.written("ada@erased.example").await;
        send(&stage.door, "POST", &format!("{kept}/restriction"), json!({})).await;

        assert_eq!(stage.asks().await, ["erased.example. MX", "left.example. MX"]);
        assert!(stage.is_marked(&left).await && !stage.is_marked(&kept).await);

        send(&stage.door, "DELETE", &format!("{kept}/restriction"), json!({})).await;
        assert_eq!(stage.asks().await, ["kept.example. MX"]);
        assert!(stage.is_marked(&kept).await);
        let off = format!("{left}/identities?kind=email&value=ada@left.example");
        send(&stage.door, "DELETE", &off, json!({})).await;
        assert!(!stage.is_marked(&left).await);
        send(&stage.door, "POST", &format!("{erased}/erasure"), json!({"why": "request"})).await;
        let known = || async {
            let rows = dump(database).await.into_iter().filter(|(table, _)| table == "mail_domains");
            rows.map(|(_, row)| row).collect::<Vec<_>>()
        };
        assert!(known().await.iter().all(|row| !row.contains("erased.example")), "nobody else has one there");
        assert_eq!(known().await.len(), 2);
        stage.town.clock.advance(DAY * 7);
        assert_eq!(stage.asks().await, ["kept.example. MX"]);
        assert_eq!(known().await.len(), 1);

        assert_eq!(mail_domains_forgotten(&stage.town.store).await.unwrap(), 1);
        assert!(!stage.is_marked(&kept).await);
        assert_eq!(known().await.len(), 0);
        stage.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_job_goes_on_by_itself_and_comes_by_a_minute_later() {
    on_each_database(async |database| {
        let Stage { town, door, server, asker } = stage(database, "mail.example MX 10 mx.mail.example").await;
        let dns = resolver(&[server.address], 0).unwrap();
        let job = AskMailDomains { store: town.store.clone(), clock: town.clock.clone(), dns };
        let job = tokio::spawn(job.run());
        let stage = Stage { town, door, server, asker };
        let mut contacts = Vec::new();
        // More than are asked about at once.
        for n in 0..12 {
            contacts.push(stage.written(&format!("ada@gone{n}.example")).await);
        }
        let mail = stage.written("ada@mail.example").await;

        let all_are_marked = async {
            for contact in &contacts {
                while !stage.is_marked(contact).await {
                    stage.town.clock.advance(MINUTE);
                }
            }
        };
        timeout(Duration::from_secs(30), all_are_marked).await.expect("the job goes on");

        assert!(!stage.is_marked(&mail).await);
        job.abort();
        stage.town.store.close().await;
    })
    .await;
}
