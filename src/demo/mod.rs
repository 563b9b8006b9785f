//! The demo's business line, caller and website: clients of the public faces
//! only. They meet the gateway where a carrier, a PBX and a browser would, on
//! the wire.

pub mod caller;
pub mod line;
mod sdp;
pub mod site;
