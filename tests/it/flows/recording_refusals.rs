//! Whoever will not be recorded says so once: the consent ledger has it.

use uuid::Uuid;
use whence::domain::calling::record::{Arrived, Fact};
use whence::domain::calling::recording::{Accessor, RecordingRefused};
use whence::domain::ids::ApiKeyId;
use whence::domain::people::consent::{Channel, Draft, Method, Status};
use whence::flows::ledger::Ledger;
use whence::flows::{FlowError, calls_written, consent_recorded, plan_applied, plan_exported, plan_read};
use whence::store::Window;

use crate::support::databases::on_each_database;
use crate::support::town::{MINUTE, Town};

const PROGRAM: Accessor = Accessor::Key(ApiKeyId(Uuid::nil()));

const LEDGER: &str = r#"
[[purposes]]
id = "quality"
name_en = "Quality"
name_fr = "Qualité"

[[controllers]]
id = "bakery"
name = "Bakery SAS"
address = "1 rue du Four, Lyon"
email = "privacy@bakery.example"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_by_key_is_a_line_of_the_ledger_and_holds_for_the_calls_to_come() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let before = plan_exported(&town.store).await.unwrap();
        let plan = plan_read(&format!("{before}{LEDGER}"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
        let ledger = Ledger::new(town.store.clone(), town.clock.clone());
        let (ada, nobody) = (town.call(1000, Some(5001)), town.call(1000, None));
        let refusal = |call: &Arrived| {
            Fact::RecordingRefused(RecordingRefused { call: call.call, at: town.clock.now() })
        };
        assert!(ledger.may_record(&ada).await.unwrap(), "she has never called before");

        // Told before its arrival, twice, and of somebody who shows no number.
        let early = calls_written(&town.store, &town.clock, &[refusal(&ada)]).await;
        assert!(matches!(early, Err(FlowError::CallUnknown { calls }) if calls == [ada.call]));
        let facts =
            [refusal(&ada), Fact::Arrived(ada.clone()), refusal(&nobody), Fact::Arrived(nobody.clone())];
        for _ in 0..2 {
            calls_written(&town.store, &town.clock, &facts).await.unwrap();
        }

        let contact = town.store.find_call(ada.call).await.unwrap().unwrap().contact.unwrap();
        let lines = town.store.list_consents(contact, &Window::first(9)).await.unwrap().items;
        let said = lines.iter().map(|it| (it.matter.channel, it.status, it.method)).collect::<Vec<_>>();
        assert_eq!(said, [(Channel::CallRecording, Status::Refused, Method::Spoken)]);
        assert_eq!((lines[0].source.as_str(), lines[0].recorded_by.as_str()), ("call", "call"));
        town.clock.advance(MINUTE);
        let again = town.call(1000, Some(5001));
        assert!(!ledger.may_record(&again).await.unwrap());
        assert!(ledger.may_record(&town.call(1000, Some(5002))).await.unwrap(), "somebody else");
        assert!(ledger.may_record(&nobody).await.unwrap());

        let line = |channel: &str, status: &str, method: &str| Draft {
            channel: Some(channel.into()),
            purpose: Some("quality".into()),
            status: Some(status.into()),
            method: Some(method.into()),
            source: Some("counter".into()),
            ..Draft::default()
        };
        for (said, may) in [
            (line("phone", "granted", "spoken"), false),
            (line("call_recording", "pending", "form"), false),
            (line("call_recording", "granted", "form"), true),
            (line("call_recording", "withdrawn", "form"), false),
        ] {
            town.clock.advance(MINUTE);
            consent_recorded(&town.store, &town.clock, contact, said.clone(), PROGRAM).await.unwrap();
            let call = town.call(1000, Some(5001));
            assert_eq!(ledger.may_record(&call).await.unwrap(), may, "{said:?}");
        }
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_says_no_to_the_purposes_that_record_where_the_plan_tells_which_do() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let before = plan_exported(&town.store).await.unwrap();
        let more = "[[purposes]]\nid = \"training\"\nname_en = \"Training\"\nname_fr = \"Formation\"\n\
                    channels = [\"call_recording\"]\n";
        let plan = plan_read(&format!("{before}{LEDGER}{more}"), &[], &[]).unwrap();
        plan_applied(&town.store, &town.clock, &plan, false).await.unwrap();
        let ada = town.call(1000, Some(5001));

        let refused = RecordingRefused { call: ada.call, at: town.clock.now() };
        let facts = [Fact::Arrived(ada.clone()), Fact::RecordingRefused(refused)];
        calls_written(&town.store, &town.clock, &facts).await.unwrap();

        let contact = town.store.find_call(ada.call).await.unwrap().unwrap().contact.unwrap();
        let lines = town.store.list_consents(contact, &Window::first(9)).await.unwrap().items;
        let said: Vec<_> = lines.iter().map(|it| it.matter.purpose.as_str()).collect();
        assert_eq!(said, ["training"]);
        town.store.close().await;
    })
    .await;
}
