//! A plan is applied: the database becomes what the plan says, or stays as it is.

use std::collections::BTreeSet;
use std::time::Duration;

use super::error::FlowError;
use crate::clock::Clock;
use crate::domain::phone::Phone;
use crate::domain::plan::diff::{Action, Thing};
use crate::domain::plan::orphan::Tie;
use crate::domain::plan::{Change, Orphan, Plan, PlannedNumber, diff};
use crate::domain::time::Timestamp;
use crate::domain::tracking::number::{NumberKind, TrackingNumber};
use crate::store::revisions::{ROUTES, SCREENING};
use crate::store::{Store, StoreError, Tx};

#[derive(Clone, Debug, thiserror::Error)]
pub enum PlanError {
    /// The plan takes numbers away that people may still call. Wait until
    /// they are free, or insist.
    #[error("{} numbers that the plan removes or moves may still be called", orphans.len())]
    Orphans { orphans: Vec<Orphan> },
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// How the database differs from a plan.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Comparison {
    pub changes: Vec<Change>,
    /// The numbers that only `force` takes away.
    pub orphans: Vec<Orphan>,
}

/// What applying the plan would change now.
pub async fn plan_compared(store: &Store, clock: &Clock, wanted: &Plan) -> Result<Comparison, FlowError> {
    let now = clock.now();
    let wanted = wanted.clone();
    let compared = store.write(move |tx| {
        let wanted = wanted.clone();
        Box::pin(async move { compare(tx, &wanted, now).await })
    });
    Ok(compared.await?)
}

/// Applies the plan in one transaction and tells what it changed. Applied
/// again it changes nothing.
///
/// What vanishes from the plan is taken out of service and keeps its history.
/// Without `force` a number that people may still call stays where it is and
/// nothing is applied.
pub async fn plan_applied(
    store: &Store,
    clock: &Clock,
    wanted: &Plan,
    force: bool,
) -> Result<Vec<Change>, PlanError> {
    let now = clock.now();
    let wanted = wanted.clone();
    let outcome = store.write(move |tx| {
        let wanted = wanted.clone();
        Box::pin(async move { apply(tx, &wanted, force, now).await })
    });
    outcome.await?.map_err(|orphans| PlanError::Orphans { orphans })
}

/// The numbers that stand in the way, or the changes that were made.
pub(super) async fn apply(
    tx: &mut Tx,
    wanted: &Plan,
    force: bool,
    now: Timestamp,
) -> Result<Result<Vec<Change>, Vec<Orphan>>, StoreError> {
    // Nobody else changes the plan between the comparison and the end.
    tx.lock_revision(ROUTES).await?;
    let Comparison { changes, orphans } = compare(tx, wanted, now).await?;
    if changes.is_empty() {
        return Ok(Ok(changes));
    }
    if !force && !orphans.is_empty() {
        return Ok(Err(orphans));
    }
    retire(tx, &changes, now).await?;
    save(tx, wanted, &changes, now).await?;
    tx.bump_revision(ROUTES).await?;
    tx.bump_revision(SCREENING).await?;
    Ok(Ok(changes))
}

pub(super) async fn compare(tx: &mut Tx, wanted: &Plan, now: Timestamp) -> Result<Comparison, StoreError> {
    let changes = diff(&current(tx).await?, wanted);
    let mut orphans = Vec::new();
    for number in changes.iter().filter_map(Change::orphans) {
        let row = tx.find_numbers(&[number]).await?.pop();
        // A number that ages has been on nobody's page.
        let lent_until =
            |row: &crate::store::NumberRow| row.lease.map_or(Timestamp::default(), |_| row.free_at);
        let tie = row.and_then(|row| Tie::of(&row.number.kind, lent_until(&row), now));
        orphans.extend(tie.map(|tie| Orphan { number: number.clone(), tie }));
    }
    Ok(Comparison { changes, orphans })
}

/// Takes out of service what goes. Pools that change go for a moment too:
/// two of them may exchange their targets, which no two may share.
async fn retire(tx: &mut Tx, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
    for change in changes {
        let goes = change.action == Action::Remove;
        match &change.thing {
            Thing::Pool(id) if change.action != Action::Create => tx.retire_pool(id).await?,
            Thing::Number(e164) if goes => tx.retire_number(e164, now).await?,
            Thing::Site(id) if goes => tx.retire_site(id).await?,
            Thing::Destination(id) if goes => tx.retire_destination(id).await?,
            Thing::Outlet(id) if goes => tx.retire_outlet(id).await?,
            Thing::Block(id) if goes => tx.delete_block(id).await?,
            Thing::Purpose(id) if goes => tx.retire_purpose(id).await?,
            Thing::Controller(id) if goes => tx.retire_controller(id).await?,
            Thing::Field(id) if goes => tx.retire_contact_field(id).await?,
            Thing::System(id) if goes => tx.retire_system(id).await?,
            Thing::Cap(id) if goes => tx.delete_cap(id).await?,
            Thing::Retention(kind) if goes => tx.delete_retention(*kind).await?,
            Thing::Scenario(id) if goes => tx.delete_scenario(id).await?,
            Thing::Webhook(id) if goes => tx.delete_webhook(id).await?,
            _ => {}
        }
    }
    Ok(())
}

/// Saves what is new or different, in an order in which whatever is pointed
/// at is there before.
async fn save(tx: &mut Tx, wanted: &Plan, changes: &[Change], now: Timestamp) -> Result<(), StoreError> {
    let saved = changes.iter().filter(|change| change.action != Action::Remove);
    let created: BTreeSet<&Phone> = changes
        .iter()
        .filter_map(|change| match &change.thing {
            Thing::Number(e164) if change.action == Action::Create => Some(e164),
            _ => None,
        })
        .collect();
    let things: BTreeSet<&Thing> = saved.map(|change| &change.thing).collect();
    for outlet in wanted.outlets.iter().filter(|outlet| things.contains(&Thing::Outlet(outlet.id.clone()))) {
        tx.save_outlet(outlet).await?;
    }
    for site in wanted.sites.iter().filter(|site| things.contains(&Thing::Site(site.id.clone()))) {
        tx.save_site(site).await?;
    }
    for destination in &wanted.destinations {
        if things.contains(&Thing::Destination(destination.id.clone())) {
            tx.save_destination(destination).await?;
        }
    }
    for pool in wanted.pools.iter().filter(|pool| things.contains(&Thing::Pool(pool.id.clone()))) {
        tx.save_pool(pool).await?;
    }
    for number in wanted.numbers.iter().filter(|n| things.contains(&Thing::Number(n.e164.clone()))) {
        tx.save_number(&in_service(number, now)).await?;
        let is_new = created.contains(&number.e164);
        if let Some(ageing) = ageing_of(wanted, number).filter(|ageing| is_new && !ageing.is_zero()) {
            tx.age_number(&number.e164, now + ageing).await?;
        }
    }
    for block in wanted.blocks.iter().filter(|block| things.contains(&Thing::Block(block.id.clone()))) {
        tx.save_planned_block(block, now).await?;
    }
    if things.contains(&Thing::Screening) {
        tx.save_screening_settings(&wanted.screening).await?;
    }
    for purpose in wanted.purposes.iter().filter(|it| things.contains(&Thing::Purpose(it.id.clone()))) {
        tx.save_purpose(purpose).await?;
    }
    for controller in
        wanted.controllers.iter().filter(|it| things.contains(&Thing::Controller(it.id.clone())))
    {
        tx.save_controller(controller).await?;
    }
    for field in wanted.contact_fields.iter().filter(|it| things.contains(&Thing::Field(it.id.clone()))) {
        tx.save_contact_field(field).await?;
    }
    for system in wanted.systems.iter().filter(|it| things.contains(&Thing::System(it.id.clone()))) {
        tx.save_system(system).await?;
    }
    for cap in wanted.caps.iter().filter(|cap| things.contains(&Thing::Cap(cap.id.clone()))) {
        tx.save_cap(cap).await?;
    }
    if things.contains(&Thing::Contactability) {
        tx.save_contactability(&wanted.contactability).await?;
    }
    for policy in wanted.retention.iter().filter(|policy| things.contains(&Thing::Retention(policy.kind))) {
        tx.save_retention(policy, now).await?;
    }
    if things.contains(&Thing::Rfm) {
        tx.save_rfm_settings(&wanted.rfm).await?;
    }
    for it in wanted.scenarios.iter().filter(|it| things.contains(&Thing::Scenario(it.id.clone()))) {
        tx.save_scenario(it, now).await?;
    }
    for it in wanted.webhooks.iter().filter(|it| things.contains(&Thing::Webhook(it.id.clone()))) {
        tx.save_webhook(it).await?;
    }
    Ok(())
}

fn ageing_of(plan: &Plan, number: &PlannedNumber) -> Option<Duration> {
    let NumberKind::Pooled(id) = &number.kind else { return None };
    plan.pools.iter().find(|pool| pool.id == *id).map(|pool| pool.ageing)
}

fn in_service(number: &PlannedNumber, now: Timestamp) -> TrackingNumber {
    TrackingNumber {
        e164: number.e164.clone(),
        outlet: number.outlet.clone(),
        destination: number.destination.clone(),
        label: number.label.clone(),
        calls_at_once: number.calls_at_once,
        recording: number.recording.clone(),
        kind: number.kind.clone(),
        in_service: true,
        created_at: now,
    }
}

/// The plan that the database stands at.
pub(super) async fn load(store: &Store) -> Result<Plan, StoreError> {
    store.write(|tx| Box::pin(current(tx))).await
}

pub(super) async fn current(tx: &mut Tx) -> Result<Plan, StoreError> {
    let planned = |row: crate::store::NumberRow| PlannedNumber {
        e164: row.number.e164,
        outlet: row.number.outlet,
        destination: row.number.destination,
        label: row.number.label,
        calls_at_once: row.number.calls_at_once,
        recording: row.number.recording,
        kind: row.number.kind,
    };
    Ok(Plan {
        outlets: tx.list_outlets().await?,
        sites: tx.list_sites().await?,
        destinations: tx.list_destinations().await?,
        pools: tx.list_pools().await?,
        numbers: tx.list_numbers().await?.into_iter().map(planned).collect(),
        blocks: tx.list_planned_blocks().await?,
        screening: tx.find_screening_settings().await?,
        purposes: tx.list_purposes().await?,
        controllers: tx.list_controllers().await?,
        contact_fields: tx.list_contact_fields().await?,
        systems: tx.list_systems().await?,
        contactability: tx.find_contactability().await?,
        caps: tx.list_caps().await?,
        retention: tx.list_retention().await?.into_iter().map(|kept| kept.policy).collect(),
        rfm: tx.find_rfm_settings().await?,
        scenarios: tx.list_scenarios().await?,
        webhooks: tx.list_webhooks().await?,
    })
}
