//! Names that nobody has: digits, one letter again and again, `test`, an e-mail
//! address; and those that stand in each other's place.

use super::{Code, Place};
use crate::domain::people::keys::name_words;
use crate::domain::people::profile::Profile;

/// What people type who do not want to say their name.
const TESTS: [&str; 20] = [
    "test",
    "tests",
    "teste",
    "testing",
    "essai",
    "azerty",
    "qwerty",
    "asdf",
    "qsdf",
    "aze",
    "foo",
    "bar",
    "toto",
    "tata",
    "dummy",
    "fake",
    "anonyme",
    "anonymous",
    "inconnu",
    "unknown",
];

/// Given names of many that few have for a family name.
const GIVEN: [&str; 48] = [
    "alexandra",
    "amandine",
    "aurelie",
    "aurore",
    "brigitte",
    "camille",
    "caroline",
    "catherine",
    "cecile",
    "celine",
    "chantal",
    "charlotte",
    "christelle",
    "christine",
    "christophe",
    "claire",
    "corinne",
    "delphine",
    "elodie",
    "emilie",
    "emmanuelle",
    "fabienne",
    "florence",
    "francoise",
    "frederic",
    "guillaume",
    "helene",
    "isabelle",
    "jacqueline",
    "jerome",
    "julie",
    "karine",
    "laetitia",
    "laurence",
    "martine",
    "melanie",
    "monique",
    "nathalie",
    "nicole",
    "sandrine",
    "sebastien",
    "sophie",
    "stephane",
    "stephanie",
    "sylvie",
    "thierry",
    "valerie",
    "veronique",
];

pub(super) fn problems(profile: &Profile) -> Vec<(Place, Code)> {
    let names = [
        (Place::Name, &profile.name),
        (Place::GivenName, &profile.given_name),
        (Place::FamilyName, &profile.family_name),
    ];
    let each =
        names.into_iter().filter_map(|(place, name)| Some((place, name.as_deref().and_then(problem)?)));
    let mut problems: Vec<_> = each.collect();
    if problems.is_empty()
        && let (Some(given), Some(family)) = (&profile.given_name, &profile.family_name)
        && are_swapped(given, family)
    {
        problems.push((Place::GivenName, Code::NamesSwapped));
    }
    problems
}

fn problem(name: &str) -> Option<Code> {
    let words = name_words(name);
    if name.contains('@') {
        Some(Code::NameEmail)
    } else if name.contains(|c: char| c.is_ascii_digit()) {
        Some(Code::NameDigits)
    } else if words.iter().any(|word| is_repeated(word)) || words.is_empty() {
        Some(Code::NameRepeated)
    } else if words.iter().any(|word| TESTS.contains(&word.as_str())) {
        Some(Code::NameTest)
    } else {
        None
    }
}

/// `xx` and `aaaa`; an initial stands by itself.
fn is_repeated(word: &str) -> bool {
    let mut letters = word.chars();
    let first = letters.next();
    word.chars().count() > 2 && letters.all(|letter| Some(letter) == first)
}

/// By habit the family name has the capitals: `DUPONT Jean`. Or the name that stands for the family is a
/// given one, and the other is none.
fn are_swapped(given: &str, family: &str) -> bool {
    let shouts =
        |name: &str| name.chars().filter(|c| c.is_alphabetic()).count() > 1 && name.to_uppercase() == name;
    let is_given = |name: &str| name_words(name).iter().any(|word| GIVEN.contains(&word.as_str()));
    // Scripts without capitals shout always.
    let has_case = |name: &str| name.to_lowercase() != name.to_uppercase();
    let by_capitals = has_case(given)
        && has_case(family)
        && shouts(given)
        && !shouts(family)
        && family.to_lowercase() != family;
    by_capitals || is_given(family) && !is_given(given)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_nobody_has_is_told() {
        for (name, told) in [
            ("Ada", None),
            ("Aa", None),
            ("J", None),
            ("Li", None),
            ("d'Ormesson", None),
            ("李", None),
            ("Ada2", Some(Code::NameDigits)),
            ("0639980001", Some(Code::NameDigits)),
            ("xxx", Some(Code::NameRepeated)),
            ("...", Some(Code::NameRepeated)),
            ("Test", Some(Code::NameTest)),
            ("M. TEST", Some(Code::NameTest)),
            ("Testud", None),
            ("ada@example.org", Some(Code::NameEmail)),
        ] {
            assert_eq!(problem(name), told, "{name}");
        }
    }

    #[test]
    fn names_in_each_others_place_are_told() {
        for (given, family, swapped) in [
            ("Jean", "DUPONT", false),
            ("DUPONT", "Jean", true),
            ("JEAN", "DUPONT", false),
            ("Dupont", "Isabelle", true),
            ("Sophie", "Claire", false),
            ("李", "Wei", false),
            ("J", "Dupont", false),
        ] {
            assert_eq!(are_swapped(given, family), swapped, "{given} {family}");
        }
    }
}
