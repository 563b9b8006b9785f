//! `/api/v1/rfm`: how clients are judged, and how many there are of each kind.

use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use super::{KeyProblems, ServerProblems};
use crate::domain::people::rfm::{self, Borders, Class, Size};
use crate::domain::time::Timestamp;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ApiKey, SegmentsRead};

/// How much of a client a contact is (`docs/segments.md`).
#[derive(Serialize, ToSchema)]
pub struct Rfm {
    /// When they bought last, 1 (long ago) to 5.
    #[schema(minimum = 1, maximum = 5)]
    pub recency: u8,
    /// How often they bought.
    #[schema(minimum = 1, maximum = 5)]
    pub frequency: u8,
    /// For how much, less what was given back.
    #[schema(minimum = 1, maximum = 5)]
    pub monetary: u8,
    /// What the three scores together are called.
    #[schema(example = "champions")]
    pub class: &'static str,
    /// `large`, `medium` or `small`; `null`: nothing was spent in the last twelve months.
    #[schema(example = "large")]
    pub size: Option<&'static str>,
}

impl From<rfm::Rfm> for Rfm {
    fn from(it: rfm::Rfm) -> Self {
        Self {
            recency: it.recency,
            frequency: it.frequency,
            monetary: it.monetary,
            class: it.class.as_str(),
            size: it.size.map(Size::as_str),
        }
    }
}

/// How clients are judged, and how many there are of each kind.
#[derive(Serialize, ToSchema)]
pub struct Judged {
    /// ISO 4217: purchases in other currencies are not looked at.
    #[schema(example = "EUR")]
    pub currency: String,
    /// How far back is looked.
    pub days: u32,
    /// When the borders were drawn; `null`: not yet, or there are too few clients.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub drawn_at: Option<Timestamp>,
    /// The earliest last purchase of each score from 2 to 5.
    #[schema(value_type = Vec<String>)]
    pub recency_from: Vec<Timestamp>,
    /// The fewest purchases of each score from 2 to 5.
    pub frequency_from: Vec<i64>,
    /// The least money of each score from 2 to 5, in the smallest unit of the currency.
    pub monetary_from: Vec<i64>,
    /// What was spent in twelve months at least by who is medium, and by who is large.
    pub medium_from: Option<i64>,
    pub large_from: Option<i64>,
    /// How many clients there are of each class.
    pub classes: Vec<Counted>,
    /// How many there are of each size; who spent nothing in twelve months has none.
    pub sizes: Vec<Counted>,
}

/// So many clients of a kind.
#[derive(Serialize, ToSchema)]
#[schema(as = CountedClients)]
pub struct Counted {
    /// The class or the size.
    #[schema(example = "champions")]
    pub name: &'static str,
    pub contacts: i64,
}

/// How clients are judged by recency, frequency and money, and how many there are of each class and size.
#[utoipa::path(
    get, path = "/api/v1/rfm", tag = "segments", operation_id = "describe_rfm",
    security(("api_key" = ["segments:read"])),
    responses((status = 200, description = "The borders that hold, and how many clients there are", body = Judged), KeyProblems, ServerProblems)
)]
pub async fn one(
    _: ApiKey<SegmentsRead>,
    State(app): State<AppState>,
) -> Result<axum::Json<Judged>, HttpError> {
    let settings = app.store.read(|tx| Box::pin(tx.find_rfm_settings())).await?;
    let drawn = app.store.find_rfm_borders().await?.filter(|drawn| drawn.settings == settings);
    let at = drawn.as_ref().map(|drawn| drawn.at);
    let borders = drawn.and_then(|drawn| drawn.borders).map(|borders| match &settings.limits {
        Some(limits) => borders.limited(limits, app.clock.now()),
        None => borders,
    });
    let counts = app.store.count_rfm().await?;
    let sum = |of: &dyn Fn(&crate::store::rfm::RfmCount) -> bool| {
        counts.iter().filter(|it| of(it)).map(|it| it.contacts).sum()
    };
    let classes = Class::ALL
        .iter()
        .map(|class| Counted { name: class.as_str(), contacts: sum(&|it| it.class == *class) });
    let sizes = Size::ALL
        .iter()
        .map(|size| Counted { name: size.as_str(), contacts: sum(&|it| it.size == Some(*size)) });
    // A score that nobody can reach has no border.
    let from = |of: fn(&Borders) -> [i64; 4]| -> Vec<i64> {
        borders.iter().flat_map(of).filter(|border| *border < i64::MAX).collect()
    };
    Ok(axum::Json(Judged {
        currency: settings.currency.to_string(),
        days: settings.days,
        drawn_at: at.filter(|_| borders.is_some()),
        recency_from: from(|it| it.recency).into_iter().map(Timestamp::from_ms).collect(),
        frequency_from: from(|it| it.frequency),
        monetary_from: from(|it| it.monetary),
        medium_from: borders.as_ref().and_then(|it| it.medium),
        large_from: borders.as_ref().and_then(|it| it.large),
        classes: classes.collect(),
        sizes: sizes.collect(),
    }))
}
