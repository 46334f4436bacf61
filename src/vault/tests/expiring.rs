use super::{DAY, NOON, Nest};
use crate::vault::fold::FoldSettings;

const MONTH: FoldSettings =
    FoldSettings { expire: Some(30 * DAY), max_size: None, record_expire: None, at_once: false };

#[test]
fn what_is_overdue_goes_at_the_second_look() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"old")]);
    nest.snapshot(NOON + 2 * DAY, &[("a", b"younger"), ("b", b"old")]);
    nest.fold_with(MONTH, NOON + 3 * DAY);
    let first = NOON + 31 * DAY;
    assert_eq!(nest.fold_with(MONTH, first).expired, 0);
    assert_eq!(nest.fold_with(MONTH, first + DAY / 2).expired, 0);
    assert!(nest.reads(b"old"));
    let folded = nest.fold_with(MONTH, first + DAY);
    assert_eq!((folded.expired, folded.deleted), (1, 1));
    assert!(nest.reads(b"old") && nest.reads(b"younger"));
    nest.fold_with(MONTH, first + 4 * DAY);
    let folded = nest.fold_with(MONTH, first + 5 * DAY);
    assert_eq!(folded.expired, 2);
    assert!(!nest.reads(b"old") && !nest.reads(b"younger"));
    assert!(nest.record.lines("2026-01-01").unwrap().len() == 1, "the line stays");
    nest.fsck();
}

#[test]
fn a_clock_that_leapt_destroys_nothing() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.fold_with(MONTH, NOON + 1);
    nest.fold_with(MONTH, NOON + 4000 * DAY);
    nest.fold_with(MONTH, NOON + DAY);
    nest.fold_with(MONTH, NOON + 2 * DAY);
    assert!(nest.reads(b"one"));
    // Behind, and what is gone reaches to here.
    nest.fold_with(MONTH, NOON + 31 * DAY);
    nest.fold_with(MONTH, NOON + 33 * DAY);
    assert!(!nest.reads(b"one"));
    nest.snapshot(9, &[("a", b"in 1970")]);
    nest.fold_with(MONTH, NOON + 33 * DAY + 9);
    assert!(nest.reads(b"in 1970"));
}

#[test]
fn what_is_copied_again_in_the_second_in_which_it_went_stays() {
    let nest = Nest::new();
    let now = FoldSettings { expire: Some(-1), at_once: true, ..FoldSettings::default() };
    nest.snapshot(NOON, &[("a", b"one")]);
    assert_eq!(nest.fold_with(now, NOON).expired, 1);
    assert!(!nest.reads(b"one"));
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.fold(NOON);
    assert!(nest.reads(b"one"));
}

#[test]
fn the_limit_takes_the_oldest_and_never_the_newest_of_a_file() {
    let nest = Nest::new();
    let noise = |seed: u64| -> Vec<u8> {
        let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) + 1;
        (0..1_000_000 / 8)
            .flat_map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()
            })
            .collect()
    };
    nest.snapshot(NOON - 5, &[("only", &noise(99))]);
    nest.labelled(NOON - 4, &[("big", &noise(98))], Some("mine"));
    for n in 0..12 {
        nest.snapshot(NOON + n, &[("big", &noise(n as u64))]);
    }
    let settings = FoldSettings { max_size: Some(5_000_000), ..FoldSettings::default() };
    let folded = nest.fold_with(settings, NOON + 100);
    assert_eq!(folded.outgrown, 10);
    let size = crate::vault::packs::size_of(nest.record.bak());
    assert!(size < 5_100_000, "{size}");
    for seed in [99, 98, 11, 10] {
        assert!(nest.reads(&noise(seed)), "{seed}");
    }
    assert!(!nest.reads(&noise(9)));
    assert_eq!(nest.fold_with(settings, NOON + 101).outgrown, 0);
    nest.fsck();
}

#[test]
fn the_record_goes_when_its_time_has_come_and_its_day_is_gone() {
    let nest = Nest::new();
    let settings = FoldSettings { record_expire: Some(365 * DAY), ..MONTH };
    nest.snapshot(NOON, &[("a", b"one")]);
    nest.fold(NOON);
    nest.fold_with(FoldSettings { expire: None, ..settings }, NOON + 400 * DAY);
    assert!(nest.record.days().contains(&"2026-01-01".to_owned()));
    nest.fold_with(FoldSettings { at_once: true, ..settings }, NOON + 401 * DAY);
    assert!(!nest.record.days().contains(&"2026-01-01".to_owned()));
}
