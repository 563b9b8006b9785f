//! Words about what an edit of the plan would change.

use super::Lang;
use crate::domain::plan::diff::{Action, Thing};
use crate::domain::plan::orphan::{Orphan, Tie};

texts! {
    /// What stands on the page that every edit of the plan passes.
    EditTexts, edit_texts {
        would_change: "What would change" | "Ce qui changerait",
        thing: "What" | "Quoi",
        before: "Now" | "Maintenant",
        after: "Then" | "Ensuite",
        nothing: "Nothing: the plan says this already." | "Rien\u{a0}: le plan le dit déjà.",
        orphans: "Numbers that people may still call" | "Numéros que des gens peuvent encore appeler",
        orphans_mean: "Calls to them would reach nobody, or somebody else. Wait until they are free, or take them all the same." | "Leurs appels n’aboutiraient plus, ou chez quelqu’un d’autre. Attendez qu’ils soient libres, ou prenez-les quand même.",
        force: "Take these numbers all the same" | "Prendre ces numéros quand même",
        name_wrong: "The name does not match; nothing was changed." | "Le nom ne correspond pas\u{a0}; rien n’a changé.",
        type_name: "To confirm, type" | "Pour confirmer, saisissez",
        apply: "Apply" | "Appliquer",
        cancel: "Back without a change" | "Revenir sans rien changer",
        moved: "Somebody has changed the plan meanwhile. Nothing was written; this is what your edit would change now." | "Quelqu’un a changé le plan entre-temps. Rien n’a été écrit\u{a0}; voici ce que votre modification changerait maintenant.",
        more: "and more like these" | "et d’autres semblables",
        lines: "Line by line" | "Ligne par ligne",
        line: "Line" | "Ligne",
        line_new: "new" | "nouveau",
        line_changed: "changed" | "changé",
        line_same: "as it is" | "inchangé",
        line_wrong: "wrong" | "faux",
        table_wrong: "Nothing is brought as long as a line is wrong. Correct the table and bring it again." | "Rien n’est importé tant qu’une ligne est fausse. Corrigez le tableau et importez-le à nouveau.",
        saved: "The plan is changed." | "Le plan est changé.",
        in_file: "What no form here carries stands in the plan’s file:" | "Ce qu’aucun formulaire ne porte ici est dans le fichier du plan\u{a0}:",
        name: "Name" | "Nom",
        id: "Short name" | "Nom court",
        id_how: "a–z, 0–9 and hyphens. It stays for good." | "a–z, 0–9 et tirets. Il reste pour toujours.",
        outlet: "Outlet" | "Point de vente",
        save: "Save" | "Enregistrer",
        add: "Add" | "Ajouter",
        take_out: "Take out of service" | "Mettre hors service",
        take_out_means: "What would change is shown first. Its history stays." | "Ce qui changerait est montré d’abord. Son historique reste.",
    }
}

impl Lang {
    /// `~ number +33…`: what is done, and to what.
    pub fn changed_thing(self, action: Action, thing: &Thing) -> String {
        let done = match (self, action) {
            (Lang::En, Action::Create) => "New",
            (Lang::Fr, Action::Create) => "Nouveau",
            (Lang::En, Action::Update) => "Changed",
            (Lang::Fr, Action::Update) => "Changé",
            (Lang::En, Action::Remove) => "Out of service",
            (Lang::Fr, Action::Remove) => "Hors service",
        };
        format!("{done}{}: {}", if self == Lang::Fr { "\u{a0}" } else { "" }, self.thing(thing))
    }

    fn thing(self, thing: &Thing) -> String {
        match (self, thing) {
            (Lang::Fr, Thing::Outlet(id)) => format!("point de vente {id}"),
            (Lang::Fr, Thing::Number(number)) => format!("numéro {}", number.reveal()),
            _ => thing.to_string(),
        }
    }

    /// A number, and why it should not go yet.
    pub fn orphan(self, orphan: &Orphan) -> String {
        let number = orphan.number.reveal();
        match (self, orphan.tie) {
            (Lang::En, Tie::Static) => format!("{number} stands for a medium, so it may stand in print"),
            (Lang::Fr, Tie::Static) => format!("{number} représente un support, il peut être imprimé"),
            (Lang::En, Tie::Lent { free_at }) => {
                format!("{number} is lent to a visit or rests after one until {} UTC", self.moment(free_at))
            }
            (Lang::Fr, Tie::Lent { free_at }) => {
                format!("{number} est prêté à une visite, ou se repose jusqu’au {} UTC", self.moment(free_at))
            }
        }
    }
}
