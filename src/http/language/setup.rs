//! Words of the guided first run.

use super::Lang;

texts! {
    /// The fixed texts of the page that guides who has just begun.
    SetupTexts, setup_texts {
        title: "First steps" | "Premiers pas",
        claim: "From nothing to the first call that says where it came from. Each step ticks itself off when it has really happened." | "De rien au premier appel qui dit d’où il vient. Chaque étape se coche quand elle a vraiment eu lieu.",
        done: "done" | "fait",
        next: "next" | "à faire",
        later: "later" | "plus tard",
        waiting: "This page waits and ticks it off by itself." | "Cette page attend et coche d’elle-même.",
        refresh: "Look again" | "Regarder à nouveau",
        all_done: "All done: calls say where they come from." | "Tout est fait\u{a0}: les appels disent d’où ils viennent.",
        to_overview: "To the overview" | "Vers la vue d’ensemble",
        trunk: "A trunk" | "Un trunk",
        trunk_how: "Write your carrier or telephone system into whence.toml, as [[trunk]]: where its calls come from, and where calls go." | "Écrivez votre opérateur ou système téléphonique dans whence.toml, en [[trunk]]\u{a0}: d’où viennent ses appels, et où vont les vôtres.",
        outlet: "An outlet" | "Un point de vente",
        outlet_how: "The head office, or the one shop: numbers and reports belong to it." | "Le siège, ou l’unique boutique\u{a0}: les numéros et les rapports lui appartiennent.",
        destination: "A destination" | "Une destination",
        destination_how: "The line that calls are to ring." | "La ligne que les appels doivent faire sonner.",
        site: "A site" | "Un site",
        site_how: "The website that visitors call from, by its web origins." | "Le site d’où les visiteurs appellent, par ses origines web.",
        number: "The first number" | "Le premier numéro",
        number_how: "In a pool that lends it to visits of the site, or one that stands for a medium." | "Dans un pool qui le prête aux visites du site, ou un numéro qui représente un support.",
        snippet: "The snippet" | "Le snippet",
        snippet_how: "Paste the tag of the site into its pages, then open one of them." | "Collez la balise du site dans ses pages, puis ouvrez-en une.",
        visit: "A test visit" | "Une visite d’essai",
        visit_how: "Open a page with the number on it and consent: your browser is lent a number of its own." | "Ouvrez une page où est le numéro et consentez\u{a0}: votre navigateur reçoit un numéro à lui.",
        call: "A test call" | "Un appel d’essai",
        call_how: "Call the number that your browser shows." | "Appelez le numéro que montre votre navigateur.",
        answered: "It was answered." | "Il a été pris.",
        unanswered: "It came, and nobody has answered it." | "Il est arrivé, et personne ne l’a pris.",
        see: "See it" | "Le voir",
        go: "Do it" | "Le faire",
        add_pool: "Add a pool" | "Ajouter un pool",
        test_page: "Test a page" | "Tester une page",
    }
}
