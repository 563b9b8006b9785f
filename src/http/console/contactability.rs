//! How many people may be reached for a purpose, by each channel: why not the others, and what would win the most.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::parts::Moment;
use super::{Frame, page};
use crate::domain::ids::{ControllerId, PurposeId, SegmentId};
use crate::domain::people::consent::Channel;
use crate::domain::people::rules::REACHING;
use crate::domain::reporting::contactability::{Obstacle, Support};
use crate::http::AppState;
use crate::http::api::contactability_report::{Reachable, Report, exported};
use crate::http::api::export::Reader;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::{ContactabilityTexts, Lang};

/// How many remedies are told.
const REMEDIES: usize = 8;
/// Days of the trend.
const DAYS: usize = 90;

pub struct Asked {
    purpose: Option<PurposeId>,
    controller: Option<ControllerId>,
    segment: Option<SegmentId>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            purpose: query.value("purpose"),
            controller: query.value("controller"),
            segment: query.value("segment"),
        }
    }
}

/// What a choice holds: its value, its text, whether it is chosen.
type Choices = Vec<(String, String, bool)>;

/// What stops people, and how many by each channel: all, and those whom nothing else does.
type Stops = (&'static str, Vec<Option<(u64, u64)>>);

#[derive(Template)]
#[template(path = "contactability.html")]
struct ContactabilityPage {
    frame: Frame,
    t: &'static ContactabilityTexts,
    counted_at: Option<Moment>,
    contacts: u64,
    purposes: Choices,
    /// Empty where there is only one.
    controllers: Choices,
    segments: Choices,
    is_segment: bool,
    rows: Vec<RowView>,
    remedies: Vec<(&'static str, String)>,
    obstacles: Vec<Stops>,
    /// A day, and how many might be reached by each channel.
    days: Vec<(String, Vec<Option<u64>>)>,
    table: String,
}

/// By one channel.
struct RowView {
    channel: &'static str,
    allowed: u64,
    share: String,
    /// Of a thousand: the length of its bar.
    width: u64,
    by_consent: u64,
    otherwise: u64,
    /// A line through the days, in a field of 1000 by 20; `None`: fewer than two days.
    line: Option<String>,
}

/// `GET /console/contactability`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let report = Report::find(&app, asked.segment.clone()).await?;
    let (purposes, controllers) = (app.store.list_purposes().await?, app.store.list_controllers().await?);
    let purpose = asked.purpose.or_else(|| purposes.first().map(|purpose| purpose.id.clone()));
    let controller = asked.controller.or_else(|| controllers.first().map(|it| it.id.clone()));
    let is_asked = |it: &&Reachable| {
        Some(&*it.purpose) == purpose.as_ref().map(PurposeId::as_str)
            && Some(&*it.controller) == controller.as_ref().map(ControllerId::as_str)
    };
    let ways: Vec<(Channel, &Reachable)> = report
        .items
        .iter()
        .filter(is_asked)
        .filter_map(|it| Some((REACHING.into_iter().find(|channel| channel.as_str() == it.channel)?, it)))
        .collect();
    let segments = app.store.list_segments(app.clock.now().day()).await?.into_iter().map(|row| {
        let segment = row.segment;
        let name = lang.segment_name(segment.id.as_str(), segment.built_in, &segment.name);
        (segment.id.to_string(), name, Some(&segment.id) == asked.segment.as_ref())
    });
    let all = (String::new(), lang.contactability_texts().all.to_owned(), asked.segment.is_none());
    let mut remedies: Vec<_> =
        ways.iter().flat_map(|(channel, it)| it.remedies.iter().map(move |won| (*channel, won))).collect();
    remedies.sort_by_key(|(_, won)| std::cmp::Reverse(won.contacts));
    page(&ContactabilityPage {
        t: lang.contactability_texts(),
        counted_at: report.at.map(|at| Moment::day_and_time(lang, at)),
        contacts: ways.first().map_or(0, |(_, it)| it.contacts),
        purposes: purposes
            .iter()
            .map(|it| (it.id.to_string(), lang.purpose_name(it).to_owned(), Some(&it.id) == purpose.as_ref()))
            .collect(),
        controllers: controllers
            .iter()
            .filter(|_| controllers.len() > 1)
            .map(|it| (it.id.to_string(), it.name.clone(), Some(&it.id) == controller.as_ref()))
            .collect(),
        segments: [all].into_iter().chain(segments).collect(),
        is_segment: asked.segment.is_some(),
        rows: ways.iter().map(|(channel, it)| RowView::new(lang, *channel, it)).collect(),
        remedies: remedies
            .into_iter()
            .take(REMEDIES)
            .map(|(channel, won)| (lang.reached_by(channel), lang.winnable(channel, won)))
            .collect(),
        obstacles: obstacles(lang, &ways),
        days: days(&ways),
        table: match &asked.segment {
            Some(id) => format!("/console/contactability.csv?segment={id}"),
            None => "/console/contactability.csv".to_owned(),
        },
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

impl RowView {
    fn new(lang: Lang, channel: Channel, it: &Reachable) -> Self {
        let of_consent = |by: &&crate::http::api::contactability_report::Supported| {
            by.support == Support::Consent.as_str()
        };
        let by_consent = it.supports.iter().find(of_consent).map_or(0, |by| by.contacts);
        Self {
            channel: lang.reached_by(channel),
            allowed: it.allowed,
            share: lang.percent(it.allowed as f64 / it.contacts.max(1) as f64),
            width: it.allowed * 1_000 / it.contacts.max(1),
            by_consent,
            otherwise: it.allowed - by_consent,
            line: line(it),
        }
    }
}

/// The share that may be reached on each of the last days.
fn line(it: &Reachable) -> Option<String> {
    let days = &it.days[it.days.len().saturating_sub(DAYS)..];
    let steps = u64::try_from(days.len()).unwrap_or_default().checked_sub(1).filter(|steps| *steps > 0)?;
    let point = |(nth, day): (u64, &crate::http::api::contactability_report::Day)| {
        format!("{} {}", nth * 1_000 / steps, 19 - day.allowed * 18 / day.contacts.max(1))
    };
    Some(format!("M{}", (0..).zip(days).map(point).collect::<Vec<_>>().join("L")))
}

fn obstacles(lang: Lang, ways: &[(Channel, &Reachable)]) -> Vec<Stops> {
    let row = |obstacle: &Obstacle| {
        let of = |(_, it): &(Channel, &Reachable)| {
            let found = it.obstacles.iter().find(|stopping| stopping.obstacle == obstacle.as_str());
            found.map(|stopping| (stopping.contacts, stopping.alone))
        };
        (lang.obstacle(*obstacle), ways.iter().map(of).collect::<Vec<_>>())
    };
    Obstacle::ALL.iter().map(row).filter(|(_, of)| of.iter().any(Option::is_some)).collect()
}

/// The last days on which something was counted, the latest first.
fn days(ways: &[(Channel, &Reachable)]) -> Vec<(String, Vec<Option<u64>>)> {
    let mut days: Vec<&str> = ways.iter().flat_map(|(_, it)| it.days.iter().map(|day| &*day.day)).collect();
    days.sort_unstable_by(|one, other| other.cmp(one));
    days.dedup();
    let row = |day: &str| {
        let of = |(_, it): &(Channel, &Reachable)| {
            it.days.iter().find(|its| its.day == day).map(|its| its.allowed)
        };
        (day.to_owned(), ways.iter().map(of).collect())
    };
    days.into_iter().take(DAYS).map(row).collect()
}

/// `GET /console/contactability.csv`
pub async fn export(
    _: Session,
    State(app): State<AppState>,
    lang: Lang,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    exported(&app, asked.segment, Reader::Spreadsheet(lang)).await
}
