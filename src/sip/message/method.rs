//! What a request asks for. Methods are case-sensitive (RFC 3261 §7.1).

use bytes::Bytes;

use super::text::is_token;

macro_rules! methods {
    ($($(#[$doc:meta])* $name:ident $text:literal,)*) => {
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub enum Method {
            $($(#[$doc])* $name,)*
            /// Any other token, as it stood on the wire.
            Other(Bytes),
        }

        impl Method {
            /// The method written by these bytes of `within`, or `None` where they are no token.
            ///
            /// One that is not known keeps a share of `within` instead of a copy.
            pub(super) fn slice(within: &Bytes, text: &[u8]) -> Option<Method> {
                match text {
                    $($text => Some(Method::$name),)*
                    _ => is_token(text).then(|| Method::Other(within.slice_ref(text))),
                }
            }

            pub fn as_bytes(&self) -> &[u8] {
                match self {
                    $(Method::$name => $text,)*
                    Method::Other(text) => text,
                }
            }
        }
    };
}

methods! {
    Invite b"INVITE",
    Ack b"ACK",
    Bye b"BYE",
    Cancel b"CANCEL",
    Options b"OPTIONS",
    Register b"REGISTER",
    /// RFC 3262.
    Prack b"PRACK",
    /// RFC 3311.
    Update b"UPDATE",
    /// RFC 6086.
    Info b"INFO",
    /// RFC 6665.
    Subscribe b"SUBSCRIBE",
    Notify b"NOTIFY",
    /// RFC 3515.
    Refer b"REFER",
    /// RFC 3428.
    Message b"MESSAGE",
    /// RFC 3903.
    Publish b"PUBLISH",
}

impl Method {
    /// Reads a method; `None` where the bytes are no token.
    pub fn parse(text: &[u8]) -> Option<Method> {
        let copy = Bytes::copy_from_slice(text);
        Method::slice(&copy, &copy)
    }
}

impl std::fmt::Display for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // A token is ASCII, so nothing is lost.
        f.write_str(&String::from_utf8_lossy(self.as_bytes()))
    }
}

impl std::fmt::Debug for Method {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_method_is_case_sensitive_and_an_unknown_one_keeps_its_bytes() {
        assert_eq!(Method::parse(b"INVITE"), Some(Method::Invite));
        assert_eq!(Method::parse(b"invite"), Some(Method::Other(Bytes::from_static(b"invite"))));
        assert_eq!(Method::parse(b"!odd%'~").unwrap().as_bytes(), b"!odd%'~");
    }

    #[test]
    fn what_is_no_token_is_no_method() {
        for text in [&b""[..], b"IN VITE", b"IN\tVITE", b"INVIT\xc9", b"<INVITE>"] {
            assert_eq!(Method::parse(text), None, "{text:?}");
        }
    }
}
