//! The `a::b::c` paths of a Rust file, read as the compiler's lexer reads it:
//! no comment and no string is taken for code, and macros hide nothing.

use std::iter::Peekable;
use std::vec::IntoIter;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One file, as far as this test cares.
pub struct Source {
    /// From the root of the package, for instance `src/call/mod.rs`.
    pub path: String,
    pub text: String,
}

/// A path and the line it begins on; `use a::{b, c}` is two.
pub struct Found {
    pub path: Vec<String>,
    pub line: usize,
}

impl Source {
    pub fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    pub fn within_src(&self) -> &str {
        self.path.strip_prefix("src/").unwrap_or(&self.path)
    }

    /// The part of the house it belongs to.
    pub fn layer(&self) -> &str {
        let path = self.within_src();
        path.split('/').next().unwrap_or(path).trim_end_matches(".rs")
    }

    /// Every path of two names and more outside tests; `super` and `self` at
    /// the front are spelled out from `crate`.
    pub fn paths(&self) -> Vec<Found> {
        let mut found = Vec::new();
        collect(self.tokens(), &self.module(), &mut found);
        found
    }

    /// The modules that are compiled for tests only and have files of their
    /// own, as paths without `.rs`.
    pub fn test_modules(&self) -> Vec<String> {
        let folder = match self.path.rsplit_once('/') {
            Some((folder, "mod.rs" | "lib.rs" | "main.rs")) => folder,
            _ => self.path.trim_end_matches(".rs"),
        };
        let mut modules = Vec::new();
        let mut tokens = self.tokens().into_iter().collect::<Vec<_>>().into_iter().peekable();
        while let Some(token) = tokens.next() {
            if is_punct(&token, '#') && tokens.next_if(is_test_attribute).is_some() {
                let item = take_item(&mut tokens);
                let word = |at: usize| item.get(at).map(ToString::to_string).unwrap_or_default();
                if let Some(at) = (0..item.len()).find(|at| word(*at) == "mod" && word(at + 2) == ";") {
                    modules.push(format!("{folder}/{}", word(at + 1)));
                }
            }
        }
        modules
    }

    fn tokens(&self) -> TokenStream {
        self.text.parse().unwrap_or_else(|error| panic!("{} cannot be read: {error}", self.path))
    }

    /// Its module, from the crate's root.
    fn module(&self) -> Vec<String> {
        let names = self.within_src().trim_end_matches(".rs").split('/');
        names.filter(|name| !matches!(*name, "mod" | "lib" | "main")).map(str::to_owned).collect()
    }
}

type Tokens = Peekable<IntoIter<TokenTree>>;

fn collect(stream: TokenStream, module: &[String], found: &mut Vec<Found>) {
    let mut tokens = stream.into_iter().collect::<Vec<_>>().into_iter().peekable();
    let mut declared: Option<String> = None;
    let mut after_mod = false;
    while let Some(token) = tokens.next() {
        let name_of_module = std::mem::take(&mut after_mod);
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                if tokens.next_if(is_test_attribute).is_some() {
                    take_item(&mut tokens);
                }
            }
            TokenTree::Ident(name) if name_of_module => declared = Some(name.to_string()),
            TokenTree::Ident(name) if name == "mod" => after_mod = true,
            TokenTree::Ident(name) => {
                let line = name.span().start().line;
                let mut paths = Vec::new();
                follow(vec![name.to_string()], &mut tokens, &mut paths);
                found.extend(
                    paths
                        .into_iter()
                        .filter(|path| path.len() > 1)
                        .map(|path| Found { path: spelled_out(path, module), line }),
                );
            }
            TokenTree::Group(group) => {
                let inner = match (group.delimiter(), declared.take()) {
                    (Delimiter::Brace, Some(name)) => [module, &[name]].concat(),
                    _ => module.to_vec(),
                };
                collect(group.stream(), &inner, found);
            }
            TokenTree::Punct(_) | TokenTree::Literal(_) => declared = None,
        }
    }
}

/// Goes on with `path` as long as `::` follows, into each branch of a group.
fn follow(path: Vec<String>, tokens: &mut Tokens, paths: &mut Vec<Vec<String>>) {
    if !next_is_colons(tokens) {
        paths.push(path);
        return;
    }
    match tokens.peek() {
        Some(TokenTree::Ident(_)) => {
            let name = tokens.next().map(|name| name.to_string()).unwrap_or_default();
            follow([path, vec![name]].concat(), tokens, paths);
        }
        Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
            let mut branches = group.stream().into_iter().collect::<Vec<_>>().into_iter().peekable();
            tokens.next();
            while let Some(branch) = branches.next() {
                if let TokenTree::Ident(name) = branch {
                    follow([path.clone(), vec![name.to_string()]].concat(), &mut branches, paths);
                    // `as other` renames; the comma ends the branch.
                    while branches.next_if(|token| !is_punct(token, ',')).is_some() {}
                }
            }
        }
        // `::*` or `::<T>`.
        _ => paths.push(path),
    }
}

fn next_is_colons(tokens: &mut Tokens) -> bool {
    let mut ahead = tokens.clone();
    let colons =
        ahead.next().is_some_and(|t| is_punct(&t, ':')) && ahead.next().is_some_and(|t| is_punct(&t, ':'));
    if colons {
        *tokens = ahead;
    }
    colons
}

fn spelled_out(path: Vec<String>, module: &[String]) -> Vec<String> {
    let ups = path.iter().take_while(|name| *name == "super").count();
    let rest = usize::from(path[0] == "self") + ups;
    if rest == 0 {
        return path;
    }
    let above = &module[..module.len().saturating_sub(ups)];
    [&["crate".to_owned()], above, &path[rest..]].concat()
}

fn is_punct(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

/// `[cfg(test)]` or `[cfg(all(test, …))]`.
fn is_test_attribute(token: &TokenTree) -> bool {
    let text: String = token.to_string().split_whitespace().collect();
    text.starts_with("[cfg(test") || text.starts_with("[cfg(all(test")
}

/// Takes what an attribute stands before: up to `;` or the end of its braces.
fn take_item(tokens: &mut Tokens) -> Vec<TokenTree> {
    let mut item = Vec::new();
    for token in tokens.by_ref() {
        let last = is_punct(&token, ';')
            || matches!(&token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace);
        item.push(token);
        if last {
            break;
        }
    }
    item
}
