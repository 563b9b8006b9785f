//! A printed number can be scanned: what is drawn is read by another library.

use whence::flows::{plan_applied, plan_read};

use crate::support::databases::on_each_database;
use crate::support::door::{Door, hand_out_keys};
use crate::support::town::{Town, phone};

/// Paints the squares of the drawing (`M8 16h8v8H8V16`) and reads the code in them.
fn scanned(svg: &str) -> String {
    let number = |name: &str| -> usize {
        let rest = svg.split_once(&format!("{name}=\"")).expect("it has a size").1;
        rest.split('"').next().unwrap().parse().expect("a whole number")
    };
    let (width, height) = (number("width"), number("height"));
    let path = svg.rsplit_once(" d=\"").expect("it has a path").1.split('"').next().unwrap();
    let mut pixels = vec![255_u8; width * height];
    for square in path.split('M').filter(|square| !square.is_empty()) {
        let (corner, rest) = square.split_once('h').expect("to the right");
        let (wide, rest) = rest.split_once('v').expect("downwards");
        let high = rest.split_once('H').expect("and back").0;
        let (left, top) = corner.split_once([' ', ',']).expect("a corner");
        let [left, top, wide, high] =
            [left, top, wide, high].map(|text| text.parse::<usize>().expect("a number"));
        for row in top..top + high {
            pixels[row * width + left..][..wide].fill(0);
        }
    }
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1, "one code is seen");
    grids[0].decode().expect("it can be read").1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_static_numbers_code_calls_it_or_opens_its_page() {
    on_each_database(async |database| {
        let town = Town::with_pool_of(database, 1).await;
        hand_out_keys(&town.store).await;
        let door = Door::of(&town);
        let plan = include_str!("../../../config/demo-plan.toml");
        let plan = plan_read(plan, &[], &[]).expect("the demo's plan is good");
        plan_applied(&town.store, &town.clock, &plan, true).await.expect("it is applied");
        let flyer = "/api/v1/numbers/+33199002001";

        let told = door.api(flyer).await.json();
        assert_eq!(told["offline"]["kind"], "flyer");
        assert_eq!(told["offline"]["cost"], serde_json::json!({"minor": 48_000, "currency": "EUR"}));
        assert_eq!(told["offline"]["runs"], "2026-03-01..2026-05-31");

        let call = door.api(&format!("{flyer}/qr.svg")).await;
        assert_eq!((call.status.as_u16(), call.header("content-type")), (200, "image/svg+xml"));
        assert_eq!(scanned(&call.body), "tel:+33199002001");
        let page = door.api(&format!("{flyer}/qr.svg?to=page")).await;
        assert_eq!(
            scanned(&page.body),
            "http://127.0.0.1:8080/demo/?utm_source=flyer&utm_medium=print&utm_campaign=spring"
        );

        let poster = door.api("/api/v1/numbers/+33199002003/qr.svg?to=page").await;
        assert_eq!(poster.problem(404)["detail"], "no such landing page of this number");
        door.api(&format!("/api/v1/numbers/{}/qr.svg", phone(1000).reveal())).await.problem(404);
        assert_eq!(
            door.api(&format!("{flyer}/qr.svg?to=moon")).await.problem(422)["errors"][0]["field"],
            "to"
        );
        door.get(&format!("{flyer}/qr.svg"), &[]).await.problem(401);
        town.store.close().await;
    })
    .await;
}
