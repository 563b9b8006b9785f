//! Counts of segments over many contacts: `cargo bench --bench people -- 1000000`, or ten
//! thousand where nothing is said.

mod meter;
#[path = "people/mod.rs"]
mod people;

use std::collections::BTreeMap;

use meter::Meter;
use people::{NOW, People};
use whence::domain::people::field::{Field, Kind};
use whence::domain::people::segment::{Words, resolve};

const FILTERS: [&str; 10] = [
    "last(act) < 365d",
    "last(act) >= 365d and last(act) < 1095d",
    "first(act) < 30d",
    "count(visit) >= 5",
    "count(purchase) >= 2 in 90d",
    "spent(EUR) >= 500 in 365d",
    "address.postcode ^= \"69\"",
    "field.loyalty = \"gold\"",
    "consent(email, offers) = granted",
    "count(call) >= 1 in 365d and last(purchase) > 365d and consent(email, offers) = granted and not field.loyalty = \"gold\"",
];

#[tokio::main]
async fn main() {
    let contacts = std::env::args().find_map(|arg| arg.parse().ok()).unwrap_or(10_000);
    let meter = Meter::start();
    let people = People::settle(contacts).await;
    meter.tell("contacts settled, with ten engagements each", contacts);
    let loyalty = "loyalty".parse().expect("a slug");
    let words = Words {
        fields: vec![Field { id: loyalty, name: "Loyalty".into(), kind: Kind::Text, choices: vec![] }],
        purposes: vec!["offers".parse().expect("a slug")],
        ..Words::default()
    };
    for text in FILTERS {
        let filter = resolve(None, text, &words, &BTreeMap::new()).expect("the filter is well");
        let meter = Meter::start();
        let found = people.store.count_fitting(&filter, NOW).await.expect("they are counted");
        meter.tell(&format!("{found} counted by {text}"), 1);
    }
    people.store.close().await;
}
