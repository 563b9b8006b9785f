//! What a plan says of webhooks.

use super::*;
use crate::domain::plan::webhook::DraftWebhook;

fn drafted() -> DraftWebhook {
    DraftWebhook {
        id: "crm".into(),
        url: "https://crm.example/hooks".into(),
        events: vec!["call.ended".into(), "contact.*".into()],
        ..DraftWebhook::default()
    }
}

#[test]
fn webhooks_are_declared_compared_and_written_down() {
    let inside = DraftWebhook {
        id: "inside".into(),
        url: "http://10.0.0.7:8080/".into(),
        enabled: Some(false),
        private: Some(true),
        ..drafted()
    };
    let draft = Draft { webhooks: vec![drafted(), inside], ..good() };
    let plan = check(&draft).unwrap();

    assert_eq!(check(&Draft::from(&plan)).unwrap(), plan);
    assert_eq!(Draft::from(&plan).webhooks, draft.webhooks);
    let told: Vec<_> = diff(&check(&good()).unwrap(), &plan).iter().map(ToString::to_string).collect();
    assert_eq!(
        told[0],
        "+ webhook crm: url https://crm.example/hooks, events call.ended contact.*, enabled true, private false"
    );
    assert_eq!(told.len(), 2);
}

#[test]
fn each_fault_of_a_webhook_is_told() {
    type Spoil = fn(&mut DraftWebhook);
    let address = "is no address of a webhook";
    let cases: [(Spoil, &str); 11] = [
        (|it| it.id = "C R M".into(), "\"C R M\" is no name"),
        (|it| it.url = "crm.example".into(), address),
        (|it| it.url = "http://crm.example/".into(), address),
        (|it| it.url = "https://user:word@crm.example/".into(), address),
        (|it| it.url = "https://crm.example/#top".into(), address),
        (|it| it.url = "ftp://crm.example/".into(), address),
        (|it| it.url = "https://127.0.0.1/".into(), address),
        (|it| it.url = "https://2130706433/".into(), address),
        (|it| it.url = "https://[::ffff:169.254.169.254]/".into(), address),
        (|it| it.events.clear(), "events must not be empty"),
        (|it| it.events = vec!["call.begun".into()], "\"call.begun\" fits no kind of event"),
    ];
    for (spoil, complaint) in cases {
        let mut draft = drafted();
        spoil(&mut draft);
        let problems = check(&Draft { webhooks: vec![draft], ..good() }).unwrap_err();
        let told = problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        assert!(told.contains(complaint), "{told}");
    }
    let problems = check(&Draft { webhooks: vec![drafted(), drafted()], ..good() }).unwrap_err();
    assert!(problems[0].to_string().contains("declared twice"));
}
