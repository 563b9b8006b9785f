//! Sentences that hold a number, and so cannot stand in the table of texts.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::Lang;
use crate::domain::calling::transfer::TransferOutcome;
use crate::domain::time::Timestamp;
use crate::domain::tracking::channels::Channel;

const MONTHS_EN: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const MONTHS_FR: [&str; 12] =
    ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."];

/// A probability as people say it.
///
/// The edges are those at which a reader acts differently: a call to trust,
/// one to take with a grain of salt, one to count and not to name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Certainty {
    Certain,
    Likely,
    Possible,
    Unlikely,
}

impl Certainty {
    pub fn of(probability: f64) -> Self {
        match probability {
            p if p >= 0.95 => Certainty::Certain,
            p if p >= 0.6 => Certainty::Likely,
            p if p >= 0.2 => Certainty::Possible,
            _ => Certainty::Unlikely,
        }
    }
}

impl Lang {
    pub fn certainty(self, certainty: Certainty) -> &'static str {
        match (self, certainty) {
            (Lang::En, Certainty::Certain) => "almost certainly",
            (Lang::En, Certainty::Likely) => "most likely",
            (Lang::En, Certainty::Possible) => "possibly",
            (Lang::En, Certainty::Unlikely) => "unlikely",
            (Lang::Fr, Certainty::Certain) => "presque certainement",
            (Lang::Fr, Certainty::Likely) => "très probablement",
            (Lang::Fr, Certainty::Possible) => "peut-être",
            (Lang::Fr, Certainty::Unlikely) => "peu probable",
        }
    }

    /// Seconds to the millisecond, without their unit.
    pub fn seconds(self, span: Duration) -> String {
        let text = format!("{:.3}", span.as_secs_f64());
        if self == Lang::Fr { text.replace('.', ",") } else { text }
    }

    /// Whole per cent that does not claim more than it knows: `> 99 %` and
    /// `< 1 %` for what is merely nearly certain or very unlikely, never 100 %
    /// or 0 %. French sets a space before the sign.
    pub fn percent(self, probability: f64) -> String {
        let whole = probability * 100.0;
        let (mark, whole) = match whole {
            p if p > 99.0 && p < 100.0 => (">\u{a0}", 99.0),
            p if p > 0.0 && p < 1.0 => ("<\u{a0}", 1.0),
            p => ("", p.round().clamp(0.0, 100.0)),
        };
        let space = match self {
            Lang::En => "",
            Lang::Fr => "\u{a0}",
        };
        format!("{mark}{whole}{space}%")
    }

    /// What became of a transfer.
    pub const fn transfer(self, outcome: TransferOutcome) -> &'static str {
        match (self, outcome) {
            (Lang::En, TransferOutcome::Done) => "carried on there",
            (Lang::Fr, TransferOutcome::Done) => "poursuivi là-bas",
            (Lang::En, TransferOutcome::Refused) => "not allowed",
            (Lang::Fr, TransferOutcome::Refused) => "non autorisé",
            (Lang::En, TransferOutcome::Failed) => "nobody took it there",
            (Lang::Fr, TransferOutcome::Failed) => "personne n’a pris l’appel",
        }
    }

    /// A span as it is read aloud: `3 min 05 s`, `1 h 02 min`, `2 days`.
    pub fn span(self, span: Duration) -> String {
        let s = span.as_secs();
        let (day, days) = match self {
            Lang::En => ("day", "days"),
            Lang::Fr => ("jour", "jours"),
        };
        match s {
            0..60 => format!("{s}\u{a0}s"),
            60..3_600 => format!("{}\u{a0}min\u{a0}{:02}\u{a0}s", s / 60, s % 60),
            3_600..86_400 => format!("{}\u{a0}h\u{a0}{:02}\u{a0}min", s / 3_600, s / 60 % 60),
            86_400..172_800 => format!("1\u{a0}{day}"),
            _ => format!("{}\u{a0}{days}", s / 86_400),
        }
    }

    /// How long a call rang that nobody took.
    pub fn rang(self, span: Duration) -> String {
        let span = self.span(span);
        match self {
            Lang::En => format!("rang {span}"),
            Lang::Fr => format!("a sonné {span}"),
        }
    }

    /// A channel as marketers of the country say it; the API keeps GA4's names.
    pub const fn channel(self, channel: Channel) -> &'static str {
        match self {
            Lang::En => channel.as_str(),
            Lang::Fr => match channel {
                Channel::Direct => "Accès direct",
                Channel::CrossNetwork => "Multiréseau",
                Channel::PaidShopping => "Shopping payant",
                Channel::PaidSearch => "Recherche payante",
                Channel::PaidSocial => "Réseaux sociaux payants",
                Channel::PaidVideo => "Vidéo payante",
                Channel::Display => "Display",
                Channel::PaidOther => "Autre payant",
                Channel::OrganicShopping => "Shopping naturel",
                Channel::OrganicSocial => "Réseaux sociaux naturels",
                Channel::OrganicVideo => "Vidéo naturelle",
                Channel::OrganicSearch => "Recherche naturelle",
                Channel::Referral => "Site référent",
                Channel::Email => "E-mail",
                Channel::Affiliates => "Affiliation",
                Channel::Audio => "Audio",
                Channel::Sms => "SMS",
                Channel::MobilePush => "Notification mobile",
                Channel::AiAssistant => "Assistant IA",
                Channel::Unassigned => "Non attribué",
                Channel::Offline => "Hors ligne",
            },
        }
    }

    /// A moment in UTC, for whoever's browser does not tell their zone: `22 Nov 2026, 12:21`.
    pub fn moment(self, at: Timestamp) -> String {
        format!("{}, {:.5}", self.day(at), self.time(at))
    }

    /// The day in UTC: `22 Nov 2026`.
    pub fn day(self, at: Timestamp) -> String {
        let at = at.to_calendar().to_zoned(TimeZone::UTC);
        let month = usize::from(at.month().unsigned_abs()) - 1;
        let month = match self {
            Lang::En => MONTHS_EN[month],
            Lang::Fr => MONTHS_FR[month],
        };
        format!("{}\u{a0}{month}\u{a0}{}", at.day(), at.year())
    }

    /// The time in UTC: `12:21:09`.
    pub fn time(self, at: Timestamp) -> String {
        let at = at.to_calendar().to_zoned(TimeZone::UTC);
        format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second())
    }

    /// How long someone has to wait before the next try.
    pub fn wait(self, span: Duration) -> String {
        let span = self.span(span.max(Duration::from_secs(1)));
        match self {
            Lang::En => format!("Wait {span}, then try again."),
            Lang::Fr => format!("Attendez {span}, puis réessayez."),
        }
    }

    /// The heading over a list that shows `shown` calls of one page.
    pub fn calls_shown(self, shown: usize, more: bool) -> String {
        match (self, shown, more) {
            (Lang::En, 1, false) => "1 call".into(),
            (Lang::En, n, false) => format!("{n} calls"),
            (Lang::En, n, true) => format!("The newest {n} of them"),
            (Lang::Fr, 0 | 1, false) => format!("{shown} appel"),
            (Lang::Fr, n, false) => format!("{n} appels"),
            (Lang::Fr, n, true) => format!("Les {n} plus récents"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_certain_is_not_told_as_certain() {
        for (probability, en, fr) in [
            (1.0, "100%", "100 %"),
            (0.999_78, "> 99%", "> 99 %"),
            (0.990_1, "> 99%", "> 99 %"),
            (0.986, "99%", "99 %"),
            (0.42, "42%", "42 %"),
            (0.01, "1%", "1 %"),
            (0.009, "< 1%", "< 1 %"),
            (0.000_22, "< 1%", "< 1 %"),
            (0.0, "0%", "0 %"),
        ] {
            assert_eq!(Lang::En.percent(probability).replace('\u{a0}', " "), en, "{probability}");
            assert_eq!(Lang::Fr.percent(probability).replace('\u{a0}', " "), fr, "{probability}");
        }
    }

    #[test]
    fn a_span_is_told_with_the_two_units_that_matter() {
        let told = |s| Lang::En.span(Duration::from_secs(s)).replace('\u{a0}', " ");

        assert_eq!(told(8), "8 s");
        assert_eq!(told(185), "3 min 05 s");
        assert_eq!(told(3_725), "1 h 02 min");
        assert_eq!(told(90_000), "1 day");
        assert_eq!(told(200_000), "2 days");
    }
}
