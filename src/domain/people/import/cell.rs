//! Cells that a spreadsheet would carry out instead of showing them.
//!
//! A cell that begins with `=`, `+`, `-` or `@` is a formula to it, whoever wrote
//! it (OWASP, CSV injection). An apostrophe in front makes it text; reading
//! takes that apostrophe off again, and no other.

use std::borrow::Cow;

/// A cell as it is written to a file that people open.
pub fn written(cell: &str) -> Cow<'_, str> {
    if is_armed(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What [`written`] was given.
pub fn read(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| is_armed(rest)).unwrap_or(cell)
}

/// Apostrophes count as if they were not there, so that one too many comes off again.
fn is_armed(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_formula_is_text_and_an_apostrophe_stays() {
        for (cell, file) in [
            ("=1+1", "'=1+1"),
            ("+33639980001", "'+33639980001"),
            ("'=x", "''=x"),
            ("'t Hart", "'t Hart"),
            ("d'Ormesson", "d'Ormesson"),
            ("", ""),
        ] {
            assert_eq!((written(cell).as_ref(), read(file)), (file, cell));
        }
    }

    proptest! {
        #[test]
        fn whatever_was_written_is_read(cell in "['=+@a-]{0,6}|.*") {
            let written = written(&cell);
            prop_assert!(!written.starts_with(['=', '+', '-', '@']));
            prop_assert_eq!(read(&written), cell.as_str());
        }
    }
}
