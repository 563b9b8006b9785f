//! `whence user`: people who sign in to the console.

use std::io::{self, IsTerminal};

use super::plan::open;
use super::run::Failed;
use crate::cli::{User as Command, UserCreate};
use crate::clock::Clock;
use crate::domain::ids::UserId;
use crate::http::console::hash_password;
use crate::store::{Store, StoreError, User};

/// Shorter passwords are guessed (ANSSI, recommendations on authentication, 2021: 12 for a rate-limited sign-in).
const PASSWORD_MIN: usize = 12;

pub(super) async fn user(command: &Command) -> Result<(), Failed> {
    match command {
        Command::Create(args) => create(args).await,
    }
}

async fn create(args: &UserCreate) -> Result<(), Failed> {
    if !is_address(args.email.trim()) {
        return Err(Failed::Start(format!("{:?} is not an e-mail address", args.email)));
    }
    if io::stdin().is_terminal() {
        eprintln!("Password (it is shown as you type):");
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(Failed::tried)?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.chars().count() < PASSWORD_MIN {
        return Err(Failed::Start(format!("a password has at least {PASSWORD_MIN} characters")));
    }
    let store = open(&args.settings).await?;
    let made = make_user(&store, &Clock::system(), &args.email, password).await;
    store.close().await;
    match made {
        Ok(()) => Ok(()),
        Err(StoreError::Conflict) => Err(Failed::Tried("somebody signs in with that address already".into())),
        Err(failure) => Err(Failed::tried(failure)),
    }
}

/// Something on both sides of one `@`; more is for the mail server to know.
fn is_address(text: &str) -> bool {
    let parts: Vec<&str> = text.split('@').collect();
    matches!(parts[..], [name, place] if !name.is_empty() && !place.is_empty())
        && !text.contains(char::is_whitespace)
}

pub(super) async fn make_user(
    store: &Store,
    clock: &Clock,
    email: &str,
    password: &str,
) -> Result<(), StoreError> {
    let user = User {
        id: UserId(clock.new_id()),
        // Sign-in compares in lower case.
        email: email.trim().to_lowercase(),
        password_hash: hash_password(password),
        created_at: clock.now(),
    };
    store.insert_user(user).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_something_on_both_sides_of_one_at() {
        assert!(is_address("ada@example.org") && is_address("ada@localhost"));
        for text in ["", "ada", "@example.org", "ada@", "ada@b@c", "ada l@example.org"] {
            assert!(!is_address(text), "{text}");
        }
    }
}
