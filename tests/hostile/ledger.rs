//! A ledger that somebody else has written: rows of any type, missing tables, triggers, views. It is never the
//! truth, and whatever stands in it, files are backed up, cleaned up and brought back.

use rusqlite::Connection;

use crate::scratch::{Ran, Scratch};

const LEDGER: &str = ".git/bak/ledger.db";

fn change(s: &Scratch, sql: &str) {
    let sql = format!("PRAGMA foreign_keys = off; {sql}");
    Connection::open(s.top().join(LEDGER)).unwrap().execute_batch(&sql).unwrap();
}

/// A repository with a backup and a failed commit on record, whose ledger was then changed.
fn with(sql: &str) -> Scratch {
    let s = Scratch::new();
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "two\n");
    s.try_git(["commit", "-qam", "fails"]);
    s.bak(["snapshot", "-m", "label", "a.txt"]);
    s.bak(["status"]);
    change(&s, sql);
    s
}

fn lines(ran: &Ran) -> Vec<&str> {
    assert!(!ran.stderr.contains("panicked"), "{ran:?}");
    ran.stderr.lines().collect()
}

/// Whatever was done to the ledger, work is backed up, comes back, and is cleaned up.
fn works_all_the_same(s: &Scratch) {
    for args in [
        &["list"][..],
        &["status"],
        &["log"],
        &["log", "--json"],
        &["journal"],
        &["journal", "--json"],
        &["doctor"],
        &["restore", "a.txt", "--at", "label"],
        &["clean", "-n"],
    ] {
        let ran = s.try_bak(args);
        assert!((0..=3).contains(&ran.status), "{args:?}: {ran:?}");
        lines(&ran);
    }
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "three\n");
    lines(&s.try_git(["commit", "-qam", "fails"]));
    assert!(s.backup_texts("a.txt").contains(&"three\n".to_owned()));
    s.write("a.txt", "lost");
    lines(&s.bak(["restore", "a.txt"]));
    assert_eq!(s.read("a.txt"), "three\n");
    s.hook("commit-msg", "exit 0");
    let ran = s.git(["commit", "-qam", "second"]);
    assert!(lines(&ran).iter().filter(|line| line.contains("ledger")).count() <= 2, "{ran:?}");
    assert_eq!(s.all_backups(), Vec::<String>::new(), "{ran:?}");
}

/// Doctor says what is wrong, puts it right, and is content then.
fn doctor_mends(s: &Scratch) {
    let ran = s.try_bak(["doctor"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    assert!(ran.stdout.contains("ledger.db"), "{ran:?}");
    s.try_bak(["doctor", "--fix"]);
    let ran = s.bak(["doctor"]);
    assert_eq!(ran.status, 0, "{ran:?}");
}

#[test]
fn rows_of_any_type_and_size_hide_no_others() {
    let s = with("");
    for table in ["event", "attempt", "on_disk", "failed_file"] {
        let connection = Connection::open(s.top().join(LEDGER)).unwrap();
        let columns: Vec<String> = connection
            .prepare(&format!("SELECT name FROM pragma_table_info('{table}')"))
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let values = [
            "'text'",
            "x'ff1b'",
            "1e308",
            "9223372036854775807",
            "-9223372036854775808",
            "CAST(x'ff' AS TEXT)",
        ];
        for column in &columns {
            for value in values {
                // A copy of a good row, this column apart.
                let list: Vec<&str> =
                    columns.iter().map(|it| if it == column { value } else { it }).collect();
                let list = list.join(", ").replacen(
                    "id,",
                    "NULL,",
                    usize::from(column != "id" && columns[0] == "id"),
                );
                let sql = format!(
                    "INSERT OR IGNORE INTO {table} ({}) SELECT {list} FROM {table} LIMIT 1",
                    columns.join(", ")
                );
                // Numbers and texts that a column can't have are refused.
                let _ = connection.execute(&sql, []);
            }
        }
    }
    let events = s.bak(["log", "--json"]).stdout;
    assert!(events.contains("\"created\"") && events.contains("a.txt"), "{events}");
    let failures = s.bak(["journal", "--json"]).stdout;
    assert!(failures.contains("\"commit\"") && failures.contains("a.txt"), "{failures}");
    works_all_the_same(&s);
}

#[test]
fn paths_that_lead_astray_are_neither_followed_nor_shown() {
    let s = with("");
    std::fs::write(s.root().join("x.bak.20251106_201045.abc12345"), "not ours\n").unwrap();
    s.write(".git/x.bak.20251106_201045.abc12345", "not ours\n");
    let backup = "CAST('x.bak.20251106_201045.abc12345' AS BLOB)";
    for path in ["../x", ".git/x", "sub/../../x", "/etc/x", "a//x", ""] {
        for table in [
            "event (worktree, time, zone, event, path, backup) VALUES (x'', 1, 0, 'created',",
            "on_disk (worktree, path, backup) VALUES (x'',",
        ] {
            change(&s, &format!("INSERT INTO {table} CAST('{path}' AS BLOB), {backup})"));
        }
    }
    // A name that is a path.
    change(
        &s,
        "INSERT INTO on_disk VALUES (x'', CAST('a.txt' AS BLOB), CAST('../x.bak.20251106_201045.abc12345' AS BLOB))",
    );
    for args in [&["list"][..], &["log"], &["status"], &["clean", "-n"]] {
        let ran = s.bak(args);
        assert!(!ran.stdout.contains("/x") && !ran.stdout.contains("x.bak"), "{ran:?}");
    }
    s.bak(["clean"]);
    works_all_the_same(&s);
    assert!(s.root().join("x.bak.20251106_201045.abc12345").exists());
    assert!(s.exists(".git/x.bak.20251106_201045.abc12345"));
}

#[test]
fn missing_tables_and_columns_are_found_and_mended() {
    for sql in [
        "DROP TABLE failed_file",
        "DROP TABLE on_disk",
        "DROP TABLE event",
        "DROP TABLE attempt",
        "ALTER TABLE event DROP COLUMN permissions",
        "ALTER TABLE attempt DROP COLUMN output",
        "ALTER TABLE event RENAME TO a; CREATE VIRTUAL TABLE event USING fts5(path)",
    ] {
        let s = with(sql);
        works_all_the_same(&s);
        doctor_mends(&s);
    }
}

#[test]
fn a_trigger_never_runs() {
    for action in [
        "SELECT raise(ABORT, 'no')",
        "DELETE FROM on_disk",
        "INSERT INTO event SELECT NULL, attempt, worktree, time, zone, event, path, backup, blob, size, permissions, kind, label, commit_id FROM event",
    ] {
        let s = with(&format!("CREATE TRIGGER t BEFORE INSERT ON event BEGIN {action}; END"));
        let before = events(&s);
        works_all_the_same(&s);
        assert!(events(&s) < before + 30, "{action}");
    }
}

fn events(s: &Scratch) -> usize {
    s.bak(["log", "--json"]).stdout.matches("\"event\"").count()
}

#[test]
fn a_view_in_the_place_of_a_table_is_not_asked() {
    // One that would go on for ever, and two that would lie.
    let endless =
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT a.* FROM n JOIN a";
    for (table, view) in
        [("event", endless), ("on_disk", "SELECT * FROM a"), ("attempt", "SELECT * FROM a WHERE 0")]
    {
        let s = with(&format!("ALTER TABLE {table} RENAME TO a; CREATE VIEW {table} AS {view}"));
        works_all_the_same(&s);
        doctor_mends(&s);
    }
}
