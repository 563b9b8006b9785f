//! Signing in and out.
//!
//! The answer is the same, and takes as long, whether the account is unknown
//! or the password wrong. The check runs off the async threads, a few at a
//! time, so that no flood of guesses delays a call.

use std::sync::LazyLock;
use std::time::Duration;

use argon2::{Argon2, PasswordHasher, PasswordVerifier};
use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use url::form_urlencoded;

use super::second_factor::step_of;
use super::{Frame, page};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{
    ClientAddress, Form, FromQuery, Query, QueryReader, SESSION_COOKIE, cookie, hash_token, new_token,
};
use crate::http::language::{Lang, StaffTexts};
use crate::store::User;
use crate::store::sessions::NewSession;

const SESSION: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// How long a code is awaited after the password.
const HALF_SESSION: Duration = Duration::from_secs(10 * 60);
/// As much of a browser's name as is kept.
const BROWSER_MAX: usize = 200;
const AFTER: &str = "/console/";

#[derive(Template)]
#[template(path = "sign_in.html")]
pub(super) struct SignInPage {
    pub frame: Frame,
    pub email: String,
    pub next: String,
    /// Why it did not work.
    pub refused: Option<String>,
    /// What people call the company's identity provider, by which they may sign in as well.
    pub company: Option<String>,
}

fn company(app: &AppState) -> Option<String> {
    app.config.company.as_ref().map(|it| it.name().to_owned())
}

/// Where to go once signed in.
pub struct Asked {
    pub next: String,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { next: own_page(query.text("next")) }
    }
}

/// Only our own pages are gone to: a link must not use the sign-in to lead elsewhere.
pub(super) fn own_page(next: Option<String>) -> String {
    let own = |next: &String| next.starts_with("/console/") && !next.contains(['\\', '\r', '\n']);
    next.filter(own).unwrap_or_else(|| AFTER.to_owned())
}

/// `GET /console/sign-in`
pub async fn form(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let frame = Frame::new(lang, &here, None);
    page(&SignInPage { frame, email: String::new(), next: asked.next, refused: None, company: company(&app) })
}

/// What the form sends.
pub struct Fields {
    email: String,
    password: String,
    next: String,
}

impl FromQuery for Fields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        // No address holds a control character, and PostgreSQL fails on NUL.
        let email = form.text("email").unwrap_or_default().replace(char::is_control, "");
        Self {
            email: email.trim().to_lowercase(),
            password: form.text("password").unwrap_or_default(),
            next: own_page(form.text("next")),
        }
    }
}

/// `POST /console/sign-in`
pub async fn check(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Form(fields): Form<Fields>,
) -> Result<Response, HttpError> {
    let now = app.clock.now();
    app.tries
        .begin(from, &fields.email, now)
        .map_err(|retry_after| HttpError::TooManyTries { retry_after })?;

    let user = app.store.find_user_by_email(&fields.email).await?;
    let hash = user.as_ref().map(|user| user.password_hash.clone());
    let right = password_is_right(&app, fields.password, hash).await?;
    let Some(user) = user.filter(|_| right) else {
        let frame = Frame::new(lang, &here, None);
        let refused = Some(lang.texts().sign_in_refused.to_owned());
        let again = page(&SignInPage {
            frame,
            email: fields.email,
            next: fields.next,
            refused,
            company: company(&app),
        })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    };

    app.tries.passed(from, &fields.email);
    let half = user.totp.is_some();
    let cookie = begin(&app, &headers, user, half, None).await?;
    let next = if half { with_next("/console/sign-in/code", &fields.next) } else { fields.next };
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&next)).into_response())
}

/// Begins a session in the place of the one that the browser has; with `half`, a code was given in that one.
pub(super) async fn begin(
    app: &AppState,
    headers: &HeaderMap,
    user: User,
    awaits_code: bool,
    half: Option<String>,
) -> Result<HeaderValue, HttpError> {
    if half.is_none()
        && let Some(old) = cookie(headers, SESSION_COOKIE)
    {
        app.store.delete_session(&hash_token(old)).await?;
    }
    let (token, now) = (new_token(), app.clock.now());
    let lasts = if awaits_code { HALF_SESSION } else { SESSION };
    let browser = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let session = NewSession {
        token_hash: hash_token(&token),
        user,
        from: now,
        until: now + lasts,
        browser: browser.chars().take(BROWSER_MAX).collect(),
        awaits_code,
        half,
    };
    if !app.store.insert_session(session).await? {
        return Err(HttpError::SignedOut);
    }
    Ok(session_cookie(app, &token, lasts))
}

#[derive(Template)]
#[template(path = "sign_in_code.html")]
struct CodePage {
    frame: Frame,
    t: &'static StaffTexts,
    next: String,
    refused: bool,
}

/// `GET /console/sign-in/code`
pub async fn code_form(
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let frame = Frame::new(lang, &here, None);
    page(&CodePage { frame, t: lang.staff_texts(), next: asked.next, refused: false })
}

/// What the form of the code sends.
pub struct CodeFields {
    code: String,
    next: String,
}

impl FromQuery for CodeFields {
    fn read(form: &mut QueryReader<'_>) -> Self {
        Self { code: form.text("code").unwrap_or_default(), next: own_page(form.text("next")) }
    }
}

/// `POST /console/sign-in/code`: whose password was right a moment ago has the second factor, too.
pub async fn check_code(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    headers: HeaderMap,
    Form(fields): Form<CodeFields>,
) -> Result<Response, HttpError> {
    let now = app.clock.now();
    let token = cookie(&headers, SESSION_COOKIE).map(hash_token).unwrap_or_default();
    let user = app.store.find_half_session(&token, now).await?.ok_or(HttpError::SignedOut)?;
    // Counted for the account wherever the tries come from: there are but a million codes, and who tries has the password.
    let account = format!("code:{}", user.id);
    app.tries.begin(None, &account, now).map_err(|retry_after| HttpError::TooManyTries { retry_after })?;
    let step = user.totp.as_deref().and_then(|secret| step_of(secret, &fields.code, now));
    let id = user.id;
    let right = match step {
        Some(step) => app.store.write(move |tx| Box::pin(async move { tx.use_code(id, step).await })).await?,
        None => false,
    };
    if !right {
        let frame = Frame::new(lang, &here, None);
        let again = page(&CodePage { frame, t: lang.staff_texts(), next: fields.next, refused: true })?;
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response());
    }
    app.tries.passed(None, &account);
    let cookie = begin(&app, &headers, user, false, Some(token)).await?;
    Ok(([(SET_COOKIE, cookie)], Redirect::to(&fields.next)).into_response())
}

/// `POST /console/sign-out`
pub async fn leave(State(app): State<AppState>, headers: HeaderMap) -> Result<Response, HttpError> {
    if let Some(token) = cookie(&headers, SESSION_COOKIE) {
        app.store.delete_session(&hash_token(token)).await?;
    }
    let gone = session_cookie(&app, "", Duration::ZERO);
    Ok(([(SET_COOKIE, gone)], Redirect::to("/console/sign-in")).into_response())
}

/// The way of somebody who asked for `page` without being signed in.
pub fn redirect_to(page: &Uri) -> Response {
    let wanted = page.path_and_query().map_or(AFTER, |it| it.as_str());
    Redirect::to(&with_next("/console/sign-in", wanted)).into_response()
}

fn with_next(page: &str, next: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("next", next).finish();
    format!("{page}?{query}")
}

/// Takes as long without a hash as with one.
pub(super) async fn password_is_right(
    app: &AppState,
    password: String,
    hash: Option<String>,
) -> Result<bool, HttpError> {
    static NOBODYS: LazyLock<String> = LazyLock::new(|| hash_password("nobody's password"));
    let _turn = app.tries.checks.acquire().await.map_err(|_| HttpError::Internal)?;
    let known = hash.is_some();
    let check = tokio::task::spawn_blocking(move || {
        let hash = hash.unwrap_or_else(|| NOBODYS.clone());
        Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok()
    });
    let right = check.await.map_err(|_| HttpError::Internal)?;
    Ok(right && known)
}

/// The same off the async threads, a few at a time.
pub(in crate::http) async fn hash_off_thread(app: &AppState, password: String) -> Result<String, HttpError> {
    let _turn = app.tries.checks.acquire().await.map_err(|_| HttpError::Internal)?;
    tokio::task::spawn_blocking(move || hash_password(&password)).await.map_err(|_| HttpError::Internal)
}

/// The password as it is kept: argon2id, a PHC string.
pub fn hash_password(password: &str) -> String {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.expect("the default parameters are valid").to_string()
}

fn session_cookie(app: &AppState, token: &str, keep: Duration) -> HeaderValue {
    let secure = if app.config.public_url.scheme() == "https" { "; Secure" } else { "" };
    let keep = keep.as_secs();
    let text =
        format!("{SESSION_COOKIE}={token}; Path=/console; Max-Age={keep}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).expect("hex digits and fixed words make a header")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_in_leads_to_no_other_website() {
        let next = |text: &str| own_page(Some(text.to_owned()));

        assert_eq!(next("/console/calls/1?lang=fr"), "/console/calls/1?lang=fr");
        for foreign in
            ["https://evil.test/", "//evil.test/console/", "/console", "/\\evil.test", "/console/\r\nx"]
        {
            assert_eq!(next(foreign), AFTER, "{foreign}");
        }
    }
}
