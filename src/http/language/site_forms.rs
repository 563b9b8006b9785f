//! Words of the form of a site.

use super::Lang;

texts! {
    /// The fixed texts of the form of a site.
    SiteTexts, site_texts {
        add: "Add a site" | "Ajouter un site",
        change: "Change this site" | "Modifier ce site",
        see: "See it" | "Le voir",
        test: "Test a page" | "Tester une page",
        back: "All sites" | "Tous les sites",
        new: "A new site" | "Un nouveau site",
        origins: "Web origins, a line each" | "Origines web, une par ligne",
        origins_how: "https://host without a path. Only their pages are given numbers." | "https://hôte sans chemin. Seules leurs pages reçoivent des numéros.",
        ignored: "Referrers that say nothing, a line each" | "Référents qui ne disent rien, un par ligne",
        headless: "A browser without a window" | "Un navigateur sans fenêtre",
        refuse: "is given no number" | "ne reçoit pas de numéro",
        lend: "is given a number" | "reçoit un numéro",
        per_block: "New numbers for one address block in half an hour; 0: any number" | "Nouveaux numéros par bloc d’adresses en une demi-heure\u{a0}; 0\u{a0}: sans limite",
        per_minute: "New numbers in a minute; 0: any number" | "Nouveaux numéros par minute\u{a0}; 0\u{a0}: sans limite",
        page_calls: "Calls made on its pages at the same time; 0: none" | "Appels depuis ses pages en même temps\u{a0}; 0\u{a0}: aucun",
        page_calls_per_block: "Those of one address block in half an hour; 0: any number" | "Ceux d’un bloc d’adresses en une demi-heure\u{a0}; 0\u{a0}: sans limite",
        out_means: "Its pools go with it: their numbers go out of service. Numbers that stand in on it stay, for their medium alone." | "Ses pools partent avec lui\u{a0}: leurs numéros sont mis hors service. Les numéros qui y remplacent restent, pour leur support seul.",
    }
}
