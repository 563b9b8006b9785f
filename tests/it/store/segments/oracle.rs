//! What a filter means, told of one contact at a time and without SQL.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use serde_json::Value;
use whence::domain::ids::SegmentId;
use whence::domain::people::consent::{self, Consent};
use whence::domain::people::rfm::{Score, Size};
use whence::domain::people::segment::{
    AddressPart, Being, Deed, Filter, Leaf, Moment, OWN_ACTS, Op, SourcePart, Span, Test, TextOf, TextOp,
    Tree, When, parse,
};
use whence::domain::time::Timestamp;

use super::filters::words;
use super::people::{Done, Person};

pub fn fits(person: &Person, filter: &Filter, named: &BTreeMap<SegmentId, String>, now: Timestamp) -> bool {
    match filter {
        Tree::All(parts) => parts.iter().all(|part| fits(person, part, named, now)),
        Tree::Any(parts) => parts.iter().any(|part| fits(person, part, named, now)),
        Tree::Not(part) => !fits(person, part, named, now),
        Tree::Leaf(Leaf::Segment(id)) => fits(person, &parse(&named[id], &words()).unwrap(), named, now),
        Tree::Leaf(Leaf::Test(test)) => passes(person, test, now),
    }
}

fn passes(person: &Person, test: &Test, now: Timestamp) -> bool {
    let past: Vec<&Done> = person.deeds.iter().filter(|done| done.at <= now).collect();
    match test {
        Test::Text { of, op, value } => any_text(&texts(person, of), *op, value),
        Test::Number { field, op, value } => {
            let stands = person.fields.as_ref().and_then(|it| it.get(field.as_str())).and_then(Value::as_f64);
            stands.map_or(*op == Op::Unequal, |stands| op.holds(stands, *value))
        }
        Test::Flag { field, is, value } => {
            let stands =
                person.fields.as_ref().and_then(|it| it.get(field.as_str())).and_then(Value::as_bool);
            (stands == Some(*value)) == *is
        }
        Test::Day { field, op, day } => {
            let stands = person.fields.as_ref().and_then(|it| it.get(field.as_str())).and_then(Value::as_str);
            let day = day.to_string();
            stands.map_or(*op == Op::Unequal, |stands| op.holds(stands, day.as_str()))
        }
        Test::Moment { of, is } => {
            let at = match of {
                Moment::Created => Some(person.created_at),
                Moment::First(deed) => {
                    past.iter().filter(|done| is_deed(done, deed)).map(|done| done.at).min()
                }
                Moment::Last(deed) => {
                    past.iter().filter(|done| is_deed(done, deed)).map(|done| done.at).max()
                }
            };
            match (at, is) {
                (None, When::Ago(..)) => false,
                (None, When::On(op, _)) => *op == Op::Unequal,
                (Some(at), When::Ago(op, span)) => {
                    op.holds(now.as_ms() - at.as_ms(), i64::from(span.hours) * 3_600_000)
                }
                (Some(at), When::On(op, day)) => {
                    op.holds(at.to_calendar().to_zoned(TimeZone::UTC).date(), *day)
                }
            }
        }
        Test::Count { deed, op, times, within } => {
            let counted =
                past.iter().filter(|done| is_deed(done, deed) && is_within(done, *within, now)).count();
            op.holds(counted, *times as usize)
        }
        Test::Spent { currency, op, minor, within } => {
            let bought = past.iter().filter(|done| {
                done.kind == "purchase"
                    && done.currency == Some(currency.to_string().as_str())
                    && is_within(done, *within, now)
            });
            op.holds(bought.filter_map(|done| done.minor).sum::<i64>(), *minor)
        }
        Test::Score { of, op, value } => person.rfm.map_or(*op == Op::Unequal, |rfm| {
            let score = match of {
                Score::Recency => rfm.recency,
                Score::Frequency => rfm.frequency,
                Score::Monetary => rfm.monetary,
            };
            op.holds(score, *value)
        }),
        Test::Has { kind, being } => {
            let is = |[verified, bounced]: [bool; 2]| match being {
                None => true,
                Some(Being::Verified) => verified,
                Some(Being::Working) => !bounced,
            };
            person.identities.iter().any(|(of, known)| *of == kind.as_str() && is(*known))
        }
        Test::Consent { channel, purpose, controller, is, standing } => {
            let about = |line: &&Consent| {
                line.matter.channel == *channel
                    && line.matter.purpose == *purpose
                    && controller.as_ref().is_none_or(|it| *it == line.matter.controller)
            };
            let mut matters: BTreeMap<_, Vec<&Consent>> = BTreeMap::new();
            for line in person.consents.iter().filter(about) {
                matters.entry(&line.matter).or_default().push(line);
            }
            let stand: Vec<_> = matters
                .values()
                .filter_map(|lines| consent::standing(lines.iter().copied(), now))
                .map(|(stands, _)| stands)
                .collect();
            let holds = standing.map_or(stand.is_empty(), |standing| stand.contains(&standing));
            holds == *is
        }
    }
}

fn is_within(done: &Done, within: Option<Span>, now: Timestamp) -> bool {
    within.is_none_or(|span| now.as_ms() - done.at.as_ms() < i64::from(span.hours) * 3_600_000)
}

fn is_deed(done: &Done, deed: &Deed) -> bool {
    match deed {
        Deed::Kind(kind, name) => {
            done.kind == *kind
                && !was_given_back(done)
                && name.as_ref().is_none_or(|name| done.name == Some(name.as_str()))
        }
        Deed::Call(outcome) => done.kind == "call" && done.outcome == Some(outcome.as_str()),
        Deed::Qualified(it) => done.kind == "call" && done.qualification == Some(it.as_str()),
        Deed::Act => OWN_ACTS.contains(&done.kind) && !was_given_back(done),
    }
}

fn was_given_back(done: &Done) -> bool {
    done.minor.is_some_and(|minor| minor < 0)
}

/// Everything that is compared.
fn texts<'p>(person: &'p Person, of: &TextOf) -> Vec<&'p str> {
    let [name, given, family, language] = person.texts;
    let one = |text: Option<&'p str>| text.into_iter().collect();
    match of {
        TextOf::Name => one(name),
        TextOf::GivenName => one(given),
        TextOf::FamilyName => one(family),
        TextOf::Language => one(language),
        TextOf::Class => one(person.rfm.map(|rfm| rfm.class.as_str())),
        TextOf::Size => one(person.rfm.and_then(|rfm| rfm.size).map(Size::as_str)),
        TextOf::Field(field) => {
            one(person.fields.as_ref().and_then(|it| it.get(field.as_str())).and_then(Value::as_str))
        }
        TextOf::Address(part) => person
            .addresses
            .iter()
            .filter_map(|(postcode, city)| match part {
                AddressPart::Postcode => *postcode,
                AddressPart::City => *city,
                AddressPart::Country => Some("FR"),
            })
            .collect(),
        TextOf::Source(part) => person
            .deeds
            .iter()
            .filter(|done| !done.is_guess)
            .filter_map(|done| {
                let (channel, source, medium, campaign) = done.source?;
                match part {
                    SourcePart::Channel => Some(channel),
                    SourcePart::Source => Some(source),
                    SourcePart::Medium => Some(medium),
                    SourcePart::Campaign => campaign,
                }
            })
            .collect(),
    }
}

fn any_text(texts: &[&str], op: TextOp, value: &str) -> bool {
    match op {
        TextOp::Is => texts.contains(&value),
        TextOp::IsNot => !texts.contains(&value),
        TextOp::Begins => texts.iter().any(|text| text.starts_with(value)),
        TextOp::Contains => texts.iter().any(|text| text.contains(value)),
    }
}
