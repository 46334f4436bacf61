//! The ledger, with rows that anybody may have put there: of any type, any size, without the constraints of
//! ours. Nothing fails but the ledger, no path leads astray, and what is shown can do nothing to a terminal.
#![no_main]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use git_bak::git::repository::Repository;
use git_bak::model::event::{Event, EventKind};
use git_bak::model::forgetting::{Forgetting, Named};
use git_bak::model::repo_path::RepoPath;
use git_bak::model::settings::Settings;
use git_bak::storage::ledger::{Ledger, look};
use git_bak::storage::records::Records;
use git_bak::term::page::Page;
use git_bak::term::report::Overview;
use git_bak::term::{Term, json};
use git_bak_fuzz::{Scratch, is_printable, now};
use libfuzzer_sys::arbitrary::{Arbitrary, Result, Unstructured};
use rusqlite::Connection;
use rusqlite::types::Value;

const TABLES: [(&str, &[&str]); 4] = [
    (
        "event",
        &[
            "id",
            "attempt",
            "worktree",
            "time",
            "zone",
            "event",
            "path",
            "backup",
            "blob",
            "size",
            "permissions",
            "kind",
            "label",
            "commit_id",
        ],
    ),
    (
        "attempt",
        &[
            "id",
            "worktree",
            "kind",
            "began",
            "zone",
            "state",
            "step",
            "status",
            "commit_id",
            "output",
        ],
    ),
    ("on_disk", &["worktree", "path", "backup"]),
    ("failed_file", &["attempt", "path"]),
];

/// What happens to whole tables.
const SCHEMES: [&str; 12] = [
    "DROP TABLE event",
    "DROP TABLE attempt",
    "DROP TABLE on_disk",
    "DROP TABLE failed_file",
    "ALTER TABLE event DROP COLUMN label",
    "ALTER TABLE event RENAME TO x; CREATE VIEW event AS SELECT * FROM x",
    "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM on_disk; END",
    "CREATE TRIGGER t BEFORE INSERT ON event BEGIN SELECT raise(ABORT, 'no' || char(27)); END",
    "PRAGMA user_version = -1",
    "PRAGMA user_version = 99",
    "PRAGMA user_version = 1",
    "PRAGMA user_version = 0",
];

const WORDS: [&str; 24] = [
    "",
    "created",
    "deposited",
    "duplicate",
    "retired",
    "cleaned",
    "restored",
    "expired",
    "forgotten",
    "found",
    "staged",
    "worktree",
    "manual",
    "apply",
    "guard",
    "commit",
    "run",
    "failed",
    "succeeded",
    "a.txt",
    "../x",
    ".git/config",
    "a.txt.bak.20251106_201045.abc12345",
    "\u{1b}[31m\u{9b}2J\n",
];

const NUMBERS: [i64; 10] = [
    0,
    1,
    -1,
    i64::MAX,
    i64::MIN,
    1 << 31,
    -(1 << 31),
    1_762_459_845,
    253_402_300_800,
    8_210_266_876_799,
];

#[derive(Debug)]
struct Rows(Vec<(usize, Vec<Field>)>, Option<usize>);

#[derive(Debug)]
struct Field(Value, bool);

impl<'a> Arbitrary<'a> for Rows {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let scheme =
            if input.ratio(1, 8)? { Some(input.choose_index(SCHEMES.len())?) } else { None };
        let mut rows = Vec::new();
        while !input.is_empty() && rows.len() < 12 {
            let table = input.choose_index(TABLES.len())?;
            let fields =
                TABLES[table].1.iter().map(|column| field(input, column)).collect::<Result<_>>()?;
            rows.push((table, fields));
        }
        Ok(Self(rows, scheme))
    }
}

/// A value for a column: mostly one that makes sense there.
fn field(input: &mut Unstructured<'_>, column: &str) -> Result<Field> {
    let word =
        |input: &mut Unstructured<'_>| Ok(Value::Blob(input.choose(&WORDS)?.as_bytes().to_vec()));
    let usual = match column {
        "worktree" => Value::Blob(Vec::new()),
        "time" | "began" | "zone" | "id" | "attempt" | "size" | "status" | "permissions" => {
            Value::Integer(*input.choose(&NUMBERS)?)
        }
        _ => word(input)?,
    };
    let as_text = !matches!(column, "path" | "backup" | "worktree" | "output");
    Ok(match input.int_in_range(0..=15)? {
        0 => Field(Value::Null, false),
        1 => Field(Value::Integer(input.arbitrary()?), false),
        2 => Field(Value::Real(input.arbitrary()?), false),
        3 => Field(Value::Blob(input.arbitrary()?), false),
        4 => Field(Value::Blob(input.arbitrary()?), true),
        5 => Field(word(input)?, !as_text),
        _ => Field(usual, as_text),
    })
}

struct Place {
    repository: Repository,
    page: Page,
    _scratch: Scratch,
    ours: PathBuf,
    loose: PathBuf,
}

// SAFETY: libFuzzer calls the target from one thread.
unsafe impl Sync for Place {}

fn place() -> &'static Place {
    static PLACE: OnceLock<Place> = OnceLock::new();
    PLACE.get_or_init(|| {
        let scratch = Scratch::new();
        let repository = scratch.repository();
        drop(Ledger::open(&repository).unwrap());
        let [ours, loose] = ["ours", "loose"].map(|name| scratch.around().join(name));
        std::fs::rename(Ledger::path(&repository), &ours).unwrap();
        let connection = Connection::open(&loose).unwrap();
        for (table, columns) in TABLES {
            connection
                .execute_batch(&format!("CREATE TABLE {table} ({})", columns.join(",")))
                .unwrap();
        }
        connection.pragma_update(None, "user_version", 2).unwrap();
        drop(connection);
        let page = Page::of(&repository.git(), false);
        Place { repository, page, _scratch: scratch, ours, loose }
    })
}

fn fill(file: &Path, rows: &Rows) -> rusqlite::Result<()> {
    let connection = Connection::open(file)?;
    connection.pragma_update(None, "synchronous", "off")?;
    connection.pragma_update(None, "journal_mode", "off")?;
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.execute_batch("BEGIN")?;
    for (table, fields) in &rows.0 {
        let (name, columns) = TABLES[*table];
        let places: Vec<String> =
            fields
                .iter()
                .enumerate()
                .map(|(at, Field(_, text))| {
                    if *text {
                        format!("CAST(?{} AS TEXT)", at + 1)
                    } else {
                        format!("?{}", at + 1)
                    }
                })
                .collect();
        let sql = format!(
            "INSERT OR IGNORE INTO {name} ({}) VALUES ({})",
            columns.join(","),
            places.join(",")
        );
        // A constraint may say no.
        let _ = connection
            .execute(&sql, rusqlite::params_from_iter(fields.iter().map(|field| &field.0)));
    }
    connection.execute_batch("COMMIT")?;
    if let Some(scheme) = rows.1 {
        let _ = connection.execute_batch(SCHEMES[scheme]);
    }
    Ok(())
}

libfuzzer_sys::fuzz_target!(|rows: Rows| {
    let place = place();
    let ledger = Ledger::path(&place.repository);
    for template in [&place.ours, &place.loose] {
        std::fs::copy(template, &ledger).unwrap();
        fill(&ledger, &rows).unwrap();
        ask(place);
        change(&place.repository);
    }
});

fn ask(Place { repository, page, .. }: &Place) {
    let term = Term::of_command(&Settings::default());
    if let Ok(events) = Records::open(repository).events(&|_| true, None) {
        is_printable(&term.log(&events, &now(), page));
        is_printable(&json::log_json(&events));
    }
    let records = Records::open(repository);
    let attempt = records.last_attempt();
    let (files, vanished) = Default::default();
    let overview = Overview { files, stuck: 0, snapshots: 0, in_vault: 0, attempt, vanished };
    is_printable(&term.status(&overview, &now(), page));
    is_printable(&json::status_json(&overview));
    let Some(ledger) = records.ledger else { return };
    let path: RepoPath = "a.txt".parse().unwrap();
    let _ = ledger.known(&path, "created", "20251106_201045".parse().unwrap());
    let _ = ledger.blob_of(&path, b"a.txt.bak.20251106_201045.abc12345");
    let _ = ledger.on_disk();
    for label in ledger.labels().unwrap_or_default() {
        let _ = ledger.labelled(&label);
    }
    if let Ok(entries) = ledger.failures(&|_| true) {
        is_printable(&term.journal(&entries, &now(), page));
        is_printable(&json::journal_json(&entries));
    }
}

fn change(repository: &Repository) {
    let _ = look(repository);
    let Ok(mut ledger) = Ledger::open(repository) else { return };
    let path: RepoPath = "a.txt".parse().unwrap();
    let forgetting = Forgetting { of: vec![Named::Below(path.clone())], before: None };
    let _ = ledger.contents(&forgetting);
    let _ = ledger.record([], &[Event::new(EventKind::Found, &now(), path)]);
    let _ = ledger.forget(&forgetting);
    let _ = ledger.expire(Some(now().timestamp()), &repository.common_dir.join("worktrees"));
}
