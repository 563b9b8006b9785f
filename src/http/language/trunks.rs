//! Words about trunks as the settings have them.

use super::Lang;

texts! {
    /// The fixed texts of the page of trunks.
    TrunkTexts, trunk_texts {
        title: "Trunks" | "Trunks",
        claim: "The carriers and telephone systems that calls come from and go to." | "Les opérateurs et systèmes téléphoniques d’où viennent et où vont les appels.",
        in_settings: "They stand in the settings file, with their passwords; whence.toml is read again by" | "Ils sont dans le fichier de réglages, avec leurs mots de passe\u{a0}; whence.toml se relit par",
        settings: "Settings" | "Réglages",
        none: "There is no trunk yet" | "Il n’y a pas encore de trunk",
        none_advice: "Write one into whence.toml: where its calls come from, or where calls go." | "Écrivez-en un dans whence.toml\u{a0}: d’où viennent ses appels, ou où vont les vôtres.",
        country: "Numbers as in" | "Numéros comme en",
        from: "Calls come from" | "Les appels viennent de",
        anywhere: "anywhere, if it proves who it is" | "partout, s’il prouve qui il est",
        proves: "It proves who it is by" | "Il prouve qui il est par",
        password: "a password" | "un mot de passe",
        certificate: "a certificate" | "un certificat",
        address: "its address" | "son adresse",
        to: "Calls go to" | "Les appels vont à",
        nowhere: "nowhere" | "nulle part",
        login: "As the user" | "En tant que",
        registers: "registered there" | "enregistrée là-bas",
        prefixes: "May call numbers that begin with" | "Peut appeler les numéros qui commencent par",
        any: "anything that stands in the plan" | "tout ce qui est dans le plan",
        calls_at_once: "Calls at once" | "Appels simultanés",
        calls_per_day: "Calls out a day" | "Appels sortants par jour",
        no_limit: "no limit" | "sans limite",
        sound: "Sound" | "Son",
        in_clear: "in the clear" | "en clair",
        sealed: "encrypted" | "chiffré",
    }
}
