//! A talk that is carried on elsewhere: where it may go, and what is written down.
//!
//! Whoever may name any target telephones at the admin's cost. So a talk goes
//! on only where the admin lets calls go: to the host of a line that stands in
//! the plan (another extension of the same PBX), to a number that stands there,
//! or to one that a trunk lists a prefix of. A trunk without prefixes carries
//! what the plan names and nothing else. The consoles of a destination, which
//! cost nothing, are named by its identifier: `sip:counter@gateway.example`.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::destination::{Destination, StepTo};
use super::handover::Handover;
use super::outcome::HungUpBy;
use super::routing::Target;
use super::tolls::Exit;
use crate::domain::ids::{CallId, DestinationId};
use crate::domain::phone::Phone;
use crate::domain::time::Timestamp;

/// More of a target is not written down.
const TARGET_CHARS_MAX: usize = 256;

/// How it was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransferKind {
    /// To somebody who was not asked before.
    Blind,
    /// To somebody whom the line talks to already.
    Attended,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TransferOutcome {
    /// The caller talks to the new line.
    Done,
    /// The target is not one that calls may go to.
    Refused,
    /// The new line did not take the call; the talk went on as it was.
    Failed,
}

super::outcome::words! { TransferKind:
    Blind = "blind",
    Attended = "attended",
}

super::outcome::words! { TransferOutcome:
    Done = "done",
    Refused = "refused",
    Failed = "failed",
}

/// One transfer of a call, told when it is settled.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transferred {
    pub call: CallId,
    pub asked_at: Timestamp,
    pub settled_at: Timestamp,
    /// The side that asked.
    pub by: HungUpBy,
    /// As it was asked for: a SIP URI, or another call that was taken over.
    pub to: String,
    pub kind: TransferKind,
    /// The destination that the target stands in.
    pub destination: Option<DestinationId>,
    pub outcome: TransferOutcome,
    /// What the side that asked was told.
    pub sip_status: u16,
}

/// Without the target, which is a number or a name.
impl fmt::Debug for Transferred {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { call, kind, outcome, sip_status, .. } = self;
        write!(f, "Transferred({call}, {kind}, {outcome}, {sip_status})")
    }
}

/// A target as it is written down; no database need keep its control characters.
pub fn shortened(target: &str) -> String {
    target.chars().filter(|c| !c.is_control()).take(TARGET_CHARS_MAX).collect()
}

/// Where a talk may go on: what was so when its call arrived.
#[derive(Clone, Default, Debug)]
pub struct Transfers {
    pub plan: Arc<TransferTargets>,
    /// What the trunks let out.
    pub exits: Arc<[Exit]>,
}

impl Transfers {
    /// What a target that was asked for is dialled as, and the destination that
    /// it stands in, if it stands in the plan; `None`: it is not allowed.
    pub fn find(&self, uri: &str, number: Option<&Phone>) -> Option<(Target, Option<DestinationId>)> {
        if let Some((target, destination)) = self.plan.find(uri, number) {
            return Some((target, Some(destination)));
        }
        let number = number?;
        let covering = self.exits.iter().filter_map(|exit| Some((exit.covers(number.reveal())?, exit)));
        // The closest; of equals the one that stands first.
        let (_, exit) = covering.min_by_key(|(digits, _)| Reverse(*digits))?;
        Some((Target::Number { trunk: exit.trunk.clone(), number: number.clone() }, None))
    }
}

/// Where a call of the plan could go.
#[derive(Clone, Default, Debug)]
pub struct TransferTargets {
    hosts: HashMap<String, DestinationId>,
    numbers: HashMap<Phone, (Target, DestinationId)>,
    /// Lines that hear something before they have a call.
    whispered: Vec<(Target, DestinationId, Handover)>,
    /// The destinations that ring consoles.
    consoles: Vec<DestinationId>,
}

impl TransferTargets {
    /// The lines of all ring plans.
    pub fn of<'a>(destinations: impl IntoIterator<Item = &'a Destination>) -> Self {
        let mut targets = Self::default();
        for destination in destinations {
            for step in &destination.ring_plan.steps {
                let StepTo::Target(target) = &step.to else { continue };
                let id = || destination.id.clone();
                let handover = &destination.ring_plan.handover;
                if handover.whispers() {
                    targets.whispered.push((target.clone(), id(), handover.clone()));
                }
                match target {
                    Target::Uri(uri) => {
                        if let Some(host) = authority(uri) {
                            targets.hosts.entry(host).or_insert_with(id);
                        }
                    }
                    Target::Number { number, .. } => {
                        let line = (target.clone(), id());
                        targets.numbers.entry(number.clone()).or_insert(line);
                    }
                    Target::Console => targets.consoles.push(id()),
                }
            }
        }
        targets
    }

    /// How the very line of this target is given a call, if it hears something before; another
    /// extension of its PBX is not it. Consoles are those of their destination.
    pub fn handover(&self, target: &Target, of: &DestinationId) -> Option<&Handover> {
        let is_it = |line: &Target, its: &DestinationId| match (line, target) {
            (Target::Uri(line), Target::Uri(target)) => {
                authority(line) == authority(target) && user(line) == user(target)
            }
            (Target::Console, Target::Console) => its == of,
            (line, target) => line == target,
        };
        let found = self.whispered.iter().find(|(line, its, _)| is_it(line, its));
        found.map(|(.., handover)| handover)
    }

    /// The line behind a target that was asked for; `None`: it is not allowed.
    pub fn find(&self, uri: &str, number: Option<&Phone>) -> Option<(Target, DestinationId)> {
        let of_host = authority(uri).and_then(|host| self.hosts.get(&host));
        if let Some(destination) = of_host {
            return Some((Target::Uri(uri.to_owned()), destination.clone()));
        }
        if let Some(line) = number.and_then(|number| self.numbers.get(number)) {
            return Some(line.clone());
        }
        let (user, _) = uri.split_once(':')?.1.split_once('@')?;
        let destination = self.consoles.iter().find(|id| id.as_str() == user)?;
        Some((Target::Console, destination.clone()))
    }
}

/// The user of a SIP URI.
fn user(uri: &str) -> Option<&str> {
    uri.split_once(':')?.1.split_once('@').map(|(user, _)| user)
}

/// The host and port of a SIP URI, in one spelling.
fn authority(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let default = match scheme.to_ascii_lowercase().as_str() {
        "sip" => ":5060",
        "sips" => ":5061",
        _ => return None,
    };
    let after_user = rest.split_once('@').map_or(rest, |(_, host)| host);
    let host = after_user.split([';', '?', '>']).next()?.to_ascii_lowercase();
    // In an IPv6 address colons stand between brackets.
    let has_port = host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()));
    let bare = host.is_empty() || host.ends_with(']') || !has_port;
    (!host.is_empty()).then(|| if bare { host + default } else { host })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::calling::destination::{RingPlan, RingStep};

    fn targets() -> TransferTargets {
        let mut plan = RingPlan::of_line("sip:100@PBX.example".into(), Duration::from_secs(20));
        let number =
            Target::Number { trunk: "carrier".parse().unwrap(), number: "+33199005678".parse().unwrap() };
        plan.steps.push(RingStep {
            to: StepTo::Target(number),
            ring: Duration::from_secs(20),
            weight: 1,
            music: None,
        });
        let console = RingStep { to: StepTo::Target(Target::Console), ..plan.steps[0].clone() };
        plan.steps.push(console);
        let destination = Destination {
            id: "counter".parse().unwrap(),
            outlet: "lyon".parse().unwrap(),
            name: "Counter".into(),
            ring_plan: plan,
            media: Default::default(),
        };
        TransferTargets::of([&destination])
    }

    #[test]
    fn another_extension_of_a_known_pbx_may_be_named_and_no_other_host() {
        for (uri, allowed) in [
            ("sip:204@pbx.example", true),
            ("sip:204@pbx.example:5060;user=phone", true),
            ("SIP:pbx.example", true),
            ("sip:204@pbx.example:5080", false),
            ("sips:204@pbx.example", false),
            ("sip:204@evil.example", false),
            ("sip:pbx.example@evil.example", false),
            ("sip:204@evil.example;x=@pbx.example", false),
            ("tel:+881612345678", false),
            ("http://pbx.example", false),
            ("", false),
        ] {
            assert_eq!(targets().find(uri, None).is_some(), allowed, "{uri}");
        }
    }

    #[test]
    fn a_number_may_be_named_where_it_stands_in_the_plan_and_goes_over_its_trunk() {
        let (known, other) = ("+33199005678".parse().unwrap(), "+881612345678".parse().unwrap());

        let (target, _) = targets().find("sip:0199005678@gateway.example", Some(&known)).unwrap();

        assert!(matches!(target, Target::Number { trunk, .. } if trunk.as_str() == "carrier"));
        assert_eq!(targets().find("sip:00881612345678@gateway.example", Some(&other)), None);
    }

    #[test]
    fn the_very_line_is_whispered_to_and_no_other_extension() {
        let mut plan = RingPlan::of_line("sip:100@PBX.example".into(), Duration::from_secs(20));
        plan.handover.whisper = vec!["en-accept".parse().unwrap()];
        let destination = Destination {
            id: "counter".parse().unwrap(),
            outlet: "lyon".parse().unwrap(),
            name: "Counter".into(),
            ring_plan: plan,
            media: Default::default(),
        };
        let targets = TransferTargets::of([&destination]);

        for (uri, is_it) in [
            ("sip:100@pbx.example", true),
            ("sip:100@pbx.example:5060;user=phone", true),
            ("sip:101@pbx.example", false),
            ("sip:100@pbx.example:5080", false),
            ("sip:pbx.example", false),
        ] {
            assert_eq!(targets.handover(&Target::Uri(uri.into()), &destination.id).is_some(), is_it, "{uri}");
        }
    }

    #[test]
    fn consoles_are_named_by_their_destination_where_no_line_has_that_host() {
        for (uri, to) in [
            ("sip:counter@gateway.example", Some(Target::Console)),
            ("sip:counter@pbx.example", Some(Target::Uri("sip:counter@pbx.example".into()))),
            ("sip:other@gateway.example", None),
            ("sip:gateway.example", None),
        ] {
            assert_eq!(targets().find(uri, None).map(|(target, _)| target), to, "{uri}");
        }
    }

    #[test]
    fn a_number_that_a_trunk_lists_a_prefix_of_may_be_named_and_no_other() {
        let exit = |trunk: &str, leads_out, prefixes: &[&str]| Exit {
            trunk: trunk.parse().unwrap(),
            leads_out,
            prefixes: prefixes.iter().map(|it| (*it).to_owned()).collect(),
            calls_per_day: None,
        };
        let exits = [
            exit("any", true, &[]),
            exit("inward", false, &["+"]),
            exit("home", true, &["+33", "+32"]),
            exit("mobile", true, &["+336", "+337"]),
            exit("reserve", true, &["+336"]),
        ];
        let all = Transfers { plan: Arc::new(targets()), exits: exits.into() };
        for (number, trunk) in [
            ("+33123456789", Some("home")),
            ("+33612345678", Some("mobile")),
            ("+33199005678", Some("carrier")),
            ("+441212345678", None),
        ] {
            let found = all.find("sip:x@gateway.example", Some(&number.parse().unwrap()));
            let over = found.map(|(target, destination)| match target {
                Target::Number { trunk, .. } => (trunk.to_string(), destination.is_some()),
                other => panic!("{other:?}"),
            });
            assert_eq!(over, trunk.map(|it| (it.to_owned(), it == "carrier")), "{number}");
        }
        assert_eq!(all.find("sip:x@evil.example", None), None);
    }

    #[test]
    fn hosts_are_compared_whatever_their_spelling() {
        for (uri, host) in [
            ("sip:a@H:5070;x", Some("h:5070")),
            ("sips:a@h?x=y", Some("h:5061")),
            ("sip:a@[2001:DB8::1]", Some("[2001:db8::1]:5060")),
            ("sip:a@[2001:db8::1]:5070", Some("[2001:db8::1]:5070")),
            ("sip:", None),
            ("tel:+33", None),
        ] {
            assert_eq!(authority(uri).as_deref(), host, "{uri}");
        }
    }

    #[test]
    fn what_is_told_in_a_log_names_nobody() {
        let transfer = Transferred {
            call: CallId(uuid::Uuid::nil()),
            asked_at: Timestamp::from_ms(0),
            settled_at: Timestamp::from_ms(1),
            by: HungUpBy::Line,
            to: "sip:+33612345678@pbx.example".into(),
            kind: TransferKind::Blind,
            destination: None,
            outcome: TransferOutcome::Done,
            sip_status: 200,
        };

        assert!(!format!("{transfer:?}").contains("3361"));
    }
}
