//! git-bak as an entry in the list of pre-commit and prek, from `.pre-commit-hooks.yaml`.

use super::*;

const BOTH: [&str; 2] = ["pre-commit", "prek"];
const MANIFEST: &str = include_str!("../../.pre-commit-hooks.yaml");

/// The repository with the tool installed, git-bak the first in its list, the check behind it.
fn listed(tool: &str) -> Scratch {
    let s = with_managers();
    let ours = s.root().join("ours");
    std::fs::create_dir(&ours).unwrap();
    std::fs::write(ours.join(".pre-commit-hooks.yaml"), MANIFEST).unwrap();
    let config = ["-c", "user.name=Test", "-c", "user.email=test@example.org"];
    let other = s.at(&ours);
    other.git(["init", "-q", "."]);
    other.git(["add", "."]);
    other.git(config.into_iter().chain(["commit", "-qm", "first"]));
    other.git(["tag", "v0.1.0"]);
    let text = format!(
        "default_install_hook_types: [pre-commit, post-commit]\nrepos:\n- repo: '{}'\n  rev: v0.1.0\n  \
         hooks: [{{id: git-bak}}, {{id: git-bak-clean-up}}]\n- repo: local\n  hooks:\n  - id: check\n    \
         name: check\n    language: system\n    entry: '{}'\n    files: \\.txt$\n    \
         require_serial: true\n    stages: [pre-commit]\n",
        ours.display(),
        s.root().join("check").display()
    );
    s.write(".pre-commit-config.yaml", text);
    s.git(["add", "."]);
    s.git(["commit", "-qm", "configuration"]);
    run(&s, &format!("{tool} install"));
    s
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn what_is_staged_is_backed_up_first_and_cleaned_up_in_the_end() {
    for tool in BOTH {
        let s = listed(tool);
        s.write("b.txt", "unstaged\n");
        let ran = commit(&s, "fail\n");
        assert_ne!(ran.status, 0, "{tool}: {ran:#?}");
        assert_eq!(seen(&s), "fail\n", "{tool}: the backup came first");
        assert_eq!(s.backup_texts("a.txt"), ["fail\n"], "{tool}");
        // The tool has stashed them by then.
        assert!(s.backups("b.txt").is_empty() && s.read("b.txt") == "unstaged\n", "{tool}");
        let ran = commit(&s, "good\n");
        assert_eq!(ran.status, 0, "{tool}: {ran:#?}");
        assert!(s.all_backups().is_empty(), "{tool}: {ran:#?}");
        assert!(s.vault_has("a.txt", "fail\n") && s.vault_has("a.txt", "good\n"), "{tool}");
        assert!(!s.bak(["status"]).stdout.contains("failed"), "{tool}");
    }
}

#[test]
#[ignore = "needs pre-commit and prek: .ci/run installs them"]
fn installed_as_well_it_backs_up_once() {
    for tool in BOTH {
        let s = listed(tool);
        s.bak(["install"]);
        s.write("b.txt", "unstaged\n");
        let ran = commit(&s, "fail\n");
        assert_ne!(ran.status, 0, "{tool}: {ran:#?}");
        assert_eq!(s.backup_texts("a.txt"), ["fail\n"], "{tool}");
        assert_eq!(s.backup_texts("b.txt"), ["unstaged\n"], "{tool}");
        let ran = commit(&s, "good\n");
        assert_eq!(ran.status, 0, "{tool}: {ran:#?}");
        assert!(s.backups("a.txt").is_empty(), "{tool}: {ran:#?}");
        assert_eq!(s.read("b.txt"), "unstaged\n", "{tool}");
    }
}
