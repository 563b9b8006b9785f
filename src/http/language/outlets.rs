//! Words about outlets and sites, as the plan has them.

use super::Lang;

texts! {
    /// The fixed texts of the pages of outlets.
    OutletTexts, outlet_texts {
        title: "Outlets" | "Points de vente",
        claim: "The tree of the network: reports, numbers and people’s rights follow it." | "L’arbre du réseau\u{a0}: les rapports, les numéros et les droits des gens le suivent.",
        none: "There is no outlet yet" | "Il n’y a pas encore de point de vente",
        none_advice: "Add the head office first." | "Ajoutez d’abord le siège.",
        sites: "Sites" | "Sites",
        destinations: "Destinations" | "Destinations",
        numbers: "Numbers" | "Numéros",
        add: "Add an outlet" | "Ajouter un point de vente",
        parent: "Below" | "Sous",
        no_parent: "Nothing: it is a head office" | "Rien\u{a0}: c’est un siège",
        back: "All outlets" | "Tous les points de vente",
        change: "Rename or move" | "Renommer ou déplacer",
        used: "What stands on it must move first:" | "Ce qui en dépend doit d’abord aller ailleurs\u{a0}:",
        id_taken: "Give it a short name." | "Donnez-lui un nom court.",
    }
}
