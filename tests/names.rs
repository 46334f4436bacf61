//! What may stand where a file is asked for, and that nothing untrue is said of it.

use std::fs;

use crate::scratch::{Ran, Scratch};

const FILES: [&str; 10] = [
    "a.rs",
    "b.txt",
    "src/a.rs",
    "src/deep/c.rs",
    "src/deep/d.txt",
    "src/[x].rs",
    "src/x.rs",
    "srcs/e.rs",
    "A.RS",
    "*",
];

/// Every file has one version, in the vault and beside it.
fn many() -> Scratch {
    let s = Scratch::new();
    for file in FILES {
        s.write(file, format!("kept {file}\n"));
    }
    s.git(["add", "."]);
    s.git(["commit", "-qm", "second"]);
    for file in FILES {
        s.write(file, format!("work {file}\n"));
    }
    s.bak(["snapshot"]);
    s
}

fn listed(ran: &Ran) -> Vec<String> {
    let names = ran.stdout.lines().filter(|line| !line.starts_with(' '));
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.sort();
    names
}

#[test]
fn a_pathspec_selects_what_git_selects_by_it() {
    let s = many();
    for (folder, specs) in [
        ("", &["*.rs"][..]),
        ("", &[":(glob)*.rs"]),
        ("", &[":(glob)**/*.rs"]),
        ("", &[":(glob)src/**"]),
        ("", &[":(glob)src/*"]),
        ("", &["src"]),
        ("", &["src/"]),
        ("", &["src/*"]),
        ("", &["s?c/*.rs"]),
        ("", &["src/[w-y].rs"]),
        ("", &["src/\\[x\\].rs"]),
        ("", &["src/[!x].rs"]),
        ("", &[":(icase)a.rs"]),
        ("", &[":(literal)*"]),
        ("", &["*.rs", ":!src"]),
        ("", &[":!src"]),
        ("", &[":^*.rs", "."]),
        ("src", &["."]),
        ("src", &["*.rs"]),
        ("src", &[":/"]),
        ("src", &[":/*.txt"]),
        ("src", &["../b.txt"]),
        ("src", &[":(top)b.txt", "deep"]),
        ("src/deep", &["../*.rs"]),
        ("src", &["[[:alpha:]].rs"]),
    ] {
        let here = s.at(s.top().join(folder));
        let mut git: Vec<String> = here
            .git([&["-c", "core.quotePath=false", "ls-files", "--"], specs].concat())
            .stdout
            .lines()
            .map(str::to_owned)
            .collect();
        // Git lists nothing above where one is.
        if folder.is_empty() {
            git.retain(|name| FILES.contains(&name.as_str()));
        } else {
            let named = here.git([&["ls-files", "--full-name", "--"], specs].concat()).stdout;
            let depth = folder.split('/').count();
            git = named
                .lines()
                .filter(|name| FILES.contains(name))
                .map(|name| match name.strip_prefix(&format!("{folder}/")) {
                    Some(below) => below.to_owned(),
                    None if folder == "src/deep" && name.starts_with("src/") => {
                        format!("../{}", &name[4..])
                    }
                    None => "../".repeat(depth) + name,
                })
                .collect();
        }
        git.sort();
        let ran = here.bak([&["list", "--"], specs].concat());
        assert!(!git.is_empty(), "{specs:?}");
        let ours: Vec<String> =
            listed(&ran).into_iter().filter(|name| !name.ends_with("a.txt")).collect();
        assert_eq!(ours, git, "{folder}: {specs:?}: {ran:?}");
    }
}

#[test]
fn a_file_of_that_very_name_goes_before_a_pattern() {
    let s = many();
    assert_eq!(listed(&s.bak(["list", "*"])), ["*"]);
    assert_eq!(listed(&s.bak(["list", "src/[x].rs"])), ["src/[x].rs"]);
    fs::remove_file(s.top().join("*")).unwrap();
    assert_eq!(listed(&s.bak(["list", "*"])), ["*"]);
}

#[test]
fn an_absolute_path_and_a_backup_and_a_number_name_a_file() {
    let s = many();
    let backup = s.backups("src/x.rs").remove(0);
    let absolute = s.top().join("src/x.rs").display().to_string();
    for name in [
        &absolute,
        &format!("src/{backup}"),
        "src/x.rs@{1}",
        &format!("{}/src/x*", s.top().display()),
    ] {
        for verb in ["list", "log"] {
            let ran = s.bak([verb, name]);
            assert!(ran.stdout.contains("src/x.rs") && !ran.stdout.contains("a.rs"), "{ran:?}");
        }
        let ran = s.bak(["clean", "-n", name]);
        assert_eq!(ran.stdout, format!("would clean up: src/{backup}\n"));
        assert_eq!(s.bak(["snapshot", name]).stdout, "");
    }
    assert_eq!(s.bak(["show", "src/x.rs"]).stdout, "work src/x.rs\n");
    s.try_bak(["forget", "--yes", "src/x*", "b.txt@{1}"]);
    assert!(!s.vault_has("src/x.rs", "work src/x.rs\n") && !s.vault_has("b.txt", "work b.txt\n"));
    assert!(s.vault_has("a.rs", "work a.rs\n"));
}

#[test]
fn a_name_of_nothing_is_named_and_the_others_are_done() {
    let s = many();
    for verb in [&["list"][..], &["log"], &["clean", "-n"], &["snapshot"]] {
        let ran = s.try_bak([verb, &["a.rs", "no*such"]].concat());
        assert_eq!(ran.status, 1, "{ran:?}");
        assert!(ran.stderr.contains("no*such: there is no "), "{ran:?}");
        assert!(verb == ["snapshot"] || ran.stdout.contains("a.rs"), "{ran:?}");
    }
    for (spec, words) in [
        (":(attr:x)y", "git-bak can't select by 'attr:x'"),
        (":(top", "its ':(' has no ')'"),
        (":/../x", "it is outside the working tree"),
    ] {
        let ran = s.try_bak(["list", spec]);
        assert_eq!((ran.status, ran.stderr.contains(words)), (2, true), "{ran:?}");
    }
}

#[test]
fn a_tip_leads_to_what_was_meant_or_there_is_none() {
    let s = Scratch::new();
    let said = |args: &[&str]| s.try_bak(args).stderr;
    assert!(said(&["restroe"]).contains("'restore'"));
    assert!(said(&["ls"]).contains("'list'"));
    assert!(!said(&["undoo"]).contains("'run'"));
    assert!(!said(&["show", "-x"]).contains("-- -x"));
}
