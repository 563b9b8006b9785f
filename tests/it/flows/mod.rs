//! The stories, told on both databases.

mod calls;
mod visits;
