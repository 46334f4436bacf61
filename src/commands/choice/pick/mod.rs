//! Picking on a screen: a file and one of its versions, several files, or an event that took work.
//!
//! - `file`: one file's versions; `events`: what undo can take back.
//!
//! Nothing is written here: what was picked goes the way of `git bak restore FILE…` or `git bak undo MOMENT`, which
//! look once more at what stands there and back it up first. Versions and events are read when they come into sight,
//! for a vault may have many.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::backups::outstanding;
use crate::backups::versions;
use crate::backups::versions::Version;
use crate::backups::versions::work::Commits;
use crate::commands::Session;
use crate::commands::choice::selection::Selection;
use crate::exit_status::{ExitStatus, NothingFound, UsageError};
use crate::model::branch_history::BranchHistory;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::picker::{KeyOutcome, Picker, PickerList};
use crate::term::page::Page;
use crate::term::picker::screen::{self, Screen};
use crate::term::picker::{FileLine, Layout, ShownChange, VersionLine, View, clock};
use crate::term::report::age;

mod events;
mod file;

use events::PickedEvents;
use file::PickedFile;

/// Beyond this many bytes two versions aren't compared while the user waits.
const MOST: u64 = 4 << 20;

#[derive(Debug)]
pub enum Picked {
    Version(Box<Version>),
    Files(Vec<RepoPath>),
    /// The name of the moment.
    Event(String),
}

/// What is picked, of what these names select or, if there are none, of all; `None` if nothing is.
pub fn pick(session: &Session, typed: &[PathBuf]) -> Result<Option<Picked>> {
    if !screen::is_there() {
        let text = "there is no terminal to pick on: name the file to restore, or use --all";
        return Err(UsageError(text.into()).into());
    }
    let only = Selection::of(session, typed)?;
    let mut table = Table::of(session, &only)?;
    if table.files.is_empty() {
        let unknown = only.name_unknown(session, []);
        let nothing = || NothingFound("there are no backups".into()).into();
        return if unknown == ExitStatus::Done { Err(nothing()) } else { Ok(None) };
    }
    let mut picker = Picker::new(table.lines.iter().map(|line| line.name.clone()).collect());
    if !typed.is_empty() && table.files.len() == 1 {
        table.open(&mut picker, 0)?;
    }
    let page = session.page();
    let screen = Screen::enter(page.has_colours()).context("the terminal can't be used")?;
    loop {
        let layout = table.show(&screen, &mut picker, &page)?;
        let Some(key) = screen.key(layout.change_lines())? else { continue };
        return Ok(Some(match picker.press(key) {
            KeyOutcome::Leaves => return Ok(None),
            KeyOutcome::Stays => continue,
            KeyOutcome::Opens(file) => {
                table.open(&mut picker, file)?;
                continue;
            }
            KeyOutcome::ListsEvents => {
                picker.list_events(table.events()?.words());
                continue;
            }
            KeyOutcome::Restores { file, version } => {
                Picked::Version(Box::new(table.of_file(file)?.version(version).clone()))
            }
            KeyOutcome::RestoresMarked => {
                Picked::Files(picker.marked().iter().map(|&at| table.files[at].clone()).collect())
            }
            KeyOutcome::Undoes(event) => Picked::Event(table.events()?.id(event)),
        }));
    }
}

/// All that can be picked, and what has been read of it.
struct Table<'a> {
    session: &'a Session,
    only: &'a Selection,
    files: Vec<RepoPath>,
    lines: Vec<FileLine>,
    branches: BranchHistory,
    commits: Commits<'a>,
    read: BTreeMap<usize, PickedFile>,
    events: Option<PickedEvents<'a>>,
}

impl<'a> Table<'a> {
    /// The files, that with the newest version first.
    fn of(session: &'a Session, only: &'a Selection) -> Result<Self> {
        let _progress = session.term.progress("looking for backups");
        let mut newest: BTreeMap<RepoPath, Timestamp> = BTreeMap::new();
        let mut add = |path: RepoPath, time: Timestamp| {
            if only.has(&path) {
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
        let (top, now) = (&session.store.repository.top, &session.store.now);
        let line = |(path, time): &(RepoPath, Timestamp)| FileLine {
            name: session.term.path(path),
            clock: clock(*time, now),
            age: age(*time, now),
            is_gone: top.join(path.to_path_buf()).symlink_metadata().is_err(),
        };
        let lines = found.iter().map(line).collect();
        let files = found.into_iter().map(|(path, _)| path).collect();
        let branches = crate::git::branches::read(&session.store.repository.git());
        let commits = Commits::of(&session.store);
        let (read, events) = Default::default();
        Ok(Self { session, only, files, lines, branches, commits, read, events })
    }

    /// What there is of a file, read once.
    fn of_file(&mut self, file: usize) -> Result<&mut PickedFile> {
        match self.read.entry(file) {
            Entry::Occupied(read) => Ok(read.into_mut()),
            Entry::Vacant(place) => {
                let path = &self.files[file];
                let of_file = PickedFile::read(self.session, path, &self.commits, &self.branches);
                Ok(place.insert(of_file))
            }
        }
    }

    /// What took work, read once.
    fn events(&mut self) -> Result<&mut PickedEvents<'a>> {
        let read = match self.events.take() {
            Some(read) => read,
            None => PickedEvents::read(self.session, self.only)?,
        };
        Ok(self.events.insert(read))
    }

    fn open(&mut self, picker: &mut Picker, file: usize) -> Result<()> {
        let of_file = self.of_file(file)?;
        let words = of_file.lines.iter().map(VersionLine::words).collect();
        picker.open(file, words, of_file.best);
        Ok(())
    }

    /// Draws what there is to choose, and what the chosen one would change.
    fn show(&mut self, screen: &Screen, picker: &mut Picker, page: &Page) -> Result<Layout> {
        let (width, height) = screen.size();
        let layout = Layout::of(width, height, picker.choice().shown().len());
        self.look_at(picker, layout)?;
        let of_file = match picker.listed() {
            PickerList::Versions(file) => self.read.get(&file),
            _ => None,
        };
        let change = self.change(picker);
        let lines = change.map_or(0, ShownChange::lines);
        picker.limit_scrolling(lines.saturating_sub(layout.change_lines()));
        let view = View {
            picker,
            files: &self.lines,
            versions: of_file.map_or(&[][..], |of_file| &of_file.lines),
            events: self.events.as_ref().map_or(&[][..], |events| &events.lines),
            change,
            is_ascii: page.is_ascii(),
        };
        screen.show(&view.draw(layout)).context("the terminal can't be written to")?;
        Ok(layout)
    }

    /// Reads what comes into sight.
    fn look_at(&mut self, picker: &Picker, layout: Layout) -> Result<()> {
        let session = self.session;
        let choice = picker.choice();
        match (picker.listed(), choice.chosen()) {
            (PickerList::Files, Some(file)) => drop(self.of_file(file)?),
            (PickerList::Versions(file), _) => {
                let of_file = self.of_file(file)?;
                let visible = layout.visible(choice.line(), choice.shown().len());
                choice.shown()[visible].iter().for_each(|&at| of_file.count(session, at));
            }
            _ => {}
        }
        Ok(())
    }

    /// What the chosen one would change.
    fn change(&self, picker: &Picker) -> Option<&ShownChange> {
        let chosen = picker.choice().chosen()?;
        match picker.listed() {
            PickerList::Files => {
                let of_file = self.read.get(&chosen)?;
                Some(of_file.change(self.session, of_file.best))
            }
            PickerList::Versions(file) => Some(self.read.get(&file)?.change(self.session, chosen)),
            PickerList::Events => Some(self.events.as_ref()?.change(self.session, chosen)),
        }
    }
}
