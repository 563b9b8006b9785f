//! Header names: which of the known ones a line carries, in long or compact form.
//!
//! A name is looked up once per line while indexing, so the table is hashed at
//! compile time by length, first and last letter; a look-up costs one or two
//! comparisons and never allocates.

/// Whether several values may stand in one line, parted by commas.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Single,
    List,
}
use Shape::{List, Single};

struct Row {
    name: Name,
    text: &'static str,
    compact: Option<u8>,
    shape: Shape,
}

macro_rules! names {
    ($($name:ident, $text:literal, $compact:expr, $shape:ident;)*) => {
        /// A header's name. What the table does not know is [`Name::Other`].
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u8)]
        pub enum Name {
            $($name,)*
            /// Any other; its bytes stand in the raw line.
            Other,
        }

        static ROWS: &[Row] = &[
            $(Row { name: Name::$name, text: $text, compact: $compact, shape: $shape },)*
        ];
    };
}

names! {
    Accept, "Accept", None, List;
    AcceptContact, "Accept-Contact", Some(b'a'), List;
    AcceptEncoding, "Accept-Encoding", None, List;
    AcceptLanguage, "Accept-Language", None, List;
    AlertInfo, "Alert-Info", None, List;
    Allow, "Allow", None, List;
    AllowEvents, "Allow-Events", Some(b'u'), List;
    AnswerMode, "Answer-Mode", None, Single;
    AuthenticationInfo, "Authentication-Info", None, Single;
    Authorization, "Authorization", None, Single;
    CallId, "Call-ID", Some(b'i'), Single;
    CallInfo, "Call-Info", None, List;
    Contact, "Contact", Some(b'm'), List;
    ContentDisposition, "Content-Disposition", None, Single;
    ContentEncoding, "Content-Encoding", Some(b'e'), List;
    ContentLanguage, "Content-Language", None, List;
    ContentLength, "Content-Length", Some(b'l'), Single;
    ContentType, "Content-Type", Some(b'c'), Single;
    CSeq, "CSeq", None, Single;
    Date, "Date", None, Single;
    Diversion, "Diversion", None, List;
    ErrorInfo, "Error-Info", None, List;
    Event, "Event", Some(b'o'), Single;
    Expires, "Expires", None, Single;
    From, "From", Some(b'f'), Single;
    Geolocation, "Geolocation", None, List;
    HistoryInfo, "History-Info", None, List;
    Identity, "Identity", Some(b'y'), Single;
    IdentityInfo, "Identity-Info", Some(b'n'), Single;
    InReplyTo, "In-Reply-To", None, List;
    InfoPackage, "Info-Package", None, Single;
    Join, "Join", None, Single;
    MaxBreadth, "Max-Breadth", None, Single;
    MaxForwards, "Max-Forwards", None, Single;
    MimeVersion, "MIME-Version", None, Single;
    MinExpires, "Min-Expires", None, Single;
    MinSe, "Min-SE", None, Single;
    Organization, "Organization", None, Single;
    PAccessNetworkInfo, "P-Access-Network-Info", None, List;
    PAssertedIdentity, "P-Asserted-Identity", None, List;
    PChargingVector, "P-Charging-Vector", None, Single;
    PEarlyMedia, "P-Early-Media", None, List;
    PPreferredIdentity, "P-Preferred-Identity", None, List;
    Path, "Path", None, List;
    Priority, "Priority", None, Single;
    Privacy, "Privacy", None, Single;
    ProxyAuthenticate, "Proxy-Authenticate", None, Single;
    ProxyAuthorization, "Proxy-Authorization", None, Single;
    ProxyRequire, "Proxy-Require", None, List;
    RAck, "RAck", None, Single;
    RSeq, "RSeq", None, Single;
    Reason, "Reason", None, List;
    RecordRoute, "Record-Route", None, List;
    RecvInfo, "Recv-Info", None, List;
    ReferTo, "Refer-To", Some(b'r'), Single;
    ReferredBy, "Referred-By", Some(b'b'), Single;
    RejectContact, "Reject-Contact", Some(b'j'), List;
    RemotePartyId, "Remote-Party-ID", None, List;
    Replaces, "Replaces", None, Single;
    ReplyTo, "Reply-To", None, Single;
    RequestDisposition, "Request-Disposition", Some(b'd'), List;
    Require, "Require", None, List;
    ResourcePriority, "Resource-Priority", None, List;
    RetryAfter, "Retry-After", None, Single;
    Route, "Route", None, List;
    Server, "Server", None, Single;
    ServiceRoute, "Service-Route", None, List;
    SessionExpires, "Session-Expires", Some(b'x'), Single;
    SessionId, "Session-ID", None, Single;
    SipEtag, "SIP-ETag", None, Single;
    SipIfMatch, "SIP-If-Match", None, Single;
    Subject, "Subject", Some(b's'), Single;
    SubscriptionState, "Subscription-State", None, Single;
    Supported, "Supported", Some(b'k'), List;
    Timestamp, "Timestamp", None, Single;
    To, "To", Some(b't'), Single;
    Unsupported, "Unsupported", None, List;
    UserAgent, "User-Agent", None, Single;
    UserToUser, "User-to-User", None, List;
    Via, "Via", Some(b'v'), List;
    Warning, "Warning", None, List;
    WwwAuthenticate, "WWW-Authenticate", None, Single;
}

const SLOTS: usize = 256;
const EMPTY: u8 = u8::MAX;

/// Rows by hash, with linear probing: both are filled by the compiler.
static LONG: [u8; SLOTS] = long_slots();
static COMPACT: [u8; 26] = compact_slots();

/// The factors were searched for: with them only two names share a slot.
const fn hash(text: &[u8]) -> usize {
    let n = text.len();
    let (first, middle, last) = (text[0] | 0x20, text[n / 2] | 0x20, text[n - 1] | 0x20);
    (n * 253 + first as usize * 195 + middle as usize * 178 + last as usize * 124) % SLOTS
}

const fn long_slots() -> [u8; SLOTS] {
    let mut slots = [EMPTY; SLOTS];
    let mut row = 0;
    while row < ROWS.len() {
        let mut at = hash(ROWS[row].text.as_bytes());
        while slots[at] != EMPTY {
            at = (at + 1) % SLOTS;
        }
        slots[at] = row as u8;
        row += 1;
    }
    slots
}

const fn compact_slots() -> [u8; 26] {
    let mut slots = [EMPTY; 26];
    let mut row = 0;
    while row < ROWS.len() {
        if let Some(letter) = ROWS[row].compact {
            slots[(letter - b'a') as usize] = row as u8;
        }
        row += 1;
    }
    slots
}

impl Name {
    /// Reads a name in any case, long or compact.
    pub fn of(label: &[u8]) -> Name {
        match label {
            [] => Name::Other,
            [letter] => match letter.to_ascii_lowercase() {
                letter @ b'a'..=b'z' => Self::at(COMPACT[(letter - b'a') as usize]),
                _ => Name::Other,
            },
            _ => {
                let mut at = hash(label);
                while let Some(row) = ROWS.get(LONG[at] as usize) {
                    // Most senders write a name as the RFC does, which is the quicker comparison.
                    let text = row.text.as_bytes();
                    if text.len() == label.len() && (text == label || text.eq_ignore_ascii_case(label)) {
                        return row.name;
                    }
                    at = (at + 1) % SLOTS;
                }
                Name::Other
            }
        }
    }

    fn at(slot: u8) -> Name {
        ROWS.get(slot as usize).map_or(Name::Other, |row| row.name)
    }

    /// The name as we write it; empty for [`Name::Other`], which has no one spelling.
    pub fn as_str(self) -> &'static str {
        ROWS.get(self as usize).map_or("", |row| row.text)
    }

    /// Whether a comma parts two values. Not so in a date, a subject or the
    /// credentials of an `Authorization`.
    pub fn is_list(self) -> bool {
        ROWS.get(self as usize).is_some_and(|row| row.shape == List)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_name_is_found_in_any_case_and_in_its_compact_form() {
        for (at, row) in ROWS.iter().enumerate() {
            assert_eq!(row.name as usize, at, "{}", row.text);
            assert_eq!(row.name.as_str(), row.text);
            for spelling in [row.text.to_owned(), row.text.to_uppercase(), row.text.to_lowercase()] {
                assert_eq!(Name::of(spelling.as_bytes()), row.name, "{spelling}");
            }
            if let Some(letter) = row.compact {
                assert_eq!(Name::of(&[letter]), row.name);
                assert_eq!(Name::of(&[letter.to_ascii_uppercase()]), row.name);
            }
        }
    }

    #[test]
    fn an_unknown_name_is_other() {
        for label in ["", "X-Campaign", "z", "0", "Vi", "Viaa", "Via ", "C\u{ea}q"] {
            assert_eq!(Name::of(label.as_bytes()), Name::Other, "{label}");
        }
        assert_eq!(Name::Other.as_str(), "");
    }

    #[test]
    fn commas_part_values_only_where_the_grammar_says_so() {
        assert!(Name::Via.is_list() && Name::Contact.is_list() && Name::Route.is_list());
        assert!(!Name::Date.is_list() && !Name::WwwAuthenticate.is_list() && !Name::Other.is_list());
    }
}
