//! A French address as it is written on an envelope, by the norm AFNOR NF Z10-011:
//! six lines of at most 38 characters, in capitals, without accents and
//! punctuation, abbreviated where they are too long and not otherwise.
//!
//! ```text
//!   1  recipient
//!   2  inside: apartment, floor, stairs, in whose care
//!   3  outside: building, entrance, residence
//!   4  number and street
//!   5  locality, post-office box
//!   6  postcode and city
//! ```

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Code;
use super::streets::{ABBREVIATIONS, INSIDE, OVERSEAS};
use crate::domain::people::address::Address;

/// How many characters a line has room for.
pub const LINE_MAX: usize = 38;
/// From a longer one on the name of a street is abbreviated, though its line may have room.
const STREET_MAX: usize = 32;

/// What is printed, and what is wrong with it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Label {
    /// At most six, none empty; one that is too long stands whole.
    pub lines: Vec<String>,
    pub problems: Vec<Code>,
}

/// Whether La Poste delivers it: France with its territories overseas, and Monaco.
pub fn is_french(address: &Address) -> bool {
    const FRENCH: [&str; 13] = ["FR", "GP", "MQ", "GF", "RE", "PM", "YT", "BL", "MF", "WF", "PF", "NC", "MC"];
    FRENCH.contains(&address.country.to_string().as_str())
}

/// Lays out a French address for this recipient.
pub fn label(recipient: &str, address: &Address) -> Label {
    let part = |part: &Option<String>| part.as_deref().unwrap_or_default().to_owned();
    let (inside, outside) = complements(&part(&address.complement));
    let street = capitals(&part(&address.line));
    let named = street.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    let street = if named.chars().count() > STREET_MAX { fit(street, true) } else { street };
    let (postcode, city) =
        (capitals(&part(&address.postcode)).replace(' ', ""), capitals(&part(&address.city)));
    let locality = capitals(&part(&address.locality));
    let mut problems = Vec::new();
    if street.is_empty() && locality.is_empty() {
        problems.push(Code::AddressNoStreet);
    }
    problems.extend(postcode_problem(&postcode));
    if city.is_empty() {
        problems.push(Code::AddressNoCity);
    }
    let place = [postcode, city].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
    let lines = [capitals(recipient), inside, outside, street, locality, place];
    let lines: Vec<String> =
        lines.into_iter().filter(|line| !line.is_empty()).map(|line| fit(line, false)).collect();
    if lines.iter().any(|line| line.chars().count() > LINE_MAX) {
        problems.push(Code::AddressLong);
    }
    Label { lines, problems }
}

/// A complement's parts, between commas: those inside, those outside.
fn complements(text: &str) -> (String, String) {
    let parts = text.split([',', ';']).map(|part| {
        // `c/o` is what French says `chez` for.
        format!(" {} ", capitals(part)).replace(" C O ", " CHEZ ").trim().to_owned()
    });
    let is_inside = |part: &String| part.split(' ').any(|word| INSIDE.contains(&word));
    let (inside, outside): (Vec<_>, Vec<_>) = parts.filter(|part| !part.is_empty()).partition(is_inside);
    (inside.join(" "), outside.join(" "))
}

/// Letters and digits, in capitals without accents, one space between words.
fn capitals(text: &str) -> String {
    let bare =
        text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_uppercase).collect::<String>();
    let bare = bare.replace('Œ', "OE").replace('Æ', "AE");
    let words = bare.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// Abbreviates a line from the left, no further than it needs; `always`: its first word in any case.
fn fit(line: String, always: bool) -> String {
    let mut line = format!(" {line} ");
    // The two spaces around it are not printed.
    let is_long = |line: &str| line.chars().count() > LINE_MAX + 2;
    let mut once = always;
    for kind in ABBREVIATIONS {
        for (whole, short) in kind {
            if !is_long(&line) && !once {
                return line.trim().to_owned();
            }
            let shorter = line.replacen(&format!(" {whole} "), &format!(" {short} "), 1);
            once = once && shorter == line;
            line = shorter;
        }
    }
    line.trim().to_owned()
}

fn postcode_problem(postcode: &str) -> Option<Code> {
    if postcode.is_empty() {
        return Some(Code::AddressNoPostcode);
    }
    if postcode.len() != 5 || !postcode.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Code::AddressPostcode);
    }
    let department: u32 = postcode[..2].parse().unwrap_or_default();
    // 00 is the army's.
    let known = department <= 95 || OVERSEAS.contains(&&postcode[..3]);
    (!known).then_some(Code::AddressDepartment)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::address::Kind;

    fn address(parts: [&str; 5]) -> Address {
        let [complement, line, locality, postcode, city] =
            parts.map(|part| (!part.is_empty()).then(|| part.to_owned()));
        let country = "FR".parse().unwrap();
        Address { kind: Kind::Home, complement, line, locality, postcode, city, country, returned_at: None }
    }

    #[test]
    fn an_address_is_laid_out_as_the_norm_says() {
        for (parts, lines) in [
            (["", "12, rue de la Paix", "", "75002", "Paris"], vec!["12 RUE DE LA PAIX", "75002 PARIS"]),
            (
                [
                    "Apt 4, Bâtiment B, Résidence des Lilas",
                    "56 bis av. Émile Zola",
                    "BP 90432",
                    "69 401",
                    "Lyon Cédex 08",
                ],
                vec![
                    "APT 4",
                    "BATIMENT B RESIDENCE DES LILAS",
                    "56 BIS AV EMILE ZOLA",
                    "BP 90432",
                    "69401 LYON CEDEX 08",
                ],
            ),
            (
                ["c/o Martin", "2 quai d'Orsay", "", "76800", "Saint-Étienne-du-Rouvray"],
                vec!["CHEZ MARTIN", "2 QUAI D ORSAY", "76800 SAINT ETIENNE DU ROUVRAY"],
            ),
            // What fits is not abbreviated …
            (
                ["", "150 avenue des Champs-Élysées", "", "75008", "Paris"],
                vec!["150 AVENUE DES CHAMPS ELYSEES", "75008 PARIS"],
            ),
            // … what does not is, kinds of streets before titles, no further than it needs.
            (
                ["", "1 boulevard du Maréchal Alphonse Juin de Savoie", "", "06000", "Nice"],
                vec!["1 BD DU MAL ALPHONSE JUIN DE SAVOIE", "06000 NICE"],
            ),
            (
                ["", "1 boulevard du Maréchal de Lattre", "", "06000", "Nice"],
                vec!["1 BOULEVARD DU MARECHAL DE LATTRE", "06000 NICE"],
            ),
            (
                ["", "12 avenue du Général Jeanne de Lattre", "", "06000", "Nice"],
                vec!["12 AV DU GENERAL JEANNE DE LATTRE", "06000 NICE"],
            ),
        ] {
            let label = label("Ada Lovelace-Byron", &address(parts));

            assert_eq!(label.lines[0], "ADA LOVELACE BYRON");
            assert_eq!(label.lines[1..], lines, "{parts:?}");
            assert_eq!(label.problems, [], "{parts:?}");
        }
    }

    #[test]
    fn what_is_missing_or_wrong_or_does_not_fit_is_told() {
        use Code as C;
        for (parts, told) in [
            (["", "1 rue du Four", "", "", ""], vec![C::AddressNoPostcode, C::AddressNoCity]),
            (["", "", "", "69001", "Lyon"], vec![C::AddressNoStreet]),
            (["", "1 rue du Four", "", "6900", "Lyon"], vec![C::AddressPostcode]),
            (["", "1 rue du Four", "", "2A000", "Ajaccio"], vec![C::AddressPostcode]),
            (["", "1 rue du Four", "", "96000", "Lyon"], vec![C::AddressDepartment]),
            (["", "1 rue du Four", "", "97499", "Saint-Denis"], vec![]),
            (["", "1 rue du Four", "", "97999", "Nulle-Part"], vec![C::AddressDepartment]),
            (
                ["", "1 rue de l'Abbé-de-l'Épée-et-de-ses-nombreux-amis", "", "69001", "Lyon"],
                vec![C::AddressLong],
            ),
        ] {
            assert_eq!(label("Ada", &address(parts)).problems, told, "{parts:?}");
        }
    }

    #[test]
    fn another_countrys_address_is_none_of_these() {
        let mut belgian = address(["", "1 rue Neuve", "", "1000", "Bruxelles"]);
        belgian.country = "BE".parse().unwrap();

        assert!(!is_french(&belgian) && is_french(&address(["", "", "", "", ""])));
    }

    proptest::proptest! {
        /// Whatever stands in it: capitals and digits, six lines, each part in its place or told.
        #[test]
        fn a_label_has_six_lines_of_plain_letters(parts in proptest::array::uniform5(".{0,60}")) {
            let label = label("Ada", &address(parts.each_ref().map(String::as_str)));

            proptest::prop_assert!(label.lines.len() <= 6);
            for line in &label.lines {
                proptest::prop_assert!(line.chars().all(|c| c.is_alphanumeric() || c == ' '));
                proptest::prop_assert!(!line.contains("  ") && line.trim() == line && !line.is_empty());
            }
            let long = label.lines.iter().any(|line| line.chars().count() > LINE_MAX);
            proptest::prop_assert_eq!(long, label.problems.contains(&Code::AddressLong));
        }
    }
}
