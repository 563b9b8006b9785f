//! Everybody's own account: the password, the second factor, and where they are signed in.

use askama::Template;
use axum::extract::{OriginalUri, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use super::parts::Moment;
use super::second_factor::{address, new_secret, spelled, step_of};
use super::sign_in::{hash_off_thread, password_is_right};
use super::{Frame, page};
use crate::domain::staff::PASSWORD_MIN;
use crate::http::AppState;
use crate::http::error::HttpError;
use crate::http::extract::{Form, FromQuery, Query, QueryReader, Session};
use crate::http::language::{Lang, StaffTexts};
use crate::store::sessions::Ended;

const HERE: &str = "/console/account";

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage {
    frame: Frame,
    t: &'static StaffTexts,
    email: String,
    role: &'static str,
    told: Option<&'static str>,
    wrong: Option<&'static str>,
    password_min: usize,
    has_second_factor: bool,
    /// A secret to be: as it is, as people type it, and as a picture.
    offered: Option<(String, String, String)>,
    sessions: Vec<SessionView>,
}

struct SessionView {
    id: String,
    browser: String,
    from: Moment,
    until: Moment,
    is_this: bool,
}

pub struct Asked {
    wants_second_factor: bool,
    done: Option<String>,
}

impl FromQuery for Asked {
    fn read(query: &mut QueryReader<'_>) -> Self {
        query.text("lang");
        Self { wants_second_factor: query.text("second-factor").is_some(), done: query.text("done") }
    }
}

/// `GET /console/account`
pub async fn show(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Query(asked): Query<Asked>,
) -> Result<Response, HttpError> {
    let t = lang.staff_texts();
    let told = asked.done.as_deref().and_then(|done| match done {
        "password" => Some(t.password_changed),
        "second-factor" => Some(t.second_factor_on),
        "sessions" => Some(t.sessions_ended),
        _ => None,
    });
    let offered = asked.wants_second_factor.then(new_secret);
    shown(&app, lang, &here, &session, (told, None), offered).await
}

async fn shown(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    (told, wrong): (Option<&'static str>, Option<&'static str>),
    offered: Option<String>,
) -> Result<Response, HttpError> {
    let user = app.store.find_user(session.user).await?.ok_or(HttpError::SignedOut)?;
    let sessions = app.store.list_sessions(session.user, app.clock.now()).await?;
    let t = lang.staff_texts();
    page(&AccountPage {
        t,
        email: session.email.clone(),
        role: lang.role(session.post.role),
        told,
        wrong,
        password_min: PASSWORD_MIN,
        has_second_factor: user.totp.is_some(),
        offered: offered.map(|secret| {
            let picture = picture(&address(&secret, &session.email));
            let typed = spelled(&secret);
            (secret, typed, picture)
        }),
        sessions: sessions
            .into_iter()
            .map(|row| SessionView {
                browser: browser_name(&row.browser).unwrap_or_else(|| t.unknown_browser.to_owned()),
                from: Moment::day_and_time(lang, row.from),
                until: Moment::day_and_time(lang, row.until),
                is_this: row.token_hash == session.token_hash,
                id: row.token_hash,
            })
            .collect(),
        frame: Frame::new(lang, here, Some(session)),
    })
}

/// What people call the browser that calls itself so, and what it runs on; `None`: it did not say.
fn browser_name(told: &str) -> Option<String> {
    // The later ones call themselves by the names of the earlier, too.
    const BROWSERS: [(&str, &str); 6] = [
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("FxiOS/", "Firefox"),
        ("Chrom", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "macOS"),
        ("Linux", "Linux"),
    ];
    let known = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| told.contains(mark)).map(|(_, name)| *name)
    };
    match (known(&BROWSERS), known(&SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} · {system}")),
        (Some(name), None) => Some(name.to_owned()),
        _ => Some(told.to_owned()).filter(|told| !told.is_empty()),
    }
}

/// A QR code as a picture in the page; empty where the text is too long for one.
fn picture(text: &str) -> String {
    QrCode::with_error_correction_level(text, EcLevel::M)
        .map(|code| code.render::<svg::Color<'_>>().min_dimensions(200, 200).build())
        .map(|picture| picture.split_once("?>").map_or(picture.clone(), |(_, svg)| svg.to_owned()))
        .unwrap_or_default()
}

pub struct NewPassword {
    current: String,
    new: String,
}

impl FromQuery for NewPassword {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            current: query.text("current").unwrap_or_default(),
            new: query.text("new").unwrap_or_default(),
        }
    }
}

/// `POST /console/account/password`
pub async fn set_password(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(asked): Form<NewPassword>,
) -> Result<Response, HttpError> {
    let t = lang.staff_texts();
    if asked.new.chars().count() < PASSWORD_MIN {
        return refused(&app, lang, &here, &session, t.password_short, None).await;
    }
    if !knows_password(&app, &session, asked.current).await? {
        return refused(&app, lang, &here, &session, t.password_wrong, None).await;
    }
    let hash = hash_off_thread(&app, asked.new).await?;
    let (user, this) = (session.user, session.token_hash);
    app.store
        .write(move |tx| {
            let (hash, this) = (hash.clone(), this.clone());
            Box::pin(async move { tx.set_password(user, &hash, Some(&this)).await })
        })
        .await?;
    Ok(Redirect::to(&format!("{HERE}?done=password")).into_response())
}

async fn refused(
    app: &AppState,
    lang: Lang,
    here: &Uri,
    session: &Session,
    why: &'static str,
    offered: Option<String>,
) -> Result<Response, HttpError> {
    let again = shown(app, lang, here, session, (None, Some(why)), offered).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, again).into_response())
}

/// Guesses are counted as those at the sign-in are.
async fn knows_password(app: &AppState, session: &Session, password: String) -> Result<bool, HttpError> {
    let account = format!("account:{}", session.user);
    app.tries
        .begin(None, &account, app.clock.now())
        .map_err(|retry_after| HttpError::TooManyTries { retry_after })?;
    let hash = app.store.find_user(session.user).await?.map(|user| user.password_hash);
    let knows = password_is_right(app, password, hash).await?;
    if knows {
        app.tries.passed(None, &account);
    }
    Ok(knows)
}

pub struct NewSecondFactor {
    secret: String,
    code: String,
    current: String,
}

impl FromQuery for NewSecondFactor {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self {
            secret: query.text("secret").unwrap_or_default(),
            code: query.text("code").unwrap_or_default(),
            current: query.text("current").unwrap_or_default(),
        }
    }
}

/// `POST /console/account/second-factor`: on from now on, if the code shows that an app has the secret.
pub async fn turn_on(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(asked): Form<NewSecondFactor>,
) -> Result<Response, HttpError> {
    let NewSecondFactor { secret, code, current } = asked;
    if !knows_password(&app, &session, current).await? {
        let offered = Some(secret).filter(|secret| secret.len() == new_secret().len());
        return refused(&app, lang, &here, &session, lang.staff_texts().password_wrong, offered).await;
    }
    let Some(step) = step_of(&secret, &code, app.clock.now()) else {
        let offered = Some(secret).filter(|secret| secret.len() == new_secret().len());
        return refused(&app, lang, &here, &session, lang.staff_texts().code_wrong, offered).await;
    };
    let (user, this) = (session.user, session.token_hash);
    app.store
        .write(move |tx| {
            let (secret, this) = (secret.clone(), this.clone());
            Box::pin(async move {
                tx.set_totp(user, Some(&secret)).await?;
                // Whoever is in by the password alone is out.
                tx.delete_sessions(user, Some(&this)).await?;
                tx.use_code(user, step).await
            })
        })
        .await?;
    Ok(Redirect::to(&format!("{HERE}?done=second-factor")).into_response())
}

pub struct Current {
    current: String,
}

impl FromQuery for Current {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { current: query.text("current").unwrap_or_default() }
    }
}

/// `POST /console/account/second-factor/delete`
pub async fn turn_off(
    session: Session,
    State(app): State<AppState>,
    lang: Lang,
    OriginalUri(here): OriginalUri,
    Form(asked): Form<Current>,
) -> Result<Response, HttpError> {
    if !knows_password(&app, &session, asked.current).await? {
        return refused(&app, lang, &here, &session, lang.staff_texts().password_wrong, None).await;
    }
    let user = session.user;
    app.store.write(move |tx| Box::pin(async move { tx.set_totp(user, None).await })).await?;
    Ok(Redirect::to(HERE).into_response())
}

pub struct EndedQuery {
    session: Option<String>,
}

impl FromQuery for EndedQuery {
    fn read(query: &mut QueryReader<'_>) -> Self {
        Self { session: query.text("session") }
    }
}

/// `POST /console/account/sessions/end`: in one browser, or in all others.
pub async fn end_sessions(
    session: Session,
    State(app): State<AppState>,
    Form(asked): Form<EndedQuery>,
) -> Result<Response, HttpError> {
    let ended = asked.session.map_or(Ended::AllBut(Some(session.token_hash)), Ended::One);
    app.store.end_sessions(session.user, ended).await?;
    Ok(Redirect::to(&format!("{HERE}?done=sessions")).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_called_as_people_call_it() {
        for (told, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 \
                 Safari/537.36 Edg/156.0.0.0",
                Some("Edge · Windows"),
            ),
            (
                "Mozilla/5.0 (X11; Linux x86_64; rv:147.0) Gecko/20100101 Firefox/147.0",
                Some("Firefox · Linux"),
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 26_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) \
                 Version/26.1 Mobile/15E148 Safari/604.1",
                Some("Safari · iPhone"),
            ),
            ("Lynx 2", Some("Lynx 2")),
            ("", None),
        ] {
            assert_eq!(browser_name(told).as_deref(), name, "{told}");
        }
    }
}
