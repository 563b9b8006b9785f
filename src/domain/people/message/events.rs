//! What Segment calls an event, as a kind of engagement: the names that its
//! specification gives orders and e-mails, and all else as a custom one.

use serde_json::{Map, Value};

use super::{Type, object, text};
use crate::domain::money::{Currency, MINOR_MAX};
use crate::domain::people::email::Email;
use crate::domain::people::engagement::{Draft, Kind};

/// As much of a mailing's subject as a name holds, in characters.
const NAME_MAX: usize = 200;

/// Names in small letters.
const KINDS: &[(&str, Kind)] = &[
    ("order completed", Kind::Purchase),
    ("order refunded", Kind::Purchase),
    // The specification has no other word for a mail that was sent.
    ("email delivered", Kind::EmailSent),
    ("email opened", Kind::EmailOpened),
    ("email link clicked", Kind::EmailClicked),
    ("email bounced", Kind::EmailBouncedSoft),
    // Who calls it spam wants no more of it.
    ("email marked as spam", Kind::EmailUnsubscribed),
    ("unsubscribed", Kind::EmailUnsubscribed),
    ("form submitted", Kind::FormSubmitted),
];

/// Without who tells it, when and by which reference; `None`: an event has no name.
pub(super) fn read(kind: Type, raw: &Map<String, Value>, left_out: &mut Vec<String>) -> Option<Draft> {
    let nothing = Map::new();
    let properties = object(raw, "properties").unwrap_or(&nothing);
    let draft = if kind == Type::Track {
        tracked(&text(raw, "event")?, properties, raw, left_out)
    } else {
        let what = if kind == Type::Page { "Page" } else { "Screen" };
        let name = text(raw, "name").or_else(|| text(properties, "name"));
        let words = [Some("Viewed".to_owned()), text(raw, "category"), name, Some(what.to_owned())];
        custom(words.into_iter().flatten().collect::<Vec<_>>().join(" "))
    };
    let campaign = object(raw, "context").and_then(|context| object(context, "campaign")).unwrap_or(&nothing);
    Some(Draft {
        utm_source: text(campaign, "source"),
        utm_medium: text(campaign, "medium"),
        utm_campaign: text(campaign, "name"),
        properties: properties.clone(),
        ..draft
    })
}

fn tracked(
    event: &str,
    properties: &Map<String, Value>,
    raw: &Map<String, Value>,
    left_out: &mut Vec<String>,
) -> Draft {
    let lower = event.trim().to_lowercase();
    let found = KINDS.iter().find(|(name, _)| *name == lower);
    let Some((_, kind)) = found else { return custom(event.to_owned()) };
    let names: &[&str] = match kind {
        Kind::Purchase => &["order_id"],
        Kind::FormSubmitted => &["form_name", "form_id"],
        _ => &["email_subject", "campaign_name"],
    };
    let name = names.iter().find_map(|name| text(properties, name));
    let draft =
        Draft { kind: Some(kind.to_string()), name: name.as_deref().and_then(cut), ..Draft::default() };
    match kind {
        Kind::Purchase => match paid(properties) {
            Ok((minor, currency)) => {
                let amount = if lower == "order refunded" { -minor } else { minor };
                Draft { amount: Some(amount), currency: Some(currency.to_string()), ..draft }
            }
            // An order of which nobody knows the worth is still an event.
            Err(missing) => {
                left_out.push(format!("properties.{missing}"));
                custom(event.to_owned())
            }
        },
        Kind::FormSubmitted => draft,
        mail => {
            let email = email_of(raw).filter(|text| text.parse::<Email>().is_ok());
            let solicits = properties.get("solicits").and_then(Value::as_bool);
            let solicits = solicits.filter(|_| mail.addresses());
            let gone = *mail == Kind::EmailBouncedSoft && is_for_good(properties);
            let kind = if gone { Kind::EmailBouncedHard } else { *mail };
            Draft { kind: Some(kind.to_string()), email, solicits, ..draft }
        }
    }
}

fn custom(name: String) -> Draft {
    Draft { kind: Some(Kind::Custom.to_string()), name: cut(&name), ..Draft::default() }
}

/// As a name is kept: on one line, and no longer than that.
fn cut(name: &str) -> Option<String> {
    let line: String = name.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line: String = line.trim().chars().take(NAME_MAX).collect();
    (!line.trim().is_empty()).then(|| line.trim().to_owned())
}

/// What a customer paid or got back in all, in the smallest unit of its currency; or what is missing to say so.
fn paid(properties: &Map<String, Value>) -> Result<(i64, Currency), &'static str> {
    let currency = text(properties, "currency").and_then(|text| text.trim().to_uppercase().parse().ok());
    let currency: Currency = currency.ok_or("currency")?;
    let total = ["total", "revenue", "value"].iter().find_map(|name| text(properties, name));
    let total: f64 = total.and_then(|text| text.trim().parse().ok()).ok_or("total")?;
    let minor = (total.abs() * 10_f64.powi(currency.decimals() as i32)).round();
    if minor <= MINOR_MAX as f64 { Ok((minor as i64, currency)) } else { Err("total") }
}

/// Only who says so is believed: an address is not given up on a guess.
fn is_for_good(properties: &Map<String, Value>) -> bool {
    let said = ["bounce_type", "type"].iter().find_map(|name| text(properties, name)).unwrap_or_default();
    ["hard", "permanent"].iter().any(|word| said.to_lowercase().contains(word))
}

/// The address that a message says its person is reached at.
fn email_of(raw: &Map<String, Value>) -> Option<String> {
    let of_traits = object(raw, "context").and_then(|context| text(object(context, "traits")?, "email"));
    of_traits.or_else(|| text(object(raw, "properties")?, "email"))
}
