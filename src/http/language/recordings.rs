//! Words about recordings.

use super::Lang;
use crate::domain::calling::recording::{AccessKind, DeleteWhy, Pause, RecordingFailure, RecordingRule};

/// The fixed texts of a recording on the call's page.
#[derive(Debug)]
pub struct RecordingTexts {
    pub recordings: &'static str,
    pub purpose: &'static str,
    pub keep_until: &'static str,
    pub goes_on: &'static str,
    pub no_sound: &'static str,
    pub elsewhere: &'static str,
    pub download: &'static str,
    pub paused: &'static str,
    pub accesses: &'static str,
    pub no_access: &'static str,
    pub delete: &'static str,
    pub delete_means: &'static str,
    pub by_person: &'static str,
    pub delete_now: &'static str,
    pub deleted: &'static str,
    pub to_be_deleted: &'static str,
    pub is_paused: &'static str,
    pub pause: &'static str,
    pub resume: &'static str,
}

static EN: RecordingTexts = RecordingTexts {
    recordings: "Recording",
    purpose: "Purpose",
    keep_until: "Kept until",
    goes_on: "The call is being recorded. It can be heard when it is over.",
    no_sound: "Nothing of it was kept.",
    elsewhere: "Its sound is at the node",
    download: "Download",
    paused: "Paused",
    accesses: "Who listened",
    no_access: "Nobody yet.",
    delete: "Delete the recording",
    delete_means: "Its sound is gone for good. That there was one, and who deleted it, stays known.",
    by_person: "Somebody who is heard in it asked for it",
    delete_now: "Delete for good",
    deleted: "Deleted",
    to_be_deleted: "To be deleted as soon as its storage can be reached.",
    is_paused: "It is paused: nothing of what is said is kept.",
    pause: "Pause the recording",
    resume: "Resume the recording",
};

static FR: RecordingTexts = RecordingTexts {
    recordings: "Enregistrement",
    purpose: "Finalité",
    keep_until: "Conservé jusqu’au",
    goes_on: "L’appel est en cours d’enregistrement. On pourra l’écouter une fois terminé.",
    no_sound: "Rien n’en a été conservé.",
    elsewhere: "Le son se trouve sur le nœud",
    download: "Télécharger",
    paused: "En pause",
    accesses: "Qui l’a écouté",
    no_access: "Personne pour l’instant.",
    delete: "Supprimer l’enregistrement",
    delete_means: "Le son disparaît définitivement. On saura toujours qu’il y en avait un, et qui l’a supprimé.",
    by_person: "Une personne que l’on y entend l’a demandé",
    delete_now: "Supprimer définitivement",
    deleted: "Supprimé",
    to_be_deleted: "Sera supprimé dès que son stockage sera joignable.",
    is_paused: "Il est en pause\u{a0}: rien de ce qui se dit n’est conservé.",
    pause: "Mettre l’enregistrement en pause",
    resume: "Reprendre l’enregistrement",
};

impl Lang {
    pub const fn recording_texts(self) -> &'static RecordingTexts {
        match self {
            Lang::En => &EN,
            Lang::Fr => &FR,
        }
    }

    /// Why sound is missing, in a sentence.
    pub const fn recording_failure(self, failure: RecordingFailure) -> &'static str {
        use RecordingFailure as F;
        match (self, failure) {
            (Lang::En, F::NoSpace) => "Sound is missing: the disk was full.",
            (Lang::Fr, F::NoSpace) => "Il manque du son\u{a0}: le disque était plein.",
            (Lang::En, F::Storage) => "Sound is missing: the vault could not be written to.",
            (Lang::Fr, F::Storage) => "Il manque du son\u{a0}: le coffre n’a pas pu être écrit.",
            (Lang::En, F::Codec) => "Sound is missing: the two sides spoke a codec that is not known here.",
            (Lang::Fr, F::Codec) => "Il manque du son\u{a0}: les deux côtés parlaient un codec inconnu ici.",
            (Lang::En, F::Encrypted) => "Sound is missing: the two sides enciphered it between themselves.",
            (Lang::Fr, F::Encrypted) => "Il manque du son\u{a0}: les deux côtés le chiffraient entre eux.",
            (Lang::En, F::Unheard) => "It is silent: no sound of the call came by the gateway.",
            (Lang::Fr, F::Unheard) => {
                "Il est muet\u{a0}: aucun son de l’appel n’est passé par la passerelle."
            }
            (Lang::En, F::Overrun) => "Sound is missing: more came than the recorder could take.",
            (Lang::Fr, F::Overrun) => {
                "Il manque du son\u{a0}: il en venait plus que l’enregistreur n’en pouvait prendre."
            }
            (Lang::En, F::Crashed) => "It breaks off: the gateway went down in the middle of the call.",
            (Lang::Fr, F::Crashed) => {
                "Il s’interrompt\u{a0}: la passerelle s’est arrêtée au milieu de l’appel."
            }
        }
    }

    pub const fn recording_access(self, what: AccessKind) -> &'static str {
        match (self, what) {
            (Lang::En, AccessKind::Listened) => "listened",
            (Lang::Fr, AccessKind::Listened) => "écouté",
            (Lang::En, AccessKind::Downloaded) => "downloaded",
            (Lang::Fr, AccessKind::Downloaded) => "téléchargé",
            (Lang::En, AccessKind::Deleted) => "deleted",
            (Lang::Fr, AccessKind::Deleted) => "supprimé",
        }
    }

    pub const fn recording_deleted(self, why: DeleteWhy) -> &'static str {
        match (self, why) {
            (Lang::En, DeleteWhy::Retention) => "its time was over",
            (Lang::Fr, DeleteWhy::Retention) => "sa durée de conservation était écoulée",
            (Lang::En, DeleteWhy::Person) => "somebody who is heard in it asked for it",
            (Lang::Fr, DeleteWhy::Person) => "à la demande d’une personne que l’on y entend",
            (Lang::En, DeleteWhy::Admin) => "by whoever runs the gateway",
            (Lang::Fr, DeleteWhy::Admin) => "par qui exploite la passerelle",
        }
    }

    /// How the calls of a number are recorded.
    pub fn recording_rule(self, rule: &RecordingRule) -> String {
        let RecordingRule { purpose, every, keep_days, .. } = rule;
        match (self, every) {
            (Lang::En, 1) => format!("{purpose}: each call, for {keep_days} days"),
            (Lang::Fr, 1) => format!("{purpose}\u{a0}: chaque appel, pendant {keep_days} jours"),
            (Lang::En, every) => format!("{purpose}: one call of {every}, for {keep_days} days"),
            (Lang::Fr, every) => format!("{purpose}\u{a0}: un appel sur {every}, pendant {keep_days} jours"),
        }
    }

    /// `0:05 – 0:12`
    pub fn pause(self, pause: Pause) -> String {
        format!("{} – {}", clock(pause.from_ms), clock(pause.to_ms))
    }

    /// What the picture of a recording shows, for whoever does not see it.
    pub fn outline(self, length_ms: u64, caller: f64, line: f64) -> String {
        let (length, caller, line) = (clock(length_ms), self.percent(caller), self.percent(line));
        match self {
            Lang::En => {
                format!("{length} of sound: the caller is heard in {caller} of it, the line in {line}")
            }
            Lang::Fr => {
                format!(
                    "{length} de son\u{a0}: on entend l’appelant pendant {caller}, la ligne pendant {line}"
                )
            }
        }
    }
}

/// Minutes and seconds.
fn clock(ms: u64) -> String {
    format!("{}:{:02}", ms / 60_000, ms / 1_000 % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_within_a_recording_are_minutes_and_seconds() {
        assert_eq!(Lang::En.pause(Pause { from_ms: 5_999, to_ms: 3_605_000 }), "0:05 – 60:05");
    }

    #[test]
    fn a_picture_is_told_in_both_languages() {
        let told = |lang: Lang| lang.outline(10_000, 0.5, 0.25).replace(['\u{a0}', '\u{202f}'], " ");

        assert_eq!(told(Lang::En), "0:10 of sound: the caller is heard in 50% of it, the line in 25%");
        assert_eq!(told(Lang::Fr), "0:10 de son : on entend l’appelant pendant 50 %, la ligne pendant 25 %");
    }
}
