//! Each route done, refused and malformed, on both databases.

mod advice;
mod amp;
mod attributions;
mod beacon;
mod blocks;
mod calls;
mod description;
mod keys;
mod ladder;
mod lists;
mod live;
mod machines;
mod people;
mod prompts;
mod qr;
mod qualifications;
mod reasons;
mod recordings;
mod reports;
mod robots;
mod servers;
mod sources;
mod strangers;
mod streams;
mod told;
mod trunks;
