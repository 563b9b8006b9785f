//! `whence strangers`: who has knocked at the gateway that runs, in vain.

use axum::http::Method;
use serde_json::Value;

use super::client::Client;
use super::run::Failed;
use crate::cli::Remote;

pub(super) async fn strangers(args: &Remote) -> Result<(), Failed> {
    let told = Client::of(args)?.ask(Method::GET, "/api/v1/strangers").await?;
    match told["items"].as_array().map(Vec::as_slice) {
        None | Some([]) => println!("no strangers"),
        Some(all) => all.iter().for_each(|one| println!("{}", line(one))),
    }
    Ok(())
}

/// One address on one line: when it knocked last, what it tried, and whether it is silenced.
fn line(one: &Value) -> String {
    let counted = [
        ("ignored", "ignored"),
        ("unanswered", "without a login"),
        ("wrong_logins", "wrong logins"),
        ("numbers", "numbers that are not ours"),
    ];
    let tried = counted.into_iter().filter_map(|(field, word)| {
        let count = one[field].as_u64().filter(|count| *count > 0)?;
        Some(format!("{count} {word}"))
    });
    let text = |field: &str| one[field].as_str();
    let trunk = text("trunk").map(|trunk| format!(", as {trunk}")).unwrap_or_default();
    let silent = text("silent_until").map(|until| format!(", silenced until {until}")).unwrap_or_default();
    format!(
        "{:<39}  last {}  {}{trunk}{silent}",
        text("address").unwrap_or("-"),
        text("last_at").unwrap_or("-"),
        tried.collect::<Vec<_>>().join(", "),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stranger_is_one_line_that_says_what_was_tried() {
        let one = json!({
            "address": "203.0.113.9", "first_at": "11:00", "last_at": "12:00", "ignored": 7, "unanswered": 0,
            "wrong_logins": 3, "numbers": 0, "trunk": null, "silent_until": "12:10",
        });

        let told = line(&one);

        assert!(told.starts_with("203.0.113.9 "), "{told}");
        assert!(told.ends_with("last 12:00  7 ignored, 3 wrong logins, silenced until 12:10"), "{told}");
    }
}
