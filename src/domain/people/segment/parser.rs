//! From tokens to a filter, one function for each line of the grammar.
//!
//! A name is looked up where it stands, so that a wrong one is told with the
//! known one that is nearest, and a value is read as its test needs it.

use super::fault::{Expected, Fault, Noun, Problem};
use super::lexer::{Token, lex};
use super::steps::{Parser, Read, is_decimal, read_amount, read_day, read_span};
use super::words::{KINDS, Words, nearest};
use super::{
    AddressPart, Being, DEPTH_MAX, Deed, Filter, IdentityKind, Leaf, Moment, Op, SourcePart, Span, TESTS_MAX,
    Test, TextOf, TextOp, Tree, When,
};
use crate::domain::calling::outcome::Outcome;
use crate::domain::calling::qualification::Qualification;
use crate::domain::money::Currency;
use crate::domain::people::consent::{Channel, Standing};
use crate::domain::people::field::{Field, Kind};
use crate::domain::people::rfm::{Class, Score, Size};
use crate::domain::tracking::channels;

/// Everything that a test may begin with.
const TESTS: [&str; 24] = [
    "name",
    "given_name",
    "family_name",
    "language",
    "address.postcode",
    "address.city",
    "address.country",
    "source.channel",
    "source.source",
    "source.medium",
    "source.campaign",
    "created",
    "first",
    "last",
    "count",
    "spent",
    "rfm.recency",
    "rfm.frequency",
    "rfm.monetary",
    "rfm.class",
    "size",
    "has",
    "consent",
    "segment",
];

/// Reads a filter that may name what `words` has.
pub fn parse(text: &str, words: &Words) -> Result<Filter, Problem> {
    let tokens = lex(text)?;
    let mut parser = Parser { tokens: &tokens, words, depth: 0 };
    let filter = parser.filter()?;
    match parser.here().token {
        Token::End if filter.leaves() > TESTS_MAX => {
            Err(Problem { at: 0, length: text.chars().count(), fault: Fault::TooMany })
        }
        Token::End => Ok(filter),
        _ => Err(parser.expected(Expected::End)),
    }
}

impl Parser<'_> {
    fn filter(&mut self) -> Read<Filter> {
        self.joined("or", Self::all, Tree::Any)
    }

    fn all(&mut self) -> Read<Filter> {
        self.joined("and", Self::term, Tree::All)
    }

    fn joined(
        &mut self,
        word: &str,
        part: fn(&mut Self) -> Read<Filter>,
        of: fn(Vec<Filter>) -> Filter,
    ) -> Read<Filter> {
        let first = part(self)?;
        let mut parts = vec![first];
        while self.word(word) {
            parts.push(part(self)?);
        }
        Ok(if parts.len() == 1 { parts.remove(0) } else { of(parts) })
    }

    fn term(&mut self) -> Read<Filter> {
        let is_not = self.run() == "not";
        if !is_not && self.here().token != Token::Mark("(") {
            return self.test();
        }
        if self.depth == DEPTH_MAX {
            return Err(self.problem(Fault::TooDeep));
        }
        self.depth += 1;
        self.step();
        let term = if is_not {
            Tree::Not(Box::new(self.term()?))
        } else {
            let filter = self.filter()?;
            self.mark(")", Expected::Close)?;
            filter
        };
        self.depth -= 1;
        Ok(term)
    }

    fn test(&mut self) -> Read<Filter> {
        let begin = self.run();
        if begin.is_empty() {
            return Err(self.expected(Expected::Test));
        }
        let (head, part) = begin.split_once('.').unwrap_or((begin, ""));
        let text = match (head, part) {
            ("name", "") => Some(TextOf::Name),
            ("given_name", "") => Some(TextOf::GivenName),
            ("family_name", "") => Some(TextOf::FamilyName),
            ("language", "") => Some(TextOf::Language),
            ("address", part) => part.parse::<AddressPart>().ok().map(TextOf::Address),
            ("rfm", "class") => Some(TextOf::Class),
            ("size", "") => Some(TextOf::Size),
            ("source", part) => part.parse::<SourcePart>().ok().map(TextOf::Source),
            _ => None,
        };
        if let Some(of) = text {
            self.step();
            return Ok(Tree::Leaf(Leaf::Test(self.text_test(of, None)?)));
        }
        if head == "field" {
            return Ok(Tree::Leaf(Leaf::Test(self.field(part)?)));
        }
        if let ("rfm", Ok(of)) = (head, part.parse::<Score>()) {
            self.step();
            return Ok(Tree::Leaf(Leaf::Test(self.score(of)?)));
        }
        if !TESTS.contains(&begin) {
            return Err(self.unknown(Noun::Test, begin, TESTS));
        }
        self.step();
        Ok(Tree::Leaf(match begin {
            "created" => Leaf::Test(self.moment(Moment::Created)?),
            "segment" => {
                let known: Vec<_> = self.words.segments.iter().map(|id| id.as_str()).collect();
                let find = |word: &str| self.words.segments.iter().find(|id| id.as_str() == word);
                let find = |word: &str| find(word).cloned();
                Leaf::Segment(self.in_brackets(|it| it.name(Noun::Segment, &known, find))?)
            }
            "first" => {
                let deed = self.in_brackets(Self::deed)?;
                Leaf::Test(self.moment(Moment::First(deed))?)
            }
            "last" => {
                let deed = self.in_brackets(Self::deed)?;
                Leaf::Test(self.moment(Moment::Last(deed))?)
            }
            "count" => Leaf::Test(self.count()?),
            "spent" => Leaf::Test(self.spent()?),
            "has" => Leaf::Test(self.in_brackets(Self::identity)?),
            _ => Leaf::Test(self.consent()?),
        }))
    }

    /// `choices`: what it may be equal to, where that is known.
    fn text_test(&mut self, of: TextOf, choices: Option<&[String]>) -> Read<Test> {
        let op = self.op(Expected::TextComparison, |mark| mark.parse::<TextOp>().ok())?;
        let at = self.here();
        let value = self.text()?;
        let is_whole = matches!(op, TextOp::Is | TextOp::IsNot);
        let (noun, known): (Noun, Vec<&str>) = match (&of, choices) {
            (TextOf::Source(SourcePart::Channel), _) => {
                (Noun::SourceChannel, channels::Channel::ALL.iter().map(|it| it.as_str()).collect())
            }
            (TextOf::Class, _) => (Noun::Class, Class::ALL.iter().map(|it| it.as_str()).collect()),
            (TextOf::Size, _) => (Noun::Size, Size::ALL.iter().map(|it| it.as_str()).collect()),
            (_, Some(choices)) => (Noun::Choice, choices.iter().map(String::as_str).collect()),
            (_, None) => return Ok(Test::Text { of, op, value }),
        };
        if is_whole && !known.contains(&value.as_str()) {
            let nearest = nearest(&value, known);
            let fault = Fault::Unknown { noun, word: value, nearest };
            return Err(Problem { at: at.at, length: at.length, fault });
        }
        Ok(Test::Text { of, op, value })
    }

    fn field(&mut self, id: &str) -> Read<Test> {
        let fields = &self.words.fields;
        let Some(Field { id: field, kind, choices, .. }) = fields.iter().find(|it| it.id.as_str() == id)
        else {
            return Err(self.unknown(Noun::Field, id, fields.iter().map(|it| it.id.as_str())));
        };
        self.step();
        let field = field.clone();
        match kind {
            Kind::Text => self.text_test(TextOf::Field(field), None),
            Kind::Choice => self.text_test(TextOf::Field(field), Some(choices)),
            Kind::Number => {
                let op = self.comparison()?;
                let finite = |run: &str| run.parse::<f64>().ok().filter(|it| it.is_finite());
                let value = self.value(Expected::Number, |run| finite(run).filter(|_| is_decimal(run)))?;
                // There is no minus nought: it would be written otherwise, and mean the same.
                Ok(Test::Number { field, op, value: value + 0.0 })
            }
            Kind::Date => {
                let op = self.comparison()?;
                Ok(Test::Day { field, op, day: self.value(Expected::Day, read_day)? })
            }
            Kind::Flag => {
                let is = self.equality()?;
                let value = self.value(Expected::YesOrNo, |run| match run {
                    "yes" => Some(true),
                    "no" => Some(false),
                    _ => None,
                })?;
                Ok(Test::Flag { field, is, value })
            }
        }
    }

    fn comparison(&mut self) -> Read<Op> {
        self.op(Expected::Comparison, |mark| mark.parse().ok())
    }

    fn equality(&mut self) -> Read<bool> {
        self.op(Expected::Equality, |mark| match mark {
            "=" => Some(true),
            "!=" => Some(false),
            _ => None,
        })
    }

    fn moment(&mut self, of: Moment) -> Read<Test> {
        let at = self.here();
        let op = self.comparison()?;
        let is = self.value(Expected::SpanOrDay, |run| {
            read_day(run)
                .map(|day| When::On(op, day))
                .or_else(|| read_span(run).map(|span| When::Ago(op, span)))
        })?;
        if let When::Ago(Op::Equal | Op::Unequal, _) = is {
            let fault = Fault::Expected { what: Expected::Order, found: Some(op.to_string()) };
            return Err(Problem { at: at.at, length: at.length, fault });
        }
        Ok(Test::Moment { of, is })
    }

    fn within(&mut self) -> Read<Option<Span>> {
        if self.word("in") { self.value(Expected::Span, read_span).map(Some) } else { Ok(None) }
    }

    fn count(&mut self) -> Read<Test> {
        let deed = self.in_brackets(Self::deed)?;
        let op = self.comparison()?;
        let times = self.value(Expected::Count, |run| run.parse().ok().filter(|_| is_decimal(run)))?;
        Ok(Test::Count { deed, op, times, within: self.within()? })
    }

    fn spent(&mut self) -> Read<Test> {
        let currency: Currency =
            self.in_brackets(|it| it.value(Expected::Currency, |run| run.parse().ok()))?;
        let op = self.comparison()?;
        let minor = self.value(Expected::Amount, |run| read_amount(run, currency.decimals()))?;
        Ok(Test::Spent { currency, op, minor, within: self.within()? })
    }

    fn score(&mut self, of: Score) -> Read<Test> {
        let op = self.comparison()?;
        let value = self.value(Expected::Score, |run| run.parse().ok().filter(|it| (1..=5).contains(it)))?;
        Ok(Test::Score { of, op, value })
    }

    fn deed(&mut self) -> Read<Deed> {
        let run = self.run();
        let of_call = run.strip_prefix("call.").unwrap_or_default();
        let outcome = of_call.parse::<Outcome>().ok().map(Deed::Call);
        let qualified = of_call.parse::<Qualification>().ok().map(Deed::Qualified);
        let kind = KINDS.into_iter().find(|kind| *kind == run).map(|kind| Deed::Kind(kind, None));
        let act = (run == "act").then_some(Deed::Act);
        let Some(deed) = outcome.or(qualified).or(kind).or(act) else {
            let outcomes = Outcome::ALL.iter().map(|it| format!("call.{it}"));
            let qualifications = Qualification::ALL.iter().map(|it| format!("call.{it}"));
            let of_calls: Vec<String> = outcomes.chain(qualifications).collect();
            let known = KINDS.into_iter().chain(["act"]).chain(of_calls.iter().map(String::as_str));
            return Err(self.unknown(Noun::Deed, run, known));
        };
        self.step();
        match (deed, &self.here().token) {
            (Deed::Kind(kind, None), Token::Text(_)) => Ok(Deed::Kind(kind, Some(self.text()?))),
            (deed, _) => Ok(deed),
        }
    }

    fn identity(&mut self) -> Read<Test> {
        let kind = self.word_of(Noun::Identity, IdentityKind::ALL, IdentityKind::as_str)?;
        let mut being = None;
        if self.comma() {
            being = Being::ALL.iter().copied().find(|being| self.word(being.as_str()));
            if being.is_none() {
                return Err(self.expected(Expected::Being));
            }
        }
        Ok(Test::Has { kind, being })
    }

    fn consent(&mut self) -> Read<Test> {
        let (channel, purpose, controller) = self.in_brackets(|it| {
            let channel = it.word_of(Noun::Channel, Channel::ALL, Channel::as_str)?;
            it.mark(",", Expected::Comma)?;
            let words = it.words;
            let known: Vec<&str> = words.purposes.iter().map(|id| id.as_str()).collect();
            let find = |word: &str| words.purposes.iter().find(|id| id.as_str() == word).cloned();
            let purpose = it.name(Noun::Purpose, &known, find)?;
            if !it.comma() {
                return Ok((channel, purpose, None));
            }
            let known: Vec<&str> = words.controllers.iter().map(|id| id.as_str()).collect();
            let find = |word: &str| words.controllers.iter().find(|id| id.as_str() == word).cloned();
            Ok((channel, purpose, Some(it.name(Noun::Controller, &known, find)?)))
        })?;
        let is = self.equality()?;
        if self.word("none") {
            return Ok(Test::Consent { channel, purpose, controller, is, standing: None });
        }
        let standing = self.word_of(Noun::Standing, Standing::ALL, Standing::as_str)?;
        Ok(Test::Consent { channel, purpose, controller, is, standing: Some(standing) })
    }
}
