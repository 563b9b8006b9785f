//! A ring plan as a picture: from the call downwards, what rings, where it goes outside the hours and when nobody takes it.

use askama::Template;

use crate::domain::calling::destination::{Destination, RingStep, StepTo, Strategy};
use crate::domain::ids::DestinationId;
use crate::http::language::{DestinationTexts, Lang};

const ROW: u32 = 84;
const BOX: u32 = 56;
const WIDTH: u32 = 430;
/// Side by side in one row.
const ABREAST: usize = 3;

/// The picture, and the same as a list for who does not see it.
#[derive(Template)]
#[template(path = "ring_plan.html")]
pub(super) struct Picture {
    lang: Lang,
    t: &'static DestinationTexts,
    strategy: &'static str,
    width: u32,
    height: u32,
    boxes: Vec<Shape>,
    arrows: Vec<Arrow>,
    rows: Vec<StepView>,
    outside: Option<String>,
    fallback: String,
}

impl askama::filters::HtmlSafe for Picture {}

struct Shape {
    key: &'static str,
    x: u32,
    y: u32,
    width: u32,
    text: String,
    below: String,
    whole: String,
}

struct Arrow {
    path: String,
}

struct StepView {
    what: String,
    ring: String,
}

impl Picture {
    pub fn of(lang: Lang, destination: &Destination, name: impl Fn(&DestinationId) -> String) -> Self {
        let (t, plan) = (lang.destination_texts(), &destination.ring_plan);
        let mut drawn = Drawn::default();
        drawn.row("start", [(t.call_comes.to_owned(), String::new())]);
        let outside = plan.hours.as_ref().map(|_| match &plan.outside {
            Some(other) => name(other),
            None => t.refused.to_owned(),
        });
        if let Some(outside) = &outside {
            drawn.row("hours", [(t.hours.to_owned(), String::new())]);
            drawn.beside(outside, t.outside);
        }
        let rows: Vec<StepView> = plan
            .steps
            .iter()
            .map(|step| StepView { what: lang.ring_step(step, &name), ring: ring(lang, step) })
            .collect();
        let shapes = rows.iter().map(|row| (row.what.clone(), row.ring.clone()));
        match plan.strategy {
            Strategy::All => {
                let shapes: Vec<_> = shapes.collect();
                for abreast in shapes.chunks(ABREAST) {
                    drawn.row("step", abreast.iter().cloned());
                }
            }
            Strategy::Order | Strategy::RoundRobin | Strategy::Weighted => {
                shapes.for_each(|shape| drawn.row("step", [shape]));
            }
        }
        let fallback = plan.fallback.as_ref().map_or_else(|| t.missed.to_owned(), &name);
        drawn.row("end", [(fallback.clone(), t.fallback.to_owned())]);
        Self {
            lang,
            t,
            strategy: lang.strategy(plan.strategy),
            width: if outside.is_some() { WIDTH + 220 } else { WIDTH + 10 },
            height: drawn.y,
            boxes: drawn.boxes,
            arrows: drawn.arrows,
            rows,
            outside,
            fallback,
        }
    }
}

/// How long a step rings; what does not ring says nothing.
fn ring(lang: Lang, step: &RingStep) -> String {
    match &step.to {
        StepTo::Target(_) => lang.span(step.ring),
        StepTo::Destination(_) | StepTo::Say(_) | StepTo::Menu(_) | StepTo::Voicemail(_) => String::new(),
    }
}

/// What has been drawn from the top down to `y`.
#[derive(Default)]
struct Drawn {
    y: u32,
    boxes: Vec<Shape>,
    arrows: Vec<Arrow>,
}

impl Drawn {
    fn row(&mut self, key: &'static str, shapes: impl IntoIterator<Item = (String, String)>) {
        let shapes: Vec<_> = shapes.into_iter().collect();
        let many = shapes.len().max(1) as u32;
        let width = (WIDTH - 10 * (many - 1)) / many;
        for (place, (whole, below)) in shapes.into_iter().enumerate() {
            let x = 5 + place as u32 * (width + 10);
            let middle = x + width / 2;
            if self.y > 0 {
                self.arrows.push(Arrow { path: format!("M{middle} {}V{}", self.y + BOX - ROW, self.y - 3) });
            }
            // A letter is about eight wide.
            let text = cut(&whole, (width / 8) as usize);
            self.boxes.push(Shape { key, x, y: self.y, width, text, below, whole });
        }
        self.y += ROW;
    }

    /// Beside the row that was drawn last.
    fn beside(&mut self, whole: &str, below: &str) {
        let (x, y) = (WIDTH + 35, self.y - ROW);
        self.arrows.push(Arrow { path: format!("M{} {}H{}", WIDTH + 5, y + BOX / 2, x - 3) });
        let below = below.to_owned();
        self.boxes.push(Shape {
            key: "side",
            x,
            y,
            width: 170,
            text: cut(whole, 20),
            below,
            whole: whole.to_owned(),
        });
    }
}

fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::domain::calling::destination::{MediaPath, RingPlan};
    use crate::domain::calling::routing::Target;

    fn drawn(strategy: Strategy, lines: usize) -> Picture {
        let mut plan = RingPlan::of_line("sip:desk@192.0.2.1".into(), Duration::from_secs(20));
        let step = plan.steps[0].clone();
        plan.steps = (0..lines)
            .map(|nth| RingStep {
                to: StepTo::Target(Target::Uri(format!("sip:desk-{nth}@192.0.2.1"))),
                ..step.clone()
            })
            .collect();
        plan.strategy = strategy;
        let id = || "desk".parse().unwrap();
        let destination = Destination {
            id: id(),
            outlet: "lyon".parse().unwrap(),
            name: "Desk".into(),
            ring_plan: plan,
            media: MediaPath::Past,
        };
        Picture::of(Lang::En, &destination, ToString::to_string)
    }

    #[test]
    fn what_rings_together_stands_side_by_side_and_the_rest_one_below_the_other() {
        let rows = |picture: &Picture| {
            let mut rows: Vec<u32> =
                picture.boxes.iter().filter(|it| it.key == "step").map(|it| it.y).collect();
            rows.dedup();
            rows.len()
        };

        assert_eq!(rows(&drawn(Strategy::Order, 4)), 4);
        assert_eq!(rows(&drawn(Strategy::All, 3)), 1);
        assert_eq!(rows(&drawn(Strategy::All, 4)), 2);
        let all = drawn(Strategy::All, 32);
        assert!(all.boxes.iter().all(|it| it.x + it.width <= 5 + WIDTH), "none leaves the picture");
        assert_eq!(all.height, (1 + 11 + 1) * ROW);
    }
}
