//! How the sound of a call went, in a sentence.

use super::Lang;
use crate::domain::calling::outcome::EndReason;
use crate::domain::calling::quality::StreamQuality;

impl Lang {
    /// `caller, audio: 1500 packets, 3 missing, jitter 2 ms; hears with 1 missing, round trip 40 ms`
    pub fn stream(self, it: &StreamQuality) -> String {
        let t = self.texts();
        let who = match it.leg {
            0 => t.caller.to_owned(),
            leg => format!("{} {leg}", t.line),
        };
        let mut told = format!(
            "{who}, {}{} {} {}, {} {}",
            it.kind,
            self.colon(),
            it.received,
            t.packets,
            it.lost,
            t.missing
        );
        told += &self.spans(it.jitter_us, None);
        if let Some(heard) = it.heard {
            told += &format!("; {} {} {}", t.hears_with, heard.lost, t.missing);
            told += &self.spans(heard.jitter_us, heard.round_trip_us);
        }
        if it.strangers > 0 {
            told += &format!("; {} {}", it.strangers, t.from_strangers);
        }
        told
    }

    fn spans(self, jitter_us: Option<u64>, round_trip_us: Option<u64>) -> String {
        let t = self.texts();
        let spans = [(t.jitter, jitter_us), (t.round_trip, round_trip_us)];
        let spans = spans.into_iter().filter_map(|(name, us)| Some((name, us?)));
        spans.map(|(name, us)| format!(", {name} {} ms", us.div_ceil(1_000))).collect()
    }

    /// Why the gateway hung up.
    pub const fn end_reason(self, reason: EndReason) -> &'static str {
        match (self, reason) {
            (Lang::En, EndReason::TooLong) => "it had lasted as long as a call may",
            (Lang::Fr, EndReason::TooLong) => "la durée maximale d’un appel était atteinte",
            (Lang::En, EndReason::Silence) => "nothing more was heard of either side",
            (Lang::Fr, EndReason::Silence) => "plus aucun son ne venait ni d’un côté ni de l’autre",
            (Lang::En, EndReason::Unsealed) => "a side was not who its encryption had announced",
            (Lang::Fr, EndReason::Unsealed) => "un côté n’était pas celui que son chiffrement annonçait",
            (Lang::En, EndReason::Stopped) => "the gateway was stopped, or an admin ended the call",
            (Lang::Fr, EndReason::Stopped) => "arrêt de la passerelle, ou fin demandée par un administrateur",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::calling::quality::Heard;

    #[test]
    fn a_stream_is_told_in_both_languages() {
        let heard = Heard { lost: 1, jitter_us: None, round_trip_us: Some(39_001) };
        let stream = StreamQuality {
            leg: 1,
            stream: 0,
            kind: "audio".into(),
            received: 1_500,
            lost: 3,
            jitter_us: Some(2_000),
            sent: 0,
            strangers: 2,
            heard: Some(heard),
        };

        assert_eq!(
            Lang::En.stream(&stream),
            "Line 1, audio: 1500 packets, 3 missing, jitter 2 ms; hears with 1 missing, round trip 40 ms; \
             2 dropped, from elsewhere"
        );
        let plain = StreamQuality { leg: 0, heard: None, strangers: 0, jitter_us: None, ..stream };
        assert!(Lang::Fr.stream(&plain).ends_with("audio\u{a0}: 1500 paquets, 3 manquants"));
    }
}
