//! Backups that don't lie beside their files, because of what they would do there.

use crate::scratch::{Ran, Scratch};

/// A repository whose own hook refuses every commit, so that backups stay.
fn refusing() -> Scratch {
    let s = Scratch::new();
    s.hook("pre-commit", "exit 1");
    s
}

/// Stages a file and tries a commit, in which it has then a later version.
fn attempt(s: &Scratch, path: &str) -> Ran {
    s.write(path, "staged\n");
    s.git(["add", "-A"]);
    s.write(path, "edited\n");
    s.try_git(["commit", "-m", "refused"])
}

/// The backups of `path`: those beside it, and those under the Git directory.
fn places(s: &Scratch, path: &str) -> (usize, usize) {
    (s.backups(path).len(), s.backups(&format!(".git/bak/files/{path}")).len())
}

#[test]
fn a_backup_that_git_would_see_goes_elsewhere_and_the_first_line_says_why() {
    let cases = [
        ("*\n!*/\n!*.*\n", "", "a.c"),
        ("", "!*", "src/a"),
        ("/*\n!/src/\n!/src/**\n", "", "src/a"),
    ];
    for (top, below, path) in cases {
        let s = refusing();
        s.write(".gitignore", top);
        s.write("src/.gitignore", below);
        let ran = attempt(&s, path);
        assert_eq!(places(&s, path), (0, 2), "{top}{below}: {ran:#?}");
        let words = format!("backed up: .git/bak/files/{path}.bak.2025");
        let line = ran.stderr.lines().find(|line| line.contains(&words)).unwrap();
        let why = " (not beside its file: a line with ! in .gitignore would have Git see it)";
        assert!(line.ends_with(why), "{ran:#?}");
        assert!(!s.git(["status", "--porcelain", "-uall"]).stdout.contains(".bak."));
    }
}

#[test]
fn git_is_asked_only_where_a_line_may_mean_a_backup() {
    for (rules, is_asked) in [("*.o\n!lib/\n!.gitkeep\n!*.md\n", false), ("!*.c\n!x*\n", true)] {
        let mut s = refusing();
        s.write(".gitignore", rules);
        s.set_env("GIT_TRACE", s.root().join("trace").as_os_str());
        attempt(&s, "a.txt");
        let trace = std::fs::read_to_string(s.root().join("trace")).unwrap();
        assert_eq!(trace.contains("check-ignore"), is_asked, "{rules}: {trace}");
        assert!(!trace.contains("check-attr"), "{trace}");
        assert_eq!(places(&s, "a.txt"), (2, 0), "{rules}");
    }
}

#[test]
fn a_linked_gitignore_is_none_as_for_git() {
    let s = refusing();
    std::fs::write(s.root().join("rules"), "!*\n").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("../rules", s.top().join(".gitignore")).unwrap();
    attempt(&s, "b.txt");
    assert_eq!(places(&s, "b.txt"), (2, 0));
}

#[test]
fn a_folder_that_programs_read_whole_keeps_no_backup() {
    for folder in ["sites-enabled", "deep/conf.d/er", "bashrc.d", "public", "a/static", "inventory"]
    {
        let s = refusing();
        let path = format!("{folder}/f");
        let ran = attempt(&s, &path);
        assert_eq!(places(&s, &path), (0, 2), "{folder}: {ran:#?}");
        assert!(ran.stderr.contains("(not beside its file: programs read all that is in "));
        s.hook("pre-commit", "exit 0");
        let ran = s.git(["commit", "-m", "done"]);
        assert_eq!(places(&s, &path), (0, 0), "{ran:#?}");
    }
}

#[test]
fn the_nearest_manifest_says_whether_a_packager_would_take_a_backup() {
    let flit = "[build-system]\nbuild-backend = \"flit_core.buildapi\"\n";
    let poetry = "[build-system]\nbuild-backend = \"poetry.core.masonry.api\"\n";
    let private = "{\"private\": true}";
    for (manifests, path, goes_elsewhere) in [
        (&[("package.json", "{\"name\": \"p\"}")][..], "src/a.js", true),
        (&[("package.json", private)], "src/a.js", false),
        (&[("package.json", private), ("packages/p/package.json", "{}")], "packages/p/a.js", true),
        (&[("package.json", "{}"), ("web-app/package.json", private)], "web-app/a.js", false),
        (&[("pyproject.toml", flit)], "pk/a.py", true),
        (&[("pyproject.toml", poetry)], "pk/a.py", false),
        (&[("pyproject.toml", poetry), ("setup.cfg", "[flake8]\n")], "pk/a.py", false),
        (&[("setup.py", "setup()\n")], "pk/a.py", true),
        (&[("debian/control", "Source: p\n")], "src/a.c", true),
        (&[("charts/c/Chart.yaml", "name: c\n")], "charts/c/templates/a.yaml", true),
        (&[("charts/c/Chart.yaml", "name: c\n")], "src/a.c", false),
    ] {
        let s = refusing();
        manifests.iter().for_each(|(name, text)| s.write(name, text));
        s.git(["add", "-A"]);
        s.git(["commit", "-qnm", "manifests"]);
        let ran = attempt(&s, path);
        let expected = if goes_elsewhere { (0, 2) } else { (2, 0) };
        assert_eq!(places(&s, path), expected, "{manifests:?}: {ran:#?}");
        assert_eq!(ran.stderr.contains(" would pack it, too)"), goes_elsewhere, "{ran:#?}");
    }
}

#[test]
fn the_setting_and_the_attribute_choose_by_hand() {
    for (setting, attributes, expected) in [
        ("auto", "public/* bak=beside\n", (2, 0)),
        ("beside", "", (2, 0)),
        ("gitdir", "", (0, 2)),
        ("gitdir", "public/** bak=beside\n", (2, 0)),
        ("beside", "[attr]ours bak=gitdir\n*.php ours\n", (0, 2)),
        ("beside", "*.php bak\n", (2, 0)),
    ] {
        let s = refusing();
        s.git(["config", "bak.location", setting]);
        s.write(".gitattributes", attributes);
        let ran = attempt(&s, "public/f.php");
        assert_eq!(places(&s, "public/f.php"), expected, "{setting} {attributes}: {ran:#?}");
        // For what is wanted so there is no reason to give.
        assert!(!ran.stderr.contains("not beside its file"), "{ran:#?}");
    }
    // Nothing puts one where Git would see it.
    let s = refusing();
    s.git(["config", "bak.location", "beside"]);
    s.write(".gitattributes", "* bak=beside\n");
    s.write(".gitignore", "!*\n");
    attempt(&s, "f");
    assert_eq!(places(&s, "f"), (0, 2));
}

#[test]
fn of_what_the_attributes_leave_out_nothing_is_kept() {
    let s = refusing();
    s.write(".git/info/attributes", "secret -bak\n");
    let ran = attempt(&s, "secret");
    assert!(!ran.stderr.contains("secret"), "{ran:#?}");
    assert_eq!(places(&s, "secret"), (0, 0));
    let ran = s.bak(["snapshot", "secret"]);
    assert!(ran.stderr.contains("secret: excluded by the attribute -bak"), "{ran:#?}");
    assert!(!s.vault().keys().any(|path| path.ends_with("/secret")));
    // What would be overwritten is kept all the same.
    s.write(".git/info/attributes", "");
    s.bak(["snapshot", "secret"]);
    s.write(".git/info/attributes", "secret -bak\n");
    s.write("secret", "overwritten\n");
    s.bak(["restore", "--yes", "secret"]);
    assert_eq!(s.read("secret"), "edited\n");
    assert!(s.vault_has("secret", "overwritten\n"));
}

#[test]
fn whatever_the_setting_says_now_backups_in_both_places_are_seen() {
    for (first, second) in [("gitdir", "beside"), ("beside", "gitdir")] {
        let s = refusing();
        s.git(["config", "bak.location", first]);
        attempt(&s, "f");
        s.git(["config", "bak.location", second]);
        let listed = s.bak(["list", "--json", "f"]).stdout;
        let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
        assert_eq!(listed["backups"].as_array().unwrap().len(), 2, "{listed}");
        let page = s.bak(["list", "f"]).stdout;
        assert_eq!(page.contains("  bak/files\n"), first == "gitdir", "{page}");
        let file = listed["backups"][0]["file"].as_str().unwrap();
        assert_eq!(std::fs::read_to_string(file).unwrap(), "edited\n");
        s.write("f", "lost\n");
        s.bak(["restore", "--yes", "f"]);
        assert_eq!(s.read("f"), "edited\n");
        // Retention counts them together.
        for text in ["3\n", "4\n", "5\n"] {
            s.write("f", text);
            s.git(["add", "f"]);
        }
        let (beside, own) = places(&s, "f");
        assert_eq!(beside + own, 3, "{first}");
        s.bak(["snapshot", "--artifact", "aaaaaaaa", "f"]);
        s.git(["config", "bak.location", first]);
        s.bak(["clean"]);
        assert_eq!(places(&s, "f"), (0, 0), "{first}");
        assert!(!s.exists(".git/bak/files/f"));
    }
}

#[test]
fn a_name_works_as_it_was_printed() {
    let s = refusing();
    let ran = attempt(&s, "public/f");
    let line = ran.stderr.lines().find(|line| line.contains("backed up: ")).unwrap();
    let name = line.split("backed up: ").nth(1).unwrap().split(" (").next().unwrap();
    assert_eq!(s.bak(["show", name]).stdout, "edited\n");
    let shown = s.bak(["clean", "-n", name]).stdout;
    assert_eq!(shown, format!("would clean up: {name}\n"));
}

#[test]
fn backups_elsewhere_are_retired_at_a_switch() {
    let s = Scratch::new();
    s.git(["branch", "other"]);
    s.write("public/f", "one\n");
    s.git(["add", "-A"]);
    s.git(["commit", "-m", "with f"]);
    s.write("public/f", "two\n");
    s.bak(["snapshot", "public/f"]);
    assert_eq!(places(&s, "public/f"), (0, 1));
    s.git(["checkout", "-q", "-f", "other"]);
    assert_eq!(places(&s, "public/f"), (0, 0));
}
