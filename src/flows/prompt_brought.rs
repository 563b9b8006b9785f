//! An admin brings a prompt, or takes one back: calls that come a moment later hear it, at every node.

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::clock::Clock;
use crate::domain::calling::prompt::{
    ALL_MAX, BUILT_IN, Prompt, Sayers, TITLE_MAX, is_language, is_of_origin,
};
use crate::domain::ids::PromptId;
use crate::store::revisions::PROMPTS;
use crate::store::{Store, StoreError};
use crate::wav::{self, WavError};

/// A prompt as it is brought.
#[derive(Clone, Debug)]
pub struct NewPrompt {
    pub id: PromptId,
    pub title: String,
    pub language: Option<String>,
    /// A WAV file.
    pub file: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    #[error("a title has 1 to {TITLE_MAX} characters")]
    Title,
    #[error("a language is told by its tag, for instance fr or pt-BR")]
    Language,
    #[error(transparent)]
    File(#[from] WavError),
    #[error("this prompt comes along with the gateway; choose another name")]
    BuiltIn,
    #[error("all prompts together may last {} minutes; delete some first", ALL_MAX.as_secs() / 60)]
    Full,
    /// A plan says it.
    #[error("it is still said by {}; take it out of the plan first", in_words(.0))]
    Said(Sayers),
    #[error("no such prompt")]
    NotFound,
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn in_words(sayers: &Sayers) -> String {
    let destinations = sayers.destinations.iter().map(|id| format!("the destination {id}"));
    let numbers = sayers.numbers.iter().map(|(label, count)| format!("{count} × {label}"));
    destinations.chain(numbers).collect::<Vec<_>>().join(", ")
}

/// Keeps a prompt; one of the same name is replaced, and calls that hear it now hear it out.
pub async fn prompt_brought(store: &Store, clock: &Clock, new: NewPrompt) -> Result<Prompt, PromptError> {
    let title = new.title.trim();
    if !(1..=TITLE_MAX).contains(&title.chars().count()) || title.contains(char::is_control) {
        return Err(PromptError::Title);
    }
    if new.language.as_deref().is_some_and(|tag| !is_language(tag)) {
        return Err(PromptError::Language);
    }
    refuse_built_in(&new.id)?;
    // Minutes of sound take seconds to read.
    let file = new.file;
    let samples = tokio::task::spawn_blocking(move || wav::read(&file)).await;
    let samples = samples.map_err(|_| WavError::Unreadable)??;
    let sound: Bytes = samples.iter().flat_map(|sample| sample.to_le_bytes()).collect();
    let prompt = Prompt {
        title: title.to_owned(),
        language: new.language,
        length: wav::length(&samples),
        digest: base16ct::lower::encode_string(&Sha256::digest(&sound)),
        changed_at: clock.now(),
        id: new.id,
    };
    let (kept, all) = (prompt.clone(), ALL_MAX);
    let has_room = store.write(move |tx| {
        let (prompt, sound) = (kept.clone(), sound.clone());
        Box::pin(async move {
            if tx.length_of_prompts_but(&prompt.id).await? + prompt.length > all {
                return Ok(false);
            }
            tx.save_prompt(&prompt, &sound).await?;
            tx.bump_revision(PROMPTS).await?;
            Ok(true)
        })
    });
    if has_room.await? { Ok(prompt) } else { Err(PromptError::Full) }
}

/// Deletes a prompt that no plan says, and gives what it was.
pub async fn prompt_taken_back(store: &Store, id: &PromptId) -> Result<Prompt, PromptError> {
    refuse_built_in(id)?;
    let id = id.clone();
    let taken = store.write(move |tx| {
        let id = id.clone();
        Box::pin(async move {
            let Some(prompt) = tx.find_prompt(&id).await? else { return Ok(Err(None)) };
            let sayers = tx.list_sayers(std::slice::from_ref(&id)).await?.remove(0);
            if !sayers.is_empty() {
                return Ok(Err(Some(sayers)));
            }
            tx.delete_prompt(&id).await?;
            tx.bump_revision(PROMPTS).await?;
            Ok(Ok(prompt))
        })
    });
    taken.await?.map_err(|sayers| sayers.map_or(PromptError::NotFound, PromptError::Said))
}

fn refuse_built_in(id: &PromptId) -> Result<(), PromptError> {
    let comes_along = BUILT_IN.contains(&id.as_str()) || is_of_origin(id.as_str());
    if comes_along { Err(PromptError::BuiltIn) } else { Ok(()) }
}
