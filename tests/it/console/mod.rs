//! Each page with empty, normal and extreme data, in both languages.

mod administration;
mod attribution;
mod blocks;
mod calls;
mod company;
mod consents;
mod everywhere;
mod frame;
mod imports;
mod journeys;
mod ladder;
mod live;
mod missed;
mod money;
mod network;
mod overview;
mod pages;
mod phone;
mod prompts;
mod quality;
mod recordings;
mod requests;
mod segments;
mod sign_in;
mod sites;
mod staff;
