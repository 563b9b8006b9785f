//! Edits of the plan by hand: two at once, with numbers that may still be called, and such as make no sense.

use std::sync::Arc;

use whence::clock::Clock;
use whence::domain::plan::edit::{EditFault, NumbersChange};
use whence::domain::plan::{Draft, edit};
use whence::flows::{
    Edit, EditError, plan_applied, plan_drafted, plan_edit_compared, plan_edited, plan_read,
};
use whence::store::Store;

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, NOON, POSTER, Town, page, phone, slug};

async fn town(store: Store) -> Town {
    let clock = Clock::manual(NOON);
    let demo = plan_read(include_str!("../../../config/demo-plan.toml"), &[], &[]).unwrap();
    plan_applied(&store, &clock, &demo, false).await.unwrap();
    Town { store, clock }
}

fn renames(id: &'static str, name: &'static str) -> Edit {
    Arc::new(move |draft: &mut Draft| {
        edit::find(&mut draft.outlets, id)?.name = name.to_owned();
        Ok(())
    })
}

fn takes_out(last: u32) -> Edit {
    let numbers = [phone(last)].into();
    Arc::new(move |draft: &mut Draft| draft.change_numbers(&numbers, &NumbersChange::OutOfService))
}

#[tokio::test(flavor = "multi_thread")]
async fn two_edits_at_once_lose_nothing_and_the_one_that_looked_before_hears_of_the_other() {
    on_each_database(async |database| {
        let town = town(database.open().await).await;
        let other = database.open().await;
        let (_, looked_at) = plan_drafted(&town.store).await.unwrap();

        let (one, two) = tokio::join!(
            plan_edited(&town.store, &town.clock, vec![], renames("lyon", "Lyon Est"), None, false),
            plan_edited(&other, &town.clock, vec![], renames("paris", "Paris Sud"), None, false),
        );
        let late = renames("lyon", "Lyon Ouest");
        let moved = plan_edited(&town.store, &town.clock, vec![], late.clone(), Some(looked_at), false).await;

        assert_eq!((one.unwrap().len(), two.unwrap().len()), (1, 1));
        assert!(matches!(moved, Err(EditError::Moved)), "{moved:?}");
        let mut names: Vec<String> =
            town.store.list_outlets().await.unwrap().into_iter().map(|it| it.name).collect();
        names.sort();
        assert_eq!(names, ["Boulangerie Martin", "Lyon Est", "Paris Sud"]);
        let seen = plan_edit_compared(&town.store, &town.clock, vec![], late.clone()).await.unwrap();
        assert_eq!(seen.revision, looked_at + 2);
        let again = plan_edited(&town.store, &town.clock, vec![], late, Some(seen.revision), false).await;
        assert_eq!(again.unwrap()[0].to_string(), "~ outlet lyon: name Lyon Est → Lyon Ouest");
        other.close().await;
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_may_still_be_called_goes_by_force_alone_and_is_told_before() {
    on_each_database(async |database| {
        let town = town(database.open().await).await;
        let shown = town.opens(whence::flows::Opened {
            site: slug("boulangerie"),
            page: "http://127.0.0.1:8080/".into(),
            ..page("/")
        });
        assert_eq!(shown.await.swaps[0].number, Some(phone(1000)));
        town.clock.advance(MINUTE);

        for last in [1000, POSTER] {
            let seen = plan_edit_compared(&town.store, &town.clock, vec![], takes_out(last)).await.unwrap();
            assert_eq!(seen.comparison.orphans[0].number, phone(last));
            let refused = plan_edited(&town.store, &town.clock, vec![], takes_out(last), None, false).await;
            assert!(matches!(refused, Err(EditError::Orphans(orphans)) if orphans.len() == 1));
            assert!(town.store.find_number(&phone(last)).await.unwrap().unwrap().number.in_service);
            plan_edited(&town.store, &town.clock, vec![], takes_out(last), None, true).await.unwrap();
            let row = town.store.find_number(&phone(last)).await.unwrap().unwrap();
            assert_eq!((row.number.in_service, row.stands_since), (false, Some(town.clock.now())));
        }
        let free = plan_edited(&town.store, &town.clock, vec![], takes_out(1009), None, false).await;
        assert_eq!(free.unwrap().len(), 1);
        town.clock.advance(MINUTE);
        let back: Edit =
            Arc::new(|draft: &mut Draft| draft.put_into_pool("boulangerie", &[phone(1009)].into()));
        plan_edited(&town.store, &town.clock, vec![], back, None, false).await.unwrap();
        let row = town.store.find_number(&phone(1009)).await.unwrap().unwrap();
        assert_eq!((row.number.in_service, row.stands_since), (true, Some(town.clock.now())));
        let untouched = town.store.find_number(&phone(1005)).await.unwrap().unwrap();
        assert_eq!(untouched.stands_since, Some(NOON));
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_makes_no_sense_is_told_what_is_wrong_and_changes_nothing() {
    on_each_database(async |database| {
        let town = town(database.open().await).await;
        let (before, revision) = plan_drafted(&town.store).await.unwrap();
        let takes_lyon: Edit = Arc::new(|draft: &mut Draft| edit::take(&mut draft.outlets, "lyon"));

        let used = plan_edited(&town.store, &town.clock, vec![], takes_lyon, None, true).await;
        let gone = plan_edited(&town.store, &town.clock, vec![], takes_out(4711), None, true).await;
        let nothing =
            plan_edited(&town.store, &town.clock, vec![], Arc::new(|_: &mut Draft| Ok(())), None, false);
        let nothing = nothing.await.unwrap();

        let Err(EditError::Problems(problems)) = used else { panic!("it was applied: {used:?}") };
        let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert!(
            told.iter().any(|it| it.starts_with("destinations \"counter\": there is no outlet \"lyon\"")),
            "{told:?}"
        );
        assert!(matches!(gone, Err(EditError::Fault(EditFault::NoNumber(number))) if number == phone(4711)));
        assert_eq!(nothing, []);
        assert_eq!(plan_drafted(&town.store).await.unwrap(), (before, revision));
        town.store.close().await;
    })
    .await;
}
