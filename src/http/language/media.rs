//! Words about numbers and what carries them; money and days as they are written.

use super::Lang;
use crate::domain::calling::schedule::DayRange;
use crate::domain::money::{Currency, Money};
use crate::domain::tracking::offline::Kind;
use crate::domain::tracking::swap::Rule;

impl Lang {
    /// What carries a static number; `None`: the plan does not say.
    pub const fn medium_kind(self, kind: Option<Kind>) -> &'static str {
        match (self, kind) {
            (Lang::En, Some(Kind::Poster)) => "Poster",
            (Lang::Fr, Some(Kind::Poster)) => "Affiche",
            (Lang::En, Some(Kind::Flyer)) => "Flyer",
            (Lang::Fr, Some(Kind::Flyer)) => "Prospectus",
            (Lang::En, Some(Kind::Card)) => "Business card",
            (Lang::Fr, Some(Kind::Card)) => "Carte de visite",
            (Lang::En, Some(Kind::Directory)) => "Directory",
            (Lang::Fr, Some(Kind::Directory)) => "Annuaire",
            (Lang::En, Some(Kind::Profile)) => "Profile page",
            (Lang::Fr, Some(Kind::Profile)) => "Fiche d’établissement",
            (Lang::En, Some(Kind::Signature)) => "E-mail signature",
            (Lang::Fr, Some(Kind::Signature)) => "Signature d’e-mail",
            (Lang::En, Some(Kind::Other)) => "Other medium",
            (Lang::Fr, Some(Kind::Other)) => "Autre support",
            (Lang::En, None) => "Static number",
            (Lang::Fr, None) => "Numéro fixe",
        }
    }

    /// What a visit was shown.
    pub const fn shown_by(self, rule: Rule) -> &'static str {
        match (self, rule) {
            (Lang::En, Rule::Lease) => "A number of their own",
            (Lang::Fr, Rule::Lease) => "Un numéro à elles",
            (Lang::En, Rule::Renewed) => "The number they had before",
            (Lang::Fr, Rule::Renewed) => "Le numéro qu’elles avaient déjà",
            (Lang::En, Rule::Shared) => "The number of a visit like them",
            (Lang::Fr, Rule::Shared) => "Le numéro d’une visite semblable",
            (Lang::En, Rule::ChannelStatic) => "Their channel’s number",
            (Lang::Fr, Rule::ChannelStatic) => "Le numéro de leur canal",
            (Lang::En, Rule::Original) => "The number written on the page",
            (Lang::Fr, Rule::Original) => "Le numéro écrit sur la page",
        }
    }

    /// `1 Mar 2026 – 31 May 2026`, or one day.
    pub fn days(self, days: DayRange) -> String {
        let [from, until] = days.bounds();
        let last = until - std::time::Duration::from_millis(1);
        if from.day() == last.day() {
            self.day(from)
        } else {
            format!("{} – {}", self.day(from), self.day(last))
        }
    }

    /// `EUR 1,250.00` and `1 250,00 EUR`: with the code, which is no other country's.
    pub fn money(self, money: Money) -> String {
        self.amount("", money.minor, money.currency)
    }

    /// The same of what may have been given back.
    pub(super) fn amount(self, sign: &str, minor: u64, currency: Currency) -> String {
        let amount = sign.to_owned() + &self.digits(minor, currency);
        match self {
            Lang::En => format!("{currency}\u{a0}{amount}"),
            Lang::Fr => format!("{amount}\u{a0}{currency}"),
        }
    }

    /// The amount alone, where its currency stands beside it: `1,250.00`.
    pub(super) fn digits(self, minor: u64, currency: Currency) -> String {
        let decimals = currency.decimals();
        let digits = format!("{minor:0>width$}", width = decimals + 1);
        let (whole, part) = digits.split_at(digits.len() - decimals);
        let (comma, point) = match self {
            Lang::En => (",", "."),
            Lang::Fr => ("\u{202f}", ","),
        };
        let groups: Vec<&str> =
            whole.as_bytes().rchunks(3).rev().filter_map(|it| str::from_utf8(it).ok()).collect();
        groups.join(comma) + if part.is_empty() { "" } else { point } + part
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_is_written_as_the_reader_does() {
        for (minor, currency, en, fr) in [
            (125_000, "EUR", "EUR 1,250.00", "1 250,00 EUR"),
            (7, "EUR", "EUR 0.07", "0,07 EUR"),
            (0, "EUR", "EUR 0.00", "0,00 EUR"),
            (1_250_000, "JPY", "JPY 1,250,000", "1 250 000 JPY"),
            (1_500, "TND", "TND 1.500", "1,500 TND"),
        ] {
            let money = Money { minor, currency: currency.parse().unwrap() };
            let plain = |lang: Lang| lang.money(money).replace(['\u{a0}', '\u{202f}'], " ");

            assert_eq!((plain(Lang::En).as_str(), plain(Lang::Fr).as_str()), (en, fr));
        }
    }

    #[test]
    fn a_run_is_told_with_its_first_and_its_last_day() {
        let told = |text: &str| {
            let days: crate::domain::calling::schedule::Days = text.parse().unwrap();
            Lang::En.days(days.0).replace('\u{a0}', " ")
        };

        assert_eq!(told("2026-03-01..2026-05-31"), "1 Mar 2026 – 31 May 2026");
        assert_eq!(told("2026-12-24"), "24 Dec 2026");
    }
}
