//! How a name is shown that was written in capitals or in small letters alone:
//! `DUPONT` as `Dupont`, `jean-pierre` as `Jean-Pierre`. What was written stays
//! beside it, and whoever mixed both has meant it.

/// Stand in small letters before the name proper; French `La` and `Le` do not.
const PARTICLES: [&str; 12] = ["de", "du", "des", "von", "van", "der", "den", "zu", "da", "dos", "di", "y"];

/// A name for a page.
pub fn display(name: &str) -> String {
    let words: Vec<String> = name.split_whitespace().map(word).collect();
    words.join(" ")
}

fn word(written: &str) -> String {
    let is_mixed = written.chars().any(char::is_lowercase) && written.chars().skip(1).any(char::is_uppercase);
    let starts_great = written.chars().next().is_some_and(char::is_uppercase);
    let rest_is_small = !written.chars().skip(1).any(char::is_uppercase);
    let small = written.to_lowercase();
    if PARTICLES.contains(&small.as_str()) {
        return if starts_great && rest_is_small { written.to_owned() } else { small };
    }
    if is_mixed || starts_great && rest_is_small && written.chars().count() > 1 {
        return written.to_owned();
    }
    // d'Ormesson, but O'Neil and L'Hermite.
    match small.split_once(['\'', '’']) {
        Some(("d", rest)) => format!("d{}{}", apostrophe(written), capitals(rest)),
        _ => capitals(&small),
    }
}

fn apostrophe(written: &str) -> char {
    if written.contains('’') { '’' } else { '\'' }
}

/// Each part begins with a capital letter.
fn capitals(small: &str) -> String {
    let mut begins = true;
    let mut cased = String::with_capacity(small.len());
    for c in small.chars() {
        if begins {
            cased.extend(c.to_uppercase());
        } else {
            cased.push(c);
        }
        begins = !c.is_alphanumeric();
    }
    cased
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_shown_as_it_is_printed() {
        for (written, shown) in [
            ("DUPONT", "Dupont"),
            ("dupont", "Dupont"),
            ("JEAN-PIERRE LÉVY", "Jean-Pierre Lévy"),
            ("CHARLES DE GAULLE", "Charles de Gaulle"),
            ("JEAN DE LA FONTAINE", "Jean de La Fontaine"),
            ("JOACHIM DU BELLAY", "Joachim du Bellay"),
            ("JEAN D'ORMESSON", "Jean d'Ormesson"),
            ("JEAN D’ORMESSON", "Jean d’Ormesson"),
            ("o'neil", "O'Neil"),
            ("McDonald", "McDonald"),
            ("De Gaulle", "De Gaulle"),
            ("élodie", "Élodie"),
            ("  ada   LOVELACE ", "Ada Lovelace"),
            ("李", "李"),
            ("", ""),
        ] {
            assert_eq!(display(written), shown, "{written}");
        }
    }
}
