//! Visits acknowledged a second: a page with consent, its number, its commit on
//! disk, for many browsers at once.

mod meter;
mod place;

use std::sync::Arc;

use meter::Meter;
use place::Place;
use whence::domain::tracking::device::Device;
use whence::domain::tracking::swap::Rule;
use whence::flows::{Opened, Shown, visit_arrives, visit_stays};

const VISITS: u64 = 20_000;

#[tokio::main]
async fn main() {
    for browsers in [1, 16, 256] {
        let place = Arc::new(Place::open().await);
        let visits = if browsers == 1 { VISITS / 20 } else { VISITS };

        let meter = Meter::start();
        let shown = all(&place, browsers, visits, open).await;
        meter.tell(&format!("visit acknowledged, {browsers} browsers at once"), visits);
        assert!(shown.iter().all(|shown| shown.swaps[0].rule == Rule::Lease));

        let last = Arc::new(shown.into_iter().rev().take(2_000).collect::<Vec<_>>());
        let meter = Meter::start();
        all(&place, browsers, last.len() as u64, {
            move |place, nth| {
                let visit = last[nth as usize].visit.expect("there is consent");
                async move {
                    let visit =
                        place.store.find_visit(visit).await.expect("it is read").expect("it is there");
                    visit_stays(&place.store, &place.clock, visit, None).await.expect("the page is answered")
                }
            }
        })
        .await;
        meter.tell(&format!("visit kept alive, {browsers} browsers at once"), 2_000.min(visits));
        place.store.close().await;
    }
}

/// Does `what` for each number below `units`, by so many tasks at once.
async fn all<F, W>(place: &Arc<Place>, tasks: u64, units: u64, what: W) -> Vec<Shown>
where
    W: Fn(Arc<Place>, u64) -> F + Clone + Send + 'static,
    F: Future<Output = Shown> + Send + 'static,
{
    let browsers: Vec<_> = (0..tasks)
        .map(|task| {
            let (place, what) = (place.clone(), what.clone());
            tokio::spawn(async move {
                let mut shown = Vec::new();
                for nth in (task..units).step_by(tasks as usize) {
                    shown.push(what(place.clone(), nth).await);
                }
                shown
            })
        })
        .collect();
    let mut shown = Vec::new();
    for browser in browsers {
        shown.extend(browser.await.expect("no browser fails"));
    }
    shown
}

async fn open(place: Arc<Place>, nth: u64) -> Shown {
    place.tick();
    let opened = Opened {
        site: "web".parse().expect("a slug"),
        page: format!("https://example.org/?utm_source=google&utm_medium=cpc&utm_campaign=c{nth}"),
        title: Some("Example".into()),
        referrer: Some("https://www.google.com/".into()),
        consent: true,
        device: Device::Phone,
        country: None,
        visitor: None,
        visit: None,
        refused: None,
    };
    visit_arrives(&place.store, &place.clock, opened).await.expect("the page is answered")
}
