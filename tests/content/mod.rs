//! What Git converts on the way in and out: line ends, encodings, `ident`, filters of every kind.
//!
//! A backup has the working tree's bytes, the vault gives the same bytes back, clean-up knows that they
//! are held, and restore is exact: whatever Git stores of a file, and whatever state its filter is in.

mod broken_filters;
mod lfs;

use std::fs;
use std::time::{Duration, SystemTime};

use crate::backup_files::{blob_id, refused_commit, refusing};
use crate::scratch::{Ran, Scratch};

const PROCESS: &str = include_str!("filter.sh");

/// The bytes of the backups of `path`; each has the id of its own bytes in its name.
fn backups(s: &Scratch, path: &str) -> Vec<Vec<u8>> {
    let folder = s.top().join(path).parent().unwrap().to_owned();
    let read = |name: String| {
        let bytes = fs::read(folder.join(&name)).unwrap();
        assert!(name.ends_with(&blob_id(s, &bytes)[..8]), "{name}");
        bytes
    };
    s.backups(path).into_iter().map(read).collect()
}

/// What Git reads from the vault for a version of `path` with these bytes.
fn from_vault(s: &Scratch, path: &str, bytes: &[u8]) -> Option<Vec<u8>> {
    let id = blob_id(s, bytes);
    let files = s.record().into_iter().flat_map(|mut line| match line["files"].take() {
        serde_json::Value::Array(files) => files,
        _ => Vec::new(),
    });
    let is_named = { files }.any(|file| file["id"] == *id && file["path"] == path);
    let args = ["--git-dir=.git/bak/vault.git", "cat-file", "blob", &id];
    let ran = s.command("git").args(args).output().unwrap();
    is_named.then_some(ran.stdout)
}

fn read(s: &Scratch, path: &str) -> Vec<u8> {
    fs::read(s.top().join(path)).unwrap()
}

fn assert_calm(ran: &Ran) {
    for word in ["✗", "not protected", "vault only", "not removed", "panicked"] {
        assert!(!ran.stderr.contains(word), "{word}: {ran:#?}");
    }
}

/// The life of a file that holds `staged` and then `edited`, in a repository whose pre-commit hook says no.
fn lives(s: &Scratch, path: &str, staged: &[u8], edited: &[u8]) {
    // What Git last saw of it may be out of date, as if it was being written to, however busy the machine is.
    s.write(path, staged);
    let file = fs::File::options().write(true).open(s.top().join(path)).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(60)).unwrap();
    s.git(["add", path]);
    assert_calm(&refused_commit(s));
    assert!(backups(s, path).contains(&staged.to_vec()), "staged");
    s.write(path, edited);
    assert_calm(&refused_commit(s));
    let ran = s.command("git").args(["cat-file", "--filters", &format!(":{path}")]).output();
    // Where the file was, byte for byte, what the index has, that is the version that was kept.
    let is_as_staged =
        s.git(["rev-parse", &format!(":{path}")]).stdout.trim() == blob_id(s, staged);
    let as_checked_out = if is_as_staged { staged.to_vec() } else { ran.unwrap().stdout };
    for bytes in [edited, &as_checked_out] {
        assert!(backups(s, path).contains(&bytes.to_vec()), "{bytes:?}: {:?}", backups(s, path));
    }
    for bytes in [staged, edited, &as_checked_out] {
        assert_eq!(from_vault(s, path, bytes).as_deref(), Some(bytes));
    }
    s.hook("pre-commit", "exit 0");
    assert_calm(&s.git(["commit", "-qam", "done"]));
    assert!(s.backups(path).is_empty(), "cleaned up");
    assert_eq!(read(s, path), edited, "the file is as it was");
    for bytes in [edited, staged] {
        fs::remove_file(s.top().join(path)).unwrap();
        s.bak(["restore", "--yes", path, "--from", &blob_id(s, bytes)[..8]]);
        assert_eq!(read(s, path), bytes, "restored");
    }
    s.bak(["clean"]);
    assert!(s.backups(path).is_empty(), "held");
}

/// A repository with these attributes for `*.dat` and these settings.
fn with(attributes: &str, settings: &[(&str, &str)]) -> Scratch {
    let s = refusing();
    for (key, value) in settings {
        s.git(["config", key, value]);
    }
    s.write(".git/info/attributes", format!("*.dat {attributes}\n"));
    s
}

/// The same life for each of these contents.
// Shown where the test fails.
#[allow(clippy::print_stdout)]
fn all_live(attributes: &str, settings: &[(&str, &str)], contents: &[(&[u8], &[u8])]) {
    for (staged, edited) in contents {
        println!("{attributes} {settings:?}: {:?}", String::from_utf8_lossy(staged));
        lives(&with(attributes, settings), "sub/f.dat", staged, edited);
    }
}

/// Little endian, with a byte order mark.
fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

const CRLF: (&[u8], &[u8]) = (b"one\r\ntwo\r\n", b"one\r\nedited\r\n");
const MIXED: (&[u8], &[u8]) = (b"one\r\ntwo\nthree\rfour\r\r\n", b"edited\ntwo\r\nthree\n");

#[test]
fn line_ends_that_autocrlf_converts() {
    all_live("text=auto", &[("core.autocrlf", "true")], &[CRLF, MIXED]);
    all_live("!text", &[("core.autocrlf", "input")], &[CRLF, MIXED]);
}

#[test]
fn line_ends_that_attributes_convert() {
    all_live("text eol=crlf", &[("core.safecrlf", "warn")], &[CRLF, MIXED]);
    all_live("text=auto eol=lf", &[], &[MIXED]);
    all_live("-text", &[("core.autocrlf", "true")], &[MIXED]);
}

#[test]
fn keywords() {
    let (staged, edited) = (b"$Id: of another time $ one\n", b"$Id$ $Id: x$ edited\r\n");
    all_live("ident", &[], &[(staged, edited)]);
}

#[test]
fn encodings_of_the_working_tree() {
    let (staged, edited) = (utf16("gr\u{fc}n \u{1f600}\r\n"), utf16("rot\n"));
    all_live("text working-tree-encoding=UTF-16LE-BOM", &[], &[(&staged, &edited)]);
    let latin: (&[u8], &[u8]) = (b"gr\xfcn\r\n", b"\xe4 edited\n");
    all_live("text eol=crlf working-tree-encoding=ISO-8859-1", &[], &[latin]);
}

#[test]
fn filters_that_are_run_for_each_file() {
    let box_it = [
        ("filter.box.clean", "sed -e s/^boxed:/bare:/"),
        ("filter.box.smudge", "sed -e s/^bare:/boxed:/"),
        ("filter.box.required", "true"),
    ];
    all_live("filter=box", &box_it, &[(b"boxed: one\n", b"boxed: edited\n")]);
    // What the clean filter takes out is in the working tree alone.
    let strip = [("filter.strip.clean", "sed -e /^output/d"), ("filter.strip.smudge", "cat")];
    all_live("filter=strip", &strip, &[(b"in\noutput 1\n", b"in\noutput 2\nmore\n")]);
    let slow = [("filter.slow.clean", "sleep 0.1; cat"), ("filter.slow.smudge", "sleep 0.1; cat")];
    all_live("filter=slow", &slow, &[(b"one\n", b"edited\n")]);
}

#[test]
fn a_filter_that_runs_for_all_files() {
    for delay in ["", "sleep 0.2; "] {
        let s = refusing();
        let script = s.root().join("filter");
        fs::write(&script, PROCESS).unwrap();
        let process = format!("{delay}exec sh '{}'", script.display());
        s.git(["config", "filter.turn.process", &process]);
        s.git(["config", "filter.turn.required", "true"]);
        s.write(".git/info/attributes", "*.dat filter=turn\n");
        lives(&s, "sub/f.dat", b"one\0\xff\r\n", b"edited\n\xfe");
        let stored = s.git(["cat-file", "blob", "HEAD:sub/f.dat"]).stdout;
        assert_eq!(stored, "rqvgrq\n\u{fffd}", "the filter is at work");
    }
}
