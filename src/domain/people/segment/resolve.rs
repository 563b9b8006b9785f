//! A filter with the segments that it names in it, so that it stands for itself.

use std::collections::BTreeMap;

use super::{DEPTH_MAX, Fault, Filter, Leaf, Problem, TESTS_MAX, Test, Tree, Words, parse};
use crate::domain::ids::SegmentId;

/// Tests alone.
pub type Resolved = Tree<Test>;

/// Reads the text of the segment `id`, or of none, and puts into it what it names; `filters` are
/// the texts of all segments.
///
/// What is wrong with a segment that is named, is told at the place where it is named.
pub fn resolve(
    id: Option<&SegmentId>,
    text: &str,
    words: &Words,
    filters: &BTreeMap<SegmentId, String>,
) -> Result<Resolved, Problem> {
    let filter = parse(text, words)?;
    let mut way: Vec<SegmentId> = id.cloned().into_iter().collect();
    let resolved = put_in(&filter, words, filters, &mut way);
    resolved.and_then(fits).map_err(|fault| Problem { at: 0, length: text.chars().count(), fault })
}

/// Neither too wide nor too deep, and so nothing that is made of it is.
fn fits(resolved: Resolved) -> Result<Resolved, Fault> {
    if resolved.leaves() > TESTS_MAX {
        return Err(Fault::TooMany);
    }
    if resolved.depth() > 2 * DEPTH_MAX { Err(Fault::TooDeep) } else { Ok(resolved) }
}

fn put_in(
    filter: &Filter,
    words: &Words,
    filters: &BTreeMap<SegmentId, String>,
    way: &mut Vec<SegmentId>,
) -> Result<Resolved, Fault> {
    let mut each = |parts: &[Filter]| {
        parts.iter().map(|part| put_in(part, words, filters, way)).collect::<Result<Vec<_>, Fault>>()
    };
    Ok(match filter {
        Tree::All(parts) => Tree::All(each(parts)?),
        Tree::Any(parts) => Tree::Any(each(parts)?),
        Tree::Not(part) => Tree::Not(Box::new(put_in(part, words, filters, way)?)),
        Tree::Leaf(Leaf::Test(test)) => Tree::Leaf(test.clone()),
        Tree::Leaf(Leaf::Segment(id)) => {
            if way.contains(id) {
                let names: Vec<&str> = way.iter().chain([id]).map(SegmentId::as_str).collect();
                return Err(Fault::Circle(names.join(" → ")));
            }
            let broken = || Fault::Broken(id.to_string());
            let named = filters.get(id).ok_or_else(broken)?;
            let named = parse(named, words).map_err(|_| broken())?;
            way.push(id.clone());
            let resolved = put_in(&named, words, filters, way)?;
            way.pop();
            fits(resolved)?
        }
    })
}
