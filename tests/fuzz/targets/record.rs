//! The text of a day of the record, which any program with write access may have written: nothing fails, what is read
//! comes back as it was, no path leads out, and what is shown can do nothing to a terminal.
#![no_main]

use std::sync::OnceLock;

use git_bak::model::names::backup_name::BackupName;
use git_bak::model::events::event::Event;
use git_bak::model::events::line::Line;
use git_bak::record::{History, Raw, day_of, is_day, split};
use git_bak::term::page::Page;
use git_bak::term::{Term, json};
use git_bak_fuzz::{Scratch, is_printable, now};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};

/// Bytes as they are, or lines whose fields are ours.
#[derive(Debug)]
struct Day(Vec<u8>);

const WORDS: [&str; 16] = [
    "snapshot",
    "commit",
    "failed",
    "gone",
    "found",
    "staged",
    "worktree",
    "created",
    "a.txt",
    "../x",
    ".git/config",
    "20251106_201045.abc12345",
    "5626abf0f72e58d7a153368ba57db4c673c0e171",
    "0123456789abcdef",
    "forgotten",
    "\\u001b[31m\\u009b2J\\n",
];

const FIELDS: [&str; 28] = [
    "t", "z", "wt", "wn", "ev", "cause", "label", "head", "branch", "full", "named", "attempt",
    "pid", "started", "done", "commit", "clear", "tried", "step", "status", "output", "before",
    "after", "why", "big", "x", "files", "files",
];

const OF_FILE: [&str; 12] =
    ["path", "path_c", "kind", "what", "id", "git", "clean", "size", "mode", "bak", "stat", "t"];

impl<'a> Arbitrary<'a> for Day {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        if input.ratio(1, 3)? {
            return Ok(Self(input.arbitrary()?));
        }
        let mut text = String::new();
        while !input.is_empty() && text.len() < 4096 {
            text += &object(input, &FIELDS)?;
            text.push('\n');
        }
        Ok(Self(text.into_bytes()))
    }
}

fn object(input: &mut Unstructured<'_>, names: &[&str]) -> Result<String> {
    let mut fields = Vec::new();
    if names.len() == FIELDS.len() {
        // Without these it is no line.
        fields.push(format!(
            "\"t\":{},\"ev\":\"{}\"",
            input.arbitrary::<i64>()?,
            input.choose(&WORDS)?
        ));
    }
    for _ in 0..input.int_in_range(0..=6)? {
        let name = *input.choose(names)?;
        let value = match (name, input.int_in_range(0..=5)?) {
            ("files", 0..5) => {
                format!("[{},{}]", object(input, &OF_FILE)?, object(input, &OF_FILE)?)
            }
            ("stat" | "big", 0..4) => {
                format!("[{},{}]", input.arbitrary::<u8>()?, input.arbitrary::<u64>()?)
            }
            (_, 0) => "true".to_owned(),
            (_, 1 | 2) => input.arbitrary::<i64>()?.to_string(),
            _ => format!("\"{}\"", input.choose(&WORDS)?),
        };
        fields.push(format!("\"{name}\":{value}"));
    }
    Ok(format!("{{{}}}", fields.join(",")))
}

fn page() -> &'static (Scratch, Page) {
    static PAGE: OnceLock<(Scratch, Page)> = OnceLock::new();
    PAGE.get_or_init(|| {
        let scratch = Scratch::new();
        let page = Page::of(&scratch.repository().git(), false);
        (scratch, page)
    })
}

libfuzzer_sys::fuzz_target!(|day: Day| {
    let Day(text) = day;
    if let Ok(name) = std::str::from_utf8(&text) {
        // A day's name is that of a file, and of a branch.
        assert!(!is_day(name) || name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
    }
    let lines: Vec<Line> = split(&text).filter_map(Line::parse).collect();
    for line in &lines {
        let written = line.to_json();
        assert!(!written.contains(&b'\n'));
        assert_eq!(Line::parse(&written).as_ref(), Some(line));
        assert!(is_day(&day_of(line.time)) || !(0..253_402_300_800).contains(&line.time));
        assert!(Raw::of("2025-11-06", None, &written).is_some());
        for event in line.events() {
            assert!(event.backup.as_deref().is_none_or(|name| BackupName::parse(name).is_some()));
        }
    }
    ask(&History::of(lines));
});

/// What commands and hooks ask.
fn ask(history: &History) {
    let term = Term::of_command(&git_bak::model::settings::Settings::default());
    let events: Vec<Event> = history.events().collect();
    is_printable(&term.log(&events, &[], &now(), &page().1));
    is_printable(&json::log_json(&events));
    let versions = history.versions().count();
    assert!(history.snapshots() <= versions);
    assert!(history.copied().count() >= versions);
    for version in history.versions() {
        let _ = (version.time(), version.instant());
        if let (Some(path), Some(id)) = (version.seen.path(), &version.seen.id) {
            assert!(history.names(&path, id));
        }
    }
    for label in history.labels() {
        let _ = history.labelled(&label);
    }
    let _ = (history.attempts(), history.failures(), history.standing(), history.newest_paths());
}
