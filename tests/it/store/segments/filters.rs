//! Filters as people might write them, made by chance.

use jiff::civil::date;
use proptest::prelude::*;
use proptest::sample::select;
use whence::domain::calling::outcome::Outcome;
use whence::domain::calling::qualification::Qualification;
use whence::domain::people::consent::{Channel, Standing};
use whence::domain::people::field::{Field, Kind};
use whence::domain::people::rfm::{Class, Score, Size};
use whence::domain::people::segment::{
    AddressPart, Being, Deed, Filter, IdentityKind, KINDS, Leaf, Moment, Op, SourcePart, Span, Test, TextOf,
    TextOp, Tree, When, Words,
};

use crate::support::town::slug;

pub const TEXTS: [&str; 6] = ["gold", "silver", "69", "Ärger \"x\\", "a", "6"];
pub const CHANNELS: [&str; 3] = ["Paid Search", "Direct", "Email"];

pub fn words() -> Words {
    let field = |id: &str, kind| Field {
        id: slug(id),
        name: id.into(),
        kind,
        choices: if kind == Kind::Choice { TEXTS.map(str::to_owned).into() } else { vec![] },
    };
    Words {
        fields: vec![
            field("loyalty", Kind::Choice),
            field("children", Kind::Number),
            field("newsletter", Kind::Flag),
            field("since-2", Kind::Date),
            field("note", Kind::Text),
        ],
        purposes: vec![slug("offers"), slug("news")],
        controllers: vec![slug("shop"), slug("club")],
        segments: vec![slug("reached"), slug("recent")],
    }
}

pub fn filter() -> impl Strategy<Value = Filter> {
    leaf().prop_map(Tree::Leaf).prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Tree::Any),
            inner.prop_map(|it| Tree::Not(Box::new(it))),
        ]
    })
}

fn leaf() -> impl Strategy<Value = Leaf> {
    let segment = select(words().segments).prop_map(Leaf::Segment);
    prop_oneof![1 => segment, 20 => test().prop_map(Leaf::Test)]
}

fn op() -> impl Strategy<Value = Op> {
    select(Op::ALL)
}

fn span() -> impl Strategy<Value = Span> {
    (1_u32..=40).prop_map(|days| Span { hours: days * 24 })
}

/// Days around noon of 22 November 2026, which people are created and do things on.
fn day() -> impl Strategy<Value = jiff::civil::Date> {
    (0_i64..45).prop_map(|back| date(2026, 11, 24).saturating_sub(jiff::Span::new().days(back)))
}

pub fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        4 => select(&KINDS[..]).prop_map(|kind| Deed::Kind(kind, None)),
        4 => select(vec!["visit", "purchase", "call", "custom"]).prop_map(|kind| Deed::Kind(kind, None)),
        2 => select(&TEXTS[..]).prop_map(|name| Deed::Kind("custom", Some(name.into()))),
        2 => select(Outcome::ALL).prop_map(Deed::Call),
        1 => select(Qualification::ALL).prop_map(Deed::Qualified),
        3 => Just(Deed::Act),
    ]
}

fn when() -> impl Strategy<Value = When> {
    let order = select(vec![Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
    prop_oneof![
        (order, span()).prop_map(|(op, span)| When::Ago(op, span)),
        (op(), day()).prop_map(|(op, day)| When::On(op, day)),
    ]
}

fn text_of() -> impl Strategy<Value = TextOf> {
    prop_oneof![
        select(vec![
            TextOf::Name,
            TextOf::GivenName,
            TextOf::FamilyName,
            TextOf::Language,
            TextOf::Field(slug("note")),
            TextOf::Field(slug("loyalty")),
        ]),
        select(AddressPart::ALL).prop_map(TextOf::Address),
        select(vec![SourcePart::Source, SourcePart::Medium, SourcePart::Campaign]).prop_map(TextOf::Source),
    ]
}

fn test() -> impl Strategy<Value = Test> {
    let texts = (text_of(), select(TextOp::ALL), select(&TEXTS[..]));
    let channels = (select(TextOp::ALL), select(&CHANNELS[..]));
    let moment =
        prop_oneof![Just(Moment::Created), deed().prop_map(Moment::First), deed().prop_map(Moment::Last),];
    let consent = (
        select(vec![Channel::Email, Channel::Sms]),
        select(words().purposes),
        prop::option::of(select(words().controllers)),
        any::<bool>(),
        prop::option::of(select(Standing::ALL)),
    );
    prop_oneof![
        2 => texts.prop_map(|(of, op, value)| Test::Text { of, op, value: value.into() }),
        1 => channels.prop_map(|(op, value)| Test::Text {
            of: TextOf::Source(SourcePart::Channel), op, value: value.into(),
        }),
        2 => (select(Score::ALL), op(), 1_u8..=5).prop_map(|(of, op, value)| Test::Score { of, op, value }),
        1 => (select(TextOp::ALL), select(Class::ALL)).prop_map(|(op, class)| Test::Text {
            of: TextOf::Class, op, value: class.to_string(),
        }),
        1 => (select(TextOp::ALL), select(Size::ALL)).prop_map(|(op, size)| Test::Text {
            of: TextOf::Size, op, value: size.to_string(),
        }),
        1 => (op(), select(vec![0.0, 2.0, -1.5, 3.25])).prop_map(|(op, value)| Test::Number {
            field: slug("children"), op, value,
        }),
        1 => (any::<bool>(), any::<bool>()).prop_map(|(is, value)| Test::Flag {
            field: slug("newsletter"), is, value,
        }),
        1 => (op(), day()).prop_map(|(op, day)| Test::Day { field: slug("since-2"), op, day }),
        4 => (moment, when()).prop_map(|(of, is)| Test::Moment { of, is }),
        4 => (deed(), op(), 0_u32..4, prop::option::of(span()))
            .prop_map(|(deed, op, times, within)| Test::Count { deed, op, times, within }),
        2 => (select(vec!["EUR", "JPY"]), op(), select(vec![0, 500, 1_999, 4_000]), prop::option::of(span()))
            .prop_map(|(currency, op, minor, within)| Test::Spent {
                currency: currency.parse().expect("a currency"), op, minor, within,
            }),
        1 => (select(IdentityKind::ALL), prop::option::of(select(Being::ALL))).prop_map(|(kind, being)| Test::Has { kind, being }),
        3 => consent.prop_map(|(channel, purpose, controller, is, standing)| Test::Consent {
            channel, purpose, controller, is, standing,
        }),
    ]
}
