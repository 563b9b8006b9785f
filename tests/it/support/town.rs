//! A small town to tell stories in: one bakery, its website and its telephones.

use std::time::Duration;

use whence::clock::Clock;
use whence::domain::calling::destination::{Destination, MediaPath, RingPlan};
use whence::domain::calling::outcome::{HungUpBy, Outcome};
use whence::domain::calling::record::{Answered, Arrived, Ended};
use whence::domain::ids::CallId;
use whence::domain::outlet::Outlet;
use whence::domain::phone::Phone;
use whence::domain::time::Timestamp;
use whence::domain::tracking::channels::Channel;
use whence::domain::tracking::device::Device;
use whence::domain::tracking::guard::{Guard, Refusal};
use whence::domain::tracking::lease::Policy;
use whence::domain::tracking::number::{Medium, NumberKind, Pool, StandsIn, TrackingNumber};
use whence::domain::tracking::site::Site;
use whence::domain::tracking::source::Reading;
use whence::flows::{FlowError, Opened, Shown, visit_arrives, visit_stays};
use whence::store::Store;

use super::databases::Database;

pub const MINUTE: Duration = Duration::from_secs(60);
pub const POLICY: Policy =
    Policy { keep_alive: Duration::from_secs(20 * 60), quarantine: Duration::from_secs(10 * 60) };

/// Sunday, 22 November 2026, noon in UTC.
pub const NOON: Timestamp = Timestamp::from_ms(1_795_348_800_000);

/// The number written on the website.
pub const TARGET: u32 = 1;
/// The number on the poster.
pub const POSTER: u32 = 2003;
/// The number that stands in on the website for paid search.
pub const PAID: u32 = 2004;

/// `+33 1 99 00 xx xx`, a range for fiction.
pub fn phone(last: u32) -> Phone {
    format!("+3319900{last:04}").parse().expect("a number for fiction")
}

pub struct Town {
    pub store: Store,
    pub clock: Clock,
}

impl Town {
    /// A bakery with a pool of `numbers` numbers, from …1000 on.
    pub async fn with_pool_of(database: &Database, numbers: u32) -> Self {
        let store = database.open().await;
        store
            .write(move |tx| {
                Box::pin(async move {
                    tx.save_outlet(&Outlet { id: slug("bakery"), parent: None, name: "Bakery".into() })
                        .await?;
                    tx.save_site(&Site {
                        id: slug("bakery"),
                        outlet: slug("bakery"),
                        name: "Bakery".into(),
                        origins: vec!["https://bakery.example".into()],
                        reading: Reading::default(),
                        guard: Guard::default(),
                    })
                    .await?;
                    tx.save_destination(&Destination {
                        id: slug("counter"),
                        outlet: slug("bakery"),
                        name: "Counter".into(),
                        ring_plan: RingPlan::of_line(
                            "sip:counter@127.0.0.1:5070".into(),
                            Duration::from_secs(30),
                        ),
                        media: MediaPath::Past,
                    })
                    .await?;
                    tx.save_pool(&Pool {
                        id: slug("web"),
                        site: slug("bakery"),
                        destination: slug("counter"),
                        target: phone(TARGET),
                        policy: POLICY,
                        ageing: Duration::ZERO,
                    })
                    .await?;
                    for last in 1000..1000 + numbers {
                        tx.save_number(&number(last, NumberKind::Pooled(slug("web")))).await?;
                    }
                    let poster = medium(Channel::Offline, "poster", None);
                    tx.save_number(&number(POSTER, NumberKind::Static(poster))).await?;
                    let place = StandsIn { site: slug("bakery"), target: phone(TARGET) };
                    let paid = medium(Channel::PaidSearch, "website", Some(place));
                    tx.save_number(&number(PAID, NumberKind::Static(paid))).await
                })
            })
            .await
            .expect("the town is built");
        Self { store, clock: Clock::manual(NOON) }
    }

    pub async fn opens(&self, opened: Opened) -> Shown {
        visit_arrives(&self.store, &self.clock, opened).await.expect("the page is answered")
    }

    /// The page that was shown this is still open.
    pub async fn stays(&self, shown: &Shown, refused: Option<Refusal>) -> Result<Shown, FlowError> {
        let id = shown.visit.expect("the visit is kept");
        let visit = self.store.find_visit(id).await.unwrap().expect("the visit is there");
        visit_stays(&self.store, &self.clock, visit, refused).await
    }

    /// A new visitor opens the website by an ad.
    pub async fn somebody_comes(&self) -> Shown {
        self.opens(page("/?utm_source=google&utm_medium=cpc&utm_campaign=bread")).await
    }

    /// A call that arrives now.
    pub fn call(&self, number: u32, caller: Option<u32>) -> Arrived {
        Arrived {
            call: CallId(self.clock.new_id()),
            node: "north".into(),
            trunk: slug("carrier"),
            sip_call_id: "a84b4c76e66710@pc33.example".into(),
            number: phone(number),
            caller: caller.map(phone),
            destination: Some(slug("counter")),
            outlet: Some(slug("bakery")),
            screening: None,
            identity: None,
            page: None,
            at: self.clock.now(),
        }
    }

    /// The same call is answered now.
    pub fn answer(&self, call: &Arrived) -> Answered {
        Answered {
            call: call.call,
            destination: call.destination.clone(),
            ringing_at: Some(call.at),
            at: self.clock.now(),
        }
    }

    /// The same call ends now, and was answered at `answered_at`.
    pub fn end(&self, call: &Arrived, answered_at: Option<Timestamp>) -> Ended {
        Ended {
            call: call.call,
            outcome: if answered_at.is_some() { Outcome::Answered } else { Outcome::Abandoned },
            sip_status: if answered_at.is_some() { 200 } else { 487 },
            hung_up_by: HungUpBy::Caller,
            reason: None,
            ringing_at: Some(call.at),
            answered_at,
            at: self.clock.now(),
        }
    }
}

/// A first page with consent, from a browser that remembers nothing.
pub fn page(path: &str) -> Opened {
    Opened {
        site: slug("bakery"),
        page: format!("https://bakery.example{path}"),
        title: Some("Bakery".into()),
        referrer: None,
        consent: true,
        device: Device::Unknown,
        country: None,
        region: None,
        visitor: None,
        visit: None,
        refused: None,
    }
}

pub fn slug<T: std::str::FromStr<Err: std::fmt::Debug>>(text: &str) -> T {
    text.parse().expect("a slug")
}

fn number(last: u32, kind: NumberKind) -> TrackingNumber {
    TrackingNumber {
        recording: None,
        e164: phone(last),
        outlet: slug("bakery"),
        destination: slug("counter"),
        label: format!("number {last}"),
        calls_at_once: None,
        kind,
        in_service: true,
        created_at: NOON,
    }
}

fn medium(channel: Channel, source: &str, stands_in: Option<StandsIn>) -> Medium {
    Medium {
        channel,
        source: source.into(),
        medium: "number".into(),
        campaign: None,
        stands_in,
        offline: None,
    }
}
