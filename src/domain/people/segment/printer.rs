//! The one way in which a filter is written: whatever was read reads back the same.

use std::fmt::{self, Display};

use super::{Deed, Filter, Leaf, Moment, Span, Test, TextOf, Tree, When};

/// The text in quotes.
struct Quoted<'t>(&'t str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('\\', "\\\\").replace('"', "\\\""))
    }
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // What is within each other keeps its brackets, even where they change nothing.
            Tree::All(parts) => joined(f, parts, " and ", |it| matches!(it, Tree::All(_) | Tree::Any(_))),
            Tree::Any(parts) => joined(f, parts, " or ", |it| matches!(it, Tree::Any(_))),
            Tree::Not(part) => match &**part {
                Tree::All(_) | Tree::Any(_) => write!(f, "not ({part})"),
                Tree::Not(_) | Tree::Leaf(_) => write!(f, "not {part}"),
            },
            Tree::Leaf(Leaf::Segment(id)) => write!(f, "segment({id})"),
            Tree::Leaf(Leaf::Test(test)) => test.fmt(f),
        }
    }
}

fn joined(
    f: &mut fmt::Formatter<'_>,
    parts: &[Filter],
    word: &str,
    in_brackets: impl Fn(&Filter) -> bool,
) -> fmt::Result {
    for (nth, part) in parts.iter().enumerate() {
        if nth > 0 {
            f.write_str(word)?;
        }
        if in_brackets(part) { write!(f, "({part})") } else { part.fmt(f) }?;
    }
    Ok(())
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Test::Text { of, op, value } => write!(f, "{of} {op} {}", Quoted(value)),
            Test::Number { field, op, value } => write!(f, "field.{field} {op} {value}"),
            Test::Flag { field, is, value } => {
                let (op, value) = (if *is { "=" } else { "!=" }, if *value { "yes" } else { "no" });
                write!(f, "field.{field} {op} {value}")
            }
            Test::Day { field, op, day } => write!(f, "field.{field} {op} {day}"),
            Test::Moment { of, is } => match is {
                When::Ago(op, span) => write!(f, "{of} {op} {span}"),
                When::On(op, day) => write!(f, "{of} {op} {day}"),
            },
            Test::Count { deed, op, times, within } => {
                write!(f, "count({deed}) {op} {times}")?;
                within.map_or(Ok(()), |span| write!(f, " in {span}"))
            }
            Test::Spent { currency, op, minor, within } => {
                write!(f, "spent({currency}) {op} {}", amount(*minor, currency.decimals()))?;
                within.map_or(Ok(()), |span| write!(f, " in {span}"))
            }
            Test::Score { of, op, value } => write!(f, "rfm.{of} {op} {value}"),
            Test::Has { kind, being } => {
                write!(f, "has({kind}")?;
                being.map_or(Ok(()), |being| write!(f, ", {being}"))?;
                f.write_str(")")
            }
            Test::Consent { channel, purpose, controller, is, standing } => {
                write!(f, "consent({channel}, {purpose}")?;
                controller.as_ref().map_or(Ok(()), |it| write!(f, ", {it}"))?;
                let standing = standing.map_or("none", |it| it.as_str());
                write!(f, ") {} {standing}", if *is { "=" } else { "!=" })
            }
        }
    }
}

/// `4990` as `49.90`; a whole amount without what stands behind the point.
fn amount(minor: i64, decimals: usize) -> String {
    let unit = 10_i64.pow(decimals as u32);
    match minor % unit {
        0 => (minor / unit).to_string(),
        rest => format!("{}.{rest:0decimals$}", minor / unit),
    }
}

impl fmt::Display for TextOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TextOf::Name => f.write_str("name"),
            TextOf::GivenName => f.write_str("given_name"),
            TextOf::FamilyName => f.write_str("family_name"),
            TextOf::Language => f.write_str("language"),
            TextOf::Address(part) => write!(f, "address.{part}"),
            TextOf::Source(part) => write!(f, "source.{part}"),
            TextOf::Class => f.write_str("rfm.class"),
            TextOf::Size => f.write_str("size"),
            TextOf::Field(field) => write!(f, "field.{field}"),
        }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Moment::Created => f.write_str("created"),
            Moment::First(deed) => write!(f, "first({deed})"),
            Moment::Last(deed) => write!(f, "last({deed})"),
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Deed::Kind(kind, None) => f.write_str(kind),
            Deed::Kind(kind, Some(name)) => write!(f, "{kind} {}", Quoted(name)),
            Deed::Call(outcome) => write!(f, "call.{outcome}"),
            Deed::Qualified(qualification) => write!(f, "call.{qualification}"),
            Deed::Act => f.write_str("act"),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.hours.is_multiple_of(24) {
            write!(f, "{}d", self.hours / 24)
        } else {
            write!(f, "{}h", self.hours)
        }
    }
}
