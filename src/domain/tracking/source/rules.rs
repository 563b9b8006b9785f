//! A site's own rules, in the order in which the admin wrote them: the first
//! that fits says what a visit's source, medium, campaign or channel is.
//!
//! A rule is asked about what was read without it, and only the first one
//! applies: so no rule can be written that depends on another.

use serde::{Deserialize, Serialize};

use super::{Pattern, Source};
use crate::domain::tracking::channels::Channel;

/// How many a site may have.
pub const RULES_MAX: usize = 100;

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Rule {
    pub name: String,
    /// All of them must hold.
    pub when: Vec<Condition>,
    pub then: Then,
}

#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Condition {
    pub field: Field,
    pub test: Test,
}

/// What is asked about. What is not there counts as an empty text.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Source,
    Medium,
    Campaign,
    /// Without `www.`; also of a referrer that says nothing by itself.
    ReferrerHost,
    LandingPath,
    /// The kind: `gclid`.
    ClickId,
}

/// How a text is compared; upper and lower case are the same.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    Equals(String),
    Prefix(String),
    Suffix(String),
    Regex(Pattern),
}

/// What a rule says; what it leaves open stays as it was read. Without a
/// channel, GA4's rules find it from the rest.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
pub struct Then {
    pub channel: Option<Channel>,
    pub source: Option<String>,
    pub medium: Option<String>,
    pub campaign: Option<String>,
}

/// What rules are asked about.
pub(super) struct Facts<'a> {
    pub source: &'a Source,
    pub referrer_host: Option<&'a str>,
    pub landing_path: &'a str,
}

impl Rule {
    pub(super) fn fits(&self, facts: &Facts<'_>) -> bool {
        self.when.iter().all(|condition| condition.test.holds(facts.of(condition.field)))
    }
}

impl Facts<'_> {
    fn of(&self, field: Field) -> &str {
        match field {
            Field::Source => &self.source.source,
            Field::Medium => &self.source.medium,
            Field::Campaign => self.source.campaign.as_deref().unwrap_or_default(),
            Field::ReferrerHost => self.referrer_host.unwrap_or_default(),
            Field::LandingPath => self.landing_path,
            Field::ClickId => self.source.click_id.as_deref().unwrap_or_default(),
        }
    }
}

impl Field {
    pub const ALL: [Field; 6] = [
        Field::Source,
        Field::Medium,
        Field::Campaign,
        Field::ReferrerHost,
        Field::LandingPath,
        Field::ClickId,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Field::Source => "source",
            Field::Medium => "medium",
            Field::Campaign => "campaign",
            Field::ReferrerHost => "referrer_host",
            Field::LandingPath => "landing_path",
            Field::ClickId => "click_id",
        }
    }
}

impl Test {
    fn holds(&self, text: &str) -> bool {
        match self {
            Test::Equals(other) => text.to_lowercase() == other.to_lowercase(),
            Test::Prefix(start) => text.to_lowercase().starts_with(&start.to_lowercase()),
            Test::Suffix(end) => text.to_lowercase().ends_with(&end.to_lowercase()),
            Test::Regex(pattern) => pattern.is_found_in(text),
        }
    }
}

impl Then {
    pub(super) fn applied(&self, read: Source) -> Source {
        let source = self.source.clone().unwrap_or(read.source);
        let medium = self.medium.clone().unwrap_or(read.medium);
        let campaign = self.campaign.clone().or(read.campaign);
        let channel = self.channel.unwrap_or_else(|| Channel::of(&source, &medium, campaign.as_deref()));
        Source { channel, source, medium, campaign, ..read }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking::source::{Explained, Reading};

    const PAGE: &str = "https://bakery.example";

    fn rule(name: &str, when: Vec<(Field, Test)>, then: Then) -> Rule {
        let when = when.into_iter().map(|(field, test)| Condition { field, test }).collect();
        Rule { name: name.into(), when, then }
    }

    fn source(name: &str) -> Then {
        Then { source: Some(name.into()), ..Then::default() }
    }

    fn explain(rules: Vec<Rule>, path: &str, referrer: Option<&str>) -> Explained {
        let reading = Reading { rules, ..Reading::default() };
        reading.explain(&format!("{PAGE}{path}"), referrer, &["bakery.example"])
    }

    fn equals(text: &str) -> Test {
        Test::Equals(text.into())
    }

    fn regex(text: &str) -> Test {
        Test::Regex(text.parse().unwrap())
    }

    #[test]
    fn every_field_can_be_asked_in_every_way() {
        let page = "/menu/bread?utm_source=Mag&utm_medium=print&utm_campaign=Spring-2026&gclid=x";
        let fields = [
            (Field::Source, "mag", "other"),
            (Field::Medium, "print", "other"),
            (Field::Campaign, "Spring-2026", "Spring-2025"),
            (Field::ReferrerHost, "blog.example", "log.example.org"),
            (Field::LandingPath, "/menu/bread", "/menu"),
            (Field::ClickId, "gclid", "fbclid"),
        ];
        assert_eq!(fields.map(|(field, ..)| field), Field::ALL);

        for (field, text, other) in fields {
            let fits = |test: Test| {
                let rules = vec![rule("it", vec![(field, test)], source("fits"))];
                explain(rules, page, Some("https://www.blog.example/post")).rule.is_some()
            };
            let (start, end) = (&text[..2], &text[text.len() - 2..]);

            assert!(fits(equals(text)) && fits(equals(&text.to_uppercase())), "{field:?}");
            assert!(!fits(equals(other)), "{field:?}");
            assert!(fits(Test::Prefix(start.into())) && !fits(Test::Prefix("zzz".into())), "{field:?}");
            assert!(fits(Test::Suffix(end.into())) && !fits(Test::Suffix("zzz".into())), "{field:?}");
            assert!(fits(regex(&format!("^{start}"))) && fits(regex(&format!("{end}$"))), "{field:?}");
            assert!(!fits(regex("^zzz")), "{field:?}");
        }
    }

    #[test]
    fn the_first_rule_that_fits_counts_and_is_named() {
        let on_menu = vec![(Field::LandingPath, Test::Prefix("/menu".into()))];
        let rules = vec![
            rule("never", vec![(Field::Source, equals("nobody"))], source("never")),
            rule("menu", on_menu.clone(), source("menu")),
            rule("menu too", on_menu, source("too late")),
        ];

        let explained = explain(rules, "/menu", None);

        assert_eq!(explained.rule, Some((2, "menu".into())));
        assert_eq!(explained.source.source, "menu");
    }

    #[test]
    fn all_conditions_of_a_rule_must_hold() {
        let both = vec![(Field::Campaign, Test::Prefix("fair".into())), (Field::ReferrerHost, equals(""))];
        let rules = vec![rule("fair", both, source("fair"))];

        assert!(explain(rules.clone(), "/?utm_campaign=fair-1", None).rule.is_some());
        assert!(explain(rules.clone(), "/", None).rule.is_none());
        assert!(explain(rules, "/?utm_campaign=fair-1", Some("https://blog.example/")).rule.is_none());
    }

    #[test]
    fn a_rules_channel_is_taken_as_it_is_and_otherwise_follows_from_the_rest() {
        let always = vec![(Field::LandingPath, equals("/"))];
        let channel_of = |then: Then| {
            explain(vec![rule("it", always.clone(), then)], "/?utm_source=google&utm_medium=organic", None)
                .source
                .channel
        };

        assert_eq!(channel_of(Then { medium: Some("cpc".into()), ..Then::default() }), Channel::PaidSearch);
        assert_eq!(channel_of(source("newsletter")), Channel::OrganicSearch);
        let offline = Then { channel: Some(Channel::Offline), ..source("fair") };
        assert_eq!(channel_of(offline), Channel::Offline);
    }

    #[test]
    fn a_rule_sees_a_referrer_that_says_nothing_by_itself() {
        let rules = vec![rule("pay", vec![(Field::ReferrerHost, equals("paypal.com"))], source("back"))];

        assert_eq!(explain(rules, "/", Some("https://www.paypal.com/")).source.source, "back");
    }
}
