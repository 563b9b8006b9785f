//! What there is to reach somebody by, and whether it leads to them.

use super::*;

#[test]
fn nobody_is_reached_where_nothing_leads_to_them() {
    let yes_to_all = [Channel::Phone, Channel::Sms, Channel::Email, Channel::Push].map(yes).to_vec();
    let facts = Facts { lines: yes_to_all, ..ada() };
    let nothing = Facts { identities: vec![], addresses: vec![], ..facts.clone() };
    for channel in REACHING {
        assert_eq!(denying(&ask(&nothing, channel, TUESDAY)), [RuleId::Identity], "{channel}");
        let can = channel != Channel::Push;
        assert_eq!(ask(&facts, channel, TUESDAY).allowed, can, "{channel}");
    }
    let mut bounced = facts.clone();
    let of_mail = |it: &&mut KnownIdentity| matches!(it.identity, Identity::Email(_));
    for known in bounced.identities.iter_mut().filter(of_mail) {
        known.bounced_at = Some(time("2026-11-01T12:00:00Z"));
    }
    assert_eq!(denying(&ask(&bounced, Channel::Email, TUESDAY)), [RuleId::Identity]);
    // At another address they are reached.
    bounced.identities.push(known(Identity::Email("ada@other.example".parse().unwrap())));
    assert!(ask(&bounced, Channel::Email, TUESDAY).allowed);
    let doubts = |facts: &Facts, channel| {
        let decision = ask(facts, channel, TUESDAY);
        assert!(decision.allowed);
        decision.reasons.iter().any(|reason| reason.verdict == Verdict::Doubts)
    };
    let returned_at = Some(time("2026-11-01T12:00:00Z"));
    let gone = address::Address { returned_at, ..facts.addresses[0].clone() };
    let latest = vec![act(Deed::LetterReturned, "2026-11-01T12:00:00Z")];
    let mut returned = Facts { addresses: vec![gone], latest, ..facts.clone() };
    assert!(doubts(&returned, Channel::Post));
    assert!(ask(&returned, Channel::Post, TUESDAY).score < ask(&facts, Channel::Post, TUESDAY).score);
    // Where another address is known, or the same one was written anew, a letter may arrive.
    returned.addresses.push(address("69002", "FR"));
    assert!(!doubts(&returned, Channel::Post));
    let mut typo = facts.clone();
    let of_mail = typo.identities.iter().find(|it| matches!(it.identity, Identity::Email(_))).unwrap();
    typo.spoilt.insert(Place::of(&of_mail.identity), Code::EmailTypo);
    assert!(doubts(&typo, Channel::Email));
    typo.identities.push(known(Identity::Email("ada@other.example".parse().unwrap())));
    assert!(!doubts(&typo, Channel::Email));
    // No text message arrives on a line that stays in its place.
    let mut fixed = facts.clone();
    fixed.identities.retain(|it| !matches!(it.identity, Identity::Phone(_)));
    fixed.identities.push(known(Identity::Phone("+33142345678".parse().unwrap())));
    assert_eq!(denying(&ask(&fixed, Channel::Sms, TUESDAY)), [RuleId::Identity]);
}
