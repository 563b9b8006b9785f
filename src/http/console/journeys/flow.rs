//! The last visits before calls as a picture: a band for each step from one channel to the next, as thick as there were
//! calls that went it.
//!
//! ```text
//!   │▒▒▒▒▒▒▒▒╲            ╱▒▒▒▒▒▒▒▒│
//!   │         ╲▒▒▒▒▒▒▒▒▒▒╱         │ call
//!   3 visits      2 …        last visit
//! ```
//!
//! Columns are as many visits before the call; who came first in a later one has nothing flow into it. The
//! labels that most flows through have colours of their own, all others share one.

use std::collections::BTreeMap;

use crate::domain::reporting::ways::Step;
use crate::http::language::Lang;

const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 320.0;
const TOP: f64 = 24.0;
const NODE: f64 = 12.0;
const GAP: f64 = 8.0;
/// How many labels have a colour of their own.
const COLOURS: usize = 7;
/// A label beside a node that is lower than a line would cover the next.
const LINE: f64 = 14.0;

pub(super) struct Flow {
    pub width: f64,
    pub height: f64,
    /// Each column: where its name stands, how it is aligned, and it.
    pub columns: Vec<(f64, &'static str, String)>,
    pub bands: Vec<Band>,
    pub nodes: Vec<Node>,
}

pub(super) struct Band {
    pub path: String,
    pub colour: usize,
    pub title: String,
}

pub(super) struct Node {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub colour: usize,
    pub title: String,
    /// Where its name stands, and it; `None`: there is no room.
    pub name: Option<(f64, f64, String)>,
}

/// What stands in a column: a label by its rank, or the call.
type Rank = usize;

/// How much goes from where to where: by the column, counted in visits before the call, and the ranks of both ends.
type Parts = BTreeMap<(usize, Rank, Rank), f64>;

/// `name` tells a label in the reader's words. `None`: there is nothing to draw.
pub(super) fn flow(lang: Lang, steps: &[Step], name: impl Fn(&str) -> String) -> Option<Flow> {
    let t = lang.journey_texts();
    let ranked = ranked(steps);
    let rank = |label: &str| ranked.iter().position(|it| *it == label).unwrap_or(COLOURS);
    let mut parts = Parts::new();
    for step in steps {
        let to = step.to.as_deref().map_or(0, rank);
        *parts.entry((step.before, rank(&step.from), to)).or_default() += step.calls;
    }
    let calls: f64 = parts.iter().filter(|((before, ..), _)| *before == 1).map(|(_, calls)| calls).sum();
    let most = steps.iter().map(|it| it.before).max().filter(|_| calls > 0.0)?;
    let words = |rank: Rank| ranked.get(rank).map_or_else(|| t.other.to_owned(), |label| name(label));

    let mut heights: BTreeMap<(usize, Rank), f64> = BTreeMap::from([((0, 0), calls)]);
    for ((before, from, _), calls) in &parts {
        *heights.entry((*before, *from)).or_default() += calls;
    }
    let fullest = (0..=most).map(|it| heights.keys().filter(|(before, _)| *before == it).count()).max()?;
    let scale = (HEIGHT - GAP * (fullest - 1) as f64) / calls;
    let x = |before: usize| (most - before) as f64 / most as f64 * (WIDTH - NODE);
    let mut tops: BTreeMap<(usize, Rank), f64> = BTreeMap::new();
    let mut nodes = Vec::new();
    for before in 0..=most {
        let mut y = TOP;
        for (&(_, rank), &calls) in heights.range((before, 0)..(before + 1, 0)) {
            tops.insert((before, rank), y);
            let height = calls * scale;
            let words = if before == 0 { t.call.to_owned() } else { words(rank) };
            let title = format!("{words}: {}", lang.figure(calls));
            nodes.push(Node {
                x: round(x(before)),
                y: round(y),
                width: NODE,
                height: round(height.max(1.0)),
                colour: if before == 0 { COLOURS + 1 } else { rank },
                title,
                name: (height >= LINE && before > 0)
                    .then(|| (round(x(before) + NODE + 6.0), round(y + height / 2.0 + 4.0), words)),
            });
            y += height + GAP;
        }
    }
    let (mut out, mut into) = (tops.clone(), tops);
    // Those of one node in the order of what they lead to, so that bands cross no more than they must.
    let bands = parts.iter().map(|(&(before, from, to), &calls)| {
        let thick = calls * scale;
        let take = |tops: &mut BTreeMap<(usize, Rank), f64>, at| {
            let top = tops.get_mut(&at).map(|top| std::mem::replace(top, *top + thick));
            top.unwrap_or(TOP)
        };
        let (begin, end) = (take(&mut out, (before, from)), take(&mut into, (before - 1, to)));
        let (left, right) = (x(before) + NODE, x(before - 1));
        let middle = round((left + right) / 2.0);
        let [begin, begins_below] = [begin, begin + thick].map(round);
        let [end, ends_below] = [end, end + thick].map(round);
        let (left, right) = (round(left), round(right));
        let target = if before == 1 { t.call.to_owned() } else { words(to) };
        Band {
            path: format!(
                "M{left} {begin}C{middle} {begin} {middle} {end} {right} {end}V{ends_below}C{middle} {ends_below} \
                 {middle} {begins_below} {left} {begins_below}Z"
            ),
            colour: from,
            title: format!("{} → {target}: {}", words(from), lang.figure(calls)),
        }
    });
    let bands = bands.collect();
    let columns = (0..=most).rev().map(|before| {
        let (x, align) = match before {
            0 => (WIDTH, "end"),
            _ if before == most => (0.0, "start"),
            _ => (round(x(before)), "start"),
        };
        (x, align, if before == 0 { t.call.to_owned() } else { lang.visits_before(before) })
    });
    Some(Flow { width: WIDTH, height: TOP + HEIGHT + 4.0, columns: columns.collect(), bands, nodes })
}

/// The labels that most flows through, the most first.
fn ranked(steps: &[Step]) -> Vec<&str> {
    let mut through: BTreeMap<&str, f64> = BTreeMap::new();
    steps.iter().for_each(|it| *through.entry(&it.from).or_default() += it.calls);
    let mut ranked: Vec<(&str, f64)> = through.into_iter().collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    ranked.into_iter().take(COLOURS).map(|(label, _)| label).collect()
}

fn round(length: f64) -> f64 {
    (length * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(before: usize, from: &str, to: Option<&str>, calls: f64) -> Step {
        Step { before, from: from.to_owned(), to: to.map(str::to_owned), calls }
    }

    #[test]
    fn nodes_are_as_high_as_their_calls_and_bands_fill_them() {
        let steps = [
            step(1, "Email", None, 6.0),
            step(1, "Direct", None, 2.0),
            step(2, "Direct", Some("Email"), 3.0),
        ];

        let flow = flow(Lang::En, &steps, str::to_owned).unwrap();

        let height = |title: &str| flow.nodes.iter().find(|it| it.title == title).unwrap().height;
        let call = height("Call: 8");
        assert!(
            (height("Email: 6") / call - 0.75).abs() < 0.01
                && (height("Direct: 2") / call - 0.25).abs() < 0.01
        );
        assert!((height("Direct: 3") / call - 0.375).abs() < 0.01);
        let bands: Vec<&str> = flow.bands.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(bands, ["Email → Call: 6", "Direct → Call: 2", "Direct → Email: 3"]);
        assert_eq!(flow.columns.len(), 3);
        assert!(flow.nodes.iter().all(|it| it.y + it.height <= flow.height && it.x + it.width <= flow.width));
    }

    #[test]
    fn many_labels_share_a_colour_and_without_calls_nothing_is_drawn() {
        let steps: Vec<Step> =
            (0..20).map(|nth| step(1, &format!("label {nth:02}"), None, f64::from(nth))).collect();

        let flow_of = flow(Lang::Fr, &steps, str::to_owned).unwrap();

        assert_eq!(flow_of.bands.len(), COLOURS + 1);
        // 0 to 12 are the others.
        assert!(flow_of.bands.iter().any(|it| it.title == "Autres → Appel: 78" && it.colour == COLOURS));
        assert!(flow(Lang::En, &[], str::to_owned).is_none());
    }
}
