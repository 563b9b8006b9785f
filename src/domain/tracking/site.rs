//! A website that carries the snippet.

use serde::Serialize;

use super::guard::Guard;
use super::source::{Explained, Reading};
use crate::domain::ids::{OutletId, SiteId};

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Site {
    pub id: SiteId,
    pub outlet: OutletId,
    pub name: String,
    /// Web origins as browsers send them: `https://example.org`, without a path.
    pub origins: Vec<String>,
    /// How its visits want to be read.
    pub reading: Reading,
    /// What is done about robots and floods.
    pub guard: Guard,
}

impl Site {
    /// How a visit came to this site, and why that is said.
    pub fn explain(&self, landing_page: &str, referrer: Option<&str>) -> Explained {
        self.reading.explain(landing_page, referrer, &self.hosts().collect::<Vec<_>>())
    }

    /// The host names of the site itself: a referrer on them is no source.
    pub fn hosts(&self) -> impl Iterator<Item = &str> {
        self.origins.iter().map(|origin| host(origin))
    }

    /// Tells whether `url` is a page of this site.
    pub fn owns(&self, url: &str) -> bool {
        url.contains("://") && self.hosts().any(|own| own == host(url))
    }
}

/// The host of a web address, without its port.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_a_site_by_its_host_alone() {
        let site = Site {
            id: "bakery".parse().unwrap(),
            outlet: "lyon".parse().unwrap(),
            name: "Bakery".into(),
            origins: vec!["https://example.org".into(), "http://127.0.0.1:8080".into()],
            reading: Reading::default(),
            guard: Guard::default(),
        };

        assert_eq!(site.hosts().collect::<Vec<_>>(), ["example.org", "127.0.0.1"]);
        for own in ["https://example.org/menu?x=1", "http://example.org", "http://127.0.0.1:9000/"] {
            assert!(site.owns(own), "{own}");
        }
        for foreign in
            ["https://example.org.evil.test/", "https://example.com/example.org", "example.org", ""]
        {
            assert!(!site.owns(foreign), "{foreign}");
        }
    }
}
