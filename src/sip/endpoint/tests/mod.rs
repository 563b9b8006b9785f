//! Whole calls through the endpoint, in a network and a time of our own.

mod calls;
mod crossing;
mod early;
mod facts;
mod gateway;
mod hops;
mod ladders;
mod logins;
mod noise;
mod proofs;
mod refer;
mod reliable;
mod requests;
mod routes;
mod sessions;
mod torture;
mod upkeep;
mod ways;
mod wide;
mod world;
