//! What the commands show: tables and JSON on standard output, messages on standard error.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use chrono::{DateTime, FixedOffset};

use super::{Mark, Term, one_line};
use crate::backups::records::LastAttempt;
use crate::backups::versions::Version;
use crate::backups::versions::work::WorkFate;
use crate::model::names::repo_path::RepoPath;
use crate::model::names::timestamp::Timestamp;
use crate::model::now::Now;
use crate::model::settings::remote_url::RemoteUrl;
use crate::snapshot::Taken;
use crate::snapshot::unprotected::Uncommitted;
use crate::vault::remote::state::RemoteState;

/// One line of `list`.
#[derive(Debug)]
pub struct Row {
    pub version: Version,
    /// The labels that its bytes were given besides that of the version.
    pub labels: Vec<String>,
    /// Lines added and removed by restoring it; `None` for what is no text.
    pub lines: Option<(usize, usize)>,
    pub is_compared: bool,
    /// What became of it; `None` for what was staged beside other work.
    pub fate: Option<WorkFate>,
    /// HEAD's history doesn't have its commit.
    pub is_elsewhere: bool,
}

impl Row {
    /// The commit that took it, or another form of it.
    pub fn commit(&self) -> Option<&String> {
        match &self.fate {
            Some(WorkFate::Committed(commit) | WorkFate::Draft(commit)) => Some(commit),
            _ => None,
        }
    }
}

/// What `status` found.
#[derive(Debug)]
pub struct Overview {
    /// An error where it can't be told.
    pub uncommitted: Result<Uncommitted>,
    /// The files that have backups on disk.
    pub files: BTreeMap<RepoPath, OfFile>,
    pub stuck: usize,
    pub snapshots: usize,
    pub in_vault: usize,
    /// The last attempt, if its work is still not committed, and whether it is under way.
    pub attempt: Option<(LastAttempt, bool)>,
    /// Work of it is not committed, and not what stands there.
    pub is_missing: bool,
    /// The files whose unstaged edits went with a commit that did not come to its end.
    pub vanished: BTreeSet<RepoPath>,
    /// Where a copy of the vault goes, and how that went.
    pub remote: Option<(RemoteUrl, RemoteState)>,
}

#[derive(Debug, Default)]
pub struct OfFile {
    pub backups: usize,
    pub bytes: u64,
    pub newest: Option<Timestamp>,
}

impl Term {
    /// There is nothing for `list` to show.
    pub fn no_backups(&self, files: bool) {
        let more = if files { ": git bak list shows what the vault has" } else { "" };
        self.say(Mark::Note, &format!("no backups{more}"));
    }

    /// A name that was typed selects nothing that git-bak has.
    pub fn unknown(&self, word: &[u8]) {
        let text =
            format!("{}: there is no version of it: git bak list shows all", self.name(word));
        self.say(Mark::Failed, &text);
    }

    /// A pathspec that was typed selects no file.
    pub fn no_file(&self, word: &[u8]) {
        self.say(Mark::Failed, &format!("{}: there is no such file", self.name(word)));
    }

    pub fn nothing_at_risk(&self) {
        self.say(Mark::Note, "nothing to back up: no file has uncommitted work");
    }

    /// What a snapshot came to that made no file.
    pub fn snapshot_done(&self, taken: &Taken, label: Option<&str>) {
        if taken.created().next().is_none() && taken.unprotected.is_empty() {
            let versions = count(taken.events.len(), "version");
            let label = label.map(|label| format!(", now with the label \"{}\"", one_line(label)));
            let label = label.unwrap_or_default();
            self.say(Mark::Done, &format!("{versions} already backed up{label}"));
        }
    }

    /// `bak.exclude` leaves a named file out.
    pub fn excluded(&self, path: &RepoPath) {
        self.say(Mark::Note, &format!("{}: excluded by bak.exclude", self.path(path)));
    }

    /// The attributes leave it out.
    pub fn left_out(&self, path: &RepoPath) {
        self.say(Mark::Note, &format!("{}: excluded by the attribute -bak", self.path(path)));
    }

    /// What `clean --vault -n` would drop.
    pub fn would_drop(&self, versions: usize) -> String {
        format!("would drop from the vault: {}\n", count(versions, "version"))
    }

    /// `bak.vaultExpire=never`
    pub fn never_expires(&self) {
        self.say(Mark::Note, "nothing ever expires: bak.vaultExpire is never");
    }

    /// What `clean --vault` has dropped.
    pub fn dropped(&self, versions: usize) {
        let text = match versions {
            0 => "nothing to drop from the vault".to_owned(),
            n => format!("dropped from the vault: {}", count(n, "version")),
        };
        self.say(Mark::Done, &text);
    }

    /// The record could not be folded into the vault.
    pub fn not_folded(&self, error: &anyhow::Error) {
        self.say(Mark::Note, &format!("the newest versions are not in its commits yet: {error:#}"));
    }

    /// There is nothing for `clean` to do.
    pub fn nothing_to_clean(&self) {
        self.say(Mark::Note, "no backups to clean up");
    }

    /// What `clean -n` would unlink: what was asked for, so data.
    pub fn would_clean(&self, places: &[Vec<u8>]) -> String {
        let line = |place: &Vec<u8>| format!("would clean up: {}\n", self.place(place));
        places.iter().map(line).collect()
    }
}

/// How long ago a time is, in the largest unit that fits; nothing for one in the future.
pub fn age(time: Timestamp, now: &Now) -> String {
    ago((now.naive_local() - time.naive()).num_seconds())
}

/// So many seconds ago, in the largest unit that fits; nothing for the future.
pub(super) fn ago(seconds: i64) -> String {
    let (number, unit) = match seconds {
        ..0 => return String::new(),
        0..60 => (seconds, 's'),
        60..3600 => (seconds / 60, 'm'),
        3600..86_400 => (seconds / 3600, 'h'),
        _ => (seconds / 86_400, 'd'),
    };
    format!("{number}{unit} ago")
}

/// "1 backup", "2 backups"
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// A moment in the local time it was then.
pub(super) fn moment((seconds, offset): (i64, i32)) -> Option<DateTime<FixedOffset>> {
    Some(DateTime::from_timestamp(seconds, 0)?.with_timezone(&FixedOffset::east_opt(offset)?))
}
