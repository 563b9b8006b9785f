//! What is known of a person, in one archive to hand them (RGPD art. 15 and 20): `index.html` to read, `data.json` for
//! programs, `recordings/` to hear.
//!
//! What the tables hold is packed before the first byte leaves, so that no query waits for who downloads; packed, it is
//! small. Sound goes through piece by piece. Nothing is written to disk, so nothing is left there.

mod pack;
mod page;

use std::collections::BTreeMap;
use std::error::Error;

use askama::Template;
use axum::body::Body;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream::{self, BoxStream};
use futures_util::{StreamExt, TryStreamExt};
use serde_json::{Map, Value, json};
use tracing::error;

use super::audio::find_sound;
use super::error::HttpError;
use super::language::Lang;
use super::{AppState, audio};
use crate::domain::calling::recording::{AccessKind, Accessor, RecordingRecord};
use crate::domain::ids::{ContactId, RecordingId};
use crate::domain::people::consent::Channel;
use crate::domain::people::contact::Contact;
use crate::domain::people::opposition::mark;
use crate::flows::{archive_made, recording_heard};
use crate::store::held::PARTS;
use crate::vault::{Reader, VaultError};
use pack::Pack;

/// What happens to the archive next.
enum Step {
    /// A file of this name begins.
    Begin(String),
    Write(Bytes),
    End,
}

/// What the tables told in passing that the page shows, too.
#[derive(Default)]
struct Seen {
    recordings: Vec<RecordingId>,
    /// Who asked for their data: how often, and when last.
    readers: BTreeMap<String, (u64, String)>,
}

/// The archive of a contact, in their language or in `browser`; who gets recordings stands with each.
pub async fn hand_out(
    app: &AppState,
    id: ContactId,
    who: Accessor,
    browser: Lang,
) -> Result<Response, HttpError> {
    let contact = app.store.find_contact(id).await?.ok_or(HttpError::NotFound("contact"))?;
    if contact.erased_at.is_some() {
        return Err(HttpError::Gone("the contact"));
    }
    if let Some(into) = contact.merged_into {
        return Err(HttpError::Merged(into));
    }
    let lang = contact.profile.language.as_deref().and_then(Lang::from_tag).unwrap_or(browser);

    let mut pack = Pack::new();
    pack.begin("data.json")?;
    let seen = write_data(app, &contact, &mut pack).await?;
    let (mut sounds, mut recordings) = (Vec::new(), Vec::new());
    for id in &seen.recordings {
        let Some(record) = app.store.find_recording(*id).await? else { continue };
        let sound = match find_sound(app, &record).await {
            Ok(sound) => Some(sound),
            Err(HttpError::Vault) => return Err(HttpError::Vault),
            Err(_) => None,
        };
        if sound.is_some() {
            recording_heard(&app.store, &app.clock, record.id, who, AccessKind::Downloaded).await?;
        }
        let file = sound.is_some().then(|| file(&record));
        recordings.push((record.clone(), file));
        sounds.extend(sound.map(|sound| (record, sound)));
    }
    let page = page::Page::of(app, lang, &contact, seen, recordings).await?;
    let page = page.render().map_err(|failure| {
        error!(error = &failure as &dyn Error, "the page of an archive could not be filled");
        HttpError::Internal
    })?;
    pack.begin("index.html")?;
    pack.write(page.as_bytes())?;

    archive_made(&app.store, &app.clock, id, who).await?;

    let steps = stream::iter(sounds).flat_map(|(record, sound)| steps(&record, sound));
    let steps = steps.chain(stream::iter([Ok(Step::End)]));
    let body = steps.map(move |step| {
        let packed = step.map_err(Box::<dyn Error + Send + Sync>::from).and_then(|step| Ok(pack.take(step)?));
        packed.inspect_err(|failure| error!(error = failure.as_ref() as &dyn Error, "an archive breaks off"))
    });
    let headers = [
        (CONTENT_TYPE, "application/zip".to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"contact-{id}.zip\"")),
    ];
    Ok((headers, Body::from_stream(body)).into_response())
}

/// Everything that is known, for programs: who answers for it, then table by table.
async fn write_data(app: &AppState, contact: &Contact, pack: &mut Pack) -> Result<Seen, HttpError> {
    let controllers = app.store.list_controllers().await?.into_iter().map(|it| {
        json!({"id": it.id, "name": it.name, "address": it.address, "email": it.email, "policy_url": it.policy_url})
    });
    let purposes = app.store.list_purposes().await?.into_iter();
    let purposes = purposes.map(|it| json!({"id": it.id, "name_en": it.name_en, "name_fr": it.name_fr}));
    let mut oppositions = Vec::new();
    for known in app.store.list_identities(contact.id).await? {
        let Some(mark) = mark(&known.identity) else { continue };
        for list in app.store.list_lists_with(&mark).await? {
            oppositions.push(json!({"list": list.id, "name": list.name, "channels": words(&list.channels)}));
        }
    }
    let head = json!({
        "contact": contact.id, "made_at": app.clock.now(), "controllers": controllers.collect::<Vec<_>>(),
        "purposes": purposes.collect::<Vec<_>>(), "oppositions": oppositions,
    });
    // The object goes on with the tables.
    pack.write(head.to_string().trim_end_matches('}').as_bytes())?;

    let mut seen = Seen::default();
    for part in PARTS {
        pack.write(format!(",\n\"{}\":[", part.table).as_bytes())?;
        let mut rows = std::pin::pin!(app.store.list_held(part, contact.id));
        let mut between = "\n";
        while let Some(row) = rows.try_next().await? {
            seen.row(part.table, &row);
            pack.write(between.as_bytes())?;
            pack.write(Value::Object(row).to_string().as_bytes())?;
            between = ",\n";
        }
        pack.write(b"]")?;
    }
    pack.write(b"}\n")?;
    Ok(seen)
}

impl Seen {
    fn row(&mut self, table: &str, row: &Map<String, Value>) {
        let text = |column: &str| row.get(column).and_then(Value::as_str).unwrap_or_default();
        match table {
            "recordings" => self.recordings.extend(text("id").parse::<RecordingId>()),
            "audit" => {
                let (times, last) = self.readers.entry(text("who").to_owned()).or_default();
                *times += 1;
                // Times of one form sort as they follow each other.
                if text("at") > last.as_str() {
                    text("at").clone_into(last);
                }
            }
            _ => {}
        }
    }
}

fn words(channels: &[Channel]) -> Vec<&'static str> {
    channels.iter().map(|channel| channel.as_str()).collect()
}

fn file(record: &RecordingRecord) -> String {
    format!("recordings/{}.{}", record.id, audio::ending(record.format))
}

fn steps(record: &RecordingRecord, sound: Reader) -> BoxStream<'static, Result<Step, VaultError>> {
    let length = sound.length();
    let begin = [Step::Begin(file(record)), Step::Write(audio::head(record, length))];
    stream::iter(begin.map(Ok)).chain(sound.bytes(0..length).map_ok(Step::Write)).boxed()
}
