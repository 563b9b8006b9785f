//! Words about tracking numbers: their list, one of them, many at once, tables of them.

use super::Lang;
use crate::domain::tracking::number::Stage;

texts! {
    /// The fixed texts of the pages of numbers.
    NumberTexts, number_texts {
        title: "All numbers" | "Tous les numéros",
        claim: "What rings here: whose it is, where its calls go, and where it is in its life." | "Ce qui sonne ici\u{a0}: à qui c’est, où vont les appels, et où en est chaque numéro.",
        search: "Search" | "Rechercher",
        search_how: "A part of the number or of its label" | "Une partie du numéro ou de son libellé",
        any: "All" | "Tous",
        kind: "Kind" | "Genre",
        pooled: "Lent to visits" | "Prêté aux visites",
        of_medium: "Stands for a medium" | "Représente un support",
        pool: "Pool" | "Pool",
        destination: "Destination" | "Destination",
        service: "Service" | "Service",
        in_service: "In service" | "En service",
        out_of_service: "Out of service" | "Hors service",
        number: "Number" | "Numéro",
        stands: "Stands" | "État",
        last_call: "Last call" | "Dernier appel",
        never: "never" | "jamais",
        calls_lately: "Calls in 30 days" | "Appels en 30 jours",
        choose: "Choose" | "Choisir",
        chosen_do: "With the chosen ones" | "Avec les numéros choisis",
        do_destination: "Send calls to" | "Envoyer les appels à",
        do_outlet: "Give them to the outlet" | "Les donner au point de vente",
        do_pool: "Lend them by the pool" | "Les prêter par le pool",
        do_out: "Take them out of service" | "Les mettre hors service",
        look: "Look what would change" | "Voir ce qui changerait",
        none_chosen: "No number is chosen." | "Aucun numéro n’est choisi.",
        choose_where: "Choose where to." | "Choisissez où.",
        none: "There is no number yet" | "Il n’y a pas encore de numéro",
        none_advice: "Add the first one, or bring a table of them." | "Ajoutez le premier, ou importez-en un tableau.",
        no_match: "No number is so" | "Aucun numéro n’est ainsi",
        filters: "Filter numbers" | "Filtrer les numéros",
        clear: "Show all" | "Tout montrer",
        add: "Add a number" | "Ajouter un numéro",
        table: "Bring or take a table" | "Importer ou exporter un tableau",
        forecast: "How long the pools last" | "Combien de temps les pools suffisent",
        next: "Further" | "Suite",
        first: "From the beginning" | "Depuis le début",
        back: "All numbers" | "Tous les numéros",
        new: "A new number" | "Un nouveau numéro",
        change: "Change" | "Modifier",
        no_pool: "In no pool: it stands for a medium" | "Dans aucun pool\u{a0}: il représente un support",
        pool_how: "A pool decides where calls to its numbers go, and whose they are; then nothing below counts." | "Un pool décide où vont les appels à ses numéros et à qui ils sont\u{a0}; alors rien de ce qui suit ne compte.",
        label: "Label" | "Libellé",
        channel: "Channel" | "Canal",
        source: "Source" | "Source",
        medium: "Medium" | "Support (medium)",
        campaign: "Campaign" | "Campagne",
        carrier: "What carries it" | "Ce qui le porte",
        runs: "Runs" | "Dates",
        runs_how: "2026-03-01..2026-05-31" | "2026-03-01..2026-05-31",
        landing_page: "Page of its QR code" | "Page de son code QR",
        stands_in: "Stands in on the site, without consent" | "Remplace sur le site, sans consentement",
        no_site: "On no site" | "Sur aucun site",
        target: "in the place of" | "à la place de",
        calls_at_once: "Calls at once at the most" | "Appels simultanés au plus",
        recording: "Recording" | "Enregistrement",
        not_recorded: "not recorded" | "pas d’enregistrement",
        since: "Since" | "Depuis",
        put_back: "Put back into service" | "Remettre en service",
        put_back_means: "As it was before; change what shall be another way." | "Comme avant\u{a0}; changez ce qui doit être autrement.",
        table_title: "Numbers as a table" | "Numéros en tableau",
        table_claim: "Bring many at once, or take all of them along." | "Importez-en beaucoup à la fois, ou emportez-les tous.",
        take: "Take them along" | "Les emporter",
        take_how: "Every number in service as CSV, with the columns that a table brought here has." | "Tous les numéros en service en CSV, avec les colonnes d’un tableau importé ici.",
        bring: "Bring a table" | "Importer un tableau",
        bring_how: "Columns may stand in any order, and all but number may be left out. A number with a pool is lent by it; any other stands for a medium. Of a number that is there already, only what the table has a column for is changed; no number goes." | "Les colonnes vont dans n’importe quel ordre\u{a0}; toutes sauf number peuvent manquer. Un numéro avec pool est prêté par lui\u{a0}; tout autre représente un support. D’un numéro déjà là, seul change ce dont le tableau a une colonne\u{a0}; aucun numéro ne part.",
        file: "File (CSV)" | "Fichier (CSV)",
    }
}

impl Lang {
    /// Where a number is in its life; times in UTC.
    pub fn stage(self, stage: Stage) -> String {
        match (self, stage) {
            (Lang::En, Stage::Out) => "out of service".into(),
            (Lang::Fr, Stage::Out) => "hors service".into(),
            (Lang::En, Stage::Static) => "in service".into(),
            (Lang::Fr, Stage::Static) => "en service".into(),
            (Lang::En, Stage::Free) => "free".into(),
            (Lang::Fr, Stage::Free) => "libre".into(),
            (Lang::En, Stage::Ageing(until)) => {
                format!("new, lent to nobody before {} UTC", self.moment(until))
            }
            (Lang::Fr, Stage::Ageing(until)) => {
                format!("nouveau, prêté à personne avant le {} UTC", self.moment(until))
            }
            (Lang::En, Stage::Lent(until)) => format!("lent until {} UTC", self.moment(until)),
            (Lang::Fr, Stage::Lent(until)) => format!("prêté jusqu’au {} UTC", self.moment(until)),
            (Lang::En, Stage::Resting(until)) => format!("rests until {} UTC", self.moment(until)),
            (Lang::Fr, Stage::Resting(until)) => format!("se repose jusqu’au {} UTC", self.moment(until)),
        }
    }

    pub fn numbers_changed(self, how: &str, many: usize) -> String {
        match (self, many) {
            (Lang::En, 1) => format!("{how}: one number"),
            (Lang::Fr, 1) => format!("{how}\u{a0}: un numéro"),
            (Lang::En, _) => format!("{how}: {many} numbers"),
            (Lang::Fr, _) => format!("{how}\u{a0}: {many} numéros"),
        }
    }

    /// `Line 3: …`
    pub fn at_line(self, line: u64, told: &str) -> String {
        match self {
            Lang::En => format!("Line {line}: {told}"),
            Lang::Fr => format!("Ligne {line}\u{a0}: {told}"),
        }
    }
}
