//! Which rows of which table have had their time, and what is taken from them. These are the whole of it.

use crate::domain::people::retention::Kind;
use crate::store::steps::{Step, delete, of_calls, of_visits, set};

/// Rows that one policy takes.
pub struct Target {
    pub table: &'static str,
    pub(super) key: &'static str,
    /// The moment from which their time counts, or comes near it: by it the oldest is told.
    pub(super) at: &'static str,
    /// Which of them have had their time, with `:cutoff` for what is older.
    due: &'static str,
    /// What is done to those whose keys stand in `asked`; none: a flow does more than SQL can.
    pub(super) steps: [&'static [Step]; 2],
}

const NONE: [&[Step]; 2] = [&[], &[]];

/// The keys that a step is about.
macro_rules! these {
    () => {
        "(select its from asked)"
    };
}

/// Contacts who have done nothing of their own since, nor said anything of what they agree to, nor had a contract, nor
/// come to be known as one who is part of them now; an end of a contract by the ledger is a word against it, or its
/// expiry. Whoever waits for an answer to what they asked for, or is restricted (RGPD art. 18), is left out here,
/// and by `left_alone!` in what hangs on them.
macro_rules! quiet_contacts {
    () => {
        "contacts.created_at < :cutoff and contacts.merged_into is null and contacts.erased_at is null \
         and not exists (select 1 from engagements e where e.contact_id = contacts.id and e.at >= :cutoff \
         and e.kind in ('call', 'voicemail', 'visit', 'form_submitted', 'email_clicked', 'sms_received', 'purchase') \
         and (e.amount is null or e.amount >= 0)) \
         and not exists (select 1 from consents l where l.contact_id = contacts.id \
         and l.status <> 'pending' and l.method not in ('import', 'rule', 'opposition_list') and l.at >= :cutoff) \
         and not exists (select 1 from contacts g where g.merged_into = contacts.id and g.created_at >= :cutoff) \
         and not exists (select 1 from requests q where q.contact_id = contacts.id and (q.state = 'open' \
         or q.received_at >= :cutoff)) \
         and not exists (select 1 from restrictions s where s.contact_id = contacts.id and (s.lifted_at is null \
         or s.lifted_at >= :cutoff)) \
         and not exists (select 1 from consents l where l.contact_id = contacts.id and l.status = 'granted' \
         and l.basis = 'contract' and (l.expires_at is null or l.expires_at >= :cutoff) \
         and not exists (select 1 from consents n where n.contact_id = l.contact_id and n.channel = l.channel \
         and n.purpose_id = l.purpose_id and n.controller_id = l.controller_id \
         and n.status in ('refused', 'withdrawn') and n.at >= l.at and n.at < :cutoff))"
    };
}
macro_rules! has_bought {
    () => {
        "(exists (select 1 from engagements p where p.contact_id = contacts.id and p.kind = 'purchase' \
         and (p.amount is null or p.amount >= 0)) \
         or exists (select 1 from consents k where k.contact_id = contacts.id and k.status = 'granted' \
         and k.basis = 'contract'))"
    };
}

/// What hangs on contacts that are not to be touched: those above, and empty shells, which have nothing left.
macro_rules! left_alone {
    ($contact:literal) => {
        concat!(
            "(exists (select 1 from contacts x where x.id = ",
            $contact,
            " and x.erased_at is not null) or exists (select 1 from requests q where q.contact_id = ",
            $contact,
            " and q.state = 'open') or exists (select 1 from restrictions s where s.contact_id = ",
            $contact,
            " and s.lifted_at is null))"
        )
    };
}

const PROSPECTS: Target = Target {
    table: "contacts",
    key: "id",
    at: "created_at",
    due: concat!(quiet_contacts!(), " and not ", has_bought!()),
    steps: NONE,
};
const CUSTOMERS: Target = Target { due: concat!(quiet_contacts!(), " and ", has_bought!()), ..PROSPECTS };

/// Of visits that are about to be nobody's: whose they are.
macro_rules! their_contacts {
    () => {
        "(select i.contact_id from identities i join visits v on v.visitor_id = i.value \
         where i.kind = 'visitor' and v.id in (select its from asked))"
    };
}

const VISITS: Target = Target {
    table: "visits",
    key: "id",
    at: "last_seen_at",
    due: concat!(
        "visits.last_seen_at < :cutoff and visits.visitor_id <> visits.id and not exists (select 1 from identities i \
         where i.kind = 'visitor' and i.value = visits.visitor_id and ",
        left_alone!("i.contact_id"),
        ")"
    ),
    steps: [
        &[
            // That they were here on that day stays; which visit it was does not.
            set(
                "engagements",
                "subject = id, at = at - at % 86400000",
                concat!("kind = 'visit' and subject in ", these!(), " and contact_id in ", their_contacts!()),
            ),
            set(
                "engagements",
                "visit_id = null",
                concat!("visit_id in ", these!(), " and contact_id in ", their_contacts!()),
            ),
            set(
                "numbers",
                "visitor_id = null",
                concat!("lease_id in (select id from leases where visit_id in ", these!(), ")"),
            ),
        ],
        &of_visits!(these!()),
    ],
};

const CALLS: Target = Target {
    table: "calls",
    key: "id",
    at: "arrived_at",
    // While there is a recording, its voice is theirs anyway.
    due: concat!(
        "calls.arrived_at < :cutoff and calls.ended_at is not null and calls.sip_call_id <> '' \
         and not exists (select 1 from recordings r where r.call_id = calls.id and r.deleted_at is null) and not ",
        left_alone!("calls.contact_id")
    ),
    steps: [
        &[
            set(
                "engagements",
                "subject = id, at = at - at % 86400000",
                concat!(
                    "kind in ('call', 'voicemail') and subject in ",
                    these!(),
                    " and contact_id in (select contact_id from calls where id in ",
                    these!(),
                    ")"
                ),
            ),
            delete("merge_moves", concat!("what = 'call' and subject in ", these!())),
        ],
        &of_calls!(these!()),
    ],
};

const ENGAGEMENTS: Target = Target {
    table: "engagements",
    key: "id",
    at: "at",
    // The last purchase stays as long as its contact: it tells a customer.
    due: concat!(
        "engagements.at < :cutoff and (engagements.kind <> 'purchase' or exists (select 1 from engagements p \
         where p.contact_id = engagements.contact_id and p.kind = 'purchase' and (p.amount is null or p.amount >= 0) \
         and (p.at > engagements.at or p.at = engagements.at and p.id > engagements.id))) and not ",
        left_alone!("engagements.contact_id")
    ),
    steps: [
        &[delete("merge_moves", concat!("what = 'engagement' and subject in ", these!()))],
        &[delete("engagements", concat!("id in ", these!()))],
    ],
};
const RESERVATIONS: Target = Target {
    table: "reservations",
    key: "id",
    at: "at",
    due: concat!("reservations.at < :cutoff and not ", left_alone!("reservations.contact_id")),
    steps: [
        &[delete("merge_moves", concat!("what = 'reservation' and subject in ", these!()))],
        &[delete("reservations", concat!("id in ", these!()))],
    ],
};

const MAILS: Target = Target {
    table: "mails",
    key: "id",
    at: "made_at",
    due: "mails.made_at < :cutoff and (mails.sent_at is not null or mails.given_up_at is not null)",
    steps: [&[delete("mails", concat!("id in ", these!()))], &[]],
};
/// One that was answered is the proof of what it brought.
const CONFIRMATIONS: Target = Target {
    table: "confirmations",
    key: "token_hash",
    at: "asked_at",
    due: "confirmations.expires_at < :cutoff and confirmations.confirmed_at is null",
    steps: [&[delete("confirmations", concat!("token_hash in ", these!()))], &[]],
};
const LINKS: Target = Target {
    table: "preference_links",
    key: "token_hash",
    at: "made_at",
    due: "preference_links.expires_at < :cutoff",
    steps: [&[delete("preference_links", concat!("token_hash in ", these!()))], &[]],
};
/// What somebody has confirmed keeps the address from being vouched for by itself.
const KEYS: Target = Target {
    table: "mail_keys",
    key: "token_hash",
    at: "asked_at",
    due: "mail_keys.expires_at < :cutoff and mail_keys.confirmed_at is null",
    steps: [&[delete("mail_keys", concat!("token_hash in ", these!()))], &[]],
};

const IMPORTS: Target = Target {
    table: "imports",
    key: "id",
    at: "finished_at",
    due: "imports.finished_at < :cutoff",
    steps: NONE,
};

impl Target {
    /// The condition, with a placeholder for the cutoff.
    pub(super) fn due(&self, cutoff: &str) -> String {
        self.due.replace(":cutoff", cutoff)
    }
}

/// What a kind is made of.
pub const fn targets(kind: Kind) -> &'static [Target] {
    match kind {
        Kind::Prospects => &[PROSPECTS],
        Kind::Customers => &[CUSTOMERS],
        Kind::Visits => &[VISITS],
        Kind::Calls => &[CALLS],
        Kind::Engagements => &[ENGAGEMENTS, RESERVATIONS],
        Kind::Mails => &[MAILS, CONFIRMATIONS, LINKS, KEYS],
        Kind::Imports => &[IMPORTS],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::people::engagement;

    #[test]
    fn what_keeps_a_contact_is_every_act_of_their_own() {
        let own = engagement::Kind::ALL.iter().filter(|kind| kind.is_own_act());
        let own: Vec<String> = own.map(|kind| format!("'{kind}'")).collect();

        assert!(PROSPECTS.due.contains(&format!("e.kind in ({})", own.join(", "))));
        assert!(CUSTOMERS.due.contains(&format!("e.kind in ({})", own.join(", "))));
    }
}
