//! What the list can be filtered by: a few choices in the form, and whatever a link from elsewhere brought.

use axum::http::Uri;

use super::Chosen;
use crate::domain::calling::qualification::Qualification;
use crate::domain::calling::screening::Verdict;
use crate::domain::ids::OutletId;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::period::Period;
use crate::domain::tracking::channels::Channel;
use crate::http::AppState;
use crate::http::console::overview::cards::Names;
use crate::http::console::permissions::{sees, within};
use crate::http::console::{parts, with_query};
use crate::http::error::HttpError;
use crate::http::extract::Session;
use crate::http::language::Lang;
use crate::http::report::NOT_SET;
use crate::store::{NumberFilter, Window};

/// So many numbers are offered as a choice; whoever has more types one into the search.
const NUMBERS_MAX: u32 = 200;
const TAGS_MAX: i64 = 200;

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
pub(in crate::http::console) struct Select {
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
pub(super) const FIELDS: &[&str] = &[
    "search",
    "period",
    "outcome",
    "channel",
    "outlet",
    "destination",
    "number",
    "qualification",
    "tag",
    "screening",
];

/// Names of what the reader sees alone.
pub(super) async fn selects(
    lang: Lang,
    app: &AppState,
    session: &Session,
    chosen: &Chosen,
) -> Result<Vec<Select>, HttpError> {
    let within = within(app, session.post.outlet.as_ref()).await?;
    let sees = |outlet: &OutletId| sees(within.as_ref(), outlet);
    let (t, of_calls) = (lang.texts(), lang.call_texts());
    let filter = &chosen.asked.filter;
    let only = |dimension| asked_of(chosen, dimension);
    let outcome = filter.outcome.map_or(only(Dimension::Outcome), |it| it.as_str());
    let outcomes = parts::outcomes(lang).map(|(key, word)| choice(key, word, outcome));
    let going_on = choice(NOT_SET, t.ongoing, outcome);
    let channels =
        Channel::ALL.iter().map(|it| choice(it.as_str(), lang.channel(*it), only(Dimension::Channel)));
    let destinations = app.store.list_destinations().await?;
    let destinations = destinations.iter().filter(|it| sees(&it.outlet));
    let destinations = destinations.map(|it| choice(it.id.as_str(), &it.name, only(Dimension::Destination)));
    let outlets = app.store.list_outlets().await?;
    let outlets = outlets.iter().filter(|it| sees(&it.id));
    let outlets = outlets.map(|it| choice(it.id.as_str(), &it.name, only(Dimension::Outlet)));
    let numbers = app.store.list_numbers(&NumberFilter::default(), &Window::first(NUMBERS_MAX)).await?.items;
    let number = filter.number.as_ref().map(|it| it.reveal()).unwrap_or_default();
    let numbers = numbers.iter().filter(|row| sees(&row.number.outlet));
    let numbers = numbers.map(|row| {
        let text = format!("{} · {}", parts::phone(&row.number.e164, app.config.home), row.number.label);
        choice(row.number.e164.reveal(), &text, number)
    });
    let screening = filter.screening.map(Verdict::as_str).unwrap_or_default();
    let verdicts = Verdict::ALL.iter().map(|it| choice(it.as_str(), lang.verdict(*it), screening));
    let rating = filter.qualification.map(Qualification::as_str).unwrap_or_default();
    let ratings = Qualification::ALL.iter().map(|it| choice(it.as_str(), lang.qualification(*it), rating));
    // What tags say was not written for all of the network's outlets.
    let tags = if within.is_none() { app.store.list_tag_names(TAGS_MAX).await? } else { vec![] };
    let tag = filter.tag.as_ref().map(|it| it.as_str()).unwrap_or_default();
    let tags = tags.iter().map(|it| choice(it.as_str(), it.as_str(), tag));
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

/// Whatever is asked for that the form has no field for.
pub(super) async fn chips(
    lang: Lang,
    app: &AppState,
    session: &Session,
    here: &Uri,
    chosen: &Chosen,
) -> Result<Vec<Chip>, HttpError> {
    let t = lang.texts();
    let only = chosen.asked.only.iter().filter(|(it, _)| !FIELDS.contains(&it.as_str()));
    let others: Vec<(Dimension, &String)> = only.map(|(it, label)| (*it, label)).collect();
    // What things of the rest of the network are called is not told.
    let named = others.iter().map(|(it, _)| *it).filter(|_| session.post.outlet.is_none());
    let names = Names::load(app, &named.collect::<Vec<_>>()).await?;
    let without = |name: &str| {
        let without = with_query(here, name, None);
        without.parse().map_or(without, |here| with_query(&here, "cursor", None))
    };
    let mut chips: Vec<Chip> = others
        .into_iter()
        .map(|(it, label)| Chip { text: names.only(lang, app, it, label), without: without(it.as_str()) })
        .collect();
    let fields = url::form_urlencoded::parse(here.query().unwrap_or_default().as_bytes());
    for (name, value) in fields.filter(|(_, value)| !value.is_empty()) {
        let title = match &*name {
            "caller" => t.caller,
            "contact" => t.a_contact,
            "signature" | "attestation" => t.signature,
            "rule" => t.screening,
            "from" | "until" => t.arrived,
            _ => continue,
        };
        let sign = match &*name {
            "from" => " ≥",
            "until" => " <",
            _ => lang.colon(),
        };
        chips.push(Chip { text: format!("{title}{sign} {value}"), without: without(&name) });
    }
    Ok(chips)
}
