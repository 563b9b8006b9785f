//! `[[webhook]]`: what the messages to a webhook of the plan are signed with.

use super::reader::{Reader, Section};
use super::value::{Checked, Value};
use crate::domain::ids::WebhookId;
use crate::domain::webhook::secret::Secret;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WebhookConfig {
    /// As the plan names it.
    pub name: WebhookId,
    pub secret: Secret,
    /// Signs as well while the receiver changes from it.
    pub previous_secret: Option<Secret>,
}

impl WebhookConfig {
    pub(super) fn read_all(reader: &mut Reader) -> Vec<Self> {
        let mut names: Vec<WebhookId> = Vec::new();
        reader.sections("webhook", |section| Self::read(section, &mut names))
    }

    fn read(section: &mut Section, names: &mut Vec<WebhookId>) -> Option<Self> {
        let name = section.require("name", |value| new_name(value, names));
        if let Some(name) = &name {
            section.is_named(name.as_str());
        }
        let secret = section.require("secret", secret);
        let previous = section.get("previous_secret", None, |value| match value.text()? {
            "" => Ok(None),
            _ => self::secret(value).map(Some),
        });
        names.extend(name.clone());
        Some(Self { name: name?, secret: secret?, previous_secret: previous })
    }
}

/// A slug that no webhook above has.
fn new_name(value: Value, taken: &[WebhookId]) -> Checked<WebhookId> {
    let text = value.text()?;
    match text.parse::<WebhookId>() {
        Ok(name) if taken.contains(&name) => value.bad(format!("there are two webhooks named {text:?}")),
        Ok(name) => Ok(name),
        Err(why) => value.bad(format!("{text:?} cannot be a name: {why}")),
    }
}

fn secret(value: Value) -> Checked<Secret> {
    value
        .text()?
        .parse()
        .or_else(|wrong: crate::domain::webhook::secret::BadSecret| value.bad(wrong.to_string()))
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;
    use std::path::Path;

    use crate::config::Config;

    const ONE: &str = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    const OTHER: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    #[test]
    fn a_secret_comes_from_the_file_or_the_environment_and_is_shown_nowhere() {
        let parse = |text: &str, environment: &[(&str, &str)]| {
            let pair = |(name, value): &(&str, &str)| (OsString::from(name), OsString::from(value));
            Config::parse(Path::new("x.toml"), text, environment.iter().map(pair))
        };
        let config = parse(
            "[[webhook]]\nname = \"my-crm\"\n",
            &[("WHENCE_WEBHOOK__MY_CRM__SECRET", ONE), ("WHENCE_WEBHOOK__MY_CRM__PREVIOUS_SECRET", OTHER)],
        )
        .unwrap();
        assert_eq!(config.webhooks[0].secret, ONE.parse().unwrap());
        assert_eq!(config.webhooks[0].previous_secret, Some(OTHER.parse().unwrap()));
        assert!(!format!("{config:?}").contains("AAEC") && !format!("{config:?}").contains("MfKQ"));

        for (text, complaint) in [
            ("[[webhook]]\nname = \"crm\"", "lacks `secret`"),
            ("[[webhook]]\nname = \"crm\"\nsecret = \"hush\"", "secret: a secret is whsec_"),
            ("[[webhook]]\nname = \"C\"\nsecret = \"\"", "cannot be a name"),
        ] {
            let error = parse(text, &[]).unwrap_err().to_string();
            assert!(error.contains(complaint) && !error.contains("hush"), "{error}");
        }
    }
}
