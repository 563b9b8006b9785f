//! What the landing page's query says on purpose: `utm_*`, the names that a
//! site uses in their place, and click ids.

use serde::{Deserialize, Serialize};
use url::form_urlencoded;

use super::click_ids::{self, CLICK_IDS, ClickId};
use super::referrer::Referrer;
use super::{Basis, Source, cleaned};
use crate::domain::tracking::channels::Channel;

/// Other names of the `utm_*` parameters on a site's links, in lower case:
/// `mtm_campaign`, `pk_campaign` … Where a link has several, `utm_*` counts,
/// then the first of the list.
#[derive(Clone, PartialEq, Eq, Default, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Aliases {
    pub source: Vec<String>,
    pub medium: Vec<String>,
    pub campaign: Vec<String>,
    pub term: Vec<String>,
    pub content: Vec<String>,
    pub id: Vec<String>,
}

/// A name that cannot stand for a `utm_*` parameter.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum BadAlias {
    #[error("{0:?} is no name of a parameter; write it without ? and =, in 1 to 64 characters")]
    Unreadable(String),
    #[error("{0:?} is read as something else already")]
    Taken(String),
    #[error("more than {ALIASES_MAX} names for {0}")]
    TooMany(&'static str),
}

/// How many names each field may have.
const ALIASES_MAX: usize = 10;

impl Aliases {
    pub fn fields(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("source", &self.source),
            ("medium", &self.medium),
            ("campaign", &self.campaign),
            ("term", &self.term),
            ("content", &self.content),
            ("id", &self.id),
        ]
    }

    /// Checks that each name can be one, and means one thing.
    pub fn check(&self) -> Result<(), BadAlias> {
        let mut seen = Vec::new();
        for (field, names) in self.fields() {
            if names.len() > ALIASES_MAX {
                return Err(BadAlias::TooMany(field));
            }
            for name in names {
                let odd = |c: char| c.is_control() || c.is_whitespace() || "?&=#".contains(c);
                if name.is_empty() || name.len() > 64 || name.contains(odd) {
                    return Err(BadAlias::Unreadable(name.clone()));
                }
                if name.starts_with("utm_") || click_ids::rank(name).is_some() || seen.contains(&name) {
                    return Err(BadAlias::Taken(name.clone()));
                }
                seen.push(name);
            }
        }
        Ok(())
    }

    /// Which field a parameter names, and how much it is believed: the less the more.
    fn place(&self, param: &str) -> Option<(&'static str, usize)> {
        let fields = self.fields();
        if let Some(field) = param.strip_prefix("utm_") {
            return fields.iter().find(|(name, _)| *name == field).map(|(name, _)| (*name, 0));
        }
        fields.iter().find_map(|(field, names)| {
            names.iter().position(|name| name == param).map(|index| (*field, index + 1))
        })
    }
}

/// What is said, in the fields' own spelling.
#[derive(Default)]
pub(super) struct Tagged {
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
    term: Option<String>,
    content: Option<String>,
    click: Option<&'static ClickId>,
}

/// The text that is believed most so far.
#[derive(Default)]
struct Best(Option<(usize, String)>);

impl Best {
    /// Of a parameter that stands twice the first is the link's own; what a
    /// forwarder appends comes after it.
    fn offer(&mut self, rank: usize, value: String) {
        if self.0.as_ref().is_none_or(|(best, _)| rank < *best) {
            self.0 = Some((rank, value));
        }
    }

    fn text(self) -> Option<String> {
        self.0.map(|(_, text)| text)
    }

    fn lower(self) -> Option<String> {
        self.text().map(|text| text.to_lowercase())
    }
}

impl Tagged {
    pub fn read(landing_page: &str, aliases: &Aliases) -> Tagged {
        let [mut source, mut medium, mut campaign, mut term, mut content, mut id, mut platform]: [Best; 7] =
            Default::default();
        let mut click: Option<usize> = None;
        let before_fragment = landing_page.split('#').next().unwrap_or_default();
        let query = before_fragment.split_once('?').map_or("", |(_, query)| query);

        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let Some(value) = cleaned(&value) else { continue };
            let name = name.to_ascii_lowercase();
            match aliases.place(&name) {
                Some(("source", rank)) => source.offer(rank, value),
                Some(("medium", rank)) => medium.offer(rank, value),
                Some(("campaign", rank)) => campaign.offer(rank, value),
                Some(("term", rank)) => term.offer(rank, value),
                Some(("content", rank)) => content.offer(rank, value),
                Some((_, rank)) => id.offer(rank, value),
                None if name == "utm_source_platform" => platform.offer(0, value),
                None => {
                    if let Some(rank) = click_ids::rank(&name) {
                        click = Some(click.map_or(rank, |best| best.min(rank)));
                    }
                }
            }
        }
        Tagged {
            source: source.lower().or(platform.lower()),
            medium: medium.lower(),
            campaign: campaign.text().or(id.text()),
            term: term.text(),
            content: content.text(),
            click: click.map(|rank| &CLICK_IDS[rank]),
        }
    }

    /// The source, with what is left open completed from the click and the referrer.
    pub fn resolve(self, referrer: &Referrer) -> (Source, Basis) {
        let of_click = |id: &ClickId| (id.source.to_owned(), id.medium);
        let paid = self.click.filter(|id| !id.is_weak());
        let (below, mut basis) = None
            .or_else(|| paid.map(|id| (of_click(id), Basis::PaidClick)))
            .or_else(|| referrer.stands_for().map(|it| (it, Basis::Referrer)))
            .or_else(|| self.click.map(|id| (of_click(id), Basis::SharedLink)))
            .unwrap_or_else(|| (("(direct)".to_owned(), "(none)"), Basis::Nothing));
        let (below_source, below_medium) = below;

        let nothing_below = basis == Basis::Nothing;
        if self.source.is_some() {
            basis = Basis::Tagged;
        } else if nothing_below && (self.medium.is_some() || self.campaign.is_some()) {
            basis = Basis::Incomplete;
        }
        let not_set = || "(not set)".to_owned();
        let (source, medium) = match (self.source, self.medium) {
            (None, None) if nothing_below && self.campaign.is_some() => (not_set(), not_set()),
            (None, None) => (below_source, below_medium.to_owned()),
            (Some(source), None) => (source, paid.map_or("(not set)", |id| id.medium).to_owned()),
            (None, Some(medium)) if nothing_below => (not_set(), medium),
            (None, Some(medium)) => (below_source, medium),
            (Some(source), Some(medium)) => (source, medium),
        };
        let source = Source {
            channel: Channel::of(&source, &medium, self.campaign.as_deref()),
            source,
            medium,
            campaign: self.campaign,
            term: self.term,
            content: self.content,
            click_id: self.click.map(|id| id.param.to_owned()),
        };
        (source, basis)
    }
}
