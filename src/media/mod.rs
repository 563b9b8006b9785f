//! The media wire: pure parts below, sockets on top.
//!
//! ```text
//!   sdp         where media go, read and written anew
//!   rtp         headers, loss and jitter, reports: RFC 3550, read only
//!   latch       where a side really sends from
//!   session     the media of one call as they pass
//! ```

pub mod latch;
pub mod rtp;
pub mod sdp;
pub mod session;
