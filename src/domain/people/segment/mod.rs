//! Segments: which contacts are meant, said in a small language of filters.
//!
//! ```text
//!   text ──parse──▶ Filter ──resolve──▶ Resolved ──▶ one condition in SQL (store/segments)
//!    ▲                │                 (what it names by segment() stands in it)
//!    └────print───────┘
//! ```
//!
//! ```text
//!   filter  =  all { "or" all }
//!   all     =  term { "and" term }
//!   term    =  "not" term  |  "(" filter ")"  |  test
//!   test    =  text ( "=" | "!=" | "^=" | "*=" ) string      ^= begins with, *= contains
//!           |  "field." id  op  value                        as the plan declares the field
//!           |  moment op ( span | day )                      a span is an age: > 365d is longer ago
//!           |  "count(" deed ")" op number [ "in" span ]     in 90d: within the last 90 days
//!           |  "spent(" currency ")" op amount [ "in" span ]
//!           |  "has(" identity [ ", verified" | ", working" ] ")"
//!           |  "consent(" channel "," purpose [ "," controller ] ")" ( "=" | "!=" ) standing
//!           |  "rfm." score  op  "1" … "5"
//!           |  "segment(" id ")"
//!   text    =  "given_name" | "family_name" | "name" | "language"
//!           |  "address." ( "postcode" | "city" | "country" )
//!           |  "source." ( "channel" | "source" | "medium" | "campaign" )  |  "rfm.class"  |  "size"
//!   score   =  "recency" | "frequency" | "monetary"
//!   moment  =  "created" | ( "first(" | "last(" ) deed ")"
//!   deed    =  kind [ string ] | "call." outcome | "call." qualification | "act"
//!   op      =  "=" | "!=" | "<" | "<=" | ">" | ">="
//!   span    =  "90d" | "48h"        day  =  "2026-11-28", in UTC
//! ```
//!
//! Each test is true or false, never unknown: what is not there equals nothing,
//! begins with nothing and is neither older nor younger than anything, so its
//! `!=` and its `not` hold. `!=` is always the negation of `=`.

mod fault;
mod lexer;
mod parser;
mod printer;
mod resolve;
mod steps;
#[cfg(test)]
mod tests;
mod words;

use jiff::civil::Date;

use super::consent::{Channel, Standing};
use super::rfm::Score;
use crate::domain::calling::outcome::{Outcome, words};
use crate::domain::calling::qualification::Qualification;
use crate::domain::ids::{ControllerId, FieldId, PurposeId, SegmentId};
use crate::domain::money::Currency;
use crate::domain::time::Timestamp;

pub use fault::{Expected, Fault, Noun, Problem};
pub use parser::parse;
pub use resolve::{Resolved, resolve};
pub use words::{KINDS, OWN_ACTS, Words};

/// A filter is a text that people read, in characters.
pub const TEXT_MAX: usize = 4_000;
/// Brackets and nots within each other.
pub const DEPTH_MAX: usize = 16;
/// Tests in a filter, with those of the segments that it names.
pub const TESTS_MAX: usize = 100;
/// Ten years: whoever looks further back asks for a day.
pub const HOURS_MAX: u32 = 24 * 3_652;

/// A segment, as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Segment {
    pub id: SegmentId,
    /// What people read.
    pub name: String,
    /// In the language of filters, as [`Filter`] prints it.
    pub filter: String,
    /// It came along with the gateway: its filter may change, and it stays.
    pub built_in: bool,
    pub changed_at: Timestamp,
}

/// Tests that are put together.
#[derive(Clone, PartialEq, Debug)]
pub enum Tree<L> {
    /// Each of two or more holds.
    All(Vec<Tree<L>>),
    /// At least one of two or more holds.
    Any(Vec<Tree<L>>),
    Not(Box<Tree<L>>),
    Leaf(L),
}

/// What was written.
pub type Filter = Tree<Leaf>;

#[derive(Clone, PartialEq, Debug)]
pub enum Leaf {
    Test(Test),
    /// Whoever is in this segment.
    Segment(SegmentId),
}

/// One thing that is asked of a contact.
#[derive(Clone, PartialEq, Debug)]
pub enum Test {
    /// Of addresses and sources, at least one does.
    Text {
        of: TextOf,
        op: TextOp,
        value: String,
    },
    Number {
        field: FieldId,
        op: Op,
        value: f64,
    },
    Flag {
        field: FieldId,
        is: bool,
        value: bool,
    },
    Day {
        field: FieldId,
        op: Op,
        day: Date,
    },
    Moment {
        of: Moment,
        is: When,
    },
    Count {
        deed: Deed,
        op: Op,
        times: u32,
        within: Option<Span>,
    },
    /// What they paid and did not get back, in minor units of the currency; who bought nothing paid 0.
    Spent {
        currency: Currency,
        op: Op,
        minor: i64,
        within: Option<Span>,
    },
    /// Of who is a client, 1 to 5.
    Score {
        of: Score,
        op: Op,
        value: u8,
    },
    Has {
        kind: IdentityKind,
        being: Option<Being>,
    },
    /// Before this controller, or at least one; no standing: nobody has said anything.
    Consent {
        channel: Channel,
        purpose: PurposeId,
        controller: Option<ControllerId>,
        is: bool,
        standing: Option<Standing>,
    },
}

/// Whose text is compared.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextOf {
    Name,
    GivenName,
    FamilyName,
    Language,
    Address(AddressPart),
    /// How one of their visits, calls or other deeds came about.
    Source(SourcePart),
    /// The class of a client, and their size.
    Class,
    Size,
    /// A field of texts or of choices.
    Field(FieldId),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AddressPart {
    Postcode,
    City,
    Country,
}

words! { AddressPart:
    Postcode = "postcode",
    City = "city",
    Country = "country",
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourcePart {
    Channel,
    Source,
    Medium,
    Campaign,
}

words! { SourcePart:
    Channel = "channel",
    Source = "source",
    Medium = "medium",
    Campaign = "campaign",
}

/// Capitals and accents count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum TextOp {
    Is,
    IsNot,
    Begins,
    Contains,
}

words! { TextOp:
    Is = "=",
    IsNot = "!=",
    Begins = "^=",
    Contains = "*=",
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    Equal,
    Unequal,
    Less,
    AtMost,
    More,
    AtLeast,
}

words! { Op:
    Equal = "=",
    Unequal = "!=",
    Less = "<",
    AtMost = "<=",
    More = ">",
    AtLeast = ">=",
}

/// A moment in the life of a contact.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Moment {
    /// When the gateway first heard of them.
    Created,
    First(Deed),
    Last(Deed),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum When {
    /// So long ago; never equal, since no moment is to the millisecond.
    Ago(Op, Span),
    /// A day in UTC.
    On(Op, Date),
}

/// Something that a contact did or received.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Deed {
    /// A kind of engagement, one of [`KINDS`]; of a form, a mailing, a custom event: which one. What was
    /// given back is no purchase.
    Kind(&'static str, Option<String>),
    Call(Outcome),
    Qualified(Qualification),
    /// Any of [`OWN_ACTS`]: what people do themselves. An e-mail that was opened is none
    /// (CNIL, reference on commercial management: when a prospect's three years begin).
    Act,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdentityKind {
    Phone,
    Email,
    Customer,
    Visitor,
}

/// What is asked of an identity besides that it is there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Being {
    /// Somebody vouches that it is theirs.
    Verified,
    /// No mail to it has come back for good.
    Working,
}

words! { Being:
    Verified = "verified",
    Working = "working",
}

words! { IdentityKind:
    Phone = "phone",
    Email = "email",
    Customer = "customer",
    Visitor = "visitor",
}

/// Hours, as many as [`HOURS_MAX`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Span {
    pub hours: u32,
}

impl Span {
    pub fn before(self, now: Timestamp) -> Timestamp {
        now - std::time::Duration::from_secs(u64::from(self.hours) * 3_600)
    }
}

/// Moments from `from` until just before `until`.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Range {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl When {
    /// The moments that it means, and whether those or all others.
    pub fn range(self, now: Timestamp) -> (Range, bool) {
        let just_after = |at: Timestamp| Timestamp::from_ms(at.as_ms() + 1);
        let (op, first, next) = match self {
            // What is longer ago comes earlier.
            Self::Ago(op, span) => {
                let at = span.before(now);
                let turned = match op {
                    Op::Less => Op::More,
                    Op::AtMost => Op::AtLeast,
                    Op::More => Op::Less,
                    Op::AtLeast => Op::AtMost,
                    Op::Equal | Op::Unequal => op,
                };
                (turned, at, just_after(at))
            }
            Self::On(op, day) => (op, midnight(day), midnight(day.saturating_add(jiff::Span::new().days(1)))),
        };
        let range = match op {
            Op::Equal | Op::Unequal => Range { from: Some(first), until: Some(next) },
            Op::Less => Range { from: None, until: Some(first) },
            Op::AtMost => Range { from: None, until: Some(next) },
            Op::More => Range { from: Some(next), until: None },
            Op::AtLeast => Range { from: Some(first), until: None },
        };
        (range, op != Op::Unequal)
    }
}

/// When a day begins, in UTC.
fn midnight(day: Date) -> Timestamp {
    let days = day.duration_since(jiff::civil::date(1970, 1, 1)).as_hours() / 24;
    Timestamp::from_ms(days * 86_400_000)
}

impl Op {
    /// Whether `one` stands so to `other`.
    pub fn holds<T: PartialOrd>(self, one: T, other: T) -> bool {
        match self {
            Op::Equal => one == other,
            Op::Unequal => one != other,
            Op::Less => one < other,
            Op::AtMost => one <= other,
            Op::More => one > other,
            Op::AtLeast => one >= other,
        }
    }
}

impl<L> Tree<L> {
    /// How far its tests stand within each other.
    pub fn depth(&self) -> usize {
        match self {
            Tree::All(parts) | Tree::Any(parts) => {
                1 + parts.iter().map(Tree::depth).max().unwrap_or_default()
            }
            Tree::Not(part) => 1 + part.depth(),
            Tree::Leaf(_) => 0,
        }
    }

    /// How many tests there are in it.
    pub fn leaves(&self) -> usize {
        match self {
            Tree::All(parts) | Tree::Any(parts) => parts.iter().map(Tree::leaves).sum(),
            Tree::Not(part) => part.leaves(),
            Tree::Leaf(_) => 1,
        }
    }
}
