//! What the stories are told with.

pub mod databases;
pub mod door;
pub mod identity_provider;
pub mod name_server;
pub mod operator;
pub mod post_office;
pub mod receiver;
pub mod recorded;
pub mod repository;
pub mod town;
