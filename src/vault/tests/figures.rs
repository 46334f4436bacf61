//! Figures for the facts; run by name.

use std::time::Instant;

use super::{DAY, NOON, Nest};
use crate::vault::fold::FoldSettings;

#[test]
#[ignore = "takes long"]
fn twelve_big_versions_and_a_limit() {
    let nest = Nest::new();
    let mut state = 88_172_645_463_325_252u64;
    for n in 0..12 {
        let bytes: Vec<u8> = (0..20_000_000 / 8)
            .flat_map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                state.to_le_bytes()
            })
            .collect();
        nest.snapshot(NOON + n, &[("big", &bytes)]);
    }
    let start = Instant::now();
    let settings = FoldSettings { max_size: Some(100_000_000), ..FoldSettings::default() };
    let folded = nest.fold_with(settings, NOON + 100);
    let size = crate::vault::packs::size_of(nest.record.bak());
    eprintln!("{} went, {size} bytes, {:?}", folded.outgrown, start.elapsed());
    assert!(size < 110_000_000);
}

#[test]
#[ignore = "takes long"]
fn a_month() {
    let nest = Nest::new();
    let names: Vec<String> = (0..800).map(|n| format!("d{}/f{n}", n % 20)).collect();
    for n in 0..1650usize {
        let files: Vec<(String, String)> = (0..3)
            .map(|k| (names[(n * 7 + k * 13) % 800].clone(), format!("line {n}\n").repeat(300 + k)))
            .collect();
        let files: Vec<(&str, &[u8])> =
            files.iter().map(|(name, text)| (name.as_str(), text.as_bytes())).collect();
        nest.snapshot(NOON + (n / 55) as i64 * DAY + (n % 55) as i64 * 60, &files);
    }
    for what in ["all", "again"] {
        let start = Instant::now();
        let folded = nest.fold(NOON + 31 * DAY);
        eprintln!("{what}: {} days, {:?}", folded.made, start.elapsed());
    }
    nest.snapshot(NOON + 30 * DAY, &[("a", b"x")]);
    let start = Instant::now();
    nest.fold(NOON + 31 * DAY);
    eprintln!("a day more: {:?}", start.elapsed());
    eprintln!("{} bytes", crate::vault::packs::size_of(nest.record.bak()));
}
