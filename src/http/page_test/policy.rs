//! Whether a page's Content-Security-Policy lets the snippet load and ask.

use url::Url;

use super::read::Read;

/// The first directive that forbids it. Every policy must let it pass; what a nonce or a hash lets in is taken for let in.
pub fn forbids(headers: &[String], read: &Read, page: &Url, public: &Url) -> Option<String> {
    let script = read.scripts.iter().find(|it| it.src.contains("whence.v1.js"));
    let from = script.and_then(|it| page.join(&it.src).ok()).unwrap_or_else(|| public.clone());
    let has_nonce = script.is_some_and(|it| it.has_nonce);
    // A header may hold several policies.
    let policies =
        headers.iter().flat_map(|header| header.split(',')).chain(read.policies.iter().map(String::as_str));
    policies.into_iter().find_map(|policy| {
        let directives = directives(policy);
        let of = |names: &[&str]| {
            let mut named = names.iter().filter_map(|name| directives.iter().find(|(its, _)| its == name));
            named.next().cloned()
        };
        let scripts = of(&["script-src-elem", "script-src", "default-src"]);
        let asks = of(&["connect-src", "default-src"]);
        let forbids = |(name, sources): (String, Vec<String>), nonce: bool| {
            let lets =
                sources.iter().any(|source| lets_in(source, page, &from) || nonce && is_secret(source));
            (!lets).then_some(name)
        };
        scripts.and_then(|it| forbids(it, has_nonce)).or_else(|| asks.and_then(|it| forbids(it, false)))
    })
}

fn directives(policy: &str) -> Vec<(String, Vec<String>)> {
    let directive = |text: &str| {
        let mut words = text.split_whitespace().map(str::to_owned);
        Some((words.next()?.to_ascii_lowercase(), words.collect()))
    };
    policy.split(';').filter_map(directive).collect()
}

fn is_secret(source: &str) -> bool {
    source.starts_with("'nonce-") || source.starts_with("'sha")
}

fn lets_in(source: &str, page: &Url, from: &Url) -> bool {
    let source = source.to_ascii_lowercase();
    let host = from.host_str().unwrap_or_default();
    match source.as_str() {
        "*" => return true,
        "'self'" => return page.origin() == from.origin(),
        scheme if scheme.ends_with(':') => return scheme.trim_end_matches(':') == from.scheme(),
        _ => {}
    }
    let (scheme, rest) =
        source.split_once("://").map_or((None, source.as_str()), |(scheme, rest)| (Some(scheme), rest));
    let place = rest.split('/').next().unwrap_or_default();
    let (name, port) = place.rsplit_once(':').map_or((place, None), |(name, port)| (name, Some(port)));
    let fits_host = name.strip_prefix("*.").map_or(name == host, |end| host.ends_with(&format!(".{end}")));
    let its_port = from.port_or_known_default().map(|port| port.to_string());
    let fits_port = match port {
        Some("*") => true,
        Some(port) => its_port.as_deref() == Some(port),
        // Without a port the usual one of the scheme.
        None => from.port().is_none(),
    };
    fits_host && fits_port && scheme.is_none_or(|scheme| scheme == from.scheme())
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    fn told(policy: &str) -> Option<String> {
        let html = "<script src='https://calls.example/whence.v1.js' data-site='shop' nonce='x'></script>";
        let (page, public) =
            ("https://shop.example/".parse().unwrap(), "https://calls.example/".parse().unwrap());
        forbids(&[policy.to_owned()], &read(html), &page, &public)
    }

    #[test]
    fn the_directive_that_forbids_is_named() {
        assert_eq!(told("img-src 'none'"), None);
        assert_eq!(told("default-src 'self'").as_deref(), Some("default-src"));
        assert_eq!(
            told("script-src 'self' https://calls.example; connect-src 'self'").as_deref(),
            Some("connect-src")
        );
        assert_eq!(told("default-src 'self' *.example"), None);
        assert_eq!(told("script-src 'nonce-x'; connect-src https:"), None);
        assert_eq!(told("script-src https://calls.example:8443").as_deref(), Some("script-src"));
        assert_eq!(told("default-src *, script-src 'none'").as_deref(), Some("script-src"));
    }
}
