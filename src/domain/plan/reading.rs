//! How a site's visits are read, as a plan writes it: `aliases` of the utm
//! parameters, `ignored_referrers`, and `rules` in the order in which they count.

use serde::{Deserialize, Serialize};

use super::desk::Entry;
use super::draft::DraftSite;
use super::problem::Fault;
use crate::domain::tracking::source::rules::{Condition, Field, RULES_MAX, Rule, Test, Then};
use crate::domain::tracking::source::{Aliases, BadPattern, Reading};

/// How many referrers a site may ignore.
const IGNORED_MAX: usize = 100;
/// How long a text of a rule may be.
const TEXT_MAX: usize = 200;

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftAliases {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub source: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub medium: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub campaign: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub term: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub id: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftRule {
    pub name: String,
    pub when: DraftWhen,
    pub then: DraftThen,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftWhen {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<DraftTest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<DraftTest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<DraftTest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer_host: Option<DraftTest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub landing_path: Option<DraftTest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub click_id: Option<DraftTest>,
}

/// One of them.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftTest {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub equals: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suffix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regex: Option<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DraftThen {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
}

/// What is wrong with a rule.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadRule {
    #[error("{0} takes one of equals, prefix, suffix and regex")]
    UnclearTest(&'static str),
    #[error("{0}: an empty text would fit always; leave the condition out, or write equals = \"\"")]
    FitsAlways(&'static str),
    #[error("{0} {1}")]
    Pattern(&'static str, BadPattern),
    #[error("{0} is longer than {TEXT_MAX} characters")]
    TooLong(&'static str),
    #[error("when has no condition")]
    NoCondition,
    #[error("then says nothing; it takes channel, source, medium and campaign")]
    NoEffect,
    #[error("{0} is empty")]
    Empty(&'static str),
    #[error("{0:?} is no channel; write it as GA4 does, for instance \"Paid Search\" or \"Offline\"")]
    Channel(String),
}

/// Checks what a site says of its visits; what is wrong is noted and left out.
pub(super) fn check(entry: &mut Entry<'_, '_>, draft: &DraftSite) -> Reading {
    let lower = |names: &[String]| names.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let aliases = Aliases {
        source: lower(&draft.aliases.source),
        medium: lower(&draft.aliases.medium),
        campaign: lower(&draft.aliases.campaign),
        term: lower(&draft.aliases.term),
        content: lower(&draft.aliases.content),
        id: lower(&draft.aliases.id),
    };
    entry.note(aliases.check().map_err(Fault::BadAlias));
    for (key, count, most) in [
        ("ignored_referrers", draft.ignored_referrers.len(), IGNORED_MAX),
        ("rules", draft.rules.len(), RULES_MAX),
    ] {
        if count > most {
            entry.fault(Fault::TooMany { key, most });
        }
    }
    for host in draft.ignored_referrers.iter().filter(|host| !is_host(host)) {
        entry.fault(Fault::BadHost(host.clone()));
    }
    let mut rules: Vec<Rule> = Vec::with_capacity(draft.rules.len());
    for draft in &draft.rules {
        match read(draft) {
            Ok(rule) => rules.push(rule),
            Err(wrong) => entry.fault(Fault::BadRule { rule: draft.name.clone(), wrong }),
        }
    }
    Reading { aliases, ignored_referrers: draft.ignored_referrers.clone(), rules }
}

fn is_host(text: &str) -> bool {
    let usual = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    text.contains('.') && text.len() <= 253 && text.chars().all(usual) && !text.starts_with('.')
}

fn read(draft: &DraftRule) -> Result<Rule, BadRule> {
    let name = said("name", Some(&draft.name))?.ok_or(BadRule::Empty("name"))?;
    let mut when = Vec::new();
    for (field, test) in conditions(&draft.when) {
        let Some(test) = test else { continue };
        when.push(Condition { field, test: read_test(field.as_str(), test)? });
    }
    if when.is_empty() {
        return Err(BadRule::NoCondition);
    }
    let channel = match &draft.then.channel {
        Some(text) => Some(text.parse().map_err(|_| BadRule::Channel(text.clone()))?),
        None => None,
    };
    // As they are kept: source and medium in lower case.
    let lower = |text: Option<String>| text.map(|text| text.to_lowercase());
    let then = Then {
        channel,
        source: lower(said("source", draft.then.source.as_ref())?),
        medium: lower(said("medium", draft.then.medium.as_ref())?),
        campaign: said("campaign", draft.then.campaign.as_ref())?,
    };
    if then == Then::default() { Err(BadRule::NoEffect) } else { Ok(Rule { name, when, then }) }
}

fn conditions(when: &DraftWhen) -> [(Field, Option<&DraftTest>); 6] {
    [
        (Field::Source, when.source.as_ref()),
        (Field::Medium, when.medium.as_ref()),
        (Field::Campaign, when.campaign.as_ref()),
        (Field::ReferrerHost, when.referrer_host.as_ref()),
        (Field::LandingPath, when.landing_path.as_ref()),
        (Field::ClickId, when.click_id.as_ref()),
    ]
}

fn said(key: &'static str, text: Option<&String>) -> Result<Option<String>, BadRule> {
    let Some(text) = text.map(|text| text.trim()) else { return Ok(None) };
    match text.chars().count() {
        0 => Err(BadRule::Empty(key)),
        1..=TEXT_MAX => Ok(Some(text.to_owned())),
        _ => Err(BadRule::TooLong(key)),
    }
}

fn read_test(key: &'static str, test: &DraftTest) -> Result<Test, BadRule> {
    let DraftTest { equals, prefix, suffix, regex } = test;
    let texts = [equals, prefix, suffix, regex].into_iter().flatten();
    if texts.clone().count() != 1 {
        return Err(BadRule::UnclearTest(key));
    }
    if texts.clone().any(|text| text.chars().count() > TEXT_MAX) {
        return Err(BadRule::TooLong(key));
    }
    if equals.is_none() && texts.clone().any(String::is_empty) {
        return Err(BadRule::FitsAlways(key));
    }
    Ok(match (equals, prefix, suffix, regex) {
        (Some(text), ..) => Test::Equals(text.clone()),
        (_, Some(text), ..) => Test::Prefix(text.clone()),
        (_, _, Some(text), _) => Test::Suffix(text.clone()),
        (.., Some(text)) => Test::Regex(text.parse().map_err(|bad| BadRule::Pattern(key, bad))?),
        (None, None, None, None) => return Err(BadRule::UnclearTest(key)),
    })
}

impl From<&Aliases> for DraftAliases {
    fn from(aliases: &Aliases) -> Self {
        Self {
            source: aliases.source.clone(),
            medium: aliases.medium.clone(),
            campaign: aliases.campaign.clone(),
            term: aliases.term.clone(),
            content: aliases.content.clone(),
            id: aliases.id.clone(),
        }
    }
}

impl From<&Rule> for DraftRule {
    fn from(rule: &Rule) -> Self {
        let mut when = DraftWhen::default();
        for Condition { field, test } in &rule.when {
            let place = match field {
                Field::Source => &mut when.source,
                Field::Medium => &mut when.medium,
                Field::Campaign => &mut when.campaign,
                Field::ReferrerHost => &mut when.referrer_host,
                Field::LandingPath => &mut when.landing_path,
                Field::ClickId => &mut when.click_id,
            };
            *place = Some(written(test));
        }
        let then = DraftThen {
            channel: rule.then.channel.map(|channel| channel.to_string()),
            source: rule.then.source.clone(),
            medium: rule.then.medium.clone(),
            campaign: rule.then.campaign.clone(),
        };
        Self { name: rule.name.clone(), when, then }
    }
}

fn written(test: &Test) -> DraftTest {
    let mut draft = DraftTest::default();
    match test {
        Test::Equals(text) => draft.equals = Some(text.clone()),
        Test::Prefix(text) => draft.prefix = Some(text.clone()),
        Test::Suffix(text) => draft.suffix = Some(text.clone()),
        Test::Regex(pattern) => draft.regex = Some(pattern.to_string()),
    }
    draft
}

/// A reading laid out for a comparison.
pub(super) fn facts(reading: &Reading) -> [(&'static str, String); 3] {
    let aliases = reading.aliases.fields().into_iter().filter(|(_, names)| !names.is_empty());
    let aliases: Vec<_> = aliases.map(|(field, names)| format!("{field}={}", names.join(","))).collect();
    let rules: Vec<_> = reading.rules.iter().map(in_short).collect();
    [
        ("aliases", aliases.join(" ")),
        ("ignored_referrers", reading.ignored_referrers.join(" ")),
        ("rules", rules.join("; ")),
    ]
}

/// `fair: campaign prefix "fair-" → channel "Offline"`
pub fn in_short(rule: &Rule) -> String {
    let tests = rule.when.iter().map(|Condition { field, test }| {
        let (how, text) = match test {
            Test::Equals(text) => ("equals", text.as_str()),
            Test::Prefix(text) => ("prefix", text.as_str()),
            Test::Suffix(text) => ("suffix", text.as_str()),
            Test::Regex(pattern) => ("regex", pattern.as_str()),
        };
        format!("{} {how} {text:?}", field.as_str())
    });
    let then = &rule.then;
    let effects = [
        ("channel", then.channel.map(|channel| channel.as_str())),
        ("source", then.source.as_deref()),
        ("medium", then.medium.as_deref()),
        ("campaign", then.campaign.as_deref()),
    ];
    let effects = effects.into_iter().filter_map(|(key, text)| Some(format!("{key} {:?}", text?)));
    format!(
        "{}: {} → {}",
        rule.name,
        tests.collect::<Vec<_>>().join(", "),
        effects.collect::<Vec<_>>().join(", ")
    )
}
