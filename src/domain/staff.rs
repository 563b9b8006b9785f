//! Who works at the console: what a role may see and do, and of which part of the network.
//!
//! ```text
//!              reports  costs  alerts  calls  phone  recordings  people  numbers  settings  staff
//!   admin        see     do     do      do     do       do         do      do        do       do
//!   telephony    see     –      do      do     do       see        –       do        do       –
//!   marketing    see     do     do      do     do       see        do      see       see      –
//!   outlet       see     –      –       do     –        see        –       see       –        –
//!   reader       see     see    see     see    –        –          see     see       see      –
//! ```

use crate::domain::calling::outcome::words;
use crate::domain::ids::OutletId;

/// Shorter passwords are guessed (ANSSI, recommendations on authentication, 2021: 12 for a rate-limited sign-in).
pub const PASSWORD_MIN: usize = 12;

/// Something on both sides of one `@`; more is for the mail server to know.
pub fn is_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    matches!(parts[..], [name, place] if !name.is_empty() && !place.is_empty())
        && !text.contains(char::is_whitespace)
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Role {
    Admin,
    Telephony,
    Marketing,
    /// Somebody at a point of sale.
    Outlet,
    #[default]
    Reader,
}

words! { Role:
    Admin = "admin",
    Telephony = "telephony",
    Marketing = "marketing",
    Outlet = "outlet",
    Reader = "reader",
}

/// What the pages of the console are about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Area {
    Reports,
    /// What calls cost and bring.
    Costs,
    /// What is watched, and who is told.
    Alerts,
    Calls,
    /// Taking calls in the browser.
    Phone,
    Recordings,
    People,
    Numbers,
    Settings,
    /// Who else works here.
    Staff,
    /// What everybody has: an account, views.
    Own,
}

/// Whether something is only looked at.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Does {
    Nothing,
    Sees,
    Changes,
}

impl Role {
    /// The most that this role does there.
    pub const fn does(self, area: Area) -> Does {
        use Does::{Changes, Nothing, Sees};
        match (self, area) {
            (_, Area::Own) | (Role::Admin, _) => Changes,
            (_, Area::Staff) => Nothing,
            (_, Area::Reports) => Sees,
            (Role::Reader, Area::Recordings) | (Role::Reader | Role::Outlet, Area::Phone) => Nothing,
            (Role::Reader, _) => Sees,
            (Role::Telephony | Role::Outlet, Area::Costs) | (Role::Outlet, Area::Alerts) => Nothing,
            (Role::Marketing, Area::Costs) | (_, Area::Alerts | Area::Calls | Area::Phone) => Changes,
            (_, Area::Recordings) => Sees,
            (Role::Telephony, Area::Numbers | Area::Settings) | (Role::Marketing, Area::People) => Changes,
            (Role::Telephony | Role::Outlet, Area::People) | (Role::Outlet, Area::Settings) => Nothing,
            (Role::Marketing | Role::Outlet, Area::Numbers) | (Role::Marketing, Area::Settings) => Sees,
        }
    }

    pub fn may(self, does: Does, area: Area) -> bool {
        self.does(area) >= does
    }
}

/// What somebody may, and where.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Post {
    pub role: Role,
    /// Sees this outlet and all below it; `None`: everything.
    pub outlet: Option<OutletId>,
}

impl Post {
    /// Whether they may look at people, who belong to no outlet.
    pub fn sees_people(&self) -> bool {
        self.outlet.is_none() && self.role.may(Does::Sees, Area::People)
    }

    /// Whether they may be told what a caller may be worth, which is reckoned from the whole network.
    pub fn sees_worth(&self) -> bool {
        self.outlet.is_none() && self.role.may(Does::Sees, Area::Costs)
    }

    /// Whether they may change who works here, for all of the network.
    pub fn is_head(&self) -> bool {
        self.role == Role::Admin && self.outlet.is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_something_on_both_sides_of_one_at() {
        assert!(is_address("ada@example.org") && is_address("ada@localhost"));
        for text in ["", "ada", "@example.org", "ada@", "ada@b@c", "ada l@example.org"] {
            assert!(!is_address(text), "{text}");
        }
    }

    #[test]
    fn each_role_may_what_the_table_says() {
        let areas = [
            Area::Reports,
            Area::Costs,
            Area::Alerts,
            Area::Calls,
            Area::Phone,
            Area::Recordings,
            Area::People,
            Area::Numbers,
            Area::Settings,
            Area::Staff,
        ];
        let row = |role: Role| {
            areas.map(|area| match role.does(area) {
                Does::Nothing => '–',
                Does::Sees => 's',
                Does::Changes => 'd',
            })
        };

        for (role, told) in [
            (Role::Admin, "dddddddddd"),
            (Role::Telephony, "s–ddds–dd–"),
            (Role::Marketing, "sddddsdss–"),
            (Role::Outlet, "s––d–s–s––"),
            (Role::Reader, "ssss––sss–"),
        ] {
            // A report is changed by nobody but whoever may change all.
            assert_eq!(row(role).iter().collect::<String>(), told, "{role}");
            assert!(role.may(Does::Changes, Area::Own));
        }
    }
}
