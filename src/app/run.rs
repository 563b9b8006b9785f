//! From the command line to a command, and from its end to an exit code.
//!
//! 0: done. 1: it was tried and did not work. 2: it could not be begun, because
//! of the settings, the database or the arguments.

use std::error::Error;
use std::process::ExitCode;

use super::{
    audit, calls, check_config, contacts, demo, dial, erasures, key, mail, oppositions, plan, pool, prompt,
    reports, retention, serve, strangers, user, vault,
};
use crate::cli::{Cli, Command, Settings};
use crate::config::Config;

/// Why a command ended early: what is printed, and the exit code.
pub(super) enum Failed {
    /// It was tried and did not work.
    Tried(String),
    /// It could not be begun.
    Start(String),
}

impl Failed {
    pub fn start(error: impl Error) -> Self {
        Failed::Start(with_causes(&error))
    }

    /// What is printed.
    pub fn text(self) -> String {
        match self {
            Failed::Tried(text) | Failed::Start(text) => text,
        }
    }

    pub fn tried(error: impl Error) -> Self {
        Failed::Tried(with_causes(&error))
    }
}

/// Runs what the arguments ask for.
pub fn run(cli: Cli) -> ExitCode {
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(failure) => return report(Failed::start(failure)),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(settings) => serve::serve(&settings).await,
            Command::Demo(args) => demo::demo(&args).await,
            Command::Calls(args) => calls::calls(&args).await,
            Command::HangUp(args) => calls::hang_up(&args).await,
            Command::Strangers(args) => strangers::strangers(&args).await,
            Command::Reload(args) => calls::reload(&args).await,
            Command::Dial(args) => dial::dial(&args).await,
            Command::Plan(command) => plan::plan(&command).await,
            Command::Pool(command) => pool::pool(&command).await,
            Command::Prompt(command) => prompt::prompt(&command).await,
            Command::Contacts(command) => contacts::contacts(&command).await,
            Command::Oppositions(command) => oppositions::oppositions(&command).await,
            Command::Key(command) => key::key(&command).await,
            Command::User(command) => user::user(&command).await,
            Command::Vault(command) => vault::vault(&command).await,
            Command::Reports(command) => reports::reports(&command).await,
            Command::Audit(command) => audit::audit(&command).await,
            Command::Erasures(command) => erasures::erasures(&command).await,
            Command::Retention(args) => retention::retention(&args).await,
            Command::Mail(command) => mail::mail(&command).await,
            Command::CheckConfig(settings) => check_config::check_config(&settings),
        }
    });
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => report(failed),
    }
}

fn report(failed: Failed) -> ExitCode {
    let (text, code) = match failed {
        Failed::Tried(text) => (text, 1),
        Failed::Start(text) => (text, 2),
    };
    eprintln!("whence: {text}");
    ExitCode::from(code)
}

/// An error with everything that led to it, as one sentence.
pub(super) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !text.ends_with(&words) {
            text = format!("{text}: {words}");
        }
        cause = deeper.source();
    }
    text
}

/// The settings that a command was pointed to.
pub(super) fn settings(settings: &Settings) -> Result<Config, Failed> {
    Config::load(settings.config.as_deref(), std::env::vars_os()).map_err(Failed::start)
}
