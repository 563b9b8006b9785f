//! Who works at the console: added, given a role and a part of the network, taken out.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::parts::Moment;
use super::sign_in::hash_off_thread;
use super::{Frame, page};
use crate::domain::ids::{OutletId, UserId};
use crate::domain::staff::{PASSWORD_MIN, Post, Role, is_address};
use crate::flows::{StaffChange, StaffError, user_changed, user_made, user_removed};
use crate::http::AppState;
use crate::http::api::as_csv::users_table;
use crate::http::api::export::Reader;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Path, QueryReader, Session};
use crate::http::language::{Lang, StaffTexts};
use crate::store::User;

const HERE: &str = "/console/users";

/// A choice: its value, its text, whether it is chosen.
type Choice = (String, String, bool);

#[derive(Template)]
#[template(path = "users.html")]
struct UsersPage {
    frame: Frame,
    t: &'static StaffTexts,
    users: Vec<UserView>,
    roles: Vec<(&'static str, &'static str)>,
    form: PostForm,
    /// What was typed, where it could not be done.
    email: String,
    wrong: Option<String>,
    password_min: usize,
}

#[derive(Template)]
#[template(path = "user.html")]
struct UserPage {
    frame: Frame,
    t: &'static StaffTexts,
    user: UserView,
    form: PostForm,
    wrong: Option<String>,
    sessions: usize,
    password_min: usize,
}

struct UserView {
    id: UserId,
    email: String,
    role: &'static str,
    outlet: String,
    second_factor: bool,
    since: Moment,
    is_self: bool,
}

/// The choices of a post.
struct PostForm {
    roles: Vec<Choice>,
    outlets: Vec<Choice>,
}

impl PostForm {
    async fn of(app: &AppState, lang: Lang, post: &Post) -> Result<Self, HttpError> {
        let roles =
            Role::ALL.iter().map(|it| (it.as_str().to_owned(), lang.role(*it).to_owned(), *it == post.role));
        let outlets = app.store.list_outlets().await?;
        let outlets = outlets.into_iter().map(|it| {
            let is_chosen = post.outlet.as_ref() == Some(&it.id);
            (it.id.to_string(), it.name, is_chosen)
        });
        let whole = (String::new(), lang.staff_texts().whole.to_owned(), post.outlet.is_none());
        Ok(Self { roles: roles.collect(), outlets: [whole].into_iter().chain(outlets).collect() })
    }

    fn outlet(&self, outlet: Option<&OutletId>) -> String {
        let id = outlet.map(OutletId::as_str).unwrap_or_default();
        self.outlets
            .iter()
            .find(|(it, ..)| it == id)
            .map_or_else(|| id.to_owned(), |(_, name, _)| name.clone())
    }
}

fn view(lang: Lang, form: &PostForm, session: &Session, user: User) -> UserView {
    UserView {
        role: lang.role(user.post.role),
        outlet: form.outlet(user.post.outlet.as_ref()),
        second_factor: user.totp.is_some(),
        since: Moment::day(lang, user.created_at),
        is_self: user.id == session.user,
        email: user.email,
        id: user.id,
    }
}

/// `GET /console/users`
pub async fn list(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
) -> Result<Response, HttpError> {
    listed(&app, lang, &here, &session, (String::new(), Post::default()), None).await
}

/// `GET /console/users.csv`
pub async fn export(_: Session, State(app): State<AppState>, lang: Lang) -> Result<Response, HttpError> {
    users_table(&app, Reader::Spreadsheet(lang)).await
}

async fn listed(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    (email, post): (String, Post),
    wrong: Option<String>,
) -> Result<Response, HttpError> {
    let form = PostForm::of(app, lang, &post).await?;
    let users = app.store.list_users().await?;
    page(&UsersPage {
        t: lang.staff_texts(),
        users: users.into_iter().map(|user| view(lang, &form, session, user)).collect(),
        roles: Role::ALL.iter().map(|it| (lang.role(*it), lang.role_means(*it))).collect(),
        form,
        email,
        wrong,
        password_min: PASSWORD_MIN,
        frame: Frame::new(lang, here, Some(session)),
    })
}

pub struct NewUser {
    email: String,
    password: String,
    post: Post,
}

impl FromQuery for NewUser {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            email: query.text("email").unwrap_or_default().trim().to_lowercase(),
            password: query.text("password").unwrap_or_default(),
            post: post(query),
        }
    }
}

fn post(query: &mut QueryReader<'_>) -> Post {
    Post { role: query.value("role").unwrap_or_default(), outlet: query.value("outlet") }
}

/// `POST /console/users`
pub async fn make(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(new): Form<NewUser>,
) -> Result<Response, HttpError> {
    let t = lang.staff_texts();
    let filled = (new.email.clone(), new.post.clone());
    let wrong = if !is_address(&new.email) {
        Some(t.email_wrong.to_owned())
    } else if new.password.chars().count() < PASSWORD_MIN {
        Some(t.password_short.to_owned())
    } else {
        let hash = hash_off_thread(&app, new.password).await?;
        match user_made(&app.store, &app.clock, new.email, hash, new.post).await {
            Ok(_) => return Ok(Redirect::to(HERE).into_response()),
            Err(failure) => Some(told(lang, failure)?),
        }
    };
    let again = listed(&app, lang, &here, &session, filled, wrong).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// The failure in the reader's words, where they can do something about it.
fn told(lang: Lang, failure: StaffError) -> Result<String, HttpError> {
    let t = lang.staff_texts();
    match failure {
        StaffError::Taken => Ok(t.taken.to_owned()),
        StaffError::NoOutlet => Ok(t.no_outlet.to_owned()),
        StaffError::NeedsOutlet => Ok(t.needs_outlet.to_owned()),
        StaffError::LastHead => Ok(t.last_head.to_owned()),
        StaffError::NotFound => Err(HttpError::NotFound("user")),
        StaffError::Store(failure) => Err(failure.into()),
    }
}

/// `GET /console/users/{id}`
pub async fn one(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<UserId>,
) -> Result<Response, HttpError> {
    shown(&app, lang, &here, &session, id, None).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    id: UserId,
    wrong: Option<String>,
) -> Result<Response, HttpError> {
    let user = app.store.find_user(id).await?.ok_or(HttpError::NotFound("user"))?;
    let form = PostForm::of(app, lang, &user.post).await?;
    let is_wrong = wrong.is_some();
    let shown = page(&UserPage {
        t: lang.staff_texts(),
        user: view(lang, &form, session, user),
        form,
        wrong,
        sessions: app.store.list_sessions(id, app.clock.now()).await?.len(),
        password_min: PASSWORD_MIN,
        frame: Frame::new(lang, here, Some(session)),
    })?;
    let status = if is_wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok((status, shown).into_response())
}

pub struct PostQuery(Post);

impl FromQuery for PostQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self(post(query))
    }
}

/// `POST /console/users/{id}`: another role, another part of the network.
pub async fn change(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<UserId>,
    Form(PostQuery(post)): Form<PostQuery>,
) -> Result<Response, HttpError> {
    match user_changed(&app.store, id, StaffChange { post: Some(post), ..StaffChange::default() }).await {
        Ok(_) => Ok(back(id)),
        Err(failure) => {
            let why = told(lang, failure)?;
            shown(&app, lang, &here, &session, id, Some(why)).await
        }
    }
}

fn back(id: UserId) -> Response {
    Redirect::to(&format!("{HERE}/{id}")).into_response()
}

pub struct PasswordQuery {
    password: String,
}

impl FromQuery for PasswordQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { password: query.text("password").unwrap_or_default() }
    }
}

/// `POST /console/users/{id}/password`: another password; wherever they are signed in, they are out.
pub async fn set_password(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<UserId>,
    Form(asked): Form<PasswordQuery>,
) -> Result<Response, HttpError> {
    if session.user == id {
        return Ok(to_own());
    }
    if asked.password.chars().count() < PASSWORD_MIN {
        let why = lang.staff_texts().password_short.to_owned();
        return shown(&app, lang, &here, &session, id, Some(why)).await;
    }
    let hash = hash_off_thread(&app, asked.password).await?;
    change_of(&app, id, StaffChange { password_hash: Some(hash), ..StaffChange::default() }).await
}

/// `POST /console/users/{id}/second-factor/delete`: for who has lost their telephone.
pub async fn turn_off(
    session: Session,
    State(app): State<AppState>,
    Path(id): Path<UserId>,
) -> Result<Response, HttpError> {
    if session.user == id {
        return Ok(to_own());
    }
    change_of(&app, id, StaffChange { forgets_second_factor: true, ..StaffChange::default() }).await
}

async fn change_of(app: &AppState, id: UserId, change: StaffChange) -> Result<Response, HttpError> {
    match user_changed(&app.store, id, change).await {
        Ok(_) => Ok(back(id)),
        Err(StaffError::Store(failure)) => Err(failure.into()),
        Err(_) => Err(HttpError::NotFound("user")),
    }
}

/// One's own password is changed by who knows it.
fn to_own() -> Response {
    Redirect::to("/console/account").into_response()
}

pub struct Name {
    email: String,
}

impl FromQuery for Name {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { email: query.text("email").unwrap_or_default().trim().to_lowercase() }
    }
}

/// `POST /console/users/{id}/delete`: who does it types the address.
pub async fn delete(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Path(id): Path<UserId>,
    Form(asked): Form<Name>,
) -> Result<Response, HttpError> {
    let user = app.store.find_user(id).await?.ok_or(HttpError::NotFound("user"))?;
    if user.email != asked.email {
        let why = lang.staff_texts().name_wrong.to_owned();
        return shown(&app, lang, &here, &session, id, Some(why)).await;
    }
    match user_removed(&app.store, id).await {
        Ok(()) => Ok(Redirect::to(HERE).into_response()),
        Err(failure) => {
            let why = told(lang, failure)?;
            shown(&app, lang, &here, &session, id, Some(why)).await
        }
    }
}
