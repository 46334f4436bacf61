//! What git-bak does in a repository, each with its proof.

use std::fs;

use serde_json::Value;

use super::modes::{self, set_mode};
use super::place::{FILE, OTHER, Place, assert_calm, mode};
use crate::scratch::script;

const ADDED: &[u8] = b"added\0\xfd\n\r\n";
const STAGED: &[u8] = b"staged\0\xff\r\n";
const EDITED: &[u8] = b"edited\0\xfe\n\r\n\n";
const KEPT: &[u8] = b"kept\0\x80\r\nno line end";

/// Does something and proves that it was done.
type Operation = fn(&Place);

/// All of them, in this order: each begins with what the one before has left.
pub const OPERATIONS: &[(&str, Operation)] = &[
    ("staged", staged),
    ("back up", back_up),
    ("clean up", clean_up),
    ("retire", retire),
    ("survive gc", survive_gc),
    ("restore", restore),
    ("list", list),
    ("expire", expire),
    ("run the user's hook", run_the_users_hook),
    ("modes", modes::are_those_that_git_gives),
    #[cfg(target_os = "linux")]
    ("guard", guard),
];

/// What `git ls-files` and `git status` say of everything but us.
fn seen_by_git(place: &Place) -> String {
    place.git(["ls-files", "--stage"]).stdout + &place.git(["status", "--porcelain"]).stdout
}

/// After `git add` alone the backup is there and in the vault, and what is then overwritten comes back.
fn staged(place: &Place) {
    let first = place.read(FILE);
    place.write(FILE, ADDED);
    let (before, ran) = (place.vault_has(FILE, ADDED), place.git(["add", "--", FILE]));
    assert_eq!((before, ran.stdout.as_str(), ran.stderr.as_str()), (false, "", ""));
    assert_eq!(place.backup_bytes(FILE), [ADDED]);
    let name = place.backups(FILE).remove(0);
    assert!(name.ends_with(&place.blob_id(ADDED)[..8]), "{name}");
    assert_eq!(mode(&place.at("dir").join(name)), mode(&place.at(FILE)));
    assert!(place.vault_has(FILE, ADDED));
    let status = place.bak(["status", "--json"]).stdout;
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!((&status["backups"], &status["attempt"]["state"]), (&1.into(), &"none".into()));
    place.write(FILE, "overwritten");
    place.bak(["restore", "--yes", FILE]);
    assert_eq!(place.read(FILE), ADDED);
    // Nothing of it is left for those that follow.
    place.bak(["clean"]);
    place.write(FILE, &first);
    place.git(["add", "--", FILE]);
    assert!(place.backups(FILE).is_empty(), "what HEAD has is not at risk");
}

fn back_up(place: &Place) {
    place.refuse(true);
    place.write(FILE, STAGED);
    place.git(["add", "--", FILE]);
    place.write(FILE, EDITED);
    place.write(OTHER, "edited\n");
    let before = seen_by_git(place);
    place.refused_commit();
    assert_eq!(seen_by_git(place), before, "Git sees a difference");
    let mut found = place.backup_bytes(FILE);
    found.sort();
    assert_eq!(found, [EDITED, STAGED]);
    assert_eq!(place.backup_bytes(OTHER), [b"edited\n"]);
    for (name, bytes) in place.backups(FILE).iter().zip(place.backup_bytes(FILE)) {
        assert!(name.ends_with(&place.blob_id(&bytes)[..8]), "{name}");
        assert_eq!(mode(&place.at("dir").join(name)), mode(&place.at(FILE)), "{name}");
    }
    for bytes in [STAGED, EDITED] {
        assert!(place.vault_has(FILE, bytes), "{bytes:?}");
    }
    assert!(place.vault_has(OTHER, b"edited\n"));
}

fn clean_up(place: &Place) {
    place.refuse(false);
    let ran = place.git(["commit", "-qm", "second"]);
    assert_calm(&ran);
    assert!(place.backups(FILE).is_empty() && place.backups(OTHER).is_empty(), "{ran:#?}");
    let committed = place.git(["rev-parse", &format!("HEAD:{FILE}")]).stdout;
    assert_eq!(committed.trim_end(), place.blob_id(STAGED));
    assert_eq!((place.read(FILE), place.read(OTHER)), (EDITED.to_vec(), b"edited\n".to_vec()));
    assert!(place.vault_has(FILE, EDITED), "held");
}

fn retire(place: &Place) {
    place.refuse(true);
    let texts: Vec<String> = (0..5).map(|number| format!("{number}\r\n")).collect();
    for text in &texts {
        place.stage_and_fail(text);
    }
    let newest: Vec<&[u8]> = texts[2..].iter().map(String::as_bytes).collect();
    assert_eq!(place.backup_bytes(FILE), newest);
    for text in &texts {
        assert!(place.vault_has(FILE, text.as_bytes()), "{text:?} is held");
    }
    place.refuse(false);
    assert_calm(&place.git(["commit", "-qam", "third"]));
    assert!(place.backups(FILE).is_empty());
}

fn survive_gc(place: &Place) {
    place.refuse(true);
    place.write(FILE, "");
    set_mode(&place.at(FILE), 0o710);
    place.stage_and_fail(KEPT);
    place.git(["clean", "-fdxq"]);
    place.git(["reset", "-q", "--hard"]);
    assert!(place.backups(FILE).is_empty());
    place.git(["gc", "-q", "--prune=now"]);
    assert_eq!(place.git(["for-each-ref", "refs/bak"]).stdout, "", "the vault is no ref");
    // Git knows the vault for what it is: in the format of this repository, whole, and not in want of a gc.
    place.bak(["vault", "fsck", "--strict", "--no-progress"]);
    place.bak(["vault", "gc", "-q", "--prune=now"]);
    let ran = place.git(["fsck", "--strict", "--no-progress", "--no-dangling"]);
    let said = ran.stderr.lines().filter(|line| !line.starts_with("hint: "));
    assert_eq!((ran.stdout.as_str(), said.count()), ("", 0), "{ran:#?}");
    for bytes in [STAGED, EDITED, KEPT] {
        assert!(place.vault_has(FILE, bytes), "{bytes:?}");
    }
}

fn restore(place: &Place) {
    fs::remove_dir_all(place.at("dir")).unwrap();
    place.bak(["restore", "--yes", FILE]);
    assert_eq!(place.read(FILE), KEPT, "the newest");
    place.git(["checkout-index", "--prefix=../as-git/", OTHER]);
    assert_eq!(mode(&place.at("dir")), mode(&place.at("../as-git")), "its folder");
    assert_eq!(mode(&place.at(FILE)), 0o710, "as it was");
    let artifact = place.blob_id(STAGED)[..8].to_owned();
    place.bak(["restore", "--yes", FILE, "--from", &artifact]);
    assert_eq!(place.read(FILE), STAGED, "an older one");
    assert_eq!(place.backup_bytes(FILE), [KEPT], "what was overwritten");
    place.bak(["restore", "--yes", FILE]);
    assert_eq!(place.read(FILE), KEPT, "and back");
    let shown = place.scratch.at(&place.top).command(crate::scratch::BAK);
    let shown = { shown }.args(["show", &artifact]).output().unwrap();
    assert_eq!(shown.stdout, STAGED, "shown");
    let ran = place.git(["checkout", "-q", "--", FILE]);
    assert!(ran.stderr.contains("git bak restore -- "), "{ran:#?}");
}

fn list(place: &Place) {
    let json = |args: &[&str]| -> Value {
        let ran = place.bak(args);
        serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
    };
    let all = json(&["list", "--json", FILE]);
    assert_eq!(all["version"], 1);
    let rows = all["backups"].as_array().unwrap();
    assert!(rows.iter().all(|row| row["path"] == FILE && row["vault"] == true), "{all:#}");
    // What restore overwrote was kept once more, by hand.
    let kinds = [(STAGED, "manual"), (EDITED, "worktree"), (KEPT, "manual"), (b"0\r\n", "staged")];
    for (bytes, kind) in kinds {
        let artifact = &place.blob_id(bytes)[..8];
        let is_row = |row: &&Value| row["artifact"] == artifact && row["size"] == bytes.len();
        let row = rows.iter().find(is_row).unwrap_or_else(|| panic!("{bytes:?}: {all:#}"));
        assert_eq!(row["kind"], kind, "{row:#}");
    }
    let on_disk = json(&["list", "--files", "--json", FILE]);
    let names = on_disk["backups"].as_array().unwrap().iter().map(|row| row["backup"].clone());
    let mut names: Vec<String> = names.map(|name| name.as_str().unwrap().to_owned()).collect();
    names.sort();
    let there: Vec<String> = place.backups(FILE).iter().map(|name| format!("dir/{name}")).collect();
    assert_eq!(names, there);
    let status = json(&["status", "--json"]);
    assert_eq!(status["backups"], there.len());
    assert!(status["vault"]["snapshots"].as_u64().unwrap() >= 8, "{status:#}");
}

fn expire(place: &Place) {
    place.bak(["clean"]);
    assert!(place.backups(FILE).is_empty());
    place.scratch.advance(40 * 86_400);
    assert_calm(&place.bak(["vault", "count-objects"]));
    for bytes in [STAGED, EDITED, KEPT] {
        assert!(place.vault_has(FILE, bytes), "a clock may have leapt: not at the first look");
    }
    assert_calm(&place.bak(["clean", "--vault"]));
    for bytes in [STAGED, EDITED, KEPT] {
        assert!(!place.vault_has(FILE, bytes), "{bytes:?}");
    }
    assert_eq!(place.bak(["list"]).stdout, "");
    place.stage_and_fail("after expiry");
    assert!(place.vault_has(FILE, b"after expiry"));
    place.refuse(false);
    place.git(["commit", "-qm", "fourth"]);
    place.git(["fsck", "--strict", "--no-progress", "--no-dangling"]);
}

fn run_the_users_hook(place: &Place) {
    let hook = place.git_path("hooks/pre-commit.before-bak");
    let words = place.scratch.root().join("umask");
    script(&hook, &format!("umask >'{}'; exit 1", words.display()));
    place.write(FILE, "not to be");
    place.git(["add", "--", FILE]);
    let ran = place.try_git(["commit", "-qm", "fifth"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    let umask = fs::read_to_string(words).unwrap();
    let umask = umask.trim_end().trim_start_matches('0');
    assert!(place.umask.is_none_or(|own| own.ends_with(umask)), "it ran under {umask}");
    assert_eq!(place.backup_bytes(FILE), [b"not to be"]);
    let failures = place.bak(["log", "--failures", "--json", FILE]).stdout;
    let failures: Value = serde_json::from_str(&failures).unwrap();
    let newest = &failures["failures"][0];
    assert_eq!(newest["kind"], "commit", "{failures:#}");
    fs::remove_file(hook).unwrap();
}

/// The guard has every byte before Git overwrites or deletes it, and hides no edit from Git.
#[cfg(target_os = "linux")]
fn guard(place: &Place) {
    place.git(["reset", "-q", "--hard"]);
    place.bak(["install"]);
    place.write(FILE, b"staged once more\0");
    place.git(["add", "--", FILE]);
    place.write(FILE, EDITED);
    place.write("untracked", KEPT);
    place.write(OTHER, "1\n");
    assert_calm(&place.git(["reset", "-q", "--hard"]));
    assert_calm(&place.git(["clean", "-fdxq"]));
    for (path, bytes) in
        [(FILE, &b"staged once more\0"[..]), (FILE, EDITED), (OTHER, b"1\n"), ("untracked", KEPT)]
    {
        assert!(place.vault_has(path, bytes), "{path} {bytes:?}");
    }
    place.bak(["restore", "--yes", "--all"]);
    assert_eq!(place.read("untracked"), KEPT);
    for text in ["2\n", "3\n", "4\n"] {
        place.write(OTHER, text);
        let seen = place.git(["diff", "--", OTHER]).stdout;
        assert!(seen.contains(&format!("+{text}")), "{seen}");
        place.git(["commit", "-qm", text, "--", OTHER]);
        assert_eq!(place.git(["diff", "--", OTHER]).stdout, "");
    }
    fs::remove_file(place.at("untracked")).unwrap();
    place.bak(["uninstall"]);
}
