//! Words of the page on which employees answer calls.

use super::Lang;

/// Its fixed texts.
#[derive(Debug)]
pub struct PhoneTexts {
    pub claim: &'static str,
    pub none: &'static str,
    pub none_advice: &'static str,
    pub available: &'static str,
    pub answers_for: &'static str,
    pub away_means: &'static str,
    pub waiting: &'static str,
    pub connecting: &'static str,
    pub lost: &'static str,
    pub no_microphone: &'static str,
    pub insecure: &'static str,
    pub choose: &'static str,
    pub signed_out: &'static str,
    pub notify: &'static str,
    pub rings: &'static str,
    pub answer: &'static str,
    pub decline: &'static str,
    pub from_page: &'static str,
    pub pages: &'static str,
    pub landing: &'static str,
    pub looking: &'static str,
    pub not_known: &'static str,
    pub taken: &'static str,
    pub gone: &'static str,
    pub talking: &'static str,
    pub sound_failed: &'static str,
    pub ended: &'static str,
    pub mute: &'static str,
    pub keys: &'static str,
    pub hang_up: &'static str,
    pub call_page: &'static str,
    pub first_call: &'static str,
    pub to_do: &'static str,
}

static EN: PhoneTexts = PhoneTexts {
    claim: "Answer calls here, in the browser.",
    none: "No destination rings here yet",
    none_advice: "In the plan, a destination whose calls are to be answered on this page has the step",
    available: "Available",
    answers_for: "Answer for",
    away_means: "You are away: no call rings here.",
    waiting: "Calls ring here as long as this page is open.",
    connecting: "Connecting…",
    lost: "The connection to the gateway was lost. Trying again…",
    no_microphone: "Without a microphone you cannot answer. Allow it for this page, then try again.",
    insecure: "Browsers give the microphone to pages by HTTPS alone. Ask your administrator.",
    choose: "Choose for whom you answer.",
    signed_out: "You have been signed out, and no call rings here.",
    notify: "Notify me when this tab is hidden",
    rings: "Incoming call",
    answer: "Answer",
    decline: "Decline",
    from_page: "A visitor, from the website",
    pages: "Pages before the call",
    landing: "Landing page:",
    looking: "Looking where this call comes from…",
    not_known: "Where this call comes from is not known.",
    taken: "Somebody else has taken the call.",
    gone: "The call does not ring here any more.",
    talking: "Connected",
    sound_failed: "The sound of the call could not be connected.",
    ended: "The call has ended.",
    mute: "Mute",
    keys: "Keys",
    hang_up: "Hang up",
    call_page: "All about this call",
    first_call: "Has not called before",
    to_do: "To be done with them",
};

static FR: PhoneTexts = PhoneTexts {
    claim: "Répondez aux appels ici, dans le navigateur.",
    none: "Aucune destination ne sonne encore ici",
    none_advice: "Dans le plan, une destination dont les appels se prennent sur cette page a l’étape",
    available: "Disponible",
    answers_for: "Répondre pour",
    away_means: "Vous êtes absent : aucun appel ne sonne ici.",
    waiting: "Les appels sonnent ici tant que cette page reste ouverte.",
    connecting: "Connexion…",
    lost: "La connexion à la passerelle est perdue. Nouvel essai…",
    no_microphone: "Sans micro, vous ne pouvez pas répondre. Autorisez-le pour cette page, puis réessayez.",
    insecure: "Les navigateurs ne donnent le micro qu’aux pages en HTTPS. Demandez à votre administrateur.",
    choose: "Choisissez pour qui vous répondez.",
    signed_out: "Vous êtes déconnecté : aucun appel ne sonne ici.",
    notify: "Me prévenir quand cet onglet est masqué",
    rings: "Appel entrant",
    answer: "Répondre",
    decline: "Refuser",
    from_page: "Un visiteur, depuis le site",
    pages: "Pages vues avant l’appel",
    landing: "Page d’entrée\u{a0}:",
    looking: "Recherche de l’origine de l’appel…",
    not_known: "L’origine de cet appel n’est pas connue.",
    taken: "Quelqu’un d’autre a pris l’appel.",
    gone: "L’appel ne sonne plus ici.",
    talking: "En ligne",
    sound_failed: "Le son de l’appel n’a pas pu être établi.",
    ended: "L’appel est terminé.",
    mute: "Muet",
    keys: "Touches",
    hang_up: "Raccrocher",
    call_page: "Tout sur cet appel",
    first_call: "N’a jamais appelé",
    to_do: "À faire avec cette personne",
};

impl Lang {
    pub const fn phone(self) -> &'static PhoneTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// How often somebody has called before; the time of the last call follows. `is_more`: at least
    /// so often.
    pub fn called_before(self, times: usize, is_more: bool) -> String {
        match (self, times, is_more) {
            (Lang::En, 1, false) => "Has called once before:".to_owned(),
            (Lang::En, _, false) => format!("Has called {times} times before, last:"),
            (Lang::En, _, true) => format!("Has called more than {times} times before, last:"),
            (Lang::Fr, 1, false) => "A déjà appelé une fois\u{a0}:".to_owned(),
            (Lang::Fr, _, false) => format!("A déjà appelé {times} fois, en dernier\u{a0}:"),
            (Lang::Fr, _, true) => format!("A déjà appelé plus de {times} fois, en dernier\u{a0}:"),
        }
    }
}
