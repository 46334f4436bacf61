//! What must be true after every run, whoever moved when, died where, or was told that a call fails.
//!
//! Of the first promise, that what was copied comes back:
//! 1. the bytes of every version that a line of the record names can be read, in `new/` or in the vault, until a line says that
//!    it is gone; no line is torn;
//! 2. a backup under its final name holds the bytes that its name says;
//! 3. what was copied, or stood in a file, before the run is there: in the file, a backup, the vault or Git's own objects.
//!
//! Of the second, that Git is left alone:
//! 4. files that nobody has to do with are as they were; Git's command ended well where it was git-bak alone that was harmed; the
//!    repository is whole, and HEAD and the index are what plain Git would have made of one of the actors' orders.
//!
//! Of the third, that what is said is so:
//! 5. where nothing went wrong and no complaint was made, what an actor was to copy is held.
//!
//! And of all that are killed, or meet:
//! 6. locks are let go; the next add and commit work, and leave nothing half-done in the working tree or under `bak/`; the
//!    next fold ends well, the vault is whole, and 1 to 4 are still true.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};

use git_bak::model::names::backup_name::{BackupName, Temporary};
use serde_json::Value;

use super::look::{id_of, names_in, take_away_locks};
use super::runs::Ran;
use super::scenes::{Actor, EARLIER, EDITED, FOREIGN, OTHERS, STAGED, Scene, Words};

/// What is to be found after a run in a scene.
pub struct Expected {
    pub scene: Scene,
    /// One command of Git's, and nobody else.
    is_git: bool,
    /// What plain Git makes of index and HEAD, in whatever order the actors come, or don't.
    plain: BTreeSet<String>,
    /// Texts of files, each of which must be somewhere.
    pub kept: Vec<(&'static str, &'static str)>,
    /// Those of them that the vault has in the beginning.
    pub safe: Vec<(&'static str, &'static str)>,
    /// Those that the actors are to copy, if all goes well.
    copied: Vec<&'static str>,
    /// What was looked at already.
    seen: RefCell<BTreeSet<u64>>,
}

pub type Found = Result<(), String>;

pub fn must(is_so: bool, what: impl FnOnce() -> String) -> Found {
    if is_so { Ok(()) } else { Err(what()) }
}

impl Expected {
    pub fn of(scene: Scene, actors: &[&Actor]) -> Self {
        let words: Vec<Words> = actors.iter().map(|actor| actor.words).collect();
        let plain = scene.by_plain_git(&words);
        let all = [("a.txt", EARLIER), ("a.txt", STAGED), ("a.txt", EDITED), ("b.txt", OTHERS)];
        let destroys = actors.iter().any(|actor| actor.destroys);
        let mut kept: Vec<_> = all.into_iter().filter(|it| it.0 == "a.txt" || !destroys).collect();
        kept.extend(actors.iter().flat_map(|actor| actor.brings));
        let person = actors.iter().any(|actor| actor.name == "person");
        let copied = actors.iter().flat_map(|actor| actor.copies).copied();
        let copied = copied.filter(|_| !destroys && !person).collect();
        let is_git = matches!(words[..], [one] if !["git-bak", "sh"].contains(&one[0]));
        let (safe, seen) = Default::default();
        let mut expected = Self { scene, is_git, plain, kept, safe, copied, seen };
        expected.scene.reset();
        let is_safe = |it: &&(&str, &str)| expected.holds(it.1);
        expected.safe = expected.kept.iter().filter(is_safe).copied().collect();
        expected
    }

    /// What is not true after this run; Git's own locks are taken away first where Git itself was killed.
    pub fn broken(&self, ran: &Ran) -> Option<String> {
        self.all(ran).err()
    }

    fn all(&self, ran: &Ran) -> Found {
        // Who dies while a file is not protected, says so, and Git goes on.
        let warned = ran.said.iter().any(|said| said.contains("not protected"));
        let held = self.first(!warned)?;
        if !ran.killed {
            must(!self.is_git || ran.status == [Some(0)], || "Git failed".to_owned())?;
            let now = self.scene.of_git();
            must(self.plain.contains(&now), || {
                format!("plain Git makes no such index and HEAD: {now}")
            })?;
        }
        let complained = ran.said.iter().any(|said| said.contains('✗') || said.contains('⚠'));
        if !ran.harmed && !complained {
            for text in &self.copied {
                must(held.contains(text.as_bytes()), || format!("{text:?} was not copied"))?;
            }
        }
        self.locks_are_free()?;
        // What has been looked at once needs no second look.
        let state = self.state();
        if !self.seen.borrow().contains(&state) {
            self.successor()?;
            self.first(false)?;
            self.seen.borrow_mut().insert(state);
        }
        Ok(())
    }

    /// 1 to 4; the texts of all versions that are held.
    fn first(&self, texts: bool) -> Result<BTreeSet<Vec<u8>>, String> {
        let held = self.lines_are_held()?;
        let held: BTreeSet<Vec<u8>> = held.into_values().collect();
        let mut backups = BTreeSet::new();
        for name in self.names() {
            let Some(backup) = BackupName::parse(name.as_bytes()) else { continue };
            let Some(artifact) = backup.artifact else { continue };
            let bytes = fs::read(self.top().join(&name)).unwrap_or_default();
            let id = id_of(&bytes);
            must(id.starts_with(&artifact.to_string()), || format!("{name} holds {bytes:?}"))?;
            backups.insert(bytes);
        }
        for (path, text) in self.kept.iter().filter(|_| texts) {
            let here =
                |text: &str| fs::read(self.top().join(path)).is_ok_and(|it| it == text.as_bytes());
            let in_git = || {
                [":", "HEAD:"].iter().any(|of| {
                    self.git(&["cat-file", "blob", &format!("{of}{path}")])
                        .is_ok_and(|it| it == *text)
                })
            };
            let is_there = held.contains(text.as_bytes())
                || backups.contains(text.as_bytes())
                || here(text)
                || in_git();
            must(is_there, || format!("{path}: {text:?} is lost"))?;
        }
        for (name, text) in FOREIGN {
            let now = fs::read_to_string(self.top().join(name)).unwrap_or_default();
            must(now == text, || format!("{name} was touched: {now:?}"))?;
        }
        Ok(held)
    }

    fn lines_are_held(&self) -> Result<BTreeMap<String, Vec<u8>>, String> {
        let lines = self.lines()?;
        let files = |of: &Value| of["files"].as_array().cloned().unwrap_or_default();
        let of = |names: &'static [&str]| {
            lines.iter().filter(|line| line["ev"].as_str().is_some_and(|it| names.contains(&it)))
        };
        let gone: Vec<Value> = of(&["gone"]).flat_map(files).collect();
        let until =
            lines.iter().filter_map(|line| line["before"].as_i64()).max().unwrap_or(i64::MIN);
        let mut named = BTreeSet::new();
        for line in of(&["snapshot", "found"]).filter(|line| line["t"].as_i64() >= Some(until)) {
            for file in files(line) {
                let is_gone = gone.iter().any(|it| it["id"] == file["id"] && it["t"] == line["t"]);
                named.extend(file["id"].as_str().filter(|_| !is_gone).map(str::to_owned));
            }
        }
        let contents = self.contents(&named)?;
        let missing = named.iter().find(|id| !contents.contains_key(*id));
        must(missing.is_none(), || format!("{missing:?} of the record can't be read"))?;
        Ok(contents)
    }

    fn locks_are_free(&self) -> Found {
        for name in ["lock", "fold.lock"] {
            let Ok(file) = File::open(self.top().join(".git/bak").join(name)) else { continue };
            must(file.try_lock().is_ok(), || format!("bak/{name} is still held"))?;
        }
        Ok(())
    }

    /// Whoever comes next finds nothing in the way, and leaves nothing behind.
    pub fn successor(&self) -> Found {
        self.next_commit()?;
        self.next_fold()
    }

    pub fn next_commit(&self) -> Found {
        let before = fs::read(self.top().join("a.txt")).ok();
        take_away_locks(&self.top().join(".git"));
        let mut names = (0..).map(|number| format!("next-{number}.txt"));
        let next = names.find(|name| !self.top().join(name).exists()).unwrap();
        fs::write(self.top().join(&next), "next\n").unwrap();
        self.git(&["add", &next])?;
        self.git(&["commit", "-qm", "next"])?;
        must(self.git(&["show", &format!("HEAD:{next}")])? == "next\n", || "no commit".to_owned())?;
        must(fs::read(self.top().join("a.txt")).ok() == before, || "a.txt was changed".to_owned())?;
        let half_done = |name: &&String| {
            Temporary::parse(name.as_bytes()).is_some() || name.starts_with(".git-bak")
        };
        let left = self.names();
        must(!left.iter().any(|it| half_done(&it)), || format!("left behind: {left:?}"))?;
        Ok(())
    }

    fn next_fold(&self) -> Found {
        for words in [
            &["fsck", "--strict", "--no-progress", "--no-dangling"][..],
            &["bak", "vault", "fsck", "--strict", "--no-progress", "--no-dangling"],
        ] {
            let said = self.git(words)?;
            must(said.is_empty(), || format!("{words:?}: {said}"))?;
        }
        for words in [&["bak", "status"][..], &["bak", "list"]] {
            self.git(words)?;
        }
        for folder in [".git/bak", ".git/bak/vault.git/objects/pack", ".git/bak/record"] {
            let left = names_in(&self.top().join(folder));
            let half_done = |name: &&String| {
                ["vault.git-", "tmp_", ".tmp", ".new-"].iter().any(|it| name.starts_with(it))
            };
            must(!left.iter().any(|it| half_done(&it)), || format!("left in {folder}: {left:?}"))?;
        }
        Ok(())
    }
}
