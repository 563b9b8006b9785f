//! The stories, told on both databases.

mod attributions;
mod calls;
mod calls_found;
mod identified;
mod merges;
mod page_calls;
mod plan_edits;
mod plans;
mod priors;
mod recording_refusals;
mod recordings;
mod sharing;
mod visits;
