//! Words about costs that somebody writes or brings, and what is wrong with them.

use super::Lang;
use crate::domain::lines::Misshapen;
use crate::domain::reporting::cost_lines::{Fault, TableFault, TableWrong, Wrong};
use crate::flows::CostError;

impl Lang {
    /// How many lines of a table were just written.
    pub fn costs_brought(self, lines: u64) -> String {
        match (self, lines) {
            (Lang::En, 1) => "One line is written down.".into(),
            (Lang::Fr, 1) => "Une ligne est notée.".into(),
            (Lang::En, _) => format!("{lines} lines are written down."),
            (Lang::Fr, _) => format!("{lines} lignes sont notées."),
        }
    }

    /// What is wrong with a cost that somebody wrote.
    pub fn cost_fault(self, fault: &Fault) -> String {
        let t = self.money_texts();
        let field = match fault.field {
            "first_day" => t.first_day,
            "last_day" => t.last_day,
            "channel" => t.channel,
            "source" => t.source,
            "campaign" => t.campaign,
            "outlet" => t.outlet,
            "currency" => t.currency,
            "note" => t.note,
            "key" => "key",
            _ => t.amount,
        };
        match self {
            Lang::En => format!("{field}: {}", fault.wrong),
            Lang::Fr => format!("{field}\u{a0}: {}", wrong_fr(fault.wrong)),
        }
    }

    /// What is wrong in a table, and in which line.
    pub fn cost_table_fault(self, fault: &TableFault) -> String {
        let TableFault { line, what } = fault;
        match (self, what) {
            (Lang::En, TableWrong::Field(fault)) => format!("Line {line}: {}", self.cost_fault(fault)),
            (Lang::Fr, TableWrong::Field(fault)) => format!("Ligne {line}\u{a0}: {}", self.cost_fault(fault)),
            (Lang::En, _) => format!("Line {line}: {what}"),
            (Lang::Fr, _) => format!("Ligne {line}\u{a0}: {}", table_wrong_fr(what)),
        }
    }

    /// What is wrong with the shape of a table.
    pub fn misshapen(self, wrong: &Misshapen) -> String {
        match self {
            Lang::En => wrong.to_string(),
            Lang::Fr => misshapen_fr(wrong),
        }
    }

    /// Why a cost is not written, where it is not the cost that is wrong.
    pub const fn cost_refused(self, why: &CostError) -> &'static str {
        let t = self.money_texts();
        match why {
            CostError::Full => t.full,
            CostError::KeyTaken => t.key_taken,
            CostError::NoOutlet { .. } | CostError::NotFound | CostError::Store(_) => self.texts().error_ours,
        }
    }
}

fn wrong_fr(wrong: Wrong) -> String {
    match wrong {
        Wrong::Missing => "manque".into(),
        Wrong::BadDay => "doit être un jour de 2000 à 2199, par exemple 2026-11-01".into(),
        Wrong::EndsFirst => "vient avant le premier jour".into(),
        Wrong::TooLong => "est plus de dix ans après le premier jour".into(),
        Wrong::BadChannel => "doit être un canal, par exemple Paid Search, Email ou Offline".into(),
        Wrong::BadOutlet => "doit être un point de vente du plan".into(),
        Wrong::BadAmount => {
            "n’est pas un montant\u{a0}; écrivez 1250 ou 1250,50, sans signe ni point entre les milliers"
                .into()
        }
        Wrong::TooMuch => "est trop grand".into(),
        Wrong::BadCurrency => "n’est pas une devise ISO 4217, par exemple EUR".into(),
        Wrong::BadText(most) => format!("prend un texte de {most} caractères au plus"),
    }
}

fn table_wrong_fr(what: &TableWrong) -> String {
    match what {
        TableWrong::Field(fault) => wrong_fr(fault.wrong),
        TableWrong::Misshapen(wrong) => misshapen_fr(wrong),
        TableWrong::SameKey(line) => format!("a la clé de la ligne {line}"),
    }
}

fn misshapen_fr(wrong: &Misshapen) -> String {
    match wrong {
        Misshapen::NoHeadings(columns) => {
            format!("la première ligne doit nommer les colonnes\u{a0}: {}", columns.join(","))
        }
        Misshapen::UnknownColumn { name, columns } => {
            format!("il n’y a pas de colonne {name}\u{a0}; les colonnes sont {}", columns.join(", "))
        }
        Misshapen::MissingColumn(name) => format!("la colonne {name} manque"),
        Misshapen::TwiceColumn(name) => format!("la colonne {name} est là deux fois"),
        Misshapen::TooManyCells => {
            "a plus de cellules qu’il n’y a de colonnes\u{a0}; une virgule dans un texte sans guillemets\u{a0}?".into()
        }
        Misshapen::TooManyLines(most) => format!("le tableau a plus de {most} lignes\u{a0}; envoyez-le en parties"),
        Misshapen::Unreadable => "n’a pas de fin\u{a0}; un guillemet est-il resté ouvert\u{a0}?".into(),
        Misshapen::Empty => "le tableau n’a que ses en-têtes".into(),
    }
}
