//! What is wrong with a plan, as an admin reads it at the console. In English it is what the plan's file is told.

use super::Lang;
use crate::domain::plan::edit::EditFault;
use crate::domain::plan::number_table::LineWrong;
use crate::domain::plan::problem::{Fault, Problem};

impl Lang {
    /// What is wrong, and with which entry.
    pub fn plan_problem(self, Problem { place, fault }: &Problem) -> String {
        match self {
            Lang::En => format!("{place}: {fault}"),
            Lang::Fr => format!("{place}\u{a0}: {}", fault_fr(fault)),
        }
    }

    pub fn edit_fault(self, fault: &EditFault) -> String {
        match (self, fault) {
            (Lang::En, _) => fault.to_string(),
            (Lang::Fr, EditFault::NoNumber(number)) => format!("{} n’est pas en service", number.reveal()),
            (Lang::Fr, EditFault::NoEntry { what, name }) => format!("il n’y a pas de {what} {name:?}"),
            (Lang::Fr, EditFault::Taken { what, name }) => format!("il y a déjà un {what} {name:?}"),
            (Lang::Fr, EditFault::InPool { number, pool }) => format!(
                "{} est dans le pool {pool:?}, qui décide où vont ses appels et à qui il appartient",
                number.reveal()
            ),
        }
    }

    pub fn number_line_wrong(self, wrong: &LineWrong) -> String {
        match (self, wrong) {
            (_, LineWrong::Misshapen(wrong)) => self.misshapen(wrong),
            (Lang::En, _) => wrong.to_string(),
            (Lang::Fr, LineWrong::BadNumber(text)) => format!(
                "{text:?} n’est pas un numéro de téléphone\u{a0}; écrivez-le avec + et l’indicatif, ou comme on le compose chez vous"
            ),
            (Lang::Fr, LineWrong::SameNumber(line)) => format!("a le numéro de la ligne {line}"),
            (Lang::Fr, LineWrong::BadCallsAtOnce(text)) => {
                format!("calls_at_once\u{a0}: {text:?} n’est pas un nombre entier")
            }
            (Lang::Fr, LineWrong::NoPool(pool)) => format!("il n’y a pas de pool {pool:?}"),
            (Lang::Fr, LineWrong::InPool(pool)) => format!(
                "le numéro est dans le pool {pool:?}\u{a0}; laissez pool vide pour l’en sortir, ou dites le pool"
            ),
        }
    }
}

/// The words of the plan's file stay as they stand there.
fn fault_fr(fault: &Fault) -> String {
    match fault {
        Fault::BadName(text) => format!(
            "{text:?} n’est pas un nom\u{a0}; il a 1 à 64 caractères parmi a–z, 0–9 et le tiret, qui n’est ni au début ni à la fin"
        ),
        Fault::Twice => "est déclaré deux fois".into(),
        Fault::Unknown { what, name, hint } => match &hint.0 {
            Some(near) => format!("il n’y a pas de {what} {name:?}\u{a0}; vouliez-vous dire {near:?}\u{a0}?"),
            None => format!("il n’y a pas de {what} {name:?}"),
        },
        Fault::BadPhone(text) => {
            format!("{text:?} n’est pas un numéro\u{a0}; écrivez-le avec + et l’indicatif")
        }
        Fault::BadRange(text) => format!(
            "{text:?} n’est pas une plage de 100000 numéros au plus\u{a0}; écrivez le premier et le dernier"
        ),
        Fault::NumberTwice(text) => format!("{text:?} est déjà dans le plan"),
        Fault::BadLine(text) => format!(
            "{text:?} n’est pas une URI SIP\u{a0}; écrivez sip:utilisateur@hôte ou sip:utilisateur@hôte:port"
        ),
        Fault::LineOrSteps => "dites soit où cela sonne avec line, soit comment avec steps".into(),
        Fault::RingBesideSteps => "ring_s va avec line\u{a0}; chaque étape a le sien".into(),
        Fault::UnclearStep => {
            "une étape sonne à un endroit (sip, number et trunk, console ou destination) ou dit quelque chose"
                .into()
        }
        Fault::SaidNotRung => "ce qui parle ne sonne pas\u{a0}: ni ring_s, ni weight, ni music".into(),
        Fault::KeysWithoutMenu => "keys, wait_s, tries et again vont avec menu".into(),
        Fault::MessageWithoutVoicemail => "longest_s et keep_days vont avec voicemail".into(),
        Fault::AfterVoicemail => {
            "un appel finit par sa messagerie\u{a0}: rien ne vient après, pas de repli non plus".into()
        }
        Fault::BadKey(key) => format!("{key:?} n’est pas une touche de menu\u{a0}; écrivez 0 à 9 ou #"),
        Fault::SaidOutOfOrder => "ce qui est dit ne va qu’avec la stratégie order".into(),
        Fault::NoWayOut(trunk) => format!("aucun appel ne sort par le trunk {trunk:?}"),
        Fault::NotAllowed { number, trunk, allowed } => format!(
            "{number:?} ne commence par aucun des préfixes que le trunk {trunk:?} peut appeler\u{a0}: {allowed}"
        ),
        Fault::BadStrategy(word) => {
            format!("{word:?} n’est pas une stratégie\u{a0}; écrivez order, all, round_robin ou weighted")
        }
        Fault::BadHours { text, example } => format!("{text:?} ne se lit pas\u{a0}; par exemple {example}"),
        Fault::BadCalendar { name, known } => {
            format!("il n’y a pas de calendrier {name:?}\u{a0}; sont connus {known}")
        }
        Fault::CallsInACircle(circle) => format!("des appels tourneraient en rond\u{a0}: {circle}"),
        Fault::BadOrigin(text) => {
            format!("{text:?} n’est pas une origine web\u{a0}; écrivez https://hôte sans chemin")
        }
        Fault::BadChannel(text) => {
            format!("{text:?} n’est pas un canal, comme \"Paid Search\" ou \"Offline\"")
        }
        Fault::Cycle => "ses parents ramènent à lui-même".into(),
        Fault::OutOfBounds { key, least, most } => format!("{key} doit être entre {least} et {most}"),
        Fault::HalfAPlace => {
            "site et target vont ensemble\u{a0}: le numéro remplace ce numéro sur ce site".into()
        }
        Fault::SameJob { name } => format!("{name:?} fait déjà cela"),
        Fault::TooLong { key, most } => format!("{key} a plus de {most} caractères"),
        Fault::BadMediumKind { word, known } => {
            format!("{word:?} n’est pas un genre de support\u{a0}; écrivez {known}")
        }
        Fault::HalfACost => "cost_minor et currency vont ensemble".into(),
        Fault::BadCurrency(text) => format!("{text:?} n’est pas une devise ISO 4217, par exemple \"EUR\""),
        Fault::BadLandingPage(text) => {
            format!("{text:?} n’est pas l’adresse d’une page de 1000 caractères au plus")
        }
        Fault::BadHost(text) => format!("{text:?} n’est pas un hôte\u{a0}; sans https:// ni chemin"),
        Fault::TooMany { key, most } => format!("{key}\u{a0}: plus de {most}"),
        Fault::BadAction { key, word, known } => {
            format!("{key}\u{a0}: {word:?} n’est pas connu ici\u{a0}; écrivez {known}")
        }
        Fault::BadTime(text) => {
            format!("{text:?} n’est pas une heure\u{a0}; écrivez-la comme dans la RFC 3339")
        }
        Fault::Empty(key) => format!("{key} ne doit pas être vide"),
        // No form of the console writes these: they come from a plan's file, and are told in its language.
        Fault::UnclearBlock
        | Fault::BadPrefix(_)
        | Fault::BadCountry(_)
        | Fault::TwoScopes
        | Fault::BadAlias(_)
        | Fault::BadRule { .. }
        | Fault::KeptTooLong
        | Fault::CallersUninformed
        | Fault::WhisperPast
        | Fault::AcceptUntold
        | Fault::NamesUnsaid
        | Fault::RatingWithoutPrompt
        | Fault::AcceptWithoutKey
        | Fault::BadAcceptKey(_)
        | Fault::BadPauseKey(_)
        | Fault::BadEmail(_)
        | Fault::BadPolicyUrl(_)
        | Fault::ChoicesWithoutChoice
        | Fault::SystemIsSite
        | Fault::NoRule { .. }
        | Fault::ShorterThan { .. }
        | Fault::BadLimits(_)
        | Fault::HalfTheLimits
        | Fault::BadFilter(_)
        | Fault::NoController(_)
        | Fault::HalfAReach
        | Fault::BadWebhook(_)
        | Fault::NoEvent { .. } => fault.to_string(),
    }
}
