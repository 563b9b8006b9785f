//! The pages that change the plan: with nothing, the demo's plan and far too much; edits looked at, confirmed, refused.

mod first_run;
mod keys;
mod network;
mod numbers;
mod pools;

use whence::clock::Clock;
use whence::flows::{plan_applied, plan_read};
use whence::store::Store;

use crate::support::databases::{Database, on_each_database};
use crate::support::door::{Answer, Door, hand_out_keys, sign_in};
use crate::support::town::{NOON, Town};

/// A gateway where somebody is signed in.
pub struct Office {
    pub town: Town,
    pub door: Door,
    pub session: (&'static str, &'static str),
}

impl Office {
    /// Without a plan.
    pub async fn empty(database: &Database) -> Self {
        let store: Store = database.open().await;
        hand_out_keys(&store).await;
        let session = sign_in(&store).await;
        let town = Town { store, clock: Clock::manual(NOON) };
        Self { door: Door::of(&town), town, session }
    }

    /// With the plan of the demo, and something done to its text.
    pub async fn with(database: &Database, more: &str) -> Self {
        let office = Self::empty(database).await;
        let text = format!("{}\n{more}", include_str!("../../../../config/demo-plan.toml"));
        let plan = plan_read(&text, &[], &[]).expect("a good plan");
        plan_applied(&office.town.store, &office.town.clock, &plan, true).await.unwrap();
        office
    }

    /// Sends a form and gives the answer; its page reads with plain spaces.
    pub async fn sends(&self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.door.form(path, fields, &[self.session, ("accept-language", "en")]).await
    }

    /// Sends a form, and confirms what its review shows.
    pub async fn confirms(&self, path: &str, fields: &[(&str, &str)], more: &[(&str, &str)]) -> Answer {
        let review = self.sends(path, fields).await;
        let page = review.page(200).to_owned();
        let action = between(&page, "<form class=\"try\" method=\"post\" action=\"", "\"");
        let mut again: Vec<(String, String)> = hidden(&page);
        again.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let again: Vec<(&str, &str)> =
            again.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.sends(&action.replace("&#43;", "+"), &again).await
    }
}

pub fn between<'p>(page: &'p str, before: &str, after: &str) -> &'p str {
    let start = page.find(before).unwrap_or_else(|| panic!("{before} is not in {page}")) + before.len();
    page[start..].split(after).next().unwrap()
}

/// The fields that a page sends unseen.
pub fn hidden(page: &str) -> Vec<(String, String)> {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    let plain = |text: &str| {
        text.replace("&#34;", "\"")
            .replace("&#39;", "'")
            .replace("&#60;", "<")
            .replace("&#62;", ">")
            .replace("&#38;", "&")
    };
    fields
        .map(|field| {
            let (name, rest) = field.split_once('"').unwrap();
            (plain(name), plain(between(rest, "value=\"", "\"")))
        })
        .collect()
}

#[track_caller]
pub fn leads_to(answer: &Answer, place: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("location")), (303, place), "{}", answer.body);
}

/// Each page of the administration, and what it says in both languages while there is no plan.
const EMPTY: &[(&str, &str, &str)] = &[
    ("/console/numbers", "There is no number yet", "Il n’y a pas encore de numéro"),
    ("/console/outlets", "There is no outlet yet", "Il n’y a pas encore de point de vente"),
    ("/console/destinations", "There is no destination yet", "Il n’y a pas encore de destination"),
    ("/console/sites", "Add a site", "Ajouter un site"),
    ("/console/sites/new", "A new site", "Un nouveau site"),
    ("/console/pools", "There is no pool yet", "Il n’y a pas encore de pool"),
    ("/console/pools/new", "A new pool", "Un nouveau pool"),
    ("/console/keys", "Make a key", "Créer une clé"),
];

#[tokio::test(flavor = "multi_thread")]
async fn without_a_plan_each_page_says_what_to_begin_with() {
    on_each_database(async |database| {
        let office = Office::empty(database).await;
        for (address, en, fr) in EMPTY {
            let [page, fichier] = office.door.in_both(address, office.session).await;
            assert!(page.contains(en) && fichier.contains(fr), "{address}: {page}");
        }
        office.town.store.close().await;
    })
    .await;
}
