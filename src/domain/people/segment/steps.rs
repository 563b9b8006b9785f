//! The steps that every line of the grammar is made of: what stands here, whether it is what
//! was expected, and what a number, a day, a span or an amount reads as.

use jiff::civil::Date;

use super::fault::{Expected, Fault, Noun, Problem};
use super::lexer::{Placed, Token};
use super::words::{Words, nearest};
use super::{HOURS_MAX, Span};
use crate::domain::money::MINOR_MAX;

pub struct Parser<'t> {
    /// What is still to be read; the end stays.
    pub tokens: &'t [Placed],
    pub words: &'t Words,
    /// Brackets and nots around the place.
    pub depth: usize,
}

pub type Read<T> = Result<T, Problem>;

impl<'t> Parser<'t> {
    pub fn here(&self) -> &'t Placed {
        &self.tokens[0]
    }

    pub fn step(&mut self) {
        if self.tokens.len() > 1 {
            self.tokens = &self.tokens[1..];
        }
    }

    pub fn problem(&self, fault: Fault) -> Problem {
        let Placed { at, length, .. } = *self.here();
        Problem { at, length, fault }
    }

    pub fn expected(&self, what: Expected) -> Problem {
        let found = match &self.here().token {
            Token::Run(text) | Token::Text(text) => Some(text.clone()),
            Token::Mark(mark) => Some((*mark).to_owned()),
            Token::End => None,
        };
        self.problem(Fault::Expected { what, found })
    }

    pub fn unknown<'w>(&self, noun: Noun, word: &str, known: impl IntoIterator<Item = &'w str>) -> Problem {
        self.problem(Fault::Unknown { noun, word: word.to_owned(), nearest: nearest(word, known) })
    }

    /// The run that stands here; empty where none does.
    pub fn run(&self) -> &'t str {
        if let Token::Run(run) = &self.here().token { run } else { "" }
    }

    /// Steps over a word, if it stands here.
    pub fn word(&mut self, word: &str) -> bool {
        let is_here = self.run() == word;
        if is_here {
            self.step();
        }
        is_here
    }

    pub fn comma(&mut self) -> bool {
        self.here().token == Token::Mark(",") && self.mark(",", Expected::Comma).is_ok()
    }

    pub fn mark(&mut self, mark: &'static str, what: Expected) -> Read<()> {
        if self.here().token != Token::Mark(mark) {
            return Err(self.expected(what));
        }
        self.step();
        Ok(())
    }

    /// What a mark stands for.
    pub fn op<T>(&mut self, what: Expected, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        let op = if let Token::Mark(mark) = self.here().token { read(mark) } else { None };
        let op = op.ok_or_else(|| self.expected(what))?;
        self.step();
        Ok(op)
    }

    /// What the run that stands here reads as.
    pub fn value<T>(&mut self, what: Expected, read: impl Fn(&str) -> Option<T>) -> Read<T> {
        let value = Some(self.run()).filter(|run| !run.is_empty()).and_then(read);
        let value = value.ok_or_else(|| self.expected(what))?;
        self.step();
        Ok(value)
    }

    /// One of the known names.
    pub fn name<T>(&mut self, noun: Noun, known: &[&str], read: impl Fn(&str) -> Option<T>) -> Read<T> {
        let word = self.run();
        let value = read(word).ok_or_else(|| self.unknown(noun, word, known.iter().copied()))?;
        self.step();
        Ok(value)
    }

    pub fn text(&mut self) -> Read<String> {
        let Token::Text(text) = &self.here().token else { return Err(self.expected(Expected::Text)) };
        if text.is_empty() {
            return Err(self.expected(Expected::Text));
        }
        self.step();
        Ok(text.clone())
    }

    pub fn in_brackets<T>(&mut self, inner: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        self.mark("(", Expected::Open)?;
        let inner = inner(self)?;
        self.mark(")", Expected::Close)?;
        Ok(inner)
    }

    /// One of the words of a type.
    pub fn word_of<T: Copy>(&mut self, noun: Noun, all: &[T], as_str: impl Fn(T) -> &'static str) -> Read<T> {
        let known: Vec<&str> = all.iter().map(|it| as_str(*it)).collect();
        self.name(noun, &known, |word| all.iter().copied().find(|it| as_str(*it) == word))
    }
}

/// Digits, with at most a minus in front and a point within; no more than anybody writes.
pub fn is_decimal(run: &str) -> bool {
    let digits = run.strip_prefix('-').unwrap_or(run);
    run.len() <= 30
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.')
        && digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.ends_with(|c: char| c.is_ascii_digit())
}

pub fn read_day(run: &str) -> Option<Date> {
    // The library reads more ways of writing a day than people who read a filter.
    let shape = run.len() == 10 && run.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    run.parse().ok().filter(|_| shape)
}

pub fn read_span(run: &str) -> Option<Span> {
    let (number, hours) = match run.strip_suffix('d') {
        Some(days) => (days, 24),
        None => (run.strip_suffix('h')?, 1),
    };
    let number: u32 = number.parse().ok().filter(|_| is_decimal(number))?;
    let hours = number.checked_mul(hours).filter(|hours| (1..=HOURS_MAX).contains(hours))?;
    Some(Span { hours })
}

/// An amount in its currency, in minor units; no more digits behind the point than it has.
pub fn read_amount(run: &str, decimals: usize) -> Option<i64> {
    let (whole, rest) = run.split_once('.').unwrap_or((run, ""));
    if !is_decimal(run) || rest.len() > decimals {
        return None;
    }
    let minor: i64 = format!("{whole}{rest:0<decimals$}").parse().ok()?;
    (0..=MINOR_MAX as i64).contains(&minor).then_some(minor)
}
