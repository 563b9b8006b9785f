//! What was asked of journeys, as the top of their pages shows it: the same on both, so that one leads to the other.

use axum::http::{HeaderMap, Uri};
use jiff::civil::Date;

use crate::domain::reporting::dimension::{Dimension, NOT_SET};
use crate::domain::reporting::journeys::OTHER;
use crate::domain::reporting::period::BadPeriod;
use crate::flows::JourneysWanted;
use crate::http::AppState;
use crate::http::console::asked::{AskedView, seen_by};
use crate::http::console::overview::{Link, Names};
use crate::http::console::shared::Who;
use crate::http::console::with_query;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, QueryReader};
use crate::http::journeys::JourneysAsked;
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
    pub asked: AskedView,
    pub zone: String,
    /// By what visits are told apart.
    pub dimensions: Vec<Link>,
    pub look_backs: Vec<Link>,
}

/// What journeys were asked for, and how to name what they are of.
pub(in crate::http::console) struct Page {
    pub wanted: JourneysWanted,
    pub bar: Bar,
    pub dimension: Dimension,
    names: Names,
    is_guest: bool,
}

impl Page {
    /// For this reader, in their zone and their part of the network.
    pub async fn of(
        app: &AppState,
        lang: Lang,
        here: &Uri,
        headers: &HeaderMap,
        who: &Who,
        mut asked: JourneysAsked,
    ) -> Result<Self, HttpError> {
        let wanted = wanted(app, headers, who, &mut asked).await?;
        let only = &asked.asked.only;
        // What a reader does not see has no name.
        let named = if who.outlet().is_some() { vec![] } else { only.iter().map(|(it, _)| *it).collect() };
        let names = Names::load(app, &named).await?;
        let zone = asked.asked.zone.clone().unwrap_or_default();
        let look_backs = LOOK_BACKS.map(|days| {
            let address = with_query(here, "lookback_days", Some(&days.to_string()));
            (address, lang.look_back(days), days == asked.lookback_days)
        });
        let dimensions = Dimension::OF_TOUCHES.map(|it| {
            let address = with_query(here, "dimension", Some(it.as_str()));
            (address, lang.dimension(it).to_owned(), it == asked.dimension)
        });
        let bar = Bar {
            asked: AskedView::of(lang, app, who, here, &asked.asked, &(wanted.from..wanted.until), &names)
                .alone(),
            zone: zone.name().to_owned(),
            dimensions: dimensions.into(),
            look_backs: look_backs.into(),
        };
        Ok(Self { wanted, bar, dimension: asked.dimension, names, is_guest: who.is_guest() })
    }

    /// A label in the reader's words.
    pub fn text(&self, lang: Lang, app: &AppState, label: &str) -> String {
        match label {
            OTHER => lang.journey_texts().other.to_owned(),
            NOT_SET => lang.texts().not_told.to_owned(),
            _ => self.names.text(lang, app, self.dimension, Some(&label.to_owned())),
        }
    }

    /// The page with this label as a filter; `None`: it stands for many, or the reader is a guest.
    pub fn address(&self, here: &Uri, label: &str) -> Option<String> {
        (label != OTHER && !self.is_guest).then(|| with_query(here, self.dimension.as_str(), Some(label)))
    }
}

/// What this reader asked for, in their zone and their part of the network.
pub(in crate::http::console) async fn wanted(
    app: &AppState,
    headers: &HeaderMap,
    who: &Who,
    asked: &mut JourneysAsked,
) -> Result<JourneysWanted, HttpError> {
    asked.asked = seen_by(app, who, headers, asked.asked.clone()).await?;
    asked.meant(app).await
}

/// The address of the same as a file.
pub(in crate::http::console) fn as_csv(here: &Uri) -> String {
    here.to_string().replacen(here.path(), &format!("{}.csv", here.path()), 1)
}
