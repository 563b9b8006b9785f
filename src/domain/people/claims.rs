//! What a visitor says of themselves, and whose it is taken to be.
//!
//! Nobody proves what they type into a form. So a claim may add to what is
//! known of one person, and never moves anything from one to another: where it
//! touches two contacts, everything stays where it is, what is new points at
//! nobody, and the claim is kept for whoever may merge the two.

use std::collections::BTreeSet;

use super::contact::Identity;
use super::customer::Customer;
use super::email::Email;
use crate::domain::ids::ContactId;
use crate::domain::phone::Phone;

/// How many different things are kept that were said in one visit.
pub const CLAIMS_MAX: u32 = 20;

/// What was said in one breath.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Claims {
    pub email: Option<Email>,
    pub phone: Option<Phone>,
    pub customer: Option<Customer>,
    pub name: Option<String>,
}

impl Claims {
    /// What may point at a contact; a name does not.
    pub fn identities(&self) -> Vec<Identity> {
        let email = self.email.clone().map(Identity::Email);
        let phone = self.phone.clone().map(Identity::Phone);
        let customer = self.customer.clone().map(Identity::Customer);
        email.into_iter().chain(phone).chain(customer).collect()
    }
}

/// Whose a claim is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claimant {
    /// Nobody's yet.
    New,
    Known(ContactId),
    /// That of several people.
    Several,
}

/// Whose it is when the visitor and what they said point at `owners`.
pub fn decide_claimant(owners: impl IntoIterator<Item = ContactId>) -> Claimant {
    let owners: BTreeSet<ContactId> = owners.into_iter().collect();
    match (owners.first(), owners.len()) {
        (None, _) => Claimant::New,
        (Some(owner), 1) => Claimant::Known(*owner),
        (Some(_), _) => Claimant::Several,
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_claim_adds_to_one_person_and_joins_no_two() {
        let [ada, bob] = [1, 2].map(|n| ContactId(Uuid::from_u128(n)));

        assert_eq!(decide_claimant([]), Claimant::New);
        assert_eq!(decide_claimant([ada, ada]), Claimant::Known(ada));
        assert_eq!(decide_claimant([ada, bob, ada]), Claimant::Several);
    }
}
