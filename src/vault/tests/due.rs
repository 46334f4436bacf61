use super::{DAY, NOON, Nest, at};
use crate::vault::due::is_due;

fn due(nest: &Nest, time: i64) -> bool {
    is_due(&nest.record, &nest.record.window(&at(time), false), None, &at(time))
}

#[test]
fn it_is_due_once_a_day_and_never_on_the_first() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    assert!(!due(&nest, NOON + 1));
    nest.snapshot(NOON + DAY, &[("a", b"two")]);
    assert!(due(&nest, NOON + DAY));
    nest.fold(NOON + DAY + 1);
    assert!(!due(&nest, NOON + DAY + 2));
    assert!(!due(&nest, NOON + DAY + 4000));
    nest.snapshot(NOON + 2 * DAY, &[("a", b"three")]);
    assert!(due(&nest, NOON + 2 * DAY));
}

#[test]
fn one_that_failed_is_tried_again_after_a_while() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.snapshot(NOON + DAY, &[("a", b"two")]);
    std::fs::create_dir_all(nest.vault().git_dir()).unwrap();
    std::fs::remove_dir_all(nest.vault().git_dir().join("refs")).unwrap();
    let now = at(NOON + DAY);
    let failed = crate::vault::fold::fold(&nest.repository, &nest.record, Default::default(), &now);
    assert!(failed.is_err());
    assert!(!due(&nest, NOON + DAY + 1));
    assert!(due(&nest, NOON + DAY + 700));
}

#[test]
fn very_much_makes_it_due_at_once() {
    let nest = Nest::new();
    let names: Vec<String> = (0..400).map(|n| format!("f{n}")).collect();
    for round in 0..6 {
        let bytes = format!("{round}");
        let files: Vec<(&str, &[u8])> =
            names.iter().map(|name| (name.as_str(), bytes.as_bytes())).collect();
        assert!(!due(&nest, NOON + round));
        nest.snapshot(NOON + round, &files);
    }
    assert!(due(&nest, NOON + 9));
    nest.fold(NOON + 9);
    assert!(!due(&nest, NOON + 1000));
}

#[test]
fn with_another_place_it_is_due_at_each_interval() {
    let nest = Nest::new();
    let due = |time: i64| {
        let window = nest.record.window(&at(time), false);
        is_due(&nest.record, &window, Some(900), &at(time))
    };
    nest.snapshot(NOON, &[("a", b"one")]);
    assert!(due(NOON + 1));
    nest.fold(NOON + 2);
    assert!(!due(NOON + 3) && !due(NOON + 901));
    assert!(due(NOON + 902));
}
