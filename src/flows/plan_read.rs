//! A plan is read from its text, or the text is told what is wrong with it.

use std::fmt;

use crate::domain::calling::tolls::Exit;
use crate::domain::ids::PromptId;
use crate::domain::plan::{Draft, Plan, Problem};

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanReadError {
    /// The text is no TOML, or has a key or a kind of value that no plan has.
    #[error("line {line}, column {column}: {message}")]
    Syntax { line: usize, column: usize, message: String },
    /// It reads well and says something impossible; all of it.
    #[error("{0}")]
    Problems(Problems),
}

/// Everything that is wrong, a line each.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, problem) in self.0.iter().enumerate() {
            let end = if nth == 0 { "" } else { "\n" };
            write!(f, "{end}{problem}")?;
        }
        Ok(())
    }
}

/// Reads and checks a plan; `trunks` are those of the configuration, `prompts` those that an admin brought.
pub fn plan_read(text: &str, trunks: &[Exit], prompts: &[PromptId]) -> Result<Plan, PlanReadError> {
    let draft: Draft = toml::from_str(text).map_err(|error| syntax(text, &error))?;
    draft.check(trunks, prompts, nearest).map_err(|problems| PlanReadError::Problems(Problems(problems)))
}

fn syntax(text: &str, error: &toml::de::Error) -> PlanReadError {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    PlanReadError::Syntax { line, column, message: explain(error.message()) }
}

/// Adds the nearest valid key to what serde says of an unknown one:
/// ``unknown field `nme`, expected `id` or `name` ``.
fn explain(message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    match quoted.split_first() {
        Some((wrong, keys)) if message.starts_with("unknown field") => match nearest(wrong, keys) {
            Some(key) => format!("unknown key {wrong:?}; did you mean {key:?}?"),
            None => format!("unknown key {wrong:?}; here may stand {}", keys.join(", ")),
        },
        _ => message.lines().next().unwrap_or("not a plan").to_owned(),
    }
}

/// The word that was probably meant, if one is near.
pub(super) fn nearest(wrong: &str, words: &[&str]) -> Option<String> {
    let distances = words.iter().map(|word| (strsim::damerau_levenshtein(wrong, word), *word));
    let (distance, word) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + wrong.chars().count() / 3).then(|| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_told_with_its_place_and_the_key_that_was_meant() {
        let text = "[[outlets]]\nid = \"lyon\"\nname = \"Lyon\"\nparrent = \"head\"\n";

        let error = plan_read(text, &[], &[]).unwrap_err();

        assert_eq!(error.to_string(), "line 4, column 1: unknown key \"parrent\"; did you mean \"parent\"?");
    }

    #[test]
    fn a_text_that_is_no_toml_is_told_where_it_breaks() {
        let PlanReadError::Syntax { line, column, .. } =
            plan_read("[[outlets]]\nid = lyon\n", &[], &[]).unwrap_err()
        else {
            panic!("a problem of syntax")
        };

        assert_eq!((line, column), (2, 6));
    }

    #[test]
    fn an_empty_text_is_an_empty_plan() {
        assert_eq!(plan_read("", &[], &[]), Ok(Plan::default()));
    }
}
