//! What a walk must not have lost, and what it must not have left behind.
//!
//! Every version that git-bak was shown at risk must be in the vault from then on, until it may have expired. The only
//! exception is what history has (the other side of a merge), which there is nothing to keep of.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};

use git_bak::model::names::backup_name::BackupName;

use super::ground::{Ground, Step};
use crate::pair::feed;
use crate::scratch::BAK;

/// A snapshot may be a day older than the moment at which a version is seen again.
const KEPT: i64 = 29 * 86_400;

/// A version of a file: its path, and the blob id of its bytes.
type Version = (String, String);

/// What was ever at risk, and when that was last seen, in seconds.
#[derive(Default)]
pub struct Model {
    seen: BTreeMap<Version, i64>,
    /// The highest that the clock has been.
    time: i64,
    /// What Git would store of what the vault has.
    stored: BTreeMap<String, String>,
}

/// The entries of an index: the path, with the blob id.
pub type Index = BTreeSet<Version>;

/// What is in the index of a working tree, but for what is unmerged or only intended.
pub fn index(ground: &Ground, tree: &str) -> Index {
    let listed = ground.ask(tree, ["ls-files", "-s"]);
    let lines = listed.lines().filter_map(|line| line.split_once('\t'));
    let regular = lines.filter(|(meta, _)| meta.starts_with("100") && meta.ends_with(" 0"));
    regular.map(|(meta, path)| (path.to_owned(), meta[7..meta.len() - 2].to_owned())).collect()
}

impl Model {
    /// Looks at what a step has shown to git-bak. `before`: the index before it, if it stages.
    pub fn after(
        &mut self,
        ground: &Ground,
        step: &Step,
        before: Option<&Index>,
    ) -> Result<(), String> {
        self.time = self.time.max(step.time);
        let mut new = told(ground);
        if let Some(before) = before {
            new.extend(staged(ground, step.tree, before));
        }
        if new.is_empty() {
            return Ok(());
        }
        let vault = self.vault(ground);
        let unknown: Vec<&Version> =
            new.iter().filter(|version| !vault.contains(*version)).collect();
        if !unknown.is_empty() {
            let history = history(ground);
            if let Some(lost) = unknown.iter().find(|(_, id)| !history.contains(id)) {
                return Err(format!(
                    "{lost:?} was at risk, and neither the vault nor history has it"
                ));
            }
        }
        let kept = new.into_iter().filter(|version| vault.contains(version));
        self.seen.extend(kept.map(|version| (version, step.time)));
        Ok(())
    }

    /// Everything that must be true between any two steps.
    pub fn check(&mut self, ground: &Ground) -> Result<(), String> {
        let young = self.time - KEPT;
        self.seen.retain(|_, time| *time > young);
        let vault = self.vault(ground);
        if let Some(lost) = self.seen.keys().find(|version| !vault.contains(*version)) {
            return Err(format!("{lost:?} was in the vault, and is there no more"));
        }
        let is_vault_there = Path::new(&vault_dir(ground)).join("HEAD").is_file();
        let proven = ["fsck", "--strict", "--no-dangling", "--no-progress"];
        let proven = [&*self::vault(ground), proven[0], proven[1], proven[2], proven[3]];
        let proven = is_vault_there.then(|| ground.at("top").try_git(proven));
        if proven.as_ref().is_some_and(|ran| ran.status != 0) {
            return Err(format!("git fsck in the vault: {proven:#?}"));
        }
        let fsck = ground.at("top").try_git(["fsck", "--strict", "--no-dangling", "--no-progress"]);
        // A stash or a working tree that was removed by hand leaves its reflog.
        if fsck.status != 0 || fsck.stdout.contains("missing") {
            return Err(format!("git fsck: {fsck:#?}"));
        }
        let names = names(ground)?;
        backups_are_what_they_say(ground, &names)
    }

    /// The versions that the vault has, and where Git changes line ends, those that it makes of them.
    fn vault(&mut self, ground: &Ground) -> HashSet<Version> {
        let listed = listed(ground);
        let mut all: HashSet<Version> = listed.iter().cloned().collect();
        if ground.changes_line_ends {
            for (path, id) in listed {
                let stored = self.stored.entry(id).or_insert_with_key(|id| stored_form(ground, id));
                all.insert((path, stored.clone()));
            }
        }
        all
    }

    /// How many versions are known.
    pub fn len(&self) -> usize {
        self.seen.len()
    }
}

/// What the user's pre-commit hook saw: `git diff-index --raw`, and a line for each unstaged edit.
fn told(ground: &Ground) -> Vec<Version> {
    let file = ground.scratch.root().join("seen");
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let _ = std::fs::remove_file(file);
    let of_line = |line: &str| {
        let (meta, path) = line.split_once('\t')?;
        let words: Vec<&str> = meta.split(' ').collect();
        match words[..] {
            ["edit", id, size] => {
                let is_small = size.parse::<u64>().is_ok_and(|size| size <= ground.limit);
                is_small.then(|| (path.to_owned(), id.to_owned()))
            }
            [_, mode, _, id, _] if mode.starts_with("100") => {
                Some((path.to_owned(), id.to_owned()))
            }
            _ => None,
        }
    };
    text.lines().filter_map(of_line).collect()
}

/// What a step has staged that HEAD lacks.
fn staged(ground: &Ground, tree: &str, before: &Index) -> Vec<Version> {
    let listed = ground.ask(tree, ["ls-tree", "-r", "HEAD"]);
    let committed: HashSet<(&str, &str)> = listed
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(meta, path)| (path, meta.rsplit(' ').next().unwrap_or_default()))
        .collect();
    let after = index(ground, tree);
    // What is only meant to be added stands there with the empty blob.
    let is_empty = |id: &str| id.starts_with("e69de29bb2d1") || id.starts_with("473a0f4c3be8");
    let is_new =
        |(path, id): &&Version| !committed.contains(&(path.as_str(), id.as_str())) && !is_empty(id);
    let changed = after.difference(before).filter(is_new);
    changed.map(|(path, id)| (path.clone(), id.clone())).collect()
}

/// The versions that the vault has, of all working trees.
fn listed(ground: &Ground) -> Vec<Version> {
    if !Path::new(&vault_dir(ground)).join("HEAD").is_file() {
        return Vec::new();
    }
    let lines = ground.at("top").record();
    let snapshots = lines.iter().filter(|line| line["ev"] == "snapshot" || line["ev"] == "found");
    let files = snapshots.filter_map(|line| line["files"].as_array()).flatten();
    let of_file = |file: &serde_json::Value| {
        let id = file["id"].as_str()?.to_owned();
        let path = match file["path_c"].as_str() {
            Some(quoted) => quoted.to_owned(),
            None => file["path"].as_str()?.to_owned(),
        };
        Some((path, id))
    };
    let named: BTreeSet<Version> = files.filter_map(of_file).collect();
    // Named is not had: Git is asked for each, and for its bytes' own id.
    let mut command = ground.at("top").command("git");
    command.args([&vault(ground), "cat-file", "--batch-check"]);
    let ids: String = named.iter().map(|(_, id)| format!("{id}\n")).collect();
    let found = feed(command, &ids).stdout;
    let is_there = |line: &str| line.contains(" blob ");
    named.into_iter().zip(found.lines()).filter(|(_, line)| is_there(line)).map(|it| it.0).collect()
}

/// How Git is told of the vault.
fn vault(ground: &Ground) -> String {
    format!("--git-dir={}", vault_dir(ground))
}

fn vault_dir(ground: &Ground) -> String {
    let args = ["rev-parse", "--path-format=absolute", "--git-common-dir"];
    format!("{}/bak/vault.git", ground.ask("top", args).trim_end())
}

/// The id of what Git stores of a blob whose lines end as the working tree's do.
fn stored_form(ground: &Ground, id: &str) -> String {
    let text = ground.ask("top", [&vault(ground), "cat-file", "blob", id]).replace("\r\n", "\n");
    let mut command = ground.at("top").command("git");
    command.args(["hash-object", "--no-filters", "--stdin"]);
    feed(command, &text).stdout.trim().to_owned()
}

/// Everything that refs, HEADs and reflogs reach.
fn history(ground: &Ground) -> HashSet<String> {
    let args = ["rev-list", "--objects", "--no-object-names", "--all", "--reflog"];
    ground.at("top").try_git(args).stdout.lines().map(str::to_owned).collect()
}

/// The backups that lie about; an error if anything else of ours, or anything unknown, does.
fn names(ground: &Ground) -> Result<Vec<PathBuf>, String> {
    let mut others = Vec::new();
    let mut backups = Vec::new();
    for tree in ground.trees() {
        backups.extend(names_of(ground, tree, &mut others));
    }
    let root = std::fs::read_dir(ground.scratch.root()).unwrap();
    let known = ["home", "bin", "repo", "top", "w1", "w2", "patch", "seen"];
    others.extend(root.map(|entry| entry.unwrap().path()).filter(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        !known.contains(&name.as_ref())
    }));
    collect(&ground.scratch.root().join("home"), &mut others, &mut Vec::new());
    if others.is_empty() { Ok(backups) } else { Err(format!("litter: {others:?}")) }
}

/// Those of one working tree.
fn names_of(ground: &Ground, tree: &str, others: &mut Vec<PathBuf>) -> Vec<PathBuf> {
    let mut backups = Vec::new();
    let dir = ground.ask(tree, ["rev-parse", "--absolute-git-dir"]);
    for folder in [ground.tree(tree), Path::new(dir.trim()).join("bak/files")] {
        collect(&folder, &mut backups, others);
    }
    backups
}

fn collect(folder: &Path, backups: &mut Vec<PathBuf>, others: &mut Vec<PathBuf>) {
    const OURS: [&str; 6] = ["a.txt", "b.txt", "c.txt", "s p.txt", "new.txt", "in"];
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name == ".git" {
            continue;
        }
        let meta = path.symlink_metadata().unwrap();
        if meta.is_dir() {
            collect(&path, backups, others);
        } else if let Some(backup) = BackupName::parse(name.as_bytes()) {
            let of_ours = OURS.iter().any(|it| backup.is_backup_of(it.as_bytes()));
            if of_ours && meta.is_file() { &mut *backups } else { &mut *others }.push(path);
        } else if !OURS.contains(&name.as_str()) {
            others.push(path);
        }
    }
}

/// The end of each backup's name is the beginning of its bytes' id.
fn backups_are_what_they_say(ground: &Ground, backups: &[PathBuf]) -> Result<(), String> {
    if backups.is_empty() {
        return Ok(());
    }
    let paths: String = backups.iter().map(|path| format!("{}\n", path.display())).collect();
    let mut command = ground.at("top").command("git");
    command.args(["hash-object", "--no-filters", "--stdin-paths"]);
    let ids = feed(command, &paths).stdout;
    for (path, id) in backups.iter().zip(ids.lines()) {
        if !path.to_string_lossy().ends_with(&format!(".{}", &id[..8])) {
            return Err(format!("{} holds the bytes of {id}", path.display()));
        }
    }
    if ids.lines().count() == backups.len() { Ok(()) } else { Err("backups went away".to_owned()) }
}

/// What is asked of git-bak itself when all is over: nothing is wrong, and after a commit nothing is left.
pub fn at_the_end(ground: &Ground, kind: &[&str], time: i64) -> Result<(), String> {
    const OVER: &str = "git merge --abort; git rebase --abort; git cherry-pick --abort; git revert --abort; \
                        git reset -q; git commit -q --allow-empty -m end";
    let cleans = !kind.iter().any(|line| line.contains("bak.cleanup"));
    for tree in ground.trees() {
        let line = OVER.to_owned();
        let ended = ground.run(&Step { time: time + 1, tree, line, stages: false });
        let left = names_of(ground, tree, &mut Vec::new());
        if cleans && !left.is_empty() && ended.status == 0 {
            return Err(format!("left in {tree} after a commit: {left:?}, {ended:#?}"));
        }
        let doctor = feed(
            {
                let mut command = ground.at(tree).command(BAK);
                command.arg("doctor");
                command
            },
            "",
        );
        // A backup that is never cleaned up may outlive its copy in the vault, and doctor says so.
        if doctor.status != 0 && cleans {
            return Err(format!("doctor in {tree}: {doctor:#?}"));
        }
    }
    Ok(())
}
