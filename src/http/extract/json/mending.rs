//! All that is wrong with the shape of a JSON body. A reader stops at the first wrong part; so that part is mended in a
//! copy, with whatever the reader takes in its place, and the copy is read again, until nothing more is wrong.
//!
//! How much is tried has a bound: nobody keeps the gateway busy with bodies that are wrong all over.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use serde_path_to_error::Segment;

/// As many problems are told at the most.
const PROBLEMS_MAX: usize = 20;
/// How often a copy is read, at the most …
const TRIES_MAX: usize = 100;
/// … and how many bytes are read in all of them.
const WORK_MAX: usize = 512 * 1024;

/// A part of a body that cannot be meant so.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Wrong {
    path: Vec<Step>,
    pub reason: String,
}

/// From a part of a body to a part of that.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Step {
    Key(String),
    Item(usize),
}

impl Wrong {
    /// As a reader that knows where it is tells it; what is missing stands where it should be.
    pub fn new(path: &serde_path_to_error::Path, failure: &serde_json::Error) -> Self {
        // serde_json ends with " at line 1 column 7", which is said elsewhere.
        let reason = failure.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default().to_owned();
        let mut steps = Vec::new();
        for segment in path {
            match segment {
                Segment::Seq { index } => steps.push(Step::Item(*index)),
                Segment::Map { key } | Segment::Enum { variant: key } => steps.push(Step::Key(key.clone())),
                Segment::Unknown => break,
            }
        }
        let missing = reason.strip_prefix("missing field `").and_then(|rest| rest.strip_suffix('`'));
        steps.extend(missing.map(|name| Step::Key(name.to_owned())));
        Self { path: steps, reason }
    }

    /// `identities[0].kind`; of the whole, `body`.
    pub fn field(&self) -> String {
        let mut field = String::new();
        for step in &self.path {
            match step {
                Step::Key(key) if field.is_empty() => field.push_str(key),
                Step::Key(key) => field.push_str(&format!(".{key}")),
                Step::Item(n) => field.push_str(&format!("[{n}]")),
            }
        }
        if field.is_empty() { "body".to_owned() } else { field }
    }
}

/// Everything that is wrong with the shape of a body which cannot be read as a `T`, `first` among it.
pub(super) fn all_wrong<T: DeserializeOwned>(body: &[u8], first: Wrong) -> Vec<Wrong> {
    let Ok(mut value) = serde_json::from_slice::<Value>(body) else { return vec![first] };
    let mut tries = TRIES_MAX.min(WORK_MAX / body.len().max(1));
    let (mut all, mut told) = (Vec::new(), BTreeSet::new());
    let mut next = find_wrong::<T>(&value);
    while let Some(wrong) = next.filter(|_| all.len() < PROBLEMS_MAX) {
        // What was put in the place of something wrong is nobody's mistake.
        let is_ours = (0..wrong.path.len()).any(|n| told.contains(&wrong.path[..n]));
        told.insert(wrong.path.clone());
        next = mend::<T>(&mut value, &wrong.path, &told, &mut tries);
        if !is_ours {
            all.push(wrong);
        }
    }
    if !told.contains(&first.path) {
        all.insert(0, first);
    }
    all
}

fn find_wrong<T: DeserializeOwned>(value: &Value) -> Option<Wrong> {
    let read: Result<T, _> = serde_path_to_error::deserialize(value);
    read.err().map(|failure| Wrong::new(failure.path(), failure.inner()))
}

/// Puts something right in the place of what is wrong, and tells what is wrong besides; `None`: nothing is, or nobody
/// can tell.
fn mend<T: DeserializeOwned>(
    value: &mut Value,
    path: &[Step],
    told: &BTreeSet<Vec<Step>>,
    tries: &mut usize,
) -> Option<Wrong> {
    // Nothing, a text, a number, a yes or no, lists and objects, an id, a time.
    let (id, time) = ("00000000-0000-0000-0000-000000000000", "2000-01-01T00:00:00Z");
    let instead = [json!(""), json!(0), json!(false), json!([]), json!({}), json!(id), json!(time)];
    let mut nearer = None;
    for instead in [None].into_iter().chain(instead.into_iter().map(Some)) {
        *tries = tries.checked_sub(1)?;
        let mut mended = value.clone();
        put(&mut mended, path, instead)?;
        match find_wrong::<T>(&mended) {
            None => return None,
            Some(next) if told.contains(&next.path) => {}
            // An object in the right place, of which something is missing.
            Some(next) if next.path.starts_with(path) => nearer = nearer.or(Some((mended, next))),
            Some(next) => {
                *value = mended;
                return Some(next);
            }
        }
    }
    let (mended, next) = nearer?;
    *value = mended;
    Some(next)
}

/// Puts `new` at this place, or takes away what stands there; `None`: there is no such place.
fn put(value: &mut Value, path: &[Step], new: Option<Value>) -> Option<()> {
    let (last, before) = path.split_last()?;
    let mut place = value;
    for step in before {
        place = match step {
            Step::Key(key) => place.get_mut(key)?,
            Step::Item(n) => place.get_mut(n)?,
        };
    }
    match (last, new) {
        (Step::Key(key), Some(new)) => _ = place.as_object_mut()?.insert(key.clone(), new),
        (Step::Key(key), None) => _ = place.as_object_mut()?.remove(key),
        // The others keep their numbers.
        (Step::Item(n), new) => *place.get_mut(n)? = new.unwrap_or_default(),
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Body {
        name: Option<String>,
        age: u8,
        id: uuid::Uuid,
        items: Option<Vec<Item>>,
        #[serde(default)]
        more: BTreeMap<String, bool>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(deny_unknown_fields)]
    #[allow(dead_code)]
    struct Item {
        kind: String,
        flag: Option<bool>,
    }

    fn fields(body: &str) -> Vec<String> {
        let mut text = serde_json::Deserializer::from_str(body);
        let read: Result<Body, _> = serde_path_to_error::deserialize(&mut text);
        let failure = read.unwrap_err();
        let first = Wrong::new(failure.path(), failure.inner());
        let mut fields: Vec<_> = all_wrong::<Body>(body.as_bytes(), first).iter().map(Wrong::field).collect();
        fields.sort();
        fields
    }

    #[test]
    fn all_that_is_wrong_is_told_by_its_place() {
        let id = "0190a5e4-0000-7000-8000-000000000000";
        for (body, expected) in [
            (r#"{"nmae": "Ada"}"#.to_owned(), "age id nmae"),
            (
                r#"{"name": 7, "age": "x", "id": 1, "hat": {}, "more": {"a": 1}}"#.to_owned(),
                "age hat id more.a name",
            ),
            (
                format!(
                    r#"{{"age": 1, "id": "{id}", "items": [{{"kind": 1}}, 7, {{"flag": 2, "x": 0}}, {{"kind": "a"}}]}}"#
                ),
                "items[0].kind items[1] items[2].flag items[2].kind items[2].x",
            ),
            (format!(r#"{{"age": 1, "id": "{id}", "items": {{}}}}"#), "items"),
            ("[]".to_owned(), "body"),
            ("7".to_owned(), "body"),
        ] {
            assert_eq!(fields(&body).join(" "), expected, "{body}");
        }
    }

    #[test]
    fn so_much_is_told_and_no_more() {
        let many = (0..1_000).map(|n| format!(r#""f{n}": 1"#)).collect::<Vec<_>>().join(",");

        assert_eq!(fields(&format!("{{{many}}}")).len(), PROBLEMS_MAX);
        // What is too large to be read over and over has its first problem told.
        let large = format!(r#"{{"nmae": "{}", "hat": 1}}"#, "x".repeat(WORK_MAX));
        assert!((1..=2).contains(&fields(&large).len()));
    }

    proptest! {
        #[test]
        fn whatever_is_in_a_body_something_is_told(body in "[{]?(\"(name|age|id|items|more|x)\": ?([0-9]|\"a\"|null|[]]|[{][}]|[\\[][0-9{}\"a,:]*),? ?){0,4}[}]?") {
            let mut text = serde_json::Deserializer::from_str(&body);
            let read: Result<Body, _> = serde_path_to_error::deserialize(&mut text);
            if let Err(failure) = read {
                let first = Wrong::new(failure.path(), failure.inner());
                let all = all_wrong::<Body>(body.as_bytes(), first.clone());
                prop_assert!(all.contains(&first) || all.iter().any(|it| it.path == first.path));
                let places: BTreeSet<_> = all.iter().map(|it| it.path.clone()).collect();
                prop_assert_eq!(places.len(), all.len(), "each once");
            }
        }
    }
}
