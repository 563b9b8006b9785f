//! Words about what a call was to the business.

use super::Lang;
use crate::domain::calling::qualification::Qualification;

/// The fixed texts of the form on the call's page.
#[derive(Debug)]
pub struct QualificationTexts {
    pub what: &'static str,
    pub nothing: &'static str,
    pub save: &'static str,
}

static EN: QualificationTexts =
    QualificationTexts { what: "What it was", nothing: "Nobody has said", save: "Save" };

static FR: QualificationTexts =
    QualificationTexts { what: "Ce que c’était", nothing: "Personne ne l’a dit", save: "Enregistrer" };

impl Lang {
    pub const fn qualification_texts(self) -> &'static QualificationTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn qualification(self, it: Qualification) -> &'static str {
        use Qualification as Q;
        match (self, it) {
            (Lang::En, Q::Lead) => "A lead",
            (Lang::Fr, Q::Lead) => "Un prospect",
            (Lang::En, Q::NotALead) => "Not a lead",
            (Lang::Fr, Q::NotALead) => "Sans suite",
            (Lang::En, Q::Sale) => "A sale",
            (Lang::Fr, Q::Sale) => "Une vente",
        }
    }

    /// How it was said, of a text that begins with `line:`, `user:` or `key:`.
    pub fn qualified_by(self, by: &str) -> &'static str {
        match (self, by.split(':').next()) {
            (Lang::En, Some("line")) => "by the line, by key",
            (Lang::Fr, Some("line")) => "par la ligne, à une touche",
            (Lang::En, Some("user")) => "at the console",
            (Lang::Fr, Some("user")) => "dans la console",
            (Lang::En, Some("link")) => "by themselves, on their page",
            (Lang::Fr, Some("link")) => "par la personne, sur sa page",
            (Lang::En, _) => "by a program",
            (Lang::Fr, _) => "par un programme",
        }
    }
}
