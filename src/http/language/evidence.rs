//! Why a call has a share: the evidence in sentences.

use std::time::Duration;

use super::Lang;
use crate::domain::tracking::attribution::{Acquaintance, Evidence, Reason, Share, Shown};
use crate::domain::tracking::device::Device;
use crate::store::Version;

impl Lang {
    /// Why a call has this share: the strongest reason first, a sentence each.
    pub fn evidence(self, share: &Share) -> String {
        match (self, &share.evidence) {
            (_, Evidence::ShownOnPage(shown)) => self.shown(shown),
            (Lang::En, Evidence::StaticNumber) => {
                "This number stands for its medium alone; nobody else shows it.".into()
            }
            (Lang::Fr, Evidence::StaticNumber) => {
                "Ce numéro est réservé à ce support\u{a0}; il n’est affiché nulle part ailleurs.".into()
            }
            (Lang::En, Evidence::MadeOnPage) => "The call was made on the page itself.".into(),
            (Lang::Fr, Evidence::MadeOnPage) => "L’appel a été passé depuis la page elle-même.".into(),
            (Lang::En, Evidence::Background) => {
                "The number may have been saved, passed on or misdialled.".into()
            }
            (Lang::Fr, Evidence::Background) => {
                "Le numéro a pu être enregistré, transmis ou composé par erreur.".into()
            }
            (Lang::En, Evidence::RangBefore { ago_ms }) => {
                format!("The caller had rung this number before, {} earlier.", self.ms(*ago_ms))
            }
            (Lang::Fr, Evidence::RangBefore { ago_ms }) => {
                format!("L’appelant avait déjà composé ce numéro, {} plus tôt.", self.ms(*ago_ms))
            }
            (Lang::En, Evidence::Corrected) => "Somebody who knows has said so.".into(),
            (Lang::Fr, Evidence::Corrected) => "Quelqu’un qui le sait l’a indiqué.".into(),
        }
    }

    /// Why the shares of a call were reckoned; a time follows.
    pub const fn reckoned(self, reason: Reason) -> &'static str {
        match (self, reason) {
            (Lang::En, Reason::Arrived) => "Reckoned when the call arrived,",
            (Lang::Fr, Reason::Arrived) => "Calculé à l’arrivée de l’appel,",
            (Lang::En, Reason::Tapped) => "Reckoned anew when a tap on the number was told,",
            (Lang::Fr, Reason::Tapped) => "Recalculé quand un toucher du numéro a été signalé,",
            (Lang::En, Reason::Identified) => "Reckoned anew when it became known who a visitor is,",
            (Lang::Fr, Reason::Identified) => "Recalculé quand un visiteur a été identifié,",
            (Lang::En, Reason::Corrected) => "Corrected",
            (Lang::Fr, Reason::Corrected) => "Corrigé",
        }
    }

    /// What was believed beforehand when these shares were reckoned; nothing
    /// where a number or a person alone tells.
    pub fn priors(self, version: &Version) -> String {
        let weighed = |share: &Share| {
            !matches!(share.evidence, Evidence::StaticNumber | Evidence::MadeOnPage | Evidence::Corrected)
        };
        match (self, version.priors) {
            (Lang::En, Some(learned)) => format!("By what labelled calls have taught, priors no. {learned}."),
            (Lang::Fr, Some(learned)) => {
                format!("Selon ce que les appels confirmés ont appris, a priori nº\u{a0}{learned}.")
            }
            (Lang::En, None) if version.shares.iter().any(weighed) => "By the stated priors.".into(),
            (Lang::Fr, None) if version.shares.iter().any(weighed) => "Selon les a priori de départ.".into(),
            (Lang::En | Lang::Fr, None) => String::new(),
        }
    }

    fn shown(self, shown: &Shown) -> String {
        let mut sentences = vec![match shown.tapped_ms {
            Some(ms) => self.tapped(ms),
            None => self.last_seen(shown.last_seen_ms),
        }];
        sentences.extend(self.visitor(shown.visitor).map(str::to_owned));
        sentences.extend(shown.same_country.map(|same| self.country(same).to_owned()));
        // Who tapped held a telephone: that needs no saying.
        let device = self.device(shown.device).filter(|_| shown.tapped_ms.is_none());
        sentences.extend(device.map(str::to_owned));
        sentences.extend(shown.is_shared.then(|| self.shared().to_owned()));
        sentences.extend(self.rivals(shown.candidates));
        sentences.join(" ")
    }

    fn tapped(self, ms: u64) -> String {
        match self {
            Lang::En => format!("This visitor tapped the number {} before the call.", self.ms(ms)),
            Lang::Fr => format!("Ce visiteur a touché le numéro {} avant l’appel.", self.ms(ms)),
        }
    }

    fn last_seen(self, ms: u64) -> String {
        match (self, ms) {
            (Lang::En, 0..1_000) => "The number was on this visit’s page when the call came.".into(),
            (Lang::Fr, 0..1_000) => {
                "Le numéro était affiché sur la page de cette visite à l’arrivée de l’appel.".into()
            }
            (Lang::En, ms) => {
                format!("The number was last seen on this visit’s page {} before the call.", self.ms(ms))
            }
            (Lang::Fr, ms) => format!(
                "Le numéro a été vu pour la dernière fois sur la page de cette visite {} avant l’appel.",
                self.ms(ms)
            ),
        }
    }

    const fn visitor(self, visitor: Acquaintance) -> Option<&'static str> {
        match (self, visitor) {
            (_, Acquaintance::Unknown) => None,
            (Lang::En, Acquaintance::Caller) => Some("The visitor is known as the caller."),
            (Lang::Fr, Acquaintance::Caller) => Some("Ce visiteur est connu comme étant l’appelant."),
            (Lang::En, Acquaintance::SomebodyElse) => Some("The visitor is known as somebody else."),
            (Lang::Fr, Acquaintance::SomebodyElse) => {
                Some("Ce visiteur est connu comme étant quelqu’un d’autre.")
            }
        }
    }

    const fn country(self, same: bool) -> &'static str {
        match (self, same) {
            (Lang::En, true) => "Visit and caller come from the same country.",
            (Lang::Fr, true) => "La visite et l’appelant viennent du même pays.",
            (Lang::En, false) => "Visit and caller come from different countries.",
            (Lang::Fr, false) => "La visite et l’appelant viennent de pays différents.",
        }
    }

    const fn device(self, device: Device) -> Option<&'static str> {
        match (self, device) {
            (_, Device::Unknown) => None,
            (Lang::En, Device::Phone) => Some("The page was open on a telephone."),
            (Lang::Fr, Device::Phone) => Some("La page était ouverte sur un téléphone."),
            (Lang::En, Device::Desk) => Some("The page was open on a computer or tablet."),
            (Lang::Fr, Device::Desk) => Some("La page était ouverte sur un ordinateur ou une tablette."),
        }
    }

    const fn shared(self) -> &'static str {
        match self {
            Lang::En => {
                "All numbers were taken, so a second visit by the same channel shared this one: which of them \
                 called is not certain, the channel is."
            }
            Lang::Fr => {
                "Tous les numéros étaient pris\u{a0}: une autre visite du même canal a partagé celui-ci. \
                 On ne sait pas laquelle a appelé, mais le canal est certain."
            }
        }
    }

    fn rivals(self, candidates: u32) -> Option<String> {
        match (self, candidates) {
            (_, 0 | 1) => None,
            (Lang::En, 2) => Some("One other visit was shown it as well.".into()),
            (Lang::En, n) => Some(format!("{} other visits were shown it as well.", n - 1)),
            (Lang::Fr, 2) => Some("Une autre visite l’a vu également.".into()),
            (Lang::Fr, n) => Some(format!("{} autres visites l’ont vu également.", n - 1)),
        }
    }

    fn ms(self, ms: u64) -> String {
        self.span(Duration::from_millis(ms))
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::domain::ids::LeaseId;
    use crate::domain::tracking::source::Source;

    fn told(lang: Lang, evidence: Evidence) -> String {
        let share = Share { visit: None, probability: 0.5, evidence, source: Source::unknown() };
        lang.evidence(&share).replace('\u{a0}', " ")
    }

    fn shown() -> Shown {
        Shown {
            lease: LeaseId(Uuid::from_u128(1)),
            last_seen_ms: 64_000,
            candidates: 3,
            device: Device::Phone,
            tapped_ms: None,
            visitor: Acquaintance::Unknown,
            same_country: None,
            is_shared: false,
        }
    }

    #[test]
    fn a_tap_is_told_before_anything_else() {
        let tapped = Evidence::ShownOnPage(Shown { tapped_ms: Some(4_000), ..shown() });

        assert_eq!(
            told(Lang::En, tapped.clone()),
            "This visitor tapped the number 4 s before the call. 2 other visits were shown it as well."
        );
        assert_eq!(
            told(Lang::Fr, tapped),
            "Ce visiteur a touché le numéro 4 s avant l’appel. 2 autres visites l’ont vu également."
        );
    }

    #[test]
    fn a_page_that_was_open_a_moment_ago_is_open() {
        let seen = |ms| told(Lang::En, Evidence::ShownOnPage(Shown { last_seen_ms: ms, ..shown() }));

        assert!(seen(999).starts_with("The number was on this visit’s page when the call came."));
        assert!(seen(1_000).contains("1 s before the call"));
    }

    #[test]
    fn each_piece_of_evidence_is_a_sentence_in_both_languages() {
        let all = Evidence::ShownOnPage(Shown {
            visitor: Acquaintance::Caller,
            same_country: Some(false),
            candidates: 1,
            ..shown()
        });

        assert_eq!(
            told(Lang::En, all.clone()),
            "The number was last seen on this visit’s page 1 min 04 s before the call. The visitor is known \
             as the caller. Visit and caller come from different countries. The page was open on a telephone."
        );
        assert_eq!(
            told(Lang::Fr, all),
            "Le numéro a été vu pour la dernière fois sur la page de cette visite 1 min 04 s avant l’appel. \
             Ce visiteur est connu comme étant l’appelant. La visite et l’appelant viennent de pays \
             différents. La page était ouverte sur un téléphone."
        );
        assert_eq!(
            told(Lang::En, Evidence::RangBefore { ago_ms: 3_600_000 }),
            "The caller had rung this number before, 1 h 00 min earlier."
        );
        assert_eq!(
            told(Lang::Fr, Evidence::RangBefore { ago_ms: 90_000_000 }),
            "L’appelant avait déjà composé ce numéro, 1 jour plus tôt."
        );
    }
}
