//! Commands of the binary, as an admin starts them.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use uuid::Uuid;
use whence::domain::calling::recording::Accessor;
use whence::domain::ids::{ApiKeyId, ContactId};
use whence::domain::people::erasure::Why;
use whence::flows::{Eraser, call_arrives, contact_erased, contacts_merged, hours_counted};
use whence::store::Store;

use crate::support::databases::{Database, on_each_database};
use crate::support::town::{POSTER, Town};

const PROGRAM: Accessor = Accessor::Key(ApiKeyId(Uuid::nil()));
const PEOPLE: [(ContactId, &str); 4] = [
    (ContactId(Uuid::from_u128(1)), "Ada"),
    (ContactId(Uuid::from_u128(2)), "Bob"),
    (ContactId(Uuid::from_u128(3)), "Cléo"),
    (ContactId(Uuid::from_u128(4)), "Dora"),
];

/// `whence` with these words, on this database, with something typed to it.
fn whence(database: &Database, words: &[&str], typed: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_whence"))
        .args(words)
        .env("WHENCE_DATABASE__URL", &database.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    program.stdin.take().expect("it reads").write_all(typed.as_bytes()).expect("it listens");
    program.wait_with_output().expect("it ends")
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// A town with four people.
async fn town_of_people(database: &Database) -> Town {
    let town = Town::with_pool_of(database, 1).await;
    let now = town.clock.now();
    let write = town.store.write(move |tx| {
        Box::pin(async move {
            tx.insert_contacts(&PEOPLE.map(|(id, _)| (id, now))).await?;
            for (id, name) in PEOPLE {
                tx.name_contact(id, name).await?;
            }
            Ok(())
        })
    });
    write.await.expect("they are written");
    town
}

/// Those who have a name still.
async fn named(store: &Store) -> Vec<&'static str> {
    let mut named = Vec::new();
    for (id, name) in PEOPLE {
        let contact = store.find_contact(id).await.unwrap().unwrap();
        if contact.erased_at.is_none() && contact.profile.name.as_deref() == Some(name) {
            named.push(name);
        }
    }
    named
}

/// Somebody has changed the rows behind the gateway's back.
#[tokio::test(flavor = "multi_thread")]
async fn reports_are_counted_anew_when_an_admin_asks_for_it() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        call_arrives(&town.store, &town.clock, &town.call(POSTER, Some(7001))).await.unwrap();
        while hours_counted(&town.store).await.unwrap() > 0 {}

        let (code, told, _) = said(&whence(database, &["reports", "rebuild"], ""));

        assert_eq!((code, told.trim()), (Some(0), "1 hours are counted anew as soon as a gateway runs."));
        assert_eq!(hours_counted(&town.store).await.unwrap(), 1);
        town.store.close().await;
    })
    .await;
}

/// What is written down outside the database before the backup is put back, and read into it then.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_erased_since_the_backup_is_erased_again_from_what_was_written_down() {
    on_each_database(async |database| {
        on_each_database(async |backup| {
            // Each kind with its own.
            if database.name != backup.name {
                return;
            }
            let (town, old) = (town_of_people(database).await, town_of_people(backup).await);
            for ((id, _), why) in PEOPLE[..3].iter().zip([Why::Request, Why::Retention, Why::Objection]) {
                contact_erased(&town.store, &town.clock, *id, Eraser::Asked(PROGRAM), why).await.unwrap();
            }
            // Whom the backup takes for one with somebody who was not erased.
            contacts_merged(&old.store, &old.clock, [PEOPLE[2].0, PEOPLE[3].0], PROGRAM).await.unwrap();
            let merged = old.store.find_contact(PEOPLE[2].0).await.unwrap().unwrap().merged_into;
            let part = if merged.is_some() { PEOPLE[2].0 } else { PEOPLE[3].0 };

            let (code, list, _) = said(&whence(database, &["erasures", "export"], ""));
            assert_eq!(code, Some(0));
            let mut lines: Vec<_> = list.lines().collect();
            lines.sort_unstable();
            let reasons = ["request", "retention", "objection"];
            let expected: Vec<_> =
                PEOPLE.iter().zip(reasons).map(|((id, _), why)| format!("{id} {why}")).collect();
            assert_eq!(lines, expected);

            let known = lines[..2].join("\n");
            let (code, told, _) = said(&whence(backup, &["erasures", "replay"], &known));
            assert_eq!(
                (code, told.trim()),
                (Some(0), "2 people are erased again; 0 were already, or came after the backup.")
            );
            assert!(!named(&old.store).await.iter().any(|name| ["Ada", "Bob"].contains(name)));
            let (code, told, _) = said(&whence(backup, &["erasures", "replay"], &known));
            assert_eq!(
                (code, told.starts_with("0 people are erased again; 2 were")),
                (Some(0), true),
                "{told}"
            );

            // Somebody unknown was written after the backup; a part of somebody is told.
            let more = format!("{} request\n{part} request", Uuid::from_u128(9));
            let (code, told, why) = said(&whence(backup, &["erasures", "replay"], &more));
            assert!(told.starts_with("0 people are erased again; 1 were"), "{told}");
            assert!(code != Some(0) && why.contains(&part.to_string()), "{code:?} {why}");
            let (code, _, why) = said(&whence(backup, &["erasures", "replay"], &format!("{known}\nAda\n")));
            assert!(code != Some(0) && why.contains("line 3"), "{code:?} {why}");
            assert_eq!(named(&town.store).await, ["Dora"]);
            town.store.close().await;
            old.store.close().await;
        })
        .await;
    })
    .await;
}
