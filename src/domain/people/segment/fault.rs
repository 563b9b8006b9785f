//! What is wrong with a filter, where, and what would do instead.

use std::fmt;

use crate::domain::calling::outcome::words;

/// The first thing that is wrong.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{fault} (character {})", at + 1)]
pub struct Problem {
    /// Where it begins: so many characters come before it …
    pub at: usize,
    /// … and how many it has; none at the end of the text.
    pub length: usize,
    pub fault: Fault,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    /// Nothing is found at the end of the text.
    #[error("expected {what}, found {}", or_end(.found))]
    Expected { what: Expected, found: Option<String> },
    #[error("there is no {noun} {word:?}{}", hint(.nearest))]
    Unknown { noun: Noun, word: String, nearest: Option<String> },
    #[error("{0:?} may not stand here")]
    Stray(char),
    #[error("the text in quotes does not end")]
    OpenText,
    #[error("a filter has at most {} characters", super::TEXT_MAX)]
    TooLong,
    #[error("brackets and nots stand at most {} deep", super::DEPTH_MAX)]
    TooDeep,
    #[error("a filter has at most {} tests, with those of the segments that it names", super::TESTS_MAX)]
    TooMany,
    #[error("the segment would be part of itself: {0}")]
    Circle(String),
    #[error("the segment {0:?} has a filter that cannot be read any more")]
    Broken(String),
}

/// What could stand in a place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expected {
    Test,
    End,
    Open,
    Close,
    Comma,
    Comparison,
    TextComparison,
    Order,
    Equality,
    Text,
    Number,
    Count,
    Amount,
    YesOrNo,
    Day,
    SpanOrDay,
    Span,
    Currency,
    Score,
    Being,
}

words! { Expected:
    Test = "a test such as language = \"fr\" or count(call) >= 2",
    End = "\"and\", \"or\" or the end",
    Open = "\"(\"",
    Close = "\")\"",
    Comma = "\",\"",
    Comparison = "=, !=, <, <=, > or >=",
    TextComparison = "=, !=, ^= (begins with) or *= (contains)",
    Order = "<, <=, > or >=",
    Equality = "= or !=",
    Text = "a text in quotes",
    Number = "a number",
    Count = "a whole number",
    Amount = "an amount in its currency, such as 49.90",
    YesOrNo = "yes or no",
    Day = "a day such as 2026-11-28",
    SpanOrDay = "a span such as 90d, or a day such as 2026-11-28",
    Span = "a span such as 90d or 48h, up to ten years",
    Currency = "a currency of ISO 4217 such as EUR",
    Score = "a score from 1 to 5",
    Being = "\"verified\" or \"working\"",
}

/// What a name is the name of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Noun {
    Test,
    Field,
    Choice,
    Deed,
    Identity,
    Channel,
    Purpose,
    Controller,
    Standing,
    SourceChannel,
    Class,
    Size,
    Segment,
}

words! { Noun:
    Test = "test",
    Field = "field",
    Choice = "choice",
    Deed = "kind of engagement",
    Identity = "kind of identity",
    Channel = "consent channel",
    Purpose = "purpose",
    Controller = "controller",
    Standing = "standing",
    SourceChannel = "source channel",
    Class = "class of clients",
    Size = "size of clients",
    Segment = "segment",
}

fn or_end(text: &Option<String>) -> String {
    text.as_ref().map_or_else(|| "the end".to_owned(), |text| format!("{text:?}"))
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |word| format!("; did you mean {word:?}?"))
}

impl Problem {
    /// The line that it is in, and below it a caret where it begins.
    pub fn pointed(&self, text: &str) -> String {
        let before: String = text.chars().take(self.at).collect();
        let begin = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text[begin..].lines().next().unwrap_or_default();
        let column = before[begin..].chars().count();
        format!("{line}\n{:column$}{}", "", Carets(self.length.max(1)))
    }
}

struct Carets(usize);

impl fmt::Display for Carets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (0..self.0).try_for_each(|_| f.write_str("^"))
    }
}
