//! Everything that runs Git in the vault, in an environment and with settings that lead elsewhere: the user's
//! repository is as it was, and the vault as it should be.
//!
//! The variables have to be in a process's own environment: this program starts itself again with them.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{DAY, NOON, Nest, at, git};
use crate::git::objects::Objects;
use crate::vault::Vault;
use crate::vault::fold::FoldSettings;
use crate::vault::remote::fetch::fetch;
use crate::vault::remote::push::push;

const INNER: &str = "vault::tests::hostile::inner";
const PLACE: &str = "BAK_TEST_HOSTILE_TOP";

#[test]
fn what_runs_in_the_vault_is_sealed() {
    let nest = Nest::new();
    let top = &nest.top;
    for n in 0..3 {
        std::fs::write(top.join("a"), format!("history {n}")).unwrap();
        git(top, &["add", "a"]);
        git(top, &["-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"]);
    }
    std::fs::write(top.join("unreferenced"), "of no branch").unwrap();
    git(top, &["hash-object", "-w", "unreferenced"]);
    let objects = top.join(".git/objects");
    let before = picture(&top.join(".git"));
    assert!(before.len() > 12);

    let home = settings(top);
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", INNER, "--ignored", "--nocapture"])
        .env(PLACE, top)
        .env("HOME", &home)
        .env("GIT_CONFIG_GLOBAL", home.join(".gitconfig"))
        .env("GIT_CONFIG_SYSTEM", home.join(".gitconfig"))
        .env("GIT_CONFIG_PARAMETERS", "'gc.pruneExpire=now' 'repack.packKeptObjects=true'")
        .env("GIT_CONFIG_COUNT", "2")
        .env("GIT_CONFIG_KEY_0", "core.hooksPath")
        .env("GIT_CONFIG_VALUE_0", home.join("hooks"))
        .env("GIT_CONFIG_KEY_1", "safe.bareRepository")
        .env("GIT_CONFIG_VALUE_1", "explicit")
        .env("GIT_OBJECT_DIRECTORY", &objects)
        .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", &objects)
        .env("GIT_INDEX_FILE", top.join(".git/index.other"))
        .env("GIT_NAMESPACE", "elsewhere")
        .env("GIT_QUARANTINE_PATH", &objects)
        .env("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
        .env("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
        .env("GIT_COMMITTER_NAME", "somebody")
        .env("GIT_DEFAULT_HASH", "sha256")
        .env("GIT_DEFAULT_REF_FORMAT", "reftable")
        .env("GIT_TEMPLATE_DIR", home.join("template"))
        .env("GIT_SHALLOW_FILE", top.join("a"))
        .env("GIT_GRAFT_FILE", top.join("a"))
        .env("GIT_REF_STORAGE", "reftable")
        .env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{errors}");

    assert_eq!(picture(&top.join(".git")), before);
    git(top, &["fsck", "--full", "--strict"]);
    assert!(!home.join("ran").exists(), "a hook of the user's ran");
    assert_eq!(nest.ask(&["rev-parse", "--show-object-format"]), "sha1\n");
    nest.fsck();
}

/// Run in the hostile environment by the test above.
#[test]
#[ignore = "needs the environment that another test gives it"]
fn inner() {
    let Some(top) = std::env::var_os(PLACE) else { return };
    // How a hook finds its repository is not what is looked at here.
    let nest = Nest::plain(PathBuf::from(top));
    for day in 0..4 {
        let bytes = format!("day {day}");
        nest.snapshot(NOON + day * DAY, &[("s:a", b"staged"), ("a", bytes.as_bytes())]);
    }
    let folded = nest.fold(NOON + 4 * DAY);
    assert_eq!((folded.made, folded.left_out.len(), nest.loose()), (4, 0, 0));
    let log = nest.ask(&["log", "--format=%an %at %cn %ct", "--reverse", "--all", "-1"]);
    assert_eq!(log, format!("git-bak {0} git-bak {0}\n", NOON + 3 * DAY));
    let settings = FoldSettings { expire: Some(DAY), at_once: true, ..FoldSettings::default() };
    assert_eq!(nest.fold_with(settings, NOON + 3 * DAY).expired, 4);
    assert!(!nest.reads(b"day 0") && nest.reads(b"day 3") && nest.reads(b"staged"));
    nest.fsck();
    let there = nest.top.join("there.git");
    git(&nest.top, &["init", "-q", "--bare", "there.git"]);
    let url = there.to_str().unwrap().parse().unwrap();
    let pushed = push(&nest.repository, &nest.record, &url, false, &at(NOON + 4 * DAY)).unwrap();
    assert_eq!((pushed.sent, pushed.failed.len()), (2, 0), "{pushed:?}");
    let fetched = fetch(&nest.repository, &url).unwrap();
    assert_eq!(fetched.all().len(), 2);
    let read = Vault::of(&nest.repository).reading(fetched.objects_dir());
    let id = Objects::of(&nest.repository).hash(b"day 3").unwrap();
    assert_eq!(read.read(id).unwrap(), b"day 3");
    git(&there, &["fsck", "--strict"]);
}

/// A home whose settings are against all that the vault needs.
fn settings(top: &Path) -> PathBuf {
    let home = top.join("home");
    let hooks = home.join("hooks");
    std::fs::create_dir_all(&hooks).unwrap();
    std::fs::create_dir_all(home.join("template/hooks")).unwrap();
    for name in ["reference-transaction", "post-index-change", "pre-push", "pre-auto-gc"] {
        let hook = hooks.join(name);
        std::fs::write(&hook, format!("#!/bin/sh\n>{}\nexit 1\n", home.join("ran").display()))
            .unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&hook, mode).unwrap();
    }
    let text = format!(
        "[core]\n\thooksPath = {hooks}\n\tfsmonitor = {hooks}/pre-push\n\tabbrev = 4\n\
         [hook \"x\"]\n\tevent = reference-transaction\n\tcommand = exit 1\n\
         [gc]\n\tbigPackThreshold = 1\n\tpruneExpire = now\n\tcruftPacks = true\n\
         [repack]\n\twriteBitmaps = true\n\tpackKeptObjects = true\n\tcruftWindow = 1\n\
         [pack]\n\tpackSizeLimit = 1m\n\tthreads = 1\n\tindexVersion = 1\n\
         [push]\n\tgpgSign = true\n[commit]\n\tgpgSign = true\n[log]\n\tshowSignature = true\n\
         [fastimport]\n\tunpackLimit = 1000\n[safe]\n\tbareRepository = explicit\n\tdirectory = *\n\
         [init]\n\ttemplateDir = {home}/template\n\tdefaultObjectFormat = sha256\n\tdefaultRefFormat = reftable\n\
         [fsck]\n\tskipList = {home}/none\n[format]\n\tpretty = oneline\n[i18n]\n\tlogOutputEncoding = latin1\n",
        hooks = hooks.display(),
        home = home.display(),
    );
    std::fs::write(home.join(".gitconfig"), text).unwrap();
    home
}

/// Every file of a Git directory but ours, with what is in it and when it was written.
fn picture(git_dir: &Path) -> Vec<(PathBuf, Vec<u8>, std::time::SystemTime)> {
    let mut files = Vec::new();
    let mut folders = vec![git_dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() && !path.ends_with("bak") {
                folders.push(path);
            } else if path.is_file() {
                let modified = path.metadata().unwrap().modified().unwrap();
                files.push((path.clone(), std::fs::read(&path).unwrap(), modified));
            }
        }
    }
    files.sort();
    files
}
