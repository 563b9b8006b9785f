//! The plan: what an admin declares, as one whole.
//!
//! ```text
//!   text ─► Draft ─check─► Plan ─┐
//!                                ├─ diff ─► changes
//!   database ────────────► Plan ─┘
//! ```
//!
//! A plan says how things shall be, not what to do; the difference to how they
//! are says that. A [`Draft`] is what stands in the file, a [`Plan`] has been
//! checked: whatever it names, it declares.

mod check;
pub mod consent;
pub mod contactability;
mod desk;
pub mod diff;
pub mod draft;
pub mod edit;
mod handover;
mod medium;
pub mod number_table;
pub mod orphan;
mod part;
pub mod people;
pub mod problem;
pub mod range;
pub mod reading;
pub mod recording;
pub mod retention;
pub mod rfm;
pub mod ring_plan;
pub mod scenario;
pub mod screening;
mod spoken;
#[cfg(test)]
mod tests;
pub mod webhook;

use crate::domain::calling::destination::Destination;
use crate::domain::calling::recording::RecordingRule;
use crate::domain::calling::screening::block::Block;
use crate::domain::calling::screening::rules::Settings;
use crate::domain::ids::{DestinationId, OutletId};
use crate::domain::outlet::Outlet;
use crate::domain::people::field::Field;
use crate::domain::people::pressure::Cap;
use crate::domain::people::purpose::{Controller, Purpose};
use crate::domain::people::retention::Policy;
use crate::domain::people::rfm as rfm_rules;
use crate::domain::people::rules;
use crate::domain::people::scenario::Scenario;
use crate::domain::phone::Phone;
use crate::domain::tracking::number::{NumberKind, Pool};
use crate::domain::tracking::site::Site;
use crate::domain::webhook::Webhook;

pub use desk::Nearest;
pub use diff::{Change, diff};
pub use draft::Draft;
pub use orphan::Orphan;
pub use people::System;
pub use problem::Problem;

/// What is, or shall be, in service.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Plan {
    /// Every outlet stands behind its parent.
    pub outlets: Vec<Outlet>,
    pub sites: Vec<Site>,
    pub destinations: Vec<Destination>,
    pub pools: Vec<Pool>,
    pub numbers: Vec<PlannedNumber>,
    /// The entries of the block and allow lists that the plan has; others are made one by one.
    pub blocks: Vec<Block>,
    pub screening: Settings,
    /// What data of people is used for …
    pub purposes: Vec<Purpose>,
    /// … and who answers for it.
    pub controllers: Vec<Controller>,
    /// The custom fields of contacts.
    pub contact_fields: Vec<Field>,
    /// What gives people customer numbers besides the sites.
    pub systems: Vec<System>,
    /// Which rules of reaching people are asked …
    pub contactability: rules::Settings,
    /// … and how much contacts are sent at the most.
    pub caps: Vec<Cap>,
    /// How long data is kept, by kind; the others are kept.
    pub retention: Vec<Policy>,
    /// How clients are judged.
    pub rfm: rfm_rules::Settings,
    /// What gives somebody a task when it happens.
    pub scenarios: Vec<Scenario>,
    /// Whom what happens is told.
    pub webhooks: Vec<Webhook>,
}

/// A tracking number, as far as a plan decides about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PlannedNumber {
    pub e164: Phone,
    pub outlet: OutletId,
    pub destination: DestinationId,
    pub label: String,
    /// A call above this many hears busy.
    pub calls_at_once: Option<u32>,
    /// `None`: nothing is recorded.
    pub recording: Option<RecordingRule>,
    pub kind: NumberKind,
}
