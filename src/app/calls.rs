//! `whence calls`, `whence hang-up` and `whence reload`: what an admin asks of
//! the gateway that runs.

use axum::http::Method;
use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};

use super::client::Client;
use super::run::Failed;
use crate::cli::{Calls, HangUp, Remote};

const LIVE: &str = "/api/v1/live-calls";

pub(super) async fn calls(args: &Calls) -> Result<(), Failed> {
    let client = Client::of(&args.remote)?;
    if args.watch {
        let mut interrupt = signal(SignalKind::interrupt()).map_err(Failed::start)?;
        let path = format!("{LIVE}/events");
        tokio::select! {
            ended = client.watch(&path, |event, data| tell(event, &data)) => ended,
            _ = interrupt.recv() => Ok(()),
        }
    } else {
        tell("calls", &client.ask(Method::GET, LIVE).await?["items"]);
        Ok(())
    }
}

pub(super) async fn hang_up(args: &HangUp) -> Result<(), Failed> {
    let client = Client::of(&args.remote)?;
    let call = client.ask(Method::DELETE, &format!("{LIVE}/{}", args.id)).await?;
    println!("hanging up: {}", line(&call));
    Ok(())
}

pub(super) async fn reload(args: &Remote) -> Result<(), Failed> {
    let told = Client::of(args)?.ask(Method::POST, "/api/v1/reload").await?;
    println!("{}", told["summary"].as_str().unwrap_or_default());
    Ok(())
}

fn tell(event: &str, data: &Value) {
    match (event, data) {
        ("calls", Value::Array(calls)) if calls.is_empty() => println!("no calls"),
        ("calls", Value::Array(calls)) => calls.iter().for_each(|call| println!("{}", line(call))),
        ("call", call) => println!("{}", line(call)),
        ("ended", end) => {
            println!(
                "{}  ended     {}, hung up by {}",
                text(end, "id"),
                text(end, "outcome"),
                text(end, "hung_up_by")
            );
        }
        // Of a later version.
        _ => {}
    }
}

/// One call on one line: its id, how far it is, since when, who calls whom, and where it rings.
fn line(call: &Value) -> String {
    let since = if call["answered_at"].is_null() { "arrived_at" } else { "answered_at" };
    let caller = call["caller"].as_str().unwrap_or("withheld");
    let to = call["line"].as_str().map(|line| format!(", {line}")).unwrap_or_default();
    format!(
        "{}  {:<8}  since {}  {caller} -> {} ({}{to})",
        text(call, "id"),
        text(call, "state"),
        text(call, since),
        text(call, "number"),
        text(call, "destination"),
    )
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_one_line() {
        let call = json!({
            "id": "0199", "state": "talking", "arrived_at": "12:00", "answered_at": "12:01", "caller": null,
            "number": "+33199001000", "destination": "shop", "line": "sip:shop@pbx",
        });

        assert_eq!(line(&call), "0199  talking   since 12:01  withheld -> +33199001000 (shop, sip:shop@pbx)");
    }
}
