//! What people have had restricted, and what they wish themselves.

use super::*;
use crate::domain::people::restriction::Span;
use crate::domain::people::wish::Frequency;

#[test]
fn who_is_restricted_is_reached_for_nothing_while_they_are() {
    let call = Some((CallId(Uuid::from_u128(9)), Some(Outcome::Missed)));
    let latest = vec![Latest { call, ..act(Deed::Call, "2026-11-23T18:00:00+01:00") }];
    let lines = vec![yes(Channel::Phone), yes(Channel::Post)];
    let from = time("2026-11-01T12:00:00Z");
    let spans = |until: Option<&str>| vec![Span { from, until: until.map(time) }];
    let restricted = Facts { restrictions: spans(None), latest, lines, ..ada() };

    for (channel, kind) in [(Channel::Phone, Kind::Prospecting), (Channel::Post, Kind::Service)] {
        let ask =
            |facts: &Facts, policy: &Policy| decide(facts, &question(channel, kind), policy, time(TUESDAY));
        let decision = ask(&restricted, &Policy::default());
        assert_eq!((denying(&decision), decision.next_at), (vec![RuleId::Restriction], None), "{channel}");
        let off = Settings { off: [RuleId::Restriction].into(), ..Settings::default() };
        assert!(ask(&restricted, &Policy { settings: off, caps: vec![] }).allowed);
    }
    // What was decided before and since stands as it was.
    let lifted = Facts { restrictions: spans(Some("2026-11-20T12:00:00Z")), ..restricted };
    assert_eq!(denying(&ask(&lifted, Channel::Post, "2026-11-20T11:59:59Z")), [RuleId::Restriction]);
    assert_eq!(
        ask(&lifted, Channel::Post, "2026-11-20T11:59:59Z").next_at,
        Some(time("2026-11-20T12:00:00Z"))
    );
    assert!(ask(&lifted, Channel::Post, "2026-10-31T12:00:00Z").allowed);
    assert!(ask(&lifted, Channel::Post, TUESDAY).allowed);
}

#[test]
fn what_somebody_wishes_of_how_often_holds_for_that_channel_and_for_prospecting() {
    let sent =
        vec![sent(Channel::Email, "2026-11-20T12:00:00Z"), sent(Channel::Phone, "2026-11-23T12:00:00Z")];
    let lines = vec![yes(Channel::Email), yes(Channel::Sms)];
    let free = Facts { lines, solicitations: sent, ..ada() };
    // Two who became one may both have said something; the rarest counts.
    let wishes = vec![(Channel::Email, Frequency::Week), (Channel::Email, Frequency::Month)];
    let wishes = Facts { wishes, ..free.clone() };

    let decision = ask(&wishes, Channel::Email, TUESDAY);
    assert_eq!(denying(&decision), [RuleId::FrequencyWish]);
    assert_eq!(decision.next_at, Some(time("2026-12-20T00:00:00+01:00")));
    let reason = decision.reasons.last().unwrap();
    assert_eq!((reason.why.to_string().as_str(), reason.engagements.len()), ("1 of 1 in 30 days", 1));
    assert!(ask(&wishes, Channel::Sms, TUESDAY).allowed);
    assert!(ask(&wishes, Channel::Email, "2026-12-20T12:00:00+01:00").allowed);
    assert!(ask(&free, Channel::Email, TUESDAY).allowed);
    let service = question(Channel::Email, Kind::Service);
    assert!(decide(&wishes, &service, &Policy::default(), time(TUESDAY)).allowed);
    let off = Settings { off: [RuleId::FrequencyWish].into(), ..Settings::default() };
    let policy = Policy { settings: off, caps: vec![] };
    assert!(decide(&wishes, &question(Channel::Email, Kind::Prospecting), &policy, time(TUESDAY)).allowed);
}
