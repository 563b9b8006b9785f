//! What rings for a call, by order, turn, hours and who is busy.

use super::*;
use crate::domain::calling::destination::RingPlan;
use crate::domain::calling::recording::{Format, Informed};
use crate::domain::calling::schedule::Schedule;

const NOON: Timestamp = Timestamp::from_ms(1_795_435_200_000); // Monday 2026-11-23, 12:00 UTC

#[derive(Default)]
struct Desk {
    taken: HashMap<Seat, u32>,
    turn: u64,
}

impl Situation for Desk {
    fn taken(&self, seat: &Seat) -> u32 {
        self.taken.get(seat).copied().unwrap_or_default()
    }

    fn trunk_limit(&self, _: &TrunkId) -> Option<u32> {
        Some(2)
    }

    fn turn(&self, _: &DestinationId) -> u64 {
        self.turn
    }
}

fn id(name: &str) -> DestinationId {
    name.parse().unwrap()
}

fn uri(name: &str) -> RingStep {
    step(StepTo::Target(Target::Uri(format!("sip:{name}@192.0.2.1"))))
}

fn step(to: StepTo) -> RingStep {
    RingStep { to, ring: Duration::from_secs(20), weight: 1, music: None }
}

fn plan(steps: &[RingStep]) -> RingPlan {
    let one = RingPlan::of_line(String::new(), Duration::ZERO);
    RingPlan { steps: steps.to_vec(), ..one }
}

fn closed() -> Schedule {
    Schedule {
        zone: "UTC".parse().unwrap(),
        week: vec!["sat 09:00-10:00".parse().unwrap()],
        holidays: None,
        closed: vec![],
        special: vec![],
    }
}

/// The users of the lines, step by step, of a call to the first of these destinations.
fn rings(plans: &[(&str, RingPlan)], how: &Desk) -> (Vec<Vec<String>>, Otherwise) {
    let destinations = plans.iter().map(|(name, ring_plan)| Destination {
        id: id(name),
        outlet: "lyon".parse().unwrap(),
        name: (*name).to_owned(),
        ring_plan: ring_plan.clone(),
        media: Default::default(),
    });
    let number: Phone = "+33199002001".parse().unwrap();
    let route = Route {
        destination: id(plans[0].0),
        outlet: "lyon".parse().unwrap(),
        calls_at_once: Some(5),
        recording: None,
    };
    let routes = Routes::new([(number.clone(), route)], destinations);
    let way = routes.choose(&number, routes.find(&number).unwrap(), NOON, how);
    let user = |line: &Line| match &line.target {
        Target::Uri(uri) => uri.trim_start_matches("sip:").split('@').next().unwrap().to_owned(),
        Target::Number { number, .. } => number.reveal().to_owned(),
        Target::Console => "console".to_owned(),
    };
    (way.steps.iter().map(|step| step.lines().iter().map(user).collect()).collect(), way.otherwise)
}

fn steps(plans: &[(&str, RingPlan)], how: &Desk) -> Vec<Vec<String>> {
    rings(plans, how).0
}

#[test]
fn steps_ring_one_after_the_other_or_all_at_once() {
    let ordered = plan(&[uri("a"), uri("b")]);
    let all = RingPlan { strategy: Strategy::All, ..ordered.clone() };

    assert_eq!(steps(&[("x", ordered)], &Desk::default()), [["a"], ["b"]]);
    assert_eq!(steps(&[("x", all)], &Desk::default()), [["a", "b"]]);
}

#[test]
fn round_robin_begins_one_further_with_each_call() {
    let turns = RingPlan { strategy: Strategy::RoundRobin, ..plan(&[uri("a"), uri("b"), uri("c")]) };
    let of_turn = |turn| steps(&[("x", turns.clone())], &Desk { turn, ..Desk::default() }).concat();

    assert_eq!(of_turn(0), ["a", "b", "c"]);
    assert_eq!(of_turn(4), ["b", "c", "a"]);
}

#[test]
fn a_weight_says_how_often_a_step_begins() {
    let heavy = RingStep { weight: 3, ..uri("a") };
    let shares = RingPlan { strategy: Strategy::Weighted, ..plan(&[heavy, uri("b"), uri("c")]) };
    let of_turn = |turn| steps(&[("x", shares.clone())], &Desk { turn, ..Desk::default() }).concat();

    let firsts: Vec<String> = (0..10).map(|turn| of_turn(turn)[0].clone()).collect();
    assert_eq!(firsts, ["a", "a", "a", "b", "c", "a", "a", "a", "b", "c"]);
    assert_eq!(of_turn(4), ["c", "a", "b"]);
}

#[test]
fn another_destination_rings_with_all_that_it_has() {
    let inner = RingPlan { fallback: Some(id("z")), ..plan(&[uri("b"), uri("c")]) };
    let outer = plan(&[uri("a"), step(StepTo::Destination(id("y")))]);
    let all = RingPlan { strategy: Strategy::All, ..outer.clone() };
    let rest = [("y", inner), ("z", plan(&[uri("d")]))];

    assert_eq!(steps(&[&[("x", outer)], &rest[..]].concat(), &Desk::default()), [["a"], ["b"], ["c"], ["d"]]);
    let together = steps(&[&[("x", all)], &rest[..]].concat(), &Desk::default());
    assert_eq!(together, [vec!["a", "b"], vec!["c"], vec!["d"]]);
}

#[test]
fn outside_its_hours_a_destination_sends_calls_elsewhere_or_refuses_them() {
    let refuses = RingPlan { hours: Some(closed()), ..plan(&[uri("a")]) };
    let sends = RingPlan { outside: Some(id("night")), ..refuses.clone() };

    assert_eq!(rings(&[("x", refuses)], &Desk::default()), (vec![], Otherwise::Closed));
    let night = ("night", plan(&[uri("n")]));
    assert_eq!(steps(&[("x", sends), night], &Desk::default()), [["n"]]);
}

#[test]
fn a_full_destination_goes_to_its_fallback_or_is_busy() {
    let alone = RingPlan { calls_at_once: Some(1), ..plan(&[uri("a")]) };
    let helped = RingPlan { fallback: Some(id("y")), ..alone.clone() };
    let full = Desk { taken: HashMap::from([(Seat::Destination(id("x")), 1)]), turn: 0 };

    assert_eq!(rings(&[("x", alone.clone())], &full), (vec![], Otherwise::Full));
    assert_eq!(steps(&[("x", helped), ("y", plan(&[uri("b")]))], &full), [["b"]]);
    assert_eq!(steps(&[("x", alone)], &Desk::default()), [["a"]]);
}

#[test]
fn a_full_number_and_a_full_trunk_take_no_call() {
    let trunk: TrunkId = "carrier".parse().unwrap();
    let mobile = Target::Number { trunk: trunk.clone(), number: "+33612345678".parse().unwrap() };
    let over = plan(&[step(StepTo::Target(mobile)), uri("b")]);
    let number = Seat::Number("+33199002001".parse().unwrap());

    let full = |seat, count| Desk { taken: HashMap::from([(seat, count)]), turn: 0 };
    assert_eq!(rings(&[("x", over.clone())], &full(number, 5)), (vec![], Otherwise::Full));
    assert_eq!(steps(&[("x", over.clone())], &full(Seat::Trunk(trunk), 2)), [["b"]]);
    assert_eq!(steps(&[("x", over)], &Desk::default()), [["+33612345678"], ["b"]]);
}

#[test]
fn a_plan_that_runs_in_a_circle_comes_to_an_end() {
    let circle = plan(&[uri("a"), step(StepTo::Destination(id("x")))]);

    assert_eq!(steps(&[("x", circle)], &Desk::default()).len(), DEPTH_MAX);
}

#[test]
fn a_recorded_call_is_relayed_and_a_notice_is_the_last_thing_before_something_rings() {
    let rule = |informed| RecordingRule {
        purpose: "training".into(),
        keep_days: 30,
        longer_because: None,
        every: 10,
        format: Format::OggOpus,
        informed,
        pause_key: None,
    };
    let notice = Notice { prompt: "fr-recording".parse().unwrap(), refused: None };
    let hello = || Step::Say("fr-welcome".parse().unwrap());
    let ring = || Step::Ring { lines: vec![], ring: Duration::from_secs(20), music: None };
    let way = || Way { steps: vec![hello(), ring()], ..Way::nowhere(Otherwise::Closed) };

    let told = way().recorded(&rule(Informed::Notice(notice.clone())));
    let known = way().recorded(&rule(Informed::By("the carrier".into())));
    let closed = Way { steps: vec![hello()], ..way() }.recorded(&rule(Informed::Notice(notice.clone())));

    assert_eq!(told.steps, [hello(), Step::Notice(notice), ring()]);
    assert_eq!((known.steps, closed.steps), (way().steps, vec![hello()]));
    assert!(told.records && Routes::default().relays(&told));
}

#[test]
fn music_is_that_of_the_step_or_else_of_who_led_there_and_is_relayed() {
    let own = RingStep { music: Some("own".parse().unwrap()), ..uri("b") };
    let inner = RingPlan { fallback: Some(id("z")), ..plan(&[own, uri("c")]) };
    let outer = plan(&[uri("a"), step(StepTo::Destination(id("y")))]);
    let outer = RingPlan { music: Some("waltz".parse().unwrap()), ..outer };
    let heard = |outer: &RingPlan| -> Vec<Option<String>> {
        let plans = [("x", outer.clone()), ("y", inner.clone()), ("z", plan(&[uri("d")]))];
        let destinations = plans.map(|(name, ring_plan)| Destination {
            id: id(name),
            outlet: "o".parse().unwrap(),
            name: name.into(),
            ring_plan,
            media: MediaPath::Past,
        });
        let routes = Routes::new([], destinations);
        let way = routes.onward(&id("x"), NOON, &Desk::default());
        assert!(routes.relays(&way));
        let music = way.steps.into_iter().map(|step| match step {
            Step::Ring { music, .. } => music.map(|prompt| prompt.to_string()),
            other => panic!("{other:?}"),
        });
        music.collect()
    };
    let [waltz, own] = ["waltz", "own"].map(|prompt| Some(prompt.to_owned()));

    assert_eq!(heard(&outer), [waltz.clone(), own.clone(), waltz.clone(), waltz.clone()]);
    let all = RingPlan { strategy: Strategy::All, ..outer.clone() };
    assert_eq!(heard(&all), [own.clone(), waltz.clone(), waltz]);
    assert_eq!(heard(&RingPlan { music: None, ..outer }), [None, own, None, None]);
}

#[test]
fn consoles_ring_beside_lines_and_their_sound_comes_here() {
    let both = [uri("a"), step(StepTo::Target(Target::Console))];
    let all = RingPlan { strategy: Strategy::All, ..plan(&both) };
    assert_eq!(steps(&[("x", all)], &Desk::default()), [["a", "console"]]);

    for (line, is_relayed) in [(Target::Console, true), (Target::Uri("sip:a@h".to_owned()), false)] {
        let line = Line { target: line, destination: id("x"), handover: Handover::default() };
        let way = Way::to(line, Duration::from_secs(20));

        assert_eq!(Routes::default().relays(&way), is_relayed);
    }
}
