//! Words about people: what is known of them, and that two are one.

use super::Lang;
use crate::domain::people::address;
use crate::domain::people::likeness::Sign;
use crate::domain::people::merge::Why;

/// The fixed texts of the contact's page.
#[derive(Debug)]
pub struct PeopleTexts {
    pub known: &'static str,
    pub given_name: &'static str,
    pub family_name: &'static str,
    pub name: &'static str,
    pub language: &'static str,
    pub verified: &'static str,
    pub merges: &'static str,
    pub merged: &'static str,
    pub moved: &'static str,
    pub undo: &'static str,
    pub undo_means: &'static str,
    pub undone: &'static str,
    pub conflicts: &'static str,
    pub duplicates: &'static str,
    pub duplicates_claim: &'static str,
    pub duplicates_none: &'static str,
    pub duplicates_more: &'static str,
    pub points: &'static str,
    pub merge: &'static str,
    pub refuse: &'static str,
}

static EN: PeopleTexts = PeopleTexts {
    known: "What is known",
    given_name: "Given name",
    family_name: "Family name",
    name: "Name, as it was said",
    language: "Language",
    verified: "verified",
    merges: "Merges",
    merged: "Two contacts became one",
    moved: "carried over:",
    undo: "Undo",
    undo_means: "They are two again: what was carried over goes back, and what came since goes with its number or browser.",
    undone: "Undone",
    conflicts: "The other said",
    duplicates: "Duplicates",
    duplicates_claim: "Contacts who may be one person, the likeliest first.",
    duplicates_none: "Nobody looks like anybody else",
    duplicates_more: "Less alike",
    points: "points",
    merge: "Merge",
    refuse: "Not the same",
};

static FR: PeopleTexts = PeopleTexts {
    known: "Ce que l’on sait",
    given_name: "Prénom",
    family_name: "Nom",
    name: "Nom, tel qu’il a été dit",
    language: "Langue",
    verified: "vérifié",
    merges: "Fusions",
    merged: "Deux contacts n’en font qu’un",
    moved: "repris\u{a0}:",
    undo: "Annuler",
    undo_means: "Ils sont de nouveau deux : ce qui a été repris retourne, et ce qui est venu depuis suit son numéro ou son navigateur.",
    undone: "Annulée",
    conflicts: "L’autre disait",
    duplicates: "Doublons",
    duplicates_claim: "Des contacts qui sont peut-être une même personne, les plus probables d’abord.",
    duplicates_none: "Personne ne ressemble à un autre",
    duplicates_more: "Moins ressemblants",
    points: "points",
    merge: "Fusionner",
    refuse: "Pas les mêmes",
};

impl Lang {
    pub const fn people_texts(self) -> &'static PeopleTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn address_kind(self, kind: address::Kind) -> &'static str {
        use address::Kind as K;
        match (self, kind) {
            (Lang::En, K::Home) => "Home address",
            (Lang::Fr, K::Home) => "Adresse du domicile",
            (Lang::En, K::Work) => "Work address",
            (Lang::Fr, K::Work) => "Adresse professionnelle",
            (Lang::En, K::Billing) => "Billing address",
            (Lang::Fr, K::Billing) => "Adresse de facturation",
            (Lang::En, K::Delivery) => "Delivery address",
            (Lang::Fr, K::Delivery) => "Adresse de livraison",
            (Lang::En, K::Other) => "Another address",
            (Lang::Fr, K::Other) => "Autre adresse",
        }
    }

    pub const fn sign(self, sign: Sign) -> &'static str {
        match (self, sign) {
            (Lang::En, Sign::Name) => "names",
            (Lang::Fr, Sign::Name) => "noms",
            (Lang::En, Sign::Postcode) => "same postcode",
            (Lang::Fr, Sign::Postcode) => "même code postal",
            (Lang::En, Sign::OtherPostcode) => "another postcode",
            (Lang::Fr, Sign::OtherPostcode) => "autre code postal",
            (Lang::En, Sign::Mailbox) => "same mailbox",
            (Lang::Fr, Sign::Mailbox) => "même boîte aux lettres",
        }
    }

    pub const fn yes_or_no(self, flag: bool) -> &'static str {
        match (self, flag) {
            (Lang::En, true) => "yes",
            (Lang::En, false) => "no",
            (Lang::Fr, true) => "oui",
            (Lang::Fr, false) => "non",
        }
    }

    pub const fn merge_why(self, why: Why) -> &'static str {
        match (self, why) {
            (Lang::En, Why::Identity) => "identities written together",
            (Lang::Fr, Why::Identity) => "identités écrites ensemble",
            (Lang::En, Why::Hand) => "named as one",
            (Lang::Fr, Why::Hand) => "désignés comme une même personne",
        }
    }

    /// What a merge carried over, in numbers.
    pub fn carried_over(self, identities: usize, calls: u64) -> String {
        match self {
            Lang::En => {
                let of = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
                format!("{}, {}", of(identities as u64, "identity", "identities"), of(calls, "call", "calls"))
            }
            // Zero is singular in French.
            Lang::Fr => {
                let of = |n: u64, one: &str, many: &str| format!("{n} {}", if n < 2 { one } else { many });
                format!(
                    "{}, {}",
                    of(identities as u64, "identité", "identités"),
                    of(calls, "appel", "appels")
                )
            }
        }
    }
}
