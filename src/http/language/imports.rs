//! Words about tables of contacts that somebody brings.

use super::Lang;
use crate::domain::people::import::State;

/// The fixed texts of its two pages.
#[derive(Debug)]
pub struct ImportTexts {
    pub imports: &'static str,
    pub claim: &'static str,
    pub file: &'static str,
    pub bring: &'static str,
    pub kept: &'static str,
    pub none: &'static str,
    pub more: &'static str,
    pub rows: &'static str,
    pub columns: &'static str,
    pub columns_claim: &'static str,
    pub ignored: &'static str,
    pub trial: &'static str,
    pub start: &'static str,
    pub trial_means: &'static str,
    pub progress: &'static str,
    pub created: &'static str,
    pub changed: &'static str,
    pub unchanged: &'static str,
    pub merged: &'static str,
    pub refused: &'static str,
    pub marked: &'static str,
    pub consents: &'static str,
    pub consents_of_all: &'static str,
    pub consents_claim: &'static str,
    pub said_at: &'static str,
    pub said_where: &'static str,
    pub said_how: &'static str,
    pub said_text: &'static str,
    pub said_version: &'static str,
    pub report: &'static str,
    pub delete: &'static str,
    pub delete_means: &'static str,
    pub export: &'static str,
}

static EN: ImportTexts = ImportTexts {
    imports: "Import contacts",
    claim: "From a CSV file, as spreadsheets and other programs write it.",
    file: "CSV file with headings",
    bring: "Upload",
    kept: "The file stays on the server until the import is done, or for seven days if nobody starts it.",
    none: "Nobody has brought a file yet",
    more: "Earlier",
    rows: "rows",
    columns: "What the columns mean",
    columns_claim: "At least one says who a row is about: a phone, an e-mail, a customer number.",
    ignored: "(not kept)",
    trial: "Try",
    start: "Import",
    trial_means: "A trial looks at every row and writes none.",
    progress: "Done",
    created: "New contacts",
    changed: "Changed",
    unchanged: "Unchanged",
    merged: "Merged",
    refused: "Refused",
    marked: "Of these suspicious",
    consents: "New lines about consent",
    consents_of_all: "Consent: what holds for every row that does not say it",
    consents_claim: "A yes without the time at which it was said is refused; a day will do. A box that was ticked beforehand is no consent.",
    said_at: "When it was said",
    said_where: "Where",
    said_how: "How (form, written, spoken …)",
    said_text: "The words that were shown",
    said_version: "Their version",
    report: "Report, line by line (CSV)",
    delete: "Delete",
    delete_means: "The file and the report are deleted; what was imported stays.",
    export: "Export all contacts (CSV)",
};

static FR: ImportTexts = ImportTexts {
    imports: "Importer des contacts",
    claim: "Depuis un fichier CSV, tel que l’écrivent les tableurs et d’autres programmes.",
    file: "Fichier CSV avec des titres de colonnes",
    bring: "Envoyer",
    kept: "Le fichier reste sur le serveur jusqu’à la fin de l’import, ou sept jours si personne ne le lance.",
    none: "Personne n’a encore apporté de fichier",
    more: "Plus anciens",
    rows: "lignes",
    columns: "Ce que disent les colonnes",
    columns_claim: "L’une au moins dit de qui parle une ligne\u{a0}: un téléphone, un e-mail, un numéro de client.",
    ignored: "(non conservée)",
    trial: "Essayer",
    start: "Importer",
    trial_means: "Un essai examine chaque ligne et n’en écrit aucune.",
    progress: "Avancement",
    created: "Nouveaux contacts",
    changed: "Modifiés",
    unchanged: "Inchangés",
    merged: "Fusionnés",
    refused: "Refusées",
    marked: "Dont douteux",
    consents: "Nouvelles lignes de consentement",
    consents_of_all: "Consentement\u{a0}: ce qui vaut pour chaque ligne qui ne le dit pas",
    consents_claim: "Un oui sans date est refusé\u{a0}; un jour suffit. Une case cochée d’avance n’est pas un consentement.",
    said_at: "Quand il a été dit",
    said_where: "Où",
    said_how: "Comment (form, written, spoken…)",
    said_text: "Le texte qui a été montré",
    said_version: "Sa version",
    report: "Rapport, ligne par ligne (CSV)",
    delete: "Supprimer",
    delete_means: "Le fichier et le rapport sont supprimés\u{a0}; ce qui a été importé reste.",
    export: "Exporter tous les contacts (CSV)",
};

impl Lang {
    pub const fn import_texts(self) -> &'static ImportTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn import_state(self, state: State) -> &'static str {
        let (en, fr) = match state {
            State::Waiting => ("waits for a start", "attend d’être lancé"),
            State::Checking => ("being tried", "essai en cours"),
            State::Checked => ("tried", "essayé"),
            State::Importing => ("being imported", "import en cours"),
            State::Imported => ("imported", "importé"),
            State::Failed => ("failed", "échoué"),
        };
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }
}
