//! `[http]`: where the website, the API and the console are served.

use std::net::{Ipv4Addr, SocketAddr};

use axum::http::HeaderName;
use url::Url;

use super::reader::Section;
use super::value::{Checked, Value, optional, parsed};
use crate::domain::phone::Country;

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HttpConfig {
    pub listen: SocketAddr,
    /// What browsers call this server; links, cookies and the snippet's tag are made from it.
    pub public_url: Url,
    /// Whose dialling habit the pages write numbers in.
    pub country: Country,
    /// The header in which a proxy in front tells a visitor's country.
    pub country_header: Option<HeaderName>,
    /// The header in which it tells where in the country they are.
    pub region_header: Option<HeaderName>,
    /// The header in which a proxy in front tells a visitor's address.
    pub address_header: Option<HeaderName>,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            listen: (Ipv4Addr::LOCALHOST, 8080).into(),
            public_url: Url::parse("http://127.0.0.1:8080/").expect("a constant that is a URL"),
            country: "FR".parse().expect("a constant that is a country"),
            country_header: None,
            region_header: None,
            address_header: None,
        }
    }
}

impl HttpConfig {
    pub(super) fn read(section: &mut Section) -> Self {
        let default = Self::default();
        let config = Self {
            listen: section.get(
                "listen",
                default.listen,
                parsed("an address with its port, for instance \"127.0.0.1:8080\""),
            ),
            public_url: section.get("public_url", default.public_url, origin),
            country: section.get(
                "country",
                default.country,
                parsed("a country of ISO 3166-1, for instance \"FR\""),
            ),
            country_header: section.get(
                "country_header",
                default.country_header,
                optional(parsed("the name of a header, for instance \"CF-IPCountry\"")),
            ),
            region_header: section.get(
                "region_header",
                default.region_header,
                optional(parsed("the name of a header, for instance \"CF-Region-Code\"")),
            ),
            address_header: section.get(
                "address_header",
                default.address_header,
                optional(parsed("the name of a header, for instance \"X-Forwarded-For\"")),
            ),
        };
        if config.region_header.is_some() && config.country_header.is_none() {
            section.complain("region_header", "needs `country_header`: a region is one of a country");
        }
        config
    }
}

/// The address of a whole server: scheme, host, maybe a port.
fn origin(value: Value) -> Checked<Url> {
    let text = value.text()?;
    let whole_server = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.host().is_some()
            && (url.path(), url.query(), url.fragment()) == ("/", None, None)
            && (url.username(), url.password()) == ("", None)
    };
    match Url::parse(text) {
        Ok(url) if whole_server(&url) => Ok(url),
        _ => value.bad(format!(
            "expected http or https and a host without a path, for instance \"https://calls.example.org\", \
             found {text:?}"
        )),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::Config;

    #[test]
    fn a_region_is_told_of_a_country_alone() {
        let parse = |text: &str| Config::parse(Path::new("x.toml"), &format!("[http]\n{text}\n"), []);

        let error = parse("region_header = \"X-Region\"").unwrap_err().to_string();
        let both = parse("country_header = \"X-Country\"\nregion_header = \"X-Region\"").unwrap();

        assert!(error.contains("region_header: needs `country_header`"), "{error}");
        assert_eq!(both.http.region_header.unwrap(), "x-region");
    }
}
