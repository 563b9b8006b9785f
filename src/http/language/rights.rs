//! Words about the rights of people: what they are given, and what they ask for.

use super::Lang;

/// The fixed texts.
#[derive(Debug)]
pub struct RightsTexts {
    pub archive: &'static str,
    pub made_at: &'static str,
    pub archive_how: &'static str,
    pub controllers: &'static str,
    pub your_rights: &'static str,
    pub your_rights_are: &'static str,
    pub said: &'static str,
    pub recordings: &'static str,
    pub not_here: &'static str,
    pub readers: &'static str,
    pub employees: &'static str,
    pub last: &'static str,
    pub nothing: &'static str,
    pub rights: &'static str,
    pub export: &'static str,
    pub export_means: &'static str,
}

static EN: RightsTexts = RightsTexts {
    archive: "What is known of you",
    made_at: "Made on",
    archive_how: "This page is for reading. The file data.json beside it has every entry in full, for programs; the folder recordings has your calls that were kept as sound.",
    controllers: "Who answers for your data",
    your_rights: "Your rights",
    your_rights_are: "You may have this data corrected, erased or its use restricted, you may object to its use, and take back at any time what you have agreed to. Write to whoever answers for it. If the answer does not satisfy you, you may complain to your data protection authority (in France: CNIL, www.cnil.fr).",
    said: "What you have agreed to and refused",
    recordings: "Recordings",
    not_here: "its sound is not in this archive: it is deleted, or kept elsewhere",
    readers: "Who has asked for your data",
    employees: "People who work here",
    last: "last on",
    nothing: "Nothing.",
    rights: "Rights",
    export: "Download everything",
    export_means: "Everything that is known of this person, in one archive to hand them: a page to read, the data for programs, the recordings.",
};

static FR: RightsTexts = RightsTexts {
    archive: "Ce que l’on sait de vous",
    made_at: "Établi le",
    archive_how: "Cette page se lit. Le fichier data.json, à côté, contient chaque donnée en entier, pour les programmes\u{a0}; le dossier recordings contient vos appels conservés en son.",
    controllers: "Qui répond de vos données",
    your_rights: "Vos droits",
    your_rights_are: "Vous pouvez faire rectifier ou effacer ces données, en faire limiter l’usage, vous opposer à leur usage et revenir à tout moment sur ce que vous avez accepté. Écrivez à qui en répond. Si la réponse ne vous satisfait pas, vous pouvez adresser une réclamation à l’autorité de protection des données (en France\u{a0}: CNIL, www.cnil.fr).",
    said: "Ce que vous avez accepté et refusé",
    recordings: "Enregistrements",
    not_here: "le son n’est pas dans cette archive\u{a0}: il est supprimé, ou conservé ailleurs",
    readers: "Qui a demandé vos données",
    employees: "Des personnes qui travaillent ici",
    last: "la dernière fois le",
    nothing: "Rien.",
    rights: "Droits",
    export: "Tout télécharger",
    export_means: "Tout ce que l’on sait de cette personne, dans une archive à lui remettre\u{a0}: une page à lire, les données pour les programmes, les enregistrements.",
};

impl Lang {
    pub const fn rights_texts(self) -> &'static RightsTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }
}
