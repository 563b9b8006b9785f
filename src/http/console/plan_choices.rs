//! What a form of the plan offers to choose from: entries of the draft, by name.

use crate::domain::ids::check_slug;
use crate::domain::phone::Country;
use crate::domain::plan::Draft;
use crate::domain::tracking::channels::Channel;
use crate::http::language::Lang;

/// A choice: its value, its text, whether it is chosen.
pub(super) type Choice = (String, String, bool);

fn choices<'d>(entries: impl Iterator<Item = (&'d str, &'d str)>, chosen: &str) -> Vec<Choice> {
    let mut choices: Vec<Choice> =
        entries.map(|(id, name)| (id.to_owned(), name.to_owned(), id == chosen)).collect();
    choices.sort_by_key(|(_, name, _)| name.to_lowercase());
    choices
}

/// The tree, each outlet below its parent and so much further to the right.
pub(super) fn outlets(draft: &Draft, chosen: &str) -> Vec<Choice> {
    fn below(draft: &Draft, parent: Option<&str>, depth: usize, into: &mut Vec<Choice>) {
        let mut children: Vec<_> = draft.outlets.iter().filter(|it| it.parent.as_deref() == parent).collect();
        children.sort_by_key(|it| it.name.to_lowercase());
        for child in children {
            into.push((child.id.clone(), format!("{}{}", "\u{2003}".repeat(depth), child.name), false));
            below(draft, Some(&child.id), depth + 1, into);
        }
    }
    let mut choices = Vec::new();
    below(draft, None, 0, &mut choices);
    for (id, _, is_chosen) in &mut choices {
        *is_chosen = id == chosen;
    }
    choices
}

pub(super) fn destinations(draft: &Draft, chosen: &str) -> Vec<Choice> {
    choices(draft.destinations.iter().map(|it| (it.id.as_str(), it.name.as_str())), chosen)
}

pub(super) fn sites(draft: &Draft, chosen: &str) -> Vec<Choice> {
    choices(draft.sites.iter().map(|it| (it.id.as_str(), it.name.as_str())), chosen)
}

pub(super) fn pools(draft: &Draft, chosen: &str) -> Vec<Choice> {
    choices(draft.pools.iter().map(|it| (it.id.as_str(), it.id.as_str())), chosen)
}

pub(super) fn channels(lang: Lang, chosen: &str) -> Vec<Choice> {
    let channels = Channel::ALL.iter();
    channels.map(|it| (it.as_str().to_owned(), lang.channel(*it).to_owned(), it.as_str() == chosen)).collect()
}

/// A number as somebody types it, as the plan writes it; what is none stays as it is, for the check to tell.
pub(super) fn e164(text: &str, home: Country) -> String {
    crate::domain::phone::Phone::parse(text, Some(home))
        .map_or_else(|_| text.trim().to_owned(), |number| number.reveal().to_owned())
}

/// A short name for what is called so: `Lyon Est` → `lyon-est`.
pub(super) fn slug(name: &str) -> String {
    let plain: String =
        name.to_lowercase().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let words: Vec<&str> = plain.split('-').filter(|word| !word.is_empty()).collect();
    let slug = words.join("-");
    if check_slug(&slug).is_ok() { slug } else { String::new() }
}
