//! Counts of segments over many contacts, and one contact's page as the shipped binary
//! serves it: `cargo bench --bench people -- 1000000`, or ten thousand where nothing is said.

mod meter;
#[path = "people/mod.rs"]
mod people;
#[expect(dead_code, reason = "nobody visits the site here")]
#[path = "served/mod.rs"]
mod served;

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use meter::Meter;
use people::{NOW, People, contact};
use served::Server;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use uuid::Uuid;
use whence::clock::Clock;
use whence::domain::ids::UserId;
use whence::domain::people::field::{Field, Kind};
use whence::domain::people::segment::{Words, resolve};
use whence::domain::staff::{Post, Role};
use whence::domain::time::Timestamp;
use whence::flows::{contactability_reckoned, lookalikes_found, lookalikes_reckoned, segments_reckoned};
use whence::http::extract::hash_token;
use whence::store::sessions::NewSession;
use whence::store::{Store, User};

/// What a count may take, and a page.
const COUNT_MOST: Duration = Duration::from_secs(2);
const PAGE_MOST: Duration = Duration::from_millis(50);
const PAGES: u64 = 200;

const FILTERS: [&str; 10] = [
    "last(act) < 365d",
    "last(act) >= 365d and last(act) < 1095d",
    "first(act) < 30d",
    "count(visit) >= 5",
    "count(purchase) >= 2 in 90d",
    "spent(EUR) >= 500 in 365d",
    "address.postcode ^= \"69\"",
    "field.loyalty = \"gold\"",
    "consent(email, offers) = granted",
    "count(call) >= 1 in 365d and last(purchase) > 365d and consent(email, offers) = granted and not field.loyalty = \"gold\"",
];

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn main() {
    let contacts = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(10_000);
    let meter = Meter::start();
    let people = People::settle(contacts).await;
    meter.tell("contacts settled, with ten engagements each", contacts);
    let loyalty = "loyalty".parse().expect("a slug");
    let words = Words {
        fields: vec![Field { id: loyalty, name: "Loyalty".into(), kind: Kind::Text, choices: vec![] }],
        purposes: vec!["offers".parse().expect("a slug")],
        ..Words::default()
    };
    let mut slowest = Duration::ZERO;
    for text in FILTERS {
        let filter = resolve(None, text, &words, &BTreeMap::new()).expect("the filter is well");
        let (meter, began) = (Meter::start(), Instant::now());
        let found = people.store.count_fitting(&filter, NOW).await.expect("they are counted");
        meter.tell(&format!("{found} counted by {text}"), 1);
        slowest = slowest.max(began.elapsed());
    }

    reckon(&people.store, contacts).await;

    let user = UserId(Uuid::from_u128(1));
    let (password_hash, begun) = ("none".into(), Timestamp::from_ms(0));
    let ada = User {
        id: user,
        email: "ada@example.org".into(),
        password_hash,
        post: Post { role: Role::Admin, outlet: None },
        totp: None,
        created_at: begun,
    };
    people.store.insert_user(ada.clone()).await.expect("Ada has an account");
    let (token, never) = (hash_token("adas"), Timestamp::from_ms(i64::MAX));
    let session = NewSession {
        token_hash: token,
        user: ada.clone(),
        from: begun,
        until: never,
        browser: String::new(),
        awaits_code: false,
        half: None,
    };
    people.store.insert_session(session).await.expect("Ada signs in");
    let shown = || (0..PAGES).map(|nth| 1 + nth * 7_919 % contacts);
    people.lead_somewhere(shown()).await;
    people.store.close().await;
    let server = Server::over(&people.url, people.folder).await;
    let mut late = Duration::ZERO;
    // The first time they may come from the disk, while the gateway looks through all contacts.
    for round in ["for the first time", "again"] {
        let mut waits = Vec::new();
        for k in shown() {
            let path = format!("/console/contacts/{}", contact(k));
            let began = Instant::now();
            let page = get(&server.address, &path).await;
            waits.push(began.elapsed());
            assert!(page.starts_with("HTTP/1.1 200"), "{}", page.lines().next().unwrap_or_default());
        }
        waits.sort_unstable();
        let half = waits[waits.len() / 2];
        let most = waits[waits.len() * 99 / 100];
        late = late.max(most);
        println!("a contact's page among {contacts} {round}: {half:.1?}, 99 of 100 below {most:.1?}");
    }
    server.stop().await;
    assert!(slowest < COUNT_MOST, "a count took {slowest:?}");
    assert!(late < PAGE_MOST, "a contact's page took {late:?}");
}

/// What the jobs look through all contacts for, and who is like those that bought something.
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn reckon(store: &Store, contacts: u64) {
    let clock = Clock::manual(NOW);
    let meter = Meter::start();
    segments_reckoned(store, &clock, true).await.expect("segments are told");
    meter.tell("contacts looked through for segments", contacts);
    let meter = Meter::start();
    contactability_reckoned(store, &clock).await.expect("it is counted");
    meter.tell("contacts judged for the report of contactability", contacts);
    for round in ["for the first time", "again"] {
        let meter = Meter::start();
        lookalikes_reckoned(store, &clock).await.expect("they are profiled");
        meter.tell(&format!("contacts profiled {round}"), contacts);
    }
    let (segment, began) = ("customers".parse().expect("a slug"), Instant::now());
    let found = lookalikes_found(store, &clock, &segment, 1_000, None).await.expect("they are found");
    println!(
        "{} look-alikes of {} among {}: {:.1?}",
        found.items.len(),
        found.members,
        found.contacts,
        began.elapsed()
    );
}

/// A page, as a browser of its own gets it.
async fn get(address: &str, path: &str) -> String {
    let mut connection = TcpStream::connect(address).await.expect("the gateway listens");
    let ask = format!(
        "GET {path} HTTP/1.1\r\nhost: {address}\r\ncookie: whence_session=adas\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(ask.as_bytes()).await.expect("the question goes out");
    let mut answer = String::new();
    connection.read_to_string(&mut answer).await.expect("the answer comes");
    answer
}
