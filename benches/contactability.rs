//! May a thousand people be reached: a check among many contacts, each with
//! identities, lines of the ledger and engagements.
//!
//! `cargo bench --bench contactability -- 1000000` asks among a million.

mod meter;

use std::time::{Duration, Instant};

use meter::Meter;
use sqlx::{AnyConnection, Connection};
use uuid::Uuid;
use whence::clock::Clock;
use whence::domain::ids::ContactId;
use whence::domain::people::contact::Whom;
use whence::domain::people::rules::Question;
use whence::domain::time::Timestamp;
use whence::flows::{contactability_checked, plan_applied, plan_read};
use whence::store::{Config, Store};

const CONTACTS: u64 = 20_000;
const ASKED: u64 = 1_000;
const ROUNDS: u64 = 20;
/// What a check of a thousand may take.
const MOST: Duration = Duration::from_millis(100);

const PLAN: &str = r#"
[[purposes]]
id = "offers"
name_en = "Offers"
name_fr = "Offres"

[[controllers]]
id = "shop"
name = "Shop SAS"
address = "1 rue du Four, Lyon"
email = "privacy@example.org"

[[caps]]
id = "mails"
channel = "email"
count = 4
days = 30
"#;

/// Monday, 23 November 2026, eleven o'clock in Lyon.
const MONDAY: Timestamp = Timestamp::from_ms(1_795_428_000_000);

#[tokio::main]
#[allow(clippy::disallowed_methods, reason = "a benchmark measures real time")]
async fn main() {
    let contacts = std::env::args().find_map(|text| text.parse().ok()).unwrap_or(CONTACTS);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is room on the disk");
    let url = format!("sqlite:{}", folder.path().join("whence.db").display());
    let store = Store::open(&Config { url: url.clone() }).await.expect("a fresh database opens");
    let clock = Clock::manual(MONDAY);
    let plan = plan_read(PLAN, &[], &[]).expect("the plan is good");
    plan_applied(&store, &clock, &plan, false).await.expect("the plan applies");
    fill(&url, contacts).await;

    for channel in ["phone", "email"] {
        let question = Question {
            channel: channel.parse().expect("a channel"),
            purpose: plan.purposes[0].clone(),
            controller: plan.controllers[0].id.clone(),
        };
        let (meter, began) = (Meter::start(), Instant::now());
        for round in 0..ROUNDS {
            // Spread over all, as a mailing's people are.
            let apart = (contacts / ASKED).max(1);
            let whom = (0..ASKED).map(|n| Whom::Contact(id((round * 7 + n * apart) % contacts))).collect();
            let decided = contactability_checked(&store, &clock, whom, &question, MONDAY).await;
            let decided = decided.expect("it is decided");
            assert_eq!(decided.iter().flatten().count() as u64, ASKED);
            assert!(decided.iter().flatten().any(|decision| decision.allowed));
            assert!(decided.iter().flatten().any(|decision| !decision.allowed));
        }
        let each = began.elapsed() / ROUNDS as u32;
        meter.tell(&format!("contact checked, {ASKED} at once of {contacts}, by {channel}"), ASKED * ROUNDS);
        println!("a check of {ASKED}: {} ms", each.as_millis());
        assert!(each < MOST, "a check of {ASKED} took {each:?}");
    }
    store.close().await;
}

fn id(n: u64) -> ContactId {
    ContactId(Uuid::from_u128(u128::from(n) + 1))
}

/// For each contact two identities, an address, a line for each of two channels (the third contact has none) and ten
/// engagements, two of them e-mails of the last month.
async fn fill(url: &str, contacts: u64) {
    let now = MONDAY.as_ms();
    let mut db = AnyConnection::connect(url).await.expect("the database is there");
    let steps = [
        "with recursive n (i) as (select 1 union all select i + 1 from n where i < $1) \
         insert into contacts (id, created_at, addresses, keyed) select \
         printf('00000000-0000-0000-0000-%012x', i), $2 - 86400000, \
         '[{\"kind\":\"home\",\"line\":\"1 rue du Four\",\"postcode\":\"69001\",\"city\":\"Lyon\",\"country\":\"FR\"}]', 1 from n",
        "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at, seen) \
         select 'phone', printf('+336%08d', rowid), id, $2, $2, 1 from contacts where $1 > 0",
        "insert into identities (kind, value, contact_id, first_seen_at, last_seen_at, seen) \
         select 'email', 'ada' || rowid || '@example.org', id, $2, $2, 1 from contacts where $1 > 0",
        "insert into consents (id, contact_id, channel, purpose_id, controller_id, status, basis, at, method, source, \
         recorded_at, recorded_by) select printf('00000000-0000-0000-0001-%012x', c.rowid * 2 + k.n), c.id, k.channel, \
         'offers', 'shop', 'granted', 'consent', $2 - 1000, 'form', 'form', $2, 'key:1' from contacts c join \
         (select 0 as n, 'phone' as channel union all select 1, 'email') k where c.rowid % 3 > 0 and $1 > 0",
        "insert into engagements (id, contact_id, kind, at, subject, source, reference, purpose_id, solicits) \
         select printf('00000000-0000-0000-0002-%012x', c.rowid * 16 + k.n), c.id, \
         case when k.n < 2 then 'email_sent' when k.n < 6 then 'visit' when k.n < 8 then 'form_submitted' \
         when k.n = 8 then 'email_opened' else 'purchase' end, $2 - 86400000 * (1 + k.n * 9), 'subject ' || k.n, 'shop', \
         c.rowid || ' ' || k.n, 'offers', case when k.n < 2 then 1 else 0 end from contacts c join \
         (with recursive n (n) as (select 0 union all select n + 1 from n where n < 9) select n from n) k where $1 > 0",
    ];
    for step in steps {
        sqlx::query(step)
            .bind(contacts as i64)
            .bind(now)
            .execute(&mut db)
            .await
            .expect("the contacts are made");
    }
    // As the gateway does all the time: what was written in one go would be looked for in a log of gigabytes.
    sqlx::query("pragma wal_checkpoint(truncate)").fetch_one(&mut db).await.expect("the log is carried over");
    db.close().await.expect("it is written");
}
