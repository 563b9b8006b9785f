//! The stories, told on both databases.

mod attributions;
mod calls;
mod plans;
mod sharing;
mod visits;
