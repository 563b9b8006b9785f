//! `whence oppositions`: lists of those who object, brought to a running gateway, listed and deleted.

use axum::http::Method;
use serde_json::Value;
use url::form_urlencoded;

use super::client::Client;
use super::contacts::pieces;
use super::run::Failed;
use crate::cli::{Oppositions, OppositionsDelete, OppositionsImport, Remote};

const HERE: &str = "/api/v1/oppositions";
/// As many lines that could not be read are named one by one.
const NAMED_MAX: usize = 20;

pub(super) async fn oppositions(command: &Oppositions) -> Result<(), Failed> {
    match command {
        Oppositions::Import(args) => import(args).await,
        Oppositions::List(remote) => list(remote).await,
        Oppositions::Delete(args) => delete(args).await,
    }
}

async fn import(args: &OppositionsImport) -> Result<(), Failed> {
    let client = Client::of(&args.remote)?;
    let path = args.file.display();
    let file = tokio::fs::File::open(&args.file).await;
    let file = file.map_err(|e| Failed::Start(format!("cannot read {path}: {e}")))?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query
        .append_pair("list", &args.list)
        .append_pair("channels", &args.channels.join(","))
        .append_pair("mode", if args.add { "add" } else { "replace" })
        .extend_pairs(args.name.iter().map(|name| ("name", name)));
    let imported = client.send(&format!("{HERE}?{}", query.finish()), "text/csv", pieces(file)).await?;
    println!("{}", told(&imported["list"]));
    println!(
        "{} lines read, {} unreadable{}",
        imported["read"],
        imported["unreadable"],
        unreadable(&imported)
    );
    Ok(())
}

async fn list(remote: &Remote) -> Result<(), Failed> {
    print(&Client::of(remote)?.ask(Method::GET, HERE).await?);
    Ok(())
}

/// Prints the lists that are left.
async fn delete(args: &OppositionsDelete) -> Result<(), Failed> {
    let list: String = form_urlencoded::byte_serialize(args.list.as_bytes()).collect();
    print(&Client::of(&args.remote)?.ask(Method::DELETE, &format!("{HERE}/{list}")).await?);
    Ok(())
}

fn print(lists: &Value) {
    lists["items"].as_array().into_iter().flatten().for_each(|list| println!("{}", told(list)));
}

/// `bloctel  Bloctel  phone, sms  3001 entries, changed 2026-11-22T12:21:09.042Z by key:…`
fn told(list: &Value) -> String {
    let text = |field: &str| list[field].as_str().unwrap_or("-");
    let channels = list["channels"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let channels = channels.collect::<Vec<_>>().join(", ");
    let (id, name, at, by) = (text("id"), text("name"), text("changed_at"), text("changed_by"));
    format!("{id}  {name}  {channels}  {} entries, changed {at} by {by}", list["entries"])
}

/// `: lines 3, 7 …`
fn unreadable(imported: &Value) -> String {
    let lines: Vec<_> = imported["lines"].as_array().into_iter().flatten().collect();
    if lines.is_empty() {
        return String::new();
    }
    let named = lines.iter().take(NAMED_MAX).map(|it| it["line"].to_string()).collect::<Vec<_>>().join(", ");
    let more = imported["unreadable"].as_u64().is_some_and(|all| all > NAMED_MAX as u64);
    format!(": lines {named}{}", if more { " …" } else { "" })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_and_what_could_not_be_read_of_it_are_told() {
        let list = json!({"id": "bloctel", "name": "Bloctel", "channels": ["phone", "sms"], "entries": 2,
            "changed_at": "2026-11-22T12:21:09.042Z", "changed_by": "key:7"});
        assert_eq!(
            told(&list),
            "bloctel  Bloctel  phone, sms  2 entries, changed 2026-11-22T12:21:09.042Z by key:7"
        );
        let lines = |count: u64| (0..count.min(1_000)).map(|n| json!({"line": n + 2})).collect::<Vec<_>>();
        let imported = |count: u64| json!({"unreadable": count, "lines": lines(count)});
        assert_eq!(unreadable(&imported(0)), "");
        assert_eq!(unreadable(&imported(2)), ": lines 2, 3");
        assert!(unreadable(&imported(21)).ends_with(", 21 …"));
    }
}
