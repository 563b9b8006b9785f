//! The pages of the network: with nothing, with shops of which one misses too many, for whoever sees a part, and what
//! moves together.

use whence::domain::staff::{Post, Role};

use crate::api::network::shops;
use crate::support::databases::on_each_database;
use crate::support::door::{Door, sign_in, sign_in_as};
use crate::support::town::{MINUTE, Town};

#[tokio::test(flavor = "multi_thread")]
async fn shops_are_ranked_and_chance_has_its_place() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [nothing, rien] = door.in_both("/console/network", session).await;
        shops(&town, 16, &[2, 1, 3, 2, 16]).await;
        door.count().await;

        let [en, fr] = door.in_both("/console/network?period=7d&sort=rate", session).await;
        let [below, _] = door.in_both("/console/network?below=bakery&channel=Offline", session).await;
        let csv = door.get("/console/network.csv?period=7d", &[session]).await;

        assert!(nothing.contains("No calls in this time") && rien.contains("Aucun appel sur cette période"));
        assert!(en.contains("aria-current=\"page\">Network</a>"), "{en}");
        assert!(
            en.contains("All together miss 30% of their calls. Beyond chance, 1 miss more and 0 fewer."),
            "{en}"
        );
        assert!(fr.contains("Au-delà du hasard, 1 en manquent plus et 0 moins."), "{fr}");
        let first = en.split("<tbody>").nth(1).unwrap();
        assert!(first.contains("Shop &#60;4&#62;</a>") && !en.contains("Shop <4>"), "{en}");
        assert!(first.find("Shop &#60;4&#62;") < first.find("Shop &#60;0&#62;"), "the largest share first");
        assert!(first.contains("<span class=\"verdict worse\">misses more</span>"), "{first}");
        assert_eq!(en.matches("<g class=\"dot ").count(), 5);
        assert!(
            en.contains(
                "href=\"/console/network?period=7d&#38;sort=rate&#38;below=bakery\">Below Bakery</a>"
            ),
            "{en}"
        );
        assert!(en.contains("/console/cross?period=7d&#38;rows=outlet&#38;columns=campaign"), "{en}");
        assert!(below.contains("Channel: Offline") && below.contains("too few calls"), "{below}");
        assert!(!below.contains("<g class=\"dot "), "there is no picture of what is not known");
        assert!(csv.body.starts_with("\u{feff}\"outlet\",\"calls\""), "{}", csv.body);
        assert_eq!(door.get("/console/network?below=nowhere", &[session]).await.status, 404);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sides_meet_in_a_table_whose_cells_lead_to_their_calls() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        door.count().await;
        let [nothing, rien] = door.in_both("/console/cross", session).await;
        shops(&town, 40, &[2, 38]).await;
        door.count().await;

        let [en, fr] = door.in_both("/console/cross?rows=outlet&columns=outcome", session).await;
        let [regions, _] = door.in_both("/console/cross?campaign=%3Cb%3E", session).await;
        let csv = door.get("/console/cross.csv?rows=outlet&columns=outcome", &[session]).await;

        assert!(nothing.contains("No calls in this time") && rien.contains("Tableau croisé"));
        assert!(en.contains("<option value=\"outcome\" selected>Outcome</option>"), "{en}");
        assert!(
            en.contains("<td class=\"end num tie-more\" title=\"more than the 20 that the sums explain\">"),
            "{en}"
        );
        assert!(fr.contains("plus que les 20 que les sommes expliquent"), "{fr}");
        assert!(
            en.contains("/console/calls?period=30d&#38;outlet=shop-1&#38;outcome=abandoned\">38</a>"),
            "{en}"
        );
        assert!(
            regions.contains("Campaign: &#60;b&#62;") && regions.contains("No calls in this time"),
            "{regions}"
        );
        assert!(csv.body.contains("\"shop-1\",\"abandoned\",\"38.00\""), "{}", csv.body);
        assert_eq!(door.get("/console/cross?rows=channel&columns=channel", &[session]).await.status, 422);
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_to_tell_what_moves_together_is_said() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        let session = sign_in(&town.store).await;
        let door = Door::of(&town);
        shops(&town, 4, &[1]).await;
        town.clock.advance(24 * 60 * MINUTE);
        door.count().await;

        let [en, fr] = door.in_both("/console/together", session).await;
        let [by_outlet, _] = door.in_both("/console/together?by=outlet&period=90d", session).await;

        assert!(en.contains("Too little to tell") && fr.contains("Trop peu pour conclure"), "{en}");
        assert!(en.contains("?period=365d\" aria-current=\"true\">"), "{en}");
        assert!(en.contains("left out: Offline, Paid Search."), "{en}");
        assert!(by_outlet.contains("Shop &#60;0&#62;") && !by_outlet.contains("Shop <0>"), "{by_outlet}");
        town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_a_part_sees_it_held_against_itself_alone() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        shops(&town, 12, &[2, 11]).await;
        let post = Post { role: Role::Outlet, outlet: Some("shop-0".parse().unwrap()) };
        let ben = sign_in_as(&town.store, post).await;
        let door = Door::of(&town);
        door.count().await;

        let [network, _] = door.in_both("/console/network?period=7d&outlet=shop-1", ben).await;
        let [own, _] = door.in_both("/console/network?period=7d", ben).await;
        let [cross, _] = door.in_both("/console/cross?rows=outlet&columns=outcome", ben).await;
        let csv = door.get("/console/cross.csv?rows=outlet&columns=outcome", &[ben]).await;

        assert!(network.contains("Outlet: shop-1") && !network.contains("Shop &#60;1&#62;"), "{network}");
        assert!(own.contains("Shop &#60;0&#62;") && !own.contains("shop-1"), "{own}");
        assert!(own.contains("All together miss 17%"), "of their own calls: {own}");
        assert!(cross.contains("Shop &#60;0&#62;") && !cross.contains("Shop &#60;1&#62;"), "{cross}");
        assert!(csv.body.contains("shop-0") && !csv.body.contains("shop-1"), "{}", csv.body);
        assert_eq!(door.get("/console/network?below=bakery", &[ben]).await.status, 404, "it is above them");
        town.store.close().await;
    })
    .await;
}
