//! Who is not let in, who is marked, and what is written down of them.

use whence::demo::caller::End;
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::calling::record::CallRecord;
use whence::domain::calling::screening::Verdict;
use whence::domain::calling::screening::rules::Rule;
use whence::domain::people::search::Search;
use whence::domain::plan::screening::DraftBlock;
use whence::flows::block_made;
use whence::store::Window;

use super::stage::{ADA, COUNTER, Stage};
use crate::support::databases::{Database, on_each_database};

/// Where the plan's screening is put in.
const HERE: &str = "# ---- Numbers that are lent to visits";

async fn screened_by(database: &Database, rules: &str) -> Stage {
    Stage::open_with(database, &[(HERE, &format!("{rules}\n{HERE}"))]).await
}

async fn calls(stage: &Stage, from: Option<&str>) -> (End, CallRecord) {
    let call = stage.call_from(from, COUNTER).await;
    (stage.ended(call).await, stage.latest_call().await)
}

fn said(record: &CallRecord) -> Option<(Verdict, Rule)> {
    record.screening.as_ref().map(|said| (said.verdict, said.rule))
}

fn refused_with(end: &End, status: &str) -> bool {
    matches!(end, End::Refused(words) if words.contains(status))
}

#[tokio::test]
async fn a_blocked_caller_is_refused_and_written_down_and_is_no_contact() {
    on_each_database(async |database| {
        let rules = format!("[[blocks]]\nid = \"robot\"\nnumber = \"{ADA}\"\n");
        let stage = screened_by(database, &rules).await;

        let (end, record) = calls(&stage, Some(ADA)).await;

        assert!(refused_with(&end, "607"), "{end:?}");
        assert_eq!((record.outcome, record.sip_status), (Some(Outcome::Blocked), Some(607)));
        assert_eq!((record.hung_up_by, record.ringing_at), (Some(HungUpBy::Gateway), None));
        assert_eq!(said(&record), Some((Verdict::Refused, Rule::BlockList)));
        assert_eq!(record.screening.unwrap().block, Some("robot".parse().unwrap()));
        assert_eq!(record.contact, None);
        let store = &stage.gateway.store;
        assert_eq!(store.list_contacts(&Search::default(), &Window::first(1)).await.unwrap().items, []);
        assert_eq!(store.list_attributions(record.id).await.unwrap(), []);

        let (end, record) = calls(&stage, Some("+33639981235")).await;
        assert_eq!((end, said(&record)), (End::Talked, None));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_withholds_their_number_is_refused_where_the_plan_says_so() {
    on_each_database(async |database| {
        let stage =
            screened_by(database, "[[blocks]]\nid = \"hidden\"\nwithheld = true\nthen = \"busy\"\n").await;

        let (end, record) = calls(&stage, None).await;

        assert!(refused_with(&end, "486"), "{end:?}");
        assert_eq!((record.outcome, record.caller), (Some(Outcome::Blocked), None));
        assert_eq!(calls(&stage, Some(ADA)).await.0, End::Talked);
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_marked_call_goes_through_with_its_mark() {
    on_each_database(async |database| {
        let stage =
            screened_by(database, "[[blocks]]\nid = \"mobiles\"\nprefix = \"+336\"\nthen = \"mark\"\n").await;

        let (end, record) = calls(&stage, Some(ADA)).await;

        assert_eq!((end, record.outcome), (End::Talked, Some(Outcome::Answered)));
        assert_eq!(said(&record), Some((Verdict::Marked, Rule::BlockList)));
        assert!(record.contact.is_some());
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn who_calls_too_often_is_refused_until_they_rest() {
    on_each_database(async |database| {
        let rules = "[screening]\nrate = \"refuse\"\nrate_calls = 2\nrate_within_s = 3600\n";
        let stage = screened_by(database, rules).await;

        let mut ends = Vec::new();
        for _ in 0..3 {
            ends.push(calls(&stage, Some(ADA)).await);
        }

        assert_eq!((&ends[0].0, &ends[1].0), (&End::Talked, &End::Talked));
        assert!(refused_with(&ends[2].0, "608"), "{ends:?}");
        assert_eq!(said(&ends[2].1), Some((Verdict::Refused, Rule::Rate)));
        assert_eq!(calls(&stage, Some("+33639981235")).await.0, End::Talked);
        stage.clock.advance(std::time::Duration::from_secs(3600));
        assert_eq!(calls(&stage, Some(ADA)).await.0, End::Talked);
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_rings_and_is_gone_again_and_again_is_marked() {
    on_each_database(async |database| {
        let rules =
            "[screening]\nsilent_calls = \"mark\"\nsilent_calls_count = 2\nsilent_abandoned_under_s = 60\n";
        let stage = screened_by(database, rules).await;

        for _ in 0..2 {
            let call = stage.call(COUNTER, true).await;
            assert_eq!(stage.ended(call).await, End::GaveUp);
            assert_eq!(said(&stage.latest_call().await), None);
        }

        let (end, record) = calls(&stage, Some(ADA)).await;
        assert_eq!((end, said(&record)), (End::Talked, Some((Verdict::Marked, Rule::SilentCalls))));
        stage.close().await;
    })
    .await;
}

#[tokio::test]
async fn a_caller_who_is_blocked_by_hand_is_refused_within_seconds() {
    on_each_database(async |database| {
        let stage = Stage::open(database).await;
        assert_eq!(calls(&stage, Some(ADA)).await.0, End::Talked);

        let draft = DraftBlock { number: Some(ADA.to_owned()), ..DraftBlock::default() };
        block_made(&stage.gateway.store, &stage.clock, &draft).await.unwrap();

        let refused = stage
            .until(async || {
                let (end, _) = calls(&stage, Some(ADA)).await;
                refused_with(&end, "607").then_some(())
            })
            .await;
        assert_eq!(refused, ());
        stage.close().await;
    })
    .await;
}
