//! Random trees, attributes, flags and commands: whatever a run that fails has done to files that Git doesn't ignore,
//! each file, mode, link and folder is as in a picture made before.

use super::*;
use crate::apply::random::Random;

const ATTRIBUTES: [&str; 7] = [
    "*.txt text eol=crlf",
    "a* ident",
    "* text=auto",
    "*.txt filter=strip",
    "d/* filter=turn",
    "*d working-tree-encoding=ISO-8859-1",
    "* -text",
];

/// A line for the shell that does something to a random file or folder.
fn deed(random: &mut Random) -> String {
    let (one, other) = (random.name(), random.name());
    let [one, other] = [one, other].map(|name| format!("'./{name}'"));
    match random.below(14) {
        0 => format!("rm -rf {one}"),
        1 => format!("mv {one} {other}"),
        2 => format!("chmod 7{}{} {one}", random.below(8), random.below(8)),
        3 => format!("rm -rf {one}; ln -s {other} {one}"),
        4 => "rm -rf d".to_owned(),
        5 => format!("rm -rf {one}; mkdir -p {one}; echo in >{one}/in"),
        6 => format!(
            "touch -r {one} ../ref; tr a-z A-Z <{one} >../x && cat ../x >{one}; touch -r ../ref {one}"
        ),
        7 => format!("git add -A; git rm -qf --cached {one}"),
        8 => format!("git update-index --no-skip-worktree --no-assume-unchanged {one}"),
        9 => format!("git checkout -q -f HEAD -- {one}"),
        10 => format!("echo '{}' >.gitattributes", ATTRIBUTES[random.below(ATTRIBUTES.len())]),
        11 => "mkdir -p hollow/new; chmod 700 d".to_owned(),
        12 => "echo '*.txt' >>.gitignore; git config core.autocrlf true".to_owned(),
        _ => format!("mkdir -p d/e 'f g' ü; echo more >>{one}"),
    }
}

fn scene(random: &mut Random) -> Scratch {
    let s = Scratch::new();
    s.git(["config", "core.safecrlf", "false"]);
    s.git(["config", "filter.strip.clean", "sed /3/d"]);
    s.git(["config", "filter.turn.clean", "tr a-z n-za-m"]);
    s.git(["config", "filter.turn.smudge", "tr a-z n-za-m"]);
    s.git(["config", "core.autocrlf", ["true", "false", "input"][random.below(3)]]);
    let rules = (0..random.below(3)).map(|_| ATTRIBUTES[random.below(ATTRIBUTES.len())]);
    s.write(".gitattributes", rules.collect::<Vec<_>>().join("\n") + "\n");
    for _ in 0..15 {
        random.touch(&s);
    }
    commit_all(&s, "base");
    let names = s.git(["ls-files", "-z"]).stdout;
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        match random.below(6) {
            0 => drop(s.git(["update-index", "--assume-unchanged", "--", name])),
            1 => drop(s.git(["update-index", "--skip-worktree", "--", name])),
            _ => {}
        }
    }
    for _ in 0..6 {
        random.touch(&s);
    }
    fs::create_dir_all(s.top().join("hollow/in")).unwrap();
    s
}

fn go(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut random = Random::of(seed * 104_729 + 7);
        let s = scene(&mut random);
        let deeds: Vec<String> = (0..=random.below(8)).map(|_| deed(&mut random)).collect();
        let line = format!("{{ {}; }} >/dev/null 2>&1; exit 3", deeds.join("\n"));
        let index = |s: &Scratch| s.git(["ls-files", "-s", "-v", "-t"]).stdout;
        let before = (tree(s.top()), index(&s));
        let ran = run(&s, &[], &line);
        assert_eq!(ran.status, 3, "seed {seed}: {line} {ran:#?}");
        assert!(
            ran.stderr.contains("ll else is as it was")
                || ran.stderr.contains("Everything is as it was"),
            "seed {seed}: {line} {ran:#?}"
        );
        assert_eq!((tree(s.top()), index(&s)), before, "seed {seed}: {line} {ran:#?}");
    }
}

#[test]
fn a_run_that_fails_leaves_every_file_mode_link_and_folder() {
    go(1..16);
}

#[test]
fn the_same_with_other_trees_and_deeds() {
    go(100..116);
}
