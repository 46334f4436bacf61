//! The settings, and the files of ours in which settings and upgrades are written down: nothing
//! makes reading them fail, what can't be read is said in one line, and what is read is what is written.
#![no_main]

use git_bak::model::settings::age::Expiry;
use git_bak::model::settings::git_value::{parse_bool, parse_integer};
use git_bak::model::settings::remembered::Remembered;
use git_bak::model::settings::{ConfigEntry, Settings};
use git_bak::model::settings::size::Size;
use git_bak::model::transaction::Transaction;
use git_bak_fuzz::is_printable;
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

const KEYS: [&str; 22] = [
    "bak.enabled",
    "bak.maxbackups",
    "bak.maxage",
    "bak.scope",
    "bak.cleanup",
    "bak.vault",
    "bak.vaultexpire",
    "bak.recordexpire",
    "bak.location",
    "bak.maxfilesize",
    "bak.maxfiles",
    "bak.exclude",
    "bak.onerror",
    "bak.verbosity",
    "bak.applyvalidate",
    "bak.applyreload",
    "bak.applytest",
    "bak.applycommit",
    "core.quotepath",
    "core.fsync",
    "core.fsyncobjectfiles",
    "bak.x",
];

#[derive(Debug)]
struct Entries(Vec<ConfigEntry>);

impl<'a> Arbitrary<'a> for Entries {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let mut entries = Vec::new();
        while !input.is_empty() && entries.len() < 32 {
            let key = input.choose(&KEYS)?.as_bytes().to_vec();
            let value = match input.ratio(1, 16)? {
                true => None,
                false => Some(input.arbitrary::<Vec<u8>>()?),
            };
            let origin = String::from_utf8_lossy(&input.arbitrary::<Vec<u8>>()?).into_owned();
            entries.push(ConfigEntry { key, value, origin });
        }
        Ok(Self(entries))
    }
}

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(Entries(entries)) = Unstructured::new(data).arbitrary() {
        settings(&entries);
    }
    if let Ok(text) = std::str::from_utf8(data) {
        value(text);
    }
    records(data);
});

fn settings(entries: &[ConfigEntry]) {
    let (settings, problems) = Settings::read(entries);
    for problem in &problems {
        let line = problem.to_string();
        is_printable(&line);
        assert!(!line.contains('\n'));
    }
    // What can't be read counts as if it weren't there.
    let unread = |entry: &&ConfigEntry| {
        problems.iter().all(|problem| problem.key.to_ascii_lowercase().as_bytes() != entry.key)
    };
    let others: Vec<ConfigEntry> = entries.iter().filter(unread).cloned().collect();
    if problems.iter().all(|problem| problem.key != "bak.exclude") {
        assert_eq!(Settings::read(&others), (settings, Vec::new()));
    }
}

fn value(text: &str) {
    let integer = parse_integer(text);
    let boolean = parse_bool(Some(text));
    if let Some(number) = integer.and_then(|number| i32::try_from(number).ok()) {
        assert_eq!(boolean, Some(number != 0));
    }
    if let Ok(size) = text.parse::<Size>() {
        assert_eq!(i64::try_from(size.bytes()).ok(), integer);
        is_printable(&size.to_string());
    }
    if let Ok(expiry) = text.parse::<Expiry>()
        && let Some(age) = expiry.age()
    {
        assert!(age.seconds() >= 0);
        let _ = age.as_delta();
    }
}

fn records(data: &[u8]) {
    if let Ok(read) = Remembered::parse(data) {
        assert_eq!(Remembered::parse(&read.to_bytes()).unwrap(), read);
    }
    if let Ok(read) = Transaction::parse(data) {
        assert_eq!(Transaction::parse(&read.to_bytes()).unwrap(), read);
    }
}
