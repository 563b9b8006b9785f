//! What happened on a page besides that it was looked at: a form was sent, a
//! film was watched. The site names it, and says what it likes of it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::domain::ids::{EventId, VisitId};
use crate::domain::time::Timestamp;

/// How many events of one visit are kept: more than anybody does in one, and
/// all that a page which reports in a loop can make us keep.
pub const EVENTS_MAX: u32 = 200;

/// How long its name may be.
const NAME_MAX: usize = 64;

/// What the properties of an event may weigh, as JSON.
pub const PROPERTIES_MAX: usize = 4 * 1024;

#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub id: EventId,
    pub visit: VisitId,
    pub at: Timestamp,
    pub name: EventName,
    pub properties: Properties,
}

/// `form_submit`: a name that reads the same in every report.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(transparent)]
pub struct EventName(String);

/// The text names no event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 64 of a–z, 0–9 and underscore")]
pub struct BadEventName;

impl EventName {
    /// The name that is nearest to what another system calls it: `Order Completed` is `order_completed`.
    pub fn near(text: &str) -> Self {
        let plain = text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
        let plain: String = plain.map(|c| if c.is_ascii_alphanumeric() { c } else { ' ' }).collect();
        let name = plain.split_whitespace().collect::<Vec<_>>().join("_");
        let name: String = name.chars().take(NAME_MAX).collect();
        Self(if name.is_empty() { "event".to_owned() } else { name })
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for EventName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for EventName {
    type Err = BadEventName;

    fn from_str(text: &str) -> Result<Self, BadEventName> {
        let shape = text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        if shape && (1..=NAME_MAX).contains(&text.len()) {
            Ok(Self(text.to_owned()))
        } else {
            Err(BadEventName)
        }
    }
}

/// What a site says of an event: names with a text, a number, a yes or no, or nothing.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(Map<String, Value>);

/// Why properties are not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadProperties {
    #[error("`{0}` is a list or an object: a property is a text, a number, true, false or null")]
    Nested(String),
    #[error("larger than {PROPERTIES_MAX} bytes")]
    TooLarge,
}

impl Properties {
    pub fn new(map: Map<String, Value>) -> Result<Self, BadProperties> {
        let nested = map.iter().find(|(_, value)| value.is_array() || value.is_object());
        if let Some((name, _)) = nested {
            return Err(BadProperties::Nested(name.chars().take(64).collect()));
        }
        let it = Self(map);
        if it.to_string().len() > PROPERTIES_MAX { Err(BadProperties::TooLarge) } else { Ok(it) }
    }

    /// Of what another system says, what is flat; nothing where that is too large.
    pub fn flat(map: &Map<String, Value>) -> Self {
        let flat = map.iter().filter(|(_, value)| !value.is_array() && !value.is_object());
        Self::new(flat.map(|(name, value)| (name.clone(), value.clone())).collect()).unwrap_or_default()
    }

    /// Each with its name, in the order of the names; a text without its quotes.
    pub fn iter(&self) -> impl Iterator<Item = (&str, String)> {
        self.0.iter().map(|(name, value)| {
            (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        })
    }
}

/// As JSON.
impl fmt::Display for Properties {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = serde_json::to_string(&self.0).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn properties(value: Value) -> Result<Properties, BadProperties> {
        Properties::new(value.as_object().unwrap().clone())
    }

    #[test]
    fn a_name_is_short_lower_case_and_plain() {
        for good in ["form_submit", "a", "video_50"] {
            assert_eq!(good.parse::<EventName>().unwrap().as_str(), good);
        }
        for bad in ["", "Form", "form-submit", "form submit", "é", &"a".repeat(65)] {
            assert_eq!(bad.parse::<EventName>(), Err(BadEventName), "{bad}");
        }
    }

    #[test]
    fn what_another_system_says_has_the_nearest_name_and_what_is_flat() {
        for (text, name) in [
            ("Order Completed", "order_completed"),
            ("  Commande — validée! ", "commande_validee"),
            ("заказ", "event"),
            (&"a".repeat(80), &"a".repeat(64)),
        ] {
            let near = EventName::near(text);
            assert_eq!(near.as_str(), name);
            assert_eq!(name.parse(), Ok(near));
        }
        let said = json!({"total": 27.5, "products": [{"sku": 1}]});
        assert_eq!(Properties::flat(said.as_object().unwrap()).to_string(), r#"{"total":27.5}"#);
    }

    #[test]
    fn properties_are_flat_and_small() {
        let kept = properties(json!({"form": "contact", "fields": 3, "again": false, "why": null})).unwrap();
        let told: Vec<_> = kept.iter().map(|(name, value)| format!("{name}={value}")).collect();

        assert_eq!(told, ["again=false", "fields=3", "form=contact", "why=null"]);
        assert_eq!(serde_json::from_str::<Properties>(&kept.to_string()).unwrap(), kept);
        for nested in [json!({"a": 1, "b": []}), json!({"b": {"c": 1}})] {
            assert_eq!(properties(nested), Err(BadProperties::Nested("b".into())));
        }
        // The quotes, the name and the braces count.
        assert!(properties(json!({ "a": "x".repeat(PROPERTIES_MAX - 8) })).is_ok());
        assert_eq!(properties(json!({ "a": "x".repeat(PROPERTIES_MAX - 7) })), Err(BadProperties::TooLarge));
    }
}
