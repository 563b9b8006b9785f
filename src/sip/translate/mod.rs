//! Between messages and the call's vocabulary: one file each way.

pub mod from_wire;
pub mod to_wire;

use super::message::Name;

/// What the network says about the caller.
const ASSERTED: &[Name] = &[Name::PAssertedIdentity, Name::PPreferredIdentity, Name::RemotePartyId];

/// Headers that belong to one leg, and so are written anew on the other.
/// Everything else passes byte for byte.
const OWNED: &[Name] = &[
    // the way of the message and its dialog
    Name::Via,
    Name::From,
    Name::To,
    Name::CallId,
    Name::CSeq,
    Name::Contact,
    Name::MaxForwards,
    Name::Route,
    Name::RecordRoute,
    Name::Path,
    Name::ServiceRoute,
    // what the two ends of one leg can do
    Name::Supported,
    Name::Require,
    Name::ProxyRequire,
    Name::Unsupported,
    Name::Allow,
    Name::UserAgent,
    Name::Server,
    Name::Timestamp,
    Name::SessionExpires,
    Name::MinSe,
    Name::RSeq,
    Name::RAck,
    Name::Expires,
    // dialogs that only one side knows
    Name::Replaces,
    Name::Join,
    // passwords
    Name::Authorization,
    Name::ProxyAuthorization,
    Name::WwwAuthenticate,
    Name::ProxyAuthenticate,
    Name::AuthenticationInfo,
];
