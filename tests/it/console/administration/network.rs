//! Outlets, sites and destinations: seen, added, changed, taken out.

use serde_json::json;

use super::{Office, leads_to};
use crate::support::databases::on_each_database;
use crate::support::door::sign_in_as;
use crate::support::town::slug;
use whence::domain::staff::{Post, Role};

/// A destination with hours, a way out of them, and lines that ring together.
const SHOP: &str = r#"
[[destinations]]
id = "shop"
name = "Shop <Lyon> & \"Sons\""
outlet = "lyon"
strategy = "all"
steps = [{ sip = "sip:one@192.0.2.1", ring_s = 20 }, { sip = "sip:two@192.0.2.1", ring_s = 25 }, { destination = "desk" }]
fallback = "counter"
[destinations.hours]
zone = "Europe/Paris"
week = ["mon-fri 09:00-12:30 14:00-18:00", "sat 22:00-02:00"]
holidays = "FR"
closed = ["2026-12-01..2026-12-02"]
special = ["2026-12-24 09:00-12:00"]
outside = "night"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn outlets_are_a_tree_that_is_added_to_moved_about_and_taken_from() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let [en, fr] = office.door.in_both("/console/outlets", office.session).await;
        assert!(en.contains("\u{2003}<a href=\"/console/outlets/lyon\">Boulangerie Martin Lyon</a>"), "{en}");
        assert!(fr.contains("Ajouter un point de vente") && en.contains("aria-current=\"page\">Outlets</a>"));

        let new = [("name", "Nice Côte d’Azur"), ("id", "nice"), ("parent", "head-office")];
        leads_to(&office.confirms("/console/outlets", &new, &[]).await, "/console/outlets?saved=1");
        assert!(office.sends("/console/outlets", &new).await.page(422).contains("already"));
        let odd = office.sends("/console/outlets", &[("name", "Nice"), ("id", "N!")]).await;
        assert!(odd.page(422).contains("&#34;N!&#34; is no name"), "{}", odd.body);
        let round = [("name", "Boulangerie Martin"), ("parent", "nice")];
        let round = office.sends("/console/outlets/head-office", &round).await;
        assert!(round.page(422).contains("lead back to itself"), "{}", round.body);
        let renamed = [("name", "Nice"), ("parent", "lyon")];
        let done = office.confirms("/console/outlets/nice", &renamed, &[]).await;
        leads_to(&done, "/console/outlets/nice?saved=1");
        let [one, un] = office.door.in_both("/console/outlets/nice", office.session).await;
        assert!(
            one.contains("<option value=\"lyon\" selected>") && un.contains("Renommer ou déplacer"),
            "{one}"
        );

        let used = office.sends("/console/outlets/lyon/out", &[]).await;
        assert!(used.page(422).contains("What stands on it must move first"), "{}", used.body);
        assert!(
            office
                .confirms("/console/outlets/nice/out", &[], &[("typed", "x")])
                .await
                .page(409)
                .contains("does not match")
        );
        let gone = office.confirms("/console/outlets/nice/out", &[], &[("typed", "nice")]).await;
        leads_to(&gone, "/console/outlets?saved=1");
        office.door.get("/console/outlets/nice", &[office.session]).await.page(404);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_site_is_added_changed_and_goes_with_its_pools_and_what_no_form_carries_stays() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let [en, fr] = office.door.in_both("/console/sites/boulangerie", office.session).await;
        assert!(en.contains("http://127.0.0.1:8080\n") && en.contains("placeholder=\"600\""), "{en}");
        assert!(fr.contains("Origines web") && fr.contains("<option value=\"lend\" selected>"), "{fr}");
        let fields = [
            ("new", "1"),
            ("name", "Shop"),
            ("id", "shop"),
            ("outlet", "lyon"),
            ("origins", "https://shop.example/\r\n https://www.shop.example\r\n"),
            ("headless", "refuse"),
        ];

        leads_to(&office.confirms("/console/sites", &fields, &[]).await, "/console/sites?saved=1");
        let site = office.town.store.find_site(&slug("shop")).await.unwrap().unwrap();
        assert_eq!(site.origins, ["https://shop.example", "https://www.shop.example"]);
        assert!(!site.guard.lends_to_headless);
        let wrong = [("id", "shop"), ("name", "Shop"), ("outlet", "lyon"), ("origins", "shop.example")];
        assert!(office.sends("/console/sites", &wrong).await.page(422).contains("is no web origin"));
        let changed = [
            ("id", "shop"),
            ("name", "Shop"),
            ("outlet", "paris"),
            ("origins", "https://shop.example"),
            ("page_calls", "3"),
        ];
        leads_to(&office.confirms("/console/sites", &changed, &[]).await, "/console/sites/shop?saved=1");
        let site = office.town.store.find_site(&slug("shop")).await.unwrap().unwrap();
        assert_eq!((site.outlet, site.guard.page_calls), (slug("paris"), 3));

        let out = "/console/sites/boulangerie/out";
        let review = office.sends(out, &[]).await;
        for goes in ["site boulangerie", "pool boulangerie", "number +33199001009"] {
            assert!(review.page(200).contains(&format!("Out of service: {goes}")), "{goes}: {}", review.body);
        }
        let gone = office.confirms(out, &[], &[("typed", "boulangerie")]).await;
        leads_to(&gone, "/console/sites?saved=1");
        assert!(office.town.store.list_pools(office.town.clock.now()).await.unwrap().is_empty());
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_shows_its_ring_plan_its_week_and_what_happens_on_a_sunday() {
    on_each_database(async |database| {
        let office = Office::with(database, SHOP).await;
        let [list, liste] = office.door.in_both("/console/destinations", office.session).await;
        assert!(list.contains("closed</td>") && liste.contains("Toujours ouverte"), "{list}");
        let at = |moment: &str| format!("/console/destinations/shop?at={moment}");

        let [sunday, dimanche] = office.door.in_both(&at("2026-12-06T15:00"), office.session).await;
        let [open, _] = office.door.in_both(&at("2026-12-04T09:00"), office.session).await;
        let [christmas, noel] = office.door.in_both(&at("2026-12-25T10:00"), office.session).await;
        let [over_midnight, _] = office.door.in_both(&at("2026-12-06T01:30"), office.session).await;
        let [always, toujours] = office.door.in_both("/console/destinations/counter", office.session).await;

        assert!(
            sunday.contains("<strong>closed (the hours of the week)</strong> · It opens next"),
            "{sunday}"
        );
        assert!(sunday.contains("datetime=\"2026-12-07T08:00:00.000Z\""), "{sunday}");
        assert!(
            sunday.contains("<li>Rings sip:night@127.0.0.1:5070 (Night line in Paris) for 10 s</li>"),
            "{sunday}"
        );
        assert!(dimanche.contains("Fait sonner sip:night@127.0.0.1:5070"), "{dimanche}");
        let together =
            "Rings sip:one@192.0.2.1 (Shop &#60;Lyon&#62; &#38; &#34;Sons&#34;) and sip:two@192.0.2.1";
        assert!(open.contains("<strong>open (") && open.contains(together), "{open}");
        assert!(christmas.contains("closed (a public holiday)") && noel.contains("fermée (un jour férié)"));
        assert!(over_midnight.contains("<strong>open"), "Saturday night goes on");
        assert!(open.contains("class=\"ring-plan\"") && open.contains(">Outside the hours</text>"), "{open}");
        assert!(open.contains("Thu 24/12</span> hours of its own : 09:00-12:00"), "{open}");
        assert!(
            open.contains("09:00-12:30 14:00-18:00</td>") && open.contains("x=\"540\" width=\"210\""),
            "{open}"
        );
        assert!(always.contains("Always open") && toujours.contains("Toujours ouverte"));
        office.door.get("/console/destinations/nowhere", &[office.session]).await.page(404);
        office.door.get("/console/destinations/shop?at=sunday", &[office.session]).await.page(422);

        let told = office.door.api("/api/v1/destinations/shop/explain?at=2026-12-06T14:00:00Z").await.json();
        assert_eq!((&told["open"], &told["hours_from"]), (&json!(false), &json!("week")));
        assert_eq!(
            told["steps"][0]["lines"][0],
            json!({"target": "sip:night@127.0.0.1:5070", "destination": "night"})
        );
        assert_eq!(
            (&told["opens_at"], &told["otherwise"]),
            (&json!("2026-12-07T08:00:00.000Z"), &json!(null))
        );
        office.door.api("/api/v1/destinations/nowhere/explain").await.problem(404);
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_destination_is_added_changed_and_keeps_what_its_form_does_not_carry() {
    on_each_database(async |database| {
        let menu = r#"
[[destinations]]
id = "menu"
name = "Menu"
outlet = "lyon"
steps = [{ menu = "fr-welcome", keys = { "1" = "counter" } }, { sip = "sip:desk@192.0.2.1", ring_s = 20, music = "fr-welcome" }]
"#;
        let office = Office::with(database, menu).await;
        let path = "/console/destinations";
        let [new, neuve] = office.door.in_both("/console/destinations/new", office.session).await;
        assert!(new.contains("A new destination") && neuve.contains("Une nouvelle destination"));
        let fields = [
            ("new", "1"),
            ("name", "Workshop"),
            ("outlet", "paris"),
            ("step_0_kind", "number"),
            ("step_0_what", "06 12 34 56 78"),
            ("step_0_trunk", "carrier"),
            ("step_0_ring", "15"),
            ("step_2_kind", "destination"),
            ("step_2_what", "night"),
            ("strategy", "order"),
            ("media", "past"),
            ("zone", "Europe/Paris"),
            ("week", "mon-fri 08:00-18:00\r\n"),
            ("outside", "night"),
        ];

        leads_to(&office.confirms(path, &fields, &[]).await, "/console/destinations?saved=1");
        let [made, _] = office.door.in_both("/console/destinations/workshop", office.session).await;
        assert!(made.contains("value=\"+33612345678\"") && made.contains("mon-fri 08:00-18:00"), "{made}");
        let wrong = [("id", "workshop"), ("name", "Workshop"), ("outlet", "paris"), ("step_0_kind", "sip"), ("step_0_what", "desk")];
        let wrong = office.sends(path, &wrong).await;
        assert!(wrong.page(422).contains("is no SIP URI") && wrong.body.contains("value=\"desk\""), "{}", wrong.body);
        let circle = [("id", "night"), ("name", "Night"), ("outlet", "paris"), ("step_0_kind", "destination"), ("step_0_what", "workshop")];
        assert!(office.sends(path, &circle).await.page(422).contains("run in a circle"));

        let kept = [
            ("id", "menu"),
            ("name", "Menu two"),
            ("outlet", "lyon"),
            ("step_0_kind", "kept"),
            ("step_1_kind", "sip"),
            ("step_1_what", "sip:desk@192.0.2.2"),
            ("step_1_ring", "20"),
        ];
        leads_to(&office.confirms(path, &kept, &[]).await, "/console/destinations/menu?saved=1");
        let all = office.town.store.list_destinations().await.unwrap();
        let menu = all.iter().find(|it| it.id.as_str() == "menu").unwrap();
        assert_eq!((menu.name.as_str(), menu.ring_plan.steps.len()), ("Menu two", 2));
        assert!(menu.ring_plan.steps[1].music.is_some() && menu.ring_plan.leads_to().count() == 1);

        let used = office.sends("/console/destinations/counter/out", &[]).await;
        assert!(used.page(422).contains("must lead elsewhere first"), "{}", used.body);
        let gone = office.confirms("/console/destinations/workshop/out", &[], &[("typed", "workshop")]).await;
        leads_to(&gone, "/console/destinations?saved=1");
        office.town.store.close().await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_only_look_changes_nothing_and_who_sees_a_part_does_not_look() {
    on_each_database(async |database| {
        let office = Office::with(database, "").await;
        let reader = sign_in_as(&office.town.store, Post { role: Role::Reader, outlet: None }).await;

        office.door.get("/console/outlets", &[reader]).await.page(200);
        let new = [("name", "Nice"), ("id", "nice"), ("confirmed", "1")];
        office.door.form("/console/outlets", &new, &[reader]).await.page(403);
        assert_eq!(office.town.store.list_outlets().await.unwrap().len(), 3);
        office.town.store.close().await;
    })
    .await;
}
