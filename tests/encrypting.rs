//! Files under an encrypting filter: the vault holds what the filter makes of them, nothing under the Git directory
//! tells of their bytes, and what was lost comes back.

use std::fs;
use std::path::Path;

use crate::backup_files::{blob_id, refused_commit};
use crate::scratch::Scratch;

const TURN: &str = "tr 'A-Za-z' 'N-ZA-Mn-za-m'";

/// A filter that makes the same of a file each time, and one that doesn't.
fn drivers() -> [(&'static str, String, String); 2] {
    let salt = "od -An -N8 -tx1 /dev/urandom | tr -d ' \\n'; echo; ";
    [
        ("crypt", TURN.to_owned(), TURN.to_owned()),
        ("git-crypt-new", format!("{{ {salt}{TURN}; }}"), format!("sed 1d | {TURN}")),
    ]
}

/// A repository in which `*.key` are under a filter, with one of them committed.
fn with(name: &str, clean: &str, smudge: &str) -> Scratch {
    let s = Scratch::new();
    s.bak(["install"]);
    s.git(["config", &format!("filter.{name}.clean"), clean]);
    s.git(["config", &format!("filter.{name}.smudge"), smudge]);
    s.write(".gitattributes", format!("*.key filter={name}\n"));
    s.write("sub/a.key", "firstsecret\n");
    s.git(["add", "."]);
    s.git(["commit", "-qm", "first key"]);
    s
}

/// No object and no file under the Git directory has one of these texts, or the beginning of its id.
fn assert_nothing_tells(s: &Scratch, when: &str, texts: &[&str]) {
    let mut all: Vec<(String, Vec<u8>)> = Vec::new();
    for dir in [".git", ".git/bak/vault.git"] {
        if s.exists(dir) {
            let args = ["--git-dir", dir, "cat-file", "--batch-all-objects", "--batch"];
            let ran = s.command("git").args(args).output().unwrap();
            assert!(ran.status.success(), "{when}: {ran:?}");
            all.push((dir.to_owned(), ran.stdout));
        }
    }
    let loose = s.command("find").args([".git/bak/new", "-type", "f"]).output().unwrap().stdout;
    for file in String::from_utf8(loose).unwrap().lines() {
        let id: String = file[".git/bak/new/".len()..].replace('/', "");
        let args = ["--git-dir=.git/bak/vault.git", "cat-file", "blob", &id];
        let mut command = s.command("git");
        if !s.exists(".git/bak/vault.git") {
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", s.top().join(".git/bak/new"));
            command.args(&args[1..]);
        } else {
            command.args(args);
        }
        all.push((file.to_owned(), command.output().unwrap().stdout));
    }
    files_below(&s.top().join(".git"), &mut all);
    for text in texts {
        let id = blob_id(s, text.as_bytes());
        for needle in [text.trim().as_bytes(), &id.as_bytes()[..8]] {
            for (place, bytes) in &all {
                let has = bytes.windows(needle.len()).any(|part| part == needle);
                assert!(!has, "{when}: {place} has {}", String::from_utf8_lossy(needle));
            }
        }
    }
}

fn files_below(folder: &Path, all: &mut Vec<(String, Vec<u8>)>) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => files_below(&entry.path(), all),
            false => {
                all.push((entry.path().display().to_string(), fs::read(entry.path()).unwrap()));
            }
        }
    }
}

const STAGED: &str = "stagedsecret\n";
const EDITED: &str = "editedsecret\n";
const GUARDED: &str = "guardedsecret\n";
const LATER: &str = "snapshotsecret\n";
const ALL: [&str; 5] = ["firstsecret\n", STAGED, EDITED, GUARDED, LATER];

#[test]
fn nothing_tells_of_the_plain_text_and_what_was_lost_comes_back() {
    for (name, clean, smudge) in drivers() {
        let s = with(name, &clean, &smudge);
        let tells = |when: &str| assert_nothing_tells(&s, &format!("{name}: {when}"), &ALL);
        tells("after the first commit");
        s.write("sub/a.key", STAGED);
        s.git(["add", "."]);
        tells("after add");
        s.write("sub/a.key", EDITED);
        s.hook("pre-commit", "exit 1");
        let ran = refused_commit(&s);
        assert!(!ran.stderr.contains("not protected"), "{ran:#?}");
        tells("after a failed commit");
        let mut beside = s.backup_texts("sub/a.key");
        beside.sort();
        assert_eq!(
            beside,
            [EDITED, STAGED],
            "as plain as the file, and with its own id in the name"
        );
        for bytes in [EDITED, STAGED] {
            let id = blob_id(&s, bytes.as_bytes());
            assert!(s.backups("sub/a.key").iter().any(|it| it.ends_with(&id[..8])), "{bytes}");
        }
        s.hook("pre-commit", "exit 0");
        let ran = s.git(["commit", "-qam", "second"]);
        assert!(s.backups("sub/a.key").is_empty(), "{name}: {ran:#?}");
        tells("after a commit");
        s.write("sub/a.key", GUARDED);
        s.git(["reset", "-q", "--hard"]);
        s.write("sub/b.key", LATER);
        s.bak(["snapshot", "sub/b.key"]);
        fs::remove_file(s.top().join("sub/b.key")).unwrap();
        for backup in s.backups("sub/b.key") {
            fs::remove_file(s.top().join("sub").join(backup)).unwrap();
        }
        tells("after the guard and a snapshot");
        s.bak(["restore", "--yes", "sub/b.key"]);
        assert_eq!(s.read("sub/b.key"), LATER, "{name}");
        let again = s.bak(["restore", "--yes", "sub/b.key"]);
        assert!(again.stderr.contains("already"), "{again:#?}");
        s.bak(["restore", "--yes", "sub/a.key"]);
        assert_eq!(s.read("sub/a.key"), GUARDED, "{name}");
        s.bak(["vault", "log", "--all"]);
        tells("after restores and a fold");
        let versions = s.bak(["list", "sub/a.key"]).stdout;
        assert!(versions.contains("@{2}"), "{versions}");
        assert_eq!(s.bak(["show", "sub/a.key@{2}"]).stdout, GUARDED);
        let diff = s.try_bak(["diff", "sub/a.key", "sub/a.key@{1}"]);
        assert!(diff.stdout.contains("-guardedsecret"), "{diff:#?}");
        let doctor = s.try_bak(["doctor"]);
        assert!(doctor.stdout.contains("encrypting filter"), "{doctor:#?}");
        assert_eq!(doctor.status, 0, "{doctor:#?}");
    }
}

#[test]
fn forgotten_is_forgotten() {
    for (name, clean, smudge) in drivers() {
        let s = with(name, &clean, &smudge);
        s.write("new.key", STAGED);
        s.bak(["snapshot", "new.key"]);
        assert_eq!(s.backups("new.key").len(), 1);
        let ids: Vec<String> = s
            .record()
            .iter()
            .flat_map(|line| line["files"].as_array().cloned().unwrap_or_default())
            .filter(|file| file["path"] == "new.key")
            .map(|file| {
                assert_eq!(file["clean"], true, "{file}");
                file["id"].as_str().unwrap().to_owned()
            })
            .collect();
        fs::remove_file(s.top().join("new.key")).unwrap();
        s.bak(["forget", "--yes", "new.key"]);
        assert!(s.backups("new.key").is_empty());
        for id in ids {
            let args = ["--git-dir=.git/bak/vault.git", "cat-file", "-e", &id];
            assert_ne!(s.try_git(args).status, 0, "{name}: {id}");
        }
    }
}

#[test]
fn without_the_key_it_says_so_and_leaves_the_file_alone() {
    let s = with("git-crypt", TURN, TURN);
    s.write("sub/a.key", GUARDED);
    s.git(["reset", "-q", "--hard"]);
    s.git(["config", "--unset", "filter.git-crypt.clean"]);
    s.git(["config", "--unset", "filter.git-crypt.smudge"]);
    s.write("sub/a.key", "locked\n");
    let ran = s.try_bak(["restore", "--yes", "sub/a.key"]);
    assert_ne!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains("'git-crypt' is not set up here"), "{ran:#?}");
    assert_eq!(s.read("sub/a.key"), "locked\n");
    s.git(["config", "filter.git-crypt.clean", TURN]);
    s.git(["config", "filter.git-crypt.smudge", "exit 3"]);
    let ran = s.try_bak(["restore", "--yes", "sub/a.key"]);
    assert_ne!(ran.status, 0, "{ran:#?}");
    assert!(ran.stderr.contains("filter 'git-crypt' failed"), "{ran:#?}");
    assert_eq!(s.read("sub/a.key"), "locked\n");
}

#[test]
fn what_a_filter_that_fails_leaves_plain_is_not_kept() {
    let s = with("crypt", TURN, TURN);
    s.git(["config", "filter.crypt.clean", "exit 3"]);
    s.write("sub/a.key", EDITED);
    let ran = s.try_bak(["snapshot", "sub/a.key"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(ran.stderr.contains("filter 'crypt' failed"), "{ran:#?}");
    assert_nothing_tells(&s, "after a filter that failed", &[EDITED]);
}

#[test]
fn in_the_git_directory_lies_no_copy() {
    let s = with("crypt", TURN, TURN);
    s.git(["config", "bak.location", "gitdir"]);
    s.write("sub/a.key", EDITED);
    s.write("a.txt", "edited\n");
    s.git(["add", "a.txt"]);
    s.hook("pre-commit", "exit 1");
    let ran = refused_commit(&s);
    assert!(!ran.stderr.contains("not protected"), "{ran:#?}");
    assert_nothing_tells(&s, "with bak.location=gitdir", &[EDITED]);
    s.git(["checkout", "-q", "--", "sub/a.key"]);
    s.bak(["restore", "--yes", "sub/a.key"]);
    assert_eq!(s.read("sub/a.key"), EDITED);
}

#[test]
fn an_attribute_says_it_of_any_driver_and_others_are_as_ever() {
    let s = with("turn", TURN, TURN);
    s.write("plain.key", EDITED);
    s.bak(["snapshot", "plain.key"]);
    assert!(s.vault_has("plain.key", EDITED), "an ordinary filter");
    s.write(".git/info/attributes", "kept.key bak=clean\n");
    s.write("kept.key", LATER);
    s.bak(["snapshot", "kept.key"]);
    assert_nothing_tells(&s, "bak=clean", &[LATER]);
    assert!(!s.bak(["install"]).stderr.contains("encrypting"), "no such driver is set up");
    s.git(["config", "filter.git-crypt.clean", "cat"]);
    let ran = s.bak(["install"]);
    assert!(format!("{}{}", ran.stdout, ran.stderr).contains("encrypting filter (git-crypt)"));
}
