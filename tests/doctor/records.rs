//! doctor, the vault and the record.

use super::{assert_well, doctor, only_problem, remedy_mends};
use crate::scratch::Scratch;
use crate::vault::snapshot;

#[test]
fn what_the_vault_has_is_counted() {
    let s = Scratch::empty();
    s.bak(["install"]);
    let said = |s: &Scratch| {
        let (found, _) = doctor(s, &[]);
        let of_vault = found.findings.into_iter().find(|finding| finding["check"] == "vault");
        of_vault.unwrap()["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(said(&s), "empty");
    let s = Scratch::new();
    snapshot(&s, "two\n");
    let before = said(&s);
    assert!(before.contains("3 snapshots"), "{before}");
    s.bak(["fold"]);
    assert_eq!(said(&s), before, "it is the same, folded or not");
    s.git(["config", "bak.vault", "false"]);
    assert_eq!(said(&s), "off (bak.vault)");
    assert_well(&s);
}

#[test]
fn a_vault_of_an_earlier_version_is_shown_and_removed_by_hand() {
    let s = Scratch::new();
    s.git(["update-ref", "refs/bak/vault", "HEAD^{tree}"]);
    for pack in [false, true] {
        if pack {
            s.git(["pack-refs", "--all"]);
        }
        let words = "git ls-tree -r refs/bak/vault shows it";
        let remedy = only_problem(&s, "old-vault", words).unwrap();
        assert_eq!(remedy, "git update-ref -d refs/bak/vault");
        let (found, _) = doctor(&s, &["--fix"]);
        assert_eq!(found.status, 1, "what is in it is the user's to look at first");
        assert!(s.git(["ls-tree", "-r", "refs/bak/vault"]).stdout.contains("a.txt"));
    }
    remedy_mends(&s, "old-vault", "an earlier git-bak has left its vault");
    assert_eq!(s.git(["for-each-ref", "refs/bak"]).stdout, "");
}

#[test]
fn one_in_a_reftable_is_found_too() {
    let s = Scratch::new();
    if s.try_git(["refs", "migrate", "--ref-format=reftable"]).status != 0 {
        return;
    }
    assert_well(&s);
    s.git(["update-ref", "refs/bak/vault", "HEAD^{tree}"]);
    remedy_mends(&s, "old-vault", "an earlier git-bak has left its vault");
}
