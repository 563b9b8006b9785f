//! Lists and reports that somebody wants to see again: a name for what stood in the address.

use crate::domain::calling::outcome::words;
use crate::domain::ids::{UserId, ViewId};

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SavedView {
    pub id: ViewId,
    pub page: ViewPage,
    pub name: String,
    /// As it stood behind the `?` of the address.
    pub query: String,
    /// Who alone sees it; `None`: everybody does.
    pub user: Option<UserId>,
}

/// What a view is one of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewPage {
    Calls,
    Overview,
}

words! { ViewPage:
    Calls = "calls",
    Overview = "overview",
}

pub const NAME_MAX: usize = 60;
pub const QUERY_MAX: usize = 2_000;

/// The name as it is kept; `None`: there is none, or too much of it.
pub fn view_name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(name).filter(|name| {
        (1..=NAME_MAX).contains(&name.chars().count()) && !name.contains(|c: char| c.is_control())
    })
}

/// What a view does not keep: where a list had been read to, the reader's language, and whom it was about, for a
/// view outlives what is known of people.
const NOT_KEPT: [&str; 5] = ["cursor", "lang", "caller", "contact", "search"];

/// The query as it is kept; `None`: it is too long.
pub fn view_query(text: &str) -> Option<String> {
    let fields: Vec<&str> = text
        .trim_start_matches('?')
        .split('&')
        .filter(|field| {
            let (name, value) = field.split_once('=').unwrap_or((field, ""));
            !value.is_empty() && !NOT_KEPT.contains(&name)
        })
        .collect();
    Some(fields.join("&"))
        .filter(|query| query.len() <= QUERY_MAX && !query.contains(|c: char| c.is_control()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_keeps_what_was_chosen_and_neither_where_the_list_was_nor_whom_it_was_about() {
        assert_eq!(
            view_query("?outcome=missed&channel=&cursor=abc&lang=fr&search=ada&period=week").as_deref(),
            Some("outcome=missed&period=week")
        );
        assert_eq!(view_query("").as_deref(), Some(""));
        assert_eq!(view_query(&format!("a={}", "x".repeat(QUERY_MAX))), None);
    }

    #[test]
    fn a_view_has_a_name() {
        assert_eq!(view_name("  Missed   in Nice ").as_deref(), Some("Missed in Nice"));
        assert_eq!((view_name(" "), view_name(&"x".repeat(NAME_MAX + 1))), (None, None));
    }
}
