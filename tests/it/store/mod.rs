//! A story per table, and one race per claim, on both databases.

mod blocks;
mod call_hours;
mod contacts;
mod ladders;
mod leases;
mod lists;
mod open;
mod people;
mod refusals;
mod segments;
mod streams;
mod transfers;
mod writer;
