//! Custom fields of contacts: what a business wants to know of people that no
//! other has thought of. The plan declares each with its type, so that what
//! one program writes another can read.

use serde::{Deserialize, Serialize};
use serde_json::Number;

use crate::domain::calling::outcome::words;
use crate::domain::ids::FieldId;

/// As much of a text as a page can show.
pub const TEXT_MAX: usize = 1000;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Field {
    pub id: FieldId,
    /// What people read.
    pub name: String,
    pub kind: Kind,
    /// What a choice is made from; empty for all other kinds.
    pub choices: Vec<String>,
}

/// The type of a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Text,
    Number,
    /// Yes or no.
    Flag,
    /// A day of the calendar, `2026-11-28`.
    Date,
    /// One of the field's choices.
    Choice,
}

words! { Kind:
    Text = "text",
    Number = "number",
    Flag = "flag",
    Date = "date",
    Choice = "choice",
}

impl Kind {
    /// What a plan is told that names another.
    pub const WORDS: &'static str = "text, number, flag, date or choice";
}

/// What stands in a field: dates and choices are texts.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    Flag(bool),
    Number(Number),
    Text(String),
}

/// The field takes something else.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadValue {
    #[error("takes a text of 1 to {TEXT_MAX} characters")]
    Text,
    #[error("takes a number")]
    Number,
    #[error("takes true or false")]
    Flag,
    #[error("takes a day such as 2026-11-28")]
    Date,
    #[error("takes one of {}", .0.join(", "))]
    Choice(Vec<String>),
}

impl Field {
    /// What was written, if this field takes it.
    pub fn read(&self, value: &serde_json::Value) -> Result<Value, BadValue> {
        use serde_json::Value as Json;
        match (self.kind, value) {
            (Kind::Text, Json::String(text)) if is_text(text, TEXT_MAX) => {
                Ok(Value::Text(text.trim().into()))
            }
            (Kind::Number, Json::Number(number)) => Ok(Value::Number(number.clone())),
            (Kind::Flag, Json::Bool(flag)) => Ok(Value::Flag(*flag)),
            (Kind::Date, Json::String(text)) => {
                let day: jiff::civil::Date = text.parse().map_err(|_| BadValue::Date)?;
                Ok(Value::Text(day.to_string()))
            }
            (Kind::Choice, Json::String(text)) if self.choices.contains(text) => {
                Ok(Value::Text(text.clone()))
            }
            (Kind::Text, _) => Err(BadValue::Text),
            (Kind::Number, _) => Err(BadValue::Number),
            (Kind::Flag, _) => Err(BadValue::Flag),
            (Kind::Date, _) => Err(BadValue::Date),
            (Kind::Choice, _) => Err(BadValue::Choice(self.choices.clone())),
        }
    }
}

/// Whether something stands in a text, and it is one: no control characters, no longer than that.
pub(super) fn is_text(text: &str, longest: usize) -> bool {
    let text = text.trim();
    (1..=longest).contains(&text.chars().count()) && !text.contains(char::is_control)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_takes_what_its_type_is_and_nothing_else() {
        let field = |kind| Field {
            id: "it".parse().unwrap(),
            name: "It".into(),
            kind,
            choices: if kind == Kind::Choice { vec!["gold".into(), "silver".into()] } else { vec![] },
        };
        let values = [
            (Kind::Text, json!(" since school "), Some(Value::Text("since school".into()))),
            (Kind::Text, json!(""), None),
            (Kind::Text, json!("a\u{0}"), None),
            (Kind::Text, json!("a".repeat(1001)), None),
            (Kind::Text, json!(7), None),
            (Kind::Number, json!(7.5), Some(Value::Number(Number::from_f64(7.5).unwrap()))),
            (Kind::Number, json!("7"), None),
            (Kind::Flag, json!(false), Some(Value::Flag(false))),
            (Kind::Flag, json!(0), None),
            (Kind::Date, json!("2026-02-28"), Some(Value::Text("2026-02-28".into()))),
            (Kind::Date, json!("2026-02-30"), None),
            (Kind::Date, json!("28/02/2026"), None),
            (Kind::Choice, json!("gold"), Some(Value::Text("gold".into()))),
            (Kind::Choice, json!("Gold"), None),
            (Kind::Choice, json!(null), None),
        ];

        for (kind, written, read) in values {
            assert_eq!(field(kind).read(&written).ok(), read, "{kind} {written}");
        }
        let told = field(Kind::Choice).read(&json!("tin")).unwrap_err().to_string();
        assert_eq!(told, "takes one of gold, silver");
    }
}
