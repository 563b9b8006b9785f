//! The words of the prompts.

use super::Lang;
use crate::flows::PromptError;
use crate::wav::WavError;

impl Lang {
    /// Why a prompt that somebody brought is not kept.
    pub const fn prompt_refused(self, why: &PromptError) -> &'static str {
        let t = self.texts();
        match why {
            PromptError::Title => t.prompt_bad_title,
            PromptError::Language => t.prompt_bad_language,
            PromptError::File(WavError::Unreadable) => t.prompt_unreadable,
            PromptError::File(WavError::Channels(_)) => t.prompt_channels,
            PromptError::File(WavError::Rate(_)) => t.prompt_rate,
            PromptError::File(WavError::TooLong) => t.prompt_long,
            PromptError::File(WavError::Silent) => t.prompt_silent,
            PromptError::BuiltIn => t.prompt_is_built_in,
            PromptError::Full => t.prompt_full,
            // Nobody is told these who brings one.
            PromptError::Said(_) | PromptError::NotFound | PromptError::Store(_) => t.error_ours,
        }
    }
}
