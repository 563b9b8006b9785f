//! What people are called on a page: asked once for all of its rows, however many there are.

use std::collections::HashMap;

use super::contact::{shown_name, written};
use crate::domain::ids::ContactId;
use crate::domain::people::contact::{Identity, KnownIdentity};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::language::Lang;

/// The identities that tell somebody from others of their name.
const KNOWN_BY: usize = 2;

/// Each contact's name, and what tells them from others of that name.
pub(super) struct Names(HashMap<ContactId, (String, String)>);

impl Names {
    pub async fn of(
        app: &AppState,
        lang: Lang,
        contacts: impl IntoIterator<Item = ContactId>,
    ) -> Result<Self, HttpError> {
        let ids: Vec<ContactId> = contacts.into_iter().collect();
        let mut known: HashMap<ContactId, Vec<KnownIdentity>> = HashMap::new();
        for (id, identity) in app.store.list_identities_of(&ids).await? {
            known.entry(id).or_default().push(identity);
        }
        let home = app.config.home;
        let named = app.store.find_contacts(&ids).await?.into_iter().map(|contact| {
            let identities = known.remove(&contact.id).unwrap_or_default();
            let known_by = identities.iter().map(|known| &known.identity);
            let known_by = known_by.filter(|identity| !matches!(identity, Identity::Visitor(_)));
            let known_by = known_by.take(KNOWN_BY).map(|identity| written(lang, home, identity).1);
            let known_by = known_by.collect::<Vec<_>>().join(" · ");
            (contact.id, (shown_name(&contact.profile, &identities, home, lang.texts()), known_by))
        });
        Ok(Self(named.collect()))
    }

    /// The name, and what tells from others; of whom nothing is known, nothing.
    pub fn called(&self, id: ContactId) -> (String, String) {
        self.0.get(&id).cloned().unwrap_or_default()
    }
}
