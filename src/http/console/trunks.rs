//! The trunks: as the settings have them, and how they stand.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::Response;

use super::live::TrunksPart;
use super::{Frame, page};
use crate::http::error::HttpError;
use crate::http::extract::Session;
use crate::http::language::{Lang, TrunkTexts};
use crate::http::{AppState, TrunkSettings};

#[derive(Template)]
#[template(path = "trunks.html")]
struct TrunksPage {
    frame: Frame,
    t: &'static TrunkTexts,
    health: TrunksPart,
    trunks: Vec<TrunkView>,
}

struct TrunkView {
    id: String,
    country: String,
    from: String,
    proves: String,
    to: String,
    login: Option<String>,
    registers: bool,
    prefixes: String,
    calls_at_once: String,
    calls_per_day: String,
    sound: &'static str,
}

/// `GET /console/trunks`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    page(&TrunksPage {
        t: lang.trunk_texts(),
        health: TrunksPart::of(lang, app.watch.trunks().await),
        trunks: app.watch.trunk_settings().into_iter().map(|trunk| view(lang, trunk)).collect(),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

fn view(lang: Lang, trunk: TrunkSettings) -> TrunkView {
    let t = lang.trunk_texts();
    let or =
        |words: Vec<String>, none: &str| if words.is_empty() { none.to_owned() } else { words.join(", ") };
    let most = |most: Option<u32>| most.map_or_else(|| t.no_limit.to_owned(), |most| most.to_string());
    let proofs = [
        (!trunk.from.is_empty()).then(|| t.address.to_owned()),
        trunk.has_their_password.then(|| t.password.to_owned()),
        trunk.their_certificate.map(|name| format!("{} ({name})", t.certificate)),
    ];
    TrunkView {
        id: trunk.id.to_string(),
        country: trunk.country.to_string(),
        proves: or(proofs.into_iter().flatten().collect(), "–"),
        from: or(trunk.from, t.anywhere),
        to: or(trunk.to, t.nowhere),
        login: trunk.user,
        registers: trunk.registers,
        prefixes: or(trunk.prefixes, t.any),
        calls_at_once: most(trunk.calls_at_once),
        calls_per_day: most(trunk.calls_per_day),
        sound: if trunk.is_sealed { t.sealed } else { t.in_clear },
    }
}
