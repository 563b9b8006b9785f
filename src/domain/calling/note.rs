//! What people write down of a call: notes in their own words, and tags by which calls are put together.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::domain::ids::NoteId;
use crate::domain::time::Timestamp;

pub const NOTE_MAX: usize = 4_000;
pub const TAG_MAX: usize = 40;
/// How many tags a call may have.
pub const TAGS_MAX: usize = 20;

/// A note as it stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    pub id: NoteId,
    pub at: Timestamp,
    /// As [`Accessor`](super::recording::Accessor) prints.
    pub by: String,
    /// The user's address or the key's name, while they are known.
    pub name: Option<String>,
    pub text: NoteText,
}

/// Text of one or more lines, without what cannot be seen.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct NoteText(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("takes 1 to {NOTE_MAX} characters of text")]
pub struct BadNote;

impl FromStr for NoteText {
    type Err = BadNote;

    fn from_str(text: &str) -> Result<Self, BadNote> {
        // Forms send lines as `\r\n`.
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        let unseen = text.contains(|c: char| c.is_control() && c != '\n' && c != '\t');
        if !(1..=NOTE_MAX).contains(&text.chars().count()) || unseen {
            return Err(BadNote);
        }
        Ok(Self(text.to_owned()))
    }
}

impl TryFrom<String> for NoteText {
    type Error = BadNote;

    fn try_from(text: String) -> Result<Self, BadNote> {
        text.parse()
    }
}

impl NoteText {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A word or a few, in small letters, so that nobody has to remember how it was written.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Tag(String);

#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("takes 1 to {TAG_MAX} characters without commas or line ends")]
pub struct BadTag;

impl FromStr for Tag {
    type Err = BadTag;

    fn from_str(text: &str) -> Result<Self, BadTag> {
        let bad = text.contains(|c: char| c == ',' || c.is_control());
        let tag = text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        if bad || !(1..=TAG_MAX).contains(&tag.chars().count()) { Err(BadTag) } else { Ok(Self(tag)) }
    }
}

impl TryFrom<String> for Tag {
    type Error = BadTag;

    fn try_from(text: String) -> Result<Self, BadTag> {
        text.parse()
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Tag {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_the_same_however_it_is_written() {
        let tag = |text: &str| text.parse::<Tag>().map(|tag| tag.to_string());

        assert_eq!(tag("  Devis   Cuisine "), Ok("devis cuisine".into()));
        assert_eq!(tag("DEVIS cuisine"), tag("devis cuisine"));
        for bad in ["", "  ", "a,b", "a\nb", &"x".repeat(TAG_MAX + 1)] {
            assert_eq!(tag(bad), Err(BadTag), "{bad:?}");
        }
    }

    #[test]
    fn a_note_keeps_its_lines_and_nothing_unseen() {
        let note = |text: &str| text.parse::<NoteText>().map(|note| note.as_str().to_owned());

        assert_eq!(note(" wants an offer\r\nby Friday \n"), Ok("wants an offer\nby Friday".into()));
        for bad in [" \n", "a\u{7}b", &"x".repeat(NOTE_MAX + 1)] {
            assert_eq!(note(bad), Err(BadNote), "{bad:?}");
        }
    }
}
