//! The bytes of backups are those of the working tree's form, whatever Git does on the way.

use std::fs::{self, File};
use std::time::{Duration, SystemTime};

use crate::backup_files::{blob_id, refused_commit, refusing};
use crate::scratch::Scratch;

/// What `git cat-file --filters` makes of the staged version: the working tree's form.
fn staged_form(s: &Scratch, path: &str) -> Vec<u8> {
    let spec = format!(":{path}");
    let ran = s.command("git").args(["cat-file", "--filters", &spec]).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    ran.stdout
}

/// The bytes of all backups of `path`, sorted; each has the id of its own bytes in its name.
fn bytes_of_backups(s: &Scratch, path: &str) -> Vec<Vec<u8>> {
    let mut all = Vec::new();
    for name in s.backups(path) {
        let folder = std::path::Path::new(path).parent().unwrap();
        let bytes = fs::read(s.top().join(folder).join(&name)).unwrap();
        assert_eq!(name[name.len() - 8..], blob_id(s, &bytes)[..8], "{name}");
        all.push(bytes);
    }
    all.sort();
    all
}

/// Makes a file look as if it had been written a minute ago.
fn make_old(s: &Scratch, path: &str) {
    let file = File::options().write(true).open(s.top().join(path)).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
}

/// UTF-16 with a byte order mark, little endian.
fn utf16(text: &str) -> Vec<u8> {
    let units = text.encode_utf16().flat_map(u16::to_le_bytes);
    [0xff, 0xfe].into_iter().chain(units).collect()
}

struct Conversion {
    attribute: &'static str,
    settings: &'static [(&'static str, &'static str)],
    staged: Vec<u8>,
    edited: Vec<u8>,
}

fn conversions() -> Vec<Conversion> {
    let plain = |attribute, staged: &str, edited: &str| Conversion {
        attribute,
        settings: &[],
        staged: staged.into(),
        edited: edited.into(),
    };
    vec![
        plain("text eol=crlf", "one\r\ntwo\r\n", "one\r\nedited\r\n"),
        plain("ident", "$Id$ one\n", "$Id$ edited\n"),
        Conversion {
            attribute: "working-tree-encoding=UTF-16",
            settings: &[],
            staged: utf16("gr\u{fc}n\n"),
            edited: utf16("rot\n"),
        },
        Conversion {
            attribute: "filter=box",
            settings: &[
                ("filter.box.clean", "sed -e s/^boxed:/bare:/"),
                ("filter.box.smudge", "sed -e s/^bare:/boxed:/"),
                ("filter.box.required", "true"),
            ],
            staged: b"boxed: one\n".to_vec(),
            edited: b"boxed: edited\n".to_vec(),
        },
    ]
}

/// A repository in which `sub/f.dat` has been staged under this conversion.
fn staged_under(conversion: &Conversion) -> Scratch {
    let s = refusing();
    for (key, value) in conversion.settings {
        s.git(["config", key, value]);
    }
    s.write(".git/info/attributes", format!("*.dat {}\n", conversion.attribute));
    s.write("sub/f.dat", &conversion.staged);
    make_old(&s, "sub/f.dat");
    s.git(["add", "."]);
    s
}

#[test]
fn what_is_staged_and_in_the_working_tree_is_copied_as_the_working_tree_has_it() {
    for conversion in conversions() {
        let s = staged_under(&conversion);
        refused_commit(&s);
        let backups = bytes_of_backups(&s, "sub/f.dat");
        assert_eq!(backups, [conversion.staged], "{}", conversion.attribute);
    }
}

#[test]
fn a_file_written_just_before_the_commit_is_no_different() {
    for conversion in conversions() {
        let s = staged_under(&conversion);
        // The file is from this very moment, and what Git last saw of it may be out of date.
        s.write("sub/f.dat", &conversion.staged);
        refused_commit(&s);
        let backups = bytes_of_backups(&s, "sub/f.dat");
        let as_checked_out = staged_form(&s, "sub/f.dat");
        assert!(backups.contains(&conversion.staged), "{}", conversion.attribute);
        for bytes in backups {
            let known = bytes == conversion.staged || bytes == as_checked_out;
            assert!(known, "{}: {bytes:?}", conversion.attribute);
        }
    }
}

/// The backups of what was staged, and `others`, in order: what the file was when it was staged, and, where
/// that is not what the index has, how Git writes it out.
fn staged_and(s: &Scratch, conversion: &Conversion, others: &[&Vec<u8>]) -> Vec<Vec<u8>> {
    let mut all = vec![conversion.staged.clone()];
    if s.git(["rev-parse", ":sub/f.dat"]).stdout.trim() != blob_id(s, &conversion.staged) {
        all.push(staged_form(s, "sub/f.dat"));
    }
    all.extend(others.iter().copied().cloned());
    all.sort();
    all.dedup();
    all
}

#[test]
fn staged_and_edited_again_are_both_in_the_working_trees_form() {
    for conversion in conversions() {
        let s = staged_under(&conversion);
        s.write("sub/f.dat", &conversion.edited);
        refused_commit(&s);
        let expected = staged_and(&s, &conversion, &[&conversion.edited]);
        assert_eq!(bytes_of_backups(&s, "sub/f.dat"), expected, "{}", conversion.attribute);
    }
}

#[test]
fn what_is_gone_from_the_working_tree_comes_out_in_its_form() {
    for conversion in conversions() {
        let s = staged_under(&conversion);
        fs::remove_file(s.top().join("sub/f.dat")).unwrap();
        refused_commit(&s);
        let expected = staged_and(&s, &conversion, &[]);
        assert_eq!(bytes_of_backups(&s, "sub/f.dat"), expected, "{}", conversion.attribute);
    }
}

#[test]
fn a_plain_copy_of_a_backup_is_what_was_staged() {
    for conversion in conversions() {
        let s = staged_under(&conversion);
        fs::remove_file(s.top().join("sub/f.dat")).unwrap();
        refused_commit(&s);
        let backup = s.top().join("sub").join(s.backups("sub/f.dat").remove(0));
        fs::copy(backup, s.top().join("sub/f.dat")).unwrap();
        let (as_staged, staged) = (["hash-object", "sub/f.dat"], ["rev-parse", ":sub/f.dat"]);
        assert_eq!(s.git(as_staged).stdout, s.git(staged).stdout, "{}", conversion.attribute);
    }
}

#[test]
fn backups_under_a_conversion_are_cleaned_up_when_the_commit_succeeds() {
    for conversion in conversions() {
        let s = staged_under(&conversion);
        s.write("sub/f.dat", &conversion.edited);
        refused_commit(&s);
        let expected = staged_and(&s, &conversion, &[&conversion.edited]).len();
        assert_eq!(s.backups("sub/f.dat").len(), expected, "{}", conversion.attribute);
        s.hook("pre-commit", "exit 0");
        s.git(["commit", "-qam", "done"]);
        assert!(s.backups("sub/f.dat").is_empty(), "{}", conversion.attribute);
        fs::remove_file(s.top().join("sub/f.dat")).unwrap();
        s.bak(["restore", "sub/f.dat@{1}"]);
        let restored = fs::read(s.top().join("sub/f.dat")).unwrap();
        assert_eq!(restored, conversion.edited, "{}", conversion.attribute);
    }
}

#[test]
fn autocrlf_is_a_conversion_too() {
    let s = refusing();
    s.git(["config", "core.autocrlf", "true"]);
    s.write("a.txt", "one\r\ntwo\r\n");
    s.git(["add", "a.txt"]);
    fs::remove_file(s.top().join("a.txt")).unwrap();
    refused_commit(&s);
    assert_eq!(bytes_of_backups(&s, "a.txt"), [b"one\r\ntwo\r\n"]);
}

/// A repository with a required filter that fails on the way out, and `f.box` staged under it.
fn with_a_broken_filter() -> Scratch {
    let s = refusing();
    s.git(["config", "filter.box.clean", "sed -e s/^boxed:/bare:/"]);
    s.git(["config", "filter.box.smudge", "exit 3"]);
    s.git(["config", "filter.box.required", "true"]);
    s.write(".git/info/attributes", "*.box filter=box\n*.dat text eol=crlf\n");
    s.write("f.box", "boxed: one\n");
    make_old(&s, "f.box");
    s.git(["add", "f.box"]);
    s
}

#[test]
fn a_required_filter_that_fails_is_not_needed_for_what_the_working_tree_has() {
    let s = with_a_broken_filter();
    refused_commit(&s);
    assert_eq!(bytes_of_backups(&s, "f.box"), [b"boxed: one\n"]);
}

#[test]
fn what_a_failing_required_filter_cant_write_out_is_in_the_vault_as_git_stores_it() {
    let s = with_a_broken_filter();
    // What was seen when it was staged is not known any more.
    std::fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
    s.write("f.box", "boxed: edited\n");
    s.hook("pre-commit", "exit 0");
    let ran = s.git(["commit", "-qm", "goes through"]);
    let line = ran.stderr.lines().find(|line| line.contains("vault only"));
    assert!(line.is_some_and(|line| line.contains("f.box")), "{ran:#?}");
    assert!(s.vault_has("f.box", "bare: one\n"), "{:#?}", s.vault());
    assert!(s.vault_has("f.box", "boxed: edited\n"), "{:#?}", s.vault());
}

#[test]
fn a_failing_filter_keeps_no_other_file_from_its_form() {
    let s = with_a_broken_filter();
    for name in ["a.dat", "z.dat"] {
        s.write(name, "one\r\n");
        s.git(["add", name]);
        s.write(name, "edited\r\n");
    }
    s.write("f.box", "boxed: edited\n");
    let ran = refused_commit(&s);
    for name in ["a.dat", "z.dat"] {
        let expected = [b"edited\r\n".to_vec(), b"one\r\n".to_vec()];
        assert_eq!(bytes_of_backups(&s, name), expected, "{name}: {ran:#?}");
    }
    assert!(!ran.stderr.contains("z.dat: kept in the vault only"), "{ran:#?}");
}

#[test]
fn a_failing_clean_filter_does_not_fail_what_git_itself_lets_through() {
    let s = refusing();
    s.write("f.box", "one\n");
    s.git(["add", "f.box"]);
    s.git(["config", "filter.box.clean", "exit 3"]);
    s.git(["config", "filter.box.smudge", "exit 3"]);
    s.write(".git/info/attributes", "*.box filter=box\n");
    s.write("f.box", "edited\n");
    refused_commit(&s);
    let expected = [b"edited\n".to_vec(), b"one\n".to_vec()];
    assert_eq!(bytes_of_backups(&s, "f.box"), expected);
}
