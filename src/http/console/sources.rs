//! What a visit would be taken for: a landing page and a referrer to try, and
//! the site's own rules beside them.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::{Frame, page};
use crate::domain::ids::SiteId;
use crate::domain::plan::reading::in_short;
use crate::domain::tracking::site::Site;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Query, QueryReader, Session};
use crate::http::language::Lang;

pub struct Asked {
    site: Option<SiteId>,
    page: Option<String>,
    referrer: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { site: query.value("site"), page: query.text("page"), referrer: query.text("referrer") }
    }
}

#[derive(Template)]
#[template(path = "sources.html")]
struct SourcesPage {
    frame: Frame,
    /// Its id, its name, whether it is asked about.
    sites: Vec<(String, String, bool)>,
    page: String,
    referrer: String,
    answer: Option<Answer>,
    rules: Vec<RuleView>,
}

struct Answer {
    channel: &'static str,
    /// Each with its name.
    parts: Vec<(&'static str, String)>,
    because: Vec<String>,
}

struct RuleView {
    said: String,
    fits: bool,
}

/// `GET /console/sources`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let sites = app.store.list_sites().await?;
    let chosen = match &asked.site {
        Some(id) => Some(sites.iter().find(|site| site.id == *id).ok_or(HttpError::NotFound("site"))?),
        None => sites.first(),
    };
    let (answer, fits) = match (chosen, &asked.page) {
        (Some(site), Some(landing)) => answer(lang, site, landing, asked.referrer.as_deref()),
        (None, _) | (_, None) => (None, None),
    };
    let rules = chosen.iter().flat_map(|site| &site.reading.rules).enumerate();
    let choices = sites.iter().map(|site| {
        (site.id.to_string(), site.name.clone(), chosen.is_some_and(|chosen| chosen.id == site.id))
    });
    page(&SourcesPage {
        frame: Frame::new(lang, &here, Some(&session)),
        sites: choices.collect(),
        page: asked.page.unwrap_or_default(),
        referrer: asked.referrer.unwrap_or_default(),
        answer,
        rules: rules
            .map(|(index, rule)| RuleView { said: in_short(rule), fits: fits == Some(index + 1) })
            .collect(),
    })
}

fn answer(lang: Lang, site: &Site, landing: &str, referrer: Option<&str>) -> (Option<Answer>, Option<usize>) {
    let t = lang.texts();
    let explained = site.explain(landing, referrer);
    let fits = explained.rule.as_ref().map(|(place, _)| *place);
    let because = lang.source_explained(&explained);
    let source = explained.source;
    let more = [(t.campaign, source.campaign), (t.term, source.term), (t.content, source.content)];
    let more = more.into_iter().filter_map(|(name, text)| Some((name, text?)));
    let parts = [(t.source, source.source), (t.medium, source.medium)].into_iter().chain(more).collect();
    (Some(Answer { channel: lang.channel(source.channel), parts, because }), fits)
}
