//! Random trees, attributes, flags and commands: whatever a run that fails has done to files that Git doesn't ignore,
//! each file, mode, link and folder is as in a picture made before; after one that succeeds, an undo brings all of it
//! back. `GIT_BAK_TEST_SEEDS=200..300` tries others.

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
    match random.below(22) {
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
        13 => "git stash -qu".to_owned(),
        14 => "git clean -qfd".to_owned(),
        15 => "git reset -q --hard".to_owned(),
        16 => format!("git mv -f {one} {other}; git update-index --assume-unchanged {other}"),
        17 => "git sparse-checkout set d".to_owned(),
        18 => format!("echo more >>{one}; git update-index --skip-worktree {one}"),
        19 => "for f in * */*; do test -f \"$f\" && echo all >>\"$f\"; done".to_owned(),
        20 => "echo >'igd/new'; rm -f igf d/igf; git add -f igd".to_owned(),
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
    if random.below(4) == 0 {
        s.git(["config", "bak.vault", "false"]);
    }
    let rules = (0..random.below(3)).map(|_| ATTRIBUTES[random.below(ATTRIBUTES.len())]);
    s.write(".gitattributes", rules.collect::<Vec<_>>().join("\n") + "\n");
    s.write(".gitignore", "ig*\n");
    for _ in 0..15 {
        random.touch(&s);
    }
    commit_all(&s, "base");
    let names = s.git(["ls-files", "-z"]).stdout;
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        match random.below(6) {
            0 => drop(s.git(["update-index", "--assume-unchanged", "--", name])),
            1 => drop(s.git(["update-index", "--skip-worktree", "--", name])),
            2 if !s.top().join(name).is_symlink() => {
                chmod(&s, name, [0o600, 0o640, 0o444, 0o751][random.below(4)]);
            }
            _ => {}
        }
    }
    for _ in 0..6 {
        random.touch(&s);
    }
    s.write("igf", "ignored\n");
    s.write("igd/file", "ignored\n");
    fs::create_dir_all(s.top().join("hollow/in")).unwrap();
    s
}

/// What is not ignored; of the folders only those that a run looks after.
fn picture(s: &Scratch) -> crate::apply::Tree {
    let mut all = tree(s.top());
    all.retain(|name, _| !name.split('/').any(|part| part.starts_with("ig")));
    all
}

fn go(seeds: std::ops::Range<u64>) {
    let asked = std::env::var("GIT_BAK_TEST_SEEDS").ok();
    let asked = asked.as_deref().and_then(|seeds| seeds.split_once(".."));
    let asked = asked.map(|(first, end)| first.parse().unwrap()..end.parse().unwrap());
    for seed in asked.unwrap_or(seeds) {
        let mut random = Random::of(seed * 104_729 + 7);
        let s = scene(&mut random);
        let mut deeds: Vec<String> = (0..=random.below(8)).map(|_| deed(&mut random)).collect();
        if s.try_git(["config", "bak.vault"]).stdout == "false\n" {
            // A copy of what was in such a folder may be the last one, and then it stays in the file's place.
            deeds.retain(|deed| !deed.contains("echo in"));
        }
        let succeeds = random.below(3) == 0;
        // What a command that succeeds makes and has Git ignore is not its work.
        deeds.retain(|deed| !(succeeds && deed.contains(">>.gitignore")));
        let deeds = format!("{{ {}\n:; }} >/dev/null 2>&1", deeds.join("\n"));
        if succeeds { success(&s, seed, &deeds) } else { failure(&s, seed, &deeds) }
    }
}

fn failure(s: &Scratch, seed: u64, deeds: &str) {
    let index = || s.git(["ls-files", "-s", "-v", "-t"]).stdout;
    let (before, config) = ((picture(s), index()), s.read(".git/config"));
    let ran = run(s, &[], &format!("{deeds}; exit 3"));
    assert_eq!(ran.status, 3, "seed {seed}: {deeds} {ran:#?}");
    let said = ["ll else is as it was", "Everything is as it was"];
    assert!(said.iter().any(|said| ran.stderr.contains(said)), "seed {seed}: {deeds} {ran:#?}");
    // Of these it is said that they were changed. With other rules Git would show the index in another way.
    s.write(".git/config", config);
    let _ = fs::remove_file(s.top().join(".git/config.worktree"));
    let after = (picture(s), index());
    differ(&before.0, &after.0, || format!("seed {seed}: {deeds} {ran:#?}"));
    assert_eq!(after.1, before.1, "seed {seed}: {deeds} {ran:#?}");
}

fn success(s: &Scratch, seed: u64, deeds: &str) {
    s.git(["config", "bak.vault", "true"]);
    let before = picture(s);
    let ran = run(s, &[], &format!("{deeds}; exit 0"));
    assert_eq!(ran.status, 0, "seed {seed}: {deeds} {ran:#?}");
    if !ran.stderr.contains("git bak undo") {
        // It has changed no file, and folders are worth no undo.
        let files = |mut all: crate::apply::Tree| {
            all.retain(|_, (kind, _)| !kind.starts_with("folder"));
            all
        };
        let what = || format!("seed {seed}: {deeds} {ran:#?}");
        return differ(&files(before), &files(picture(s)), what);
    }
    let undone = s.try_bak(["undo", "--yes"]);
    let what = || format!("seed {seed}: {deeds} {ran:#?} {undone:#?}");
    assert_eq!(undone.status, 0, "{}", what());
    differ(&before, &picture(s), what);
}

/// Fails with what is not the same, and nothing else: a whole picture is too much to read.
fn differ(before: &crate::apply::Tree, after: &crate::apply::Tree, what: impl Fn() -> String) {
    let names: std::collections::BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let names: Vec<_> = names.into_iter().filter(|it| before.get(*it) != after.get(*it)).collect();
    let both = |it: &&String| (it.to_string(), before.get(*it).cloned(), after.get(*it).cloned());
    assert!(names.is_empty(), "{} {:?}", what(), names.iter().map(both).collect::<Vec<_>>());
}

#[test]
fn a_run_that_fails_leaves_every_file_mode_link_and_folder() {
    go(1..13);
}

#[test]
fn the_same_with_other_trees_and_deeds() {
    go(100..112);
}
