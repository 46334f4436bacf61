//! The fold: days of the record become commits, what is in `bak/new` becomes a pack, what is old goes.
//!
//! One mechanism does it all: a day is rebuilt from its lines, without the versions that are gone. Order, and
//! why it loses nothing wherever it is killed:
//! 1. the lock on `bak/fold.lock`, which Git's children that remove anything hold, too; what a dead fold left is
//!    removed;
//! 2. the record is read, and the part of it that is in commits is read from them, never remembered;
//! 3. what will go is noted in the record first: a fold after a crash finds the same;
//! 4. all days that differ, in one `fast-import`: all of them, or none; days with nothing left go after that;
//! 5. [`packs`]: one pack of all that the days reach, `bak/new` included;
//! 6. only then, under the record's lock, what such a pack is seen to hold leaves `bak/new` ([`emptying`]).
//!
//! Until 6 every blob is where the hook put it; after it, in a pack that a commit reaches. A day that can't be read
//! in full just now is left as it is, with all that it names. The fold never recreates `bak/`: the user who removed
//! it doesn't want it.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::commits::{self, Texts as Commits};
use super::days::{Days, LeftOut};
use super::git::Sealed;
use super::gone::GoneLines;
use super::lock::FoldLock;
use super::strip::Stripping;
use super::{bare, expiry, limit, packs, remains};
use crate::git::repository::Repository;
use crate::model::now::Now;
use crate::record::{Reading, Record, day_of};

/// How long things are kept, in seconds, and how much the vault may take, in bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct FoldSettings {
    pub expire: Option<i64>,
    pub max_size: Option<u64>,
    pub record_expire: Option<i64>,
    /// What is overdue goes now, without a second look: the user asked for it.
    pub at_once: bool,
}

#[derive(Debug, Default)]
pub struct Folded {
    /// Another process is folding, and will do the same.
    pub is_busy: bool,
    /// How many days were rebuilt, and how many went.
    pub made: usize,
    pub deleted: usize,
    /// How many versions went because of their age, and of the vault's size.
    pub expired: usize,
    pub outgrown: usize,
    /// How many blobs left `bak/new`, and how many bytes.
    pub emptied: (usize, u64),
    /// Versions that no commit can have.
    pub left_out: Vec<LeftOut>,
    /// What could not be done now, day by day.
    pub failed: Vec<String>,
}

pub(super) struct Work<'a> {
    pub record: &'a Record,
    pub git: Sealed,
    pub lock: FoldLock,
    pub repository: &'a Repository,
    pub settings: FoldSettings,
    pub now: &'a Now,
    /// Blobs that were found to be none.
    pub damaged: BTreeSet<String>,
    /// A new pack is made even if no day differs.
    pub packs_anyway: bool,
}

pub(super) struct FoldState {
    pub read: Reading,
    pub commits: Commits,
    pub days: Days,
    pub gone: GoneLines,
}

/// Folds. Where nothing was ever recorded there is nothing to do.
pub fn fold(
    repository: &Repository,
    record: &Record,
    settings: FoldSettings,
    now: &Now,
) -> Result<Folded> {
    if !record.exists() {
        return Ok(Folded::default());
    }
    let Some(lock) = FoldLock::take(record.bak(), Duration::ZERO)? else {
        return Ok(Folded { is_busy: true, ..Folded::default() });
    };
    Work::begin(repository, record, settings, now, lock)?.all()
}

impl FoldState {
    /// What there is now, read without any lock.
    pub fn read(record: &Record, git: &Sealed, now: &Now) -> Result<Self> {
        let mut read = record.read_all()?;
        let commits = commits::read(git)?;
        let forgetting = Stripping::of(read.lines.iter());
        let days = Days::of(std::mem::take(&mut read.lines), &commits, &forgetting);
        let gone = GoneLines::of(days.all(), now.timestamp());
        Ok(Self { read, commits, days, gone })
    }
}

impl<'a> Work<'a> {
    pub fn begin(
        repository: &'a Repository,
        record: &'a Record,
        settings: FoldSettings,
        now: &'a Now,
        mut lock: FoldLock,
    ) -> Result<Self> {
        lock.say(None, now.timestamp());
        if lock.is_sure {
            remains::remove(record.bak());
        }
        bare::ensure(record.bak(), repository.format).context("the vault can't be made")?;
        let place = record.bak().join("vault.git");
        if place.is_symlink() {
            bail!("{} is a symbolic link that git-bak didn't make", place.display());
        }
        bare::put_right(record.bak(), repository.format)
            .with_context(|| place.display().to_string())?;
        let git = Sealed::of(place);
        let (damaged, packs_anyway) = Default::default();
        Ok(Self { record, git, lock, repository, settings, now, damaged, packs_anyway })
    }

    pub fn all(&mut self) -> Result<Folded> {
        let mut done = Folded::default();
        let mut state = self.read()?;
        if let Some(expire) = self.settings.expire {
            let (days, gone) = (&state.days, &state.gone);
            let how = (expire, self.settings.at_once);
            done.expired = expiry::note(self.record, days, gone, how, self.now)?;
            if done.expired > 0 {
                state = self.read()?;
            }
        }
        self.make(&mut state, &mut done)?;
        self.keep_within_limit(state, &mut done)?;
        self.expire_record()?;
        self.lock.say(Some(self.now.timestamp()), self.now.timestamp());
        Ok(done)
    }

    pub fn read(&self) -> Result<FoldState> {
        FoldState::read(self.record, &self.git, self.now)
    }

    /// What one round frees is a guess: a few of them come near enough.
    fn keep_within_limit(&mut self, mut state: FoldState, done: &mut Folded) -> Result<()> {
        let Some(most) = self.settings.max_size else { return Ok(()) };
        for _ in 0..4 {
            let size = packs::size_of(&self.git.git_dir().join("objects"))
                + packs::size_of(&self.record.bak().join("new"));
            let excess = size.saturating_sub(most);
            if excess == 0 {
                break;
            }
            let what = (&state.days, &state.gone);
            let count = limit::note(self.record, &self.git, what, excess, self.now)?;
            if count == 0 {
                break;
            }
            done.outgrown += count;
            state = self.read()?;
            self.make(&mut state, done)?;
        }
        Ok(())
    }

    /// Days of the record that are old enough, and of which the vault has nothing any more.
    fn expire_record(&self) -> Result<()> {
        let Some(expire) = self.settings.record_expire else { return Ok(()) };
        let oldest = day_of(self.now.timestamp() - expire);
        let state = self.read()?;
        let is_live = |day: &String| {
            let of_day = state.days.all().filter(|raw| raw.day == *day);
            state.commits.keys().any(|it| it.1 == *day)
                || of_day
                    .into_iter()
                    .any(|raw| raw.line.versions().any(|seen| !state.gone.has(raw, seen)))
        };
        let _lock = self.record.lock()?;
        for day in self.record.days().iter().filter(|day| **day < oldest && !is_live(day)) {
            // The list first: without its day it would never be found again.
            for name in [format!("{day}.big"), day.clone()] {
                let path = self.record.folder().join(name);
                match crate::os::platform::remove_file(&path) {
                    Err(error) if path.exists() => bail!("{}: {error}", path.display()),
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
