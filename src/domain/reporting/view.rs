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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_view_has_a_name() {
        assert_eq!(view_name("  Missed   in Nice ").as_deref(), Some("Missed in Nice"));
        assert_eq!((view_name(" "), view_name(&"x".repeat(NAME_MAX + 1))), (None, None));
    }
}
