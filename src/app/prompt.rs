//! `whence prompt`: what the gateway says, from files. A gateway that runs notices by itself.

use std::fs;

use super::plan::{open, open_existing};
use super::run::Failed;
use crate::cli::{Prompt, PromptAdd, PromptRemove, Settings};
use crate::clock::Clock;
use crate::domain::ids::PromptId;
use crate::flows::{NewPrompt, PromptError, prompt_brought, prompt_taken_back};

pub(super) async fn prompt(command: &Prompt) -> Result<(), Failed> {
    match command {
        Prompt::Add(args) => add(args).await,
        Prompt::List(settings) => list(settings).await,
        Prompt::Remove(args) => remove(args).await,
    }
}

async fn add(args: &PromptAdd) -> Result<(), Failed> {
    let (id, path) = (named(&args.id)?, args.file.display());
    let file = fs::read(&args.file).map_err(|e| Failed::Start(format!("cannot read {path}: {e}")))?;
    let new = NewPrompt { id, title: args.title.clone(), language: args.language.clone(), file: file.into() };
    let store = open(&args.settings).await?;
    let done = prompt_brought(&store, &Clock::system(), new).await;
    store.close().await;
    let prompt = done.map_err(|failure| match failure {
        PromptError::File(why) => Failed::Tried(format!("{path}: {why}")),
        other => Failed::tried(other),
    })?;
    println!("{} lasts {:.1} s; a plan may say it now.", prompt.id, prompt.length.as_secs_f64());
    Ok(())
}

async fn list(settings: &Settings) -> Result<(), Failed> {
    let store = open_existing(settings).await?;
    let prompts = store.list_prompts().await.map_err(Failed::tried);
    store.close().await;
    for prompt in prompts? {
        let (language, length) = (prompt.language.as_deref().unwrap_or("–"), prompt.length.as_secs_f64());
        println!("{}  {language}  {length:.1} s  {}  {}", prompt.id, prompt.changed_at, prompt.title);
    }
    Ok(())
}

async fn remove(args: &PromptRemove) -> Result<(), Failed> {
    let id = named(&args.id)?;
    let store = open_existing(&args.settings).await?;
    let done = prompt_taken_back(&store, &id).await;
    store.close().await;
    done.map(|_| ()).map_err(Failed::tried)
}

fn named(text: &str) -> Result<PromptId, Failed> {
    text.parse().map_err(|why| Failed::Start(format!("{text:?}: {why}")))
}
