//! A medium off the web: what carries a static number, what it cost, when it
//! ran, and what its QR code says.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use url::Url;

use super::number::Medium;
use crate::domain::calling::schedule::Days;
use crate::domain::money::Money;
use crate::domain::phone::Phone;

#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Offline {
    pub kind: Kind,
    /// For the whole time that it runs.
    pub cost: Option<Money>,
    /// A number rings before and after it all the same: people keep flyers.
    pub runs: Option<Days>,
    /// A page that its QR code may lead to.
    pub landing_page: Option<String>,
}

/// What carries the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Poster,
    Flyer,
    Card,
    Directory,
    /// A page about the business on somebody else's website.
    Profile,
    /// Below e-mails.
    Signature,
    Other,
}

/// Where a QR code leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum QrTo {
    Call,
    Page,
}

impl Kind {
    pub const ALL: [Kind; 7] =
        [Kind::Poster, Kind::Flyer, Kind::Card, Kind::Directory, Kind::Profile, Kind::Signature, Kind::Other];
    /// What a plan may write.
    pub const WORDS: &str = "poster, flyer, card, directory, profile, signature or other";

    pub const fn as_str(self) -> &'static str {
        match self {
            Kind::Poster => "poster",
            Kind::Flyer => "flyer",
            Kind::Card => "card",
            Kind::Directory => "directory",
            Kind::Profile => "profile",
            Kind::Signature => "signature",
            Kind::Other => "other",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no kind of medium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a kind of medium; the kinds are {}", Kind::WORDS)]
pub struct BadKind;

impl FromStr for Kind {
    type Err = BadKind;

    fn from_str(text: &str) -> Result<Self, BadKind> {
        Kind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(BadKind)
    }
}

/// The text is neither of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be call or page")]
pub struct BadQrTo;

impl FromStr for QrTo {
    type Err = BadQrTo;

    fn from_str(text: &str) -> Result<Self, BadQrTo> {
        match text {
            "call" => Ok(QrTo::Call),
            "page" => Ok(QrTo::Page),
            _ => Err(BadQrTo),
        }
    }
}

/// What the QR code of a number says; `None` for a page that the plan does not name.
///
/// The page is told by `utm_*` which medium led to it; what the plan has
/// written there stays as it is.
pub fn qr_text(number: &Phone, medium: &Medium, to: QrTo) -> Option<String> {
    match to {
        QrTo::Call => Some(format!("tel:{}", number.reveal())),
        QrTo::Page => {
            let mut page = Url::parse(medium.offline.as_ref()?.landing_page.as_ref()?).ok()?;
            let named: Vec<String> = page.query_pairs().map(|(name, _)| name.into_owned()).collect();
            let told = [
                ("utm_source", Some(medium.source.as_str())),
                ("utm_medium", Some(medium.medium.as_str())),
                ("utm_campaign", medium.campaign.as_deref()),
            ];
            for (name, text) in told {
                if let Some(text) = text.filter(|_| !named.iter().any(|known| known == name)) {
                    page.query_pairs_mut().append_pair(name, text);
                }
            }
            Some(page.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tracking::channels::Channel;

    fn flyer(landing_page: Option<&str>) -> Medium {
        Medium {
            channel: Channel::Offline,
            source: "flyer".into(),
            medium: "print".into(),
            campaign: Some("été 2026".into()),
            stands_in: None,
            offline: Some(Offline {
                kind: Kind::Flyer,
                cost: None,
                runs: None,
                landing_page: landing_page.map(str::to_owned),
            }),
        }
    }

    #[test]
    fn a_code_calls_the_number_or_opens_the_page_with_its_medium() {
        let number = "+33199002001".parse().unwrap();
        let page = |page: Option<&str>| qr_text(&number, &flyer(page), QrTo::Page);

        assert_eq!(qr_text(&number, &flyer(None), QrTo::Call).as_deref(), Some("tel:+33199002001"));
        assert_eq!(
            page(Some("https://b.example/menu#top")).as_deref(),
            Some(
                "https://b.example/menu?utm_source=flyer&utm_medium=print&utm_campaign=%C3%A9t%C3%A9+2026#top"
            )
        );
        assert_eq!(
            page(Some("https://b.example/?a=1&utm_source=mine&utm_campaign=c")).as_deref(),
            Some("https://b.example/?a=1&utm_source=mine&utm_campaign=c&utm_medium=print")
        );
        assert_eq!(page(None), None);
    }

    #[test]
    fn every_kind_reads_back_and_stands_among_the_words() {
        for kind in Kind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(kind));
            assert!(Kind::WORDS.contains(kind.as_str()));
        }
    }
}
