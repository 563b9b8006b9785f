//! What was asked of journeys, as the top of their pages shows it: the same on both, so that one leads to the other.

use axum::http::{HeaderMap, Uri};
use jiff::civil::Date;

use crate::domain::reporting::dimension::{Dimension, NOT_SET};
use crate::domain::reporting::journeys::OTHER;
use crate::domain::reporting::period::BadPeriod;
use crate::domain::time::Timestamp;
use crate::flows::JourneysWanted;
use crate::http::AppState;
use crate::http::console::overview::{Link, Names, kept_but, periods, with_query_without, zone_told};
use crate::http::console::permissions::within;
use crate::http::console::with_query;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, QueryReader, Session};
use crate::http::journeys::{FILTERS, JourneysAsked};
use crate::http::language::Lang;

/// What a visit may count for before a call, in days; others may be written into the address.
const LOOK_BACKS: [u32; 4] = [1, 7, 30, 90];

/// Reads what both pages are asked; their days are those of a form.
pub(in crate::http::console) fn read(query: &mut QueryReader<'_>) -> JourneysAsked {
    query.text("lang");
    let days = (query.value::<Date>("from"), query.value::<Date>("to"));
    let mut asked = JourneysAsked::read(query);
    if let (Some(first), Some(last)) = days {
        match format!("{}..{}", first.min(last), first.max(last)).parse() {
            Ok(period) => asked.asked.period = period,
            Err(BadPeriod) => query.refuse("from", BadPeriod.to_string()),
        }
    }
    asked
}

pub(in crate::http::console) struct Bar {
    pub periods: Vec<Link>,
    /// The days of the period, for whoever chooses others.
    pub days: (String, String),
    /// What else was chosen, which a form must not forget.
    pub kept: Vec<(String, String)>,
    /// Each filter: what it asks, and the address without it.
    pub filters: Vec<(String, String)>,
    pub unfiltered: String,
    pub zone: String,
    /// By what visits are told apart.
    pub dimensions: Vec<Link>,
    pub look_backs: Vec<Link>,
    /// Nothing is compared.
    pub compares: Vec<Link>,
}

/// What journeys were asked for, and how to name what they are of.
pub(in crate::http::console) struct Page {
    pub wanted: JourneysWanted,
    pub bar: Bar,
    pub dimension: Dimension,
    names: Names,
}

impl Page {
    /// For this reader, in their zone and their part of the network.
    pub async fn of(
        app: &AppState,
        lang: Lang,
        here: &Uri,
        headers: &HeaderMap,
        session: &Session,
        mut asked: JourneysAsked,
    ) -> Result<Self, HttpError> {
        let wanted = wanted(app, headers, session, &mut asked).await?;
        let only = &asked.asked.only;
        // What a reader does not see has no name.
        let named =
            if session.post.outlet.is_some() { vec![] } else { only.iter().map(|(it, _)| *it).collect() };
        let names = Names::load(app, &named).await?;
        let zone = asked.asked.zone.clone().unwrap_or_default();
        let day = |at: Timestamp| zone.0.to_datetime(at.to_calendar()).date().to_string();
        let last = Timestamp::from_ms(wanted.until.as_ms() - 1);
        let filters = only.iter().map(|(it, label)| {
            let text = names.text(lang, app, *it, Some(label).filter(|it| *it != NOT_SET));
            (format!("{}: {text}", lang.dimension(*it)), with_query(here, it.as_str(), None))
        });
        let look_backs = LOOK_BACKS.map(|days| {
            let address = with_query(here, "lookback_days", Some(&days.to_string()));
            (address, lang.look_back(days), days == asked.lookback_days)
        });
        let dimensions = Dimension::OF_TOUCHES.map(|it| {
            let address = with_query(here, "dimension", Some(it.as_str()));
            (address, lang.dimension(it).to_owned(), it == asked.dimension)
        });
        let bar = Bar {
            periods: periods(lang, here, asked.asked.period),
            days: (day(wanted.from), day(last.max(wanted.from))),
            kept: kept_but(here, &["from", "to", "period"]),
            filters: filters.collect(),
            unfiltered: with_query_without(here, &FILTERS.map(Dimension::as_str)).to_string(),
            zone: zone.name().to_owned(),
            dimensions: dimensions.into(),
            look_backs: look_backs.into(),
            compares: vec![],
        };
        Ok(Self { wanted, bar, dimension: asked.dimension, names })
    }

    /// A label in the reader's words.
    pub fn text(&self, lang: Lang, app: &AppState, label: &str) -> String {
        match label {
            OTHER => lang.journey_texts().other.to_owned(),
            NOT_SET => lang.texts().not_told.to_owned(),
            _ => self.names.text(lang, app, self.dimension, Some(&label.to_owned())),
        }
    }

    /// The page with this label as a filter; `None`: it stands for many.
    pub fn address(&self, here: &Uri, label: &str) -> Option<String> {
        (label != OTHER).then(|| with_query(here, self.dimension.as_str(), Some(label)))
    }
}

/// What this reader asked for, in their zone and their part of the network.
pub(in crate::http::console) async fn wanted(
    app: &AppState,
    headers: &HeaderMap,
    session: &Session,
    asked: &mut JourneysAsked,
) -> Result<JourneysWanted, HttpError> {
    let reader = &mut asked.asked;
    reader.zone = reader.zone.take().or_else(|| zone_told(headers));
    reader.within = within(app, session.post.outlet.as_ref()).await?;
    asked.meant(app).await
}

/// The address of the same as a file.
pub(in crate::http::console) fn as_csv(here: &Uri) -> String {
    here.to_string().replacen(here.path(), &format!("{}.csv", here.path()), 1)
}
