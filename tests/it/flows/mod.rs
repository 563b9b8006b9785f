//! The stories, told on both databases.

mod attributions;
mod calls;
mod identified;
mod plans;
mod priors;
mod sharing;
mod visits;
