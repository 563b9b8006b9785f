//! Which numbers of a page the snippet would swap, where they stand, and why not the others.

use std::collections::BTreeSet;
use std::ops::Range;

use url::Url;

use super::read::{Attribute, Read, Row, ScriptTag, Zone};
use crate::domain::ids::SiteId;
use crate::domain::phone::Phone;
use crate::domain::tracking::spelling::Spelling;

/// The attributes that are swapped on every element.
const SWAPPED: [&str; 5] = ["href", "aria-label", "title", "alt", "data-whence-src"];
/// What is shown around a number.
const AROUND: usize = 24;
/// Between rows; no page has it.
const BREAK: char = '\u{1}';

/// One place where a number stands.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    pub target: Phone,
    /// As it is written, with a little around it.
    pub written: String,
    pub place: Place,
}

/// Where a number stands, and so whether it is swapped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    Text,
    /// Spread over elements within a line.
    SpreadText,
    Link,
    Attribute(String),
    /// Not in a spelling of the number.
    OddSpelling,
    /// Over elements that break the line.
    Broken,
    /// In an attribute that is not swapped.
    OtherAttribute(String),
    /// In the words of a picture, which itself stays.
    Picture,
    Zone(Zone),
}

impl Place {
    pub fn is_swapped(&self) -> bool {
        match self {
            Place::Text | Place::SpreadText | Place::Link | Place::Attribute(_) => true,
            Place::OddSpelling
            | Place::Broken
            | Place::OtherAttribute(_)
            | Place::Picture
            | Place::Zone(_) => false,
        }
    }
}

/// Whether the page has the snippet of the site.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TagState {
    Fine,
    Missing,
    /// It names no site, or another one.
    OtherSite(Option<String>),
    /// It comes from elsewhere: from a web server that answers for this gateway, or from another gateway.
    From(String),
}

fn snippet(read: &Read) -> Option<&ScriptTag> {
    read.scripts
        .iter()
        .find(|script| script.src.split(['?', '#']).next().unwrap_or_default().ends_with("/whence.v1.js"))
}

pub fn tag(read: &Read, page: &Url, public: &Url, site: &SiteId) -> TagState {
    let Some(script) = snippet(read) else { return TagState::Missing };
    if script.site.as_deref() != Some(site.as_str()) {
        return TagState::OtherSite(script.site.clone());
    }
    match page.join(&script.src) {
        Ok(src) if src.origin() == public.origin() => TagState::Fine,
        Ok(src) => TagState::From(src.origin().ascii_serialization()),
        Err(_) => TagState::From(script.src.clone()),
    }
}

/// Every place of every number, in the order of the page for each.
pub fn findings(read: &Read, targets: &BTreeSet<Phone>) -> Vec<Finding> {
    targets.iter().flat_map(|target| of_target(read, target)).collect()
}

fn of_target(read: &Read, target: &Phone) -> Vec<Finding> {
    let spelling = Spelling::of(target);
    let found = |written: String, place| Finding { target: target.clone(), written, place };
    let mut findings = Vec::new();
    for row in &read.rows {
        let text = row.pieces.concat();
        let exact = spelling.find(&text);
        for at in &exact {
            let place = match row.zone {
                Some(zone) => Place::Zone(zone),
                None if is_spread(row, at) => Place::SpreadText,
                None => Place::Text,
            };
            findings.push(found(around(&text, at), place));
        }
        let odd = spelling.find_loosely(&text).into_iter();
        for at in odd.filter(|at| !exact.iter().any(|exact| meets(exact, at))) {
            let place = row.zone.map_or(Place::OddSpelling, Place::Zone);
            findings.push(found(around(&text, &at), place));
        }
    }
    let rows: Vec<String> =
        read.rows.iter().filter(|row| row.zone.is_none()).map(|row| row.pieces.concat()).collect();
    let whole = rows.join(&BREAK.to_string());
    let broken = spelling.find_loosely(&whole).into_iter().filter(|at| whole[at.clone()].contains(BREAK));
    findings.extend(broken.map(|at| found(around(&whole, &at).replace(BREAK, " ⏎ "), Place::Broken)));
    findings.extend(read.attributes.iter().flat_map(|it| {
        let place = place_of(it, snippet(read));
        let value = it.value.replace("%20", " ");
        let at = spelling.find(&value);
        let picture = (it.name == "alt" && it.element == "img" && !it.has_picture && !at.is_empty())
            .then(|| found(it.value.clone(), Place::Picture));
        let each = at.into_iter().map(|at| found(around(&value, &at), place.clone())).collect::<Vec<_>>();
        each.into_iter().chain(picture)
    }));
    findings
}

fn place_of(it: &Attribute, tag: Option<&ScriptTag>) -> Place {
    let begins =
        |scheme: &str| it.value.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme));
    let is_link = begins("tel:") || tag.is_some_and(|tag| tag.takes_sms) && begins("sms:");
    if let Some(zone) = it.zone {
        return Place::Zone(zone);
    }
    match it.name.as_str() {
        "href" if is_link => Place::Link,
        "href" => Place::OtherAttribute("href".to_owned()),
        name if SWAPPED.contains(&name)
            || tag.is_some_and(|tag| tag.attributes.iter().any(|it| it == name)) =>
        {
            Place::Attribute(name.to_owned())
        }
        name => Place::OtherAttribute(name.to_owned()),
    }
}

/// Whether a match goes over more than one piece of its row.
fn is_spread(row: &Row, at: &Range<usize>) -> bool {
    let ends = row.pieces.iter().scan(0, |end, piece| {
        *end += piece.len();
        Some(*end)
    });
    ends.into_iter().any(|end| at.start < end && end < at.end)
}

fn meets(one: &Range<usize>, other: &Range<usize>) -> bool {
    one.start < other.end && other.start < one.end
}

/// A match with a little around it, in one line.
fn around(text: &str, at: &Range<usize>) -> String {
    let before: Vec<char> = text[..at.start].chars().rev().take(AROUND).collect();
    let after = text[at.end..].chars().take(AROUND);
    let line: String = before.into_iter().rev().chain(text[at.clone()].chars()).chain(after).collect();
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::read::read;
    use super::*;

    fn places(html: &str) -> Vec<Place> {
        let targets = ["+33199000001".parse().unwrap()].into();
        findings(&read(html), &targets).into_iter().map(|it| it.place).collect()
    }

    #[test]
    fn text_links_and_names_are_swapped_also_over_elements_of_a_line() {
        assert_eq!(places("<p>Call 01 99 00 00 01"), [Place::Text]);
        assert_eq!(places("<p>01&nbsp;99&nbsp;00&#160;00 01</p>"), [Place::Text]);
        assert_eq!(places("<p><b>01 99</b> <i>00 00 01</i></p>"), [Place::SpreadText]);
        assert_eq!(places("<a href='tel:+33199000001'>call</a>"), [Place::Link]);
        assert_eq!(places("<b title='01 99 00 00 01'>x</b>"), [Place::Attribute("title".into())]);
    }

    #[test]
    fn what_is_not_swapped_says_why() {
        assert_eq!(places("<p>01_99_00_00_01</p>"), [Place::OddSpelling]);
        assert_eq!(places("<div>01 99</div><div>00 00 01</div>"), [Place::Broken]);
        assert_eq!(places("<script>var a = '01 99 00 00 01'</script>"), [Place::Zone(Zone::Script)]);
        assert_eq!(places("<head><title>01 99 00 00 01</title><body>"), [Place::Zone(Zone::Head)]);
        assert_eq!(places("<input value='0199000001'>"), [Place::Zone(Zone::Field)]);
        assert_eq!(
            places("<p data-whence-ignore><b>0199000001</b></p><p>nothing"),
            [Place::Zone(Zone::Ignored)]
        );
        assert_eq!(
            places("<a href='https://wa.me/33199000001' data-x='0199000001'>x</a>"),
            [Place::OtherAttribute("data-x".into())]
        );
        assert_eq!(places("<img alt='01 99 00 00 01'>"), [Place::Attribute("alt".into()), Place::Picture]);
        assert_eq!(places("<img alt='01 99 00 00 01' data-whence-src='/0199000001.png'>").len(), 2);
        assert_eq!(places("<p>01 99 00 00 02</p>"), []);
    }

    #[test]
    fn the_tag_must_be_there_and_be_of_the_site() {
        let (page, public) =
            ("https://shop.example/".parse().unwrap(), "https://calls.example/".parse().unwrap());
        let state = |html: &str| tag(&read(html), &page, &public, &"shop".parse().unwrap());

        assert_eq!(state("<script src='/other.js'></script>"), TagState::Missing);
        let own = "<script async src='https://calls.example/whence.v1.js' data-site='shop'></script>";
        assert_eq!(state(own), TagState::Fine);
        assert_eq!(state(&own.replace("'shop'", "'bar'")), TagState::OtherSite(Some("bar".into())));
        assert_eq!(state(&own.replace(" data-site='shop'", "")), TagState::OtherSite(None));
        let proxied = own.replace("https://calls.example", "/calls");
        assert_eq!(state(&proxied), TagState::From("https://shop.example".into()));
        assert_eq!(
            state("<!-- <script src='/whence.v1.js' data-site='shop'></script> -->"),
            TagState::Missing
        );
    }
}
