//! Backups that an attacker has put there, and whatever may stand where ours would.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use crate::backup_files::blob_id;
use crate::scratch::Scratch;

/// A backup's name for these bytes in this second of the test's first day.
fn named(s: &Scratch, of: &str, bytes: &[u8], second: &str) -> String {
    format!("{of}.bak.20251106_{second}.{}", &blob_id(s, bytes)[..8])
}

#[test]
fn a_valid_name_with_wrong_bytes_is_never_restored_as_if_right() {
    let s = Scratch::new();
    s.git(["config", "bak.maxBackups", "0"]);
    s.hook("commit-msg", "exit 1");
    s.write("a.txt", "right\n");
    s.try_git(["commit", "-qam", "x"]);
    let name = s.backups("a.txt").remove(0);
    // In the place of ours, and beside it: older, newer, far ahead.
    s.write(&name, "wrong\n");
    for second in ["100000", "235959"] {
        s.write(&named(&s, "a.txt", b"right\n", second), "wrong\n");
    }
    s.write("a.txt", "lost\n");
    for args in [
        &["restore", "a.txt", "--from", &name][..],
        &["restore", "a.txt", "--at", "20251106_201048"],
    ] {
        s.write("a.txt", "lost\n");
        let ran = s.try_bak(args);
        assert_ne!(s.read("a.txt"), "wrong\n", "{args:?}: {ran:?}");
    }
    for args in [&["restore", "--yes", "a.txt"][..], &["restore", "--yes", "--all"]] {
        s.write("a.txt", "lost\n");
        let ran = s.bak(args);
        assert_eq!(s.read("a.txt"), "right\n", "{args:?}: {ran:?}");
    }
    assert_eq!(s.bak(["show", &name]).stdout, "right\n");
    // Asked for by its name it is put there, and called what it is.
    let planted = named(&s, "a.txt", b"right\n", "100000");
    let ran = s.bak(["restore", "--yes", "a.txt", "--from", &planted]);
    assert!(ran.stderr.contains("its bytes don't match the name of the backup"), "{ran:?}");
    let ran = s.try_bak(["doctor"]);
    assert_eq!(ran.status, 1, "{ran:?}");
    for second in ["100000", "235959"] {
        let planted = named(&s, "a.txt", b"right\n", second);
        assert!(ran.stdout.contains(&planted), "{planted}: {ran:?}");
    }
    assert!(ran.stdout.contains(&name), "{ran:?}");
}

#[test]
fn wrong_bytes_are_never_deleted_as_held() {
    for how in ["commit", "clean", "retention", "switch"] {
        let s = Scratch::new();
        s.git(["config", "bak.maxBackups", "1"]);
        let planted: Vec<String> = (0..3)
            .map(|n| {
                // Named after what HEAD and the vault have.
                let name = named(&s, "a.txt", b"one\n", &format!("10000{n}"));
                s.write(&name, format!("never seen before {n}\n"));
                name
            })
            .collect();
        match how {
            "commit" => {
                s.write("a.txt", "two\n");
                s.git(["commit", "-qam", "second"]);
            }
            "clean" => drop(s.bak(["clean"])),
            "retention" => {
                s.hook("commit-msg", "exit 1");
                s.write("a.txt", "two\n");
                s.try_git(["commit", "-qam", "second"]);
            }
            _ => {
                s.git(["rm", "-q", "--cached", "a.txt"]);
                std::fs::remove_file(s.top().join("a.txt")).unwrap();
                s.git(["commit", "-qm", "gone"]);
                s.git(["switch", "-q", "-c", "other"]);
            }
        }
        for (n, name) in planted.iter().enumerate() {
            let text = format!("never seen before {n}\n");
            let is_there = s.exists(name) && s.read(name) == text;
            assert!(is_there || s.vault_has("a.txt", &text), "{how}: {name}");
        }
    }
}

#[test]
fn whatever_stands_under_the_next_backups_name_is_left_alone() {
    let plants: [fn(&PathBuf, &PathBuf); 5] = [
        |place, outside| symlink(outside, place).unwrap(),
        |place, _| symlink("/nowhere/at/all", place).unwrap(),
        |place, _| symlink(place.file_name().unwrap(), place).unwrap(),
        |place, _| std::fs::create_dir(place).unwrap(),
        |place, _| {
            std::fs::create_dir(place).unwrap();
            std::fs::write(place.join("inside"), "x").unwrap();
        },
    ];
    for (number, plant) in plants.into_iter().enumerate() {
        let s = Scratch::without_staging();
        let outside = s.root().join("outside");
        std::fs::write(&outside, "not ours\n").unwrap();
        s.hook("commit-msg", "exit 1");
        s.write("a.txt", "two\n");
        let id = blob_id(&s, b"two\n");
        // Every second for a minute from now on, finished and being written.
        let places: Vec<PathBuf> = (0..60)
            .map(|n| s.top().join(format!("a.txt.bak.20251106_2010{n:02}.{}", &id[..8])))
            .collect();
        places.iter().for_each(|place| plant(place, &outside));
        let before: Vec<_> =
            places.iter().map(|place| place.symlink_metadata().unwrap().file_type()).collect();
        let ran = s.try_git(["commit", "-qam", "x"]);
        let made: Vec<String> = s
            .backups("a.txt")
            .into_iter()
            .filter(|name| s.top().join(name).symlink_metadata().unwrap().is_file())
            .collect();
        assert_eq!(made.len(), 1, "plant {number}: {ran:?}");
        assert_eq!(s.read(&made[0]), "two\n");
        s.write("a.txt", "lost\n");
        s.bak(["restore", "--yes", "a.txt"]);
        assert_eq!(s.read("a.txt"), "two\n");
        s.hook("commit-msg", "exit 0");
        s.git(["commit", "-qam", "x"]);
        s.bak(["clean"]);
        let after: Vec<_> =
            places.iter().map(|place| place.symlink_metadata().unwrap().file_type()).collect();
        assert_eq!(after, before, "plant {number}");
        assert_eq!(std::fs::read_to_string(&outside).unwrap(), "not ours\n");
    }
}

/// Whatever stands where our folder would be: a commit works, and nothing is written through it.
#[test]
fn a_link_or_a_file_in_the_place_of_our_folder_is_not_gone_through() {
    for kind in [
        "file",
        "link to a folder",
        "link to a file",
        "link to nowhere",
        "link to itself",
        "link to .git",
    ] {
        let s = Scratch::new();
        std::fs::remove_dir_all(s.top().join(".git/bak")).unwrap();
        let (folder, file) = (s.root().join("outside"), s.root().join("a file"));
        std::fs::create_dir(&folder).unwrap();
        std::fs::write(&file, "not ours\n").unwrap();
        // What we would take for a left-over of our own.
        std::fs::create_dir(folder.join("staged-4194300-x")).unwrap();
        std::fs::write(folder.join("staged-4194300-x/precious"), "not ours\n").unwrap();
        let place = s.top().join(".git/bak");
        match kind {
            "file" => std::fs::write(&place, "in the way").unwrap(),
            "link to a folder" => symlink(&folder, &place).unwrap(),
            "link to a file" => symlink(&file, &place).unwrap(),
            "link to nowhere" => symlink(s.root().join("nowhere"), &place).unwrap(),
            "link to itself" => symlink("bak", &place).unwrap(),
            _ => symlink(".", &place).unwrap(),
        }
        let before = place.symlink_metadata().unwrap().file_type();
        let listed = |folder: &PathBuf| std::fs::read_dir(folder).unwrap().count();
        let in_git_dir = listed(&s.top().join(".git"));
        s.write("b.txt", "bee\n");
        let mut said = s.git(["add", "b.txt"]).stderr;
        said += &s.git(["commit", "-qm", "second"]).stderr;
        said += &s.git(["switch", "-q", "-c", "other"]).stderr;
        assert!(said.contains("git-bak") && !said.contains("panicked"), "{kind}: {said}");
        for args in [
            &["list"][..],
            &["status"],
            &["snapshot"],
            &["restore", "--all"],
            &["clean"],
            &["log"],
            &["journal"],
            &["doctor"],
            &["run", "--", "true"],
        ] {
            let ran = s.try_bak(args);
            assert!(
                (0..=3).contains(&ran.status) && !ran.stderr.contains("panicked"),
                "{kind} {args:?}: {ran:?}"
            );
        }
        assert_eq!(place.symlink_metadata().unwrap().file_type(), before, "{kind}");
        assert_eq!(listed(&folder), 1, "{kind}: nothing is written through it");
        assert!(
            folder.join("staged-4194300-x/precious").exists(),
            "{kind}: nothing is removed through it"
        );
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "not ours\n");
        assert!(!s.root().join("nowhere").exists());
        // ORIG_HEAD and the like apart.
        assert!(listed(&s.top().join(".git")) <= in_git_dir + 2, "{kind}");
        let ran = s.try_bak(["doctor"]);
        assert!(ran.stdout.contains("bak") && ran.status == 1, "{kind}: {ran:?}");
    }
}
