//! `index.html` of an archive: what is known of a person, in words that they understand (RGPD art. 12(1)). It stands for
//! itself: no script, nothing from elsewhere.

use askama::Template;

use super::Seen;
use crate::domain::calling::recording::RecordingRecord;
use crate::domain::people::contact::Contact;
use crate::domain::people::purpose::Controller;
use crate::http::AppState;
use crate::http::console::contact::{self, Fact, IdentityView};
use crate::http::console::timeline::{self, EntryView};
use crate::http::error::HttpError;
use crate::http::language::{EngagementTexts, Lang, PeopleTexts, RightsTexts, Texts};
use crate::http::story;
use crate::store::Window;
use crate::store::page::LIMIT_MAX;

#[derive(Template)]
#[template(path = "archive.html")]
pub struct Page {
    lang: Lang,
    t: &'static RightsTexts,
    texts: &'static Texts,
    people: &'static PeopleTexts,
    e: &'static EngagementTexts,
    name: String,
    made_at: String,
    controllers: Vec<Controller>,
    facts: Vec<Fact>,
    identities: Vec<IdentityView>,
    consents: Vec<ConsentLine>,
    recordings: Vec<Recording>,
    entries: Vec<EntryView>,
    readers: Vec<Reader>,
}

struct ConsentLine {
    at: String,
    what: String,
    status: &'static str,
    how: &'static str,
    text: Option<String>,
}

struct Recording {
    at: String,
    purpose: String,
    /// Where it lies in the archive; `None`: it does not.
    file: Option<String>,
}

/// Somebody who asked for their data.
struct Reader {
    who: String,
    times: u64,
    last: String,
}

impl Page {
    pub async fn of(
        app: &AppState,
        lang: Lang,
        contact: &Contact,
        seen: Seen,
        recordings: Vec<(RecordingRecord, Option<String>)>,
    ) -> Result<Self, HttpError> {
        let home = app.config.home;
        let t = lang.rights_texts();
        let mut window = Some(Window::first(LIMIT_MAX));
        let (mut entries, mut identities) = (Vec::new(), Vec::new());
        while let Some(part) = window {
            let Some(story) = story::find_contact(&app.store, contact.id, &part).await? else { break };
            identities = story.identities;
            entries.extend(story.entries.into_iter().map(|it| timeline::entry(lang, home, it)));
            window = story.next.map(|next| Window { after: Some(next), limit: LIMIT_MAX });
        }
        let controllers = app.store.list_controllers().await?;
        let purposes = app.store.list_purposes().await?;
        let lines = app.store.list_consents_known(contact.id, app.clock.now()).await?;
        let consents = lines.into_iter().map(|line| {
            let purpose = purposes.iter().find(|it| it.id == line.matter.purpose);
            let purpose = purpose.map_or(line.matter.purpose.as_str(), |it| lang.purpose(it));
            let controller = controllers.iter().find(|it| it.id == line.matter.controller);
            let controller = controller.map_or(line.matter.controller.as_str(), |it| &it.name);
            ConsentLine {
                at: lang.moment(line.at),
                what: format!("{} · {purpose} · {controller}", lang.consent_channel(line.matter.channel)),
                status: lang.consent_status(line.status),
                how: lang.consent_method(line.method),
                text: line.text,
            }
        });
        let recordings = recordings.into_iter().map(|(record, file)| Recording {
            at: lang.moment(record.began_at),
            purpose: record.purpose,
            file,
        });
        let readers = seen.readers.into_iter().map(|(who, (times, last))| Reader {
            who: match who.as_str() {
                "employee" => t.employees.to_owned(),
                "link" => lang.own_data_texts().by_themselves.to_owned(),
                _ => who,
            },
            times,
            last: last.parse().map(|at| lang.moment(at)).unwrap_or(last),
        });
        let fields = app.store.list_contact_fields().await?;
        Ok(Self {
            lang,
            t,
            texts: lang.texts(),
            people: lang.people_texts(),
            e: lang.engagement_texts(),
            name: contact::shown_name(&contact.profile, &identities, home, lang.texts()),
            made_at: lang.moment(app.clock.now()),
            facts: contact::facts(lang, &fields, &contact.profile),
            identities: identities.into_iter().map(|known| contact::identity(lang, home, known)).collect(),
            consents: consents.collect(),
            recordings: recordings.collect(),
            readers: readers.collect(),
            controllers,
            entries,
        })
    }
}
