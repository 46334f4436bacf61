//! What a restore is about to do, and what is asked before.

use std::mem;

use anyhow::Result;

use crate::backups::restore;
use crate::backups::restore::Present;
use crate::backups::versions::Version;
use crate::cli::RestoreArgs;
use crate::commands::Session;
use crate::exit_status::{ExitStatus, UsageError};
use crate::git::line_diff;
use crate::model::names::repo_path::RepoPath;
use crate::term;

/// What to put back.
#[derive(Debug)]
pub struct RestorePlan {
    pub puts: Vec<Put>,
    /// What the command ends with, if all of that is done.
    pub status: ExitStatus,
    /// The user hasn't named each file: the list of them is shown first.
    pub is_list: bool,
    /// Something else, another branch say, calls for a question.
    pub is_asked: bool,
    /// There may have been edits that only the guard would have seen.
    pub may_miss_edits: bool,
    /// The files that were named and are gone, and of which no work is known: Git has them.
    pub missing: Vec<RepoPath>,
}

impl Default for RestorePlan {
    fn default() -> Self {
        Self {
            puts: Vec::new(),
            status: ExitStatus::Done,
            is_list: false,
            is_asked: false,
            may_miss_edits: false,
            missing: Vec::new(),
        }
    }
}

/// One file to put back.
#[derive(Debug)]
pub struct Put {
    pub version: Version,
    pub bytes: Vec<u8>,
    /// Lines that come and go by it; `None` for what is no text.
    pub lines: Option<(usize, usize)>,
    /// The file holds edits of the user's own.
    pub has_edits: bool,
    /// Where HEAD was when the version was seen.
    pub since: Option<String>,
}

impl Put {
    /// The version with its bytes, once it is seen that it can be put in its place; `None` if it is there already.
    pub fn of(session: &Session, version: Version) -> Result<Option<Self>> {
        let present = session.present(&version.path)?;
        let bytes = session.bytes(&version)?;
        let has_bit = || match session.look(&version.path) {
            Ok(Present::File(stat)) => {
                restore::bits(&version, stat.permissions) == stat.permissions
            }
            _ => true,
        };
        if present.as_ref() == Some(&bytes) && has_bit() {
            return Ok(None);
        }
        let lines = line_diff::count(&present.unwrap_or_default(), &bytes);
        Ok(Some(Self { version, bytes, lines, has_edits: false, since: None }))
    }
}

impl Put {
    /// It was copied when it was staged or committed, not when it was lost: it may have been edited since.
    pub fn may_be_older(&self) -> bool {
        matches!(self.version.known.cause.as_deref(), Some("add" | "commit"))
    }
}

impl RestorePlan {
    /// Shows the plan where it wasn't named file by file, and asks; what is left of it.
    pub fn agreed(mut self, session: &Session, args: &RestoreArgs) -> Result<Self> {
        if args.dry_run {
            self.puts
                .iter()
                .for_each(|put| session.term.would_restore(put_line(put), put.has_edits));
            self.puts.clear();
            return Ok(self);
        }
        if args.yes || self.puts.is_empty() {
            return Ok(self);
        }
        if !self.is_list && !self.is_asked {
            return self.each_agreed(session);
        }
        let (edited, puts) =
            mem::take(&mut self.puts).into_iter().partition(|put: &Put| put.has_edits);
        self.puts = puts;
        self.puts.iter().for_each(|put| session.term.would_restore(put_line(put), false));
        let edited: Vec<Put> = edited;
        edited.iter().for_each(|put| session.term.has_edits(&put.version.path));
        if self.puts.is_empty() {
            self.status = ExitStatus::No;
            return Ok(self);
        }
        match agreed(session, args, self.puts.len())? {
            true => Ok(self),
            false => Ok(Self { status: ExitStatus::No, ..Self::default() }),
        }
    }

    /// Asks for each file that has edits of its own.
    fn each_agreed(mut self, session: &Session) -> Result<Self> {
        for put in mem::take(&mut self.puts) {
            if !put.has_edits {
                self.puts.push(put);
                continue;
            }
            match term::ask(&session.term.instead(put_line(&put))) {
                Some(answer) if term::restore::is_yes(&answer) => self.puts.push(put),
                Some(_) => self = self.nothing(session),
                None => {
                    session.term.has_edits(&put.version.path);
                    self.status = ExitStatus::No;
                }
            }
        }
        Ok(self)
    }

    fn nothing(self, session: &Session) -> Self {
        session.term.nothing_picked();
        Self { status: ExitStatus::No, ..Self::default() }
    }
}

/// Whether the user agrees to a list of so many files that was shown.
pub fn agreed(session: &Session, args: &RestoreArgs, files: usize) -> Result<bool> {
    if args.yes {
        return Ok(true);
    }
    match term::ask(&term::restore::question(files)) {
        Some(answer) if term::restore::is_yes(&answer) => Ok(true),
        Some(_) => {
            session.term.nothing_picked();
            Ok(false)
        }
        None => Err(UsageError("not a terminal: add --yes to confirm".into()).into()),
    }
}

pub fn put_line(put: &Put) -> (&Version, Option<(usize, usize)>) {
    (&put.version, put.lines)
}
