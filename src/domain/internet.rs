//! Which addresses are on the internet: what somebody else names may not lead into our own network.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// By the registries of RFC 6890: whether the address is somebody's on the internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let is_special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_documentation();
    let is_shared = a == 100 && (64..128).contains(&b);
    let is_reserved = a == 0 || a >= 224 || (a, b, c) == (192, 0, 0) || (a == 198 && (b & 0xfe) == 18);
    !(is_special || is_shared || is_reserved)
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let first = v6.segments()[0];
    // Global unicast is 2000::/3; of it, what documentation and tunnels have is nobody's.
    let is_unicast = first & 0xe000 == 0x2000;
    let is_special =
        v6.segments()[..2] == [0x2001, 0x0db8] || v6.segments()[..2] == [0x2001, 0] || first == 0x2002;
    is_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_private_network_is_on_the_internet() {
        for (address, public) in [
            ("8.8.8.8", true),
            ("2a00:1450:4007::1", true),
            ("10.0.0.1", false),
            ("172.16.0.1", false),
            ("192.168.1.1", false),
            ("127.0.0.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.127.255.255", false),
            ("100.128.0.1", true),
            ("198.18.0.1", false),
            ("192.0.2.1", false),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:10.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::ffff:8.8.8.8", true),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("64:ff9b::a00:1", false),
            ("2002:a00:1::", false),
        ] {
            assert_eq!(is_public(address.parse().unwrap()), public, "{address}");
        }
    }
}
