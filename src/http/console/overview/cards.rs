//! Calls counted apart: a card of the most for each question, and a table of all.

use std::collections::HashMap;

use axum::http::Uri;

use super::Link;
use crate::domain::reporting::count::{Breakdown, Row};
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::sums::calls;
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::console::{parts, with_query};
use crate::http::language::Lang;
use crate::http::report::NOT_SET;
use crate::store::{NumberFilter, NumberRow, StoreError, Window};

/// A breakdown, as a card or with all its columns.
pub(super) struct Card {
    /// Where its tabs lead back to.
    pub id: &'static str,
    pub title: &'static str,
    /// What else may be shown in its place.
    pub tabs: Vec<Link>,
    pub heading: &'static str,
    pub rows: Vec<RowView>,
    /// Where all rows are, if there are more.
    pub all: Option<String>,
    pub cut: bool,
}

impl Card {
    /// Leads nowhere any more.
    pub fn lock(&mut self) {
        self.tabs.clear();
        self.all = None;
        self.rows.iter_mut().for_each(|row| row.address.clear());
    }
}

pub(super) struct RowView {
    pub label: String,
    /// The page with this filter; empty: it leads nowhere.
    pub address: String,
    pub calls: String,
    /// Between which two the true number lies; empty where it is known.
    pub range: String,
    /// In thousandths of the longest.
    pub width: u32,
    pub answered_width: u32,
    pub answered: String,
    pub missed: String,
    pub rate: String,
    pub new: String,
    pub ring: String,
    pub talk: String,
    pub leads: String,
    pub sales: String,
}

/// What the plan calls things, by id.
pub(in crate::http::console) struct Names {
    names: HashMap<(Dimension, String), String>,
}

const NUMBERS_MAX: u32 = 10_000;

impl Names {
    /// Those of these dimensions: there may be many numbers.
    pub async fn load(app: &AppState, of: &[Dimension]) -> Result<Self, StoreError> {
        let mut names = HashMap::new();
        if of.contains(&Dimension::Site) {
            let sites = app.store.list_sites().await?.into_iter();
            names.extend(sites.map(|it| ((Dimension::Site, it.id.to_string()), it.name)));
        }
        if of.contains(&Dimension::Outlet) {
            let outlets = app.store.list_outlets().await?.into_iter();
            names.extend(outlets.map(|it| ((Dimension::Outlet, it.id.to_string()), it.name)));
        }
        if of.contains(&Dimension::Destination) {
            let destinations = app.store.list_destinations().await?.into_iter();
            names.extend(destinations.map(|it| ((Dimension::Destination, it.id.to_string()), it.name)));
        }
        if of.contains(&Dimension::Number) {
            let window = Window::first(NUMBERS_MAX);
            let numbers = app.store.list_numbers(&NumberFilter::default(), &window).await?.items.into_iter();
            names.extend(numbers.map(|NumberRow { number, .. }| {
                let text = format!("{} · {}", parts::phone(&number.e164, app.config.home), number.label);
                ((Dimension::Number, number.e164.reveal().to_owned()), text)
            }));
        }
        Ok(Self { names })
    }

    /// A filter in the reader's words.
    pub fn only(&self, lang: Lang, app: &AppState, dimension: Dimension, label: &String) -> String {
        lang.only(dimension, &self.text(lang, app, dimension, Some(label).filter(|it| *it != NOT_SET)))
    }

    /// A label in the reader's words.
    pub fn text(&self, lang: Lang, app: &AppState, dimension: Dimension, label: Option<&String>) -> String {
        let t = lang.overview_texts();
        let Some(label) = label else {
            return match dimension {
                Dimension::Region => t.nowhere.to_owned(),
                Dimension::Outcome => lang.texts().ongoing.to_owned(),
                Dimension::Device => t.unknown.to_owned(),
                _ => lang.texts().not_told.to_owned(),
            };
        };
        match dimension {
            Dimension::Channel => {
                label.parse::<Channel>().map_or_else(|_| label.clone(), |it| lang.channel(it).to_owned())
            }
            Dimension::Region => lang.region(label),
            Dimension::Outcome => {
                let word = parts::outcomes(lang).find(|(key, _)| key == label);
                word.map_or_else(|| label.clone(), |(_, word)| word.to_owned())
            }
            Dimension::Device => match label.as_str() {
                "phone" => t.phone.to_owned(),
                "desk" => t.desk.to_owned(),
                _ => t.unknown.to_owned(),
            },
            Dimension::Number => {
                let known = self.names.get(&(dimension, label.clone())).cloned();
                let written =
                    || label.parse().map_or_else(|_| label.clone(), |it| parts::phone(&it, app.config.home));
                known.unwrap_or_else(written)
            }
            Dimension::LandingPage => label.strip_prefix("https://").unwrap_or(label).to_owned(),
            _ => self.names.get(&(dimension, label.clone())).unwrap_or(label).clone(),
        }
    }
}

pub(super) fn card(
    lang: Lang,
    app: &AppState,
    here: &Uri,
    names: &Names,
    (name, dimensions): (&'static str, &[Dimension]),
    breakdown: &Breakdown,
) -> Card {
    let t = lang.overview_texts();
    let title = match name {
        "origins" => t.origins,
        "pages" => t.pages,
        "places" => t.places,
        _ => t.people,
    };
    let tabs = dimensions.iter().map(|it| {
        let address = format!("{}#{name}", with_query(here, name, Some(it.as_str())));
        (address, lang.dimension(*it).to_owned(), *it == breakdown.dimension)
    });
    Card { id: name, title, tabs: tabs.collect(), ..table(lang, app, here, names, breakdown) }
}

pub(super) fn table(lang: Lang, app: &AppState, here: &Uri, names: &Names, breakdown: &Breakdown) -> Card {
    let dimension = breakdown.dimension;
    let most = breakdown.rows.iter().map(|row| row.sums.calls).max().unwrap_or_default();
    // What hardly any call came by, as figures here are written, is no row.
    let rows = breakdown.rows.iter().filter(|row| lang.calls(calls(row.sums.calls)) != "0").map(|row| {
        let label = names.text(lang, app, dimension, row.label.as_ref());
        let only = row.label.as_deref().unwrap_or(NOT_SET);
        let address = with_query(here, dimension.as_str(), Some(only));
        let address = address.parse().map_or(address, |it| with_query(&it, "all", None));
        view(lang, row, most, label, address)
    });
    Card {
        id: "all",
        title: lang.dimension(dimension),
        tabs: vec![],
        heading: lang.dimension(dimension),
        rows: rows.collect(),
        all: breakdown.cut.then(|| with_query(here, "all", Some(dimension.as_str()))),
        cut: breakdown.cut,
    }
}

fn view(lang: Lang, row: &Row, most: u64, label: String, address: String) -> RowView {
    let Row { sums, expected, .. } = row;
    let width = |calls: u64| (calls * 1_000).checked_div(most).unwrap_or_default() as u32;
    let figure = |millionths| lang.figure(calls(millionths));
    let span = |ms: Option<f64>| {
        ms.map_or_else(String::new, |ms| lang.span(std::time::Duration::from_millis(ms.round() as u64)))
    };
    let certain = (expected.to - expected.from) < 0.5;
    RowView {
        label,
        address,
        calls: figure(sums.calls),
        range: if certain {
            String::new()
        } else {
            format!("{}–{}", lang.figure(expected.from), lang.figure(expected.to))
        },
        width: width(sums.calls),
        answered_width: width(sums.answered),
        answered: figure(sums.answered),
        missed: figure(sums.missed),
        rate: sums.answered_rate().map_or_else(String::new, |rate| lang.percent(rate)),
        new: figure(sums.new),
        ring: span(sums.mean_ring_ms()),
        talk: span(sums.mean_talk_ms()),
        leads: figure(sums.leads),
        sales: figure(sums.sales),
    }
}
