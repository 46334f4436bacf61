//! The vault with real Git.

#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod due;
mod expiring;
mod figures;
mod folding;
mod forgetting;
mod hostile;
mod mending;
mod remote;
mod storm;

use std::path::PathBuf;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::Vault;
use super::fold::{FoldSettings, Folded, fold};
use super::git::{Sealed, seal};
use crate::git::objects::Objects;
use crate::git::repository::Repository;
use crate::model::events::event::Kind;
use crate::model::events::line::{Line, Seen, What};
use crate::model::now::Now;
use crate::record::Record;

pub(super) const DAY: i64 = 86_400;
/// Noon of 2026-01-01, UTC.
pub(super) const NOON: i64 = 1_767_268_800;

/// A repository with a record and a vault.
pub(super) struct Nest {
    _folder: Option<TempDir>,
    pub top: PathBuf,
    pub repository: Repository,
    pub record: Record,
}

pub(super) fn at(seconds: i64) -> Now {
    chrono::DateTime::from_timestamp(seconds, 0).unwrap().fixed_offset()
}

pub(super) fn git(top: &std::path::Path, args: &[&str]) -> String {
    let mut command = Command::new("git");
    seal(&mut command);
    let output = command.args(args).current_dir(top).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "git {args:?}");
    String::from_utf8(output.stdout).unwrap()
}

impl Nest {
    pub fn new() -> Self {
        Self::with(&[])
    }

    pub fn with(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path().canonicalize().unwrap();
        git(&top, &[&["init", "-q"], args].concat());
        let mut nest = Self::at(top);
        nest._folder = Some(folder);
        std::fs::create_dir(nest.record.bak()).unwrap();
        nest
    }

    pub fn at(top: PathBuf) -> Self {
        let repository = Repository::discover(&top).unwrap();
        let record = Record::of(&repository);
        Self { _folder: None, top, repository, record }
    }

    /// The same, where the environment would lead elsewhere.
    pub fn plain(top: PathBuf) -> Self {
        let repository = Repository {
            git_dir: top.join(".git"),
            common_dir: top.join(".git"),
            worktree: None,
            objects_dir: top.join(".git/objects"),
            format: crate::git::object_format::ObjectFormat::Sha1,
            refs_are_files: true,
            sharing: crate::model::settings::sharing::Sharing::Umask,
            latest_index: Default::default(),
            top: top.clone(),
        };
        let record = Record::of(&repository);
        Self { _folder: None, top, repository, record }
    }

    pub fn vault(&self) -> Sealed {
        Sealed::of(self.record.bak().join("vault.git"))
    }

    pub fn id(&self, bytes: &[u8]) -> String {
        Objects::of(&self.repository).hash(bytes).unwrap().to_string()
    }

    /// Takes a snapshot as a hook does: `s:` before a path makes it the staged version.
    pub fn snapshot(&self, time: i64, files: &[(&str, &[u8])]) {
        self.labelled(time, files, None);
    }

    pub fn labelled(&self, time: i64, files: &[(&str, &[u8])], label: Option<&str>) {
        super::bare::ensure(self.record.bak(), self.repository.format).unwrap();
        let vault = Vault::of(&self.repository);
        let objects = Objects::of(&self.repository);
        let mut line = Line::new(What::Snapshot, &at(time));
        line.cause = Some("add".to_owned());
        line.label = label.map(str::to_owned);
        let mut kept = Vec::new();
        for (path, bytes) in files {
            let staged = path.strip_prefix("s:");
            let mut seen = Seen::of(&staged.unwrap_or(path).parse().unwrap());
            let kind = if staged.is_some() { Kind::Staged } else { Kind::Worktree };
            let id = vault.keep(&objects, bytes).unwrap();
            seen.kind = Some(kind);
            seen.id = Some(id.to_string());
            seen.size = Some(bytes.len() as u64);
            seen.mode = Some(0o644);
            kept.push((id, bytes.to_vec()));
            line.files.push(seen);
        }
        let mut look = || {
            for (id, bytes) in &kept {
                if !vault.look(*id) {
                    vault.keep(&objects, bytes)?;
                }
            }
            Ok(())
        };
        self.record.append(&mut [line], &at(time), &mut look).unwrap();
    }

    pub fn event(&self, time: i64, step: &str) {
        let mut line = Line::new(What::Failed, &at(time));
        line.step = Some(step.to_owned());
        self.record.append(&mut [line], &at(time), &mut || Ok(())).unwrap();
    }

    pub fn fold(&self, time: i64) -> Folded {
        self.fold_with(FoldSettings::default(), time)
    }

    pub fn fold_with(&self, settings: FoldSettings, time: i64) -> Folded {
        // A child that another test is just starting has our lock until it is another program.
        let mut tries = 0..50;
        let folded = loop {
            let folded = fold(&self.repository, &self.record, settings, &at(time)).unwrap();
            if !folded.is_busy || tries.next().is_none() {
                break folded;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        };
        assert_eq!(folded.failed, Vec::<String>::new());
        folded
    }

    /// What stands in the vault's Git, or what it said.
    pub fn ask(&self, args: &[&str]) -> String {
        String::from_utf8_lossy(&self.vault().output(args).unwrap()).into_owned()
    }

    pub fn branches(&self) -> Vec<String> {
        let text = self.ask(&["for-each-ref", "--format=%(refname:lstrip=2)"]);
        text.lines().map(str::to_owned).collect()
    }

    /// The blob is in a pack, or `new`: it can be read, whole.
    pub fn reads(&self, bytes: &[u8]) -> bool {
        let vault = Vault::of(&self.repository);
        let id = Objects::of(&self.repository).hash(bytes).unwrap();
        vault.read(id).is_ok_and(|read| read == bytes)
    }

    /// How many blobs are in `bak/new`.
    pub fn loose(&self) -> usize {
        super::emptying::loose(&self.record.bak().join("new")).len()
    }

    pub fn fsck(&self) {
        self.ask(&["fsck", "--full", "--strict"]);
    }
}
