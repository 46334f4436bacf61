//! Whatever was done before, what one command of Git takes comes back: by `undo` all of it as it was, by `restore` all
//! that no commit and no stash has. A seed makes a history of a few files, with few different contents, so that the same
//! bytes come again; then a command takes what it takes.
//!
//! `GIT_BAK_TEST_SEEDS=100..400` tries other seeds. What a failure prints is a shell script.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use crate::apply::random::Random;
use crate::scratch::Scratch;

/// How often each is taken. `F` is a file, `N` one of six contents, `C` one that differs in each line.
const STEPS: &[(usize, &str)] = &[
    (12, "mkdir -p d; printf '1\\nN\\n3\\n' >F"),
    (3, "mkdir -p d; printf '1\\nN\\n3\\n' >>F"),
    (5, "chmod a+x F"),
    (3, "chmod a-x F"),
    (3, "rm -f F"),
    (8, "git add F"),
    (5, "git add -A"),
    (6, "git commit -qm c"),
    (3, "git commit -qam c"),
    (2, "git commit -qom c F"),
    (4, "REFUSED=1 git commit -qm refused"),
    (4, "REFUSED=1 git commit -qam refused"),
    (1, "git commit -q --amend -m amended"),
    (1, "git reset -q HEAD~1"),
    (1, "git reset -q --hard"),
    (1, "git restore --staged ."),
    (1, "git checkout -q -- F"),
    (3, "git stash push -q"),
    (1, "git stash push -qu"),
    (2, "git stash pop -q"),
    (1, "git stash drop -q"),
    (2, "git switch -q other || git switch -qc other"),
    (1, "git switch -q main"),
    (1, "git merge -q --no-edit other || git merge --abort"),
    (1, "git mv F G"),
    (1, "git bak snapshot"),
    (1, "git bak restore --yes F"),
    (1, "git bak undo --yes"),
];

const TAKES: &[&str] = &[
    "git reset -q --hard",
    "git checkout -q -f HEAD",
    "git checkout -q -- .",
    "git checkout -q HEAD -- F",
    "git restore .",
    "git restore -SW .",
    "git stash push -q && git stash drop -q",
    "git clean -qfdx",
];

const FILES: [&str; 4] = ["a.txt", "b", "d/c", "x.sh"];

/// Of each file its bytes, and whether it is executable.
type Files = BTreeMap<String, (Vec<u8>, bool)>;

fn below(folder: &Path, prefix: &str, found: &mut Files) {
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if entry.file_type().unwrap().is_dir() {
            if name != ".git" {
                below(&entry.path(), &format!("{path}/"), found);
            }
        } else if !name.contains(".bak.") {
            let bit = entry.metadata().unwrap().permissions().mode() & 0o100 != 0;
            found.insert(path, (fs::read(entry.path()).unwrap(), bit));
        }
    }
}

fn files(s: &Scratch) -> Files {
    let mut found = Files::new();
    below(s.top(), "", &mut found);
    found
}

fn run(s: &Scratch, line: &str) {
    s.advance(7);
    let ran = s.command("sh").args(["-c", line]).output().unwrap();
    assert!(ran.status.code().is_some(), "{line}: {ran:?}");
}

/// A line of a shell.
fn fill(random: &mut Random, template: &str) -> String {
    let mut file = || FILES[random.below(FILES.len())];
    let line = template.replace('F', file()).replace('G', file());
    line.replace('N', &random.below(6).to_string())
}

fn pick(random: &mut Random) -> &'static str {
    let mut at = random.below(STEPS.iter().map(|(weight, _)| weight).sum());
    let is_it = |(weight, _): &&(usize, &str)| {
        let is_it = at < *weight;
        at = at.saturating_sub(*weight);
        is_it
    };
    STEPS.iter().find(is_it).unwrap().1
}

/// The history of a seed, and what takes something at its end.
fn story(seed: u64) -> Vec<String> {
    let mut random = Random::of(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let count = 4 + random.below(20);
    let mut lines: Vec<String> = (0..count)
        .map(|_| {
            let template = pick(&mut random);
            fill(&mut random, template)
        })
        .collect();
    let takes = TAKES[random.below(TAKES.len())];
    lines.push(fill(&mut random, takes));
    lines
}

fn blob(s: &Scratch, name: &str) -> String {
    s.try_git(["rev-parse", "--verify", "--quiet", name]).stdout
}

/// Whether HEAD has just that, or an entry of the stash the bytes.
fn is_kept(s: &Scratch, path: &str, (bytes, bit): &(Vec<u8>, bool)) -> bool {
    let scratch = s.root().join("bytes");
    fs::write(&scratch, bytes).unwrap();
    let id = s.git(["hash-object", "--no-filters", scratch.to_str().unwrap()]).stdout;
    let entry = s.git(["ls-tree", "HEAD", path]).stdout;
    if blob(s, &format!("HEAD:{path}")) == id && entry.starts_with("100755") == *bit {
        return true;
    }
    let entries = s.git(["stash", "list"]).stdout.lines().count();
    let places = (0..entries).flat_map(|n| [format!("stash@{{{n}}}"), format!("stash@{{{n}}}^3")]);
    places.into_iter().any(|place| blob(s, &format!("{place}:{path}")) == id)
}

/// Plays a story; then `back` must bring back what the last line took.
fn play(seed: u64, back: &[&str]) {
    let s = Scratch::new();
    s.hook("commit-msg", "[ -z \"$REFUSED\" ]");
    let story = story(seed);
    let (last, before) = story.split_last().unwrap();
    for line in before {
        run(&s, line);
    }
    let had = files(&s);
    run(&s, last);
    let left = files(&s);
    let mut taken: Files = had.clone();
    taken.retain(|path, state| left.get(path) != Some(state));
    if taken.is_empty() || taken.iter().any(|(path, state)| is_kept(&s, path, state)) {
        return;
    }
    s.advance(7);
    let ran = s.try_bak(back);
    let now = files(&s);
    for (path, state) in &taken {
        let script = story.join("\n");
        assert_eq!(now.get(path), Some(state), "seed {seed}: {path}: {ran:#?}\n{script}");
    }
    if back[0] == "undo" {
        let changed: Vec<_> =
            had.iter().filter(|(path, state)| now.get(*path) != Some(state)).collect();
        assert!(changed.is_empty(), "seed {seed}: {changed:?}: {ran:#?}\n{}", story.join("\n"));
    }
}

fn seeds(own: Range<u64>) -> Range<u64> {
    let asked = std::env::var("GIT_BAK_TEST_SEEDS").ok();
    let asked = asked.as_deref().and_then(|range| range.split_once(".."));
    asked.map_or(own, |(from, to)| from.parse().unwrap()..to.parse().unwrap())
}

#[test]
fn what_a_command_takes_is_undone_whatever_was_before() {
    seeds(60..72).for_each(|seed| play(seed, &["undo", "--yes"]));
}

#[test]
fn what_a_command_takes_is_restored_whatever_was_before() {
    seeds(60..72).for_each(|seed| play(seed, &["restore", "--all", "--yes"]));
}
