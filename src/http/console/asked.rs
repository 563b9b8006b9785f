//! What a report is about, above it: its period, what it is held against, and the filters, each to be taken away.

use askama::Template;
use askama::filters::HtmlSafe;
use axum::http::{HeaderMap, Uri};
use jiff::civil::Date;

use super::overview::{Link, Names, compares, kept_but, periods, with_query_without, zone_told};
use super::parts::{self, Moment};
use super::permissions::within;
use super::shared::{UNTOLD, Who};
use super::with_query;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::{BadPeriod, Period};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::QueryReader;
use crate::http::language::{Lang, OverviewTexts, Texts};
use crate::http::report::{self, NOT_SET};

#[derive(Template)]
#[template(path = "question.html")]
pub(super) struct AskedView {
    t: &'static Texts,
    o: &'static OverviewTexts,
    periods: Vec<Link>,
    /// Empty where nothing is compared.
    compares: Vec<Link>,
    /// The days of the period, for whoever chooses others.
    days: (String, String),
    /// What else was chosen, which a form must not forget.
    kept: Vec<(String, String)>,
    /// Each filter: what it asks, and the address without it.
    filters: Vec<(String, String)>,
    unfiltered: String,
    /// What a guest is told, until when they see it, and of which days it is.
    guest: Option<(&'static str, Moment, String)>,
}

impl HtmlSafe for AskedView {}

impl AskedView {
    /// Of a report about this period.
    pub fn of(
        lang: Lang,
        app: &AppState,
        who: &Who,
        here: &Uri,
        asked: &report::Asked,
        period: &std::ops::Range<Timestamp>,
        names: &Names,
    ) -> Self {
        let zone = asked.zone.clone().unwrap_or_default().0;
        let day = |at: Timestamp| zone.to_datetime(at.to_calendar()).date().to_string();
        let last = Timestamp::from_ms(period.end.as_ms() - 1).max(period.start);
        let filters = asked.only.iter().map(|(it, label)| {
            // To whoever sees a part of the network, what they ask for may be of another one, and has no name.
            let is_named = asked.within.is_none() || !Dimension::OF_PLACES.contains(it);
            let label = Some(label).filter(|it| *it != NOT_SET);
            let text = match label {
                Some(label) if !is_named => label.clone(),
                label => names.text(lang, app, *it, label),
            };
            (lang.only(*it, &text), with_query(here, it.as_str(), None))
        });
        Self {
            t: lang.texts(),
            o: lang.overview_texts(),
            periods: periods(lang, here, asked.period),
            compares: compares(lang, here, asked.against),
            days: (day(period.start), day(last)),
            kept: kept_but(here, &["from", "to", "period"]),
            filters: filters.collect(),
            unfiltered: with_query_without(here, &Dimension::ALL.map(Dimension::as_str)).to_string(),
            guest: match who {
                Who::User(_) => None,
                Who::Guest { until, .. } => {
                    let until = Moment::day_and_time(lang, *until);
                    Some((lang.share_texts().shared, until, parts::days(lang, &zone, period)))
                }
            },
        }
    }

    /// Whether anything is left out.
    pub fn is_filtered(&self) -> bool {
        !self.filters.is_empty()
    }

    /// The same where nothing is compared.
    pub fn alone(self) -> Self {
        Self { compares: vec![], ..self }
    }
}

/// What the address asks of a report, with days that were chosen by hand; about this period where none is named.
pub(super) fn read_or(query: &mut QueryReader<'_>, period: Period) -> report::Asked {
    let days = (query.value::<Date>("from"), query.value::<Date>("to"));
    let mut asked = report::Asked::read_or(query, period);
    if let (Some(first), Some(last)) = days {
        match format!("{}..{}", first.min(last), first.max(last)).parse() {
            Ok(period) => asked.period = period,
            Err(BadPeriod) => query.refuse("from", BadPeriod.to_string()),
        }
    }
    asked
}

/// The same for whoever looks: in their zone where the address names none, and of what they may see. A link names its zone.
pub(super) async fn seen_by(
    app: &AppState,
    who: &Who,
    headers: &HeaderMap,
    mut asked: report::Asked,
) -> Result<report::Asked, HttpError> {
    if who.is_guest() {
        asked.only.retain(|(it, _)| !UNTOLD.contains(it));
    } else {
        asked.zone = asked.zone.or_else(|| zone_told(headers));
    }
    let within = within(app, who.outlet()).await?;
    Ok(report::Asked { within, ..asked })
}
