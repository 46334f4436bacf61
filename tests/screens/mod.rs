//! What the commands show, on terminals of 60, 100 and 200 columns and in a pipe: exactly what is in the
//! files beside this one.
//!
//! After a change that is meant, `GIT_BAK_TEST_BLESS=1 cargo test --test it screens::` rewrites them; what
//! Git says has changed then is for a person to read. Colours stand there as words: `<red>…<>`.

use std::fs;
use std::path::Path;

use crate::pty;
use crate::scratch::{BAK, Scratch};

/// What the pages are about: several files, versions that differ, a commit that failed, a long path.
fn scene() -> Scratch {
    let mut s = Scratch::empty();
    for who in ["AUTHOR", "COMMITTER"] {
        s.set_env(&format!("GIT_{who}_DATE"), "2025-11-06T20:10:45Z");
    }
    s.set_env("GIT_PAGER", "cat");
    s.git(["config", "core.quotePath", "false"]);
    s.bak(["install"]);
    s.write("src/main.rs", "fn main() {\n    first();\n}\n");
    s.write("assets/logo.png", [b"\x89PNG\0".repeat(3000), b"1".to_vec()].concat());
    s.write("notes.txt", "one\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first"]);
    s.advance(5 * 86_400);
    s.write("src/main.rs", "fn main() {\n    first();\n    second();\n}\n");
    s.bak(["snapshot", "-m", "before the second", "src/main.rs"]);
    s.advance(8 * 86_400);
    s.write(LONG, "a name that takes more columns than some have\n");
    s.write("assets/logo.png", b"\x89PNG\0".repeat(4000));
    s.bak(["snapshot", LONG, "assets"]);
    s.advance(3600);
    s.write("src/main.rs", "fn main() {\n    third();\n}\n");
    s.hook("commit-msg", "echo 'the subject must begin with a topic' >&2; exit 1");
    s.git(["add", "src", "notes.txt"]);
    s.try_git(["commit", "-qm", "second"]);
    s.advance(600);
    s.write("src/main.rs", "fn main() {\n    third();\n    fourth();\n}\n");
    s
}

const LONG: &str =
    "documentation/translations/日本語/ユーザーガイド/how-to-bring-lost-work-back.md";

/// Compares what `git bak ARGS` shows with the files `NAME.60.txt` and so on.
fn assert_shows(s: &Scratch, name: &str, args: &[&str]) {
    let now = s.now();
    let mut wrong = Vec::new();
    for width in [60, 100, 200] {
        let mut command = s.command(BAK);
        command.args(args).env("GIT_BAK_NOW", &now);
        let shown = in_words(&pty::run(command, width).0, s);
        let plain = without_words(&shown);
        // Commands are there to be copied, so nothing cuts or parts them.
        let too_wide = |line: &&str| columns(line) > width.into() && !line.contains("git bak");
        assert_eq!(plain.lines().find(too_wide), None, "{name} {width}");
        assert!(plain.lines().all(|line| !line.ends_with(' ')), "{name} {width}: {plain}");
        wrong.extend(difference(&format!("{name}.{width}.txt"), &shown));
    }
    let mut command = s.command(BAK);
    let output = command.args(args).env("GIT_BAK_NOW", &now).output().unwrap();
    let piped = in_words(&String::from_utf8_lossy(&output.stdout), s);
    assert!(!piped.contains("<bold>") && !piped.contains('█'), "{piped}");
    wrong.extend(difference(&format!("{name}.pipe.txt"), &piped));
    assert!(wrong.is_empty(), "not as it was (see the head of tests/screens/mod.rs): {wrong:#?}");
}

/// What is shown, if it isn't what the file has.
fn difference(file: &str, shown: &str) -> Option<(String, String)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/screens").join(file);
    if std::env::var_os("GIT_BAK_TEST_BLESS").is_some() {
        fs::write(path, shown).unwrap();
        return None;
    }
    let wanted = fs::read_to_string(path).unwrap_or_default();
    (wanted != shown).then(|| (file.to_owned(), shown.to_owned()))
}

const WORDS: [(&str, &str); 7] = [
    ("\x1b[m", "<>"),
    ("\x1b[1m", "<bold>"),
    ("\x1b[2m", "<dim>"),
    ("\x1b[31m", "<red>"),
    ("\x1b[32m", "<green>"),
    ("\x1b[33m", "<yellow>"),
    ("\x1b[36m", "<cyan>"),
];

/// The text with words for colours, and for the scratch repository's folder.
fn in_words(text: &str, s: &Scratch) -> String {
    let words = WORDS.iter();
    let text = words.fold(text.to_owned(), |text, (code, word)| text.replace(code, word));
    assert!(!text.contains('\x1b'), "{text:?}");
    text.replace(s.root().to_str().unwrap(), "ROOT")
}

fn without_words(text: &str) -> String {
    WORDS.iter().fold(text.to_owned(), |text, (_, word)| text.replace(word, ""))
}

/// How many columns a line takes: of the letters here, those of Japanese take two.
fn columns(line: &str) -> usize {
    line.chars().map(|letter| if ('\u{3000}'..'\u{a000}').contains(&letter) { 2 } else { 1 }).sum()
}

#[test]
fn list_is_as_it_was() {
    assert_shows(&scene(), "list", &["list"]);
    assert_shows(&scene(), "list-files", &["list", "--files"]);
}

#[test]
fn status_is_as_it_was() {
    assert_shows(&scene(), "status", &["status"]);
}

#[test]
fn log_is_as_it_was() {
    assert_shows(&scene(), "log", &["log"]);
}

#[test]
fn journal_is_as_it_was() {
    let s = scene();
    s.try_git(["commit", "-qm", "again"]);
    s.advance(180);
    s.hook("commit-msg", "exit 0");
    s.git(["commit", "-qm", "docs: second"]);
    s.write("notes.txt", "two\n");
    s.advance(86_400);
    s.hook("pre-commit", "echo 'notes.txt:1: no full stop' >&2; exit 3");
    s.try_git(["commit", "-qam", "third"]);
    assert_shows(&s, "journal", &["journal"]);
}

// Elsewhere the folder's name, which is in it, may be long and part the lines in another place.
#[cfg(target_os = "linux")]
#[test]
fn doctor_is_as_it_was() {
    let mut s = scene();
    for (key, value) in [("COUNT", "1"), ("KEY_0", "bak.maxBackups"), ("VALUE_0", "many")] {
        s.set_env(&format!("GIT_CONFIG_{key}"), value);
    }
    fs::remove_file(s.top().join(".git/hooks/post-checkout")).unwrap();
    assert_shows(&s, "doctor", &["doctor"]);
}

#[test]
fn colours_are_those_that_git_and_the_environment_allow() {
    let mut s = scene();
    let on_a_terminal = |s: &Scratch, args: &[&str]| {
        let mut command = s.command("git");
        command.args(args);
        pty::run(command, 100).0
    };
    assert!(on_a_terminal(&s, &["bak", "list"]).contains("\x1b[33m"));
    assert!(!on_a_terminal(&s, &["-c", "color.ui=false", "bak", "list"]).contains('\x1b'));
    assert!(s.git(["-c", "color.ui=always", "bak", "list"]).stdout.contains("\x1b[33m"));
    s.set_env("NO_COLOR", "1");
    assert!(!on_a_terminal(&s, &["-c", "color.ui=always", "bak", "list"]).contains('\x1b'));
}

#[test]
fn the_width_may_be_said_and_plain_marks_stay_plain() {
    let mut s = scene();
    s.set_env("COLUMNS", "100");
    s.set_env("LC_ALL", "C");
    let mut command = s.command(BAK);
    command.arg("status");
    let shown = pty::run(command, 60).0;
    assert!(shown.contains("\x1b[36m####################\x1b[m  assets/logo.png"), "{shown}");
}

#[test]
fn a_long_list_goes_through_gits_pager() {
    let mut s = scene();
    s.set_env("GIT_PAGER", "sed s/^/paged:/");
    let mut command = s.command(BAK);
    command.arg("list");
    let shown = pty::run(command, 100).0;
    assert!(shown.lines().all(|line| line.starts_with("paged:")), "{shown}");
    assert!(!s.bak(["list"]).stdout.contains("paged:"));
}
