//! Holds the source against the map of the house: who may import whom, what
//! stays pure, how long a file may be.
//!
//! Two thirds of a workspace's worth for none of its cost: the compiler would
//! refuse a wrong import between crates, this refuses it between folders.
//! When a test here fails, move the code before you widen the table.

mod paths;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use paths::{Found, Source};

/// Who may import whom, bottom to top; itself always.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("clock", &["domain"]),
    ("telemetry", &["domain"]),
    ("wav", &["domain"]),
    ("inbox", &["domain"]),
    ("public_names", &["domain"]),
    ("name_servers", &[]),
    ("call", &["domain"]),
    ("store", &["domain", "telemetry"]),
    ("vault", &["domain", "telemetry"]),
    ("notify", &["domain", "public_names", "telemetry"]),
    ("oidc", &["domain"]),
    ("sip", &["domain", "call", "clock", "name_servers", "public_names", "telemetry"]),
    ("media", &["domain", "call", "clock", "vault", "telemetry"]),
    ("flows", &["domain", "clock", "store", "telemetry", "wav"]),
    ("switchboard", &["domain", "clock", "call", "sip", "media", "flows", "telemetry"]),
    ("jobs", &["domain", "clock", "store", "vault", "inbox", "notify", "flows", "telemetry"]),
    (
        "http",
        &["domain", "clock", "store", "vault", "inbox", "oidc", "flows", "switchboard", "telemetry", "wav"],
    ),
    // A stranger to the gateway: it speaks SIP and HTTP to it, and asks no other part.
    ("demo", &["domain", "clock", "call", "sip", "telemetry"]),
    // Builds what parts want to be told, so it may name their words for it; no part asks it.
    ("config", &["domain", "oidc", "sip", "telemetry"]),
    ("cli", &[]),
];

/// These wire everything together.
const MAY_IMPORT_ALL: &[&str] = &["app", "lib", "main"];

/// What takes input and time as arguments and returns what to do.
const PURE: &[&str] = &[
    "domain/",
    "call/",
    "sip/message/",
    "sip/transaction/",
    "sip/dialog/",
    "sip/endpoint",
    "sip/trunk/",
    "media/sdp/",
    "media/rtp/",
    "media/ice",
    "media/srtp/",
    "media/seal",
    "media/latch",
    "media/session",
    "media/exchange",
    "media/track",
    "media/ear",
    "media/dtmf",
    "media/codec/",
    "media/conversion",
    "wav",
];

/// No pure file names these crates …
const IMPURE_CRATES: &[&str] =
    &["tokio", "sqlx", "axum", "tower_http", "socket2", "tracing", "getrandom", "rand", "prometheus_client"];
/// … these modules …
const IMPURE_MODULES: &[[&str; 2]] =
    &[["std", "fs"], ["std", "env"], ["std", "thread"], ["std", "process"], ["crate", "clock"]];
/// … or these things, however they came to be in scope.
const IMPURE_NAMES: &[&str] = &["UdpSocket", "TcpListener", "TcpStream", "Instant", "SystemTime", "now"];

const LINES_MAX: usize = 400;
/// Tables of data may be longer: path and why.
const LONG: &[(&str, &str)] = &[];

#[test]
fn imports_follow_the_layers() {
    assert_none(broken_imports(&Source::of_folder("src")));
}

#[test]
fn pure_layers_name_no_outside_world() {
    assert_none(impurities(&Source::of_folder("src")));
}

#[test]
fn every_file_opens_with_what_it_decides_or_owns() {
    let all = ["src", "tests", "benches"].into_iter().flat_map(Source::of_folder);
    let silent = all.filter(|file| !file.text.starts_with("//! ")).map(|file| file.path);
    assert_none(silent.map(|path| format!("{path} does not open with //!")).collect());
}

#[test]
fn no_file_grows_beyond_what_one_reads_in_a_sitting() {
    let files = Source::of_folder("src");
    let is_long = |file: &&Source| file.text.lines().count() > LINES_MAX;
    let excused = |file: &Source| LONG.iter().any(|(path, _)| *path == file.path);

    let long = files.iter().filter(is_long).filter(|file| !excused(file));
    assert_none(long.map(|file| format!("{} is longer than {LINES_MAX} lines", file.path)).collect());

    let gone = |path: &str| !files.iter().filter(is_long).any(|file| file.path == path);
    let stale = LONG.iter().filter(|(path, _)| gone(path));
    assert_none(stale.map(|(path, _)| format!("{path} needs no excuse any more")).collect());
}

/// Of two schemas of one name the description keeps one, and tells the other's fields wrong.
#[test]
fn each_schema_of_the_description_has_a_name_of_its_own() {
    assert_none(schemas_of_one_name(&Source::of_folder("src")));
}

#[test]
fn every_part_that_may_be_imported_has_a_row_itself() {
    let known: BTreeSet<&str> = MAY_IMPORT.iter().map(|(layer, _)| *layer).collect();
    let unknown =
        MAY_IMPORT.iter().flat_map(|(_, others)| others.iter()).filter(|layer| !known.contains(*layer));
    assert_none(unknown.map(|layer| format!("{layer} is no part")).collect());
}

fn assert_none(complaints: Vec<String>) {
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

fn broken_imports(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in shipped(files) {
        let layer = file.layer();
        if MAY_IMPORT_ALL.contains(&layer) {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == layer) else {
            complaints.push(format!("{}: `{layer}` has no row in the import table", file.path));
            continue;
        };
        for Found { path, line } in file.paths() {
            let [first, other, ..] = path.as_slice() else { continue };
            if first == "crate" && other != layer && !allowed.contains(&other.as_str()) {
                complaints.push(format!(
                    "{}:{line}: `{layer}` may not import `{}`",
                    file.path,
                    path.join("::")
                ));
            }
        }
    }
    complaints
}

fn impurities(files: &[Source]) -> Vec<String> {
    let mut complaints = Vec::new();
    for file in shipped(files).filter(|file| PURE.iter().any(|place| file.within_src().starts_with(place))) {
        for Found { path, line } in file.paths() {
            let impure = IMPURE_CRATES.contains(&path[0].as_str())
                || IMPURE_MODULES.iter().any(|module| path.starts_with(&module.map(str::to_owned)))
                || path.iter().skip(1).any(|name| IMPURE_NAMES.contains(&name.as_str()));
            if impure {
                complaints.push(format!("{}:{line}: `{}` in a pure layer", file.path, path.join("::")));
            }
        }
    }
    complaints
}

fn schemas_of_one_name(files: &[Source]) -> Vec<String> {
    let (mut known, mut complaints) = (BTreeMap::new(), Vec::new());
    for file in files {
        let mut lines = file.text.lines();
        while lines.any(|line| line.starts_with("#[derive(") && line.contains("ToSchema")) {
            let name = lines.by_ref().find_map(|line| {
                let said = line.strip_prefix("#[schema(as = ").and_then(|rest| rest.strip_suffix(")]"));
                let line = line.trim_start_matches("pub ");
                let typed = line.strip_prefix("struct ").or_else(|| line.strip_prefix("enum "));
                said.or(typed.and_then(|rest| rest.split([' ', '<', '(', ';']).next()))
            });
            let name = name.expect("what is derived has a name");
            if let Some(other) = known.insert(name, &file.path) {
                complaints.push(format!("{}: {other} has a schema {name}, too", file.path));
            }
        }
    }
    complaints
}

/// The files that are compiled into the program: not those of `#[cfg(test)] mod tests;`.
fn shipped(files: &[Source]) -> impl Iterator<Item = &Source> {
    let tests: Vec<String> = files.iter().flat_map(Source::test_modules).collect();
    files.iter().filter(move |file| {
        let module = Path::new(&file.path).with_extension("");
        !tests.iter().any(|test| module.starts_with(test))
    })
}

impl Source {
    /// Every Rust file below `folder`, in order of path; none when there is no such folder.
    fn of_folder(folder: &str) -> Vec<Source> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = Vec::new();
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                    files.push(Source::new(name, &fs::read_to_string(&path).unwrap()));
                }
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        files
    }
}

mod the_checker {
    //! A checker that finds nothing proves nothing: it must catch these.

    use super::*;

    fn imports(path: &str, text: &str) -> Vec<String> {
        broken_imports(&[Source::new(path, text)])
    }

    #[test]
    fn catches_a_wrong_import_however_it_is_written() {
        for text in [
            "use crate::store::Store;",
            "use crate::{domain::phone::Phone, store};",
            "use crate::{\n    domain::{ids::*, phone},\n    store::{self, Page},\n};",
            "fn f() { let s = crate::store::open(); }",
            "fn f() -> Vec<crate::store::Page> { vec![] }",
            "fn f() { assert!(crate::store::is_open()); }",
            "use super::super::store::Store;",
            "mod inner { use super::super::super::store::Store; }",
            "pub(in crate::store) fn f() {}",
        ] {
            assert!(!imports("src/call/arriving.rs", text).is_empty(), "{text}");
        }
    }

    #[test]
    fn says_where_it_is() {
        let text = "//! Doc.\n\nuse crate::http::router;\n";

        assert_eq!(
            imports("src/flows/a.rs", text),
            ["src/flows/a.rs:3: `flows` may not import `crate::http::router`"]
        );
    }

    #[test]
    fn lets_pass_what_the_table_allows() {
        for (path, text) in [
            ("src/call/a.rs", "use crate::{call::leg, domain::phone::Phone};"),
            ("src/call/mod.rs", "use super::domain; use self::leg::LegId;"),
            ("src/http/api/calls.rs", "use super::super::error::HttpError; use crate::store;"),
            ("src/call/a.rs", "// use crate::store;\nconst A: &str = \"crate::store\";"),
            ("src/app.rs", "use crate::store; use crate::http;"),
        ] {
            assert_eq!(imports(path, text), [""; 0], "{path}: {text}");
        }
    }

    #[test]
    fn asks_for_a_row_when_a_part_is_new() {
        assert_eq!(imports("src/plumbing.rs", "").len(), 1);
    }

    #[test]
    fn leaves_tests_alone_inside_the_file_and_beside_it() {
        let inline =
            "#[cfg(test)]\nmod tests { use crate::store; }\n#[cfg(test)] use crate::http;\nfn f() {}";
        let beside = [
            Source::new("src/domain/mod.rs", "#[cfg(test)]\nmod tests;\n"),
            Source::new("src/domain/tests.rs", "use crate::store;"),
            Source::new("src/domain/tests/more.rs", "use crate::store;"),
            Source::new("src/domain/phone.rs", "#[cfg(test)] mod table;"),
            Source::new("src/domain/phone/table.rs", "use crate::store;"),
        ];

        assert_eq!(imports("src/domain/a.rs", inline), [""; 0]);
        assert_eq!(broken_imports(&beside), [""; 0]);
        assert_eq!(imports("src/domain/a.rs", "#[cfg(not(test))] use crate::store;").len(), 1);
        assert_eq!(imports("src/domain/tests.rs", "use crate::store;").len(), 1, "nobody declares it a test");
    }

    #[test]
    fn catches_two_schemas_of_one_name() {
        let one = Source::new("src/http/a.rs", "#[derive(ToSchema)]\npub struct Origin {");
        let two =
            Source::new("src/http/b.rs", "#[derive(Serialize, ToSchema)]\n#[serde(x)]\nenum Origin<T> {");
        let said = Source::new(
            "src/http/b.rs",
            "#[derive(ToSchema)]\n#[schema(as = CallOrigin)]\nstruct Origin(u8);",
        );
        assert_eq!(schemas_of_one_name(&[one, two]).len(), 1);
        let one = Source::new("src/http/a.rs", "#[derive(ToSchema)]\npub struct Origin {");
        assert_eq!(schemas_of_one_name(&[one, said]), [""; 0]);
    }

    #[test]
    fn catches_every_way_out_of_a_pure_layer() {
        for text in [
            "use tokio::sync::mpsc;",
            "use std::{fs, fmt};",
            "use std::net::{IpAddr, UdpSocket};",
            "use std::time::{Duration, Instant};",
            "use std::time; fn f() { time::SystemTime::UNIX_EPOCH; }",
            "fn f() { let t = Timestamp::now(); }",
            "use crate::clock::Clock;",
            "fn f() { tracing::info!(\"x\"); }",
        ] {
            for path in ["src/domain/a.rs", "src/sip/message/parse.rs", "src/sip/endpoint.rs"] {
                assert_eq!(impurities(&[Source::new(path, text)]).len(), 1, "{path}: {text}");
            }
            assert_eq!(impurities(&[Source::new("src/sip/transport/udp.rs", text)]), [""; 0], "{text}");
        }
        let innocent = "use std::net::IpAddr; use std::time::Duration; fn f(now: u8) -> u8 { now }";
        assert_eq!(impurities(&[Source::new("src/domain/a.rs", innocent)]), [""; 0]);
    }
}
