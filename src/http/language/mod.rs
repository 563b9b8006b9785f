//! English or French: which one the reader gets.
//!
//! `?lang=fr` says it for this page and, by a cookie, for the ones after it;
//! otherwise the browser's `Accept-Language` does, and at last English.

/// A table of fixed texts, each in English and in French, and how a language gives it.
macro_rules! texts {
    ($(#[$about:meta])* $name:ident, $given:ident { $($field:ident: $en:literal | $fr:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug)]
        pub struct $name {
            $(pub $field: &'static str,)*
        }

        static EN: $name = $name { $($field: $en,)* };
        static FR: $name = $name { $($field: $fr,)* };

        impl Lang {
            pub const fn $given(self) -> &'static $name {
                match self {
                    Lang::En => &EN,
                    Lang::Fr => &FR,
                }
            }
        }
    };
}

mod alert_faults;
mod alerts;
mod audit;
mod blocks;
mod calls;
mod choices;
mod consents;
mod contactability;
mod contactability_report;
mod costs;
mod destinations;
mod engagements;
mod evidence;
mod imports;
mod journeys;
mod keys;
mod live;
mod lookalikes;
mod media;
mod menu;
mod missed;
mod money;
mod network;
mod numbers;
mod outlets;
mod overview;
mod own_data;
mod people;
mod phone;
mod phrases;
mod plan_edits;
mod plan_faults;
mod pools;
mod pressure;
mod prompts;
mod qualifications;
mod quality;
mod recordings;
mod reports;
mod retention;
mod rfm;
mod rights;
mod schedules;
mod screening;
mod segments;
mod setup;
mod shares;
mod site_forms;
mod sources;
mod staff;
mod streams;
mod tasks;
mod tester;
mod texts;
mod trunks;
mod webhooks;
mod why;

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::http::header::{ACCEPT_LANGUAGE, SET_COOKIE};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use url::form_urlencoded;

use super::extract::cookie;
pub use alerts::AlertTexts;
pub use audit::AuditTexts;
pub use calls::CallTexts;
pub use choices::ChoiceTexts;
pub use consents::ConsentTexts;
pub use contactability::ReachTexts;
pub use contactability_report::ContactabilityTexts;
pub use destinations::DestinationTexts;
pub use engagements::EngagementTexts;
pub use imports::ImportTexts;
pub use journeys::JourneyTexts;
pub use keys::KeyTexts;
pub use live::LiveTexts;
pub use lookalikes::LookalikeTexts;
pub use missed::MissedTexts;
pub use money::MoneyTexts;
pub use network::NetworkTexts;
pub use numbers::NumberTexts;
pub use outlets::OutletTexts;
pub use overview::OverviewTexts;
pub use own_data::OwnDataTexts;
pub use people::PeopleTexts;
pub use phone::PhoneTexts;
pub use phrases::Certainty;
pub use plan_edits::EditTexts;
pub use pools::PoolTexts;
pub use pressure::PressureTexts;
pub use qualifications::QualificationTexts;
pub use quality::QualityTexts;
pub use recordings::RecordingTexts;
pub use retention::RetentionTexts;
pub use rights::RightsTexts;
pub use schedules::ScheduleTexts;
pub use segments::SegmentTexts;
pub use setup::SetupTexts;
pub use shares::ShareTexts;
pub use site_forms::SiteTexts;
pub use staff::StaffTexts;
pub use tasks::TaskTexts;
pub use tester::TesterTexts;
pub use texts::Texts;
pub use trunks::TrunkTexts;
pub use webhooks::WebhookTexts;

const COOKIE: &str = "whence_lang";
const YEAR_S: u32 = 365 * 24 * 60 * 60;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Lang {
    En,
    Fr,
}

impl Lang {
    pub const ALL: &'static [Lang] = &[Lang::En, Lang::Fr];

    /// The language tag of BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Fr => "fr",
        }
    }

    /// Its own name, for whoever looks for it.
    pub const fn own_name(self) -> &'static str {
        match self {
            Lang::En => "English",
            Lang::Fr => "Français",
        }
    }

    /// What stands between a name and what it is.
    pub const fn colon(self) -> &'static str {
        match self {
            Lang::En => ":",
            Lang::Fr => "\u{a0}:",
        }
    }

    /// The fixed texts of the pages.
    pub const fn texts(self) -> &'static Texts {
        match self {
            Lang::En => &texts::EN,
            Lang::Fr => &texts::FR,
        }
    }

    /// What a language tag begins with, if we speak it.
    pub fn from_tag(tag: &str) -> Option<Lang> {
        let primary = tag.split('-').next().unwrap_or_default();
        Lang::ALL.iter().copied().find(|lang| primary.eq_ignore_ascii_case(lang.tag()))
    }

    fn from_query(query: Option<&str>) -> Option<Lang> {
        let mut pairs = form_urlencoded::parse(query?.as_bytes());
        pairs.find(|(name, _)| name == "lang").and_then(|(_, tag)| Lang::from_tag(&tag))
    }

    fn from_headers(headers: &HeaderMap) -> Lang {
        if let Some(lang) = cookie(headers, COOKIE).and_then(Lang::from_tag) {
            return lang;
        }
        let accepted = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let wishes = accepted.split(',').filter_map(|wish| {
            let (tag, quality) = wish.split_once(";q=").unwrap_or((wish, "1"));
            let quality: f32 = quality.trim().parse().unwrap_or(0.0);
            Lang::from_tag(tag.trim()).filter(|_| quality > 0.0).map(|lang| (lang, quality))
        });
        // The first of equals wins: browsers list by preference.
        wishes.fold((Lang::En, 0.0), |best, wish| if wish.1 > best.1 { wish } else { best }).0
    }
}

impl<S: Sync> FromRequestParts<S> for Lang {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Lang::from_query(parts.uri.query()).unwrap_or_else(|| Lang::from_headers(&parts.headers)))
    }
}

/// Keeps what `?lang=` said for the pages to come.
pub async fn remember(request: Request, next: Next) -> Response {
    let chosen = Lang::from_query(request.uri().query());
    let mut response = next.run(request).await;
    if let Some(lang) = chosen {
        let text = format!("{COOKIE}={}; Path=/; Max-Age={YEAR_S}; SameSite=Lax", lang.tag());
        if let Ok(value) = HeaderValue::from_str(&text) {
            response.headers_mut().append(SET_COOKIE, value);
        }
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(accept: &str) -> Lang {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_LANGUAGE, accept.parse().unwrap());
        Lang::from_headers(&headers)
    }

    #[test]
    fn the_browsers_first_choice_that_we_speak_is_taken() {
        assert_eq!(asked("fr-BE,fr;q=0.9,en;q=0.8"), Lang::Fr);
        assert_eq!(asked("de,en;q=0.5,fr;q=0.7"), Lang::Fr);
        assert_eq!(asked("en-GB,fr"), Lang::En);
        assert_eq!(asked("fr;q=0"), Lang::En);
        assert_eq!(asked("nl"), Lang::En);
    }

    #[test]
    fn the_address_outweighs_what_the_browser_wishes() {
        assert_eq!(Lang::from_query(Some("outcome=missed&lang=fr")), Some(Lang::Fr));
        assert_eq!(Lang::from_query(Some("lang=xx")), None);
    }
}
