//! What a reader asks of the list of calls, read from an address the same way for the API and the console.
//!
//! Filters have the names that they have in reports, so the calls behind a row of a report are one address away.

use std::collections::BTreeSet;

use utoipa::IntoParams;
use uuid::Uuid;

use super::AppState;
use super::error::{BadField, HttpError};
use super::extract::{FromQuery, QueryReader};
use super::report::{NOT_SET, meant};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::search::Sought;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::tracking::channels::Channel;
use crate::flows::CallSearch;
use crate::store::CallFilter;

/// Which calls; each condition given must hold. `(not set)` asks for calls of which nothing is said.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[allow(dead_code, reason = "describes what CallsAsked reads")]
pub struct CallFilters {
    /// A telephone number in any spelling, or at least the last four digits of the caller's; or words, each of which
    /// stands in a note of the call or in the caller's name.
    #[param(example = "12 34")]
    search: Option<String>,
    /// How the call ended: `answered`, `missed`, `busy`, `abandoned`, `voicemail`, `blocked`, `failed`; `(not set)`: it goes on.
    outcome: Option<String>,
    /// The dialled number, E.164.
    number: Option<String>,
    /// The caller's number, E.164.
    caller: Option<String>,
    /// The channel of the call's most likely origin, as GA4 names it. So are all filters of where it came from.
    #[param(example = "Paid Search")]
    channel: Option<String>,
    source: Option<String>,
    medium: Option<String>,
    campaign: Option<String>,
    term: Option<String>,
    /// Without its query.
    landing_page: Option<String>,
    /// `phone` or `desk`.
    device: Option<String>,
    site: Option<String>,
    /// With all outlets below it.
    outlet: Option<String>,
    /// The destination's name in the plan.
    destination: Option<String>,
    /// Where the caller's number is at home: a country, or a zone of French numbers (`FR-4`).
    region: Option<String>,
    /// Arrived at or after this time.
    #[param(format = DateTime)]
    from: Option<String>,
    /// Arrived before this time.
    #[param(format = DateTime)]
    until: Option<String>,
    /// The contact who called.
    contact: Option<Uuid>,
    /// What screening said of it: `allowed`, `marked` or `refused`.
    screening: Option<String>,
    /// The rule that applied, for instance `block_list`, `rate`, `identity_failed`.
    rule: Option<String>,
    /// Its signature (STIR/SHAKEN): `verified`, `failed`, `absent`, `unchecked`.
    signature: Option<String>,
    /// The attestation of a verified signature: `A`, `B` or `C`.
    attestation: Option<String>,
    /// What somebody said that it was: `lead`, `not_a_lead` or `sale`.
    qualification: Option<String>,
    /// One of its tags.
    tag: Option<String>,
}

#[derive(Clone, Default, Debug)]
pub struct CallsAsked {
    pub filter: CallFilter,
    /// Labels as they stand in the address.
    pub only: Vec<(Dimension, String)>,
    pub search: Option<String>,
}

impl FromQuery for CallsAsked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let mut asked = Self { search: query.text("search"), ..Self::default() };
        if let Some(word) = query.text("outcome") {
            match word.parse() {
                // Reports do not count the one, and not all of the other.
                Ok(outcome @ (Outcome::Blocked | Outcome::Failed)) => asked.filter.outcome = Some(outcome),
                Err(unknown) if word != NOT_SET => query.refuse("outcome", unknown.to_string()),
                _ => asked.only.push((Dimension::Outcome, word)),
            }
        }
        // Of these there are few calls each, and an index.
        asked.filter.number = query.phone("number");
        asked.filter.caller = query.phone("caller");
        for dimension in Dimension::ALL {
            if matches!(dimension, Dimension::Outcome | Dimension::Number) {
                continue;
            }
            let Some(label) = query.text(dimension.as_str()) else { continue };
            if dimension == Dimension::Channel
                && label != NOT_SET
                && let Err(unknown) = label.parse::<Channel>()
            {
                query.refuse("channel", unknown.to_string());
            }
            asked.only.push((dimension, label));
        }
        asked.filter = CallFilter {
            from: query.time("from"),
            until: query.time("until"),
            contact: query.id("contact"),
            screening: query.value("screening"),
            rule: query.value("rule"),
            signature: query.value("signature"),
            attestation: query.value("attestation"),
            qualification: query.value("qualification"),
            tag: query.value("tag"),
            ..asked.filter
        };
        asked
    }
}

/// What of calls somebody may be told.
#[derive(Clone, Debug)]
pub struct Reader {
    /// Calls of these outlets alone; `None`: all.
    pub within: Option<BTreeSet<Option<String>>>,
    /// Whether they are told who people are, and may look for them by their names.
    pub sees_people: bool,
    /// Whether they are told what a caller may be worth.
    pub sees_worth: bool,
}

impl Reader {
    /// A program, whose key says what it may.
    pub const PROGRAM: Reader = Reader { within: None, sees_people: true, sees_worth: true };
}

impl CallsAsked {
    /// What to look for.
    ///
    /// # Errors
    ///
    /// Nothing can be looked for by the text of `search`.
    pub async fn meant(self, app: &AppState, reader: &Reader) -> Result<CallSearch, HttpError> {
        let Self { mut filter, only, search } = self;
        if let Some(text) = search {
            let sought = Sought::parse(&text, app.config.home, reader.sees_people);
            let sought = sought
                .map_err(|nothing| HttpError::Invalid(vec![BadField::new("search", nothing.to_string())]))?;
            match sought {
                // Nobody calls from a number of ours.
                Sought::Number(number)
                    if filter.number.is_none() && app.store.find_number(&number).await?.is_some() =>
                {
                    filter.number = Some(number);
                }
                other => filter.sought = Some(other),
            }
        }
        let of_outlets = only.iter().any(|(it, _)| *it == Dimension::Outlet);
        let outlets = if of_outlets { app.store.list_outlets().await? } else { vec![] };
        let only = only.into_iter().map(|(it, label)| {
            let labels: BTreeSet<Option<String>> = meant(it, &label, &outlets);
            (it, labels)
        });
        let within = reader.within.iter().map(|outlets| (Dimension::Outlet, outlets.clone()));
        let mut only: Vec<_> = only.chain(within).collect();
        // Beside filters of the reports a number is one of them: a busy one has too many calls to look through.
        if !only.is_empty()
            && let Some(number) = filter.number.take()
        {
            only.push((Dimension::Number, BTreeSet::from([Some(number.reveal().to_owned())])));
        }
        Ok(CallSearch { filter, only })
    }
}
