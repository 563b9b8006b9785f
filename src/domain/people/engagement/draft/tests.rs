//! What other systems hand in, and what is wrong with it.

use serde_json::json;

use super::*;

fn draft(kind: &str) -> Draft {
    Draft { kind: Some(kind.into()), source: Some("shop".into()), ..Draft::default() }
}

fn read(draft: &Draft) -> Result<Report, Vec<(&'static str, Wrong)>> {
    let [offers, orders, gone] = ["offers", "orders", "gone"].map(|slug| slug.parse::<PurposeId>().unwrap());
    let (purposes, purposes_ever, services) = ([offers, orders.clone()], [gone], [orders]);
    let now = Timestamp::from_ms(1_795_348_800_000);
    let reading = Reading { purposes: &purposes, purposes_ever: &purposes_ever, services: &services, now };
    draft.read(reading).map_err(|faults| faults.into_iter().map(|it| (it.field, it.wrong)).collect())
}

#[test]
fn what_the_business_sends_solicits_unless_told_otherwise() {
    let solicit = |draft: &Draft| read(draft).unwrap().told.solicits;

    for kind in Kind::told().filter(|kind| !matches!(kind, Kind::Purchase | Kind::Custom)) {
        assert_eq!(solicit(&draft(kind.as_str())), kind.addresses(), "{kind}");
    }
    assert!(!solicit(&Draft { solicits: Some(false), ..draft("email_sent") }));
    assert!(solicit(&Draft { purpose: Some("offers".into()), ..draft("email_sent") }));
    assert!(!solicit(&Draft { purpose: Some("orders".into()), ..draft("email_sent") }));
    let wrong = read(&Draft { solicits: Some(true), ..draft("email_opened") });
    assert_eq!(wrong.unwrap_err()[0].0, "solicits");
}

#[test]
fn utm_fields_are_read_as_on_a_landing_page() {
    let tagged = Draft {
        utm_source: Some("Google".into()),
        utm_medium: Some("cpc".into()),
        utm_campaign: Some("Bread & butter".into()),
        ..draft("form_submitted")
    };

    let came_by = read(&tagged).unwrap().told.came_by.unwrap();

    let CameBy { channel, source, medium, campaign } = came_by;
    assert_eq!((channel.as_str(), &*source, &*medium), ("Paid Search", "google", "cpc"));
    assert_eq!(campaign.as_deref(), Some("Bread & butter"));
    assert_eq!(read(&draft("form_submitted")).unwrap().told.came_by, None);
}

#[test]
fn a_purchase_has_an_amount_and_nothing_else_has() {
    let bought = Draft { amount: Some(-1250), currency: Some("EUR".into()), ..draft("purchase") };
    let amount = read(&bought).unwrap().told.amount.unwrap();
    assert_eq!((amount.minor, amount.currency.to_string()), (-1250, "EUR".into()));

    let names = |draft: &Draft| -> Vec<_> {
        read(draft).unwrap_err().into_iter().map(|(field, wrong)| (field, wrong.to_string())).collect()
    };
    assert_eq!(
        names(&draft("purchase")),
        [("amount", "is missing".into()), ("currency", "is missing".into())]
    );
    let elsewhere = Draft { kind: Some("sms_sent".into()), ..bought.clone() };
    assert_eq!(names(&elsewhere).len(), 2);
    let far = Draft { amount: Some(i64::MIN), currency: Some("euro".into()), ..bought };
    assert_eq!(names(&far).iter().map(|it| it.0).collect::<Vec<_>>(), ["currency", "amount"]);
}

#[test]
fn who_unsubscribes_may_name_a_purpose_of_before() {
    let named =
        |kind, purpose: &str| read(&Draft { purpose: Some(purpose.to_owned()), ..draft(kind) }).is_ok();

    assert!(named("email_sent", "offers") && named("email_unsubscribed", "gone"));
    assert!(!named("email_sent", "gone"));
}

#[test]
fn everything_that_is_wrong_is_told_at_once() {
    let wrong = Draft {
        kind: Some("fax_sent".into()),
        at: Some("2026-11-22T12:06:00Z".into()),
        source: Some("a:b".into()),
        reference: Some(" ".into()),
        name: Some("a".repeat(201)),
        purpose: Some("ofers".into()),
        visit: Some("1".into()),
        email: Some("ada".into()),
        address: Some("castle".into()),
        properties: json!({"a": "a".repeat(PROPERTIES_MAX)}).as_object().unwrap().clone(),
        ..Draft::default()
    };

    let fields: Vec<_> = read(&wrong).unwrap_err().into_iter().map(|it| it.0).collect();

    let expected =
        ["kind", "at", "source", "name", "reference", "purpose", "visit", "properties", "email", "address"];
    assert_eq!(fields, expected);
    assert_eq!(read(&draft("call")).unwrap_err(), [("kind", Wrong::OfGateway)]);
    let nothing = read(&Draft { kind: Some("custom".into()), ..Draft::default() }).unwrap_err();
    assert_eq!(nothing, [("source", Wrong::Missing), ("name", Wrong::Missing)]);
}

#[test]
fn a_call_that_was_made_tells_how_it_ended_and_nothing_else_does() {
    let recording = "https://pbx.example/7.ogg";
    let made = |outcome: &str, talk_ms| Draft {
        outcome: Some(outcome.into()),
        talk_ms,
        recording: Some(recording.into()),
        ..draft("call_made")
    };

    let called = read(&made("answered", Some(65_000))).unwrap().told.called.unwrap();
    assert_eq!((called.outcome, called.talk), (Outcome::Answered, Some(Duration::from_secs(65))));
    assert_eq!(called.recording.as_deref(), Some(recording));
    assert_eq!(read(&draft("call_made")).unwrap().told.called, None);

    let names = |draft: &Draft| -> Vec<_> { read(draft).unwrap_err().into_iter().map(|it| it.0).collect() };
    // Whoever is called neither gives up before an answer nor is kept out.
    assert_eq!(names(&made("abandoned", None)), ["outcome"]);
    assert_eq!(names(&made("busy", Some(1))), ["talk_ms"]);
    assert_eq!(names(&Draft { outcome: None, ..made("", Some(1)) }), ["outcome"]);
    assert_eq!(names(&made("answered", Some(-1))), ["talk_ms"]);
    assert_eq!(names(&Draft { recording: Some("7.ogg".into()), ..made("answered", None) }), ["recording"]);
    let elsewhere = Draft { kind: Some("sms_sent".into()), ..made("answered", Some(1)) };
    assert_eq!(names(&elsewhere), ["outcome", "talk_ms", "recording"]);
}
