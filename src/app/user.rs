//! `whence user`: people who sign in to the console.

use std::io::{self, IsTerminal};

use super::plan::open;
use super::run::Failed;
use crate::cli::{User as Command, UserCreate, UserNamed};
use crate::clock::Clock;
use crate::domain::staff::{PASSWORD_MIN, Post, Role, is_address};
use crate::flows::{StaffError, user_made};
use crate::http::console::hash_password;
use crate::store::Store;

pub(super) async fn user(command: &Command) -> Result<(), Failed> {
    match command {
        Command::Create(args) => create(args).await,
        Command::ForgetSecondFactor(args) => forget_second_factor(args).await,
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
    let post = post(args)?;
    let store = open(&args.settings).await?;
    let made = make_user(&store, &Clock::system(), &args.email, password, post).await;
    store.close().await;
    made.map_err(|failure| match failure {
        StaffError::Store(failure) => Failed::tried(failure),
        told => Failed::Tried(told.to_string()),
    })
}

fn post(args: &UserCreate) -> Result<Post, Failed> {
    let role = args.role.parse().map_err(|_| {
        let roles: Vec<&str> = Role::ALL.iter().map(|it| it.as_str()).collect();
        Failed::Start(format!("{:?} is not a role; the roles are {}", args.role, roles.join(", ")))
    })?;
    let outlet = args.outlet.as_ref().map(|outlet| outlet.parse()).transpose();
    Ok(Post { role, outlet: outlet.map_err(Failed::start)? })
}

async fn forget_second_factor(args: &UserNamed) -> Result<(), Failed> {
    let store = open(&args.settings).await?;
    let email = args.email.trim().to_lowercase();
    let forgotten = async {
        let Some(user) = store.find_user_by_email(&email).await? else { return Ok(false) };
        store.write(move |tx| Box::pin(async move { tx.set_totp(user.id, None).await })).await?;
        Ok(true)
    };
    let forgotten: Result<bool, crate::store::StoreError> = forgotten.await;
    store.close().await;
    match forgotten.map_err(Failed::tried)? {
        true => Ok(()),
        false => Err(Failed::Tried("nobody signs in with that address".into())),
    }
}

pub(super) async fn make_user(
    store: &Store,
    clock: &Clock,
    email: &str,
    password: &str,
    post: Post,
) -> Result<(), StaffError> {
    // Sign-in compares in lower case.
    let email = email.trim().to_lowercase();
    user_made(store, clock, email, hash_password(password), post).await.map(|_| ())
}
