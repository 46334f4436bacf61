//! A vault or a record that can't do its work: each is named, `--fix` puts it right, and what there was is there again.

use std::fs;
use std::path::PathBuf;

use super::{assert_well, obey, only_problem};
use crate::scratch::Scratch;

/// A repository with one version in the vault, folded or not, and no backup beside it.
fn with_past(is_folded: bool) -> Scratch {
    let s = Scratch::new();
    s.write("a.txt", "two\n");
    s.bak(["snapshot", "a.txt"]);
    s.bak(["clean"]);
    if is_folded {
        s.bak(["fold"]);
    }
    s
}

fn vault(s: &Scratch) -> PathBuf {
    s.top().join(".git/bak/vault.git")
}

/// The only thing wrong is this; `--fix` says so much, and then the version can be had.
fn fix_mends(s: &Scratch, words: &str, said: &str) {
    let remedy = only_problem(s, "vault", words).expect("a remedy");
    let fixed = obey(s, &remedy);
    assert!(fixed.stderr.contains(said), "{said}: {fixed:#?}");
    assert!(s.vault_has("a.txt", "two\n"), "{fixed:#?}");
}

#[test]
fn whatever_stands_in_its_place_is_set_aside() {
    let s = with_past(false);
    fs::remove_dir_all(vault(&s)).unwrap();
    fs::write(vault(&s), "a file").unwrap();
    fix_mends(&s, "vault.git is not a folder", "rebuilt; the damaged one is ");
    let remedy = only_problem(&s, "vault", "damaged parts of the vault were set aside: ").unwrap();
    obey(&s, &remedy);
    assert_well(&s);
}

#[test]
fn a_file_that_a_power_cut_left_is_set_aside() {
    let s = with_past(false);
    let folder = s.top().join(".git/bak/new/00");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("0".repeat(38)), [0; 40]).unwrap();
    fix_mends(&s, "1 file in bak/new can't be read back", "1 damaged file set aside: ");
    let remedy = only_problem(&s, "vault", "damaged parts of the vault were set aside: ").unwrap();
    obey(&s, &remedy);
    assert_well(&s);
}

#[cfg(unix)]
#[test]
fn a_link_in_its_place_is_not_followed() {
    let s = with_past(false);
    let elsewhere = s.root().join("elsewhere");
    fs::rename(vault(&s), &elsewhere).unwrap();
    std::os::unix::fs::symlink(&elsewhere, vault(&s)).unwrap();
    fix_mends(&s, "is a symbolic link that git-bak didn't make", "rebuilt");
}

#[test]
fn one_that_is_half_made_is_made_anew() {
    let s = with_past(true);
    fs::remove_file(vault(&s).join("HEAD")).unwrap();
    fix_mends(&s, "HEAD is missing", "2 versions brought over");
}

#[test]
fn one_of_another_format_is_made_anew_and_its_versions_brought_over() {
    let s = with_past(false);
    let config = "[core]\n\trepositoryFormatVersion = 1\n\tbare = true\n[extensions]\n\tobjectFormat = sha256\n";
    fs::write(vault(&s).join("config"), config).unwrap();
    fix_mends(&s, "its object format is not that of this repository", "rebuilt");
}

#[test]
fn one_that_was_not_lent_what_hooks_put_in_is_lent_it() {
    let s = with_past(false);
    fs::remove_file(vault(&s).join("objects/info/alternates")).unwrap();
    fix_mends(&s, "it doesn't read the objects in bak/new", "folded again");
    assert_well(&s);
}

#[test]
fn lines_that_the_record_lost_come_back() {
    let s = with_past(true);
    let folder = s.top().join(".git/bak/record");
    let day = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    fs::write(&day, "").unwrap();
    fix_mends(&s, "the record lacks", "the record has ");
    assert_well(&s);
}

#[test]
fn lines_that_make_no_sense_are_counted_and_passed_over() {
    let s = with_past(false);
    let folder = s.top().join(".git/bak/record");
    let day = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    let text = fs::read_to_string(&day).unwrap();
    fs::write(&day, format!("{{nonsense}}\n{text}")).unwrap();
    let words = "1 line of the record can't be read, and are skipped";
    assert_eq!(only_problem(&s, "vault", words), None);
    assert!(s.vault_has("a.txt", "two\n"));
}

#[test]
fn a_damaged_pack_is_named() {
    let s = with_past(true);
    let packs = fs::read_dir(vault(&s).join("objects/pack")).unwrap();
    let pack =
        packs.map(|it| it.unwrap().path()).find(|it| it.extension().is_some_and(|it| it == "pack"));
    let pack = pack.unwrap();
    let mut bytes = fs::read(&pack).unwrap();
    bytes.truncate(20);
    // Packs are read-only: another file takes the place of this one.
    fs::remove_file(&pack).unwrap();
    fs::write(&pack, bytes).unwrap();
    let ran = s.try_bak(["doctor"]);
    assert_eq!(ran.status, 1, "{ran:#?}");
    assert!(
        ran.stdout.contains("it is damaged: ") || ran.stdout.contains("it can't be read in full"),
        "{ran:#?}"
    );
}
