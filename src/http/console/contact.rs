//! One person: what is known of them, what they are known by, whom they turned
//! out to be, and everything they did.

use std::iter;

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Redirect, Response};

use super::consents::Panel;
use super::parts::{self, Moment};
use super::reach::{self, Reach};
use super::tasks::RowView;
use super::timeline::{EntryView, entry};
use super::{Frame, page, requests, with_query};
use crate::domain::calling::recording::Accessor;
use crate::domain::ids::{ContactId, MergeId};
use crate::domain::people::casing;
use crate::domain::people::contact::{Identity, KnownIdentity};
use crate::domain::people::engagement::Acts;
use crate::domain::people::field::{Field, Value};
use crate::domain::people::merge::Merge;
use crate::domain::people::profile::Profile;
use crate::domain::people::quality::{Kept, Place, label};
use crate::domain::people::unread::Unread;
use crate::domain::phone::Country;
use crate::flows::merge_undone;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{FromQuery, Path, Query, QueryReader, Session};
use crate::http::language::{EngagementTexts, Lang, PeopleTexts, ReachTexts, TaskTexts, Texts};
use crate::http::story;
use crate::store::Window;
use crate::store::merges::Moved;

const ENTRIES: u32 = 50;
const MERGES: u32 = 20;

pub struct Asked {
    cursor: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { cursor: query.text("cursor") }
    }
}

#[derive(Template)]
#[template(path = "contact.html")]
struct ContactPage {
    frame: Frame,
    id: ContactId,
    t: &'static PeopleTexts,
    rights: requests::Panel,
    name: String,
    since: Moment,
    /// Where their load is.
    pressure: String,
    e: &'static EngagementTexts,
    /// What is known: what it is, and the lines that say it.
    facts: Vec<Fact>,
    /// What they did of their own accord: the first and the last of it.
    acts: Option<(Moment, Moment)>,
    purchases: Vec<String>,
    /// What they are as a client, and the scores that say it.
    client: Option<(&'static str, String)>,
    task_t: &'static TaskTexts,
    /// What is to be done for them.
    tasks: Vec<RowView>,
    reach_t: &'static ReachTexts,
    reach: Vec<Reach>,
    merges: Vec<MergeView>,
    consents: Panel,
    identities: Vec<IdentityView>,
    /// What is suspicious, where, since when, and who wrote it.
    marks: Vec<MarkView>,
    entries: Vec<EntryView>,
    older: Option<String>,
}

pub struct Fact {
    pub what: String,
    pub lines: Vec<String>,
    /// Of an address that letters come back from.
    returned: Option<Moment>,
}

pub struct IdentityView {
    pub kind: &'static str,
    pub value: String,
    /// Nobody has shown it, the visitor has merely said so.
    pub unchecked: bool,
    pub verified: bool,
    pub bounced: Option<Moment>,
    pub last_seen: Moment,
}

struct MarkView {
    what: &'static str,
    /// Whose: a name, an address, an identity as people write it.
    place: String,
    meant: Option<String>,
    /// It cannot be read, and may be put right; whether as a number or an address.
    unread: Option<(Unread, bool)>,
    source: String,
    since: Moment,
}

struct MergeView {
    id: MergeId,
    at: Moment,
    why: &'static str,
    /// How it was said, and what brought them together.
    by: &'static str,
    identity: Option<String>,
    moved: String,
    /// What it is about, and what the other said.
    conflicts: Vec<(String, String)>,
    undone: Option<Moment>,
}

/// `GET /console/contacts/{id}`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<ContactId>,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let window = Window { after: asked.cursor, limit: ENTRIES };
    let story = story::find_contact(&app.store, id, &window).await?.ok_or(HttpError::NotFound("contact"))?;
    if story.contact.erased_at.is_some() {
        return Err(HttpError::Gone("the contact"));
    }
    if let Some(into) = story.contact.merged_into {
        return Ok(Redirect::to(&format!("/console/contacts/{into}")).into_response());
    }
    let home = app.config.home;
    let t = lang.texts();
    let fields = app.store.list_contact_fields().await?;
    let mut merges = Vec::new();
    for merge in app.store.list_merges(Some(id), &Window::first(MERGES)).await?.items {
        let moved = app.store.find_moved(merge.id).await?;
        merges.push(MergeView::new(lang, home, &fields, merge, moved));
    }

    let kept = app.store.list_marks(&[id]).await?.into_iter();
    let marks =
        kept.map(|(_, kept)| MarkView::new(lang, (home, &fields), &story.contact.profile, kept)).collect();
    page(&ContactPage {
        id,
        t: lang.people_texts(),
        rights: requests::Panel::of(&app, lang, id).await?,
        e: lang.engagement_texts(),
        acts: span(lang, &story.acts),
        purchases: purchases(lang, &story.acts),
        client: app.store.find_rfm(id).await?.map(|rfm| (lang.rfm_class(rfm.class), lang.rfm_scores(&rfm))),
        task_t: lang.task_texts(),
        tasks: RowView::of(&app, lang, id).await?,
        reach_t: lang.reach_texts(),
        reach: reach::of(&app, lang, id).await?,
        facts: facts(lang, &fields, &story.contact.profile),
        marks,
        merges,
        consents: Panel::of(&app, lang, id).await?,
        name: shown_name(&story.contact.profile, &story.identities, home, t),
        since: Moment::day(lang, story.contact.created_at),
        pressure: format!("/console/contacts/{id}/pressure"),
        identities: story.identities.into_iter().map(|known| identity(lang, home, known)).collect(),
        entries: story.entries.into_iter().map(|happened| entry(lang, home, happened)).collect(),
        older: story.next.map(|next| with_query(&here, "cursor", Some(&next))),
        frame: Frame::new(lang, &here, Some(&session)),
    })
}

/// `POST /console/merges/{id}/undo`
pub async fn undo(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<MergeId>,
) -> Result<Response, HttpError> {
    let merge = merge_undone(&app.store, &app.clock, id, Accessor::User(session.user)).await?;
    Ok(Redirect::to(&format!("/console/contacts/{}", merge.into)).into_response())
}

/// What is known, laid out; what is not is left out.
pub fn facts(lang: Lang, fields: &[Field], profile: &Profile) -> Vec<Fact> {
    let t = lang.people_texts();
    let texts = [
        (t.given_name, &profile.given_name),
        (t.family_name, &profile.family_name),
        (t.name, &profile.name),
        (t.language, &profile.language),
    ];
    let fact = |what: &str, lines| Fact { what: what.to_owned(), lines, returned: None };
    let texts = texts.into_iter().filter_map(|(what, text)| Some(fact(what, vec![text.clone()?])));
    let recipient = profile.full_name().unwrap_or_default();
    let addresses = profile.addresses.iter().flat_map(|address| {
        let what = lang.address_kind(address.kind);
        let mut lines = address.lines();
        lines.push(address.country.to_string());
        let label = label::is_french(address).then(|| {
            let what = format!("{what}, {}", lang.quality_texts().label);
            fact(&what, label::label(&recipient, address).lines)
        });
        let returned = address.returned_at.map(|at| Moment::day(lang, at));
        iter::once(Fact { returned, ..fact(what, lines) }).chain(label)
    });
    let fields = profile
        .fields
        .iter()
        .map(|(id, value)| fact(&field_name(fields, id.as_str()), vec![told(lang, value)]));
    texts.chain(addresses).chain(fields).collect()
}

fn span(lang: Lang, acts: &Acts) -> Option<(Moment, Moment)> {
    Some((Moment::day(lang, acts.first_at?), Moment::day(lang, acts.last_at?)))
}

fn purchases(lang: Lang, acts: &Acts) -> Vec<String> {
    acts.purchases.iter().map(|it| format!("{} ({})", lang.bought_for(it.total), it.count)).collect()
}

/// What the plan calls a field; one that left the plan has its id.
fn field_name(fields: &[Field], id: &str) -> String {
    fields.iter().find(|field| field.id.as_str() == id).map_or(id, |field| &field.name).to_owned()
}

fn told(lang: Lang, value: &Value) -> String {
    match value {
        Value::Flag(flag) => lang.yes_or_no(*flag).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Text(text) => text.clone(),
    }
}

/// What a part of a profile is called.
fn part_name(lang: Lang, fields: &[Field], part: &str) -> String {
    let (t, p) = (lang.texts(), lang.people_texts());
    match part {
        "name" => p.name.to_owned(),
        "given_name" => p.given_name.to_owned(),
        "family_name" => p.family_name.to_owned(),
        "language" => p.language.to_owned(),
        "phone" => t.phone.to_owned(),
        "email" => t.email.to_owned(),
        _ if part.starts_with("customer") => t.customer.to_owned(),
        _ if part.contains("address") => lang.quality_texts().address.to_owned(),
        field => field_name(fields, field.trim_start_matches("fields.")),
    }
}

impl MarkView {
    fn new(
        lang: Lang,
        (home, fields): (Country, &[Field]),
        profile: &Profile,
        Kept { mark, since, source }: Kept,
    ) -> Self {
        let t = lang.people_texts();
        let unread = match &mark.place {
            Place::Unread(unread) => Some((unread.clone(), ["phone", "email"].contains(&&*unread.part))),
            _ => None,
        };
        let place = match mark.place {
            Place::Name => t.name.to_owned(),
            Place::GivenName => t.given_name.to_owned(),
            Place::FamilyName => t.family_name.to_owned(),
            Place::Address(n) => {
                profile.addresses.get(n).map_or("", |address| lang.address_kind(address.kind)).to_owned()
            }
            Place::Identity { value, .. } => {
                value.parse().map(|number| parts::phone(&number, home)).unwrap_or(value)
            }
            Place::Unread(Unread { part, value }) => format!("{} {value}", part_name(lang, fields, &part)),
        };
        Self {
            what: lang.mark(mark.code),
            place,
            meant: mark.suggestion,
            unread,
            source: lang.mark_source(&source),
            since: Moment::day(lang, since),
        }
    }
}

impl MergeView {
    fn new(lang: Lang, home: Country, fields: &[Field], merge: Merge, moved: Moved) -> Self {
        Self {
            id: merge.id,
            at: Moment::day_and_time(lang, merge.at),
            why: lang.merge_why(merge.why),
            by: lang.qualified_by(&merge.by),
            identity: merge.identity.map(|identity| written(lang, home, &identity).1),
            moved: lang.carried_over(moved.identities.len(), moved.calls),
            conflicts: merge
                .conflicts
                .iter()
                .map(|it| (part_name(lang, fields, &it.part), told(lang, &it.other)))
                .collect(),
            undone: merge.undone.map(|undone| Moment::day_and_time(lang, undone.at)),
        }
    }
}

/// Who has no name is called by their number.
pub fn shown_name(profile: &Profile, identities: &[KnownIdentity], home: Country, t: &Texts) -> String {
    if let Some(name) = profile.full_name() {
        return casing::display(&name);
    }
    let numbers = identities.iter().filter_map(|known| match &known.identity {
        Identity::Phone(number) => Some(parts::phone(number, home)),
        Identity::Visitor(_) | Identity::Email(_) | Identity::Customer(_) => None,
    });
    numbers.into_iter().next().unwrap_or_else(|| t.unnamed.to_owned())
}

pub fn identity(lang: Lang, home: Country, known: KnownIdentity) -> IdentityView {
    let (kind, value) = written(lang, home, &known.identity);
    let verified = known.verified_at.is_some();
    let unchecked = !known.ground.seen && !known.ground.written && !verified;
    IdentityView {
        kind,
        value,
        unchecked,
        verified,
        bounced: known.bounced_at.map(|at| Moment::day(lang, at)),
        last_seen: Moment::day_and_time(lang, known.last_seen_at),
    }
}

/// What it is, and as people write it.
pub(super) fn written(lang: Lang, home: Country, identity: &Identity) -> (&'static str, String) {
    let t = lang.texts();
    match identity {
        Identity::Phone(number) => (t.phone, parts::phone(number, home)),
        Identity::Visitor(visitor) => (t.visitor, visitor.to_string()),
        Identity::Email(email) => (t.email, email.reveal().to_owned()),
        Identity::Customer(customer) => (t.customer, customer.reveal().to_owned()),
    }
}
