//! Calls by whatever reports tell them apart by, and by what stands in their rows.
//!
//! ```text
//!   nothing of reports asked ──► rows alone
//!   a row asked for that an index finds (a caller, a tag …) ──► those rows, sifted
//!   else ──► moments in memory, and hours that memory does not know yet ──► their rows, sifted
//! ```
//!
//! Memory only says where to look: what a call is, its rows say now.

use std::collections::{HashMap, HashSet};

use futures_util::future::try_join_all;

use super::hours_counted::{origin, place, region};
use super::reports_read::{ReportError, Reports};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::record::CallRecord;
use crate::domain::calling::screening::Verdict;
use crate::domain::ids::CallId;
use crate::domain::reporting::dimension::Dimension;
use crate::domain::reporting::facts::HOUR_MS;
use crate::domain::reporting::finding::{Only, Wanted, is_asked};
use crate::domain::time::Timestamp;
use crate::store::page::{LIMIT_MAX, behind};
use crate::store::reports::hours::{RawCall, RawShare};
use crate::store::{CallFilter, CallRow, Page, Store, StoreError, Window};

/// How many hours may have changed since they were read into memory: each of their calls is looked at.
const FRESH_MAX: i64 = 24;
/// How often it is looked further for one page; then a page is told that may hold less than was asked for.
const ROUNDS: usize = 20;

/// Which calls: each condition given holds.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct CallSearch {
    pub filter: CallFilter,
    /// By the most likely origin.
    pub only: Only,
}

#[derive(Clone, Debug, thiserror::Error)]
pub enum FindError {
    #[error(transparent)]
    Report(#[from] ReportError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The calls, the newest first.
///
/// A filter of reports alone finds what reports count: calls to numbers of the plan that screening let in.
pub async fn calls_found(
    store: &Store,
    reports: &Reports,
    search: &CallSearch,
    window: &Window,
) -> Result<Page<CallRow>, FindError> {
    if search.only.is_empty() {
        return Ok(store.list_calls(&search.filter, window).await?);
    }
    let most = window.limit.clamp(1, LIMIT_MAX) as usize;
    let mut found: Vec<Passed> = Vec::new();
    let mut place = window.moment()?;
    for _ in 0..ROUNDS {
        let (more, next) = if is_narrow(&search.filter) {
            among_rows(store, search, place).await?
        } else {
            in_memory(store, reports, search, place, most + 1).await?
        };
        found.extend(more);
        place = next;
        if found.len() > most || place.is_none() {
            break;
        }
    }
    let mut next = place.map(|(at, id)| behind(Timestamp::from_ms(at), id));
    if found.len() > most {
        found.truncate(most);
        next = found.last().map(|last| behind(last.at, last.id));
    }
    let ids: Vec<CallId> = found.into_iter().map(|it| it.id).collect();
    let mut rows: HashMap<CallId, CallRow> =
        store.find_calls(&ids).await?.into_iter().map(|row| (row.record.id, row)).collect();
    Ok(Page { items: ids.iter().filter_map(|id| rows.remove(id)).collect(), next })
}

/// Whether rows are asked for that an index finds: few, or calls that memory does not know of.
fn is_narrow(filter: &CallFilter) -> bool {
    let seldom = filter.screening.is_some_and(|verdict| verdict != Verdict::Allowed);
    seldom
        || filter.outcome.is_some()
        || filter.number.is_some()
        || filter.caller.is_some()
        || filter.contact.is_some()
        || filter.tag.is_some()
        || filter.sought.is_some()
}

/// What rows alone tell, of calls that were found in memory.
fn fits(filter: &CallFilter, record: &CallRecord) -> bool {
    let identity = record.identity.as_ref();
    let screening = record.screening.as_ref();
    filter.screening.is_none_or(|asked| screening.is_some_and(|it| it.verdict == asked))
        && filter.rule.is_none_or(|asked| screening.is_some_and(|it| it.rule == asked))
        && filter.signature.is_none_or(|asked| identity.is_some_and(|it| it.signature == asked))
        && filter.attestation.is_none_or(|asked| identity.is_some_and(|it| it.attestation == Some(asked)))
}

type Place = Option<(i64, String)>;

/// A call that passes.
struct Passed {
    at: Timestamp,
    id: CallId,
    /// Reports count it.
    is_counted: bool,
}
type Found = (Vec<Passed>, Place);

/// The next rows, and where it is looked further.
async fn among_rows(store: &Store, search: &CallSearch, place: Place) -> Result<Found, FindError> {
    let after = place.map(|(at, id)| behind(Timestamp::from_ms(at), id));
    let page = store.list_call_places(&search.filter, &Window { after, limit: LIMIT_MAX }).await?;
    let places = page.items;
    let last = places.last().map(|(at, id)| (at.as_ms(), id.to_string()));
    Ok((sifted(store, places, search).await?, last.filter(|_| page.next.is_some())))
}

/// The next calls that memory knows of and those of the hours that it does not know as they are.
async fn in_memory(
    store: &Store,
    reports: &Reports,
    search: &CallSearch,
    place: Place,
    most: usize,
) -> Result<Found, FindError> {
    let from = search.filter.from.unwrap_or(Timestamp::from_ms(0));
    let ends = search.filter.until.unwrap_or(Timestamp::from_ms(i64::MAX / 2));
    let until = place.as_ref().map_or(ends, |(at, _)| Timestamp::from_ms(at.saturating_add(1))).min(ends);
    let fresh = loop {
        let read = reports.place(from).await?;
        let fresh = store.list_fresh_hours(read, (from, until), FRESH_MAX + 1).await?;
        if fresh.len() as i64 <= FRESH_MAX {
            break fresh;
        }
        reports.reads_on().await?;
    };
    let wanted = Wanted { only: search.only.clone(), qualification: search.filter.qualification };
    let moments = reports.find(from..until, wanted, fresh.clone(), most).await?;
    let is_full = moments.len() == most;
    let since = moments.last().copied().filter(|_| is_full).unwrap_or(from);

    let asked: Vec<i64> = moments.iter().map(|at| at.as_ms()).collect();
    let mut places = store.list_calls_at(&asked).await?;
    for hour in &fresh {
        let begin = Timestamp::from_ms(hour * HOUR_MS).max(since);
        let end = Timestamp::from_ms((hour + 1) * HOUR_MS).min(until);
        if begin < end {
            places.extend(store.list_calls_arrived(begin, end).await?);
        }
    }
    if let Some((at, id)) = &place {
        let place = (Timestamp::from_ms(*at), id.as_str());
        places.retain(|(at, id)| (*at, id.to_string().as_str()) < place);
    }
    places.sort_by_key(|(at, id)| std::cmp::Reverse((*at, *id)));
    // Whatever arrived at that moment has been looked at: no id is less than nothing.
    let next = is_full.then(|| (since.as_ms(), String::new()));
    let mut found = sifted(store, places, search).await?;
    // Reports count neither who was refused nor who rang no number of the plan; nor is it so an hour before.
    found.retain(|it| it.is_counted);
    if search.filter.screening.is_some()
        || search.filter.rule.is_some()
        || search.filter.signature.is_some()
        || search.filter.attestation.is_some()
    {
        let ids: Vec<CallId> = found.iter().map(|it| it.id).collect();
        let rows = store.find_calls(&ids).await?;
        let fitting = rows.iter().filter(|row| fits(&search.filter, &row.record)).map(|row| row.record.id);
        let fitting: HashSet<CallId> = fitting.collect();
        found.retain(|it| fitting.contains(&it.id));
    }
    Ok((found, next))
}

/// Those that pass, in their order.
async fn sifted(
    store: &Store,
    places: Vec<(Timestamp, CallId)>,
    search: &CallSearch,
) -> Result<Vec<Passed>, StoreError> {
    const AT_ONCE: usize = LIMIT_MAX as usize;
    let mut passed = HashMap::new();
    for some in places.chunks(AT_ONCE) {
        // In two halves, beside each other.
        let halves = some.chunks(AT_ONCE / 2).map(|half| {
            let ids: Vec<CallId> = half.iter().map(|(_, id)| *id).collect();
            store.read(|tx| {
                Box::pin(async move { Ok((tx.find_raw_calls(&ids).await?, tx.list_raw_shares(&ids).await?)) })
            })
        });
        for (calls, shares) in try_join_all(halves).await? {
            let mut likeliest: HashMap<CallId, RawShare> =
                shares.into_iter().filter(|it| it.rank == 0).map(|it| (it.call, it)).collect();
            passed.extend(calls.into_iter().filter_map(|call| {
                let (id, share) = (call.id, likeliest.remove(&call.id));
                let is_counted = share.is_some() && call.outcome != Some(Outcome::Blocked);
                passes(call, share, search).then_some((id, is_counted))
            }));
        }
    }
    let passed =
        places.into_iter().filter_map(|(at, id)| Some(Passed { at, id, is_counted: *passed.get(&id)? }));
    Ok(passed.collect())
}

fn passes(call: RawCall, share: Option<RawShare>, search: &CallSearch) -> bool {
    let asked = search.filter.qualification;
    if asked.is_some() && call.qualification != asked {
        return false;
    }
    let region = region(&call, share.as_ref());
    let outcome = call.outcome.map(Outcome::as_str);
    let (origin, place) = (share.map(origin), place(call));
    search.only.iter().all(|(dimension, labels)| match dimension {
        Dimension::Region => is_asked(labels, region.as_deref()),
        Dimension::Outcome => is_asked(labels, outcome),
        _ if Dimension::OF_PLACES.contains(dimension) => is_asked(labels, dimension.of_place(&place)),
        _ => origin.as_ref().is_some_and(|origin| is_asked(labels, dimension.of_origin(origin))),
    })
}
