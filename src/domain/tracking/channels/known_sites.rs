//! What kind of site a name or a host is: a search engine, a social network …
//!
//! GA4's rules ask for "a list of search sites" and its like; Google publishes
//! the lists without a licence. Ours are two files in one notation: Matomo's,
//! `data/matomo_sites.txt` (CC0), and what it lacks, `data/known_sites.txt`,
//! where the notation is explained. They are read once, on first use, into maps
//! keyed by the pattern as written; a look-up then asks for the host and its
//! parents, longest first, so that `gemini.google.com` is not taken for `google.com`.

use std::collections::HashMap;
use std::iter::once;
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

const MATOMO: &str = include_str!("../data/matomo_sites.txt");
const OURS: &str = include_str!("../data/known_sites.txt");

/// Keyed by the pattern as the files have it, dot and star included; ours outweigh Matomo's.
static BY_PATTERN: LazyLock<HashMap<&str, Site>> = LazyLock::new(|| {
    let lines = lines(MATOMO).chain(lines(OURS)).flatten();
    let words = lines.flat_map(|(site, words)| words.into_iter().map(move |word| (word, site)));
    words.filter(|(word, _)| word.contains('.')).collect()
});

/// Our names, and other ways to write them.
static BY_NAME: LazyLock<HashMap<&str, Site>> = LazyLock::new(|| {
    let aliases = |words: Vec<&'static str>| words.into_iter().filter(|word| !word.contains('.'));
    let names =
        |(site, words): (Site, _)| once(site.name).chain(aliases(words)).map(move |name| (name, site));
    lines(OURS).flatten().flat_map(names).collect()
});

/// The site that a referrer's host (or an Android package) belongs to.
pub fn find_by_host(host: &str) -> Option<Site> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let bare = host.strip_prefix("www.").or_else(|| host.strip_prefix("m.")).unwrap_or(&host);
    let get = |pattern: &str| BY_PATTERN.get(pattern).copied();

    // m.me is no m. before anything.
    if let Some(site) = get(&host).or_else(|| get(bare)).or_else(|| get(&any_country(bare)?)) {
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

/// The site that a `utm_source` names: `google`, `Facebook.com`, `google shopping`.
pub fn find_by_name(source: &str) -> Option<Site> {
    let name = source.to_ascii_lowercase().replace([' ', '_'], "-");
    BY_NAME.get(name.as_str()).copied().or_else(|| find_by_host(&name))
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

/// The site of each line with its patterns and aliases; `None` for a line that
/// cannot be read, which is left out of the maps and fails a test below.
fn lines(text: &'static str) -> impl Iterator<Item = Option<(Site, Vec<&'static str>)>> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut words = line.split_ascii_whitespace();
        let kind = match words.next()? {
            "search" => Kind::Search,
            "social" => Kind::Social,
            "video" => Kind::Video,
            "shopping" => Kind::Shopping,
            "ai" => Kind::Ai,
            _ => return None,
        };
        Some((Site { kind, name: words.next()? }, words.collect()))
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
    fn every_line_of_the_lists_can_be_read_and_no_word_stands_twice_in_one() {
        for (list, at_least) in [(MATOMO, 750), (OURS, 150)] {
            let mut seen = HashSet::new();

            for line in lines(list) {
                let (site, words) = line.expect("a line names its kind and its site");
                for word in words {
                    assert!(seen.insert(word), "{word} stands twice");
                    assert_eq!(word, word.to_ascii_lowercase(), "of {}", site.name);
                }
            }
            assert!(seen.len() > at_least, "{} patterns", seen.len());
        }
    }

    #[test]
    fn what_stands_in_both_lists_says_something_else_in_ours() {
        let sites = |list| {
            lines(list).flatten().flat_map(|(site, words)| words.into_iter().map(move |word| (word, site)))
        };
        let matomo: HashMap<_, _> = sites(MATOMO).collect();

        for (word, site) in sites(OURS) {
            assert_ne!(matomo.get(word), Some(&site), "{word}");
        }
    }

    #[test]
    fn matomos_list_tells_engines_networks_and_assistants_and_ours_outweighs_it() {
        for (host, name, kind) in [
            ("www.toile.com", "toile", Kind::Search),
            ("zapmeta.fr", "zapmeta", Kind::Search),
            ("de.bing.com", "bing", Kind::Search),
            ("suche.web.de", "web.de", Kind::Search),
            ("skyrock.com", "skyrock", Kind::Social),
            ("old.reddit.com", "reddit", Kind::Social),
            ("labs.openai.com", "chatgpt", Kind::Ai),
            ("www.perplexity.ai", "perplexity", Kind::Ai),
            ("www.facebook.com", "facebook", Kind::Social),
            ("www.youtube.com", "youtube", Kind::Video),
            ("youtu.be", "youtube", Kind::Video),
            ("m.me", "messenger", Kind::Social),
            ("suche.gmx.net", "gmx", Kind::Search),
            ("de.toppreise.ch", "toppreise", Kind::Shopping),
        ] {
            assert_eq!(found(host), Some((name, kind)), "{host}");
        }
        for host in ["web.de", "mail.ru", "www.cnn.com", "login.live.com", "translate.example"] {
            assert_eq!(found(host), None, "{host}");
        }
        assert_eq!(find_by_name("inbox"), None, "a name of Matomo's alone");
        assert_eq!(find_by_name("web.de").map(|site| site.name), Some("web.de"));
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
