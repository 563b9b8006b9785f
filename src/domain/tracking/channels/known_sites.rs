//! What kind of site a name or a host is: a search engine, a social network …
//!
//! GA4's rules ask for "a list of search sites" and its like; Google publishes
//! the lists without a licence, so ours stands in `data/known_sites.txt`, in a
//! notation explained there. It is read once, on first use, into maps keyed by
//! the pattern as written; a look-up then asks for the host and its parents,
//! longest first, so that `gemini.google.com` is not taken for `google.com`.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The lists that GA4's rules name, plus AI assistants.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Search,
    Social,
    Video,
    Shopping,
    Ai,
}

/// A site that the list knows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Site {
    pub kind: Kind,
    /// As a source is written: `google`, `facebook`, `chatgpt`.
    pub name: &'static str,
}

/// Labels that stand between a name and its country: `google.co.uk`.
const SECOND_LEVELS: &[&str] = &["com", "co", "org", "net", "edu", "it"];

static SITES: LazyLock<Sites> = LazyLock::new(|| Sites::read(include_str!("../data/known_sites.txt")));

struct Sites {
    by_name: HashMap<&'static str, Site>,
    /// Keyed by the pattern as the file has it, dot and star included.
    by_pattern: HashMap<&'static str, Site>,
}

/// The site that a referrer's host (or an Android package) belongs to.
pub fn find_by_host(host: &str) -> Option<Site> {
    SITES.find_by_host(host)
}

/// The site that a `utm_source` names: `google`, `Facebook.com`, `google shopping`.
pub fn find_by_name(source: &str) -> Option<Site> {
    let name = source.to_ascii_lowercase().replace([' ', '_'], "-");
    SITES.by_name.get(name.as_str()).copied().or_else(|| SITES.find_by_host(&name))
}

impl Sites {
    /// The file is part of the program; a line that cannot be read is left
    /// out here and fails a test below.
    fn read(text: &'static str) -> Self {
        let mut sites = Sites { by_name: HashMap::new(), by_pattern: HashMap::new() };
        for (site, word) in lines(text).flatten() {
            let map = if word.contains('.') { &mut sites.by_pattern } else { &mut sites.by_name };
            map.insert(word, site);
            sites.by_name.insert(site.name, site);
        }
        sites
    }

    fn find_by_host(&self, host: &str) -> Option<Site> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let bare = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(&host);
        let get = |pattern: &str| self.by_pattern.get(pattern).copied();

        if let Some(site) = get(bare).or_else(|| get(&any_country(bare)?)) {
            return Some(site);
        }
        let mut parent = Some(bare);
        while let Some(name) = parent {
            let below = |name: String| get(&format!(".{name}"));
            if let Some(site) = below(name.to_owned()).or_else(|| below(any_country(name)?)) {
                return Some(site);
            }
            parent = name.split_once('.').map(|(_, rest)| rest);
        }
        None
    }
}

/// `google.co.uk` and `google.fr` as `google.*`; `None` for `google.com`.
fn any_country(host: &str) -> Option<String> {
    let (rest, country) = host.rsplit_once('.')?;
    if country.len() != 2 || !country.bytes().all(|b| b.is_ascii_lowercase()) {
        return None;
    }
    let rest = match rest.rsplit_once('.') {
        Some((name, second)) if SECOND_LEVELS.contains(&second) => name,
        _ => rest,
    };
    Some(format!("{rest}.*"))
}

/// Each pattern or alias with its site; `None` for a line that cannot be read.
fn lines(text: &'static str) -> impl Iterator<Item = Option<(Site, &'static str)>> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).flat_map(|line| {
        let mut words = line.split_ascii_whitespace();
        let kind = match words.next() {
            Some("search") => Some(Kind::Search),
            Some("social") => Some(Kind::Social),
            Some("video") => Some(Kind::Video),
            Some("shopping") => Some(Kind::Shopping),
            Some("ai") => Some(Kind::Ai),
            _ => None,
        };
        let site = kind.zip(words.next()).map(|(kind, name)| Site { kind, name });
        words.map(move |word| site.map(|site| (site, word)))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    fn found(host: &str) -> Option<(&'static str, Kind)> {
        find_by_host(host).map(|site| (site.name, site.kind))
    }

    #[test]
    fn every_line_of_the_list_can_be_read_and_no_word_stands_twice() {
        let mut seen = HashSet::new();

        for entry in lines(include_str!("../data/known_sites.txt")) {
            let (site, word) = entry.expect("a line names its kind and its site");
            assert!(seen.insert(word), "{word} stands twice");
            assert_eq!(word, word.to_ascii_lowercase(), "of {}", site.name);
        }
        assert!(seen.len() > 250, "{} patterns", seen.len());
    }

    #[test]
    fn a_search_engine_is_known_under_every_countrys_domain() {
        for host in [
            "google.com",
            "www.google.fr",
            "google.co.uk",
            "www.google.com.br",
            "WWW.GOOGLE.COM",
            "google.fr.",
        ] {
            assert_eq!(found(host), Some(("google", Kind::Search)), "{host}");
        }
    }

    #[test]
    fn a_host_that_only_looks_like_a_search_engine_is_none() {
        for host in [
            "google.com.evil.example",
            "google.evil.com",
            "notgoogle.com",
            "docs.google.com",
            "mail.google.com",
            "google",
            "",
            ".",
            "..",
        ] {
            assert_eq!(found(host), None, "{host}");
        }
    }

    #[test]
    fn the_longest_pattern_decides() {
        assert_eq!(found("gemini.google.com"), Some(("gemini", Kind::Ai)));
        assert_eq!(found("yiyan.baidu.com"), Some(("ernie", Kind::Ai)));
        assert_eq!(found("m.baidu.com"), Some(("baidu", Kind::Search)));
        assert_eq!(found("grok.x.com"), Some(("grok", Kind::Ai)));
    }

    #[test]
    fn a_social_network_is_known_with_its_redirectors_and_apps() {
        for host in ["facebook.com", "l.facebook.com", "lm.facebook.com", "fr-fr.facebook.com"] {
            assert_eq!(found(host), Some(("facebook", Kind::Social)), "{host}");
        }
        assert_eq!(found("www.pinterest.co.uk"), Some(("pinterest", Kind::Social)));
        assert_eq!(found("com.instagram.android"), Some(("instagram", Kind::Social)));
    }

    #[test]
    fn a_utm_source_may_be_a_name_an_alias_or_a_host() {
        let name = |source: &str| find_by_name(source).map(|site| site.name);

        assert_eq!(name("Google"), Some("google"));
        assert_eq!(name("fb"), Some("facebook"));
        assert_eq!(name("chatgpt.com"), Some("chatgpt"));
        assert_eq!(name("Google Shopping"), Some("google-shopping"));
        assert_eq!(name("newsletter"), None);
    }
}
