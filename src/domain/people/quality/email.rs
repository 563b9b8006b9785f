//! Addresses that no person reads: with a typing error in the domain, thrown
//! away after use, where no mail is taken, or of a task instead of a person.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Code;
use crate::domain::people::email::Email;

/// Where most French mailboxes are; none whose neighbours are domains of others, as `five.com` is of `live.com`.
const WELL_KNOWN: [&str; 17] = [
    "aliceadsl.fr",
    "club-internet.fr",
    "gmail.com",
    "googlemail.com",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "laposte.net",
    "numericable.fr",
    "orange.fr",
    "outlook.com",
    "outlook.fr",
    "protonmail.com",
    "skynet.be",
    "wanadoo.fr",
    "yahoo.com",
    "yahoo.fr",
];

/// From <https://github.com/disposable-email-domains/disposable-email-domains>, under CC0 1.0, November 2026.
static DISPOSABLE: LazyLock<HashSet<&str>> =
    LazyLock::new(|| include_str!("disposable.txt").lines().collect());

/// The mailboxes of RFC 2142 and their like, in English and French.
const ROLES: [&str; 28] = [
    "abuse",
    "accueil",
    "admin",
    "administrator",
    "billing",
    "commercial",
    "compta",
    "comptabilite",
    "contact",
    "contacts",
    "direction",
    "facturation",
    "hello",
    "help",
    "hostmaster",
    "info",
    "infos",
    "jobs",
    "marketing",
    "noreply",
    "no-reply",
    "office",
    "postmaster",
    "recrutement",
    "sales",
    "secretariat",
    "support",
    "webmaster",
];

/// What is wrong, with the domain that was probably meant.
pub(super) fn problems(email: &Email, takes_no_mail: bool) -> Vec<(Code, Option<String>)> {
    let (local, domain) = (email.local(), email.domain());
    let typo = meant(domain).map(|meant| (Code::EmailTypo, Some(meant.to_owned())));
    let disposable = is_disposable(domain).then_some((Code::EmailDisposable, None));
    let no_mail = takes_no_mail.then_some((Code::EmailNoMail, None));
    let local = local.split('+').next().unwrap_or_default();
    let role = ROLES.contains(&local).then_some((Code::EmailRole, None));
    [typo, disposable, no_mail, role].into_iter().flatten().collect()
}

/// The well-known domain from which this one is one slip away: a letter too many, too few, another one, or
/// two that changed places.
fn meant(domain: &str) -> Option<&'static str> {
    if WELL_KNOWN.contains(&domain) {
        return None;
    }
    WELL_KNOWN.into_iter().find(|known| strsim::osa_distance(domain, known) == 1)
}

/// Whether the domain, or one that it belongs to, is known for mailboxes that are thrown away.
fn is_disposable(domain: &str) -> bool {
    let mut rest = Some(domain);
    while let Some(name) = rest {
        if DISPOSABLE.contains(name) {
            return true;
        }
        rest = name.split_once('.').map(|(_, parent)| parent);
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_a_well_known_domain_is_told_with_what_was_meant() {
        for (domain, told) in [
            ("gmail.com", None),
            ("gmial.com", Some("gmail.com")),
            ("gmai.com", Some("gmail.com")),
            ("gmail.con", Some("gmail.com")),
            ("gmail.co", Some("gmail.com")),
            ("hotmial.fr", Some("hotmail.fr")),
            ("ornage.fr", Some("orange.fr")),
            ("wanado.fr", Some("wanadoo.fr")),
            ("laposte.ne", Some("laposte.net")),
            ("yahoo.rf", Some("yahoo.fr")),
            ("bakery.example", None),
            ("gmx.at", None),
            ("yahoo.de", None),
            ("hotmail.be", None),
            ("free.org", None),
        ] {
            assert_eq!(meant(domain), told, "{domain}");
        }
    }

    #[test]
    fn a_throw_away_mailbox_and_one_of_a_task_are_told() {
        let codes = |email: &str| -> Vec<Code> {
            problems(&email.parse().unwrap(), false).into_iter().map(|(code, _)| code).collect()
        };

        assert_eq!(codes("ada@yopmail.com"), [Code::EmailDisposable]);
        assert_eq!(codes("ada@box.yopmail.com"), [Code::EmailDisposable]);
        assert_eq!(codes("info@bakery.example"), [Code::EmailRole]);
        assert_eq!(codes("info+shop@bakery.example"), [Code::EmailRole]);
        assert_eq!(codes("information@bakery.example"), []);
    }
}
