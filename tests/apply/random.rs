//! Random patches: a failed upgrade leaves every byte and mode, a good one makes what `git apply` makes.

use std::fs;

use super::{Tree, apply, chmod, commit_all, files, link, tree};
use crate::scratch::Scratch;

/// Numbers that are the same in every run (xorshift64*).
pub struct Random(u64);

impl Random {
    pub fn of(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % limit
    }

    fn text(&mut self) -> Vec<u8> {
        let end = ["\n", "\r\n"][self.below(2)];
        let lines = (0..self.below(30)).map(|_| format!("line {}{end}", self.below(9)));
        let mut text: Vec<u8> = lines.collect::<String>().into_bytes();
        match self.below(6) {
            0 => text.extend((0..self.below(300)).map(|_| self.below(256) as u8)),
            1 => text.extend(b"no last newline"),
            _ => {}
        }
        text
    }

    pub fn name(&mut self) -> String {
        let folders = ["", "d/", "d/e/", "f g/", "ü/"];
        let names = ["a", "b.txt", "c d", "é", "-x", "q\"", "t\tt", "n.bak"];
        format!("{}{}", folders[self.below(folders.len())], names[self.below(names.len())])
    }

    /// Writes, changes, removes or renames one file.
    pub fn touch(&mut self, s: &Scratch) {
        let name = self.name();
        let path = s.top().join(&name);
        match self.below(8) {
            0 => drop(fs::remove_file(&path)),
            1 if path.symlink_metadata().is_ok() => {
                let to = s.top().join(self.name());
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::rename(&path, to).unwrap();
            }
            2 if path.is_file() => chmod(s, &name, [0o644, 0o755][self.below(2)]),
            3 => {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                link(s, ["a", "nowhere", "../x"][self.below(3)], &name);
            }
            4 if path.is_file() && !path.is_symlink() => {
                let mut text = fs::read(&path).unwrap();
                let at = self.below(text.len() + 1);
                text.splice(at..at, *b"inserted\n");
                fs::write(&path, text).unwrap();
            }
            _ => {
                if path.is_symlink() {
                    fs::remove_file(&path).unwrap();
                }
                s.write(&name, self.text());
            }
        }
    }
}

/// A repository with random files, and 1 to 3 random patches beside it, which follow one another.
fn scene(random: &mut Random) -> (Scratch, Vec<String>) {
    let s = Scratch::new();
    s.git(["config", "core.autocrlf", "false"]);
    for _ in 0..15 {
        random.touch(&s);
    }
    commit_all(&s, "base");
    let mut names = Vec::new();
    for number in 0..=random.below(3) {
        for _ in 0..=random.below(8) {
            random.touch(&s);
        }
        s.git(["add", "-A"]);
        let diff = s.command("git").args(["diff", "--binary", "-M", "--cached"]).output().unwrap();
        if diff.stdout.is_empty() {
            continue;
        }
        fs::write(s.root().join(format!("{number}.patch")), diff.stdout).unwrap();
        names.push(format!("../{number}.patch"));
        commit_all(&s, "next");
    }
    s.git_alone(["reset", "-q", "--hard", ":/base"]);
    (s, names)
}

/// What `git apply` makes of a copy.
fn twin(s: &Scratch, names: &[String]) -> Tree {
    let top = s.root().join("twin");
    s.git(["clone", "-q", ".", "../twin"]);
    for name in names {
        s.at(&top).git(["apply", "--whitespace=nowarn", name]);
    }
    files(&top)
}

fn run(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let (s, names) = scene(&mut Random(seed * 7919 + 1));
        if names.is_empty() {
            continue;
        }
        let before = tree(s.top());
        let mut args = vec!["--test", "exit 1"];
        args.extend(names.iter().map(String::as_str));
        let failed = apply(&s, &args);
        assert_eq!(failed.status, 1, "seed {seed}: {failed:#?}");
        assert_eq!(tree(s.top()), before, "seed {seed}: {failed:#?}");
        let done = apply(&s, &args[2..]);
        assert_eq!(done.status, 0, "seed {seed}: {done:#?}");
        assert_eq!(files(s.top()), twin(&s, &names), "seed {seed}: {done:#?}");
    }
}

#[test]
fn a_failed_upgrade_leaves_all_and_a_good_one_makes_what_git_makes() {
    run(1..13);
}

#[test]
fn the_same_with_other_patches() {
    run(100..112);
}
