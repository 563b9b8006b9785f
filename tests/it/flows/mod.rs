//! The stories, told on both databases.

mod calls;
mod plans;
mod visits;
