//! Why a call failed, in a sentence.

use super::Lang;
use crate::domain::calling::ladder::why::Why;

impl Lang {
    /// Who reads it is an admin: addresses and statuses stand as they are.
    pub fn why(self, why: &Why) -> String {
        match self {
            Lang::En => self.why_en(why),
            Lang::Fr => self.why_fr(why),
        }
    }

    fn why_en(self, why: &Why) -> String {
        match why {
            Why::Refused { by, status, reason, more, .. } => {
                format!(
                    "The line at {by} refused with {status} {reason}{}.",
                    more_in_brackets(more.as_deref())
                )
            }
            Why::Silent { remote, transport, times, .. } => format!(
                "Nothing came back from {remote}: the INVITE went out {} over {transport}.",
                match times {
                    1 => "once".to_owned(),
                    times => format!("{times} times"),
                }
            ),
            Why::RangInVain { rang, .. } => {
                format!("The line rang for {} and nobody took the call.", self.span(*rang))
            }
            Why::NeverRang { waited, .. } => {
                format!("The line took the INVITE, and after {} it had still not rung.", self.span(*waited))
            }
            Why::GaveUp { waited, rang: true } => {
                format!("The caller heard it ring and gave up after {}.", self.span(*waited))
            }
            Why::GaveUp { waited, rang: false } => {
                format!("The caller gave up after {}, before anything rang.", self.span(*waited))
            }
            Why::NotDialled { status, reason } => {
                format!("No line was dialled: the gateway itself answered {status} {reason}.")
            }
            Why::NotAcknowledged { times } => format!(
                "The caller never confirmed the answer: the 200 went out {times} times and no ACK came back."
            ),
        }
    }

    fn why_fr(self, why: &Why) -> String {
        match why {
            Why::Refused { by, status, reason, more, .. } => {
                format!("La ligne {by} a refusé : {status} {reason}{}.", more_in_brackets(more.as_deref()))
            }
            Why::Silent { remote, transport, times, .. } => {
                format!("Aucune réponse de {remote} : INVITE envoyé {times} fois en {transport}.")
            }
            Why::RangInVain { rang, .. } => {
                format!("La ligne a sonné {} sans que personne ne décroche.", self.span(*rang))
            }
            Why::NeverRang { waited, .. } => format!(
                "La ligne a accepté l’INVITE, mais n’avait toujours pas sonné après {}.",
                self.span(*waited)
            ),
            Why::GaveUp { waited, rang: true } => {
                format!("L’appelant a entendu sonner et a raccroché après {}.", self.span(*waited))
            }
            Why::GaveUp { waited, rang: false } => {
                format!("L’appelant a raccroché après {}, avant toute sonnerie.", self.span(*waited))
            }
            Why::NotDialled { status, reason } => {
                format!("Aucune ligne n’a été appelée : la passerelle a répondu {status} {reason}.")
            }
            Why::NotAcknowledged { times } => format!(
                "L’appelant n’a jamais confirmé la réponse : 200 envoyé {times} fois, aucun ACK reçu."
            ),
        }
    }
}

fn more_in_brackets(more: Option<&str>) -> String {
    more.map(|more| format!(" ({more})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_reason_is_a_sentence_in_both_languages() {
        let remote = "192.0.2.3:5060".parse().unwrap();
        let span = Duration::from_secs(20);
        let all = [
            Why::Refused {
                leg: 1,
                by: remote,
                status: 486,
                reason: "Busy Here".into(),
                more: Some("Q.850".into()),
            },
            Why::Silent { leg: 1, remote, transport: "UDP", times: 7 },
            Why::RangInVain { leg: 1, rang: span },
            Why::NeverRang { leg: 1, waited: span },
            Why::GaveUp { waited: span, rang: true },
            Why::GaveUp { waited: span, rang: false },
            Why::NotDialled { status: 404, reason: "Not Found".into() },
            Why::NotAcknowledged { times: 11 },
        ];

        for why in &all {
            let (en, fr) = (Lang::En.why(why), Lang::Fr.why(why));
            assert!(en.ends_with('.') && fr.ends_with('.') && en != fr, "{en} {fr}");
            assert!(!fr.contains(" :") && !fr.contains('\''), "{fr}");
        }
        assert_eq!(Lang::En.why(&all[0]), "The line at 192.0.2.3:5060 refused with 486 Busy Here (Q.850).");
    }
}
