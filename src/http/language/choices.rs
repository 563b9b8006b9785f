//! The words to people who decide for themselves: in mail, and on the pages that its links open.

use super::Lang;
use crate::domain::people::consent::Channel;
use crate::domain::people::purpose::Purpose;

/// The fixed texts.
#[derive(Debug)]
pub struct ChoiceTexts {
    pub language: &'static str,
    pub policy: &'static str,
    pub is_it_so: &'static str,
    pub asked_because: &'static str,
    pub yes: &'static str,
    pub or_nothing: &'static str,
    pub thanks: &'static str,
    pub written_down: &'static str,
    pub take_back: &'static str,
    pub nowhere: &'static str,
    pub nowhere_why: &'static str,
    /// Goes on with the controller's name.
    pub letter_subject: &'static str,
    pub letter_hello: &'static str,
    pub letter_why: &'static str,
    pub letter_do: &'static str,
    pub letter_until: &'static str,
    pub preferences: &'static str,
    pub preferences_of: &'static str,
    pub preferences_how: &'static str,
    pub save: &'static str,
    pub saved: &'static str,
    pub all_no: &'static str,
    pub all_no_how: &'static str,
    pub by_contract: &'static str,
    pub until_refused: &'static str,
    pub unsubscribe: &'static str,
    pub unsubscribe_how: &'static str,
    pub unsubscribed: &'static str,
    pub unsubscribed_now: &'static str,
    pub goes_on: &'static str,
    pub goes_on_why: &'static str,
}

static EN: ChoiceTexts = ChoiceTexts {
    language: "Language",
    policy: "How your data is protected",
    is_it_so: "Please confirm",
    asked_because: "Somebody, most likely you, has given your e-mail address and agreed to this:",
    yes: "Yes, I agree",
    or_nothing: "If that was not you, or you have changed your mind, do nothing: without your yes it does not count.",
    thanks: "Thank you",
    written_down: "It is written down that you agree to this:",
    take_back: "You can take it back whenever you like; a word to the address below is enough.",
    nowhere: "This link leads nowhere (any more)",
    nowhere_why: "It may have been used already, or its time is over, or a part of it was lost on the way. Nothing has changed. Ask whoever sent it for a new one.",
    letter_subject: "Please confirm – ",
    letter_hello: "Hello,",
    letter_why: "somebody, most likely you, has given this e-mail address and agreed to this:",
    letter_do: "Is it so? Then open this page and press the button:",
    letter_until: "The link holds until",
    preferences: "Your choices",
    preferences_of: "They are about:",
    preferences_how: "Say in which way you want to be reached, and what for. What you leave off is not done; you can change it whenever you like.",
    save: "Save my choices",
    saved: "Your choices are written down.",
    all_no: "No to everything",
    all_no_how: "One press says no to all that stands above, whatever is ticked.",
    by_contract: "part of a contract or of the law",
    until_refused: "until you say no",
    unsubscribe: "No more e-mails of this kind",
    unsubscribe_how: "Press the button, and you get no more e-mails of this kind:",
    unsubscribed: "That is settled",
    unsubscribed_now: "It is written down that you want no more e-mails of this kind:",
    goes_on: "Some of these e-mails go on",
    goes_on_why: "E-mails of this kind that are part of a contract, or that the law asks for, go on as long as that does. This ends only what you have agreed to besides:",
};

static FR: ChoiceTexts = ChoiceTexts {
    language: "Langue",
    policy: "Comment vos données sont protégées",
    is_it_so: "Merci de confirmer",
    asked_because: "Quelqu’un, sans doute vous, a donné votre adresse e-mail et accepté ceci\u{a0}:",
    yes: "Oui, j’accepte",
    or_nothing: "Si ce n’était pas vous, ou si vous avez changé d’avis, ne faites rien\u{a0}: sans votre oui, cela ne compte pas.",
    thanks: "Merci",
    written_down: "Il est noté que vous acceptez ceci\u{a0}:",
    take_back: "Vous pouvez revenir sur votre accord quand vous voulez\u{a0}; un mot à l’adresse ci-dessous suffit.",
    nowhere: "Ce lien ne mène nulle part (ou plus)",
    nowhere_why: "Il a peut-être déjà servi, son délai est peut-être passé, ou une partie s’est perdue en route. Rien n’a changé. Demandez-en un nouveau à qui vous l’a envoyé.",
    letter_subject: "Merci de confirmer – ",
    letter_hello: "Bonjour,",
    letter_why: "quelqu’un, sans doute vous, a donné cette adresse e-mail et accepté ceci\u{a0}:",
    letter_do: "Est-ce bien le cas\u{a0}? Alors ouvrez cette page et appuyez sur le bouton\u{a0}:",
    letter_until: "Le lien est valable jusqu’au",
    preferences: "Vos choix",
    preferences_of: "Ils concernent\u{a0}:",
    preferences_how: "Dites par quels moyens vous voulez être joint, et pour quoi. Ce que vous laissez décoché ne se fait pas\u{a0}; vous pouvez changer d’avis quand vous voulez.",
    save: "Enregistrer mes choix",
    saved: "Vos choix sont notés.",
    all_no: "Non à tout",
    all_no_how: "Une pression dit non à tout ce qui figure ci-dessus, quoi qu’il soit coché.",
    by_contract: "découle d’un contrat ou de la loi",
    until_refused: "jusqu’à ce que vous disiez non",
    unsubscribe: "Plus d’e-mails de ce genre",
    unsubscribe_how: "Appuyez sur le bouton, et vous ne recevrez plus d’e-mails de ce genre\u{a0}:",
    unsubscribed: "C’est réglé",
    unsubscribed_now: "Il est noté que vous ne voulez plus d’e-mails de ce genre\u{a0}:",
    goes_on: "Certains de ces e-mails continuent",
    goes_on_why: "Les e-mails de ce genre qui découlent d’un contrat ou de la loi continuent aussi longtemps que lui. Ceci ne met fin qu’à ce que vous avez accepté par ailleurs\u{a0}:",
};

impl Lang {
    pub const fn choice_texts(self) -> &'static ChoiceTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    pub fn purpose(self, purpose: &Purpose) -> &str {
        match self {
            Lang::En => &purpose.name_en,
            Lang::Fr => &purpose.name_fr,
        }
    }

    /// What somebody agrees to, in a sentence of theirs.
    pub fn question(self, channel: Channel, controller: &str, purpose: &str) -> String {
        use Channel as C;
        let may = match (self, channel) {
            (Lang::En, C::Phone) => "may call me by telephone",
            (Lang::Fr, C::Phone) => "peut m’appeler par téléphone",
            (Lang::En, C::Sms) => "may send me text messages",
            (Lang::Fr, C::Sms) => "peut m’envoyer des SMS",
            (Lang::En, C::Email) => "may send me e-mails",
            (Lang::Fr, C::Email) => "peut m’envoyer des e-mails",
            (Lang::En, C::Post) => "may send me letters",
            (Lang::Fr, C::Post) => "peut m’envoyer du courrier",
            (Lang::En, C::Push) => "may send me notifications",
            (Lang::Fr, C::Push) => "peut m’envoyer des notifications",
            (Lang::En, C::WebTracking) => "may follow my visits to its website",
            (Lang::Fr, C::WebTracking) => "peut suivre mes visites sur son site",
            (Lang::En, C::CallRecording) => "may record my calls",
            (Lang::Fr, C::CallRecording) => "peut enregistrer mes appels",
        };
        format!("{controller} {may}{} {purpose}.", self.colon())
    }
}
