//! What data of people is used for, and who answers for it: both are declared in
//! the plan, and each line of the consent ledger names one of each.

use super::consent::Channel;
use crate::domain::calling::outcome::words;
use crate::domain::ids::{ControllerId, PurposeId};

/// A purpose (RGPD art. 5(1) b), in the words that people are shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Purpose {
    pub id: PurposeId,
    pub kind: Kind,
    pub name_en: String,
    pub name_fr: String,
    /// By what it is pursued, in the order of [`Channel`]: what people are asked about.
    pub channels: Vec<Channel>,
}

/// What reaching somebody for it is, before the law.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Kind {
    /// To offer something.
    #[default]
    Prospecting,
    /// To do what was asked for: an order, an appointment, an answer.
    Service,
}

words! { Kind:
    Prospecting = "prospecting",
    Service = "service",
}

impl Kind {
    /// What who names another is told.
    pub const WORDS: &'static str = "prospecting or service";
}

/// A controller (RGPD art. 4(7)), and what art. 13(1) a has people told of it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Controller {
    pub id: ControllerId,
    pub name: String,
    /// Where letters reach it.
    pub address: String,
    /// Where questions and objections go.
    pub email: String,
    /// The page that tells what it does with data.
    pub policy_url: Option<String>,
}
