//! Who is like a segment: a few contacts, the nearest first, with what brings them near and what does not fit.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::names::Names;
use super::parts::Moment;
use super::{Frame, page};
use crate::domain::ids::{ContactId, SegmentId};
use crate::domain::people::lookalikes::{Likeness, MEMBERS_MIN, Trait};
use crate::domain::people::rules::REACHING;
use crate::flows::{LookalikeError, Lookalikes, lookalikes_found};
use crate::http::AppState;
use crate::http::api::lookalikes::question;
use crate::http::api::segments::Segment;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{Lang, LookalikeTexts};

const SHOWN: usize = 25;

pub struct Asked {
    channel: Option<String>,
    purpose: Option<String>,
    controller: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self {
            channel: query.text("channel"),
            purpose: query.text("purpose"),
            controller: query.text("controller"),
        }
    }
}

/// What a choice holds: its value, its text, whether it is chosen.
type Choices = Vec<(String, String, bool)>;

#[derive(Template)]
#[template(path = "lookalikes.html")]
struct LookalikesPage {
    frame: Frame,
    t: &'static LookalikeTexts,
    id: SegmentId,
    name: String,
    channels: Choices,
    purposes: Choices,
    /// Empty where there is only one.
    controllers: Choices,
    /// When contacts were profiled, and how many of the segment are.
    told: Option<(Moment, u64)>,
    warnings: Vec<&'static str>,
    rows: Vec<RowView>,
}

struct RowView {
    id: ContactId,
    name: String,
    known_by: String,
    likeness: String,
    near: Vec<String>,
    misfits: Vec<String>,
}

/// `GET /console/segments/{id}/lookalikes`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<SegmentId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let t = lang.lookalike_texts();
    let segment = Segment::find(&app, &id).await?;
    let (purposes, controllers) = (app.store.list_purposes().await?, app.store.list_controllers().await?);
    // A form sends all that it has: without a channel nothing is asked, and what is missing is the first.
    let asked = Asked {
        purpose: asked.purpose.or_else(|| Some(purposes.first()?.id.to_string())),
        controller: asked.controller.or_else(|| Some(controllers.first()?.id.to_string())),
        ..asked
    };
    let question = match &asked.channel {
        Some(channel) => {
            question(&app, Some(channel.clone()), asked.purpose.clone(), asked.controller.clone())
                .await?
                .map_err(HttpError::Invalid)?
        }
        None => None,
    };
    let found = lookalikes_found(&app.store, &app.clock, &id, SHOWN, question.as_ref()).await;
    let (mut warnings, mut rows, mut told) = (Vec::new(), Vec::new(), None);
    match found {
        Ok(Lookalikes { at, members, tells, items, .. }) => {
            let currency = app.store.read(|tx| Box::pin(tx.find_rfm_settings())).await?.currency;
            told = Some((Moment::day_and_time(lang, at), members));
            warnings.extend((members < MEMBERS_MIN).then_some(t.few));
            warnings.extend((!tells).then_some(t.alike));
            let names = Names::of(&app, lang, items.iter().map(|(id, _)| *id)).await?;
            for (id, Likeness { likeness, near, misfits, .. }) in items {
                let (name, known_by) = names.called(id);
                let words = |traits: Vec<Trait>| -> Vec<String> {
                    traits.iter().map(|it| lang.trait_words(it, currency)).collect()
                };
                let (near, misfits) = (words(near), words(misfits));
                rows.push(RowView { id, name, known_by, likeness: lang.percent(likeness), near, misfits });
            }
        }
        Err(LookalikeError::NotYet) => warnings.push(t.not_yet),
        Err(LookalikeError::Nobody) => warnings.push(t.nobody),
        Err(failure) => return Err(failure.into()),
    }
    let any = (String::new(), t.whoever.to_owned(), asked.channel.is_none());
    let channels = REACHING.map(|channel| {
        let is_asked = asked.channel.as_deref() == Some(channel.as_str());
        (channel.as_str().to_owned(), lang.reached_by(channel).to_owned(), is_asked)
    });
    let chosen = |id: &str, asked: &Option<String>| asked.as_deref() == Some(id);
    page(&LookalikesPage {
        t,
        name: lang.segment_name(id.as_str(), segment.built_in, &segment.name),
        id,
        channels: [any].into_iter().chain(channels).collect(),
        purposes: purposes
            .iter()
            .map(|it| {
                let id = it.id.to_string();
                (id.clone(), lang.purpose_name(it).to_owned(), chosen(&id, &asked.purpose))
            })
            .collect(),
        controllers: controllers
            .iter()
            .filter(|_| controllers.len() > 1)
            .map(|it| (it.id.to_string(), it.name.clone(), chosen(it.id.as_str(), &asked.controller)))
            .collect(),
        told,
        warnings,
        rows,
        frame: Frame::new(lang, &here, Some(&session)),
    })
}
