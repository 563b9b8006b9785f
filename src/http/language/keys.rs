//! Words about keys to the API, and about trunks as the settings have them.

use super::Lang;

texts! {
    /// The fixed texts of the page of keys.
    KeyTexts, key_texts {
        title: "API keys" | "Clés d’API",
        claim: "What programs open, and when they did last." | "Ce que des programmes ouvrent, et quand ils l’ont fait en dernier.",
        none: "There is no key yet" | "Il n’y a pas encore de clé",
        name: "Name" | "Nom",
        name_how: "Which program has it." | "Quel programme l’a.",
        scopes: "Scopes" | "Portées",
        source: "Messages by it come from" | "Les messages par elle viennent de",
        no_source: "It sends none" | "Elle n’en envoie pas",
        made: "Made" | "Créée",
        last_used: "Last used" | "Dernier usage",
        never: "not yet" | "pas encore",
        revoked: "Revoked" | "Révoquée",
        make: "Make a key" | "Créer une clé",
        make_now: "Make it" | "La créer",
        secret: "The new key" | "La nouvelle clé",
        secret_how: "It is shown this once. Keep it where the program finds it; whoever has it may do what its scopes say." | "Elle n’est montrée qu’une fois. Gardez-la où le programme la trouve\u{a0}; qui l’a peut faire ce que disent ses portées.",
        revoke: "Revoke" | "Révoquer",
        revoke_title: "Revoke the key" | "Révoquer la clé",
        revoke_means: "From then on it opens nothing, for good. The program that has it is refused." | "Dès lors elle n’ouvre plus rien, pour toujours. Le programme qui l’a est refusé.",
        type_name: "To confirm, type its name" | "Pour confirmer, saisissez son nom",
        name_wrong: "The name does not match; nothing was revoked." | "Le nom ne correspond pas\u{a0}; rien n’a été révoqué.",
        name_missing: "Give it a name of up to 100 characters." | "Donnez-lui un nom de 100 caractères au plus.",
        scope_missing: "Choose what it may do." | "Choisissez ce qu’elle peut faire.",
        back: "All keys" | "Toutes les clés",
    }
}
