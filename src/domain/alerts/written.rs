//! An alert as people and programs hand it in: its rule, and who is told.

use super::draft::{Draft, Fault, Wrong};
use super::{Alert, EMAILS_MAX, NAME_MAX};
use crate::domain::ids::AlertId;
use crate::domain::people::email::Email;

/// Nothing is checked.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Written {
    pub name: String,
    pub rule: Draft,
    pub emails: Vec<String>,
    /// Without it English.
    pub language: Option<String>,
    pub enabled: bool,
}

impl Written {
    /// The alert that is meant, or all that is wrong with it.
    pub fn read(&self, id: AlertId) -> Result<Alert, Vec<Fault>> {
        let mut faults = vec![];
        let mut fault = |field, wrong| faults.push(Fault { field, wrong });
        let name = self.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if !(1..=NAME_MAX).contains(&name.chars().count()) || name.contains(char::is_control) {
            fault("name", Wrong::BadText(NAME_MAX));
        }
        let language = self.language.clone().unwrap_or_else(|| "en".into());
        if !["en", "fr"].contains(&language.as_str()) {
            fault("language", Wrong::BadLanguage);
        }
        let mut emails: Vec<Email> = vec![];
        for text in &self.emails {
            match text.parse() {
                Ok(email) if !emails.contains(&email) => emails.push(email),
                Ok(_) => {}
                Err(_) => fault("emails", Wrong::BadEmail),
            }
        }
        if emails.len() > EMAILS_MAX {
            fault("emails", Wrong::TooMany(EMAILS_MAX));
        }
        match self.rule.read() {
            Ok(rule) if faults.is_empty() => {
                Ok(Alert { id, name, rule, emails, language, enabled: self.enabled })
            }
            Ok(_) => Err(faults),
            Err(more) => Err([faults, more].concat()),
        }
    }
}

impl From<&Alert> for Written {
    fn from(alert: &Alert) -> Self {
        Self {
            name: alert.name.clone(),
            rule: Draft::from(&alert.rule),
            emails: alert.emails.iter().map(|it| it.reveal().to_owned()).collect(),
            language: Some(alert.language.clone()),
            enabled: alert.enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_alert_reads_back_as_it_was_and_what_is_wrong_is_told_of_all_its_parts() {
        let id = AlertId(uuid::Uuid::nil());
        let rule = Draft { kind: "trunk".into(), ..Draft::default() };
        let written = Written {
            name: "  The  line ".into(),
            rule,
            emails: vec!["Ada@example.org".into(), "ada@example.org".into()],
            language: None,
            enabled: true,
        };

        let alert = written.read(id).unwrap();

        assert_eq!((alert.name.as_str(), alert.emails.len(), alert.language.as_str()), ("The line", 1, "en"));
        assert_eq!(Written::from(&alert).read(id), Ok(alert));
        let bad = Written {
            name: " ".into(),
            emails: vec!["ada".into()],
            language: Some("de".into()),
            ..Written::default()
        };
        let fields: Vec<_> = bad.read(id).unwrap_err().iter().map(|it| it.field).collect();
        assert_eq!(fields, ["name", "language", "emails", "kind"]);
    }
}
