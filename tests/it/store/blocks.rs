//! The block and allow lists as they are kept, and what is said of calls.

use std::time::Duration;

use whence::domain::calling::identity::{Attestation, Identity, Signature};
use whence::domain::calling::screening::block::{Block, Scope, Who};
use whence::domain::calling::screening::rules::{Action, Rule};
use whence::domain::calling::screening::{Caller, Decision, Knock, Verdict};
use whence::flows::call_arrives;
use whence::store::{CallFilter, Store, Window};

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, NOON, POSTER, Town, phone, slug};

fn block(id: &str, who: Who) -> Block {
    Block { id: slug(id), who, scope: Scope::All, then: Action::Refuse, until: None, note: None }
}

async fn make(store: &Store, block: &Block, at: u64) -> String {
    let block = block.clone();
    let row = store.write(move |tx| {
        let block = block.clone();
        Box::pin(async move { tx.make_block(&block, NOON + Duration::from_secs(at)).await })
    });
    row.await.unwrap().block.id.to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_reads_back_as_it_was_and_comes_newest_first() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let mut entries = vec![
            block("a", Who::Number(phone(5001))),
            block("b", Who::Prefix("+33948".parse().unwrap())),
            block("c", Who::Country("BE".parse().unwrap())),
            block("d", Who::Withheld),
        ];
        entries[0].scope = Scope::Outlet(slug("bakery"));
        entries[1].scope = Scope::Number(phone(POSTER));
        entries[2].then = Action::Mark;
        entries[3].until = Some(NOON + MINUTE);
        entries[3].note = Some("at night".into());

        for (at, entry) in entries.iter().enumerate() {
            make(&town.store, entry, at as u64).await;
        }

        let (mut read, mut after) = (Vec::new(), None);
        loop {
            let page = town.store.list_blocks(&Window { after, limit: 3 }).await.unwrap();
            read.extend(page.items.into_iter().map(|row| row.block));
            after = page.next;
            if after.is_none() {
                break;
            }
        }
        entries.reverse();
        assert_eq!(read, entries);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_is_made_again_stays_one_and_says_what_was_said_last() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let first = block("first", Who::Number(phone(5001)));
        let again = Block { id: slug("again"), then: Action::Allow, ..first.clone() };
        let elsewhere =
            Block { id: slug("elsewhere"), scope: Scope::Outlet(slug("bakery")), ..first.clone() };

        assert_eq!(make(&town.store, &first, 0).await, "first");
        assert_eq!(make(&town.store, &again, 1).await, "first");
        assert_eq!(make(&town.store, &elsewhere, 2).await, "elsewhere");

        let kept = town.store.find_block(&slug("first")).await.unwrap().unwrap();
        assert_eq!((kept.block.then, kept.created_at), (Action::Allow, NOON));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_who_block_one_caller_at_once_make_one_entry() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;

        let tasks: Vec<_> = (0..8)
            .map(|nth| {
                let (store, entry) =
                    (town.store.clone(), block(&format!("x{nth}"), Who::Number(phone(5001))));
                tokio::spawn(async move { make(&store, &entry, nth).await })
            })
            .collect();
        let mut ids = Vec::new();
        for task in tasks {
            ids.push(task.await.unwrap());
        }

        ids.dedup();
        assert_eq!(ids.len(), 1, "{ids:?}");
        assert_eq!(town.store.list_blocks(&Window::first(10)).await.unwrap().items.len(), 1);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rulebook_has_the_entries_that_are_in_force() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        make(&town.store, &block("now", Who::Number(phone(5001))), 0).await;
        let over = Block { until: Some(NOON), ..block("over", Who::Number(phone(5002))) };
        make(&town.store, &over, 0).await;

        let rulebook = town.store.load_rulebook(NOON).await.unwrap();

        let unchecked = Identity::unchecked();
        let (called, outlet) = (phone(POSTER), slug("bakery"));
        let decide = |caller: u32| {
            let caller = Caller::Shown(phone(caller));
            let knock = Knock {
                caller: &caller,
                called: &called,
                outlet: Some(&outlet),
                identity: &unchecked,
                must_be_signed: false,
            };
            rulebook.decide(&knock, Default::default(), NOON - MINUTE).map(|said| said.rule)
        };
        assert_eq!((decide(5001), decide(5002)), (Some(Rule::BlockList), None));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_of_a_call_stands_with_it_and_can_be_asked_for() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let refused = Decision {
            verdict: Verdict::Refused,
            rule: Rule::BlockList,
            block: Some(slug("robot")),
            status: Some(607),
        };
        let marked =
            Decision { verdict: Verdict::Marked, rule: Rule::AttestationC, block: None, status: None };
        let signed = Identity {
            attestation: Some(Attestation::C),
            origination: Some("123e4567-e89b-12d3-a456-426655440000".into()),
            diversions: 2,
            ..Identity::of(Signature::Verified, None)
        };
        let mut calls = Vec::new();
        for (caller, said, identity) in
            [(6001, Some(refused), None), (6002, Some(marked), Some(signed.clone())), (6003, None, None)]
        {
            let call = whence::domain::calling::record::Arrived {
                screening: said.map(Box::new),
                identity: identity.map(Box::new),
                ..town.call(POSTER, Some(caller))
            };
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            // Written twice, it changes nothing the second time.
            call_arrives(&town.store, &town.clock, &call).await.unwrap();
            calls.push(call.call);
        }

        let read = |nth: usize| town.store.find_call(calls[nth]);
        let first = read(0).await.unwrap().unwrap();
        assert_eq!(
            first.screening.map(|said| (said.verdict, said.rule)),
            Some((Verdict::Refused, Rule::BlockList))
        );
        assert_eq!((first.identity, first.contact), (None, None), "a refused caller is no contact");
        assert_eq!(town.store.list_attributions(calls[0]).await.unwrap(), [], "and counts for no channel");
        let second = read(1).await.unwrap().unwrap();
        assert_eq!(second.identity, Some(signed));
        assert!(second.contact.is_some(), "a marked caller is one like others");
        assert_eq!(read(2).await.unwrap().unwrap().screening, None);

        for (filter, expected) in [
            (CallFilter { screening: Some(Verdict::Refused), ..Default::default() }, calls[0]),
            (CallFilter { rule: Some(Rule::AttestationC), ..Default::default() }, calls[1]),
            (CallFilter { signature: Some(Signature::Verified), ..Default::default() }, calls[1]),
            (CallFilter { attestation: Some(Attestation::C), ..Default::default() }, calls[1]),
        ] {
            let page = town.store.list_calls(&filter, &Window::first(10)).await.unwrap();
            assert_eq!(page.items.iter().map(|row| row.record.id).collect::<Vec<_>>(), [expected]);
        }
        town.store.close().await;
    })
    .await;
}
