//! Picking a file and one of its versions on a screen.
//!
//! Nothing is written here: what was picked goes the way of `git bak restore FILE`, which looks once more at what
//! stands there and backs it up first. Versions are read when they come into sight, for a vault may have many.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use anyhow::{Context, Result};

use super::resolve;
use crate::backups::outstanding;
use crate::backups::restore::present_bytes;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::commands::Session;
use crate::exit_status::{NothingFound, UsageError};
use crate::git::line_diff;
use crate::model::branch_history::BranchHistory;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::picker::{KeyOutcome, Picker};
use crate::model::settings::size::Size;
use crate::os::zone;
use crate::term::page::Page;
use crate::term::picker::screen::{self, Screen};
use crate::term::picker::{FileLine, Layout, ShownChange, VersionLine, View};
use crate::term::report::age;

/// Beyond this many bytes two versions aren't compared while the user waits.
const MOST: u64 = 4 << 20;

/// What is picked, of these files or, if there are none, of all; `None` if nothing is.
pub fn version(session: &Session, only: &[RepoPath]) -> Result<Option<Version>> {
    if !screen::is_there() {
        let text = "there is no terminal to pick on: name the file to restore, or use --all";
        return Err(UsageError(text.into()).into());
    }
    let mut table = Table::of(session, only)?;
    if table.files.is_empty() {
        return Err(NothingFound("there are no backups".into()).into());
    }
    let mut picker = Picker::new(table.lines.iter().map(|line| line.name.clone()).collect());
    if only.len() == 1 {
        table.open(&mut picker, 0)?;
    }
    let page = session.page();
    let screen = Screen::enter(page.has_colours()).context("the terminal can't be used")?;
    loop {
        let layout = table.show(&screen, &mut picker, &page)?;
        let Some(key) = screen.key(layout.change_lines())? else { continue };
        match picker.press(key) {
            KeyOutcome::Stays => {}
            KeyOutcome::Leaves => return Ok(None),
            KeyOutcome::Opens(file) => table.open(&mut picker, file)?,
            KeyOutcome::Restores { file, version } => {
                return Ok(Some(table.of_file(file)?.versions[version].clone()));
            }
        }
    }
}

/// Every file that can be picked, and what has been read of them.
struct Table<'a> {
    session: &'a Session,
    files: Vec<RepoPath>,
    lines: Vec<FileLine>,
    branches: BranchHistory,
    read: BTreeMap<usize, PickedFile>,
}

struct PickedFile {
    present: Option<Vec<u8>>,
    versions: Vec<Version>,
    lines: Vec<VersionLine>,
    counted: Vec<bool>,
    changes: Vec<OnceCell<ShownChange>>,
}

impl<'a> Table<'a> {
    /// The files, that with the newest version first.
    fn of(session: &'a Session, only: &[RepoPath]) -> Result<Self> {
        let _progress = session.term.progress("looking for backups");
        let mut newest: BTreeMap<RepoPath, Timestamp> = BTreeMap::new();
        let mut add = |path: RepoPath, time: Timestamp| {
            if only.is_empty() || only.contains(&path) {
                let known = newest.entry(path).or_insert(time);
                *known = time.max(*known);
            }
        };
        for backup in outstanding::copies(&session.store)? {
            add(backup.path, backup.name.time);
        }
        for (path, time) in versions::newest(&session.store) {
            add(path, time);
        }
        let mut found: Vec<(RepoPath, Timestamp)> = newest.into_iter().collect();
        found.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        let top = &session.store.repository.top;
        let line = |(path, time): &(RepoPath, Timestamp)| FileLine {
            name: session.term.path(path),
            age: age(*time, &session.store.now),
            is_gone: top.join(path.to_path_buf()).symlink_metadata().is_err(),
        };
        let lines = found.iter().map(line).collect();
        let files = found.into_iter().map(|(path, _)| path).collect();
        let branches = crate::git::branches::read(&session.store.repository.git());
        Ok(Self { session, files, lines, branches, read: BTreeMap::new() })
    }

    /// What there is of a file, read once.
    fn of_file(&mut self, file: usize) -> Result<&mut PickedFile> {
        match self.read.entry(file) {
            Entry::Occupied(read) => Ok(read.into_mut()),
            Entry::Vacant(place) => {
                let of_file = PickedFile::read(self.session, &self.files[file], &self.branches)?;
                Ok(place.insert(of_file))
            }
        }
    }

    fn open(&mut self, picker: &mut Picker, file: usize) -> Result<()> {
        let session = self.session;
        let of_file = self.of_file(file)?;
        let words = of_file.lines.iter().map(VersionLine::words).collect();
        picker.open(file, words, of_file.best(session));
        Ok(())
    }

    /// Draws what there is to choose, and what the chosen one would change.
    fn show(&mut self, screen: &Screen, picker: &mut Picker, page: &Page) -> Result<Layout> {
        let session = self.session;
        let (width, height) = screen.size();
        let layout = Layout::of(width, height, picker.choice().shown().len());
        let chosen = picker.choice().chosen();
        let file = picker.opened().or(chosen);
        let mut previewed = None;
        if let Some(file) = file {
            let of_file = self.of_file(file)?;
            if picker.opened().is_some() {
                let shown = picker.choice().shown();
                let visible = layout.visible(picker.choice().line(), shown.len());
                shown[visible].iter().for_each(|&at| of_file.count(session, at));
            }
            previewed = match picker.opened() {
                Some(_) => chosen,
                None => Some(of_file.best(session)),
            };
        }
        let of_file = file.and_then(|file| self.read.get(&file));
        let change = of_file.zip(previewed).map(|(of_file, at)| of_file.change(session, at));
        let lines = match change {
            Some(ShownChange::Lines(lines)) => lines.len(),
            _ => 0,
        };
        picker.limit_scrolling(lines.saturating_sub(layout.change_lines()));
        let versions = of_file.map_or(&[][..], |of_file| &of_file.lines);
        let is_ascii = page.is_ascii();
        let view = View { picker, files: &self.lines, versions, change, is_ascii };
        screen.show(&view.draw(layout)).context("the terminal can't be written to")?;
        Ok(layout)
    }
}

impl PickedFile {
    fn read(session: &Session, path: &RepoPath, branches: &BranchHistory) -> Result<Self> {
        // What is no file, or none any more, has no bytes to compare with.
        let present = present_bytes(&session.store, path).ok().flatten();
        let versions = versions::distinct(resolve::versions_of(session, path));
        let lines: Vec<VersionLine> =
            versions.iter().map(|version| line(session, version, branches)).collect();
        let changes = versions.iter().map(|_| OnceCell::new()).collect();
        Ok(Self { present, counted: vec![false; versions.len()], versions, lines, changes })
    }

    /// The newest version that differs from the file, as `restore FILE` takes it; else the newest.
    fn best(&self, session: &Session) -> usize {
        let is_there = |version: &Version| {
            let present = self.present.as_ref();
            present.is_some_and(|bytes| version.is_same_as(&session.store, bytes))
        };
        self.versions.iter().position(|version| !is_there(version)).unwrap_or(0)
    }

    /// Counts the lines that a version would change.
    fn count(&mut self, session: &Session, at: usize) {
        if std::mem::replace(&mut self.counted[at], true) || self.is_too_big(at) {
            return;
        }
        let bytes = self.versions[at].bytes(&session.store).ok();
        let present = self.present.as_deref().unwrap_or_default();
        self.lines[at].lines = bytes.and_then(|bytes| line_diff::count(present, &bytes));
    }

    fn change(&self, session: &Session, at: usize) -> &ShownChange {
        self.changes[at].get_or_init(|| {
            if self.is_too_big(at) {
                return ShownChange::TooMuch;
            }
            let bytes = match self.versions[at].bytes(&session.store) {
                Ok(bytes) => bytes,
                Err(error) => return ShownChange::Unreadable(format!("{error:#}")),
            };
            if self.present.as_ref() == Some(&bytes) {
                return ShownChange::Nothing;
            }
            let present = self.present.as_deref();
            let lengths = (present.map(|bytes| bytes.len() as u64), bytes.len() as u64);
            line_diff::lines(present.unwrap_or_default(), &bytes)
                .map_or(ShownChange::Bytes(lengths.0, lengths.1), ShownChange::Lines)
        })
    }

    fn is_too_big(&self, at: usize) -> bool {
        let present = self.present.as_ref().map_or(0, Vec::len) as u64;
        present + self.versions[at].size > MOST
    }
}

/// What is said of a version before its lines are counted.
fn line(session: &Session, version: &Version, branches: &BranchHistory) -> VersionLine {
    let now = &session.store.now;
    let offset = zone::offset_at(version.time.naive(), now).local_minus_utc();
    let seconds = version.time.naive().and_utc().timestamp() - i64::from(offset);
    let branch = branches.at(seconds).unwrap_or("-");
    VersionLine {
        age: age(version.time, now),
        size: Size::from_bytes(version.size).to_string(),
        lines: None,
        branch: session.term.name(branch.as_bytes()),
        kind: version.kind().map_or("-".to_owned(), |kind| kind.to_string()),
        note: session.term.note(version),
    }
}
