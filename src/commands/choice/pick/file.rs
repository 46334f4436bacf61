//! A file that can be picked, with its versions.

use std::cell::OnceCell;

use super::MOST;
use crate::backups::restore::present_bytes;
use crate::backups::versions::Version;
use crate::backups::versions::work::{Commits, WorkFate};
use crate::commands::Session;
use crate::commands::choice::resolve;
use crate::commands::list;
use crate::git::line_diff;
use crate::model::branch_history::BranchHistory;
use crate::model::names::repo_path::RepoPath;
use crate::model::settings::size::Size;
use crate::os::zone;
use crate::term::list::fate;
use crate::term::picker::{ShownChange, VersionLine, clock};
use crate::term::report::{Row, age};

pub struct PickedFile {
    present: Option<Vec<u8>>,
    versions: Vec<Version>,
    pub lines: Vec<VersionLine>,
    /// The version that `restore FILE` takes, though it be there already; where there is none, the newest that differs.
    pub best: usize,
    counted: Vec<bool>,
    changes: Vec<OnceCell<ShownChange>>,
}

impl PickedFile {
    pub fn read(
        session: &Session,
        path: &RepoPath,
        commits: &Commits<'_>,
        branches: &BranchHistory,
    ) -> Self {
        // What is no file, or none any more, has no bytes to compare with.
        let present = present_bytes(&session.store, path).ok().flatten();
        let rows = list::with_fates(commits, path, resolve::versions_of(session, path));
        let mut lines: Vec<VersionLine> =
            rows.iter().map(|row| line(session, row, branches)).collect();
        // The branch that all are from, and the user is on, is no news.
        let own = session.store.refs.branch().ok().flatten().unwrap_or_default();
        let own = own.strip_prefix("refs/heads/").unwrap_or(&own);
        let own = session.term.name(own.as_bytes());
        if lines.iter().all(|line| line.branch == own) {
            lines.iter_mut().for_each(|line| line.branch.clear());
        }
        let differs = |row: &Row| {
            let is_it = |bytes: &Vec<u8>| row.version.is_same_as(&session.store, bytes);
            !present.as_ref().is_some_and(is_it)
        };
        let is_open = |row: &Row| matches!(row.fate, Some(WorkFate::Open));
        let open = rows.iter().position(is_open);
        let best = open.or_else(|| rows.iter().position(differs)).unwrap_or(0);
        let versions: Vec<Version> = rows.into_iter().map(|row| row.version).collect();
        let changes = versions.iter().map(|_| OnceCell::new()).collect();
        Self { present, counted: vec![false; versions.len()], versions, lines, best, changes }
    }

    pub fn version(&self, at: usize) -> &Version {
        &self.versions[at]
    }

    /// Counts the lines that a version would change.
    pub fn count(&mut self, session: &Session, at: usize) {
        if std::mem::replace(&mut self.counted[at], true) || self.is_too_big(at) {
            return;
        }
        let bytes = self.versions[at].bytes(&session.store).ok();
        let present = self.present.as_deref().unwrap_or_default();
        self.lines[at].lines = bytes.and_then(|bytes| line_diff::count(present, &bytes));
    }

    pub fn change(&self, session: &Session, at: usize) -> &ShownChange {
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
fn line(session: &Session, row: &Row, branches: &BranchHistory) -> VersionLine {
    let (now, version) = (&session.store.now, &row.version);
    let offset = zone::offset_at(version.time.naive(), now).local_minus_utc();
    let seconds = version.time.naive().and_utc().timestamp() - i64::from(offset);
    let branch = branches.at(seconds).unwrap_or("-");
    let fate = fate(row);
    let kind = || version.kind().map_or_else(String::new, |kind| kind.to_string());
    VersionLine {
        clock: clock(version.time, now),
        age: age(version.time, now),
        size: Size::from_bytes(version.size).to_string(),
        lines: None,
        branch: session.term.name(branch.as_bytes()),
        fate: if fate.is_empty() { kind() } else { fate },
        note: session.term.note_of(row),
    }
}
