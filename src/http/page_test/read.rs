//! A page's HTML, cut as the snippet walks it: rows of text that stand side by side, attributes, scripts, frames.

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, StartTag, Tag, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer,
    TokenizerOpts,
};

/// Elements within a line of text.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "data", "em", "font", "i", "mark", "small", "span", "strong", "sup", "time",
    "u", "wbr",
];
/// Elements that have no end.
const VOID: &[&str] =
    &["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"];

/// Where the snippet swaps nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Zone {
    Head,
    Script,
    Style,
    Field,
    Ignored,
    Editable,
    Noscript,
    Frame,
}

/// Text that stands side by side, however many elements it is spread over.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Row {
    pub pieces: Vec<String>,
    pub zone: Option<Zone>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Attribute {
    pub element: String,
    pub name: String,
    pub value: String,
    pub zone: Option<Zone>,
    /// The element has `data-whence-src`, so its picture is exchanged, too.
    pub has_picture: bool,
}

/// A script with an address.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScriptTag {
    pub src: String,
    pub site: Option<String>,
    pub has_nonce: bool,
    pub takes_sms: bool,
    /// Further attributes that are to be swapped.
    pub attributes: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Read {
    pub rows: Vec<Row>,
    pub attributes: Vec<Attribute>,
    pub scripts: Vec<ScriptTag>,
    pub frames: Vec<String>,
    /// Policies that the page itself states.
    pub policies: Vec<String>,
}

pub fn read(html: &str) -> Read {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Walk::default(), TokenizerOpts::default());
    // Nothing asks to be interrupted: no script is run.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut state = tokenizer.sink.0.into_inner();
    state.end_row();
    state.read
}

#[derive(Default)]
struct Walk(RefCell<State>);

#[derive(Default)]
struct State {
    read: Read,
    row: Row,
    /// An element has begun or ended since the last text.
    is_apart: bool,
    /// The elements around, each with what it forbids.
    open: Vec<(String, Option<Zone>)>,
}

impl State {
    fn zone(&self) -> Option<Zone> {
        self.open.iter().find_map(|(_, zone)| *zone)
    }

    fn end_row(&mut self) {
        let row = std::mem::take(&mut self.row);
        if row.pieces.iter().any(|piece| piece.contains(|c: char| c.is_ascii_digit())) {
            self.read.rows.push(row);
        }
    }

    fn text(&mut self, text: &str) {
        let zone = self.zone();
        if self.row.zone != zone {
            self.end_row();
            self.row.zone = zone;
        }
        match self.row.pieces.last_mut().filter(|_| !self.is_apart) {
            Some(piece) => piece.push_str(text),
            None => self.row.pieces.push(text.to_owned()),
        }
        self.is_apart = false;
    }

    fn begins(&mut self, tag: &Tag) {
        self.is_apart = true;
        let name = tag.name.to_string();
        let attribute = |wanted: &str| {
            let mut all = tag.attrs.iter();
            all.find(|it| &*it.name.local == wanted).map(|it| it.value.to_string())
        };
        if name == "body" {
            self.open.retain(|(open, _)| open != "head");
        }
        if !INLINE.contains(&name.as_str()) {
            self.end_row();
        }
        let editable = attribute("contenteditable").is_some_and(|value| !value.eq_ignore_ascii_case("false"));
        let zone = match name.as_str() {
            "head" => Some(Zone::Head),
            "script" => Some(Zone::Script),
            "style" => Some(Zone::Style),
            "textarea" | "input" | "select" => Some(Zone::Field),
            "noscript" => Some(Zone::Noscript),
            "iframe" => Some(Zone::Frame),
            _ if attribute("data-whence-ignore").is_some() => Some(Zone::Ignored),
            _ if editable => Some(Zone::Editable),
            _ => None,
        };
        let around = self.zone().or(zone);
        for it in &tag.attrs {
            self.read.attributes.push(Attribute {
                element: name.clone(),
                name: it.name.local.to_string(),
                value: it.value.to_string(),
                zone: around,
                has_picture: attribute("data-whence-src").is_some(),
            });
        }
        match (name.as_str(), attribute("src")) {
            ("script", Some(src)) => self.read.scripts.push(ScriptTag {
                src,
                site: attribute("data-site"),
                has_nonce: attribute("nonce").is_some(),
                takes_sms: attribute("data-sms").is_some(),
                attributes: attribute("data-attributes")
                    .unwrap_or_default()
                    .split(|c: char| c.is_whitespace() || c == ',')
                    .filter(|name| name.starts_with("data-"))
                    .map(str::to_owned)
                    .collect(),
            }),
            ("iframe", Some(src)) if attribute("data-whence").is_none() => self.read.frames.push(src),
            _ => {}
        }
        let equivalent = attribute("http-equiv").unwrap_or_default();
        if name == "meta" && equivalent.eq_ignore_ascii_case("content-security-policy") {
            self.read.policies.extend(attribute("content"));
        }
        if !VOID.contains(&name.as_str()) && !tag.self_closing {
            self.open.push((name, zone));
        }
    }

    fn ends(&mut self, name: &str) {
        self.is_apart = true;
        if !INLINE.contains(&name) {
            self.end_row();
        }
        if let Some(at) = self.open.iter().rposition(|(open, _)| open == name) {
            self.open.truncate(at);
        }
    }
}

impl TokenSink for Walk {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            CharacterTokens(text) => state.text(&text),
            TagToken(tag) if tag.kind == StartTag => {
                state.begins(&tag);
                // What these hold is text, whatever stands in it.
                return match &*tag.name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" | "iframe" | "noscript" | "noembed" | "noframes" | "xmp" => {
                        TokenSinkResult::RawData(RawKind::Rawtext)
                    }
                    "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            TagToken(tag) => state.ends(&tag.name),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}
