//! What a referrer says, and those that say nothing although they are there:
//! the site's own pages, whoever sends visitors back to it, and spam.
//!
//! A visitor who pays or signs in elsewhere comes back by a referrer that has
//! nothing to do with how they came; and addresses that robots write into the
//! header for somebody to look at stand for nobody. Both stand in
//! `data/excluded_referrers.txt`, in a notation explained there.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Serialize;
use url::Url;

use super::TEXT_MAX;
use crate::domain::tracking::channels::{Kind, find_by_host};

static EXCLUDED: LazyLock<HashMap<&'static str, Exclusion>> =
    LazyLock::new(|| lines(include_str!("../data/excluded_referrers.txt")).flatten().collect());

/// What a page says of where it was reached from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Referrer {
    /// Nothing, or nothing that can be read.
    None,
    /// A host that says nothing, and why.
    Excluded(Exclusion, String),
    /// Another website, without `www.`.
    Host(String),
}

/// Why a referrer says nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Exclusion {
    /// The site itself.
    Own,
    /// The plan says so.
    Ignored,
    Payment,
    SignIn,
    Spam,
}

impl Exclusion {
    pub const fn as_str(self) -> &'static str {
        match self {
            Exclusion::Own => "own",
            Exclusion::Ignored => "ignored",
            Exclusion::Payment => "payment",
            Exclusion::SignIn => "sign_in",
            Exclusion::Spam => "spam",
        }
    }
}

impl Referrer {
    /// `own` and `ignored` are bare hosts; those below them are meant, too.
    pub fn read(text: Option<&str>, own: &[String], ignored: &[String]) -> Referrer {
        let Some(host) = text.and_then(host_of) else { return Referrer::None };
        let below = |known: &[String]| parents(&host).any(|it| known.iter().any(|known| known == it));
        let exclusion = if below(own) {
            Some(Exclusion::Own)
        } else if below(ignored) {
            Some(Exclusion::Ignored)
        } else {
            parents(&host).find_map(|parent| EXCLUDED.get(parent).copied())
        };
        match exclusion {
            Some(exclusion) => Referrer::Excluded(exclusion, host),
            None => Referrer::Host(host),
        }
    }

    /// The host, whether it says anything or not.
    pub fn host(&self) -> Option<&str> {
        match self {
            Referrer::None => None,
            Referrer::Excluded(_, host) | Referrer::Host(host) => Some(host),
        }
    }

    /// Source and medium, where it says something.
    pub fn stands_for(&self) -> Option<(String, &'static str)> {
        let Referrer::Host(host) = self else { return None };
        Some(match find_by_host(host) {
            Some(site) if site.kind == Kind::Search => (site.name.to_owned(), "organic"),
            Some(site) if site.kind == Kind::Ai => (site.name.to_owned(), "ai-assistant"),
            Some(site) => (site.name.to_owned(), "referral"),
            None => (host.chars().take(TEXT_MAX).collect(), "referral"),
        })
    }
}

fn host_of(referrer: &str) -> Option<String> {
    let url = Url::parse(referrer.trim()).ok()?;
    if !matches!(url.scheme(), "http" | "https" | "android-app" | "ios-app") {
        return None;
    }
    Some(bare_host(url.host_str()?)).filter(|host| !host.is_empty())
}

/// `a.b.c`, `b.c`, `c`.
fn parents(host: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(host), |host| host.split_once('.').map(|(_, parent)| parent))
}

/// The host of `https://www.example.com:8080`, or of `example.com` as it stands.
pub(super) fn host_of_origin(origin: &str) -> String {
    match Url::parse(origin) {
        Ok(url) if url.has_host() => url.host_str().map(bare_host).unwrap_or_default(),
        _ => bare_host(origin.split(':').next().unwrap_or_default()),
    }
}

/// A host as it is compared: lower case, no `www.`, no last dot.
pub(super) fn bare_host(host: &str) -> String {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    host.strip_prefix("www.").unwrap_or(&host).to_owned()
}

/// Each host with why it says nothing; `None` for a line that cannot be read.
fn lines(text: &'static str) -> impl Iterator<Item = Option<(&'static str, Exclusion)>> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).flat_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let exclusion = match words.next() {
            Some("payment") => Some(Exclusion::Payment),
            Some("sign-in") => Some(Exclusion::SignIn),
            Some("spam") => Some(Exclusion::Spam),
            _ => None,
        };
        words.map(move |host| exclusion.map(|exclusion| (host, exclusion)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_line_of_the_list_can_be_read_and_names_no_known_site() {
        let mut seen = HashSet::new();

        for entry in lines(include_str!("../data/excluded_referrers.txt")) {
            let (host, _) = entry.expect("a line names its kind");
            assert!(seen.insert(host), "{host} stands twice");
            assert_eq!(host, bare_host(host), "as it is compared");
            assert!(host.contains('.'), "{host} would shut out a whole country");
            let named = find_by_host(host).is_some_and(|site| site.kind != Kind::Shopping);
            assert!(!named, "{host} is a source of its own");
        }
        assert!(seen.len() > 100, "{} hosts", seen.len());
    }

    #[test]
    fn a_host_below_an_excluded_one_says_nothing_and_one_that_looks_like_it_does() {
        let read = |text: &str| Referrer::read(Some(text), &[], &[]);
        let kind = |text: &str| match read(text) {
            Referrer::Excluded(exclusion, _) => Some(exclusion),
            Referrer::Host(_) | Referrer::None => None,
        };

        assert_eq!(kind("https://www.paypal.com/checkout"), Some(Exclusion::Payment));
        assert_eq!(kind("https://checkout.stripe.com/c/pay"), Some(Exclusion::Payment));
        assert_eq!(kind("https://login.microsoftonline.com/"), Some(Exclusion::SignIn));
        assert_eq!(kind("http://free.semalt.com/crawler"), Some(Exclusion::Spam));
        assert_eq!(kind("https://notpaypal.com/"), None);
        assert_eq!(kind("https://paypal.com.example/"), None);
        assert_eq!(read("https://stripe.com/").stands_for(), Some(("stripe.com".into(), "referral")));
    }
}
