//! npm's packages: in a project, for the user, to try.

use super::*;

/// npm's two packages: the one that chooses, and this machine's.
const FOR_NPM: &str = r#""$OUT"/git-bak-[0-9]*.tgz "$OUT"/git-bak-linux-x64-*.tgz"#;

#[test]
#[ignore = "needs npm: .ci/run installs it"]
fn a_project_has_it_among_its_development_dependencies() {
    let s = repository(&[]);
    s.write("package.json", "{\"private\": true}\n");
    s.write(".git/info/exclude", "node_modules\n");
    sh(&s, &format!("cd repo && npm install -D {FOR_NPM}")).expect_success();
    assert_eq!(sh(&s, "cd repo && npx git-bak --version").expect_success().stdout, version());
    // Its status is the program's, and so is the signal that ends it.
    assert_eq!(sh(&s, "cd repo && npx git-bak restore nothing").status, 1);
    let ended = "cd repo && node_modules/.bin/git-bak run -- sh -c 'kill -TERM $PPID; sleep 9'";
    assert_eq!(sh(&s, ended).status, 143);
    every_command_that_is_printed_begins_with_npx(&s);
    hooks_live_as_long_as_the_package(&s, "npx git-bak", "rm -r repo/node_modules");
    // Back again, they find it.
    sh(&s, "cd repo && npm install").expect_success();
    assert!(!commit(&s).iter().any(|line| line.contains("not found")));
}

/// There is no `git bak` on the PATH: what is printed when work was lost is typed as it stands there.
fn every_command_that_is_printed_begins_with_npx(s: &Scratch) {
    let bak = |line: &str| sh(s, &format!("cd repo && npx git-bak {line}"));
    bak("install").expect_success();
    s.write("a.txt", "an hour of work\n");
    let status = bak("status").expect_success().stdout;
    assert!(status.contains(": npx git-bak snapshot"), "{status}");
    let said = s.git(["reset", "-q", "--hard"]).stderr;
    let (_, command) = said.trim_end().rsplit_once(": ").unwrap();
    assert!(command.starts_with("npx git-bak restore"), "{said}");
    sh(s, &format!("cd repo && {command}")).expect_success();
    assert_eq!(s.read("a.txt"), "an hour of work\n");
    bak("uninstall").expect_success();
    let doctor = bak("doctor").stdout;
    assert!(doctor.contains("  npx git-bak install\n"), "{doctor}");
    s.git(["reset", "-q", "--hard"]);
}

#[test]
#[ignore = "needs npm: .ci/run installs it"]
fn npm_installs_it_for_the_user_and_says_what_it_left_out() {
    let s = repository(&["global/bin"]);
    sh(&s, &format!("npm install -g --prefix global {FOR_NPM}")).expect_success();
    assert_eq!(s.git(["bak", "--version"]).stdout, version());
    assert_page_placed(&s, "global");
    sh(&s, "npm uninstall -g --prefix global @git-bak/linux-x64").expect_success();
    let ran = s.try_git(["bak", "--version"]);
    assert_eq!(ran.status, 3, "{ran:#?}");
    assert!(ran.stderr.contains("@git-bak/linux-x64 is not installed"), "{ran:#?}");
}

#[test]
#[ignore = "needs npm: .ci/run installs it"]
fn npx_starts_it() {
    let s = repository(&[]);
    let packages = FOR_NPM.replace("\"$OUT", "--package \"$OUT");
    let ran = sh(&s, &format!("npx --yes {packages} git-bak --version")).expect_success();
    assert_eq!(ran.stdout, version());
}
