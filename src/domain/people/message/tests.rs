//! Messages as the libraries send them, and as nobody should.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::domain::people::engagement::Reading;
use crate::domain::people::field::{Field, Kind, Value as FieldValue};

const NOW: Timestamp = Timestamp::from_ms(1_795_348_800_000);

fn declared() -> Declared {
    let field =
        |id: &str, kind| Field { id: id.parse().unwrap(), name: id.to_owned(), kind, choices: vec![] };
    Declared {
        fields: vec![field("shoe-size", Kind::Number), field("group", Kind::Text)],
        systems: vec!["shop".parse().unwrap()],
        purposes: vec![],
        controllers: vec![],
        home: "FR".parse().unwrap(),
    }
}

fn read_at(raw: &Value, sent_at: Option<&str>) -> Result<Message, BadMessage> {
    let (source, declared) = ("shop".parse().unwrap(), declared());
    let sent_at = sent_at.map(|text| text.parse().unwrap());
    Desk { source: &source, declared: &declared, sent_at, now: NOW }.read(raw, None)
}

fn read(raw: &Value) -> Message {
    read_at(raw, None).unwrap()
}

fn track(event: &str, properties: Value) -> (Draft, Vec<String>) {
    let message = read(&json!({"type": "track", "userId": "1", "event": event, "properties": properties}));
    let Says::Deed(draft) = message.says else { panic!("{event} is a deed") };
    (draft, message.left_out)
}

#[test]
fn traits_are_what_is_known_of_a_contact_and_the_rest_is_named() {
    let message = read(&json!({
        "type": "identify", "userId": 4711, "anonymousId": "not one of ours", "messageId": "m1",
        "traits": {
            "firstName": "Ada", "lastName": null, "email": "Ada@Example.org", "phone": "06 39 98 00 01",
            "address": {"street": "12 rue de la Paix", "postalCode": "75002", "city": "Paris", "country": "FR"},
            "shoeSize": 38, "plan": "premium", "name": 7, "language": "french",
        },
    }));

    assert_eq!(message.customer, Some("shop:4711".parse().unwrap()));
    assert_eq!((message.id.as_deref(), message.visitor), (Some("m1"), None));
    let Says::Person { patch, identities } = message.says else { panic!("somebody is meant") };
    let identities: Vec<_> = identities.iter().map(Identity::reveal).collect();
    assert_eq!(identities, ["ada@example.org", "+33639980001"]);
    assert_eq!((patch.given_name, patch.family_name), (Some(Some("Ada".into())), Some(None)));
    assert_eq!((patch.name, patch.language, patch.addresses), (None, None, None));
    assert_eq!(patch.address.unwrap().postcode.as_deref(), Some("75002"));
    assert_eq!(patch.fields.into_values().collect::<Vec<_>>(), [Some(FieldValue::Number(38.into()))]);
    assert_eq!(
        (message.left_out, message.unreadable),
        (vec!["name".into(), "plan".into()], vec!["language".into()])
    );
}

/// What is kept of a message though it cannot be read, as `phone 12`.
fn unread(message: Message) -> Vec<String> {
    let Says::Person { patch, .. } = message.says else { panic!("somebody is meant") };
    patch.unread.into_iter().map(|it| format!("{} {}", it.part, it.value)).collect()
}

#[test]
fn what_cannot_be_read_is_kept_as_it_was_given() {
    let message = read(&json!({"type": "identify", "userId": "1", "traits": {
        "email": "not an address", "phone": 12, "firstName": "Ada", "shoeSize": "big", "locale": "french",
        "lastName": "a".repeat(201), "hat": "big",
    }}));

    assert_eq!(message.unreadable, ["email", "locale", "phone", "shoeSize"]);
    assert_eq!(message.left_out, ["hat", "lastName"]);
    let kept = ["email not an address", "fields.shoe-size big", "language french", "phone 12"];
    assert_eq!(unread(message), kept);
}

#[test]
fn an_address_in_a_country_of_more_letters_is_kept_as_a_whole_and_is_none_at_home() {
    let message = read(&json!({"type": "identify", "userId": "1",
                               "traits": {"address": {"city": "Paris", "country": "France"}}}));

    assert_eq!(message.unreadable, ["address"]);
    let Says::Person { patch, .. } = &message.says else { panic!("somebody is meant") };
    assert_eq!(patch.address, None);
    assert_eq!(unread(message), ["address.city Paris", "address.country France"]);
}

#[test]
fn events_of_the_specification_have_a_kind_and_all_others_a_name() {
    for (event, properties, kind, name) in [
        ("Order Completed", json!({"order_id": "7", "total": 1, "currency": "EUR"}), "purchase", Some("7")),
        ("Email Delivered", json!({"email_subject": "Bread"}), "email_sent", Some("Bread")),
        ("Email Opened", json!({"campaign_name": "Spring"}), "email_opened", Some("Spring")),
        ("Email Link Clicked", json!({}), "email_clicked", None),
        ("Email Bounced", json!({}), "email_bounced_soft", None),
        ("Email Bounced", json!({"bounce_type": "Permanent"}), "email_bounced_hard", None),
        ("Email Marked as Spam", json!({}), "email_unsubscribed", None),
        ("unsubscribed", json!({}), "email_unsubscribed", None),
        ("Form Submitted", json!({"form_id": "contact"}), "form_submitted", Some("contact")),
        ("Song\nPlayed", json!({}), "custom", Some("Song Played")),
    ] {
        let (draft, _) = track(event, properties);
        assert_eq!((draft.kind.as_deref(), draft.name.as_deref()), (Some(kind), name), "{event}");
    }
}

#[test]
fn amounts_are_in_the_smallest_unit_of_their_currency() {
    for (event, properties, amount) in [
        ("Order Completed", json!({"total": 27.5, "revenue": 25, "currency": "eur"}), Some(2_750)),
        ("Order Completed", json!({"revenue": "19.99", "currency": "USD"}), Some(1_999)),
        ("Order Completed", json!({"total": 1250, "currency": "JPY"}), Some(1_250)),
        ("Order Refunded", json!({"total": 27.5, "currency": "EUR"}), Some(-2_750)),
        ("Order Refunded", json!({"total": -27.5, "currency": "EUR"}), Some(-2_750)),
        ("Order Completed", json!({"total": 27.5}), None),
        ("Order Completed", json!({"currency": "EUR"}), None),
        ("Order Completed", json!({"total": 1e300, "currency": "EUR"}), None),
        ("Order Completed", json!({"total": "NaN", "currency": "EUR"}), None),
    ] {
        let (draft, left_out) = track(event, properties.clone());
        assert_eq!(draft.amount, amount, "{properties}");
        let kept = if amount.is_some() { "purchase" } else { "custom" };
        assert_eq!((draft.kind.as_deref(), left_out.len()), (Some(kept), usize::from(amount.is_none())));
    }
}

#[test]
fn a_senders_clock_is_put_right_by_when_it_sent() {
    let at = |timestamp: Option<&str>, sent_at| {
        let mut raw = json!({"type": "track", "userId": "1", "event": "x"});
        raw["timestamp"] = json!(timestamp);
        let Says::Deed(draft) = read_at(&raw, sent_at).unwrap().says else { panic!("a deed") };
        draft.at.unwrap()
    };

    // It is twelve; their clock says one.
    assert_eq!(at(Some("2026-11-22T12:59:00Z"), Some("2026-11-22T13:00:00Z")), "2026-11-22T11:59:00.000Z");
    assert_eq!(at(Some("2026-11-22T11:30:00+00:00"), None), "2026-11-22T11:30:00.000Z");
    assert_eq!(at(None, Some("2026-11-22T13:00:00Z")), NOW.to_string());
    assert_eq!(at(Some("2030-01-01T00:00:00Z"), None), NOW.to_string());
}

#[test]
fn pages_campaigns_aliases_and_groups_are_read() {
    let page = read(&json!({
        "type": "page", "userId": "1", "name": "Prices", "category": "Shop",
        "context": {"campaign": {"name": "spring", "source": "google", "medium": "cpc"}},
    }));
    let Says::Deed(draft) = page.says else { panic!("a deed") };
    assert_eq!(draft.name.as_deref(), Some("Viewed Shop Prices Page"));
    assert_eq!(draft.utm_campaign.as_deref(), Some("spring"));

    let visitor = "0199aaaa-bbbb-7ccc-8ddd-eeeeeeeeeeee";
    for (previous, identity) in [("old", "shop:old"), (visitor, visitor)] {
        let alias = read(&json!({"type": "alias", "userId": "1", "previousId": previous}));
        let Says::Person { identities, .. } = alias.says else { panic!("a person") };
        assert_eq!(identities.iter().map(Identity::reveal).collect::<Vec<_>>(), [identity]);
    }

    let group = read(&json!({"type": "group", "userId": "1", "groupId": "acme", "traits": {"name": "Acme"}}));
    let Says::Person { patch, .. } = group.says else { panic!("a person") };
    assert_eq!(patch.fields.into_values().collect::<Vec<_>>(), [Some(FieldValue::Text("acme".into()))]);
}

#[test]
fn what_nobody_can_mean_is_refused() {
    let long = "a".repeat(300);
    for (raw, why) in [
        (json!([]), BadMessage::NoObject),
        (
            json!({"type": "identify", "userId": "1", "traits": {"a": "a".repeat(MESSAGE_MAX)}}),
            BadMessage::TooLarge,
        ),
        (json!({"type": "delete", "userId": "1"}), BadMessage::Type),
        (json!({"type": "identify"}), BadMessage::Nobody),
        (json!({"type": "identify", "userId": " "}), BadMessage::Nobody),
        (json!({"type": "identify", "userId": long}), BadMessage::User),
        (json!({"type": "identify", "userId": "1", "messageId": long}), BadMessage::Id),
        (json!({"type": "track", "userId": "1", "event": "x", "timestamp": "yesterday"}), BadMessage::Time),
        (json!({"type": "track", "userId": "1"}), BadMessage::Event),
        (json!({"type": "alias", "userId": "1"}), BadMessage::Previous),
    ] {
        assert_eq!(read_at(&raw, None), Err(why), "{why}");
    }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[\\PC\u{0}\n]{0,12}".prop_map(Value::from),
        Just(json!("EUR")),
        Just(json!("2026-11-22T11:30:00Z")),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let name = prop_oneof![
            Just("email"),
            Just("phone"),
            Just("address"),
            Just("total"),
            Just("currency"),
            Just("traits"),
            Just("campaign"),
            Just("name"),
            Just("shoeSize"),
            Just("city"),
        ];
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..6).prop_map(|all| {
                Value::from_iter(all.into_iter().map(|(name, value)| (name.to_owned(), value)))
            }),
        ]
    })
}

proptest! {
    /// Whatever is sent is refused with a reason, or taken as something that can be written down.
    #[test]
    fn whatever_is_sent_is_refused_or_can_be_written_down(
        kind in proptest::sample::select(vec!["identify", "track", "page", "screen", "alias", "group", "x"]),
        event in proptest::sample::select(vec!["Order Completed", "Email Bounced", "Unsubscribed", "\u{7}", "Any"]),
        ids in proptest::collection::vec(any_json(), 4),
        parts in proptest::collection::vec(any_json(), 4),
    ) {
        let raw = json!({
            "type": kind, "event": event, "messageId": ids[0], "userId": ids[1], "anonymousId": ids[2],
            "previousId": ids[3], "traits": parts[0], "properties": parts[1], "context": parts[2], "name": parts[3],
        });
        if let Ok(Message { says: Says::Deed(draft), .. }) = read_at(&raw, None) {
            let reading = Reading { purposes: &[], purposes_ever: &[], services: &[], now: NOW };
            let nameless = draft.name.is_none();
            prop_assert!(draft.read(reading).is_ok() || nameless, "{:?}", draft.read(reading));
        }
    }
}
