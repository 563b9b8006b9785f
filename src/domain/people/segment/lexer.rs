//! From characters to tokens: names and numbers are one kind, what they are the
//! place tells that they stand in.

use super::TEXT_MAX;
use super::fault::{Fault, Problem};

#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Token {
    /// Letters, digits, `.`, `_`, `-`: `field.loyalty`, `49.90`, `2026-11-28`, `90d`.
    Run(String),
    /// What stood in quotes; `\"` and `\\` are a quote and a backslash.
    Text(String),
    /// A bracket, a comma or a comparison.
    Mark(&'static str),
    End,
}

/// A token, and where it stands, in characters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Placed {
    pub token: Token,
    pub at: usize,
    pub length: usize,
}

/// Longer ones first: `<=` is no `<`.
const MARKS: [&str; 11] = ["!=", "^=", "*=", "<=", ">=", "=", "<", ">", "(", ")", ","];

/// The tokens of a text, the end last.
pub fn lex(text: &str) -> Result<Vec<Placed>, Problem> {
    let chars: Vec<char> = text.chars().collect();
    if chars.len() > TEXT_MAX {
        return Err(Problem { at: TEXT_MAX, length: 0, fault: Fault::TooLong });
    }
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&first) = chars.get(at) {
        if first.is_whitespace() {
            at += 1;
            continue;
        }
        let (token, length) = if is_run(first) {
            let run: String = chars[at..].iter().copied().take_while(|c| is_run(*c)).collect();
            let length = run.len();
            (Token::Run(run), length)
        } else if first == '"' {
            quoted(&chars[at..]).ok_or(Problem { at, length: chars.len() - at, fault: Fault::OpenText })?
        } else {
            let begins = |mark: &&str| mark.chars().eq(chars[at..].iter().copied().take(mark.len()));
            let mark = MARKS.into_iter().find(begins);
            let mark = mark.ok_or(Problem { at, length: 1, fault: Fault::Stray(first) })?;
            (Token::Mark(mark), mark.len())
        };
        tokens.push(Placed { token, at, length });
        at += length;
    }
    tokens.push(Placed { token: Token::End, at: chars.len(), length: 0 });
    Ok(tokens)
}

const fn is_run(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
}

/// The text that begins with the quote in front, and how many characters it takes.
fn quoted(chars: &[char]) -> Option<(Token, usize)> {
    let mut text = String::new();
    let mut at = 1;
    loop {
        match (chars.get(at)?, chars.get(at + 1)) {
            ('"', _) => return Some((Token::Text(text), at + 1)),
            ('\\', Some(&escaped @ ('"' | '\\'))) => {
                text.push(escaped);
                at += 2;
            }
            // A control character would end on no page and in no database.
            (c, _) if c.is_control() => return None,
            (c, _) => {
                text.push(*c);
                at += 1;
            }
        }
    }
}
