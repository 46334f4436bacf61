use super::{DAY, NOON, Nest, at};
use crate::vault::fold::FoldSettings;
use crate::vault::forget::{Candidate, Forgotten, drop_versions, forget};

fn of_path(nest: &Nest, path: &str, time: i64) -> Forgotten {
    let pick = |it: &Candidate<'_>| it.path == path.as_bytes();
    forget(&nest.repository, &nest.record, &pick, &at(time)).unwrap()
}

/// Whether any file under `bak/` has this in it, packs taken apart.
fn is_told(nest: &Nest, word: &str) -> bool {
    let mut folders = vec![nest.record.bak().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path => {
                    let text = std::fs::read(&path).unwrap();
                    if text.windows(word.len()).any(|part| part == word.as_bytes()) {
                        eprintln!("{word}: {}", path.display());
                        return true;
                    }
                }
            }
        }
    }
    let ids = nest.ask(&["cat-file", "--batch-all-objects", "--batch-check=%(objectname)"]);
    let texts = nest.vault().feed(["cat-file", "--batch"], ids.into_bytes()).unwrap();
    String::from_utf8_lossy(&texts).contains(word)
}

#[test]
fn nothing_of_it_is_left_and_the_rest_is_as_it_was() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"mine"), ("secret", b"the word"), ("twin", b"shared")]);
    nest.event(NOON + 1, "commit");
    nest.snapshot(NOON + DAY, &[("secret", b"another word"), ("b", b"shared")]);
    nest.fold(NOON + DAY);
    // Folded, packed for good by the user, as cruft, and not folded yet.
    nest.snapshot(NOON + 2 * DAY, &[("secret", b"a third word"), ("a", b"later")]);
    let packs = nest.vault().git_dir().join("objects/pack");
    for entry in std::fs::read_dir(&packs).unwrap().map(Result::unwrap) {
        std::fs::write(entry.path().with_extension("keep"), "").unwrap();
    }
    std::fs::write(packs.join("tmp_pack_xyz"), nest.id(b"the word")).unwrap();
    std::fs::write(nest.vault().git_dir().join("fast_import_crash_5"), "secret").unwrap();

    let forgotten = of_path(&nest, "secret", NOON + 2 * DAY + 1);
    assert_eq!((forgotten.versions, forgotten.left.len(), forgotten.failed.len()), (3, 0, 0));
    for bytes in [&b"the word"[..], b"another word", b"a third word"] {
        assert!(!nest.reads(bytes));
        assert!(!is_told(&nest, &nest.id(bytes)));
    }
    assert!(!is_told(&nest, "the word"));
    for bytes in [&b"mine"[..], b"shared", b"later"] {
        assert!(nest.reads(bytes));
    }
    let commits = nest.ask(&["rev-parse", "--branches"]);
    let again = nest.fold(NOON + 2 * DAY + 2);
    assert_eq!((again.made, again.deleted, again.left_out.len()), (0, 0, 0));
    assert_eq!(nest.ask(&["rev-parse", "--branches"]), commits);
    assert!(is_told(&nest, "secret"), "that there was something stays known");
    assert_eq!(of_path(&nest, "secret", NOON + 2 * DAY + 3).versions, 0);
    nest.fsck();
}

#[test]
fn cruft_and_loose_objects_hold_nothing_back() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"mine"), ("secret", b"the word")]);
    nest.fold(NOON);
    let commit = nest.ask(&["rev-parse", "HEAD"]);
    // The user's own experiments in the vault.
    nest.ask(&["update-ref", "-d", "HEAD"]);
    nest.ask(&["gc", "--cruft", "--prune=never", "--quiet"]);
    nest.ask(&["-c", "core.x=1", "cat-file", "-e", commit.trim()]);
    let forgotten = of_path(&nest, "secret", NOON + 1);
    assert_eq!(forgotten.left, Vec::<String>::new());
    assert!(!is_told(&nest, &nest.id(b"the word")));
    assert!(nest.reads(b"mine"), "the line had it, and a pack");
}

#[test]
fn a_blob_that_another_version_has_stays_and_is_named() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"shared"), ("b", b"shared")]);
    nest.fold(NOON);
    let forgotten = of_path(&nest, "a", NOON + 1);
    assert_eq!(forgotten.left, Vec::<String>::new());
    let id = nest.id(b"shared");
    assert_eq!(forgotten.kept[&id].iter().next().unwrap(), b"b");
    assert!(nest.reads(b"shared"));
    assert_eq!(nest.ask(&["ls-tree", "--name-only", "HEAD"]), "b\n");
}

#[test]
fn a_tag_of_somebodys_is_said() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"the word"), ("b", b"mine")]);
    nest.fold(NOON);
    nest.ask(&["tag", "mine"]);
    let forgotten = of_path(&nest, "a", NOON + 1);
    assert_eq!(forgotten.left.len(), 2, "{:?}", forgotten.left);
    nest.ask(&["tag", "-d", "mine"]);
    let forgotten = of_path(&nest, "a", NOON + 2);
    assert_eq!(forgotten.left, Vec::<String>::new());
    assert!(!nest.reads(b"the word"));
}

#[test]
fn of_a_big_snapshot_one_file_goes() {
    let nest = Nest::new();
    let names: Vec<String> = (0..600).map(|n| format!("f{n}")).collect();
    let files: Vec<(&str, &[u8])> =
        names.iter().map(|name| (name.as_str(), name.as_bytes())).collect();
    nest.snapshot(NOON, &files);
    nest.fold(NOON);
    let forgotten = of_path(&nest, "f77", NOON + 1);
    assert_eq!((forgotten.versions, forgotten.left.len()), (1, 0));
    assert!(!nest.reads(b"f77") && nest.reads(b"f78"));
    assert!(!is_told(&nest, &nest.id(b"f77")));
    nest.snapshot(NOON + 2, &files);
    nest.fold(NOON + 2);
    assert!(names.iter().all(|name| nest.reads(name.as_bytes())));
}

#[test]
fn clean_drops_versions_and_the_record_still_tells() {
    let nest = Nest::new();
    nest.snapshot(NOON, &[("a", b"one"), ("b", b"two")]);
    nest.snapshot(NOON + 1, &[("a", b"three")]);
    let pick = |it: &Candidate<'_>| it.time <= NOON && it.path == b"a";
    let settings = FoldSettings::default();
    let drop =
        |time| drop_versions(&nest.repository, &nest.record, settings, &pick, &at(time)).unwrap().0;
    assert_eq!(drop(NOON + 2), 1);
    assert!(!nest.reads(b"one") && nest.reads(b"two") && nest.reads(b"three"));
    assert_eq!(nest.loose(), 0);
    assert!(is_told(&nest, &nest.id(b"one")));
    assert_eq!(drop(NOON + 3), 0);
}
