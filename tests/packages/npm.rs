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
    hooks_live_as_long_as_the_package(&s, "npx git-bak", "rm -r repo/node_modules");
    // Back again, they find it.
    sh(&s, "cd repo && npm install").expect_success();
    assert!(!commit(&s).iter().any(|line| line.contains("not found")));
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
