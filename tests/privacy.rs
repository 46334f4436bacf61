//! Who can read the copies: only users who can read the original, and no one who fetches.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::scratch::{BAK, Ran, Scratch};

/// A bare repository beside it, as its `origin`.
fn with_origin() -> Scratch {
    let s = Scratch::new();
    s.git(["init", "-q", "--bare", "../origin.git"]);
    s.git(["remote", "add", "origin", "../origin.git"]);
    s.write("a.txt", "edited\n");
    s.bak(["snapshot"]);
    s
}

fn refs(s: &Scratch, place: &str) -> String {
    s.at(s.root().join(place)).git(["for-each-ref", "--format=%(refname)"]).stdout
}

#[test]
fn push_fetch_clone_and_bundle_never_take_the_vault_along() {
    let s = with_origin();
    s.bak(["fold"]);
    let id = crate::backup_files::blob_id(&s, b"edited\n");
    assert!(s.vault_has("a.txt", "edited\n"));
    for line in [
        "push -q origin main",
        "push -q --all",
        "push -q --tags",
        "push -q --follow-tags origin main",
        "push -q --mirror origin",
    ] {
        s.git(line.split(' '));
        assert!(!refs(&s, "origin.git").contains("bak"), "{line}");
        assert_ne!(s.at(s.root().join("origin.git")).try_git(["cat-file", "-e", &id]).status, 0);
    }
    // file:// asks upload-pack, a path may copy the files.
    let url = format!("file://{}", s.top().display());
    for (number, options) in
        [&[][..], &["--bare"], &["--mirror"], &["--no-local"]].iter().enumerate()
    {
        let place = format!("clone{number}");
        let to = s.root().join(&place);
        let mut args = vec!["clone", "-q"];
        args.extend(*options);
        args.extend([url.as_str(), to.to_str().unwrap()]);
        s.git(args);
        assert_ne!(s.at(&to).try_git(["cat-file", "-e", &id]).status, 0, "{options:?}");
    }
    let bundle = s.root().join("all.bundle");
    s.git(["bundle", "create", "-q", bundle.to_str().unwrap(), "--all"]);
    let heads = s.git(["bundle", "list-heads", bundle.to_str().unwrap()]).stdout;
    assert!(!heads.contains("bak"), "{heads}");
}

/// What users other than the owner may read or enter of ours. A blob has the mode of Git's own file, which it
/// is: what keeps others out is the folder.
fn open_to_others(folder: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let meta = path.symlink_metadata().unwrap();
        let is_blob = path.ancestors().any(|it| it.ends_with("bak/new")) && meta.is_file();
        if is_blob && meta.permissions().mode() & 0o777 == 0o444 {
            continue;
        }
        if meta.permissions().mode() & 0o077 != 0 {
            found.push(format!("{} {:o}", path.display(), meta.permissions().mode()));
        }
        if meta.is_dir() {
            open_to_others(&path, found);
        }
    }
}

#[test]
fn no_copy_is_readable_by_more_people_than_the_original() {
    let s = Scratch::new();
    let under = |umask: &str, line: &str| {
        let line = format!("umask {umask}; {line}");
        Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap())
    };
    s.bak(["install"]);
    s.hook("pre-commit", "exit 1");
    for umask in ["000", "022", "077"] {
        for (name, mode) in [("key", 0o600), ("shared", 0o640), ("open", 0o644), ("run", 0o700)] {
            s.write(name, format!("staged under {umask}\n"));
            fs::set_permissions(s.top().join(name), PermissionsExt::from_mode(mode)).unwrap();
            s.git(["add", name]);
            // Staged and edited: the staged version is written out by Git.
            s.write(name, format!("edited under {umask}\n"));
            under(umask, "git commit -qm refused");
            under(
                umask,
                "git reset -q --hard; git bak restore --all --yes; git bak status; git bak clean",
            );
            s.bak(["restore", "--yes", name]);
            s.bak(["snapshot", name]);
            let backups = s.backups(name);
            assert!(!backups.is_empty());
            for backup in backups {
                let meta = fs::metadata(s.top().join(&backup)).unwrap();
                let wider = meta.permissions().mode() & 0o777 & !mode;
                assert_eq!(wider, 0, "{backup}: {:o} under {umask}", meta.permissions().mode());
            }
        }
        let (bak, mut found) = (s.top().join(".git/bak"), Vec::new());
        open_to_others(&bak, &mut found);
        assert_eq!(found, Vec::<String>::new(), "under {umask}");
        assert_eq!(fs::metadata(bak).unwrap().permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn the_vault_is_as_readable_as_gits_own_objects() {
    let s = Scratch::new();
    for umask in ["022", "027", "077"] {
        let line = format!(
            "umask {umask}; echo {umask} >a.txt; '{BAK}' snapshot; git hash-object -w a.txt"
        );
        s.write("unlike", umask);
        let before = objects(&s);
        Ran::of(&s.command("sh").args(["-c", &line]).output().unwrap()).expect_success();
        let new = objects(&s).into_iter().filter(|file| !before.contains(file));
        let mask = u32::from_str_radix(umask, 8).unwrap();
        for (file, mode) in new {
            assert_eq!(mode & 0o777 & (mask | 0o222), 0, "{file}: {mode:o} under {umask}");
        }
    }
}

fn objects(s: &Scratch) -> Vec<(String, u32)> {
    let listed = s.git(["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]).stdout;
    let mode = |id: &str| {
        let file = s.top().join(".git/objects").join(&id[..2]).join(&id[2..]);
        fs::metadata(file).unwrap().permissions().mode()
    };
    listed.lines().map(|id| (id.to_owned(), mode(id))).collect()
}
