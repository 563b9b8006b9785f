//! Words about the rights of people: what they are given, and what they ask for.

use super::Lang;
use crate::domain::people::request::{CameBy, Kind, State};
use crate::domain::people::restriction::Ground;

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
    pub requests: &'static str,
    pub requests_claim: &'static str,
    pub requests_none: &'static str,
    pub requests_none_how: &'static str,
    pub due: &'static str,
    pub overdue: &'static str,
    pub extended: &'static str,
    pub done: &'static str,
    pub refuse: &'static str,
    pub extend: &'static str,
    pub why: &'static str,
    pub settled: &'static str,
    pub erased: &'static str,
    pub older: &'static str,
    pub record: &'static str,
    pub asks_for: &'static str,
    pub how_it_came: &'static str,
    pub write_down: &'static str,
    /// Goes on with the day.
    pub restricted: &'static str,
    pub restricted_means: &'static str,
    pub lift: &'static str,
    pub lift_means: &'static str,
    pub restrict: &'static str,
    pub restrict_means: &'static str,
    pub ground: &'static str,
    pub object: &'static str,
    pub object_means: &'static str,
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
    requests: "Requests",
    requests_claim: "What people ask for of their rights. Each has an answer within a month; those that are due first stand in front.",
    requests_none: "Nobody has asked for anything",
    requests_none_how: "Write a request down on the page of the contact as soon as it comes.",
    due: "to be answered by",
    overdue: "overdue since",
    extended: "Two months more:",
    done: "Done",
    refuse: "Refuse, for this reason",
    extend: "Two months more, for this reason",
    why: "Reason, which they are told",
    settled: "Settled",
    erased: "Somebody who was erased",
    older: "Earlier ones",
    record: "Write down what they ask for",
    asks_for: "They ask for",
    how_it_came: "It came",
    write_down: "Write down",
    restricted: "Kept and not used since",
    restricted_means: "Nobody is to reach them, no segment, export, program or import touches their data, until that is lifted.",
    lift: "Use their data again",
    lift_means: "Tell them before you do.",
    restrict: "Keep their data without using it",
    restrict_means: "They are reached for nothing, and nothing of theirs is changed, until you lift it. What they do themselves is still written down.",
    ground: "Because",
    object: "No to all prospecting",
    object_means: "Writes a no into the ledger, for every purpose that prospects, every channel and every controller.",
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
    requests: "Demandes",
    requests_claim: "Ce que les personnes demandent au titre de leurs droits. Chacune reçoit une réponse dans le mois\u{a0}; celles dont le délai expire d’abord sont en tête.",
    requests_none: "Personne n’a rien demandé",
    requests_none_how: "Notez une demande sur la page du contact dès qu’elle arrive.",
    due: "réponse due le",
    overdue: "en retard depuis le",
    extended: "Deux mois de plus\u{a0}:",
    done: "Fait",
    refuse: "Refuser, pour ce motif",
    extend: "Deux mois de plus, pour ce motif",
    why: "Motif, que la personne reçoit",
    settled: "Réglées",
    erased: "Une personne effacée",
    older: "Plus anciennes",
    record: "Noter ce que la personne demande",
    asks_for: "Elle demande",
    how_it_came: "C’est arrivé",
    write_down: "Noter",
    restricted: "Conservé sans être utilisé depuis le",
    restricted_means: "Personne ne doit joindre cette personne\u{a0}; aucun segment, export, programme ou import ne touche à ses données jusqu’à la levée.",
    lift: "Utiliser à nouveau ses données",
    lift_means: "Prévenez la personne avant.",
    restrict: "Conserver ses données sans les utiliser",
    restrict_means: "La personne n’est jointe pour rien et rien n’est modifié jusqu’à la levée. Ce qu’elle fait elle-même est toujours noté.",
    ground: "Parce que",
    object: "Non à toute prospection",
    object_means: "Note un non dans le registre, pour chaque finalité de prospection, chaque moyen et chaque responsable.",
};

impl Lang {
    pub const fn rights_texts(self) -> &'static RightsTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub const fn request_kind(self, kind: Kind) -> &'static str {
        use Kind as K;
        match (self, kind) {
            (Lang::En, K::Access) => "To know what is known of them",
            (Lang::Fr, K::Access) => "Accès à leurs données",
            (Lang::En, K::Portability) => "To take their data elsewhere",
            (Lang::Fr, K::Portability) => "Portabilité de leurs données",
            (Lang::En, K::Rectification) => "A correction",
            (Lang::Fr, K::Rectification) => "Rectification",
            (Lang::En, K::Restriction) => "That their data is only kept",
            (Lang::Fr, K::Restriction) => "Limitation du traitement",
            (Lang::En, K::Objection) => "No more prospecting",
            (Lang::Fr, K::Objection) => "Opposition à la prospection",
            (Lang::En, K::Erasure) => "To be erased",
            (Lang::Fr, K::Erasure) => "Effacement",
        }
    }

    /// Why data is not used (RGPD art. 18(1)).
    pub const fn restriction_ground(self, ground: Ground) -> &'static str {
        use Ground as G;
        match (self, ground) {
            (Lang::En, G::Accuracy) => "they say that it is wrong, and it is looked at",
            (Lang::Fr, G::Accuracy) => "la personne dit que c’est faux, et on vérifie",
            (Lang::En, G::Unlawful) => "it should not have been used, and they want it kept",
            (Lang::Fr, G::Unlawful) => "l’usage n’était pas permis, et elle veut qu’on les garde",
            (Lang::En, G::Claims) => "they need it for a claim",
            (Lang::Fr, G::Claims) => "elle en a besoin pour un droit en justice",
            (Lang::En, G::Objection) => "they object, and it is weighed",
            (Lang::Fr, G::Objection) => "elle s’oppose, et on met en balance",
        }
    }

    pub const fn request_came_by(self, way: CameBy) -> &'static str {
        match (self, way) {
            (Lang::En, CameBy::Email) => "by e-mail",
            (Lang::Fr, CameBy::Email) => "par e-mail",
            (Lang::En, CameBy::Letter) => "by letter",
            (Lang::Fr, CameBy::Letter) => "par courrier",
            (Lang::En, CameBy::Phone) => "by telephone",
            (Lang::Fr, CameBy::Phone) => "par téléphone",
            (Lang::En, CameBy::InPerson) => "in person",
            (Lang::Fr, CameBy::InPerson) => "en personne",
            (Lang::En, CameBy::Page) => "on a page",
            (Lang::Fr, CameBy::Page) => "sur une page",
            (Lang::En, CameBy::Other) => "otherwise",
            (Lang::Fr, CameBy::Other) => "autrement",
        }
    }

    pub const fn request_state(self, state: State) -> &'static str {
        match (self, state) {
            (Lang::En, State::Open) => "open",
            (Lang::Fr, State::Open) => "ouverte",
            (Lang::En, State::Done) => "done",
            (Lang::Fr, State::Done) => "faite",
            (Lang::En, State::Refused) => "refused",
            (Lang::Fr, State::Refused) => "refusée",
        }
    }

    /// How a request is carried out.
    pub const fn request_steps(self, kind: Kind) -> &'static str {
        use Kind as K;
        match (self, kind) {
            (Lang::En, K::Access | K::Portability) => {
                "Make sure that it is them; download everything on their page, and hand it to them. That settles it."
            }
            (Lang::Fr, K::Access | K::Portability) => {
                "Assurez-vous que c’est bien la personne\u{a0}; téléchargez tout sur sa page et remettez-le-lui. Cela règle la demande."
            }
            (Lang::En, K::Rectification) => {
                "Correct what is wrong by the API or an import, tell them, and mark it as done."
            }
            (Lang::Fr, K::Rectification) => {
                "Corrigez par l’API ou un import, prévenez la personne, puis marquez la demande comme faite."
            }
            (Lang::En, K::Restriction) => {
                "Mark it as done: their data is kept here and not used from then on. Have every other system stop, too, and tell them."
            }
            (Lang::Fr, K::Restriction) => {
                "Marquez la demande comme faite\u{a0}: ici, ses données sont alors conservées sans être utilisées. Faites-le cesser ailleurs aussi, et prévenez la personne."
            }
            (Lang::En, K::Objection) => {
                "Mark it as done: that writes a no for every purpose that prospects and every way to reach them. Have every other system stop, too."
            }
            (Lang::Fr, K::Objection) => {
                "Marquez la demande comme faite\u{a0}: un non est noté pour chaque finalité de prospection et chaque moyen. Faites-le cesser ailleurs aussi."
            }
            (Lang::En, K::Erasure) => {
                "Hand out first what else they have asked for; then erase them by the API. That settles everything of theirs."
            }
            (Lang::Fr, K::Erasure) => {
                "Remettez d’abord ce que la personne a demandé d’autre\u{a0}; puis effacez-la par l’API. Cela règle toutes ses demandes."
            }
        }
    }
}
