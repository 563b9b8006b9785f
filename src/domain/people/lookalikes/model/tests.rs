//! What a profile makes of somebody, whatever people there are.

use proptest::prelude::*;

use super::*;

const TODAY: i64 = 20_000;

fn name(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Somebody who did so much of each, in one of a few places.
fn somebody() -> impl Strategy<Value = Features> {
    let deeds = proptest::array::uniform7(0..6_u32);
    let place = prop_oneof![Just(None), Just(name("FR-69")), Just(name("FR-75")), Just(name("BE"))];
    let language = prop_oneof![Just(name("fr")), Just(name("en"))];
    let channel = prop_oneof![Just(None), Just(name("Paid Search")), Just(name("Direct"))];
    (deeds, prop::option::of(0..900_i64), 0..2_000_i64, 0..50_000_i64, channel, place, language).prop_map(
        |(deeds, last, known, spent_minor, channel, place, language)| Features {
            deeds,
            last_act: last.map(|days| TODAY - days),
            known_since: TODAY - known,
            spent_minor,
            named: [channel, place, language],
        },
    )
}

fn sample<'f>(people: impl IntoIterator<Item = &'f Features>, unit: &dyn Fn(usize, f64) -> f64) -> Sample {
    let mut sample = Sample::default();
    for one in people {
        sample.add(measured(one, unit), &one.named);
    }
    sample
}

fn measured(one: &Features, unit: &dyn Fn(usize, f64) -> f64) -> [f64; NUMBERS] {
    let mut numbers = one.numbers(TODAY);
    for (nth, number) in numbers.iter_mut().enumerate() {
        *number = unit(nth, *number);
    }
    numbers
}

/// As it is measured.
fn plain(_: usize, number: f64) -> f64 {
    number
}

proptest! {
    #[test]
    fn units_do_not_count(
        people in proptest::collection::vec(somebody(), 30..60),
        members in 3..15_usize,
        scale in proptest::array::uniform10(0.01..100.0_f64),
    ) {
        let unit = |nth: usize, number: f64| scale[nth] * number + 3.0;
        let one = Model::new(sample(&people, &plain), sample(&people[..members], &plain));
        let other = Model::new(sample(&people, &unit), sample(&people[..members], &unit));
        prop_assume!(one.tells());

        for who in &people {
            let (here, there) = (
                one.square(&measured(who, &plain), &who.named),
                other.square(&measured(who, &unit), &who.named),
            );
            prop_assert!((here - there).abs() <= 1e-6 * (1.0 + here), "{here} {there}");
        }
    }

    #[test]
    fn a_twin_of_a_segment_of_twins_comes_first(
        twin in somebody(),
        others in proptest::collection::vec(somebody(), 20..60),
        members in 1..25_usize,
    ) {
        let members = vec![twin.clone(); members];
        let all: Vec<Features> = others.iter().chain(&members).cloned().collect();
        let model = Model::new(sample(&all, &plain), sample(&members, &plain));
        prop_assume!(model.tells());

        let near = model.likeness(&twin, TODAY);

        prop_assert!(near.distance < 1e-5, "{}", near.distance);
        prop_assert!((near.likeness - 1.0).abs() < 1e-9 && near.misfits.is_empty());
        for other in &others {
            prop_assert!(near.distance <= model.likeness(other, TODAY).distance + 1e-5);
        }
    }

    #[test]
    fn what_is_told_adds_up_and_what_misfits_is_not_what_brings_near(
        people in proptest::collection::vec(somebody(), 30..60),
        members in 3..15_usize,
    ) {
        let model = Model::new(sample(&people, &plain), sample(&people[..members], &plain));
        prop_assume!(model.tells());

        for who in &people {
            let it = model.likeness(who, TODAY);
            prop_assert_eq!(&it, &model.likeness(who, TODAY));
            prop_assert!(it.near.len() <= TOLD && it.misfits.len() <= TOLD);
            prop_assert!(it.near.iter().all(|near| it.misfits.iter().all(|bad| bad.feature != near.feature)));
            // Whoever is nearer than the mean of all is so by something, and who is farther has a misfit.
            prop_assert!(it.likeness <= 1e-6 || !it.near.is_empty());
            prop_assert!(it.likeness >= -1e-6 || !it.misfits.is_empty());
        }
    }
}

fn somebody_like(calls: u32, purchases: u32, place: &str) -> Features {
    let named = [None, name(place), name("fr")];
    let deeds = [calls, 0, 0, 0, 0, 0, purchases];
    Features { deeds, last_act: Some(TODAY - 10), known_since: TODAY - 100, spent_minor: 0, named }
}

/// A hundred: thirty who buy and live in Lyon, all others neither; who calls is chance.
fn town() -> (Vec<Features>, Vec<Features>) {
    let members: Vec<Features> = (0..30).map(|n| somebody_like(n % 2, 4, "FR-69")).collect();
    let others: Vec<Features> = (0..70).map(|n| somebody_like(n % 2, 0, "FR-75")).collect();
    (members, others)
}

#[test]
fn a_feature_counts_by_what_it_tells_the_segment_apart() {
    let (members, others) = town();
    let model = Model::new(sample(members.iter().chain(&others), &plain), sample(&members, &plain));

    let caller = model.likeness(&somebody_like(1, 4, "FR-69"), TODAY);
    let silent = model.likeness(&somebody_like(0, 4, "FR-69"), TODAY);
    assert_eq!(caller.distance, silent.distance, "as many call inside as outside");
    let features = |traits: &[Trait]| traits.iter().map(|it| it.feature).collect::<Vec<_>>();
    let mut near = features(&caller.near);
    near.sort();
    assert_eq!(near, [Feature::Purchases, Feature::Region]);

    let half = model.likeness(&somebody_like(1, 4, "FR-75"), TODAY);
    assert_eq!(
        (features(&half.near), features(&half.misfits)),
        (vec![Feature::Purchases], vec![Feature::Region])
    );
    let Typical::Named { own, segment, base } = &half.misfits[0].typical else { panic!("{half:?}") };
    assert_eq!((own.as_deref(), *segment, *base), (Some("FR-75"), 0.0, 0.7));
    let Typical::Number { own, segment, .. } = half.near[0].typical else { panic!("{half:?}") };
    assert!(own == 4.0 && (segment - 4.0).abs() < 1e-9);
}

#[test]
fn a_segment_of_everybody_tells_nothing() {
    let (members, others) = town();
    let all = || sample(members.iter().chain(&others), &plain);

    assert!(!Model::new(all(), all()).tells());
}

#[test]
fn a_name_that_many_members_have_fits_though_most_have_another() {
    let named = |channel: &str| Features { named: [name(channel), None, None], ..Features::default() };
    let members = [vec![named("Paid Search"); 40], vec![named("Direct"); 60]].concat();
    let others = [vec![named("Paid Search"); 50], vec![named("Email"); 850]].concat();
    let model = Model::new(sample(members.iter().chain(&others), &plain), sample(&members, &plain));

    let distance = |channel| model.likeness(&named(channel), TODAY).distance;
    assert!(distance("Direct") < 1e-6 && distance("Paid Search") > distance("Direct"));
    assert!(distance("Paid Search") < distance("Email"));
    assert_eq!(distance("Email"), distance("nobody knows it"));
}
