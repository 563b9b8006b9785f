//! `whence contacts`: tables of contacts brought to a running gateway, and taken from it.

use std::io::{IsTerminal, Write};
use std::time::Duration;

use axum::body::Body;
use axum::http::Method;
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use url::form_urlencoded;

use super::client::Client;
use super::run::Failed;
use crate::cli::{Contacts, ContactsExport, ContactsImport};

/// How often it is asked how far the work is.
const EVERY: Duration = Duration::from_millis(500);
/// How much of a file is sent at once.
const PIECE: usize = 64 * 1024;
/// How wide the bar is.
const BAR: usize = 30;

pub(super) async fn contacts(command: &Contacts) -> Result<(), Failed> {
    match command {
        Contacts::Import(args) => import(args).await,
        Contacts::Export(args) => export(args).await,
    }
}

async fn import(args: &ContactsImport) -> Result<(), Failed> {
    let client = Client::of(&args.remote)?;
    // A heading may have a sign of equality in it, and so may a text; a target has none, nor has a field.
    let mapping = pairs(&args.map, |it| it.rsplit_once('='), "--map HEADING=TARGET, as in Nom=family_name")?;
    let consents =
        pairs(&args.consent, |it| it.split_once('='), "--consent FIELD=VALUE, as in at=2026-03-01")?;
    let path = args.file.display();
    let file = tokio::fs::File::open(&args.file).await;
    let file = file.map_err(|e| Failed::Start(format!("cannot read {path}: {e}")))?;
    let name = args.file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("name", &name).extend_pairs(args.separator.iter().map(|it| ("separator", it)));
    let brought =
        client.send(&format!("/api/v1/imports?{}", query.finish()), "text/csv", pieces(file)).await?;
    let here = format!("/api/v1/imports/{}", brought["id"].as_str().unwrap_or_default());

    let start = json!({"mapping": mapping, "consents": consents, "dry_run": args.dry_run});
    let started = client.send(&format!("{here}/start"), "application/json", start.to_string().into()).await;
    if started.is_err() {
        // Nobody would come back for it.
        client.delete(&here).await?;
    }
    for column in started?["columns"].as_array().into_iter().flatten() {
        println!("{} -> {}", text(column, "heading"), column["target"].as_str().unwrap_or("(not kept)"));
    }
    let ended = watch(&client, &here).await?;
    if let Some(report) = &args.report {
        save(&client, &format!("{here}/report"), report).await?;
    }
    if args.dry_run {
        client.delete(&here).await?;
    }
    println!("{}", counted(&ended["counts"]));
    match ended["problem"].as_str() {
        Some(problem) => Err(Failed::Tried(problem.to_owned())),
        None => Ok(()),
    }
}

async fn export(args: &ContactsExport) -> Result<(), Failed> {
    save(&Client::of(&args.remote)?, "/api/v1/contacts.csv", &args.file).await
}

/// Waits until the run ends, with a bar where somebody looks.
async fn watch(client: &Client, here: &str) -> Result<Value, Failed> {
    let shown = std::io::stderr().is_terminal();
    loop {
        let import = client.ask(Method::GET, here).await?;
        let runs = matches!(import["state"].as_str(), Some("checking" | "importing"));
        if shown {
            eprint!("\r{}", bar(&import));
        }
        if !runs {
            if shown {
                eprintln!();
            }
            return Ok(import);
        }
        let _ = std::io::stderr().flush();
        tokio::time::sleep(EVERY).await;
    }
}

/// `[######      ] 42 %  1200 rows`
fn bar(import: &Value) -> String {
    let (bytes, done) = (number(import, "bytes").max(1), number(import, "done_bytes"));
    let counts = &import["counts"];
    let rows: u64 =
        ["created", "changed", "unchanged", "merged", "refused"].map(|it| number(counts, it)).iter().sum();
    let filled = (BAR as u64 * done / bytes).min(BAR as u64) as usize;
    format!("[{:<BAR$}] {:>3} %  {rows} rows", "#".repeat(filled), (100 * done / bytes).min(100))
}

fn counted(counts: &Value) -> String {
    let of = |what| format!("{what} {}", number(counts, what));
    ["created", "changed", "unchanged", "merged", "refused", "marked", "consents"].map(of).join(", ")
}

/// `Nom=family_name`; `None`: nothing is said.
fn pairs(
    texts: &[String],
    cut: impl Fn(&str) -> Option<(&str, &str)>,
    how: &str,
) -> Result<Option<Value>, Failed> {
    let mut said = serde_json::Map::new();
    for text in texts {
        let (name, value) =
            cut(text).ok_or_else(|| Failed::Start(format!("{text:?} is no pair; say {how}")))?;
        said.insert(name.to_owned(), value.into());
    }
    Ok((!said.is_empty()).then_some(Value::Object(said)))
}

pub(super) fn pieces(file: tokio::fs::File) -> Body {
    let pieces = stream::unfold(file, async |mut file| {
        let mut piece = vec![0; PIECE];
        match file.read(&mut piece).await {
            Ok(0) => None,
            Ok(read) => {
                piece.truncate(read);
                Some((Ok(piece), file))
            }
            Err(failure) => Some((Err(failure), file)),
        }
    });
    Body::from_stream(pieces)
}

/// What the gateway sends, into a file, as it comes.
async fn save(client: &Client, from: &str, to: &std::path::Path) -> Result<(), Failed> {
    let mut body = client.get(from, "text/csv").await?.into_data_stream();
    let bad = |e: std::io::Error| Failed::Tried(format!("cannot write {}: {e}", to.display()));
    let mut file = tokio::fs::File::create(to).await.map_err(bad)?;
    while let Some(piece) = body.next().await {
        file.write_all(&piece.map_err(Failed::tried)?).await.map_err(bad)?;
    }
    file.flush().await.map_err(bad)
}

fn number(value: &Value, field: &str) -> u64 {
    value[field].as_u64().unwrap_or_default()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_read_and_a_bar_is_drawn() {
        let read = |said: &[&str]| {
            let said: Vec<_> = said.iter().map(|it| (*it).to_owned()).collect();
            pairs(&said, |it| it.rsplit_once('='), "HEADING=TARGET")
        };
        assert_eq!(read(&[]).ok().flatten(), None);
        assert_eq!(read(&["a=b=phone"]).ok().flatten(), Some(json!({"a=b": "phone"})));
        assert!(read(&["phone"]).is_err());

        let import =
            json!({"bytes": 200, "done_bytes": 100, "counts": {"created": 3, "refused": 1, "marked": 4}});
        assert_eq!(bar(&import), "[###############               ]  50 %  4 rows");
    }
}
