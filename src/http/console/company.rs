//! Signing in by the company's identity provider: there, and back.
//!
//! Whoever comes back is let in as the user who has that e-mail address; nobody becomes a user by it. What ties the way
//! back to the way there stands in a cookie of that browser. The provider answers for a second factor.

use std::time::Duration;

use axum::extract::{OriginalUri, State};
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine};
use tracing::{error, warn};
use url::Url;

use super::sign_in::{Asked, SignInPage, begin, own_page};
use super::{Frame, page};
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{ClientAddress, FromQuery, Query, QueryReader, cookie, new_token};
use crate::http::language::Lang;
use crate::oidc::{Attempt, BadToken, Provider, Unknown};

const COOKIE: &str = "whence_company";
const BACK: &str = "/console/sign-in/company/callback";
/// How long somebody may take there.
const LASTS: Duration = Duration::from_secs(15 * 60);

/// `GET /console/sign-in/company`
pub async fn leave(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let provider = app.config.company.as_ref().ok_or(HttpError::NoRoute)?;
    let attempt = Attempt { state: new_token(), nonce: new_token(), verifier: new_token() };
    match provider.way_in(&attempt, &back(&app), app.clock.now()).await {
        Ok(way) => {
            let kept = kept(&app, &attempt, &asked.next);
            Ok(([(SET_COOKIE, kept)], Redirect::to(way.as_str())).into_response())
        }
        Err(why) => refused(&app, lang, &here, asked.next, provider, &why),
    }
}

/// What the provider sends back by the browser.
pub struct Answer {
    code: Option<String>,
    state: Option<String>,
    error: Option<String>,
}

impl FromQuery for Answer {
    fn read(query: &mut QueryReader<'_>) -> Self {
        let answer =
            Self { code: query.text("code"), state: query.text("state"), error: query.text("error") };
        // Providers say more than that.
        query.leave_rest();
        answer
    }
}

/// `GET /console/sign-in/company/callback`
pub async fn come_back(
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    ClientAddress(from): ClientAddress,
    headers: HeaderMap,
    Query(answer): Query<Answer>,
) -> Result<Response, HttpError> {
    let provider = app.config.company.as_ref().ok_or(HttpError::NoRoute)?;
    let t = lang.staff_texts();
    let now = app.clock.now();
    app.tries.begin(from, COOKIE, now).map_err(|retry_after| HttpError::TooManyTries { retry_after })?;
    let left = cookie(&headers, COOKIE).and_then(read);
    let Some((attempt, next)) = left.filter(|(attempt, _)| answer.state.as_ref() == Some(&attempt.state))
    else {
        return told(&app, lang, &here, own_page(None), provider, t.company_again.to_owned());
    };
    let Some(code) = answer.code.filter(|_| answer.error.is_none()) else {
        return told(&app, lang, &here, next, provider, lang.company_refuses(provider.name()));
    };
    let address = match provider.person(&code, &attempt, &back(&app), now).await {
        Ok(address) => address,
        Err(why) => return refused(&app, lang, &here, next, provider, &why),
    };
    let Some(user) = app.store.find_user_by_email(&address).await? else {
        return told(&app, lang, &here, next, provider, t.company_stranger.to_owned());
    };
    app.tries.passed(from, COOKIE);
    let session = begin(&app, &headers, user, false, None).await?;
    let mut answer = Redirect::to(&next).into_response();
    answer.headers_mut().append(SET_COOKIE, session);
    answer.headers_mut().append(SET_COOKIE, cookie_of(&app, "", Duration::ZERO));
    Ok(answer)
}

/// Why it did not work: to the log in full, to whoever signs in what they can do.
fn refused(
    app: &AppState,
    lang: Lang,
    here: &axum::http::Uri,
    next: String,
    provider: &Provider,
    why: &Unknown,
) -> Result<Response, HttpError> {
    let text = match why {
        Unknown::Token(BadToken::Unverified | BadToken::NoAddress) => {
            warn!(
                error = why as &dyn std::error::Error,
                "somebody could not sign in by the company's provider"
            );
            lang.company_no_address(provider.name())
        }
        Unknown::Token(_) => {
            warn!(
                error = why as &dyn std::error::Error,
                "somebody could not sign in by the company's provider"
            );
            lang.staff_texts().company_again.to_owned()
        }
        _ => {
            error!(error = why as &dyn std::error::Error, "the company's identity provider does not work");
            lang.company_away(provider.name())
        }
    };
    told(app, lang, here, next, provider, text)
}

fn told(
    app: &AppState,
    lang: Lang,
    here: &axum::http::Uri,
    next: String,
    provider: &Provider,
    text: String,
) -> Result<Response, HttpError> {
    // Nothing of the answer stays in the address of the page.
    let here = here.path().parse().unwrap_or_default();
    let again = page(&SignInPage {
        frame: Frame::new(lang, &here, None),
        email: String::new(),
        next,
        refused: Some(text),
        company: Some(provider.name().to_owned()),
    })?;
    let gone = cookie_of(app, "", Duration::ZERO);
    Ok((StatusCode::UNPROCESSABLE_ENTITY, [(SET_COOKIE, gone)], again).into_response())
}

fn back(app: &AppState) -> Url {
    app.config.public_url.join(BACK).expect("a path that is ours")
}

/// The attempt and the page that is wanted, as a cookie.
fn kept(app: &AppState, attempt: &Attempt, next: &str) -> HeaderValue {
    let Attempt { state, nonce, verifier } = attempt;
    let next = BASE64_URL_SAFE_NO_PAD.encode(next);
    cookie_of(app, &format!("{state}.{nonce}.{verifier}.{next}"), LASTS)
}

fn read(cookie: &str) -> Option<(Attempt, String)> {
    let mut parts = cookie.split('.').map(str::to_owned);
    let attempt = Attempt { state: parts.next()?, nonce: parts.next()?, verifier: parts.next()? };
    let next =
        BASE64_URL_SAFE_NO_PAD.decode(parts.next()?).ok().and_then(|next| String::from_utf8(next).ok());
    Some((attempt, own_page(next)))
}

fn cookie_of(app: &AppState, value: &str, lasts: Duration) -> HeaderValue {
    let secure = if app.config.public_url.scheme() == "https" { "; Secure" } else { "" };
    let text = format!(
        "{COOKIE}={value}; Path=/console/sign-in/company; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        lasts.as_secs()
    );
    HeaderValue::from_str(&text).expect("letters, digits and fixed words make a header")
}
