//! What is suspicious, as people read it.

use whence::domain::calling::recording::Accessor;
use whence::domain::ids::ApiKeyId;
use whence::domain::people::address::{Address, Kind};
use whence::domain::people::contact::Identity;
use whence::domain::people::draft::WrittenIdentity;
use whence::domain::people::profile::Patch;
use whence::flows::contact_written;

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys, sign_in};
use crate::support::town::Town;

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_and_the_report_say_what_is_suspicious_in_both_languages() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        let [en, fr] = door.in_both("/console/quality", session).await;
        assert!(en.contains("Nothing is suspicious") && fr.contains("Rien n’est douteux"));
        hand_out_keys(&town.store).await;
        let text = |text: &str| Some(text.to_owned());
        let home = Address {
            kind: Kind::Home,
            complement: None,
            line: text("12, rue de l’Église"),
            locality: None,
            postcode: text("69001"),
            city: None,
            country: "FR".parse().unwrap(),
            returned_at: None,
        };
        let patch =
            Patch { family_name: Some(text("Lovelace")), addresses: Some(vec![home]), ..Patch::default() };
        let email = Identity::Email("ada@hotmial.fr".parse().unwrap());
        let identities = vec![WrittenIdentity { identity: email, verified: None }];
        let key = Accessor::Key(ApiKeyId(uuid::Uuid::from_u128(1)));
        let written = contact_written(&town.store, &town.clock, key, None, patch, identities).await.unwrap();

        let [en, fr] = door.in_both(&format!("/console/contacts/{}", written.contact), session).await;

        for page in [&en, &fr] {
            assert!(page.contains("LOVELACE<br>12 RUE DE L EGLISE<br>69001"), "{page}");
            assert!(page.contains("hotmail.fr"));
        }
        assert!(
            en.contains("a slip in the domain · perhaps meant: hotmail.fr") && en.contains("no city"),
            "{en}"
        );
        assert!(fr.contains("faute de frappe dans le domaine · sans doute : hotmail.fr"), "{fr}");
        let [en, fr] = door.in_both("/console/quality", session).await;
        // The key has a name.
        assert!(en.contains("<td>a slip in the domain</td><td>all</td>"), "{en}");
        assert!(fr.contains("<td>faute de frappe dans le domaine</td><td>all</td>"), "{fr}");
        town.store.close().await;
    })
    .await;
}
