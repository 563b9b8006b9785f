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
const KNOWN: u64 = 2_000;

#[tokio::main]
async fn main() {
    for browsers in [1, 16, 256] {
        let place = Arc::new(Place::open().await);
        let visits = if browsers == 1 { VISITS / 20 } else { VISITS };

        let meter = Meter::start();
        let shown = all(&place, browsers, visits, |place, nth| open(place, nth, None)).await;
        meter.tell(&format!("visit acknowledged, {browsers} browsers at once"), visits);
        assert!(shown.iter().all(|shown| shown.swaps[0].rule == Rule::Lease));

        // Each of these looks at a page every 20 s, so that all there is to write is written.
        let last = Arc::new(shown.into_iter().rev().take(KNOWN as usize).collect::<Vec<_>>());
        let views = visits / 2;
        let meter = Meter::start();
        let again = all(&place, browsers, views, {
            let last = Arc::clone(&last);
            move |place, nth| {
                let known = last[nth as usize % last.len()].clone();
                open(place, nth, Some(known))
            }
        });
        let again = again.await;
        meter.tell(&format!("page view of a known visit, {browsers} browsers at once"), views);
        assert!(again.iter().all(|shown| shown.continues && shown.swaps[0].rule == Rule::Renewed));

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
        meter.tell(&format!("visit kept alive, {browsers} browsers at once"), KNOWN.min(visits));
        place.store.close().await;
    }
}

/// Does `what` for each number below `units`, by so many tasks at once; what
/// came of it, in their order.
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
                    shown.push((nth, what(place.clone(), nth).await));
                }
                shown
            })
        })
        .collect();
    let mut shown = Vec::new();
    for browser in browsers {
        shown.extend(browser.await.expect("no browser fails"));
    }
    shown.sort_by_key(|(nth, _)| *nth);
    shown.into_iter().map(|(_, shown)| shown).collect()
}

async fn open(place: Arc<Place>, nth: u64, known: Option<Shown>) -> Shown {
    let (visitor, visit) = known.map_or((None, None), |known| (known.visitor, known.visit));
    place.tick();
    let opened = Opened {
        site: "web".parse().expect("a slug"),
        page: format!("https://example.org/?utm_source=google&utm_medium=cpc&utm_campaign=c{nth}"),
        title: Some("Example".into()),
        referrer: Some("https://www.google.com/".into()),
        consent: true,
        device: Device::Phone,
        country: None,
        region: None,
        visitor,
        visit,
        refused: None,
    };
    visit_arrives(&place.store, &place.clock, opened).await.expect("the page is answered")
}
