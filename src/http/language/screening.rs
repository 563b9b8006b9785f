//! What screening said of a call, in a line.

use super::Lang;
use crate::domain::calling::identity::{Attestation, Identity, Signature, Why};
use crate::domain::calling::screening::rules::Rule;
use crate::domain::calling::screening::{Decision, Verdict};

impl Lang {
    pub fn verdict(self, verdict: Verdict) -> &'static str {
        match (self, verdict) {
            (Lang::En, Verdict::Allowed) => "Let in",
            (Lang::Fr, Verdict::Allowed) => "Autorisé",
            (Lang::En, Verdict::Marked) => "Marked",
            (Lang::Fr, Verdict::Marked) => "Signalé",
            (Lang::En, Verdict::Refused) => "Refused",
            (Lang::Fr, Verdict::Refused) => "Refusé",
        }
    }

    /// `Refused: on the block list (robot)`
    pub fn screening(self, said: &Decision) -> String {
        let block = said.block.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
        format!("{}{} {}{block}", self.verdict(said.verdict), self.colon(), self.rule(said.rule))
    }

    const fn rule(self, rule: Rule) -> &'static str {
        let (en, fr) = match rule {
            Rule::AllowList => ("on the allow list", "sur la liste d’autorisation"),
            Rule::BlockList => ("on the block list", "sur la liste de blocage"),
            Rule::IdentityFailed => ("its signature does not hold", "sa signature n’est pas valable"),
            Rule::IdentityAbsent => ("not signed", "non signé"),
            Rule::AttestationB => {
                ("the number is not vouched for (B)", "le numéro n’est pas attesté (niveau B)")
            }
            Rule::AttestationC => {
                ("the caller is not vouched for (C)", "l’appelant n’est pas attesté (niveau C)")
            }
            Rule::NoNumber => ("shows no telephone number", "n’affiche aucun numéro de téléphone"),
            Rule::UnassignedNumber => {
                ("shows a number that nobody has", "affiche un numéro attribué à personne")
            }
            Rule::OwnNumber => ("shows the number it calls", "affiche le numéro qu’il appelle"),
            Rule::PlatformNumber => ("a platform’s number", "numéro de plateforme"),
            Rule::UnsignedMobile => {
                ("a French mobile number that nobody vouches for", "mobile français attesté par personne")
            }
            Rule::Rate => ("calls too often", "appelle trop souvent"),
            Rule::SilentCalls => ("silent calls again and again", "appels silencieux à répétition"),
        };
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }

    /// `Verified, level A: the operator knows the caller and their number`
    pub fn identity(self, identity: &Identity) -> String {
        let (signature, because) =
            (self.signature(identity.signature), identity.why.map(|why| self.unverified(why)));
        match (identity.attestation, because) {
            (Some(level), _) => format!("{signature}, {}", self.attestation(level)),
            (None, Some(why)) => format!("{signature}, {why}"),
            (None, None) => signature.to_owned(),
        }
    }

    const fn signature(self, signature: Signature) -> &'static str {
        match (self, signature) {
            (Lang::En, Signature::Verified) => "Verified",
            (Lang::Fr, Signature::Verified) => "Vérifiée",
            (Lang::En, Signature::Failed) => "Not valid",
            (Lang::Fr, Signature::Failed) => "Non valable",
            (Lang::En, Signature::Absent) => "None",
            (Lang::Fr, Signature::Absent) => "Aucune",
            (Lang::En, Signature::Unchecked) => "Not checked",
            (Lang::Fr, Signature::Unchecked) => "Non vérifiée",
        }
    }

    const fn attestation(self, level: Attestation) -> &'static str {
        match (self, level) {
            (Lang::En, Attestation::A) => "level A: the operator knows the caller and their number",
            (Lang::Fr, Attestation::A) => "niveau A\u{a0}: l’opérateur connaît l’appelant et son numéro",
            (Lang::En, Attestation::B) => "level B: the operator knows the caller",
            (Lang::Fr, Attestation::B) => "niveau B\u{a0}: l’opérateur connaît l’appelant",
            (Lang::En, Attestation::C) => "level C: the operator knows where the call came from",
            (Lang::Fr, Attestation::C) => "niveau C\u{a0}: l’opérateur sait d’où vient l’appel",
        }
    }

    const fn unverified(self, why: Why) -> &'static str {
        let (en, fr) = match why {
            Why::Malformed => ("cannot be read", "illisible"),
            Why::Unsupported => ("of an unknown kind", "de type inconnu"),
            Why::Stale => ("made at another time", "faite à un autre moment"),
            Why::Caller => ("made for another caller", "faite pour un autre appelant"),
            Why::Called => ("made for another number", "faite pour un autre numéro"),
            Why::Signature => ("does not fit its certificate", "ne correspond pas à son certificat"),
            Why::Unreachable => ("its certificate is not to be had", "son certificat est introuvable"),
            Why::Untrusted => ("its certificate is not trusted", "son certificat n’est pas reconnu"),
            Why::NotCovered => {
                ("its certificate is for other numbers", "son certificat vise d’autres numéros")
            }
            Why::Slow => ("its certificate came too late", "son certificat est arrivé trop tard"),
            Why::NoCaller => ("there is no number to compare", "aucun numéro à comparer"),
        };
        match self {
            Lang::En => en,
            Lang::Fr => fr,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_is_told_in_a_line() {
        let block = Some("robot".parse().unwrap());
        let said = Decision { verdict: Verdict::Refused, rule: Rule::BlockList, block, status: None };

        assert_eq!(Lang::En.screening(&said), "Refused: on the block list (robot)");
        assert_eq!(Lang::Fr.screening(&said), "Refusé\u{a0}: sur la liste de blocage (robot)");
    }

    #[test]
    fn every_rule_and_reason_has_words_of_its_own() {
        for lang in Lang::ALL {
            let rules: std::collections::BTreeSet<_> =
                Rule::ALL.iter().map(|rule| lang.rule(*rule)).collect();
            let reasons: std::collections::BTreeSet<_> =
                Why::ALL.iter().map(|why| lang.unverified(*why)).collect();
            assert_eq!((rules.len(), reasons.len()), (Rule::ALL.len(), Why::ALL.len()));
        }
    }
}
