//! The mail of an alert: its name, what was measured, the rule, and where to look. No caller is in it.

use std::sync::Arc;

use askama::Template;
use url::Url;

use crate::domain::alerts::rule::{Of, Rule};
use crate::domain::people::mail::Words;
use crate::flows::{ComposeAlert, Told};
use crate::http::language::{AlertTexts, Lang};

#[derive(Template)]
#[template(path = "alert_letter.txt", whitespace = "preserve")]
struct Text<'a> {
    t: &'static AlertTexts,
    told: &'a Facts,
}

#[derive(Template)]
#[template(path = "alert_letter.html")]
struct Page<'a> {
    lang: Lang,
    t: &'static AlertTexts,
    told: &'a Facts,
}

struct Facts {
    head: &'static str,
    name: String,
    kind: &'static str,
    place: String,
    measured: String,
    rule: String,
    since: String,
    link: String,
    is_raised: bool,
}

/// Who writes the mails of a gateway that people reach there.
pub fn composer(public_url: &Url) -> Arc<ComposeAlert> {
    let public_url = public_url.clone();
    Arc::new(move |told| compose(&public_url, told))
}

fn compose(public_url: &Url, told: &Told) -> Words {
    let lang = Lang::from_tag(&told.alert.language).unwrap_or(Lang::En);
    let t = lang.alert_texts();
    let Told { alert, raised_at, .. } = told;
    let facts = Facts {
        head: if told.is_raised { t.mail_raised } else { t.mail_over },
        name: alert.name.clone(),
        kind: lang.alert_kind(alert.rule.kind()),
        place: place(&alert.rule),
        measured: lang.alert_measured(&told.measured),
        rule: lang.alert_rule(&alert.rule),
        since: format!("{}\u{a0}UTC", lang.moment(*raised_at)),
        link: public_url
            .join(&format!("/console/alerts/{}", alert.id))
            .map_or_else(|_| String::new(), Into::into),
        is_raised: told.is_raised,
    };
    Words {
        subject: format!("{}{} {}", facts.head, lang.colon(), facts.name),
        text: Text { t, told: &facts }.render().expect("a template of texts fills"),
        html: Page { lang, t, told: &facts }.render().expect("a template of texts fills"),
        pictures: vec![],
    }
}

/// Whose calls, which pool, which trunk, by their ids; empty: all of them.
pub(in crate::http) fn place(rule: &Rule) -> String {
    match rule {
        Rule::Missed { of, .. } | Rule::Silence { of, .. } => match of {
            Of::Network => String::new(),
            Of::Outlet(outlet) => outlet.to_string(),
            Of::Number(number) => number.reveal().to_owned(),
        },
        Rule::Pool { pool, .. } => pool.as_ref().map(ToString::to_string).unwrap_or_default(),
        Rule::Trunk { trunk, .. } => trunk.as_ref().map(ToString::to_string).unwrap_or_default(),
        Rule::Cost { channel, campaign, .. } => {
            let channel = channel.map(|it| it.as_str().to_owned());
            channel.into_iter().chain(campaign.clone()).collect::<Vec<_>>().join(" · ")
        }
    }
}
