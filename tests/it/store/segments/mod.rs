//! A filter means the same in SQL, on both databases, as it does to somebody who looks at one contact
//! after the other ([`oracle`]); and what it prints reads back the same.

mod filters;
mod oracle;
mod people;

use std::collections::{BTreeMap, BTreeSet};

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use whence::domain::ids::ContactId;
use whence::domain::people::segment::{parse, resolve};

use crate::support::databases::on_each_database;
use crate::support::town::NOON;
use filters::words;

const PEOPLE: usize = 150;
const FILTERS: usize = 400;

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_finds_whom_one_finds_by_looking_at_each() {
    let mut runner = TestRunner::default();
    let mut draw = |strategy: &dyn Fn(&mut TestRunner) -> Vec<String>| strategy(&mut runner);
    let texts = draw(&|runner| {
        let filter = filters::filter();
        (0..FILTERS).map(|_| filter.new_tree(runner).unwrap().current().to_string()).collect()
    });
    let crowd = people::crowd(&mut runner, PEOPLE);
    let named: BTreeMap<_, _> =
        words().segments.into_iter().zip(["has(email)".to_owned(), "created < 20d".to_owned()]).collect();

    on_each_database(async |database| {
        let store = database.open().await;
        people::settle(&database.url, &crowd).await;

        let (mut some, mut all) = (0, 0);
        for text in &texts {
            let filter = parse(text, &words()).unwrap();
            let resolved = resolve(None, text, &words(), &named).unwrap();
            let expected: BTreeSet<ContactId> = crowd
                .iter()
                .filter(|person| !person.merged && oracle::fits(person, &filter, &named, NOON))
                .map(|person| person.id)
                .collect();

            let found = store.list_fitting(&resolved, NOON, 1_000).await;
            let found: BTreeSet<ContactId> =
                found.unwrap_or_else(|e| panic!("{text}: {e:?}")).into_iter().collect();

            let odd: Vec<_> =
                crowd.iter().filter(|it| found.contains(&it.id) != expected.contains(&it.id)).collect();
            assert!(odd.is_empty(), "{}: {text}\n{:#?}", database.name, odd[0]);
            assert_eq!(store.count_fitting(&resolved, NOON).await.unwrap(), expected.len() as i64, "{text}");
            some += usize::from(!expected.is_empty());
            all += usize::from(expected.len() == crowd.iter().filter(|it| !it.merged).count());
        }
        // Filters that all or none fit would show little.
        assert!(some > FILTERS / 3 && all < FILTERS / 3, "{some} find somebody, {all} everybody");
        store.close().await;
    })
    .await;
}

#[test]
fn a_printed_filter_reads_back_the_same() {
    let mut runner = TestRunner::default();
    let strategy = filters::filter();
    for _ in 0..4_000 {
        let filter = strategy.new_tree(&mut runner).unwrap().current();
        let text = filter.to_string();

        let read = parse(&text, &words());

        assert_eq!(read.as_ref(), Ok(&filter), "{text}");
    }
}
