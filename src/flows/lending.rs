//! Which number each visit sees, for many visits at once: the one it has, else
//! a new one, else that of a visit like it, else what stands for its channel.

use std::collections::{BTreeMap, HashSet};

use crate::domain::ids::{LeaseId, PoolId, VisitId, VisitorId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::domain::tracking::guard::Refusal;
use crate::domain::tracking::offer::Offer;
use crate::domain::tracking::sharing::Likeness;
use crate::domain::tracking::swap::{Lack, Rule, Swap};
use crate::store::lending::Claim;
use crate::store::{StoreError, Tx};

/// A visit that is shown numbers.
pub(super) struct Guest<'a> {
    pub at: Timestamp,
    pub offer: &'a Offer,
    pub visit: VisitId,
    pub visitor: VisitorId,
    pub past: Past,
    pub likeness: Likeness,
    /// Why no new number is to be lent to it.
    pub refused: Option<Refusal>,
    /// A fresh key for each pool.
    pub leases: &'a [LeaseId],
}

/// Whether the guest may have a number already.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Past {
    /// Was never here.
    None,
    /// Was here in another visit.
    Visitor,
    /// Opened or looked at other pages of this visit.
    Visit,
}

/// What a guest asks of a pool, and what it is given.
struct Asked<'a> {
    place: usize,
    guest: &'a Guest<'a>,
    target: &'a Phone,
    claim: Claim<'a>,
    given: Option<(Phone, Rule)>,
}

/// What each guest sees, in their order.
pub(super) async fn lend(tx: &mut Tx, guests: &[Guest<'_>]) -> Result<Vec<Vec<Swap>>, StoreError> {
    let mut shown: Vec<Vec<Swap>> = guests.iter().map(|_| Vec::new()).collect();
    let mut rest: Vec<usize> = (0..guests.len()).collect();
    while !rest.is_empty() {
        // Two pages of one visitor: the second has what the first was lent.
        let mut visitors = HashSet::new();
        let (round, later): (Vec<usize>, Vec<usize>) =
            rest.into_iter().partition(|&at| visitors.insert(guests[at].visitor));
        let mut asked: Vec<Asked<'_>> = round.iter().flat_map(|&at| ask(at, &guests[at])).collect();
        renew(tx, &mut asked).await?;
        lend_rested(tx, &mut asked).await?;
        share(tx, &mut asked).await?;

        for asked in asked {
            shown[asked.place].push(settle(tx, asked).await?);
        }
        rest = later;
    }
    for (shown, guest) in shown.iter_mut().zip(guests) {
        shown.extend(guest.offer.beside_pools(guest.likeness.channel));
    }
    Ok(shown)
}

fn ask<'a>(place: usize, guest: &'a Guest<'a>) -> impl Iterator<Item = Asked<'a>> {
    guest.offer.pools.iter().zip(guest.leases).map(move |(pool, &lease)| Asked {
        place,
        guest,
        target: &pool.target,
        claim: Claim {
            pool: &pool.id,
            policy: pool.policy,
            lease,
            visit: guest.visit,
            visitor: guest.visitor,
            at: guest.at,
        },
        given: None,
    })
}

/// The number that the visit has, else the one that its visitor had.
async fn renew(tx: &mut Tx, asked: &mut [Asked<'_>]) -> Result<(), StoreError> {
    let (mut going_on, mut claims) = (Vec::new(), Vec::new());
    for asked in asked.iter_mut().filter(|asked| asked.guest.past == Past::Visit) {
        claims.push(asked.claim);
        going_on.push(asked);
    }
    for (asked, number) in going_on.into_iter().zip(tx.renew_numbers(&claims).await?) {
        asked.given = number.map(|number| (number, Rule::Renewed));
    }
    for asked in asked.iter_mut().filter(|asked| asked.given.is_none() && asked.guest.past != Past::None) {
        asked.given = tx.claim_own(&asked.claim).await?.map(|number| (number, Rule::Renewed));
    }
    Ok(())
}

/// The numbers of each pool that have rested longest.
async fn lend_rested(tx: &mut Tx, asked: &mut [Asked<'_>]) -> Result<(), StoreError> {
    let mut pools: BTreeMap<&PoolId, Vec<&mut Asked<'_>>> = BTreeMap::new();
    for asked in asked.iter_mut().filter(|asked| asked.given.is_none() && asked.guest.refused.is_none()) {
        pools.entry(asked.claim.pool).or_default().push(asked);
    }
    for (pool, askers) in pools {
        let claims: Vec<&Claim<'_>> = askers.iter().map(|asked| &asked.claim).collect();
        let numbers = tx.claim_rested(pool, &claims).await?;
        for (asked, number) in askers.into_iter().zip(numbers) {
            asked.given = Some((number, Rule::Lease));
        }
    }
    Ok(())
}

async fn share(tx: &mut Tx, asked: &mut [Asked<'_>]) -> Result<(), StoreError> {
    for asked in asked.iter_mut().filter(|asked| asked.given.is_none() && asked.guest.refused.is_none()) {
        let number = tx.share_number(&asked.claim, &asked.guest.likeness).await?;
        asked.given = number.map(|number| (number, Rule::Shared));
    }
    Ok(())
}

/// What the guest sees of this pool; a lack is written down.
async fn settle(tx: &mut Tx, asked: Asked<'_>) -> Result<Swap, StoreError> {
    let Asked { guest, target, claim, given, .. } = asked;
    if let Some((number, rule)) = given {
        return Ok(Swap { target: target.clone(), number: Some(number), rule });
    }
    let swap = guest.offer.instead_of(target, guest.likeness.channel);
    let why = guest.refused.map_or(Lack::Exhausted, Lack::Refused);
    tx.insert_unleased(guest.visit, claim.pool, &swap, why, guest.at).await?;
    Ok(swap)
}
