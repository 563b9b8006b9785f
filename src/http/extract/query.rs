//! The query of an address, read field by field so that every problem is named.
//!
//! Reading stops at no field: whoever got three wrong is told three things. A
//! name nobody reads is a problem too, for a misspelt filter that is silently
//! ignored answers a question nobody asked.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use url::form_urlencoded;

use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;
use crate::http::error::{BadField, HttpError};
use crate::store::Window;

/// How many items a page of a list has unless told.
pub const LIMIT_DEFAULT: u32 = 50;
/// How many it has at most.
pub const LIMIT_MAX: u32 = 200;

/// What a route reads from its query.
pub trait FromQuery: Sized {
    /// Reads each field; problems gather in the reader.
    fn read(query: &mut QueryReader<'_>) -> Self;
}

/// A query without a problem.
pub struct Query<T>(pub T);

impl<T: FromQuery, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        let mut reader = QueryReader::new(parts.uri.query().unwrap_or_default());
        let value = T::read(&mut reader);
        reader.finish()?;
        Ok(Self(value))
    }
}

/// The fields of a query that nobody has read yet, and the problems so far.
pub struct QueryReader<'a> {
    fields: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    problems: Vec<BadField>,
}

impl<'a> QueryReader<'a> {
    pub fn new(query: &'a str) -> Self {
        Self { fields: form_urlencoded::parse(query.as_bytes()).collect(), problems: Vec::new() }
    }

    /// The text of a field; an empty one counts as absent, since a form sends it so.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.text_named(name)
    }

    /// The same, where the page makes up the names.
    pub fn text_named(&mut self, name: &str) -> Option<String> {
        let mut values = self.fields.extract_if(.., |(field, _)| field == name).map(|(_, value)| value);
        let value = values.next();
        if values.count() > 0 {
            self.problems.push(BadField::new(name.to_owned(), "given more than once"));
        }
        value.map(Cow::into_owned).filter(|text| !text.is_empty())
    }

    /// The texts of a field that may be given many times, as checkboxes are.
    pub fn texts(&mut self, name: &'static str) -> Vec<String> {
        self.fields.extract_if(.., |(field, _)| field == name).map(|(_, value)| value.into_owned()).collect()
    }

    /// A field that is read from its text.
    pub fn value<T: FromStr<Err: Display>>(&mut self, name: &'static str) -> Option<T> {
        match self.text(name)?.parse() {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(BadField::new(name, problem.to_string()));
                None
            }
        }
    }

    /// The id of something.
    pub fn id<T: FromStr>(&mut self, name: &'static str) -> Option<T> {
        let id = self.text(name)?.parse().ok();
        if id.is_none() {
            self.problems.push(BadField::new(name, "must be an id as the API gives it"));
        }
        id
    }

    /// A telephone number in E.164.
    pub fn phone(&mut self, name: &'static str) -> Option<Phone> {
        let text = self.text(name)?;
        // In an unescaped query the `+` arrives as a space.
        let problem = if text.starts_with(' ') {
            "its + arrived as a space: write it as %2B, for instance %2B33199001234"
        } else {
            "must be a telephone number in E.164, with its + written as %2B, for instance %2B33199001234"
        };
        let phone = text.parse().ok();
        if phone.is_none() {
            self.problems.push(BadField::new(name, problem));
        }
        phone
    }

    /// A moment in RFC 3339.
    pub fn time(&mut self, name: &'static str) -> Option<Timestamp> {
        let text = self.text(name)?;
        // In an unescaped query the `+` of an offset arrives as a space.
        let moment: Result<jiff::Timestamp, _> = text.replace(' ', "+").parse();
        if moment.is_err() {
            self.problems
                .push(BadField::new(name, "not an RFC 3339 time, for instance 2026-11-22T12:00:00Z"));
        }
        moment.ok().map(|at| Timestamp::from_ms(at.as_millisecond()))
    }

    /// `cursor` and `limit`: which part of a list.
    pub fn window(&mut self) -> Window {
        let limit = match self.text("limit") {
            Some(text) => text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit)),
            None => Some(LIMIT_DEFAULT),
        };
        if limit.is_none() {
            let problem = format!("must be a whole number from 1 to {LIMIT_MAX}");
            self.problems.push(BadField::new("limit", problem));
        }
        Window { after: self.text("cursor"), limit: limit.unwrap_or(LIMIT_DEFAULT) }
    }

    /// The fields that nobody has read so far; they stay to be read.
    pub fn unread(&self) -> Vec<(String, String)> {
        self.fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
    }

    /// Says what is wrong with a field that could be read.
    pub fn refuse(&mut self, name: &'static str, problem: String) {
        self.problems.push(BadField::new(name, problem));
    }

    /// Others may say more than is read of them.
    pub fn leave_rest(&mut self) {
        self.fields.clear();
    }

    /// Fails with everything that was wrong.
    pub fn finish(mut self) -> Result<(), HttpError> {
        for (name, _) in self.fields {
            let name: String = name.chars().take(64).collect();
            self.problems.push(BadField::new(name, "no such parameter here"));
        }
        if self.problems.is_empty() { Ok(()) } else { Err(HttpError::Invalid(self.problems)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calling::outcome::Outcome;
    use crate::domain::ids::ContactId;

    #[test]
    fn every_problem_of_a_query_is_named() {
        let mut query = QueryReader::new("outcome=lost&limit=0&from=yesterday&colour=red&cursor=a&cursor=b");

        query.value::<Outcome>("outcome");
        query.time("from");
        query.window();

        let Err(HttpError::Invalid(problems)) = query.finish() else { panic!("passed") };
        let names: Vec<_> = problems.iter().map(|bad| bad.field.as_ref()).collect();
        assert_eq!(names, ["outcome", "from", "limit", "cursor", "colour"]);
    }

    #[test]
    fn a_problem_is_told_in_words_that_help() {
        let mut query = QueryReader::new("limit=a&contact=abc&number=+33199001234&caller=12");

        query.window();
        query.id::<ContactId>("contact");
        query.phone("number");
        query.phone("caller");

        let told = query.finish().expect_err("four are wrong").to_string();
        let told: Vec<_> = told.split("; ").collect();
        assert_eq!(
            told,
            [
                "limit: must be a whole number from 1 to 200",
                "contact: must be an id as the API gives it",
                "number: its + arrived as a space: write it as %2B, for instance %2B33199001234",
                "caller: must be a telephone number in E.164, with its + written as %2B, for instance %2B33199001234",
            ]
        );
    }

    #[test]
    fn an_empty_field_counts_as_absent() {
        let mut query = QueryReader::new("outcome=&from=");

        assert_eq!(query.value::<Outcome>("outcome"), None);
        assert_eq!(query.time("from"), None);
        assert_eq!(query.finish(), Ok(()));
    }

    #[test]
    fn a_time_with_an_offset_passes_even_unescaped() {
        let mut query = QueryReader::new("from=2026-11-22T13:00:00+01:00");

        assert_eq!(query.time("from").map(|at| at.to_string()).as_deref(), Some("2026-11-22T12:00:00.000Z"));
    }
}
