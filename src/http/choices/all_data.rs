//! All that is known of somebody, by a link from a fresh mail: to see, to download, and to have erased.

use askama::Template;
use axum::extract::{OriginalUri, Path, State};
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, Knocker, Wished, allow, nowhere, page};
use crate::domain::calling::recording::Accessor;
use crate::domain::people::audit::Action;
use crate::domain::people::contact::{Contact, KnownIdentity};
use crate::flows::{access_audited, erasure_asked, find_own_data};
use crate::http::console::contact::{Fact, IdentityView, facts, identity};
use crate::http::error::HttpError;
use crate::http::extract::{Query, hash_token};
use crate::http::language::{Lang, OwnDataTexts};
use crate::http::{AppState, archive};

#[derive(Template)]
#[template(path = "all_data.html")]
struct AllDataPage {
    frame: Frame,
    o: &'static OwnDataTexts,
    /// The address of the page, on which those of its forms go on.
    base: String,
    facts: Vec<Fact>,
    identities: Vec<IdentityView>,
    /// Until when somebody answers who has just asked to be erased.
    erasure_due: Option<String>,
}

/// `GET /my-data/{key}`
pub async fn show(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(key): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    let Some((contact, identities)) = opened(&app, &key).await? else {
        return nowhere(&app, lang, &here, knocker);
    };
    let lang = wished.or(&contact, lang);
    filled(&app, &key, lang, &contact, identities, None).await
}

/// `POST /my-data/{key}/archive`
pub async fn download(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(key): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    allow(&app, &knocker)?;
    let Some((contact, _)) = opened(&app, &key).await? else {
        return nowhere(&app, lang, &here, knocker);
    };
    archive::hand_out(&app, contact.id, Accessor::Link, wished.or(&contact, lang)).await
}

/// `POST /my-data/{key}/erasure`
pub async fn ask_for_erasure(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    knocker: Knocker,
    Path(key): Path<String>,
    Query(wished): Query<Wished>,
) -> Result<Response, HttpError> {
    allow(&app, &knocker)?;
    // Sent again it is the same request.
    let asked = erasure_asked(&app.store, &app.clock, &hash_token(&key)).await?;
    let Some((request, (contact, identities))) = asked.zip(opened(&app, &key).await?) else {
        return nowhere(&app, lang, &here, knocker);
    };
    let lang = wished.or(&contact, lang);
    let due = lang.day(request.due_at);
    filled(&app, &key, lang, &contact, identities, Some(due)).await
}

/// Whose data a link opens; that it is handed out is written down first.
async fn opened(app: &AppState, key: &str) -> Result<Option<(Contact, Vec<KnownIdentity>)>, HttpError> {
    let found = find_own_data(&app.store, &app.clock, &hash_token(key)).await?;
    if let Some((contact, _)) = &found {
        let subject = Some(contact.id.to_string());
        access_audited(&app.store, &app.clock, Accessor::Link, Action::Read, "contact", subject).await?;
    }
    Ok(found)
}

async fn filled(
    app: &AppState,
    key: &str,
    lang: Lang,
    contact: &Contact,
    identities: Vec<KnownIdentity>,
    erasure_due: Option<String>,
) -> Result<Response, HttpError> {
    let here = format!("/my-data/{key}").parse::<Uri>().unwrap_or_default();
    let fields = app.store.list_contact_fields().await?;
    let mut controllers = app.store.list_controllers().await?;
    page(&AllDataPage {
        frame: Frame::new(lang, &here, controllers.pop().filter(|_| controllers.is_empty())),
        o: lang.own_data_texts(),
        base: here.path().to_owned(),
        facts: facts(lang, &fields, &contact.profile),
        identities: identities.into_iter().map(|it| identity(lang, app.config.home, it)).collect(),
        erasure_due,
    })
}
