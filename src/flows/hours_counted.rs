//! Hours in which something has changed are counted anew, from their rows, and every node reads on.

use std::collections::HashMap;
use std::sync::Arc;

use indexmap::IndexSet;

use crate::domain::calling::outcome::Outcome;
use crate::domain::ids::CallId;
use crate::domain::money::Currency;
use crate::domain::reporting::facts::{
    CallFact, HOUR_MS, HourFacts, Origin, Place, caller_key, millionths, page_of,
};
use crate::domain::reporting::region::{LIKELY, region_of};
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;
use crate::store::reports::hours::{RawCall, RawShare, RawWorth};
use crate::store::{Store, StoreError, Tx};

/// How many hours are looked for at once.
pub const AT_ONCE: usize = 12;
/// How many calls of an hour are read at once, so that a busy one takes no memory by its rows.
const READ_AT_ONCE: i64 = 500;

/// Counts the latest hours that are marked; tells how many, none when all are counted.
///
/// An hour is read after its marks, and written with the deletion of these: what changes meanwhile has a mark
/// of its own, and the hour is counted again.
pub async fn hours_counted(store: &Store) -> Result<usize, StoreError> {
    let hours = store.list_hours_to_count(AT_ONCE as i64).await?;
    let marked = hours.len();
    for (hour, marks) in hours {
        let facts = store.read(|tx| Box::pin(facts_of_hour(tx, hour))).await?;
        let read = Arc::new((marks, facts));
        store
            .write(move |tx| {
                let read = Arc::clone(&read);
                Box::pin(async move { tx.save_call_hour(hour, &read.0, &read.1).await })
            })
            .await?;
    }
    Ok(marked)
}

/// What the rows of an hour say of its calls.
pub async fn facts_of_hour(tx: &mut Tx, hour: i64) -> Result<HourFacts, StoreError> {
    let (mut told, mut after) = (Facts::default(), None);
    loop {
        let calls = tx.list_raw_calls(hour, after, READ_AT_ONCE).await?;
        let ids: Vec<CallId> = calls.iter().map(|call| call.id).collect();
        let (shares, worths) = (tx.list_raw_shares(&ids).await?, tx.list_raw_worths(&ids).await?);
        after = calls.last().map(|call| (call.arrived_at, call.id));
        let ends = (calls.len() as i64) < READ_AT_ONCE;
        told.add(hour, calls, shares, worths);
        if ends {
            return Ok(told.close());
        }
    }
}

/// What is told of an hour so far.
#[derive(Default)]
struct Facts {
    origins: IndexSet<Origin>,
    places: IndexSet<Place>,
    regions: IndexSet<String>,
    calls: Vec<CallFact>,
}

impl Facts {
    fn add(&mut self, hour: i64, calls: Vec<RawCall>, shares: Vec<RawShare>, worths: Vec<RawWorth>) {
        let mut shares_of: HashMap<CallId, Vec<RawShare>> = HashMap::new();
        for share in shares {
            shares_of.entry(share.call).or_default().push(share);
        }
        let mut worth_of: HashMap<CallId, Vec<(Currency, i64)>> = HashMap::new();
        for RawWorth { call, currency, minor } in worths {
            worth_of.entry(call).or_default().push((currency, minor));
        }
        for call in calls {
            // Calls to numbers that are not ours came from nowhere, and are not counted.
            let Some(mut shares) = shares_of.remove(&call.id) else { continue };
            shares.sort_by_key(|share| share.rank);
            let weights = millionths(&shares.iter().map(|share| share.probability).collect::<Vec<_>>());
            let region = region(&call, shares.first());
            let shares = shares.into_iter().map(|share| self.origins.insert_full(origin(share)).0 as u32);
            let shares = shares.zip(weights).collect();
            let answered = (call.outcome == Some(Outcome::Answered)).then_some(call.answered_at).flatten();
            self.calls.push(CallFact {
                at_ms: (call.arrived_at.as_ms() - hour * HOUR_MS) as u32,
                region: region.map(|it| self.regions.insert_full(it).0 as u32),
                caller: call.caller.as_ref().map(caller_key),
                is_new: call.is_new && call.caller.is_some(),
                outcome: call.outcome,
                ring_ms: span(Some(call.arrived_at), answered),
                talk_ms: span(answered, call.ended_at),
                qualification: call.qualification,
                shares,
                worth: worth_of.remove(&call.id).unwrap_or_default(),
                place: self.places.insert_full(place(call)).0 as u32,
            });
        }
    }

    fn close(self) -> HourFacts {
        HourFacts {
            origins: self.origins.into_iter().collect(),
            places: self.places.into_iter().collect(),
            regions: self.regions.into_iter().collect(),
            calls: self.calls,
        }
    }
}

/// In milliseconds; none where either is not known.
fn span(from: Option<Timestamp>, until: Option<Timestamp>) -> u32 {
    let known = from.zip(until);
    known.map_or(0, |(from, until)| u32::try_from(until.since(from).as_millis()).unwrap_or(u32::MAX))
}

/// Where a call came from, as its number tells, or the likeliest of what it came by.
pub(super) fn region(call: &RawCall, likeliest: Option<&RawShare>) -> Option<String> {
    let visit = likeliest.filter(|it| it.probability >= LIKELY).and_then(|it| it.region.as_deref());
    region_of(call.caller.as_ref(), visit)
}

pub(super) fn origin(share: RawShare) -> Origin {
    Origin {
        channel: share.channel.parse().unwrap_or(Channel::Unassigned),
        source: share.source,
        medium: share.medium,
        campaign: share.campaign.filter(|text| !text.is_empty()),
        term: share.term.filter(|text| !text.is_empty()),
        landing_page: share.landing_page.as_deref().and_then(page_of),
        device: share.device.filter(|text| !text.is_empty()),
    }
}

pub(super) fn place(call: RawCall) -> Place {
    Place { number: call.number, destination: call.destination, outlet: call.outlet, site: call.site }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_that_hardly_made_the_call_does_not_tell_where_it_came_from() {
        let call = |caller: Option<&str>| RawCall {
            id: CallId(uuid::Uuid::from_u128(1)),
            number: "+33199001000".into(),
            destination: None,
            outlet: None,
            site: None,
            caller: caller.map(|it| it.parse().unwrap()),
            is_new: true,
            outcome: None,
            arrived_at: Timestamp::from_ms(0),
            answered_at: None,
            ended_at: None,
            qualification: None,
        };
        let visit = |probability| RawShare {
            call: CallId(uuid::Uuid::from_u128(1)),
            rank: 0,
            probability,
            channel: "Email".into(),
            source: String::new(),
            medium: String::new(),
            campaign: None,
            term: None,
            landing_page: None,
            device: None,
            region: Some("FR-4".into()),
        };
        let mobile = call(Some("+33612345678"));

        assert_eq!(region(&mobile, Some(&visit(LIKELY))).as_deref(), Some("FR-4"));
        assert_eq!(region(&mobile, Some(&visit(0.49))).as_deref(), Some("FR"));
        assert_eq!(region(&call(None), Some(&visit(0.49))), None);
        assert_eq!(region(&mobile, None).as_deref(), Some("FR"));
    }
}
