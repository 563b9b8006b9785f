//! What the list can be filtered by: a few choices in the form, and whatever a link from elsewhere brought.

use axum::http::Uri;

use super::{Chosen, Column};
use crate::domain::calling::qualification::Qualification;
use crate::domain::calling::screening::Verdict;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::Period;
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::console::overview::cards::Names;
use crate::http::console::{parts, with_query};
use crate::http::error::HttpError;
use crate::http::language::Lang;
use crate::http::report::NOT_SET;
use crate::store::{NumberFilter, Window};

/// So many numbers are offered as a choice; whoever has more types one into the search.
const NUMBERS_MAX: u32 = 200;

const PERIODS: [Period; 7] = [
    Period::Today,
    Period::Yesterday,
    Period::Days(7),
    Period::Days(30),
    Period::Days(90),
    Period::Month,
    Period::LastMonth,
];

/// One filter: its choices are its value, its text and whether it is chosen.
pub(super) struct Select {
    pub name: &'static str,
    pub label: &'static str,
    /// What no choice means.
    pub any: &'static str,
    pub choices: Vec<Choice>,
}

type Choice = (String, String, bool);

/// A filter that the form has no field for, and the address without it.
pub(super) struct Chip {
    pub text: String,
    pub without: String,
}

/// Filters that have a field in the form.
const FIELDS: [Dimension; 4] =
    [Dimension::Outcome, Dimension::Channel, Dimension::Destination, Dimension::Outlet];

pub(super) async fn selects(lang: Lang, app: &AppState, chosen: &Chosen) -> Result<Vec<Select>, HttpError> {
    let (t, of_calls) = (lang.texts(), lang.call_texts());
    let filter = &chosen.asked.filter;
    let only = |dimension| asked_of(chosen, dimension);
    let outcome = filter.outcome.map_or(only(Dimension::Outcome), |it| it.as_str());
    let outcomes = parts::outcomes(lang).map(|(key, word)| choice(key, word, outcome));
    let going_on = choice(NOT_SET, t.ongoing, outcome);
    let channels =
        Channel::ALL.iter().map(|it| choice(it.as_str(), lang.channel(*it), only(Dimension::Channel)));
    let destinations = app.store.list_destinations().await?;
    let destinations =
        destinations.iter().map(|it| choice(it.id.as_str(), &it.name, only(Dimension::Destination)));
    let outlets = app.store.list_outlets().await?;
    let outlets = outlets.iter().map(|it| choice(it.id.as_str(), &it.name, only(Dimension::Outlet)));
    let numbers = app.store.list_numbers(&NumberFilter::default(), &Window::first(NUMBERS_MAX)).await?.items;
    let number = filter.number.as_ref().map(|it| it.reveal()).unwrap_or_default();
    let numbers = numbers.iter().map(|row| {
        let text = format!("{} · {}", parts::phone(&row.number.e164, app.config.home), row.number.label);
        choice(row.number.e164.reveal(), &text, number)
    });
    let screening = filter.screening.map(Verdict::as_str).unwrap_or_default();
    let verdicts = Verdict::ALL.iter().map(|it| choice(it.as_str(), lang.verdict(*it), screening));
    let rating = filter.qualification.map(Qualification::as_str).unwrap_or_default();
    let ratings = Qualification::ALL.iter().map(|it| choice(it.as_str(), lang.qualification(*it), rating));
    let tags = app.store.list_tags().await?;
    let tag = filter.tag.as_ref().map(|it| it.as_str()).unwrap_or_default();
    let tags = tags.iter().map(|(it, calls)| choice(it.as_str(), &format!("{it} ({calls})"), tag));
    let period = chosen.period.map(|it| it.to_string()).unwrap_or_default();
    let periods = PERIODS.iter().copied().chain(chosen.period.filter(|it| !PERIODS.contains(it)));
    let periods = periods.map(|it| choice(&it.to_string(), &lang.period(it), &period));

    let select = |name, label, choices| Select { name, label, any: t.all, choices };
    let all = [
        Select { any: t.all_time, ..select("period", t.period, periods.collect()) },
        select("outcome", t.outcome, outcomes.chain([going_on]).collect()),
        select("channel", t.channel, channels.collect()),
        select("outlet", lang.overview_texts().outlet, outlets.collect()),
        select("destination", t.destination, destinations.collect()),
        select("number", t.number, numbers.collect()),
        select("qualification", of_calls.rating, ratings.collect()),
        select("tag", of_calls.tag, tags.collect()),
        select("screening", t.screening, verdicts.collect()),
    ];
    // Where there is nothing to choose from there is nothing to ask.
    Ok(all.into_iter().filter(|it| !it.choices.is_empty()).collect())
}

/// The label that is asked for; empty: none is.
fn asked_of(chosen: &Chosen, dimension: Dimension) -> &str {
    let asked = chosen.asked.only.iter().find(|(it, _)| *it == dimension);
    asked.map(|(_, label)| label.as_str()).unwrap_or_default()
}

fn choice(value: &str, text: &str, chosen: &str) -> Choice {
    (value.to_owned(), text.to_owned(), value == chosen)
}

/// Filters of the reports that the form has no field for.
pub(super) async fn chips(
    lang: Lang,
    app: &AppState,
    here: &Uri,
    chosen: &Chosen,
) -> Result<Vec<Chip>, HttpError> {
    let others = others(chosen);
    let dimensions: Vec<Dimension> = others.iter().map(|(it, _)| *it).collect();
    let names = Names::load(app, &dimensions).await?;
    let chips = others.into_iter().map(|(it, label)| {
        let text = names.text(lang, app, it, Some(label).filter(|it| *it != NOT_SET));
        let without = with_query(here, it.as_str(), None);
        let without = without.parse().map_or(without, |here| with_query(&here, "cursor", None));
        Chip { text: format!("{}: {text}", lang.dimension(it)), without }
    });
    Ok(chips.collect())
}

fn others(chosen: &Chosen) -> Vec<(Dimension, &String)> {
    let only = chosen.asked.only.iter().map(|(it, label)| (*it, label));
    only.filter(|(it, _)| !FIELDS.contains(it)).collect()
}

/// What the form must not forget.
pub(super) fn kept(chosen: &Chosen) -> Vec<(&'static str, String)> {
    let filter = &chosen.asked.filter;
    let person = [
        ("caller", filter.caller.as_ref().map(|it| it.reveal().to_owned())),
        ("contact", filter.contact.map(|it| it.to_string())),
    ];
    let person = person.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let others = others(chosen).into_iter().map(|(it, label)| (it.as_str(), label.clone()));
    let columns = chosen.columns.iter().filter(|_| !Column::are_unchosen(&chosen.columns));
    let columns = columns.map(|it| ("columns", it.as_str().to_owned()));
    person.chain(others).chain(columns).collect()
}
